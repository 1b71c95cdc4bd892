# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Trains a little in two processes, as `torchrun` would start them, and writes what came of it.

`python -m support.two_processes FOLDER`: both are forked from this one, so that they need not load
all anew, which has not computed any gradient yet.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
import socket
import sys

from support.small_recipe import small_recipe
from support.training_batch import near_sample, small_arrays
import torch
from torch import distributed, nn
from torch.multiprocessing import start_processes

from mm_fusion_ros.preprocess.collate import collate
from mm_fusion_ros.training import draws, run
from mm_fusion_ros.training.batch import batched
from mm_fusion_ros.training.processes import any_of, joined, leave, shared
from mm_fusion_ros.training.sources import RecordedSource
from mm_fusion_ros.training.trainer import LearningNetwork, new_network, Trainer

SEEDS = (0, 2)  # with two cameras, and without any


class MeanSquare(nn.Module):
    """Something to learn that is the mean over frames, however they are parted."""

    def __init__(self, network):
        super().__init__()
        self.network = network.eval()

    def forward(self, given):
        return sum(head.square().mean() for head in self.network(given).heads)


def gradients(module):
    """Give how much each parameter is to be changed, as one row."""
    return torch.cat([
        torch.zeros(each.numel()) if each.grad is None else each.grad.flatten()
        for each in module.parameters() if each.requires_grad])


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(('127.0.0.1', 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def one_process(rank, top, ports):
    folder = top / str(rank)
    folder.mkdir()
    torch.set_num_threads(1)
    os.environ.update(RANK=str(rank), WORLD_SIZE='2', LOCAL_RANK=str(rank),
                      MASTER_ADDR='127.0.0.1', MASTER_PORT=str(ports[0]))
    recipe = small_recipe(folder)
    share = joined('cpu')
    found = {'rank': share.rank, 'is_first': share.is_first,
             'any': [any_of(share, flag) for flag in (False, rank == 1, True)]}
    arrays = small_arrays(recipe, SEEDS[rank])
    module = MeanSquare(new_network(recipe))
    wrapped = shared(module, share)
    wrapped(collate([arrays.frame])).backward()
    found['gradients'] = gradients(module).tolist()

    network = new_network(recipe)
    trainer = Trainer(network, recipe, shared(LearningNetwork(network), share))
    found['losses'] = [trainer.step(batched([arrays]))['total'] for _ in range(2)]
    found['parameters'] = torch.cat([each.flatten() for each in trainer._parameters]).tolist()
    leave(share)
    found['is_left'] = not distributed.is_initialized()

    os.environ['MASTER_PORT'] = str(ports[1])
    draws.sample_sources = lambda settings, cache: (
        RecordedSource([near_sample(seed) for seed in range(3)]),)
    run.load_image_weights = lambda backbone: None
    seen = []
    state = run.train(
        recipe, run.Segment(top / 'out', folder, 'cpu', 0, 'small.safetensors', lambda: rank == 1),
        lambda step, figures: seen.append(step))
    found |= {'seen': seen, 'step': state.step, 'frames': state.frames, 'sha256': state.sha256}
    (top / f'{rank}.json').write_text(json.dumps(found))


def main():
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    ports = free_ports(2)
    start_processes(one_process, (folder, ports), nprocs=2, start_method='fork')
    recipe = small_recipe(folder)
    module = MeanSquare(new_network(recipe))
    module(collate([small_arrays(recipe, seed).frame for seed in SEEDS])).backward()
    both = [json.loads((folder / f'{rank}.json').read_text()) for rank in range(2)]
    (folder / 'result.json').write_text(
        json.dumps({'alone': gradients(module).tolist(), 'processes': both}))


if __name__ == '__main__':
    main()

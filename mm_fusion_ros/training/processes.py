# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One training run shared by several processes, as `torchrun` starts them.
"""

from __future__ import annotations

from dataclasses import dataclass
import os
from typing import TYPE_CHECKING

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class Share:
    """
    Which of the processes this is.

    Attributes
    ----------
    rank, processes : int
        This one, from 0, and how many there are.
    device : torch.device
        Where it computes.

    """

    rank: int
    processes: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this one reports and writes files."""
        return self.rank == 0


def joined(device: str) -> Share:
    """
    Join the run that the environment tells of, if any.

    Parameters
    ----------
    device : str
        cpu, cuda, or auto: a GPU where there is one.

    """
    processes = int(os.environ.get('WORLD_SIZE', '1'))
    rank = int(os.environ.get('RANK', '0'))
    kind = ('cuda' if torch.cuda.is_available() else 'cpu') if device == 'auto' else device
    if kind == 'cuda':
        own = torch.device('cuda', int(os.environ.get('LOCAL_RANK', '0')))
        torch.cuda.set_device(own)
    else:
        own = torch.device('cpu')
    if processes > 1:
        distributed.init_process_group('nccl' if kind == 'cuda' else 'gloo')
    return Share(rank, processes, own)


def shared(module: nn.Module, share: Share) -> nn.Module:
    """Make the processes average their gradients."""
    if share.processes == 1:
        return module
    # A batch without any camera leaves the camera branch unused.
    return DistributedDataParallel(module, find_unused_parameters=True)


def any_of(share: Share, flag: bool) -> bool:
    """Tell whether the flag is set in any process; all of them get the same answer."""
    if share.processes == 1:
        return flag
    flags = torch.tensor(float(flag), device=share.device)
    distributed.all_reduce(flags, distributed.ReduceOp.MAX)
    return bool(flags > 0.0)


def leave(share: Share) -> None:
    """Leave the run."""
    if share.processes > 1:
        distributed.destroy_process_group()

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Two processes learn as one would from all their frames."""

from __future__ import annotations

import json
import os
from pathlib import Path
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from mm_fusion_ros.training.processes import any_of, joined, leave, shared

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp('processes')
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(
        [sys.executable, '-m', 'support.two_processes', folder], capture_output=True, text=True,
        timeout=300, env=os.environ | {'PYTHONPATH': path, 'OMP_NUM_THREADS': '1'}, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / 'result.json').read_text())


def test_halves_of_a_batch_give_the_gradient_of_the_whole(result):
    whole = np.array(result['alone'])
    assert np.abs(whole).max() > 1e-3
    for process in result['processes']:
        np.testing.assert_allclose(
            process['gradients'], whole, atol=1e-5 * np.abs(whole).max())


def test_processes_that_see_different_frames_keep_the_same_weights(result):
    one, other = result['processes']
    assert one['losses'] != other['losses']
    assert np.isfinite(one['losses'] + other['losses']).all()
    assert one['parameters'] == other['parameters']


def test_what_one_process_wants_all_do(result):
    one, other = result['processes']
    assert one['any'] == other['any'] == [False, True, True]
    # The second one's time was over after a step.
    assert one['step'] == other['step'] == 1


def test_the_first_process_reports_and_writes(result):
    one, other = result['processes']
    assert (one['rank'], one['is_first']) == (0, True)
    assert (other['rank'], other['is_first']) == (1, False)
    assert one['seen'] == [1]
    assert other['seen'] == []
    assert len(one['sha256']) == 64
    assert other['sha256'] == ''
    assert one['frames'] == other['frames'] == 4  # of both
    assert one['is_left']
    assert other['is_left']


def test_a_process_alone_needs_no_other(monkeypatch):
    for name in ('RANK', 'WORLD_SIZE', 'LOCAL_RANK'):
        monkeypatch.delenv(name, raising=False)
    share = joined('cpu')
    assert (share.rank, share.processes, share.is_first) == (0, 1, True)
    assert share.device == torch.device('cpu')
    module = nn.Linear(1, 1)
    assert shared(module, share) is module
    assert [any_of(share, flag) for flag in (True, False)] == [True, False]
    leave(share)
    assert joined('auto').device.type == ('cuda' if torch.cuda.is_available() else 'cpu')

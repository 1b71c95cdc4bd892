# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Measurements of one process need no second world, and workers keep to one core."""

from __future__ import annotations

import multiprocessing

import cv2
import numpy as np
from threadpoolctl import threadpool_info

from mm_fusion_ros.sim import shot_workers
from mm_fusion_ros.sim.shot_workers import make_shots
from mm_fusion_ros.sim.shots import Conditions, Kind, Shot
from mm_fusion_ros.sim.worker_process import settle


def threads():
    return [cv2.getNumThreads(), *(
        pool['num_threads'] for pool in threadpool_info() if pool['user_api'] == 'blas')]


def settled(answer):
    settle()
    cv2.GaussianBlur(np.ones((500, 500), np.float32), (0, 0), 3.0)
    answer.put(threads())


def test_a_world_that_exists_is_not_made_again(stage, monkeypatch):
    monkeypatch.setattr(shot_workers, 'make_world', None)
    conditions = Conditions(stage.world.seed, stage.studio._conditions.weather)
    shots = [Shot(Kind.LIDAR, 0, 0, 0.5)]
    sweep, = make_shots(stage.world, stage.rig, conditions, shots, workers=1)
    assert len(sweep) > 1000


def test_a_worker_takes_one_core_even_if_its_process_was_forked():
    cv2.GaussianBlur(np.ones((500, 500), np.float32), (0, 0), 3.0)
    np.linalg.inv(np.random.default_rng(0).random((300, 300)))
    context = multiprocessing.get_context('fork')
    answer = context.Queue()
    worker = context.Process(target=settled, args=(answer,), daemon=True)
    worker.start()
    counts = answer.get(timeout=20.0)
    worker.join()
    assert len(counts) >= 1
    assert set(counts) == {1}

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Samples of any source come with the cameras that were asked for, and the frame before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.training_sample import small_sample

from mm_fusion_ros.data_types import EgoMotion
from mm_fusion_ros.errors import BagError, ConfigError
from mm_fusion_ros.sim.dataset import FrameSource
from mm_fusion_ros.training.recipe import DataSettings
from mm_fusion_ros.training.sources import RecordedSource, sample_sources, SimulatedSource

STANDING = EgoMotion(np.eye(4), np.zeros(6), 0.0)


def drive(*stamps_s: float):
    sample = small_sample()
    return [
        replace(sample, frame=replace(
            sample.frame, stamp_ns=round(stamp_s * 1e9), ego=STANDING))
        for stamp_s in stamps_s]


def first_one(count: int) -> tuple[int, ...]:
    return (0,) if count else ()


def test_the_frame_before_comes_along_if_it_is_not_long_ago():
    frames = drive(10.0, 10.1, 11.0, 3.0)
    source = RecordedSource(frames)
    sample, before = source.sample(1, first_one, True)
    assert sample.frame.stamp_ns == frames[1].frame.stamp_ns
    assert before.frame.stamp_ns == frames[0].frame.stamp_ns
    assert [len(each.frame.cameras) for each in (sample, before)] == [1, 1]
    for number in (0, 2, 3):  # nothing before, long ago, another drive
        assert source.sample(number, first_one, True)[1] is None
    assert source.sample(1, first_one, False)[1] is None


def test_without_poses_nothing_is_remembered():
    frames = [replace(each, frame=replace(each.frame, ego=None)) for each in drive(10.0, 10.1)]
    assert RecordedSource(frames).sample(1, first_one, True)[1] is None


def test_simulated_frames_follow_each_other_within_a_burst(tmp_path):
    source = SimulatedSource(
        FrameSource('demo', 4, 1, 4, world_s=4.0, burst=2), tmp_path)
    assert len(source) == 4
    for number, follows in enumerate((False, True, False, True)):
        sample, before = source.sample(number, lambda count: (), True)
        assert sample.frame.cameras == ()
        assert (before is not None) == follows
        if before is not None:
            assert 0 < sample.frame.stamp_ns - before.frame.stamp_ns < 310_000_000


def test_data_sets_are_named_by_their_folders(tmp_path):
    settings = DataSettings(
        rigs=(), worlds=(), first_seeds=(), kitti_object=str(tmp_path / 'nothing'))
    with pytest.raises(BagError, match=r'KITTI object .*nothing'):
        sample_sources(settings, tmp_path)
    with pytest.raises(ConfigError, match='data: expected a rig or a data set, got none'):
        DataSettings(rigs=(), worlds=(), first_seeds=())

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A training sample holds what its source knows, and refuses parts that do not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.training_sample import small_sample

from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.sim.assembled import assembled
from mm_fusion_ros.sim.dataset import FrameSource, render_world
from mm_fusion_ros.training.sample import from_simulated, TrainingSample
from mm_fusion_ros.training.sector import Sector


@pytest.fixture(scope='module')
def labelled():
    source = FrameSource('demo', first_seed=4, worlds=1, frames_per_world=1, world_s=4.0)
    return next(iter(render_world(source, 4)))


def test_a_simulated_frame_becomes_a_sample_that_is_deskewed(labelled):
    sample = from_simulated(labelled)
    assert sample.ground is labelled.ground
    assert sample.visible_px.shape == (1, len(sample.boxes))
    assert not sample.is_ignored.any()
    assert sample.labelled_area is None
    (lidar,), (raw,) = sample.frame.lidars, labelled.frame.lidars
    assert not np.array_equal(lidar.sweep.points, raw.sweep.points)
    np.testing.assert_array_equal(
        lidar.sweep.points, assembled(labelled).frame.lidars[0].sweep.points)


def test_a_sample_without_boxes_or_sensors_is_one(labelled):
    frame = replace(labelled.frame, lidars=(), cameras=())
    sample = TrainingSample(frame, Boxes3D.empty(), np.empty(0, np.bool_))
    assert sample.visible_px is None


@pytest.mark.parametrize(('part', 'value'), [
    ('is_ignored', np.zeros(5, np.bool_)),
    ('is_ignored', np.zeros(6, np.uint8)),
    ('visible_px', np.zeros((6, 2), np.int32)),
    ('depths_m', ()),
    ('depths_m', (np.zeros((4, 4), np.float32),) * 2),
    ('is_ground_known', np.ones((2, 2), np.bool_)),
])
def test_a_part_that_does_not_fit_is_refused(part, value):
    with pytest.raises(InvalidMessageError, match='expected'):
        replace(small_sample(), **{part: value})


def test_a_sector_holds_what_lies_in_its_directions_seen_from_its_apex():
    sector = Sector(np.array((1.0, 0.0)), np.pi, 0.5)
    points = np.array([(-9.0, 0.1), (-9.0, -0.1), (11.0, 0.0), (0.9, 0.2), (-9.0, 5.0)])
    assert sector.contains(points).tolist() == [True, True, False, False, True]
    assert Sector(np.zeros(2), 0.0, np.pi).contains(points).all()


@pytest.mark.parametrize(('apex', 'heading', 'half'), [
    ((0.0, np.nan), 0.0, 1.0), ((0.0, 0.0, 0.0), 0.0, 1.0), ((0.0, 0.0), np.inf, 1.0),
    ((0.0, 0.0), 0.0, 0.0), ((0.0, 0.0), 0.0, 3.2),
])
def test_what_is_no_sector_is_refused(apex, heading, half):
    with pytest.raises(InvalidMessageError, match='sector'):
        Sector(np.array(apex), heading, half)


def test_a_sector_begins_at_its_nearest_distance():
    sector = Sector(np.array((1.0, 0.0)), 0.0, 0.5, nearest_m=10.0)
    assert sector.contains(np.array([(10.9, 0.0), (11.1, 0.0)])).tolist() == [False, True]

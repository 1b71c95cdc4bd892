# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Training frames are what the assembler would give: walls are sharp, cameras where they were."""

from __future__ import annotations

import numpy as np
import pytest

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.assembled import assembled
from mm_fusion_ros.sim.dataset import FrameSource, render_world


@pytest.fixture(scope='module')
def moving():
    source = FrameSource('demo', first_seed=4, worlds=1, frames_per_world=8, world_s=8.0)
    frames = list(render_world(source, 4))
    return max(frames, key=lambda frame: np.linalg.norm(frame.twist[:3]))


def test_points_move_as_the_vehicle_did_until_they_were_measured(moving):
    (before,), (after,) = moving.frame.lidars, assembled(moving).frame.lidars
    speed = np.linalg.norm(moving.twist[:3])
    assert speed > 3.0
    shift = np.linalg.norm(after.sweep.points - before.sweep.points, axis=1)
    late_s = np.abs(before.sweep.time_offset_ns) / 1e9
    straight = np.abs(moving.twist[5]) * 100.0 * late_s
    assert (np.abs(shift - speed * late_s) < 0.05 + straight).all()
    assert shift.max() > 0.09 * speed


def test_cameras_move_to_where_they_took_their_image(moving):
    (before,), (after,) = moving.frame.cameras, assembled(moving).frame.cameras
    dt_s = (before.image.stamp_ns - moving.frame.stamp_ns) / 1e9
    shift = after.T_base_camera[:3, 3] - before.T_base_camera[:3, 3]
    np.testing.assert_allclose(shift, moving.twist[:3] * dt_s, atol=0.05)


def test_it_can_be_left_as_it_was(moving):
    same = assembled(moving, deskews=False, moves_cameras=False)
    assert same.frame.lidars == moving.frame.lidars
    assert same.frame.cameras == moving.frame.cameras


def test_the_way_covers_every_measurement(moving):
    sweep = moving.frame.lidars[0].sweep
    times_ns = [*(sweep.stamp_ns + sweep.time_offset_ns[[0, -1]].astype(np.int64)),
                moving.frame.cameras[0].image.stamp_ns]
    assert moving.way_ns[0] < min(times_ns)
    assert max(times_ns) < moving.way_ns[-1]
    at = np.searchsorted(moving.way_ns, moving.frame.stamp_ns)
    np.testing.assert_allclose(moving.T_world_way[at], moving.T_world_base, atol=0.2)
    assert np.allclose(transforms.inverse(moving.T_world_base) @ moving.T_world_base, np.eye(4))

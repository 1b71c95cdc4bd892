# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Rectangles around groups of points."""

import numpy as np
import pytest
from support.scene import box, scan

from mm_fusion_ros.obstacles.box_fit import fit_footprints
from mm_fusion_ros.obstacles.clustering import Groups

ORIGIN = np.zeros(2)


def fit_one(xy, sensor_xy=ORIGIN):
    xy = np.asarray(xy, np.float32)
    return fit_footprints(xy, Groups.from_keys(np.zeros(len(xy), int)), sensor_xy)


def off_axis_deg(yaw, wanted):
    turn = np.rad2deg(yaw - wanted) % 90
    return min(turn, 90 - turn)


@pytest.mark.parametrize('yaw_deg', range(-80, 91, 17))
def test_the_two_seen_sides_of_a_car_give_its_heading_and_extent(yaw_deg):
    yaw = np.deg2rad(yaw_deg)
    points = scan(box(14.0, 4.0, yaw), noise_m=0.02)
    seen = fit_one(points[points[:, 2] > 0.3][:, :2])
    assert off_axis_deg(seen.yaws[0], yaw) <= 5.0
    assert np.linalg.norm(seen.centers[0] - (14.0, 4.0)) < 1.5
    assert seen.sizes[0, 0] < 4.2 + 0.5


def test_turning_the_world_turns_the_rectangles():
    points = scan(box(14.0, 4.0, 0.3))
    xy = points[points[:, 2] > 0.3][:, :2].astype(np.float64)
    turn = 0.7
    R = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    before, after = fit_one(xy), fit_one(xy @ R.T)
    assert off_axis_deg(after.yaws[0] - turn, before.yaws[0]) <= 1.5
    np.testing.assert_allclose(after.sizes, before.sizes, atol=0.15)
    np.testing.assert_allclose(after.centers, before.centers @ R.T, atol=0.15)


def test_each_group_is_fitted_as_if_it_were_alone():
    clouds = [scan(box(x, y, yaw)) for x, y, yaw in ((12, 3, 0.2), (20, -5, 1.0), (9, -6, 0))]
    clouds = [cloud[cloud[:, 2] > 0.3][:, :2] for cloud in clouds]
    keys = np.repeat(np.arange(3), [len(cloud) for cloud in clouds])
    together = fit_footprints(np.concatenate(clouds), Groups.from_keys(keys), ORIGIN)
    for i, cloud in enumerate(clouds):
        alone = fit_one(cloud)
        np.testing.assert_allclose(together.centers[i], alone.centers[0], atol=1e-5)
        np.testing.assert_allclose(together.sizes[i], alone.sizes[0], atol=1e-5)


def test_the_longer_side_is_the_length():
    assert (np.diff(fit_one([[5, 0], [5, 3], [6, 0], [6, 3]]).sizes) <= 0).all()


def test_one_point_is_a_rectangle_without_extent():
    seen = fit_one([[7.0, -2.0]])
    np.testing.assert_allclose(seen.centers, [[7.0, -2.0]], atol=1e-6)
    np.testing.assert_allclose(seen.sizes, 0.0, atol=1e-6)


def test_no_groups_give_no_rectangles():
    nothing = Groups.from_keys(np.empty(0, int))
    assert len(fit_footprints(np.empty((0, 2), np.float32), nothing, ORIGIN).centers) == 0

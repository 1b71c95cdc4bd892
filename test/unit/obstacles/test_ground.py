# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The ground under slopes, kerbs, crests and echoes."""

import numpy as np
import pytest
from support.scene import box, Ground, scan

from mm_fusion_ros.obstacles.ground import height_above_ground
from mm_fusion_ros.obstacles.settings import GroundSettings

MAX_RANGE_M = 60.0
LEVEL = [0.0, 0.0, 0.0]
GROUNDS = {
    'flat': Ground(np.array([LEVEL])),
    'uphill from 8 m on': Ground(np.array([LEVEL, [0.1, 0, -0.8]]), highest=True),
    'crest at 10 m': Ground(np.array([LEVEL, [-0.1, 0, 1.0]])),
    'sideways': Ground(np.array([[0.0, 0.1, 0.0]])),
}


def heights(points):
    return height_above_ground(points, MAX_RANGE_M, GroundSettings())


def within(points):
    return points[np.hypot(points[:, 0], points[:, 1]) < MAX_RANGE_M]


@pytest.mark.parametrize('name', GROUNDS)
def test_ground_without_objects_is_ground_everywhere(name):
    points = within(scan(ground=GROUNDS[name], noise_m=0.02))
    assert len(points) > 10_000
    found = heights(points)
    assert np.mean(np.abs(found) < 0.15) > 0.995
    assert np.mean(np.abs(found) < 0.3) > 0.999
    assert found.max() < 0.3  # nothing is taken for an obstacle


def test_an_object_on_a_slope_is_measured_from_the_slope():
    ground = GROUNDS['uphill from 8 m on']
    car = box(20.0, 0.0, bottom=ground.height(20.0))
    points = within(scan(car, ground=ground))
    on_car = (np.abs(points[:, 0] - 20) < 2.2) & (np.abs(points[:, 1]) < 1) & (
        points[:, 2] > ground.height(22.2) + 0.4)
    assert on_car.sum() > 100
    assert np.median(heights(points)[on_car]) == pytest.approx(
        np.median(points[on_car, 2]) - ground.height(18.0), abs=0.25)


def test_a_kerb_is_ground():
    pavement = box(0.0, 8.0, size=(120.0, 8.0, 0.15))
    points = within(scan(pavement, noise_m=0.01))
    assert (points[:, 2] > 0.12).sum() > 1000
    assert heights(points).max() < 0.3


def test_echoes_from_below_the_ground_do_not_lower_it():
    points = within(scan())
    random = np.random.default_rng(0)
    echoes = points[random.choice(len(points), 300, replace=False)] - np.float32([0, 0, 1.5])
    found = heights(np.concatenate([echoes, points]))
    assert np.mean(np.abs(found[300:]) < 0.1) > 0.999


def test_the_shadow_of_a_wall_does_not_lift_the_ground():
    points = within(scan(box(12.0, 0.0, size=(0.3, 8.0, 1.2))))
    wall = np.abs(points[:, 0] - 11.85) < 0.1
    assert np.abs(heights(points) - points[:, 2])[wall].max() < 0.25


def test_a_distant_object_without_ground_around_it_keeps_its_height():
    front = np.float32([40.0, 0.0, 0.0]) + np.random.default_rng(0).uniform(
        (0, -1, 0.4), (0.1, 1, 1.5), (30, 3)).astype(np.float32)
    near = scan()
    near = near[np.hypot(near[:, 0], near[:, 1]) < 25]
    assert heights(np.concatenate([near, front]))[-30:].max() > 0.8


@pytest.mark.parametrize('count', [0, 1])
def test_few_points_have_heights(count):
    assert heights(np.full((count, 3), 5.0, np.float32)).shape == (count,)


def test_points_at_the_edge_of_float32_have_finite_heights():
    far = np.array([[1e6, -1e6, 1e6], [0, 0, 0], [-1e6, 0, -1e6]], np.float32)
    assert np.isfinite(heights(far)).all()

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How densely a LiDAR samples, and how much of what it met came back."""

import numpy as np
import pytest
from support.scene import box, scan

from mm_fusion_ros.obstacles.box_fit import Footprints
from mm_fusion_ros.obstacles.sampling import beams_per_steradian, fill

ORIGIN = np.array([0.0, 0.0, 1.8])


def spinning_lidar(beams, step_deg, azimuth_deg=(-180, 180)):
    """One point at 20 m in every direction between -8 and -2 degrees; and the true density."""
    elevation = np.deg2rad(-8 + 6 * (np.arange(beams) + 0.5) / beams)
    azimuth = np.deg2rad(np.arange(*azimuth_deg, step_deg) + step_deg / 2)
    e, a = (grid.ravel() for grid in np.meshgrid(elevation, azimuth))
    rays = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], axis=1)
    band_sr = (np.sin(np.deg2rad(-2)) - np.sin(np.deg2rad(-8))) * np.ptp(np.deg2rad(azimuth_deg))
    return (ORIGIN + 20 * rays).astype(np.float32), len(rays) / band_sr


@pytest.mark.parametrize('beams', [8, 32])
@pytest.mark.parametrize('azimuth_deg', [(-180, 180), (-60, 60)])
def test_the_density_of_a_spinning_lidar_is_measured(beams, azimuth_deg):
    points, density = spinning_lidar(beams, 0.25, azimuth_deg)
    assert beams_per_steradian(points, ORIGIN) == pytest.approx(density, rel=0.02)


def test_the_density_is_measured_from_where_the_lidar_is():
    points, density = spinning_lidar(16, 0.25)
    moved = np.array([5.0, -3.0, 0.5])
    found = beams_per_steradian(points + moved.astype(np.float32), ORIGIN + moved)
    assert found == pytest.approx(density, rel=0.02)


def test_without_points_below_the_horizon_the_density_is_zero():
    assert beams_per_steradian(np.empty((0, 3), np.float32), ORIGIN) == 0.0
    assert beams_per_steradian(np.array([[10, 0, 9]], np.float32), ORIGIN) == 0.0


def rectangle(x, y, length, width, yaw=0.0):
    return Footprints(
        np.array([[x, y]], float), np.array([[length, width]], float), np.array([yaw]), np.ones(1))


def test_a_wall_across_the_sight_returns_what_meets_it():
    points = scan(box(20, 0, np.pi / 2, size=(4.0, 0.2, 1.5)))
    on_wall = (np.abs(points[:, 0] - 19.9) < 0.05) & (points[:, 2] > 0.3)
    filled = fill(rectangle(19.9, 0, 4.0, 0.0, np.pi / 2), np.array([1.2]),
                  np.array([on_wall.sum()]), ORIGIN, beams_per_steradian(points, ORIGIN))
    assert filled[0] == pytest.approx(1.0, abs=0.3)


def test_half_the_points_are_half_as_full():
    seen, height = rectangle(20, 5, 4, 2), np.array([1.5])
    whole, half = (fill(seen, height, np.array([n]), ORIGIN, 5000.0)[0] for n in (400, 200))
    assert half == pytest.approx(whole / 2)


def test_no_extent_no_density_and_no_distance_stay_finite():
    seen = rectangle(0, 0, 0, 0)
    assert np.isfinite(fill(seen, np.array([-0.1]), np.array([5]), ORIGIN, 0.0)).all()

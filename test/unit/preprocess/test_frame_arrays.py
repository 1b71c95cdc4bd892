# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A frame as arrays: points of all LiDARs, images of one kind, and the motion if it is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.small_model import camera, frame, HEIGHT, lidar, moving, WIDTH
from support.training_sample import base_points, small_sample

from mm_fusion_ros.data_types import LidarInput
from mm_fusion_ros.geometry.transforms import inverse
from mm_fusion_ros.preprocess.frame_arrays import FramePreparation, points_of


def with_intensity(intensity, count=800):
    given = lidar(count=count)
    return LidarInput('top', replace(given.sweep, intensity=intensity), given.T_base_lidar)


def test_points_of_all_lidars_come_in_the_base_frame():
    sample = small_sample()
    (one,) = sample.frame.lidars
    rows = points_of((one, lidar(1, 50)))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows[:-50, :3], base_points(sample), atol=1e-5)
    np.testing.assert_array_equal(rows[-50:], points_of((lidar(1, 50),)))
    assert points_of(()).shape == (0, 5)
    assert points_of((lidar(count=0),)).shape == (0, 5)


@pytest.mark.parametrize('factor', [1.0, 255.0, 0.01])
def test_intensity_is_told_in_shares_of_what_is_bright_whatever_the_sensor_calls_it(factor):
    shares = np.linspace(0.0, 1.0, 8000, dtype=np.float32)
    rows = points_of((with_intensity(shares * np.float32(factor), 8000),))
    np.testing.assert_allclose(rows[:, 3], np.minimum(shares / 0.95, 1.0), atol=2e-3)
    assert rows[:, 4].min() == 1.0


@pytest.mark.parametrize('intensity', [None, np.zeros(800, np.float32)])
def test_an_intensity_that_tells_nothing_is_unknown(intensity):
    assert points_of((with_intensity(intensity),))[:, 3:].max() == 0.0


def test_single_intensities_that_are_no_numbers_are_unknown():
    intensity = np.full(800, 50.0, np.float32)
    intensity[3::40] = np.nan
    rows = points_of((with_intensity(intensity),))
    assert np.isfinite(rows).all()
    assert rows[3::40, 3:].max() == 0.0
    assert rows[4::40, 3:].min() == 1.0
    assert points_of((with_intensity(np.full(800, np.nan, np.float32)),))[:, 3:].max() == 0.0


def test_images_come_with_projections_from_the_base_frame():
    cameras = (camera('front'), camera('left', 1.2, 1))
    arrays = FramePreparation(WIDTH, HEIGHT).arrays(frame(cameras=cameras))
    np.testing.assert_array_equal(arrays.images[1], cameras[1].image.pixels)
    point = np.array([3.0, 6.0, 1.0, 1.0])
    in_camera = inverse(cameras[1].T_base_camera) @ point
    (seen,) = cameras[1].model.project(in_camera[None, :3]).pixels
    u, v, depth = arrays.projections[1] @ point
    np.testing.assert_allclose((u / depth, v / depth), seen, atol=1e-3)
    assert not arrays.has_lidar
    none = FramePreparation(WIDTH, HEIGHT).arrays(frame(lidars=(lidar(count=0),)))
    assert none.images.shape == (0, HEIGHT, WIDTH, 3)
    assert none.has_lidar


def test_a_view_is_kept_until_the_calibration_changes():
    views = FramePreparation(WIDTH, HEIGHT)
    front = camera('front')
    first = views.view(front)
    assert views.view(replace(front, image=camera('front', 0.0, 5).image)) is first
    recalibrated = replace(front, model=camera('front').model)
    assert views.view(recalibrated) is not first


def test_the_motion_is_told_with_whether_it_is_known():
    def ego(own):
        return FramePreparation(WIDTH, HEIGHT).arrays(frame(ego=own)).ego.tolist()

    assert ego(moving(0.0, 8.0)) == pytest.approx([8.0, 0.1, 0.5, 1.0])
    assert ego(None) == [0.0] * 4
    unknown = replace(moving(0.0), twist=np.array([3.0, np.nan, 0, 0, 0, 0.2]))
    assert ego(unknown) == [0.0] * 4

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Camera models, checked against OpenCV."""

from __future__ import annotations

from pathlib import Path

import cv2
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry.projection import CameraModel

K = np.array([[700.0, 0.0, 620.0], [0.0, 710.0, 180.0], [0.0, 0.0, 1.0]])
P = np.hstack([K, np.zeros((3, 1))])
PLUMB_BOB = [-0.3, 0.1, 0.001, -0.002, -0.01]
RATIONAL = [0.5, -0.2, 0.001, -0.002, 0.01, 0.8, -0.1, 0.02]
FISHEYE = [0.1, -0.01, 0.002, -0.0005]


def camera(model: str = 'none', distortion: object = ()) -> CameraModel:
    return CameraModel(1240, 360, P, model, np.array(distortion, np.float64))


def points_in_view(count: int = 500, slope: float = 0.6) -> np.ndarray:
    rng = np.random.default_rng(0)
    slopes = rng.uniform(-slope, slope, (count, 2))
    return np.c_[slopes, np.ones(count)] * rng.uniform(1.0, 60.0, (count, 1))


@pytest.mark.parametrize(
    ('model', 'distortion'),
    [
        ('none', []),
        ('plumb_bob', PLUMB_BOB),
        ('plumb_bob', PLUMB_BOB[:4]),
        ('plumb_bob', []),
        ('rational_polynomial', RATIONAL),
        ('rational_polynomial', [*RATIONAL, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_pixels_are_those_of_opencv(model: str, distortion: list[float]) -> None:
    points = points_in_view()
    coefficients = np.array(distortion or [0.0] * 4)
    expected, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), K, coefficients)
    projection = camera(model, distortion).project(points)
    np.testing.assert_allclose(projection.pixels, expected[:, 0], atol=1e-8)
    np.testing.assert_array_equal(projection.depths, points[:, 2])


def test_fisheye_pixels_are_those_of_opencv() -> None:
    points = np.vstack([points_in_view(slope=5.0), [[0, 0, 5.0]]])
    expected, _ = cv2.fisheye.projectPoints(
        points[:, None], np.zeros(3), np.zeros(3), K, np.array(FISHEYE)
    )
    pixels = camera('equidistant', FISHEYE).project(points).pixels
    np.testing.assert_allclose(pixels, expected[:, 0], atol=1e-8)


def test_the_fourth_column_of_a_kitti_projection_shifts_pixels() -> None:
    baseline = np.array([[44.857], [0.2164], [0.002746]])
    rectified = CameraModel(1242, 375, np.hstack([K, baseline]))
    point = np.array([[2.0, 1.0, 10.0]])
    u, v, w = np.hstack([K, baseline]) @ [2.0, 1.0, 10.0, 1.0]
    projection = rectified.project(point)
    np.testing.assert_allclose(projection.pixels, [[u / w, v / w]], rtol=1e-12)
    np.testing.assert_allclose(projection.depths, [w])
    assert projection.pixels[0, 0] - camera().project(point).pixels[0, 0] > 4.0


def test_only_points_in_front_and_inside_the_image_are_visible() -> None:
    points = np.array([[0, 0, 5], [0, 0, 0.09], [0, 0, -5], [0, 0, 0], [9, 0, 5], [np.nan, 0, 5]])
    projection = camera().project(points.astype(np.float32))
    np.testing.assert_array_equal(projection.visible, [True, False, False, False, False, False])
    np.testing.assert_array_equal(np.isnan(projection.pixels[:, 0]), [0, 0, 1, 1, 0, 1])


def test_a_point_behind_the_camera_is_masked_for_every_model() -> None:
    for model, distortion in (('plumb_bob', PLUMB_BOB), ('equidistant', FISHEYE)):
        assert not camera(model, distortion).project(np.array([[0.1, 0.1, -4.0]])).visible.any()


def test_the_image_reaches_half_a_pixel_beyond_the_outer_pixel_centres() -> None:
    edges = np.array([[-0.5, 0], [-0.51, 0], [1239.49, 0], [1239.5, 0], [0, 359.49], [0, 359.5]])
    points = np.c_[(edges - K[:2, 2]) / K[[0, 1], [0, 1]], np.ones(6)] * 8.0
    points += (1e-9, 1e-9, 0.0)
    np.testing.assert_array_equal(camera().project(points).visible, [1, 0, 1, 0, 1, 0])


def test_points_where_the_distortion_folds_back_are_masked() -> None:
    model = camera('plumb_bob', [-0.3])
    fold = 1.0 / np.sqrt(0.9)  # r (1 - 0.3 r^2) is largest there
    slopes = np.array([0.99, 0.999, 1.001, 1.5, 1.8]) * fold
    pixels = model.project(np.c_[slopes, np.zeros(5), np.ones(5)]).pixels
    np.testing.assert_array_equal(np.isnan(pixels[:, 0]), [False, False, True, True, True])
    assert not model.project(np.array([[1.8 * fold, 0.0, 1.0]])).visible.any()


def test_points_beyond_a_pole_of_the_rational_model_are_masked() -> None:
    model = camera('rational_polynomial', [0, 0, 0, 0, 0, -1.0])  # pole at r = 1
    pixels = model.project(np.array([[0.9, 0, 1.0], [1.1, 0, 1.0]])).pixels
    np.testing.assert_array_equal(np.isnan(pixels[:, 0]), [False, True])


def test_a_fisheye_folds_back_too() -> None:
    model = camera('equidistant', [-0.3])  # largest at 1 / sqrt(0.9) rad
    slopes = np.tan(np.array([1.05, 1.06]))
    pixels = model.project(np.c_[slopes, np.zeros(2), np.ones(2)]).pixels
    np.testing.assert_array_equal(np.isnan(pixels[:, 0]), [False, True])


def test_a_polynomial_that_falls_from_the_start_shows_next_to_nothing() -> None:
    assert not camera('plumb_bob', [-1e9]).project(points_in_view()).visible.any()


@given(st.floats(0.1, 4.0), st.floats(0.1, 4.0))
def test_a_scaled_camera_sees_the_resized_image(sx: float, sy: float) -> None:
    width, height = max(1, round(1240 * sx)), max(1, round(360 * sy))
    scaled = camera('plumb_bob', PLUMB_BOB).scaled(width, height)
    points = points_in_view(20)
    expected = (camera('plumb_bob', PLUMB_BOB).project(points).pixels + 0.5) * [
        width / 1240, height / 360,
    ] - 0.5
    np.testing.assert_allclose(scaled.project(points).pixels, expected, atol=1e-8)
    assert scaled.matrix[0, 0] == pytest.approx(700 * width / 1240)


def test_no_points_give_no_pixels() -> None:
    projection = camera('equidistant', FISHEYE).project(np.empty((0, 3), np.float32))
    assert projection.pixels.shape == (0, 2)
    assert projection.visible.shape == (0,)


def changed(row: int, column: int, value: float) -> np.ndarray:
    projection = P.copy()
    projection[row, column] = value
    return projection


@pytest.mark.parametrize(
    ('projection', 'message'),
    [
        (np.zeros((3, 4)), 'camera focal lengths: expected positive values, got 0 and 0'),
        (changed(1, 1, -700.0), 'camera focal lengths: expected positive'),
        (changed(0, 3, np.nan), 'camera projection: expected a finite'),
        (K, r'camera projection: expected a finite \(3, 4\)'),
        (changed(2, 2, 2.0), 'camera projection: expected rows fx s cx'),
    ],
)
def test_a_projection_that_cannot_be_is_refused(projection: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidMessageError, match=message):
        CameraModel(1240, 360, projection)


@pytest.mark.parametrize(
    ('model', 'distortion', 'message'),
    [
        ('fov', [0.9], "distortion model: expected one of none, .* got 'fov'"),
        ('none', [0.1], 'distortion coefficients of none: expected at most 0'),
        ('rational_polynomial', [*RATIONAL, 0.1, 0, 0, 0], 'polynomial: expected at most 8'),
        ('plumb_bob', [np.nan], 'distortion coefficients: expected finite'),
        ('plumb_bob', [[0.1]], 'distortion coefficients: expected finite'),
    ],
)
def test_a_distortion_that_cannot_be_is_refused(
    model: str, distortion: list[float], message: str
) -> None:
    with pytest.raises(InvalidMessageError, match=message):
        camera(model, distortion)


@pytest.mark.parametrize('size', [(0, 360), (1240, -1)])
def test_an_image_without_area_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidMessageError, match='image size: expected positive'):
        CameraModel(*size, P)


@pytest.mark.real_data
def test_the_recorded_baseline_of_camera_2_is_six_centimetres(data_dir: Path) -> None:
    text = (data_dir / 'kitti_raw/2011_09_26/calib_cam_to_cam.txt').read_text()
    line = next(row for row in text.splitlines() if row.startswith('P_rect_02:'))
    projection = np.array(line.split()[1:], np.float64).reshape(3, 4)
    model = CameraModel(1242, 375, projection)
    point = np.array([[0.0, 0.0, 10.0]])
    shift_px = model.project(point).pixels[0, 0] - projection[0, 2]
    assert shift_px * 10.0 / projection[0, 0] == pytest.approx(0.06, abs=0.002)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Transforms: construction, algebra, interpolation, angles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry import transforms

ANGLES = st.floats(-3.1, 3.1)
COORDINATES = st.floats(-1e3, 1e3)
TRANSFORMS = st.builds(
    lambda x, y, z, roll, pitch, yaw: transforms.from_euler([x, y, z], roll, pitch, yaw),
    COORDINATES, COORDINATES, COORDINATES, ANGLES, st.floats(-1.5, 1.5), ANGLES,
)


def test_a_quarter_turn_left_takes_forward_to_left() -> None:
    half = np.sqrt(0.5)
    T = transforms.from_quaternion([1, 2, 3], [0, 0, half, half])
    np.testing.assert_allclose(T @ [1, 0, 0, 1], [1, 3, 3, 1], atol=1e-12)
    assert transforms.yaw_of(T) == pytest.approx(np.pi / 2)


def test_euler_angles_turn_about_fixed_axes_x_then_y_then_z() -> None:
    T = transforms.from_euler([0, 0, 0], np.pi / 2, 0.0, np.pi / 2)
    np.testing.assert_allclose(T[:3, :3] @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(T[:3, :3] @ [1, 0, 0], [0, 1, 0], atol=1e-12)


def test_a_slightly_unnormalised_quaternion_is_normalised() -> None:
    T = transforms.from_quaternion([0, 0, 0], [0, 0, 0, 1.005])
    np.testing.assert_allclose(T, np.eye(4), atol=1e-12)


@pytest.mark.parametrize('quaternion', [[0, 0, 0, 0], [0, 0, 0, 1.02], [0, 0, np.nan, 1]])
def test_a_quaternion_that_is_no_rotation_is_refused(quaternion: list[float]) -> None:
    with pytest.raises(InvalidMessageError, match='quaternion: expected norm 1, got norm'):
        transforms.from_quaternion([0, 0, 0], quaternion)


def test_numbers_that_are_not_finite_are_refused_by_name() -> None:
    with pytest.raises(InvalidMessageError, match='translation: expected finite'):
        transforms.from_quaternion([0, np.inf, 0], [0, 0, 0, 1])
    with pytest.raises(InvalidMessageError, match='roll, pitch and yaw: expected finite'):
        transforms.from_euler([0, 0, 0], 0.0, np.nan, 0.0)


@pytest.mark.parametrize(
    ('matrix', 'message'),
    [
        (np.eye(3), r'mount: expected a finite \(4, 4\) matrix'),
        (np.full((4, 4), np.nan), r'mount: expected a finite \(4, 4\) matrix'),
        (np.diag([2.0, 2.0, 2.0, 1.0]), 'mount: expected a rigid transform'),
        (np.diag([1.0, 1.0, -1.0, 1.0]), 'mount: expected a rigid transform'),
        (np.diag([1.0, 1.0, 1.0, 2.0]), 'mount: expected a rigid transform'),
    ],
)
def test_a_matrix_that_is_not_rigid_is_refused(matrix: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidMessageError, match=message):
        transforms.check_transform('mount', matrix)


def test_a_checked_transform_is_a_copy() -> None:
    T = np.eye(4)
    checked = transforms.check_transform('mount', T)
    T[0, 3] = 9.0
    assert checked[0, 3] == 0.0


@given(TRANSFORMS)
def test_a_transform_survives_its_quaternion(T: np.ndarray) -> None:
    quaternion = transforms.to_quaternion(T)
    assert quaternion[3] >= 0.0
    np.testing.assert_allclose(transforms.from_quaternion(T[:3, 3], quaternion), T, atol=1e-9)


def test_a_quaternion_with_negative_w_comes_back_with_positive_w() -> None:
    T = transforms.from_quaternion([0, 0, 0], [0.6, 0, 0, -0.8])
    np.testing.assert_allclose(transforms.to_quaternion(T), [-0.6, 0, 0, 0.8], atol=1e-12)


@given(TRANSFORMS, TRANSFORMS)
def test_the_inverse_undoes_one_and_many(A: np.ndarray, B: np.ndarray) -> None:
    stack = np.stack([A, B])
    np.testing.assert_allclose(transforms.inverse(stack) @ stack, [np.eye(4)] * 2, atol=1e-9)
    np.testing.assert_array_equal(transforms.inverse(stack)[0], transforms.inverse(A))


@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_applying_keeps_the_dtype_and_agrees_with_the_matrix(dtype: type) -> None:
    T = transforms.from_euler([1, 2, 3], 0.1, -0.2, 2.0)
    points = np.random.default_rng(0).uniform(-50, 50, (20, 3)).astype(dtype)
    moved = transforms.apply(T, points)
    assert moved.dtype == dtype
    expected = (np.c_[points, np.ones(20)] @ T.T)[:, :3]
    np.testing.assert_allclose(moved, expected, rtol=0, atol=100 * np.finfo(dtype).eps)
    assert transforms.apply(T, points[:0]).shape == (0, 3)
    assert transforms.apply(T, points[:1]).shape == (1, 3)
    wide = np.concatenate([points, points], axis=1)  # rows not contiguous, and backwards
    np.testing.assert_allclose(
        transforms.apply(T, wide[::-2, 3:]), moved[::-2], rtol=0, atol=100 * np.finfo(dtype).eps
    )


@given(TRANSFORMS, TRANSFORMS)
def test_interpolation_starts_and_ends_where_it_should(A: np.ndarray, B: np.ndarray) -> None:
    np.testing.assert_allclose(transforms.interpolate(A, B, 0.0), A, atol=1e-9)
    np.testing.assert_allclose(transforms.interpolate(A, B, 1.0), B, atol=1e-7)


def test_interpolation_takes_the_short_way_round_and_extrapolates() -> None:
    A = transforms.from_euler([0, 0, 0], 0, 0, 3.0)
    B = transforms.from_euler([2, 0, 0], 0, 0, -3.0)
    middle = transforms.interpolate(A, B, 0.5)
    assert abs(transforms.yaw_of(middle)) == pytest.approx(np.pi)
    assert middle[0, 3] == 1.0
    assert transforms.interpolate(A, B, 1.5)[0, 3] == 3.0


@given(st.floats(-1e6, 1e6))
def test_a_wrapped_angle_is_in_range_and_points_the_same_way(angle: float) -> None:
    wrapped = float(transforms.wrap_angle(angle))
    assert -np.pi <= wrapped < np.pi
    assert np.cos(wrapped - angle) == pytest.approx(1.0, abs=1e-9)
    assert float(transforms.wrap_angle(wrapped)) == wrapped


def test_wrapping_is_right_to_the_bit_at_the_seam() -> None:
    seam = [np.pi, -np.pi, np.nextafter(np.pi, 0), np.nextafter(-np.pi, -4)]
    wrapped = transforms.wrap_angle(seam)
    assert wrapped[0] == -np.pi
    assert wrapped[1] == -np.pi
    assert wrapped[2] == seam[2]
    assert 3.14 < wrapped[3] < np.pi

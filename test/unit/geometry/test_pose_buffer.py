# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Ego poses at many stamps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from scipy.linalg import expm

from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.errors import InvalidMessageError, TransformError
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.pose_buffer import PoseBuffer, PoseQuality

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
TWIST = np.array([10.0, 0.5, -0.2, 0.05, -0.1, 0.6])


def moved(seconds: float, twist: np.ndarray = TWIST) -> np.ndarray:
    vx, vy, vz, wx, wy, wz = twist
    generator = np.array([[0, -wz, wy, vx], [wz, 0, -wx, vy], [-wy, wx, 0, vz], [0, 0, 0, 0]])
    return transforms.from_euler([100, -50, 2], 0.1, 0.0, 2.0) @ expm(generator * seconds)


def pose(
    seconds: float, twist: np.ndarray = TWIST, told: np.ndarray | None = None, frame: str = 'odom'
) -> EgoPose:
    told = twist if told is None else told
    stamp_ns = START + round(seconds * SECOND)
    return EgoPose(stamp_ns, frame, 'base_link', moved(seconds, twist), told[:3], told[3:])


def filled(told: np.ndarray | None = None, twist: np.ndarray = TWIST) -> PoseBuffer:
    buffer = PoseBuffer()
    for tenth in range(11):
        buffer.add(pose(tenth / 10, twist, told))
    return buffer


def stamps(seconds: object) -> np.ndarray:
    return START + np.round(np.array(seconds, np.float64) * SECOND).astype(np.int64)


@given(st.lists(st.floats(-0.19, 1.19), min_size=1, max_size=30))
def test_constant_motion_is_followed_exactly_between_and_beyond_poses(
    seconds: list[float]
) -> None:
    poses = filled().poses_at(stamps(seconds))
    expected = np.stack([moved(float(s - START) / SECOND) for s in stamps(seconds)])
    np.testing.assert_allclose(poses.T, expected, atol=1e-6)


@pytest.mark.parametrize('told', [np.zeros(6), np.full(6, np.nan)])
def test_a_pose_without_velocity_is_predicted_from_its_neighbours(told: np.ndarray) -> None:
    poses = filled(told).poses_at(stamps([-0.1, 1.1]))
    np.testing.assert_allclose(poses.T, [moved(-0.1), moved(1.1)], atol=1e-6)


def test_quality_says_how_each_pose_was_found() -> None:
    seconds = [-0.5, -0.1, 0.0, 0.55, 1.0, 1.1, 1.2, 1.3]
    poses = filled().poses_at(stamps(seconds))
    interpolated, predicted, static = PoseQuality
    assert poses.quality.tolist() == [
        static, predicted, interpolated, interpolated, interpolated, predicted, predicted, static,
    ]
    np.testing.assert_array_equal(poses.T[-1], poses.T[-2])
    np.testing.assert_allclose(poses.T[4], moved(1.0), atol=1e-12)


@given(st.integers(0, 1000))
def test_many_stamps_at_once_are_as_one_by_one(seed: int) -> None:
    buffer = filled()
    asked = stamps(np.random.default_rng(seed).uniform(-0.4, 1.4, 40))
    together = buffer.poses_at(asked)
    for row, stamp in enumerate(asked):
        alone = buffer.poses_at(asked[row : row + 1])
        np.testing.assert_allclose(alone.T[0], together.T[row], atol=1e-7)
        assert alone.quality[0] == together.quality[row], stamp


@pytest.mark.parametrize('order', ['time', 'beams', 'shuffled'])
def test_the_order_of_a_sweep_s_points_does_not_matter(order: str) -> None:
    seconds = np.linspace(-0.1, 1.1, 6000)
    arranged = {
        'time': seconds,
        'beams': seconds.reshape(-1, 8).T.ravel(),
        'shuffled': np.random.default_rng(0).permutation(seconds),
    }[order]
    found = filled().poses_at(stamps(arranged)).T
    np.testing.assert_allclose(
        found[::37], [moved(second) for second in arranged[::37]], atol=1e-6)


def test_large_turns_between_poses_are_followed() -> None:
    spin = np.array([1.0, 0, 0, 0, 0, 28.0])  # 2.8 rad between poses
    poses = filled(twist=spin).poses_at(stamps([0.33, 1.05]))
    np.testing.assert_allclose(poses.T, [moved(0.33, spin), moved(1.05, spin)], atol=1e-6)


def test_straight_motion_and_standing_still_are_exact() -> None:
    straight = np.array([20.0, 0, 0, 0, 0, 0])
    poses = filled(twist=straight).poses_at(stamps([0.25]))
    np.testing.assert_allclose(poses.T[0], moved(0.25, straight), atol=1e-9)
    still = filled(twist=np.zeros(6)).poses_at(stamps([0.25, 1.1]))
    np.testing.assert_allclose(still.T, [moved(0.0)] * 2, atol=1e-9)


def test_one_pose_moves_on_by_its_own_velocity_or_not_at_all() -> None:
    buffer = PoseBuffer()
    buffer.add(pose(0.0))
    np.testing.assert_allclose(buffer.poses_at(stamps([0.1])).T[0], moved(0.1), atol=1e-7)
    buffer.clear()
    buffer.add(pose(0.0, told=np.zeros(6)))
    np.testing.assert_allclose(buffer.poses_at(stamps([0.1])).T[0], moved(0.0), atol=1e-12)


def test_without_poses_the_vehicle_stands_at_the_origin() -> None:
    poses = PoseBuffer().poses_at(stamps([0.0, 1.0]))
    np.testing.assert_array_equal(poses.T, [np.eye(4)] * 2)
    assert poses.quality.tolist() == [PoseQuality.STATIC] * 2
    assert PoseBuffer().newest_ns is None


def test_no_stamps_give_no_poses() -> None:
    poses = filled().poses_at(stamps([]))
    assert poses.T.shape == (0, 4, 4)
    assert poses.quality.shape == (0,)


def test_late_and_repeated_poses_are_put_in_order() -> None:
    buffer = PoseBuffer()
    for tenth in (0, 3, 1, 9, 5, 5, 7, 10):
        buffer.add(pose(tenth / 10))
    np.testing.assert_allclose(buffer.poses_at(stamps([0.66])).T[0], moved(0.66), atol=1e-6)
    assert buffer.newest_ns == START + SECOND


def test_a_backward_jump_of_time_starts_anew_even_in_another_frame() -> None:
    buffer = filled()
    buffer.add(pose(-5.0, frame='map'))
    assert buffer.newest_ns == START - 5 * SECOND
    assert buffer.poses_at(stamps([0.5])).quality[0] == PoseQuality.STATIC


def test_old_poses_are_forgotten() -> None:
    buffer = PoseBuffer(span_s=2.0)
    for second in range(5):
        buffer.add(pose(float(second)))
    assert buffer.poses_at(stamps([1.0, 2.5])).quality.tolist() == [
        PoseQuality.STATIC, PoseQuality.INTERPOLATED,
    ]


def test_poses_of_another_frame_are_refused() -> None:
    buffer = filled()
    with pytest.raises(
        TransformError, match='ego pose: expected base_link in odom, got base_link in map'
    ):
        buffer.add(pose(1.1, frame='map'))


def test_a_pose_that_is_not_rigid_is_refused() -> None:
    bad = EgoPose(START, 'odom', 'base_link', np.full((4, 4), np.nan), np.zeros(3), np.zeros(3))
    with pytest.raises(InvalidMessageError, match='ego pose: expected a finite'):
        PoseBuffer().add(bad)

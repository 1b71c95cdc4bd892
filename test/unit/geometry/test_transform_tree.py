# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The transform tree: chains, time, conflicts and missing links."""

from __future__ import annotations

from threading import Thread

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError, TransformError
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.transform_tree import TransformTree

SECOND = 1_000_000_000
MOUNT = transforms.from_euler([1, 2, 3], 0.1, 0.2, 0.3)
CAMERA = transforms.from_euler([-1, 0, 1], -0.5, 0.1, 1.5)


def at_x(x: float) -> np.ndarray:
    return transforms.from_euler([x, 0, 0], 0, 0, 0)


def moving_tree() -> TransformTree:
    tree = TransformTree(buffer_s=2.0)
    tree.set_static('base_link', 'lidar', MOUNT)
    for tenth in range(11):
        tree.add('odom', 'base_link', tenth * SECOND // 10, at_x(tenth))
    return tree


def test_static_transforms_chain_in_both_directions_through_the_common_frame() -> None:
    tree = TransformTree()
    tree.set_static('/base_link', '/lidar', MOUNT)
    tree.set_static('lidar', 'camera', CAMERA)
    tree.set_static('base_link', 'imu', at_x(5))
    np.testing.assert_allclose(tree.lookup('base_link', 'camera'), MOUNT @ CAMERA)
    np.testing.assert_allclose(tree.lookup('/camera', 'lidar'), transforms.inverse(CAMERA))
    np.testing.assert_allclose(tree.lookup('imu', 'lidar'), at_x(-5) @ MOUNT)
    np.testing.assert_array_equal(tree.lookup('lidar', 'lidar'), np.eye(4))
    assert tree.frames == ('base_link', 'camera', 'imu', 'lidar')


@given(st.integers(0, SECOND))
def test_a_moving_link_is_interpolated(stamp_ns: int) -> None:
    expected = at_x(stamp_ns / SECOND * 10) @ MOUNT
    found = moving_tree().lookup('odom', 'lidar', stamp_ns)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_beyond_the_newest_sample_motion_goes_on_for_a_moment_only() -> None:
    tree = moving_tree()
    T = tree.lookup('odom', 'base_link', SECOND + 50_000_000)
    assert T[0, 3] == pytest.approx(10.5)
    with pytest.raises(
        TransformError,
        match=r'from lidar to odom: expected base_link in odom at 1.101 s, '
        r'got samples from 0.000 s to 1.000 s',
    ):
        tree.lookup('odom', 'lidar', SECOND + 101_000_000)
    with pytest.raises(TransformError, match='samples from'):
        tree.lookup('odom', 'lidar', -1)


def test_extrapolation_does_not_amplify_two_close_samples() -> None:
    tree = moving_tree()
    tree.add('odom', 'base_link', SECOND + 1000, at_x(10.01))  # 1 cm of noise in 1 us
    assert tree.lookup('odom', 'base_link', SECOND + SECOND // 10)[0, 3] < 12.0


def test_a_single_sample_is_held() -> None:
    tree = TransformTree()
    tree.add('odom', 'base_link', SECOND, at_x(3))
    assert tree.lookup('odom', 'base_link', SECOND + 1)[0, 3] == 3.0


def test_without_a_stamp_the_newest_common_time_is_taken() -> None:
    tree = moving_tree()
    tree.add('map', 'odom', SECOND // 2, at_x(100))
    assert tree.lookup('map', 'base_link')[0, 3] == pytest.approx(105.0)


def test_samples_in_any_order_and_twice_are_the_same_as_in_order() -> None:
    tree = TransformTree()
    for tenth in (3, 1, 9, 1, 0, 7, 9):
        tree.add('odom', 'base_link', tenth * SECOND, at_x(-1))
        tree.add('odom', 'base_link', tenth * SECOND, at_x(tenth))
    assert tree.lookup('odom', 'base_link', 5 * SECOND)[0, 3] == pytest.approx(5.0)


def test_old_samples_are_forgotten_and_too_old_ones_ignored() -> None:
    tree = moving_tree()
    tree.add('odom', 'base_link', 3 * SECOND, at_x(30))
    tree.add('odom', 'base_link', 0, at_x(0))
    with pytest.raises(TransformError, match=r'samples from 1\.000 s to 3\.000 s'):
        tree.lookup('odom', 'base_link', 0)


def test_the_missing_link_is_named() -> None:
    tree = moving_tree()
    with pytest.raises(
        TransformError,
        match='transform from camera to odom: expected a chain of frames, '
        'got no parent for camera, nor for odom',
    ):
        tree.lookup('odom', 'camera')


def test_the_version_changes_with_static_values_only() -> None:
    tree = TransformTree()
    versions = [tree.version]
    for change in (
        lambda: tree.set_static('base_link', 'lidar', MOUNT),  # new
        lambda: tree.set_static('base_link', 'lidar', MOUNT),
        lambda: tree.set_static('base_link', 'lidar', CAMERA),  # value
        lambda: tree.set_static('base', 'lidar', CAMERA),  # parent
        lambda: tree.add('odom', 'base_link', 0, MOUNT),
        lambda: tree.add('base', 'lidar', 0, CAMERA),  # no longer static
        lambda: tree.add('base', 'lidar', 1, CAMERA),
    ):
        change()
        versions.append(tree.version)
    np.testing.assert_array_equal(np.diff(versions) != 0, [1, 0, 1, 1, 0, 1, 0])


def test_the_newest_parent_wins_and_the_conflict_is_told_once() -> None:
    tree = TransformTree()
    for _ in range(3):
        tree.set_static('base_link', 'lidar', MOUNT)
        tree.set_static('roof', 'lidar', CAMERA)
    np.testing.assert_allclose(tree.lookup('roof', 'lidar'), CAMERA)
    assert tree.conflicts == ('frame lidar: expected one parent, got base_link and roof',)


def test_static_and_changing_transforms_of_one_frame_are_a_conflict() -> None:
    tree = TransformTree()
    tree.set_static('odom', 'base_link', MOUNT)
    tree.add('odom', 'base_link', 0, CAMERA)
    np.testing.assert_allclose(tree.lookup('odom', 'base_link', 0), CAMERA)
    assert tree.conflicts == (
        'frame base_link: expected a static or a changing transform, got both',
    )


def test_a_loop_is_refused_and_leaves_the_tree_as_it_was() -> None:
    tree = moving_tree()
    with pytest.raises(TransformError, match='a loop with lidar in base_link in odom'):
        tree.set_static('lidar', 'odom', MOUNT)
    with pytest.raises(TransformError, match='a loop with lidar'):
        tree.set_static('lidar', '/lidar', MOUNT)
    assert tree.lookup('odom', 'base_link', 0)[0, 3] == 0.0
    assert tree.conflicts == ()


def test_a_transform_that_is_not_rigid_is_refused_by_name() -> None:
    with pytest.raises(InvalidMessageError, match='transform from lidar to base_link: expected'):
        TransformTree().set_static('base_link', 'lidar', np.zeros((4, 4)))


def test_clearing_after_a_time_jump_keeps_static_transforms() -> None:
    tree = moving_tree()
    tree.clear_dynamic()
    np.testing.assert_allclose(tree.lookup('base_link', 'lidar'), MOUNT)
    with pytest.raises(TransformError, match='no parent for base_link'):
        tree.lookup('odom', 'lidar')


def test_one_thread_may_add_while_another_looks_up() -> None:
    tree = moving_tree()
    tree.add('odom', 'base_link', 0, at_x(0))

    def fill() -> None:
        for step in range(2000):
            tree.add('odom', 'base_link', SECOND + step * 1000, at_x(10 + step / 1e5))

    thread = Thread(target=fill)
    thread.start()
    found = [tree.lookup('odom', 'base_link')[0, 3] for _ in range(200)]
    thread.join()
    assert (np.diff(found) >= -1e-9).all()
    assert tree.lookup('odom', 'base_link')[0, 3] == pytest.approx(10.01999)

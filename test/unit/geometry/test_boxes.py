# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Boxes: corners, change of frame, points inside."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.geometry import boxes as box_geometry
from mm_fusion_ros.geometry import transforms


def make_boxes(count: int, seed: int = 0, spread: float = 20.0) -> Boxes3D:
    rng = np.random.default_rng(seed)
    return Boxes3D(
        centers=rng.uniform(-spread, spread, (count, 3)),
        sizes=rng.uniform(0.3, 6.0, (count, 3)),
        yaws=rng.uniform(-np.pi, np.pi, count),
        scores=rng.uniform(0, 1, count).astype(np.float32),
        classes=np.ones(count, np.int8),
        velocities=rng.uniform(-9, 9, (count, 3)).astype(np.float32),
        ids=np.arange(count),
    )


def brute_force(points: np.ndarray, boxes: Boxes3D) -> np.ndarray:
    inside = np.empty((len(boxes), len(points)), bool)
    for row in range(len(boxes)):
        T = transforms.from_euler(boxes.centers[row], 0, 0, boxes.yaws[row])
        local = transforms.apply(transforms.inverse(T), points)
        inside[row] = (np.abs(local) <= boxes.sizes[row] / 2).all(axis=1)
    return inside


def test_the_corners_of_a_turned_box_are_in_the_documented_order() -> None:
    box = Boxes3D(
        centers=np.array([[10.0, 0.0, 1.0]]),
        sizes=np.array([[4.0, 2.0, 3.0]]),
        yaws=np.array([np.pi / 2]),
        scores=np.ones(1, np.float32),
        classes=np.ones(1, np.int8),
    )
    footprint = [[9, 2], [9, -2], [11, -2], [11, 2]]
    np.testing.assert_allclose(box_geometry.bev_corners(box)[0], footprint, atol=1e-12)
    expected = [[x, y, -0.5] for x, y in footprint] + [[x, y, 2.5] for x, y in footprint]
    np.testing.assert_allclose(box_geometry.corners(box)[0], expected, atol=1e-12)


@given(st.integers(0, 1000))
def test_a_box_holds_its_corners_pulled_in_but_not_pushed_out(seed: int) -> None:
    box = make_boxes(1, seed)
    corners = box_geometry.corners(box)[0]
    inwards = box.centers + (corners - box.centers) * 0.999
    outwards = box.centers + (corners - box.centers) * 1.001
    assert (box_geometry.points_in_boxes(inwards, box) == 0).all()
    assert (box_geometry.points_in_boxes(outwards, box) == -1).all()


@given(st.integers(0, 1000))
def test_points_inside_are_those_of_the_plain_definition(seed: int) -> None:
    boxes = make_boxes(8, seed, spread=4.0)
    points = np.random.default_rng(seed).uniform(-6, 6, (300, 3)).astype(np.float32)
    inside = brute_force(points.astype(np.float64), boxes)
    first = np.where(inside.any(axis=0), inside.argmax(axis=0), -1)
    holder = box_geometry.points_in_boxes(points, boxes)
    assert holder.dtype == np.int32
    np.testing.assert_array_equal(holder, first)
    np.testing.assert_array_equal(box_geometry.count_points(points, boxes), inside.sum(axis=1))


@given(st.integers(0, 1000), st.floats(-3.1, 3.1))
def test_turning_boxes_and_points_together_changes_nothing(seed: int, yaw: float) -> None:
    boxes = make_boxes(6, seed, spread=4.0)
    T = transforms.from_euler([30, -20, 5], 0, 0, yaw)
    points = box_geometry.corners(boxes).reshape(-1, 3)
    points = np.concatenate([points * 0.997, points[::2] * 0.5])
    moved = box_geometry.transform_boxes(T, boxes)
    np.testing.assert_array_equal(
        box_geometry.count_points(transforms.apply(T, points), moved),
        box_geometry.count_points(points, boxes),
    )
    np.testing.assert_allclose(
        box_geometry.corners(moved).reshape(-1, 3),
        transforms.apply(T, box_geometry.corners(boxes).reshape(-1, 3)),
        atol=1e-9,
    )


@given(st.integers(0, 1000), st.floats(-3.1, 3.1))
def test_boxes_survive_the_way_there_and_back(seed: int, yaw: float) -> None:
    boxes = make_boxes(5, seed)
    T = transforms.from_euler([3, 2, 1], 0, 0, yaw)
    back = box_geometry.transform_boxes(
        transforms.inverse(T), box_geometry.transform_boxes(T, boxes)
    )
    np.testing.assert_allclose(back.centers, boxes.centers, atol=1e-9)
    np.testing.assert_allclose(np.cos(back.yaws - boxes.yaws), 1.0, atol=1e-9)
    np.testing.assert_allclose(back.velocities, boxes.velocities, atol=1e-4)
    np.testing.assert_array_equal(back.ids, boxes.ids)


def test_velocities_turn_with_the_frame_and_may_be_absent() -> None:
    boxes = make_boxes(3)
    T = transforms.from_euler([5, 5, 5], 0, 0, np.pi / 2)
    moved = box_geometry.transform_boxes(T, boxes)
    assert moved.velocities is not None
    assert boxes.velocities is not None
    np.testing.assert_allclose(moved.velocities[:, 1], boxes.velocities[:, 0], atol=1e-5)
    assert box_geometry.transform_boxes(T, Boxes3D.empty()).velocities is None


def test_no_boxes_and_no_points_are_no_trouble() -> None:
    points = np.zeros((4, 3), np.float32)
    none = Boxes3D.empty()
    np.testing.assert_array_equal(box_geometry.points_in_boxes(points, none), [-1] * 4)
    assert box_geometry.count_points(points, none).shape == (0,)
    assert box_geometry.corners(none).shape == (0, 8, 3)
    np.testing.assert_array_equal(box_geometry.count_points(points[:0], make_boxes(2)), [0, 0])

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The vocabulary: shapes and dtypes are checked, columns are indexed together."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.data_types import (
    Boxes3D,
    CameraImage,
    FrameReport,
    LabelledPoints,
    LidarSweep,
    ObjectClass,
    SensorState,
    StageTiming,
    StepResult,
)
from mm_fusion_ros.errors import InvalidMessageError


def make_boxes(count: int) -> Boxes3D:
    numbers = np.arange(count, dtype=np.float64)
    columns = np.stack([numbers] * 3, axis=1)
    return Boxes3D(
        centers=columns,
        sizes=columns + 1.0,
        yaws=numbers / 100.0,
        scores=numbers.astype(np.float32),
        classes=numbers.astype(np.int8),
        velocities=columns.astype(np.float32),
        ids=numbers.astype(np.int64),
        num_points=numbers.astype(np.int32),
    )


def make_sweep(count: int) -> LidarSweep:
    numbers = np.arange(count)
    return LidarSweep(
        stamp_ns=5,
        frame_id='lidar',
        points=np.stack([numbers] * 3, axis=1).astype(np.float32),
        intensity=numbers.astype(np.float32),
        ring=numbers.astype(np.uint16),
        time_offset_ns=numbers.astype(np.int32),
        num_dropped=2,
    )


@pytest.mark.parametrize('member', ObjectClass)
def test_a_class_survives_its_label(member: ObjectClass) -> None:
    assert member.label == member.label.lower()
    assert ObjectClass.from_label(member.label) is member


def test_an_unknown_class_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidMessageError, match=r"class name: .* pedestrian.*, got 'tram'"):
        ObjectClass.from_label('tram')


@given(st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_mask_picks_all_columns_of_boxes_together(mask: list[bool]) -> None:
    kept = np.flatnonzero(mask)
    picked = make_boxes(6)[np.array(mask)]
    assert len(picked) == len(kept)
    for column in (picked.centers[:, 0], picked.scores, picked.ids, picked.num_points):
        np.testing.assert_array_equal(column, kept)
    np.testing.assert_array_equal(picked.sizes[:, 2], kept + 1)
    np.testing.assert_array_equal(picked.yaws, kept / 100)
    np.testing.assert_array_equal(picked.classes, kept)
    np.testing.assert_array_equal(picked.velocities, np.stack([kept] * 3, axis=1))


def test_slices_and_indices_pick_points_and_leave_the_rest() -> None:
    sweep = make_sweep(5)
    for rows in (slice(1, 3), [1, 2], np.array([1, 2])):
        picked = sweep[rows]
        assert len(picked) == 2
        assert picked.points[:, 1].tolist() == [1, 2]
        assert picked.ring is not None
        assert picked.ring.tolist() == [1, 2]
        assert picked.time_offset_ns is not None
        assert picked.time_offset_ns.tolist() == [1, 2]
        assert (picked.stamp_ns, picked.frame_id, picked.num_dropped) == (5, 'lidar', 2)


def test_absent_columns_stay_absent() -> None:
    assert Boxes3D.empty()[np.zeros(0, bool)].ids is None
    assert len(Boxes3D.empty()) == 0


@pytest.mark.parametrize(
    ('column', 'value', 'message'),
    [
        ('centers', np.zeros((3, 2)), r'box centers: .* \(3, 3\), got float64 \(3, 2\)'),
        ('sizes', np.zeros((2, 3)), r'box sizes: expected float64 \(3, 3\), got float64 \(2, 3\)'),
        ('yaws', np.zeros((3, 1)), r'box yaws: expected float64 \(3\), got'),
        ('scores', np.zeros(3), 'box scores: expected float32 .* got float64'),
        ('classes', np.zeros(3, np.uint8), 'box classes: expected int8'),
        ('velocities', np.zeros((3, 3)), 'box velocities: expected float32'),
        ('ids', np.zeros(3, np.int32), 'box ids: expected int64'),
        ('num_points', np.zeros(2, np.int32), 'box num_points: expected int32'),
    ],
)
def test_a_column_of_boxes_that_does_not_fit_is_named(
    column: str, value: np.ndarray, message: str
) -> None:
    with pytest.raises(InvalidMessageError, match=message):
        replace(make_boxes(3), **{column: value})


@pytest.mark.parametrize(
    ('column', 'value', 'message'),
    [
        ('points', np.zeros((3, 4), np.float32), 'sweep points: expected float32'),
        ('points', np.zeros((3, 3), '>f4'), 'sweep points: expected float32'),
        ('intensity', np.zeros(2, np.float32), 'sweep intensity: expected float32'),
        ('ring', np.zeros(3, np.int32), 'sweep ring: expected uint16'),
        ('time_offset_ns', np.zeros(3), 'sweep time_offset_ns: expected int32'),
    ],
)
def test_a_column_of_a_sweep_that_does_not_fit_is_named(
    column: str, value: np.ndarray, message: str
) -> None:
    with pytest.raises(InvalidMessageError, match=message):
        replace(make_sweep(3), **{column: value})


def test_images_and_labelled_points_are_checked_too() -> None:
    assert CameraImage(0, 'camera', np.zeros((4, 6, 3), np.uint8)[:, ::-1]).pixels.shape[1] == 6
    with pytest.raises(InvalidMessageError, match=r'image pixels: expected uint8 \(N, N, 3\)'):
        CameraImage(0, 'camera', np.zeros((4, 6), np.uint8))
    points = np.zeros((4, 3), np.float32)
    assert len(LabelledPoints(points, np.zeros(4, np.uint8))) == 4
    with pytest.raises(InvalidMessageError, match='point labels: expected uint8'):
        LabelledPoints(points, np.zeros(3, np.uint8))


def test_columns_cannot_be_replaced_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        make_boxes(1).yaws = np.zeros(1)  # type: ignore[misc]


@pytest.mark.parametrize(
    ('present', 'partial', 'blind'),
    [((True, True), False, False), ((True, False), True, False), ((False, False), True, True)],
)
def test_a_report_says_whether_sensors_were_missing(
    present: tuple[bool, ...], partial: bool, blind: bool
) -> None:
    sensors = tuple(SensorState(str(row), 'lidar', there) for row, there in enumerate(present))
    report = FrameReport(1, 'base_link', sensors, (), 0)
    assert (report.is_partial, report.is_blind) == (partial, blind)


def test_what_holds_arrays_is_equal_to_itself_alone() -> None:
    boxes = make_boxes(2)
    points = LabelledPoints(np.zeros((2, 3), np.float32), np.zeros(2, np.uint8))
    result = StepResult(1, 'base_link', boxes, points, (StageTiming('merge', 1.0),))
    for value in (boxes, make_sweep(2), points, result):
        assert value == value
        assert value != replace(value)
        assert value in {value}


@pytest.mark.parametrize('size', [0.0, -1.0, np.nan, np.inf])
def test_a_box_without_a_size_is_refused(size: float) -> None:
    sizes = np.ones((3, 3))
    sizes[1, 2] = size
    with pytest.raises(InvalidMessageError, match=r'box sizes: expected finite numbers above 0 m'):
        replace(make_boxes(3), sizes=sizes)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Boxes survive the way into messages and back; markers and reports show what they should."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from message_samples import BAG_SAMPLES, STAMP_NS
import numpy as np
import pytest

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in import to_boxes
from mm_fusion_ros.messages.convert_out import from_boxes, markers_from_boxes


def random_boxes(count: int, seed: int = 0, **columns) -> Boxes3D:
    rng = np.random.default_rng(seed)
    return Boxes3D(
        centers=rng.uniform(-50, 50, (count, 3)),
        sizes=rng.uniform(0.1, 10, (count, 3)),
        yaws=rng.uniform(-np.pi, np.pi, count),
        scores=rng.uniform(0, 1, count).astype(np.float32),
        classes=rng.integers(0, len(ObjectClass), count).astype(np.int8),
        **columns)


@given(count=st.integers(0, 8), seed=st.integers(0, 1000), has_ids=st.booleans())
def test_boxes_survive_the_way_out_and_in(count, seed, has_ids):
    ids = np.arange(count, dtype=np.int64) * 7 - 2 if has_ids else None
    boxes = random_boxes(count, seed, ids=ids)
    message = from_boxes(boxes, STAMP_NS, 'base_link', BAG_TYPES)
    raw = TYPESTORE.serialize_cdr(message, 'vision_msgs/msg/Detection3DArray')
    stamp_ns, frame_id, back = to_boxes(
        TYPESTORE.deserialize_cdr(raw, 'vision_msgs/msg/Detection3DArray'))
    assert (stamp_ns, frame_id) == (STAMP_NS, 'base_link')
    np.testing.assert_array_equal(back.centers, boxes.centers)
    np.testing.assert_array_equal(back.sizes, boxes.sizes)
    np.testing.assert_allclose(back.yaws, boxes.yaws, atol=1e-12)
    np.testing.assert_array_equal(back.scores, boxes.scores)
    np.testing.assert_array_equal(back.classes, boxes.classes)
    if has_ids and count:
        np.testing.assert_array_equal(back.ids, ids)
    else:
        assert back.ids is None


def test_a_detection_has_its_pose_in_both_places_and_its_class_by_name():
    boxes = random_boxes(1)
    detection = from_boxes(boxes, STAMP_NS, 'base_link', BAG_TYPES).detections[0]
    assert detection.results[0].pose.pose == detection.bbox.center
    assert detection.bbox.center.position.x == boxes.centers[0, 0]
    assert detection.results[0].hypothesis.class_id == ObjectClass(boxes.classes[0]).label
    assert detection.header.frame_id == 'base_link'


def test_the_best_of_several_hypotheses_counts():
    message = from_boxes(random_boxes(1), STAMP_NS, 'base_link', BAG_TYPES)
    better = BAG_TYPES.ObjectHypothesisWithPose(
        hypothesis=BAG_TYPES.ObjectHypothesis(class_id='bus', score=1.0))
    message.detections[0].results.append(better)
    assert to_boxes(message).boxes.classes[0] == ObjectClass.BUS


def spoil(detection, case: str) -> None:
    if case == 'class':
        detection.results[0].hypothesis.class_id = 'unicorn'
    elif case == 'results':
        detection.results.clear()
    elif case == 'id':
        detection.id = 'seven'
    elif case == 'size':
        detection.bbox.size.y = 0.0
    elif case == 'center':
        detection.bbox.center.position.z = float('nan')
    elif case == 'score':
        detection.results[0].hypothesis.score = float('nan')
    else:
        detection.bbox.center.orientation.w = 3.0


@pytest.mark.parametrize(('case', 'text'), [
    ('class', "class name: expected one of obstacle, .*, got 'unicorn'"),
    ('results', 'box results: expected at least one, got none'),
    ('id', r"box ids: expected whole numbers, got \['seven'\]"),
    ('size', 'box sizes: expected finite numbers above 0 m'),
    ('center', 'box center: expected finite'),
    ('score', r'box score: expected 0 to 1, got \[nan\]'),
    ('orientation', 'box orientation: expected a quaternion of norm 1, got norm'),
])
def test_a_box_that_is_none_is_refused(case, text):
    message = from_boxes(random_boxes(1), STAMP_NS, 'base_link', BAG_TYPES)
    spoil(message.detections[0], case)
    with pytest.raises(InvalidMessageError, match=text):
        to_boxes(message)


def test_markers_delete_the_old_and_show_boxes_labels_and_what_moves():
    velocities = np.array([[3.0, 4.0, 0.0], [0.1, 0.0, 0.0], [np.nan] * 3], np.float32)
    boxes = random_boxes(3, velocities=velocities, ids=np.array([4, 5, 6]))
    message = markers_from_boxes(boxes, STAMP_NS, 'base_link', 0.5, BAG_TYPES)
    first, *others = message.markers
    assert first.action == first.DELETEALL
    kinds = [(marker.ns, marker.id) for marker in others]
    assert len(set(kinds)) == len(kinds) == 3 + 3 + 1
    by_name = dict(zip(kinds, others, strict=True))
    cube, text, arrow = (by_name[name, 0] for name in ('boxes', 'labels', 'velocities'))
    assert (cube.type, text.type, arrow.type) == (cube.CUBE, cube.TEXT_VIEW_FACING, cube.ARROW)
    assert (cube.scale.x, cube.scale.y, cube.scale.z) == tuple(boxes.sizes[0])
    assert text.text == f'{ObjectClass(boxes.classes[0]).label} #4 {boxes.scores[0]:.2f} 5.0 m/s'
    start, end = arrow.points
    assert (end.x - start.x, end.y - start.y) == pytest.approx((3, 4))
    assert cube.lifetime.nanosec == 500_000_000
    assert all(marker.color.a > 0 for marker in others)
    TYPESTORE.serialize_cdr(message, 'visualization_msgs/msg/MarkerArray')


def test_no_boxes_still_delete_the_old():
    message = markers_from_boxes(Boxes3D.empty(), STAMP_NS, 'base_link', 0.5, BAG_TYPES)
    assert [marker.action for marker in message.markers] == [3]
    assert from_boxes(Boxes3D.empty(), STAMP_NS, 'b', BAG_SAMPLES.types).detections == []

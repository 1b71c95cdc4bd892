# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers beside labels, as bags hold them, and what of them counts."""

from dataclasses import replace

import numpy as np
import pytest
from support import drive
from support.detections import boxes

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.evaluation.answered_frames import answered_frames, boxes_by_stamp, have_classes
from mm_fusion_ros.messages.convert_out import from_boxes, from_visibility

TOPIC, TRUTH = '/mm_fusion/detections', '/ground_truth/detections'
START_NS = drive.START_NS


def numbered(places):
    ids = np.arange(len(places)) + 10
    return replace(boxes(places), ids=ids)


def write_boxes(path, topic, items, also=()):
    """Write boxes at stamps, after other (topic, message) pairs."""
    with BagWriter(path) as bag:
        for other_topic, message in also:
            bag.write(other_topic, message, START_NS - 1, transient_local='tf' in other_topic)
        for stamp_ns, each in items:
            bag.write(topic, from_boxes(each, stamp_ns, 'base_link', BAG_TYPES), stamp_ns)
    return path


def visibility(each, column, counts, stamp_ns):
    return from_visibility(each, {column: np.array(counts)}, stamp_ns, BAG_TYPES)


def read(tmp_path, answers, truth, also=(), camera=''):
    output = write_boxes(tmp_path / 'out', TOPIC, answers)
    labels = write_boxes(tmp_path / 'labels', TRUTH, truth, also)
    return answered_frames(output, TOPIC, labels, camera)


def test_frames_are_those_with_both(tmp_path):
    later = START_NS + drive.PERIOD_NS
    frames = read(
        tmp_path, [(START_NS, boxes([(1, 0)])), (later, boxes([(2, 0)], 0.5))],
        [(later, boxes([(3, 0)])), (later + 1, boxes([(4, 0)]))])
    (frame,) = frames
    assert (frame.stamp_ns, frame.scene) == (later, 'labels')
    assert frame.answers.centers[:, 0].tolist() == [2]
    assert frame.truth.centers[:, 0].tolist() == [3]
    assert have_classes(frames)


def test_answers_of_geometry_alone_have_no_classes(tmp_path):
    answers = boxes([(1, 0)], classes=ObjectClass.OBSTACLE)
    frames = read(tmp_path, [(START_NS, answers)], [(START_NS, boxes([(3, 0)]))])
    assert not have_classes(frames)


def test_what_is_out_of_reach_does_not_count(tmp_path):
    both = boxes([(10, 0), (60, 0)])
    (frame,) = read(tmp_path, [(START_NS, both)], [(START_NS, both)])
    assert frame.is_ignored.tolist() == [False, True]
    assert frame.is_excused.tolist() == [False, True]


def test_what_no_sensor_saw_does_not_count(tmp_path):
    truth = numbered([(10, 0), (20, 0), (30, 0), (40, 0)])
    late_ns = START_NS + 30_000_000
    also = [
        ('/ground_truth/visibility/top', visibility(truth, 'points', [5, 0, 0, 0], START_NS)),
        ('/ground_truth/visibility/front', visibility(
            truth[:3], 'pixels', [0, 0, 7], late_ns)),
        ('/ground_truth/visibility/front', visibility(
            truth[:3], 'pixels', [0, 9, 0], late_ns + 10**9)),
    ]
    (frame,) = read(tmp_path, [(START_NS, Boxes3D.empty())], [(START_NS, truth)], also)
    assert frame.is_ignored.tolist() == [False, True, False, True]


def test_where_no_sensor_measured_nearby_all_counts(tmp_path):
    truth = numbered([(10, 0)])
    also = [('/ground_truth/visibility/top', visibility(truth, 'points', [0], START_NS + 10**9))]
    (frame,) = read(tmp_path, [(START_NS, Boxes3D.empty())], [(START_NS, truth)], also)
    assert frame.is_ignored.tolist() == [False]


def test_where_only_one_camera_is_labelled_answers_elsewhere_are_excused(tmp_path):
    also = [(drive.CAMERA_INFO, drive.camera_info(START_NS)), ('/tf_static', drive.transforms())]
    answers = boxes([(20, 0), (-20, 0), (10, 30)])
    (frame,) = read(tmp_path, [(START_NS, answers)], [(START_NS, answers[:1])], also, 'front')
    assert frame.is_excused.tolist() == [False, True, True]
    assert frame.is_ignored.tolist() == [False]


def test_a_camera_that_is_not_there_is_named(tmp_path):
    both = [(START_NS, boxes([(1, 0)]))]
    with pytest.raises(BagError, match='messages on /sensing/camera/rear/camera_info, got none'):
        read(tmp_path, both, both, camera='rear')


def test_a_bag_without_answers_is_refused(tmp_path):
    labels = write_boxes(tmp_path / 'labels', TRUTH, [(START_NS, boxes([(1, 0)]))])
    with pytest.raises(BagError, match=f'expected messages on {TOPIC}, got none'):
        boxes_by_stamp(labels, TOPIC)

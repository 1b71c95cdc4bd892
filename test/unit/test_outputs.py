# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is published, and from what it is made."""

import numpy as np
import pytest
from support import drive

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import (
    Boxes3D,
    CameraImage,
    CameraInput,
    LabelledPoints,
    ObjectClass,
    PointLabel,
    SensorFrame,
    StageTiming,
    StepResult,
)
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.messages.convert_in import to_boxes, to_camera_image, to_frame_report
from mm_fusion_ros.outputs import all_outputs, Answer, report_output, result_outputs, view_outputs
from mm_fusion_ros.perception_config import perception_config

CONFIG = perception_config({'front.rectified': True})
STAMP_NS, IMAGE_STAMP_NS = drive.START_NS, drive.START_NS - 3_000_000
BOX = Boxes3D(
    centers=np.array([[15.0, 0.0, 1.0]]), sizes=np.array([[4.0, 2.0, 1.5]]), yaws=np.zeros(1),
    scores=np.ones(1, np.float32), classes=np.array([ObjectClass.OBSTACLE], np.int8))


@pytest.fixture
def answer():
    pixels = np.full((drive.HEIGHT, drive.WIDTH, 3), 90, np.uint8)
    camera = CameraInput(
        'front', CameraImage(IMAGE_STAMP_NS, 'camera_front_optical', pixels),
        CameraModel(drive.WIDTH, drive.HEIGHT, drive.P), drive.T_BASE_CAMERA)
    points = LabelledPoints(
        np.array([[14, 0, 1], [-5, 0, 0]], np.float32),
        np.array([PointLabel.BOX, PointLabel.GROUND], np.uint8))
    frame = SensorFrame(STAMP_NS, 'base_link', cameras=(camera,))
    result = StepResult(STAMP_NS, 'base_link', BOX, points, warnings=('mind this',))
    return Answer(frame, result, (StageTiming('obstacles', 4.0),))


def build(answer, topic):
    output = next(output for output in all_outputs(CONFIG) if output.topic == topic)
    return output.build(answer, BAG_TYPES)


def test_results_come_first_and_the_report_last():
    topics = [output.topic for output in all_outputs(CONFIG)]
    assert topics == [
        'detections', 'markers', 'points_fused', 'image_overlay/front',
        'image_overlay/front/compressed', 'frame_report']
    assert len(result_outputs()) + len(view_outputs(CONFIG)) + 1 == len(topics)
    assert report_output().topic == 'frame_report'


def test_every_message_is_of_the_type_announced_and_serialisable(answer):
    for output in all_outputs(CONFIG):
        message = output.build(answer, BAG_TYPES)
        assert message.__msgtype__ == output.type


def test_detections_have_the_stamp_and_frame_of_the_answer(answer):
    found = to_boxes(build(answer, 'detections'))
    assert (found.stamp_ns, found.frame_id) == (STAMP_NS, 'base_link')
    np.testing.assert_allclose(found.boxes.centers, BOX.centers)


def test_overlays_keep_the_stamp_of_their_image_and_show_the_box(answer):
    image = to_camera_image(build(answer, 'image_overlay/front'))
    assert (image.stamp_ns, image.frame_id) == (IMAGE_STAMP_NS, 'camera_front_optical')
    assert (image.pixels != 90).any()
    jpeg = to_camera_image(build(answer, 'image_overlay/front/compressed'))
    assert jpeg.stamp_ns == IMAGE_STAMP_NS
    assert np.abs(jpeg.pixels.astype(int) - image.pixels).mean() < 5


def test_an_absent_camera_has_no_overlay(answer):
    blind = Answer(SensorFrame(STAMP_NS, 'base_link'), answer.result)
    assert build(blind, 'image_overlay/front') is None
    assert build(blind, 'image_overlay/front/compressed') is None


def test_an_overlay_is_not_taken_for_that_of_the_next_answer(answer):
    overlay = next(o for o in view_outputs(CONFIG) if o.topic == 'image_overlay/front')
    empty = StepResult(
        STAMP_NS, 'base_link', Boxes3D.empty(),
        LabelledPoints(np.empty((0, 3), np.float32), np.empty(0, np.uint8)))
    overlay.build(answer, BAG_TYPES)
    second = overlay.build(Answer(answer.frame, empty), BAG_TYPES)
    assert (to_camera_image(second).pixels == 90).all()


def test_the_report_tells_what_stood_behind_the_answer(answer):
    report = to_frame_report(build(answer, 'frame_report'))
    assert report.num_boxes == 1
    assert report.warnings == ('mind this',)
    assert [(item.stage, item.elapsed_ms) for item in report.stages] == [('obstacles', 4.0)]

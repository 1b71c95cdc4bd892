# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Points in the colors of a camera, and a camera's image with points and boxes."""

import numpy as np
import pytest

from mm_fusion_ros.data_types import (
    Boxes3D,
    CameraImage,
    CameraInput,
    LabelledPoints,
    ObjectClass,
    PointLabel,
)
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.report.camera_overlay import camera_overlay
from mm_fusion_ros.report.point_colors import label_colors, point_colors

P = np.array([[100.0, 0, 100, 0], [0, 100.0, 50, 0], [0, 0, 1.0, 0]])


def camera(yaw=0.0, color=(10, 20, 30)):
    """Put a camera into the base's origin that looks along yaw."""
    pixels = np.full((100, 200, 3), color, np.uint8)
    return CameraInput(
        'front', CameraImage(0, 'optical', pixels), CameraModel(200, 100, P),
        from_euler((0.0, 0.0, 0.0), -np.pi / 2, 0.0, yaw - np.pi / 2))


def points(rows, labels):
    return LabelledPoints(np.array(rows, np.float32), np.array(labels, np.uint8))


AHEAD, BEHIND = (10.0, 0.0, 0.0), (-10.0, 0.0, 0.0)


def test_a_seen_point_has_the_color_of_the_image_and_others_that_of_their_label():
    found = point_colors(points([AHEAD, BEHIND], [PointLabel.OBSTACLE] * 2), (camera(),))
    np.testing.assert_array_equal(found[0], (10, 20, 30))
    np.testing.assert_array_equal(found[1:], label_colors(np.array([PointLabel.OBSTACLE])))


def test_the_first_camera_that_sees_a_point_colors_it():
    cameras = (camera(), camera(0.1, (200, 0, 0)), camera(np.pi, (0, 200, 0)))
    found = point_colors(points([AHEAD, BEHIND], [PointLabel.GROUND] * 2), cameras)
    assert found.tolist() == [[10, 20, 30], [0, 200, 0]]


def test_points_in_boxes_keep_the_color_of_their_label():
    found = point_colors(points([AHEAD], [PointLabel.BOX]), (camera(),))
    np.testing.assert_array_equal(found, label_colors(np.array([PointLabel.BOX])))


def test_each_label_has_its_own_color():
    colors = label_colors(np.array(list(PointLabel), np.uint8))
    assert len(np.unique(colors, axis=0)) == len(PointLabel)


@pytest.mark.parametrize('cameras', [(), (camera(),)])
def test_no_points_have_no_colors(cameras):
    nothing = points(np.empty((0, 3)), [])
    assert point_colors(nothing, cameras).shape == (0, 3)
    assert (camera_overlay(camera(), Boxes3D.empty(), nothing) == (10, 20, 30)).all()


def test_the_overlay_marks_standing_points_by_distance_and_not_the_ground():
    rows = [(5, 0, 0), (45, -10, 0), (10, 2, 0)]
    labels = [PointLabel.OBSTACLE, PointLabel.BOX, PointLabel.GROUND]
    image = camera_overlay(camera(), Boxes3D.empty(), points(rows, labels))
    marked = (image != (10, 20, 30)).any(axis=-1)
    assert marked.sum() == 2 * 4  # squares of two pixels
    near, far = image[50, 100].astype(int), image[50, 100 + 22].astype(int)
    assert near[0] > near[2]  # red
    assert far[2] > far[0]  # blue


def test_boxes_are_drawn_into_a_copy_of_the_image():
    boxes = Boxes3D(
        centers=np.array([[10.0, 0, 0]]), sizes=np.array([[2.0, 2, 2]]), yaws=np.zeros(1),
        scores=np.ones(1, np.float32), classes=np.array([ObjectClass.CAR], np.int8))
    seen = camera()
    image = camera_overlay(seen, boxes, None)
    rows, columns = np.nonzero((image != (10, 20, 30)).any(axis=-1))
    assert rows.min() == pytest.approx(50 - 100 / 9, abs=2)
    assert columns.max() == pytest.approx(100 + 100 / 9, abs=2)
    assert (seen.image.pixels == (10, 20, 30)).all()

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Where boxes are in an image, and how much of them it shows."""

from dataclasses import replace

import numpy as np
import pytest
from support import drive
from support.detections import boxes

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.evaluation.image_view import covered_shares, hidden_shares, ImageView
from mm_fusion_ros.geometry.projection import CameraModel

VIEW = ImageView(CameraModel(drive.WIDTH, drive.HEIGHT, drive.P), drive.T_BASE_CAMERA)
NONE = np.empty((0, 4))


def test_a_box_is_shown_if_its_centre_is():
    assert VIEW.shows(boxes([(20, 0), (-20, 0), (10, 9), (2, 9)])).tolist() == [
        True, False, False, False]


def test_the_outline_of_a_box_encloses_its_corners():
    # Its rear face, 2 m wide and 1.5 m high, is 16.5 m ahead of the camera, which is 1.6 m up.
    box = replace(boxes([(20, 0)], size=(4.0, 2.0, 1.5)), centers=np.array([(20.0, 0.0, 0.75)]))
    wanted = [160 - 300 / 16.5, 60 + 300 * 0.1 / 20.5, 160 + 300 / 16.5, 60 + 300 * 1.6 / 16.5]
    assert VIEW.outlines_px(box)[0] == pytest.approx(wanted)


def test_an_outline_ends_at_the_edges_of_the_image():
    left, top, right, bottom = VIEW.outlines_px(boxes([(3, 1.5)], size=(2.0, 2.0, 4.0)))[0]
    assert (left, top, bottom) == (0.0, 0.0, drive.HEIGHT)
    assert 0.0 < right < drive.WIDTH


def test_what_is_behind_has_no_outline():
    assert VIEW.outlines_px(boxes([(-20, 0)]))[0].tolist() == [0.0] * 4
    assert VIEW.outlines_px(boxes([])).shape == (0, 4)


def test_the_rectangle_that_covers_most_counts():
    outlines = np.array([(0, 0, 10, 10), (20, 0, 30, 10), (5, 5, 5, 9)], np.float64)
    rectangles = np.array([(0, 0, 4, 10), (2, 0, 9, 10), (40, 0, 50, 10)], np.float64)
    assert covered_shares(outlines, rectangles).tolist() == [0.7, 0.0, 0.0]
    assert covered_shares(outlines, NONE).tolist() == [0.0] * 3
    assert covered_shares(NONE, rectangles).shape == (0,)


def test_what_is_missing_of_an_outline_is_hidden():
    cars = boxes([(20, 0), (20, 0), (-20, 0), (200, 0)])
    left, top, right, bottom = VIEW.outlines_px(cars)[0]
    whole = round(0.7 * (right - left) * (bottom - top))
    pixels = np.array([[whole, whole // 4, 0, 0], [0, 0, 0, 0]], np.int32)
    behind = replace(VIEW, T_base_camera=VIEW.T_base_camera @ np.diag([-1.0, 1.0, -1.0, 1.0]))
    shares = hidden_shares(cars[:3], pixels[:, :3], (VIEW, behind))
    assert shares == pytest.approx([0.0, 0.75, 1.0], abs=0.01)  # the third is hidden behind
    assert np.isnan(hidden_shares(cars, pixels[:1], (VIEW,))[2:]).all()


def test_slim_bodies_fill_less_of_their_outline():
    people = boxes([(10, 0)], classes=ObjectClass.PEDESTRIAN)
    left, top, right, bottom = VIEW.outlines_px(people)[0]
    pixels = np.array([[round(0.38 * (right - left) * (bottom - top))]], np.int32)
    assert hidden_shares(people, pixels, (VIEW,)) == pytest.approx([0.0], abs=0.01)


def test_without_cameras_nothing_is_known():
    assert np.isnan(hidden_shares(boxes([(5, 0)]), np.empty((0, 1), np.int32), ())).all()

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""CameraInfo gives the model of the images, which may be a part of what the sensor sees."""

from __future__ import annotations

from types import SimpleNamespace

from message_samples import BAG_SAMPLES
import numpy as np
import pytest

from mm_fusion_ros.data_types import CameraImage
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in import check_image_fits, to_camera_model

INFO = BAG_SAMPLES.camera_info()


def region(left: int, top: int, width: int, height: int):
    return BAG_SAMPLES.make(
        'sensor_msgs/msg/RegionOfInterest',
        x_offset=left, y_offset=top, width=width, height=height)


def test_a_raw_camera_has_k_and_d():
    model = to_camera_model(INFO, rectified=False)
    np.testing.assert_array_equal(model.matrix, INFO.k.reshape(3, 3))
    np.testing.assert_array_equal(model.projection[:, 3], 0)
    np.testing.assert_array_equal(model.distortion, INFO.d)
    assert (model.width, model.height, model.distortion_model) == (640, 480, 'plumb_bob')


def test_a_rectified_camera_has_p_with_its_baseline_and_no_d():
    model = to_camera_model(INFO, rectified=True)
    np.testing.assert_array_equal(model.projection, INFO.p.reshape(3, 4))
    assert model.distortion_model == 'none'


@pytest.mark.parametrize('fields', [
    {'d': np.empty(0), 'distortion_model': ''}, {'d': np.empty(0)}, {'d': np.zeros(5)},
])
def test_no_distortion_is_none(fields):
    model = to_camera_model(BAG_SAMPLES.camera_info(**fields), rectified=False)
    assert model.distortion_model == 'none'


def test_a_fisheye_without_coefficients_is_still_a_fisheye():
    info = BAG_SAMPLES.camera_info(distortion_model='equidistant', d=np.zeros(4))
    assert to_camera_model(info, rectified=False).distortion_model == 'equidistant'


@pytest.mark.parametrize('rectified', [False, True])
def test_region_and_binning_cut_the_image_as_they_cut_the_projection(rectified):
    full = to_camera_model(INFO, rectified)
    cut = to_camera_model(
        BAG_SAMPLES.camera_info(roi=region(100, 40, 400, 300), binning_x=2, binning_y=4),
        rectified)
    assert (cut.width, cut.height) == (200, 75)
    points = np.random.default_rng(0).uniform((-0.1, -0.1, 5), (0.1, 0.1, 9), (20, 3))
    expected = (full.project(points).pixels - (100, 40)) / (2, 4)
    np.testing.assert_allclose(cut.project(points).pixels, expected, atol=1e-9)


def test_a_ros_1_message_is_read_too():
    old = SimpleNamespace(**{
        name.upper() if name in 'kdpr' else name: getattr(INFO, name)
        for name in ('width', 'height', 'distortion_model', 'd', 'k', 'p', 'roi', 'binning_x',
                     'binning_y')})
    np.testing.assert_array_equal(
        to_camera_model(old, rectified=False).projection,
        to_camera_model(INFO, rectified=False).projection)


@pytest.mark.parametrize(('rectified', 'fields', 'text'), [
    (False, {'k': np.zeros(9)}, r'camera_info k: expected 3 x 3 .*\(an uncalibrated camera'),
    (False, {'k': np.full(9, np.nan)}, 'camera_info k: expected 3 x 3 finite numbers'),
    (False, {'k': np.ones(8)}, 'camera_info k: expected 3 x 3'),
    (True, {'p': np.zeros(12)}, 'camera_info p: expected 3 x 4 finite numbers'),
    (False, {'distortion_model': 'magic'}, "distortion model: expected one of .*, got 'magic'"),
    (False, {'distortion_model': ''}, "distortion model: expected one of .*, got ''"),
    (False, {'d': np.array([np.nan])}, 'camera_info d: expected finite numbers'),
    (False, {'width': 0}, 'camera_info roi: expected a part of 0 x 480 px'),
    (False, {'roi': region(600, 0, 100, 10)}, 'camera_info roi: expected a part of 640 x 480 px'),
    (False, {'binning_x': 2000}, 'image size: expected positive'),
])
def test_a_camera_info_that_cannot_be_used_is_refused(rectified, fields, text):
    with pytest.raises(InvalidMessageError, match=text):
        to_camera_model(BAG_SAMPLES.camera_info(**fields), rectified)


def test_an_image_of_another_size_is_refused():
    model = to_camera_model(INFO, rectified=False)
    check_image_fits(model, CameraImage(0, 'c', np.zeros((480, 640, 3), np.uint8)))
    text = r'expected 640 x 480 as in camera_info, got 640 x 4$'
    with pytest.raises(InvalidMessageError, match=text):
        check_image_fits(model, CameraImage(0, 'c', np.zeros((4, 640, 3), np.uint8)))

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The perception node on compressed images, good and bad."""

import cv2
import numpy as np
import pytest
from support import drive
from support.bench import assert_answers_well, Bench

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.messages.convert_out import from_jpeg

pytestmark = pytest.mark.system


@pytest.fixture(scope='module')
def bench():
    with Bench(front__topic=f'{drive.IMAGE}/compressed') as bench:
        bench.send_calibration()
        bench.report(bench.send_frame(image=jpeg(GOOD_JPEG)))  # discovery is over
        yield bench


def jpeg(data):
    return lambda stamp_ns: from_jpeg(data, stamp_ns, 'camera_front_optical', BAG_TYPES)


def good_jpeg(stamp_ns):
    pixels = np.asarray(drive.image(stamp_ns).data).reshape(drive.HEIGHT, drive.WIDTH, 3)
    data = cv2.imencode('.jpg', pixels)[1].tobytes()
    return jpeg(data)(stamp_ns)


GREY = np.full((drive.HEIGHT, drive.WIDTH, 3), 90, np.uint8)
GOOD_JPEG = cv2.imencode('.jpg', GREY)[1].tobytes()
HUGE = GOOD_JPEG.replace(
    drive.HEIGHT.to_bytes(2, 'big') + drive.WIDTH.to_bytes(2, 'big'), b'\xff\xff\xff\xff', 1)


@pytest.mark.parametrize(('data', 'text'), [
    (b'', 'front: compressed image'),
    (b'\xff\xd8 no jpeg at all', 'front: compressed image'),
    (GOOD_JPEG[: len(GOOD_JPEG) // 2], 'front: compressed image'),
    (HUGE, '65535 x 65535'),
], ids=['empty', 'no jpeg', 'truncated', 'huge'])
def test_a_bad_jpeg_is_named_and_the_next_is_answered(bench, data, text):
    report = bench.report(bench.send_frame(image=jpeg(data)))
    assert any(text in warning for warning in report.warnings), report.warnings
    assert [sensor.present for sensor in report.sensors] == [True, False]
    assert_answers_well(bench, image=good_jpeg)

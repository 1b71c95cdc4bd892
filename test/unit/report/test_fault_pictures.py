# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of faults show the sensor without the fault at the left, and with it at the right."""

import cv2
import numpy as np
import pytest
from support import drive

from mm_fusion_ros import share
from mm_fusion_ros.faults.spec import load_faults
from mm_fusion_ros.perception_config import load_perception_config
from mm_fusion_ros.report.fault_pictures import draw_fault


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    path = tmp_path_factory.mktemp('faults') / 'bag'
    drive.write_drive(path)
    return path


@pytest.fixture
def drawn(bag, tmp_path):
    config = load_perception_config(share.perception_parameters(), share.vehicle_file('sim'))

    def draw(sensor, kind, start_s=0.1):
        faults = tmp_path / 'faults.yaml'
        faults.write_text(
            f'faults: [{{sensor: {sensor}, kind: {kind}, start_s: {start_s}, end_s: 0.4}}]')
        path = tmp_path / 'pictures' / f'{kind}.png'
        draw_fault(bag, load_faults(faults, config)[0], config, path)
        return cv2.imread(str(path))

    return draw


def halves(picture):
    middle = picture.shape[1] // 2
    return picture[:, :middle - 6].astype(float), picture[:, middle:-6].astype(float)


def test_an_image_is_seen_dark_at_the_right(drawn):
    without, with_fault = halves(drawn('front', 'darken'))
    assert without.mean() > 2.0 * with_fault.mean()


def test_a_sweep_is_seen_with_fewer_points_at_the_right(drawn):
    without, with_fault = (
        (half.max(axis=2) > 150).sum() for half in halves(drawn('top', 'thinned')))
    assert 0.2 * without < with_fault < 0.9 * without


@pytest.mark.parametrize(('sensor', 'kind'), [
    ('top', 'extrinsics_rotated'), ('front', 'camera_info_scaled')])
def test_calibration_is_seen_where_points_fall_in_the_image(drawn, sensor, kind):
    start_s = 0.0 if kind == 'extrinsics_rotated' else 0.1
    without, with_fault = halves(drawn(sensor, kind, start_s))
    assert np.abs(without - with_fault).max() > 50.0


def test_a_damaged_sweep_is_drawn_or_its_error_told(drawn):
    without, with_fault = halves(drawn('top', 'corrupt_bytes'))
    assert without.shape == with_fault.shape
    assert np.abs(without - with_fault).max() > 50.0


@pytest.mark.parametrize('kind', ['drop', 'delay', 'truncated'])
def test_passage_is_plotted_in_red_over_grey(drawn, kind):
    plot = drawn('top', kind).astype(int)
    blue, green, red = np.moveaxis(plot, -1, 0)
    assert ((red - green > 80) & (red - blue > 80)).any()
    assert ((np.ptp(plot, axis=-1) < 8) & (red < 160) & (red > 90)).any()

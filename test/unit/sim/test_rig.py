# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Rigs are read from files; what is wrong with one is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.sim.rig import load_rig


def written(tmp_path, text):
    path = tmp_path / 'rig.yaml'
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(('name', 'cameras', 'beams'), [
    ('demo', 1, 32), ('kitti', 1, 64), ('nuscenes', 6, 32)])
def test_rigs_that_ship_can_be_read(name, cameras, beams):
    rig = load_rig(name)
    assert len(rig.cameras) == cameras
    assert [len(lidar.settings.elevations_deg) for lidar in rig.lidars] == [beams]


def test_rigs_that_ship_have_clocks_and_lenses_as_real_ones():
    demo, kitti, nuscenes = map(load_rig, ('demo', 'kitti', 'nuscenes'))
    assert (demo.gnss.clock.delay_ms, kitti.gnss.clock.delay_ms) == (80.0, 60.0)
    offsets = [camera.clock.offset_ms for camera in nuscenes.cameras]
    assert len(set(offsets)) == 6
    assert max(map(abs, offsets)) < 5.0
    assert demo.cameras[0].settings.model().distortion_model == 'plumb_bob'
    assert all(camera.settings.model().distortion_model == 'none' for camera in nuscenes.cameras)


def test_a_rig_of_its_own_may_mix_any_sensors(tmp_path):
    rig = load_rig(written(tmp_path, (
        'cameras: [left, right]\nlidars: [a, b]\nleft: {yaw_deg: 90.0, clock: {offset_ms: 20.0}}\n'
        'b: {rate_hz: 20.0}\nimu: {rate_hz: 400}\n')))
    assert [camera.name for camera in rig.cameras] == ['left', 'right']
    assert rig.cameras[0].settings.yaw_deg == 90.0
    assert rig.cameras[0].clock.offset_ms == 20.0
    assert rig.lidars[1].settings.rate_hz == 20.0
    assert rig.imu.settings.rate_hz == 400.0


def test_all_sensors_are_mounted_alike():
    rig = load_rig('nuscenes')
    for sensor in (*rig.cameras, *rig.lidars, rig.imu, rig.gnss):
        settings = replace(sensor.settings, x_m=1.0, y_m=2.0, z_m=3.0, roll_deg=0.0,
                           pitch_deg=10.0, yaw_deg=90.0)
        T = settings.T_base_mount
        np.testing.assert_allclose(T[:3, 3], (1.0, 2.0, 3.0))
        ahead = np.cos(np.radians(10.0)), -np.sin(np.radians(10.0))
        np.testing.assert_allclose(T[:3, 0], (0.0, *ahead), atol=1e-12)


@pytest.mark.parametrize(('text', 'message'), [
    ('cameras: [front]\nfront: {widht: 3}\n', r'front\.widht: .*close to it: front\.width'),
    ('cameras: [front]\nfront: {width: -3}\n', 'front.width: expected 16 to 8192 px, got -3'),
    ('cameras: front\n', 'cameras of rig .*: expected a list of names'),
    ('imu: {rate_hz: 100}\n', 'expected a camera or a LiDAR, got none'),
    ('cameras: [imu]\n', 'expected names of their own'),
    ('cameras: [a]\nlidars: [a]\n', 'expected names of their own'),
    ('[1, 2]\n', 'expected names at the top'),
    ('a: [\n', 'expected readable YAML'),
])
def test_a_wrong_rig_is_refused_with_its_reason(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        load_rig(written(tmp_path, text))


def test_an_unknown_rig_names_those_there_are():
    known = 'demo, kitti, nuscenes, surround'
    with pytest.raises(ConfigError, match=f'rig: expected one of {known} or'):
        load_rig('demmo')


def test_another_vehicle_carries_all_sensors_higher_or_lower_and_pitched():
    rig = load_rig('demo')
    varied = rig.varied(np.random.default_rng(0))
    up = [b.settings.z_m - a.settings.z_m for a, b in zip(
        (*rig.cameras, *rig.lidars), (*varied.cameras, *varied.lidars), strict=True)]
    assert np.ptp(up) < 1e-9
    assert 0.0 < abs(up[0]) <= 0.3
    assert 0.0 < abs(varied.lidars[0].settings.pitch_deg) <= 1.0
    assert varied.cameras[0].settings.width == rig.cameras[0].settings.width

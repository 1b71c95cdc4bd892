# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the doctor says about recorded drives.
"""

from __future__ import annotations

import pytest

from mm_fusion_ros.bags.datasets.nuscenes import convert_nuscenes
from mm_fusion_ros.doctor import examine, render, vehicle_yaml
from mm_fusion_ros.perception_config import load_perception_config
from mm_fusion_ros.share import perception_parameters, vehicle_file

pytestmark = pytest.mark.real_data


def _silently(done: int, total: int) -> None:
    assert 0 <= done <= total


@pytest.fixture(scope='module')
def kitti(kitti_bag):
    return examine(kitti_bag, None, _silently)


def test_the_kitti_drive_is_found_whole(kitti):
    rows = {row.topic: row for row in kitti.topics}
    for topic in ('/sensing/lidar/top/points', '/sensing/camera/front/image_raw',
                  '/sensing/imu/data', '/sensing/gnss/fix'):
        assert rows[topic].count == 60
        assert rows[topic].statistics.rate_hz == pytest.approx(10.0, abs=0.4)
    assert rows['/sensing/camera/front/image_raw'].layout.endswith('8 1242x375')
    assert rows['/sensing/lidar/top/points'].layout == 'x y z intensity ring:u16 time'


def test_the_ground_of_the_kitti_drive_is_at_zero_in_base_link(kitti):
    [ground] = [row.ground for row in kitti.topics if row.ground]
    assert abs(ground.height_m) < 0.1
    assert ground.tilt_deg < 2.0


def test_nothing_keeps_perception_silent_on_the_kitti_drive(kitti):
    assert [f for f in kitti.findings if f.severity != 'info'] == []
    assert render(kitti).endswith(
        'perception would answer at 9.7 Hz: 60 answers, top in 60, front in 60')


def test_the_vehicle_file_of_the_kitti_drive_says_what_the_shipped_one_says(kitti, tmp_path):
    file = tmp_path / 'vehicle.yaml'
    file.write_text(vehicle_yaml(kitti), encoding='utf-8')
    proposed = load_perception_config(perception_parameters(), file)
    shipped = load_perception_config(perception_parameters(), vehicle_file('kitti'))
    assert proposed.lidar[0].topic == '/sensing/lidar/top/points'
    assert proposed.lidar[0].stamp_is == shipped.lidar[0].stamp_is == 'middle'
    assert proposed.camera == shipped.camera


def test_the_vehicle_file_of_another_data_set_is_refuted(kitti_bag):
    config = load_perception_config(perception_parameters(), vehicle_file('nuscenes'))
    report = render(examine(kitti_bag, config, _silently))
    assert '-> set front.topic, perhaps to /sensing/camera/front/image_raw\n' in report
    assert 'top.stamp_is: expected middle' in report
    assert 'top in 60, front in 0' in report


def test_six_cameras_are_found_in_the_nuscenes_frame(data_dir, tmp_path):
    convert_nuscenes(data_dir / 'nuscenes_1frame', tmp_path / 'bag', _silently)
    examination = examine(tmp_path / 'bag', None, _silently)
    assert examination.config.cameras == (
        'front', 'front_left', 'front_right', 'back', 'back_left', 'back_right')
    assert examination.config.lidar[0].stamp_is == 'start'  # the default: no times tell
    assert [f for f in examination.findings if f.severity == 'error'] == []
    assert all(sensor.usable and sensor.present == 1 for sensor in examination.outlook)
    assert abs(next(row.ground for row in examination.topics if row.ground).height_m) < 0.3


def test_a_bag_without_lidar_and_camera_is_told_so(data_dir):
    examination = examine(data_dir / 'imu_gps_bag' / 'husky_campus.bag', None, _silently)
    assert 'perception would stay silent: sensors: expected PointCloud2 or Image messages, got ' \
        'nav_msgs/msg/Odometry' in render(examination)
    rows = {row.topic: row for row in examination.topics}
    assert rows['/imu/data'].count == 11865
    assert rows['/imu/data'].statistics.rate_hz == pytest.approx(30.0, abs=0.5)
    assert 'ros__parameters: {}' in vehicle_yaml(examination)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Each way to break a small drive is found, with the text that a user reads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rosbags.interfaces import QosReliability
from unit.doctor.small_drive import (
    camera_info,
    cloud,
    COUNT,
    ground,
    image,
    mounting,
    PERIOD_NS,
    SmallDrive,
    START_NS,
)

from mm_fusion_ros.bags.read import TopicInfo
from mm_fusion_ros.bags.write import _qos
from mm_fusion_ros.doctor import Examination, examine, render, vehicle_yaml
from mm_fusion_ros.doctor.inertial_contents import GnssContents, ImuContents
from mm_fusion_ros.doctor.recording import Recording, Stream
from mm_fusion_ros.doctor.sensor_checks import check_contents
from mm_fusion_ros.doctor.topic_checks import check_topics
from mm_fusion_ros.doctor.transform_contents import TransformContents
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.perception_config import load_perception_config, perception_config
from mm_fusion_ros.share import perception_parameters

if TYPE_CHECKING:
    from pathlib import Path

    from mm_fusion_ros.doctor.findings import Finding
    from mm_fusion_ros.perception_config import PerceptionConfig

_LEVEL = (0.0, 0.0, 0.0, 1.0)
_CONFIG = {
    'lidars': ['velodyne'], 'cameras': ['cam0'],
    'velodyne.topic': '/velodyne_points', 'cam0.topic': '/cam0/image_raw',
}


def run(drive: SmallDrive, tmp_path: Path, config: PerceptionConfig | None = None) -> Examination:
    return examine(drive.write(tmp_path / 'bag'), config, lambda done, total: None)


def worst(examination: Examination, severity: str = 'error') -> list[Finding]:
    return [f for f in examination.findings if f.severity == severity]


def texts(examination: Examination, severity: str = 'error') -> str:
    return '\n'.join(f'{f.text} -> {f.remedy}' for f in worst(examination, severity))


def test_a_whole_drive_has_nothing_wrong_and_yields_a_vehicle_file_that_loads(tmp_path):
    examination = run(SmallDrive(), tmp_path)
    assert texts(examination, 'error') == ''
    assert texts(examination, 'warning') == ''
    assert examination.frames == ('base_link', 'cam0_optical', 'velodyne')
    assert render(examination).endswith(
        'perception would answer at 10.0 Hz: 40 answers, velodyne in 40, cam0 in 40')
    file = tmp_path / 'vehicle.yaml'
    file.write_text(vehicle_yaml(examination), encoding='utf-8')
    config = load_perception_config(perception_parameters(), file)
    assert config.lidars == ('velodyne',)
    assert config.cameras == ('cam0',)
    assert config.lidar[0].topic == '/velodyne_points'
    assert config.camera[0].topic == '/cam0/image_raw'
    assert config == examination.config


def test_a_lidar_without_transform_is_named_with_the_command_and_the_height_it_needs(tmp_path):
    drive = SmallDrive(mountings=SmallDrive().mountings[1:])
    examination = run(drive, tmp_path)
    [finding] = worst(examination)
    assert finding.topic == '/velodyne_points'
    assert finding.text.startswith('transform from velodyne to base_link: expected a chain')
    assert finding.remedy == (
        'publish it: ros2 run tf2_ros static_transform_publisher --z 1.70 '
        '--frame-id base_link --child-frame-id velodyne')
    assert render(examination).endswith(
        '40 answers, velodyne in 0, cam0 in 40; no LiDAR is usable, so nothing measures distance')


def test_without_any_transform_perception_stays_silent(tmp_path):
    examination = run(SmallDrive(mountings=()), tmp_path)
    assert 'perception would stay silent: transforms: expected messages on /tf_static, got none' \
        in render(examination)


def test_a_base_frame_that_is_nowhere_is_named_with_those_that_are(tmp_path):
    config = perception_config({**_CONFIG, 'base_frame': 'rear_axle'})
    examination = run(SmallDrive(), tmp_path, config)
    assert ('base_frame: expected one of base_link, cam0_optical, velodyne, got rear_axle -> '
            'set base_frame') in texts(examination)


def test_a_camera_without_camera_info_is_left_out_and_named(tmp_path):
    examination = run(SmallDrive(info=lambda index, stamp_ns: None), tmp_path)
    assert texts(examination) == (
        '/cam0/camera_info: expected a topic of type sensor_msgs/msg/CameraInfo, got none of that '
        'name -> record it, or take cam0 out of the configuration')
    assert render(examination).endswith('40 answers, velodyne in 40, cam0 in 0')


def test_uptime_stamps_of_one_sensor_are_bridged_in_the_file_and_an_error_without(tmp_path):
    drive = SmallDrive(camera=lambda index, stamp_ns: image(stamp_ns - START_NS + 10**9))
    examination = run(drive, tmp_path)
    assert ('stamps of /cam0/image_raw: expected the clock of the log times, got time since boot, '
            '1699999999.005 s behind') in texts(examination, 'warning')
    assert '      stamp_source: arrival  # the stamps are of time since boot' in (
        vehicle_yaml(examination))
    assert examination.outlook[1].present == COUNT
    strict = examine(tmp_path / 'bag', perception_config(_CONFIG), lambda done, total: None)
    assert 'clocks of the sensors: expected one, got velodyne the receiving clock; cam0 time ' \
        'since boot' in texts(strict)
    assert 'set cam0.stamp_source to arrival, or synchronise' in texts(strict)
    assert 'cam0 in sets: expected most of 40, got 0' in texts(strict)


def test_zero_stamps_are_named(tmp_path):
    drive = SmallDrive(lidar=lambda index, stamp_ns: cloud(0, ground(1.7)))
    examination = run(drive, tmp_path, perception_config(_CONFIG))
    assert 'stamps of /velodyne_points: expected times, got zero -> set velodyne.stamp_source' in (
        texts(examination))


def test_unknown_layout_and_encoding_keep_perception_silent(tmp_path):
    drive = SmallDrive(
        lidar=lambda index, stamp_ns: cloud(stamp_ns, ground(1.7), 'abc'),
        camera=lambda index, stamp_ns: image(stamp_ns, 'jpeg2000'),
    )
    examination = run(drive, tmp_path)
    assert "point field 'x': expected one among a, b, c, got 0 (all sampled messages of " \
        '/velodyne_points) -> let the driver publish x, y and z as float32' in texts(examination)
    assert "got 'jpeg2000' (all sampled messages of /cam0/image_raw) -> let the driver publish " \
        'bgr8, rgb8' in texts(examination)
    assert 'perception would stay silent: ' in render(examination)


def test_a_lidar_that_dies_half_way_and_goes_empty_before_is_found(tmp_path):
    def dying(index, stamp_ns):
        if index >= COUNT // 2:
            return None
        return cloud(stamp_ns, ground(1.7) if index < COUNT // 4 else np.zeros((0, 3)))

    examination = run(SmallDrive(lidar=dying), tmp_path)
    found = texts(examination, 'warning')
    assert 'expected messages to the end at 3.9 s, got the last at 1.9 s -> did the' in found
    assert 'expected some in every sweep, got none in 5 of 10 sampled sweeps -> is the' in found
    assert 'velodyne in sets: expected most of ' in found
    assert 'perception would answer at 10.0 Hz' in render(examination)  # the camera takes over


def test_nan_intrinsics_and_a_wrong_image_size_are_found(tmp_path):
    examination = run(
        SmallDrive(info=lambda index, stamp_ns: camera_info(stamp_ns, np.nan)), tmp_path)
    assert 'camera_info k: expected 3 x 3 finite numbers with focal lengths above 0' in (
        texts(examination))
    (tmp_path / 'second').mkdir()
    examination = run(
        SmallDrive(info=lambda index, stamp_ns: camera_info(stamp_ns, width=16)),
        tmp_path / 'second')
    assert ('image size of /cam0/image_raw: expected 16x6 as in /cam0/camera_info, got 8x6'
            in texts(examination))


def test_a_late_camera_names_the_wait(tmp_path):
    late = perception_config({**_CONFIG, 'cam0.tolerance_ms': 5.0})
    drive = SmallDrive(camera=lambda index, stamp_ns: image(stamp_ns + 30_000_000))
    examination = run(drive, tmp_path, late)
    assert 'cam0 in sets: expected most of 40, got 0 (nine of ten of velodyne have one within ' \
        '30 ms) -> raise cam0.tolerance_ms to 36' in texts(examination)
    assert '# offset_ms: -30.0  # only if triggered together' in vehicle_yaml(examination)


def test_a_mounting_too_low_and_tilted_is_found(tmp_path):
    pitch_rad = np.radians(5.0)
    tilted = (0.0, np.sin(pitch_rad / 2), 0.0, np.cos(pitch_rad / 2))
    drive = SmallDrive()
    examination = run(
        replace(drive, mountings=(mounting('velodyne', (0, 0, 1.2), tilted), drive.mountings[1])),
        tmp_path)
    found = texts(examination, 'warning')
    assert 'ground under base_link by /velodyne_points: expected at z = 0 m, got -0.5' in found
    assert 'expected level, got 5.0 degrees -> is it a hill? else turn the mounting: pitch -5.0' \
        in found


def test_a_camera_frame_that_is_not_optical_is_found(tmp_path):
    drive = SmallDrive()
    body = mounting('cam0_optical', (1.0, 0.0, 1.5), _LEVEL)
    examination = run(replace(drive, mountings=(drive.mountings[0], body)), tmp_path)
    assert 'frame cam0_optical of /cam0/image_raw: expected an optical frame (z forward), got ' \
        'z up' in texts(examination, 'warning')


def test_stamps_that_repeat_or_step_back_are_counted(tmp_path):
    def disordered(index, stamp_ns):
        return image(stamp_ns - {10: PERIOD_NS, 20: 2 * PERIOD_NS}.get(index, 0))

    found = texts(run(SmallDrive(camera=disordered), tmp_path), 'warning')
    assert 'of /cam0/image_raw: expected to increase, got 1 older than the one before' in found
    assert 'of /cam0/image_raw: expected to increase, got 1 equal to the one before' in found


def test_gaps_late_starts_lost_stamps_and_changing_frames_are_found(tmp_path):
    def spotty(index, stamp_ns):
        if index < 12 or 20 <= index < 30:
            return None
        message = image(0 if index == 15 else stamp_ns)
        if index == 16:
            message.header.frame_id = 'other'
        return message

    found = texts(run(SmallDrive(camera=spotty), tmp_path), 'warning')
    assert '/cam0/image_raw: expected messages from the start, got the first at 1.2 s' in found
    assert 'expected a message every 100 ms, got none for 1.1 s from 1.9 s on' in found
    assert 'stamps of /cam0/image_raw: expected times, got 1 times zero' in found
    assert "frame_id of /cam0/image_raw: expected one, got 'cam0_optical', 'other'" in found


def test_a_camera_that_arrives_after_the_deadline_names_the_wait_it_needs(tmp_path):
    drive = SmallDrive(camera=lambda index, stamp_ns: image(stamp_ns - 95_000_000))
    examination = run(drive, tmp_path, perception_config({**_CONFIG, 'sync.max_wait_ms': 10.0}))
    assert 'arrival of /cam0/image_raw: expected within 10 ms of velodyne, got ' in texts(
        examination, 'warning')
    assert '      max_wait_ms: 102.0  # so late do messages come' in vehicle_yaml(examination)


def test_conflicts_and_broken_transforms_are_told(tmp_path):
    lidar, camera = SmallDrive().mountings
    second = mounting('velodyne', (0.0, 0.0, 1.7), _LEVEL)
    second.header.frame_id = 'roof'
    broken = mounting('imu', (0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))
    drive = SmallDrive(mountings=(second, lidar, camera, broken))
    found = texts(run(drive, tmp_path), 'warning')
    assert 'frame velodyne: expected one parent, got base_link and roof -> stop one' in found
    assert 'expected a quaternion of norm 1, got norm 0' in found


def test_a_vehicle_file_of_another_transport_and_type_is_corrected(tmp_path):
    config = perception_config({
        **_CONFIG, 'cam0.topic': '/cam0/image_raw/compressed', 'velodyne.topic': '/cam0/image_raw',
    })
    found = texts(run(SmallDrive(), tmp_path, config))
    assert '/cam0/image_raw: expected sensor_msgs/msg/PointCloud2, got sensor_msgs/msg/Image -> ' \
        'set velodyne.topic, perhaps to /velodyne_points' in found
    assert '/cam0/image_raw/compressed: expected a topic of type sensor_msgs/msg/CompressedImage' \
        in found


def test_large_best_effort_topics_name_the_dds_profile(tmp_path, monkeypatch):
    def best_effort(transient_local):
        return _qos(transient_local)._replace(reliability=QosReliability.BEST_EFFORT)

    monkeypatch.setattr('mm_fusion_ros.bags.write._qos', best_effort)
    dense = np.tile(ground(1.7), (12, 1))
    drive = SmallDrive(lidar=lambda index, stamp_ns: cloud(stamp_ns, dense))
    found = texts(run(drive, tmp_path), 'info')
    assert 'delivery of /velodyne_points: expected reliable QoS for messages over 0.5 MB, got ' \
        'best effort, which default Fast DDS loses on the live system -> start those' in found
    assert 'fastdds_large_messages.xml' in found


def test_a_torn_bag_and_the_packets_of_a_driver_are_told(tmp_path):
    packets = TopicInfo('/velodyne_packets', 'velodyne_msgs/msg/VelodyneScan', 10)
    recording = Recording(tmp_path, 0, 0, (packets,), {}, TransformContents(), ('torn', ))
    found = list(check_topics(None, recording))
    assert [(f.severity, f.text.partition(':')[0]) for f in found] == [
        ('warning', 'torn'), ('info', '/velodyne_packets'), ('error', 'sensors')]


@pytest.mark.parametrize(('delay_ms', 'text'), [
    (-40, 'arrival of /cam0/image_raw: expected after its stamp, got 40 ms before it'),
    (700, 'arrival of /cam0/image_raw: expected within 500 ms of its stamp, got 700 ms after'),
    (-37_000, 'the clock of the log times, got TAI (37 s ahead of UTC), 37.000 s ahead'),
    (-18_000, 'the clock of the log times, got GPS time, 18.000 s ahead'),
    (3_600_000, 'the clock of the log times, got an unknown clock, 3600.000 s behind'),
])
def test_stamps_of_another_clock_are_named(tmp_path, delay_ms, text):
    drive = SmallDrive(
        camera=lambda index, stamp_ns: image(stamp_ns + 5_000_000 - delay_ms * 1_000_000))
    assert text in texts(run(drive, tmp_path), 'warning')


def test_an_imu_in_g_and_a_receiver_without_fix_are_told():
    imu, gnss = ImuContents(), GnssContents()
    imu.accelerations_mps2, imu.without_orientation = [1.0, 1.01, 0.99], 3
    gnss.fixes, gnss.without_fix, gnss.without_covariance = 3, 7, 3
    found = [
        finding.text
        for name, contents in (('/imu', imu), ('/fix', gnss))
        for finding in check_contents(Stream(TopicInfo(name, '', 1), contents), None)
    ]
    assert found == [
        'acceleration on /imu: expected about 9.8 m/s^2 with gravity, got 1.00',
        'orientation of /imu: expected one (optional), got none',
        'fix on /fix: expected one, got none in 7 of 10 sampled messages',
        'covariance of /fix: expected to be known, got type unknown',
    ]


def test_a_missing_bag_is_a_bag_error(tmp_path):
    with pytest.raises(BagError, match='expected a rosbag2 folder'):
        examine(tmp_path / 'nothing', None, lambda done, total: None)

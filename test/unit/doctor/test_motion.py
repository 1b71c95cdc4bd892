# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the doctor says about the sensors of the localization.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mm_fusion_ros import share
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.data_types import EgoPose, GnssFix, ImuSample, Twist
from mm_fusion_ros.doctor import examine, render, vehicle_yaml
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.localization_config import load_localization_config, localization_config
from mm_fusion_ros.messages.convert_out import (
    from_ego_pose,
    from_gnss_fix,
    from_imu_sample,
    from_transforms,
    from_twist,
)

START_NS = 1_700_000_000_000_000_000
STEP_NS = 20_000_000
UP = np.array([0.0, 0.0, 9.81])
STILL = np.zeros(3)


def imu(stamp_ns, force=UP, rates=STILL, frame_id='imu_link'):
    return from_imu_sample(ImuSample(stamp_ns, frame_id, rates, force), BAG_TYPES)


def fix(stamp_ns, frame_id='antenna'):
    return from_gnss_fix(
        GnssFix(stamp_ns, frame_id, 49.0, 8.4, 110.0, has_fix=True), BAG_TYPES)


def twist(stamp_ns, forward=5.0, turn=0.0, frame_id='base_link'):
    return from_twist(Twist(
        stamp_ns, frame_id, np.array([forward, 0.0, 0.0]), np.array([0.0, 0.0, turn])), BAG_TYPES)


def odometry(stamp_ns):
    return from_ego_pose(EgoPose(
        stamp_ns, 'odom', 'base_link', np.eye(4), np.array([5.0, 0.0, 0.0]), STILL), BAG_TYPES)


USUAL = {'/imu/data': imu, '/gps/fix': fix, '/gps/vel': twist, '/wheel/twist': twist}
MOUNTS = {'imu_link': np.eye(4), 'antenna': from_euler((1.0, 0.0, 1.5), 0.0, 0.0, 0.0)}


def look(tmp_path, topics=None, mounts=MOUNTS, localization=None):
    """Examine a bag of some topics, each 50 times."""
    with BagWriter(tmp_path / 'bag') as bag:
        if mounts:
            bag.write('/tf_static', from_transforms(mounts, START_NS, 'base_link', BAG_TYPES),
                      START_NS, transient_local=True)
        for step in range(50):
            stamp_ns = START_NS + step * STEP_NS
            for topic, make in (USUAL if topics is None else topics).items():
                bag.write(topic, make(stamp_ns), stamp_ns + 1_000_000)
    return examine(tmp_path / 'bag', None, lambda done, total: None, localization)


def proposed(examination, tmp_path):
    file = tmp_path / 'vehicle.yaml'
    file.write_text(vehicle_yaml(examination), encoding='utf-8')
    return load_localization_config(share.localization_parameters(), file)


def told(examination, start):
    return [f for f in examination.findings if f.text.startswith(start)]


def test_topics_are_found_by_type_and_name(tmp_path):
    examination = look(tmp_path)
    config = proposed(examination, tmp_path)
    assert (config.imu.topic, config.gnss.topic, config.gnss.velocity_topic,
            config.wheels.topic) == ('/imu/data', '/gps/fix', '/gps/vel', '/wheel/twist')
    assert (config.imu.mounting, config.gnss.mounting) == ((), ())
    assert ('localization would answer by imu /imu/data, gnss /gps/fix, gnss velocity /gps/vel, '
            'wheels /wheel/twist') in render(examination)


def test_what_others_derived_or_command_is_no_sensor(tmp_path):
    topics = {
        '/imu/data': imu, '/cmd_vel': twist, '/odometry/filtered': odometry,
        '/mm_fusion/odometry': odometry, '/ekf/odom': odometry, '/kiss/odometry_lidar': odometry,
        '/base/odom': odometry}
    examination = look(tmp_path, topics)
    config = proposed(examination, tmp_path)
    assert (config.gnss.topic, config.wheels.topic) == ('', '/base/odom')
    assert '# velocity: {topic: /kiss/odometry_lidar}' in vehicle_yaml(examination)
    (finding,) = told(examination, 'localization: expected a NavSatFix')
    assert finding.severity == 'info'


def test_mountings_that_no_transform_tells_are_asked_for(tmp_path):
    upright = {**USUAL, '/imu/data': lambda stamp_ns: imu(stamp_ns, np.array([0.0, 9.81, 0.0]))}
    examination = look(tmp_path, upright, mounts=None)
    (finding,) = told(examination, 'transform from imu_link to base_link')
    assert finding.severity == 'warning'
    assert finding.remedy.endswith(
        'set imu.mounting: roll 90 and pitch 0 degrees by gravity, which does not tell yaw')
    assert len(told(examination, 'transform from antenna to base_link')) == 1
    config = proposed(examination, tmp_path)
    assert config.imu.mounting == (0.0, 0.0, 0.0, 90.0, 0.0, 0.0)
    assert config.gnss.mounting == (0.0,) * 6
    assert 'guess: x, y, z' in vehicle_yaml(examination)


def test_mountings_that_a_person_gave_are_believed(tmp_path):
    config = localization_config({
        'imu.topic': '/imu/data', 'imu.mounting': (0.0,) * 6, 'gnss.topic': '/gps/fix',
        'gnss.mounting': (0.0,) * 6, 'gnss.velocity_topic': '', 'wheels.topic': '/wheel/twist'})
    examination = look(tmp_path, mounts=None, localization=config)
    assert told(examination, 'transform from') == []


def test_topics_that_are_configured_and_not_there_are_told(tmp_path):
    config = localization_config({'wheels.topic': '/imu/data', 'imu.topic': '/imu'})
    examination = look(tmp_path, localization=config)
    (lost,) = told(examination, '/imu: expected sensor_msgs/msg/Imu, got none of that name')
    assert (lost.severity, lost.remedy) == ('warning', 'there is /imu/data')
    (wrong,) = told(examination, '/imu/data: expected geometry_msgs/msg/TwistStamped or')
    assert wrong.severity == 'warning'
    assert wrong.text.endswith('nav_msgs/msg/Odometry, got sensor_msgs/msg/Imu')


@pytest.mark.parametrize(('force', 'unit'), [
    (1.0, 'is it in g?'), (981.0, 'is it in cm/s^2 or mg?'), (0.1, 'is it without gravity'),
])
def test_units_are_told_by_gravity(tmp_path, force, unit):
    examination = look(tmp_path, {'/imu/data': lambda stamp_ns: imu(stamp_ns, UP * force / 9.81)})
    (finding,) = told(examination, 'acceleration on /imu/data')
    assert finding.remedy.startswith(unit)


def test_turn_rates_of_no_vehicle_are_told(tmp_path):
    rates = np.array([0.0, 0.0, 40.0])
    examination = look(tmp_path, {'/imu/data': lambda stamp_ns: imu(stamp_ns, rates=rates)})
    (finding,) = told(examination, 'turn rate on /imu/data: expected rad/s, up to a few, got 40')
    assert finding.remedy == 'is it in degrees/s? the localization refuses it'


def test_who_turns_on_the_spot_is_no_car(tmp_path):
    examination = look(
        tmp_path, {'/wheel/twist': lambda stamp_ns: twist(stamp_ns, 0.0, 0.5)})
    assert proposed(examination, tmp_path).motion.is_car is False


def test_stamps_of_another_clock_are_taken_by_arrival(tmp_path):
    def late(stamp_ns):
        message = imu(stamp_ns)
        stamp = message.header.stamp
        return replace(message, header=replace(
            message.header, stamp=replace(stamp, sec=stamp.sec - 10**6)))

    examination = look(tmp_path, {**USUAL, '/imu/data': late})
    assert proposed(examination, tmp_path).imu.stamp_source == 'arrival'


def test_a_bag_without_motion_says_so(tmp_path):
    examination = look(tmp_path, {})
    assert 'localization would stay silent: no IMU, GNSS or wheels' in render(examination)
    assert 'localization_node' not in vehicle_yaml(examination)


@pytest.mark.real_data
def test_what_a_robot_without_transforms_has_is_found(data_dir, tmp_path):
    bag = data_dir / 'imu_gps_bag' / 'husky_campus.bag'
    examination = examine(bag, None, lambda done, total: None)
    config = proposed(examination, tmp_path)
    assert config.imu.mounting == (0.0, 0.0, 0.0, 90.0, 0.0, 0.0)
    assert config.wheels.topic == '/husky_velocity_controller/odom'
    assert ('localization would answer by imu /imu/data, gnss /fix, wheels '
            '/husky_velocity_controller/odom') in render(examination)

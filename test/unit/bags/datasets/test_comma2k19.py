# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
comma2k19 to bags: a made-up segment whose truth is known, and the real one.
"""

from __future__ import annotations

import shutil
from typing import Any, TYPE_CHECKING

import numpy as np
from pyproj import Transformer
import pytest
from scipy.spatial.transform import Rotation

from mm_fusion_ros.bags.datasets.comma2k19 import convert_comma2k19, read_streams
from mm_fusion_ros.bags.datasets.comma2k19_log import enu_axes, to_geodetic
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.evaluation.recorded_trajectory import read_trajectory
from mm_fusion_ros.evaluation.trajectory import from_ego_poses, Trajectory
from mm_fusion_ros.evaluation.trajectory_association import associate
from mm_fusion_ros.evaluation.trajectory_errors import trajectory_errors, trajectory_figures
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.messages.convert_in import to_gnss_fix, to_twist

if TYPE_CHECKING:
    from pathlib import Path

_BOOT_S, _GPS_WEEK, _GPS_SECOND = 100.0, 2012, 404_106.0
_UTC_NS = 1_533_226_488_000_000_000  # 2018-08-02 16:14:48: that second of that week, less 18
_SPEED = 10.0
_PLACE = (37.72, -122.47, 30.0)
# The device looks 3 degrees down and 2 degrees to the right; its axes are forward, right, down.
_BASE_FROM_DEVICE = (
    Rotation.from_euler('zyx', (-2.0, 3.0, 0.0), degrees=True)
    * Rotation.from_euler('x', 180.0, degrees=True)
)


def none(done: int, total: int) -> None:
    """Take no note of progress."""


def save(folder: Path, **arrays: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        with (folder / name).open('wb') as file:
            np.save(file, array)


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    """Make two seconds of driving north-east at 10 m/s, turning left at 0.1 rad/s."""
    folder, log = tmp_path / 'segment', tmp_path / 'segment' / 'processed_log'
    time_s = np.arange(41) / 20.0
    yaw = np.pi / 4 + 0.1 * time_s
    base = Rotation.from_euler('z', yaw[:, None])
    velocity = base.apply((_SPEED, 0.0, 0.0))
    position = np.stack([
        100.0 * (np.sin(yaw) - np.sin(yaw[0])), 100.0 * (np.cos(yaw[0]) - np.cos(yaw)),
        0.0 * yaw], axis=-1)
    to_ecef = Transformer.from_pipeline(
        '+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad '
        '+step +proj=cart +ellps=WGS84')
    geodetic = LocalEnu(*_PLACE).to_geodetic(position)
    axes = Rotation.from_matrix(enu_axes(*_PLACE[:2]))
    xyzw = (axes.inv() * base * _BASE_FROM_DEVICE).as_quat()
    save(folder / 'global_pose', frame_times=_BOOT_S + time_s,
         frame_gps_times=np.stack([np.full(41, _GPS_WEEK), _GPS_SECOND + time_s], axis=-1),
         frame_positions=np.stack(to_ecef.transform(*geodetic[:, [1, 0, 2]].T), axis=-1),
         frame_velocities=axes.inv().apply(velocity), frame_orientations=xyzw[:, [3, 0, 1, 2]])
    up, turn = (_BASE_FROM_DEVICE.inv().apply((0.0, 0.0, size)) for size in (9.81, 0.1))
    imu_s = _BOOT_S + np.arange(200) / 100.0
    save(log / 'IMU' / 'accelerometer', t=imu_s, value=np.tile(up, (200, 1)))
    save(log / 'IMU' / 'gyro', t=imu_s, value=np.tile(turn, (200, 1)))
    course = 90.0 - np.degrees(yaw[::2])
    utc_ms = _UTC_NS / 1e6 + 1e3 * time_s[::2]
    save(log / 'GNSS' / 'live_gnss_ublox', t=_BOOT_S + time_s[::2], value=np.column_stack([
        geodetic[::2, :2], np.full(21, _SPEED), utc_ms, geodetic[::2, 2], course]))
    left, right = _SPEED - 0.1 * 1.57 / 2, _SPEED + 0.1 * 1.57 / 2
    save(log / 'CAN' / 'wheel_speed', t=_BOOT_S + time_s,
         value=np.tile((left, right, left, right), (41, 1)))
    return folder


def messages(bag: Path, topic: str) -> list[Any]:
    with BagReader(bag) as reader:
        return [each.message for each in reader.messages([topic])]


def test_every_sensor_of_a_segment_is_in_the_bag(segment: Path, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    summary = convert_comma2k19(segment, tmp_path / 'bag', lambda *call: calls.append(call))
    assert {topic.name: topic.count for topic in summary.topics} == {
        '/tf_static': 1, '/sensing/imu/data': 200, '/sensing/gnss/fix': 21,
        '/sensing/gnss/vel': 21, '/vehicle/twist': 41, '/ground_truth/odometry': 41}
    assert calls[-1] == (325, 325)
    static = messages(tmp_path / 'bag', '/tf_static')[0].transforms
    assert {each.child_frame_id for each in static} == {'imu_link', 'gnss_antenna'}
    with BagReader(tmp_path / 'bag') as bag:
        assert bag.start_ns == _UTC_NS


def test_the_mounting_turns_the_imu_into_the_axes_of_the_vehicle(segment: Path) -> None:
    streams = read_streams(segment)
    R = streams.T_base_device[:3, :3]
    np.testing.assert_allclose(R, _BASE_FROM_DEVICE.as_matrix(), atol=1e-6)
    np.testing.assert_allclose(
        R @ streams.imu[0].linear_acceleration_mps2, (0.0, 0.0, 9.81), atol=1e-5)
    np.testing.assert_allclose(
        R @ streams.imu[0].angular_velocity_radps, (0.0, 0.0, 0.1), atol=1e-6)
    assert streams.imu[0].orientation is None


def test_the_truth_is_the_vehicle_in_east_north_up_from_the_first_fix(segment: Path) -> None:
    truth = from_ego_poses(read_streams(segment).truth)
    np.testing.assert_allclose(np.degrees(truth.yaws_rad[[0, -1]]), (45.0, 56.4592), atol=1e-3)
    # The device, 1.5 m ahead of the rear axle and 1.22 m high, was at the fix at first.
    ahead = 1.5 / np.sqrt(2.0)
    np.testing.assert_allclose(truth.positions[0], (-ahead, -ahead, -1.22), atol=1e-4)
    steps = np.diff(truth.positions, axis=0) * 20.0
    np.testing.assert_allclose(truth.velocities_mps[1:], steps, atol=0.06)


def test_the_twist_of_the_truth_is_that_of_the_rear_axle(segment: Path) -> None:
    truth = read_streams(segment).truth[20]
    np.testing.assert_allclose(truth.angular_radps, (0.0, 0.0, 0.1), atol=1e-6)
    np.testing.assert_allclose(truth.linear_mps, (_SPEED, -0.15, 0.0), atol=1e-4)


def test_fixes_and_velocities_say_how_sure_they_are(segment: Path, tmp_path: Path) -> None:
    convert_comma2k19(segment, tmp_path / 'bag', none)
    fix = to_gnss_fix(messages(tmp_path / 'bag', '/sensing/gnss/fix')[0])
    assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx(_PLACE[:2])
    assert fix.altitude_m == pytest.approx(_PLACE[2], abs=1e-6)
    assert fix.covariance_enu is not None
    assert np.sqrt(fix.covariance_enu.diagonal()) == pytest.approx((2.1, 2.1, 3.2))
    velocity = to_twist(messages(tmp_path / 'bag', '/sensing/gnss/vel')[0])
    assert velocity.linear_mps == pytest.approx((_SPEED / np.sqrt(2.0),) * 2 + (0.0,))
    assert velocity.covariance is not None
    assert velocity.covariance.diagonal() == pytest.approx((0.01,) * 2 + (1e6,) * 4)


def test_wheels_tell_speed_and_turn(segment: Path, tmp_path: Path) -> None:
    convert_comma2k19(segment, tmp_path / 'bag', none)
    wheels = to_twist(messages(tmp_path / 'bag', '/vehicle/twist')[0])
    assert wheels.linear_mps == pytest.approx((_SPEED, 0.0, 0.0))
    assert wheels.angular_radps == pytest.approx((0.0, 0.0, 0.1))
    assert wheels.frame_id == 'base_link'


def test_places_and_axes_are_those_of_the_globe() -> None:
    np.testing.assert_allclose(
        to_geodetic(np.array([(6_378_137.0 + 10.0, 0.0, 0.0), (0.0, 6_378_137.0, 0.0)])),
        [(0.0, 0.0, 10.0), (0.0, 90.0, 0.0)], atol=1e-6)
    np.testing.assert_allclose(enu_axes(0.0, 0.0), [(0, 1, 0), (0, 0, 1), (1, 0, 0)], atol=1e-12)
    np.testing.assert_allclose(enu_axes(90.0, 0.0)[2], (0.0, 0.0, 1.0), atol=1e-12)


@pytest.mark.parametrize(('file', 'array', 'text'), [
    ('processed_log/IMU/gyro/value', np.zeros((199, 3)), 'a time for each'),
    ('processed_log/IMU/gyro/value', np.zeros((200, 2)), '3 columns'),
    ('processed_log/IMU/gyro/value', np.full((200, 3), np.nan), 'finite numbers'),
    ('processed_log/IMU/gyro/t', np.zeros(200), 'each later than the one before'),
    ('processed_log/IMU/gyro/t', np.array(['a', 'b']), 'a NumPy array of numbers'),
    ('global_pose/frame_times', np.zeros((41, 1)), 'no columns'),
    ('global_pose/frame_times', np.zeros(40), 'each with its GPS time'),
    ('global_pose/frame_positions', np.zeros((40, 3)), '41 of everything'),
    ('global_pose/frame_velocities', np.ones((41, 3)), 'some above 5 m/s'),
])
def test_a_file_that_does_not_fit_is_named(
    segment: Path, tmp_path: Path, file: str, array: Any, text: str
) -> None:
    path = segment / file
    save(path.parent, **{path.name: array})
    with pytest.raises(BagError, match=text):
        convert_comma2k19(segment, tmp_path / 'bag', none)
    assert not (tmp_path / 'bag').exists()


def test_a_missing_file_and_one_that_is_no_array_are_named(segment: Path, tmp_path: Path) -> None:
    path = segment / 'processed_log' / 'CAN' / 'wheel_speed' / 'value'
    path.write_text('none')
    with pytest.raises(BagError, match='wheel_speed/value: expected a NumPy array of numbers'):
        convert_comma2k19(segment, tmp_path / 'bag', none)
    shutil.rmtree(path.parent)
    with pytest.raises(BagError, match='expected a NumPy array, got no such path'):
        convert_comma2k19(segment, tmp_path / 'bag', none)


@pytest.mark.real_data
def test_the_real_segment_has_sensors_that_agree_with_its_truth(
    data_dir: Path, tmp_path: Path
) -> None:
    summary = convert_comma2k19(data_dir / 'comma2k19_highway', tmp_path / 'bag', none)
    assert summary.duration_ns == pytest.approx(60e9, rel=1e-2)
    truth = read_trajectory(tmp_path / 'bag', '/ground_truth/odometry')
    fixes = [to_gnss_fix(each) for each in messages(tmp_path / 'bag', '/sensing/gnss/fix')]
    first = fixes[0]
    T = np.tile(np.eye(4), (len(fixes), 1, 1))
    T[:, :3, 3] = LocalEnu(first.latitude_deg, first.longitude_deg, first.altitude_m).to_enu(
        *np.array([(fix.latitude_deg, fix.longitude_deg, fix.altitude_m) for fix in fixes]).T)
    raw = Trajectory(np.array([fix.stamp_ns for fix in fixes]), T)
    T_base_antenna = np.eye(4)
    T_base_antenna[:3, 3] = (1.5, 0.0, 1.22)
    antenna = Trajectory(truth.stamps_ns, truth.T @ T_base_antenna)
    pair = associate(antenna, raw)
    assert trajectory_figures(pair).ate_2d_m == pytest.approx(1.474, abs=0.01)
    offset = trajectory_errors(pair).position_m[:, :2].mean(axis=0)
    assert np.linalg.norm(offset) == pytest.approx(1.447, abs=0.01)
    wheels = [to_twist(each) for each in messages(tmp_path / 'bag', '/vehicle/twist')]
    speeds = np.interp(truth.stamps_ns, [each.stamp_ns for each in wheels],
                       [each.linear_mps[0] for each in wheels])
    ratio = speeds / np.linalg.norm(truth.velocities_mps, axis=1)
    assert ratio.mean() == pytest.approx(0.99, abs=0.005)

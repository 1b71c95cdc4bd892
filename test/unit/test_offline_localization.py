# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The localization over a bag, in lock-step with perception."""

from dataclasses import replace
import functools
import itertools

import numpy as np
import pytest
from support import drive, ego_drive

from mm_fusion_ros import offline_lidar_odometry, share
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.data_types import GnssFix, ImuSample, Twist
from mm_fusion_ros.errors import BagError, ConfigError
from mm_fusion_ros.evaluation.recorded_trajectory import read_trajectory
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.localization_config import load_localization_config, localization_config
from mm_fusion_ros.messages.convert_in import to_boxes, to_ego_pose, to_frame_report
from mm_fusion_ros.messages.convert_out import from_gnss_fix, from_imu_sample, from_twist
from mm_fusion_ros.offline import process
from mm_fusion_ros.perception_config import load_perception_config, perception_config
from mm_fusion_ros.stamps import NS_PER_MS, to_seconds

CONFIG = perception_config({
    'detector.model': '', 'front.rectified': True, 'ego_motion.short_prediction_ms': 0})
LOCALIZATION = localization_config({})
STRAIGHT = np.array([6.0, 0.0, 0.0, 0.0, 0.0, 0.0])
FRAMES = 12
IMU, FIX, WHEELS = '/sensing/imu/data', '/sensing/gnss/fix', '/vehicle/twist'
ODOMETRY = '/mm_fusion/odometry'
PERCEIVED = ('/mm_fusion/detections', '/mm_fusion/frame_report')


def motion(seconds=1.4):
    """Give (arrival, topic, message) of a vehicle that drives north at 6 m/s."""
    found = []
    ground = LocalEnu(49.0, 8.4, 110.0)
    for step in range(int(200 * seconds)):
        stamp_ns = drive.START_NS + 5 * step * NS_PER_MS
        sample = ImuSample(stamp_ns, 'base_link', np.zeros(3), np.array([0.0, 0.0, 9.81]))
        found.append((stamp_ns + NS_PER_MS, IMU, from_imu_sample(sample, BAG_TYPES)))
        if step % 4 == 0:
            twist = Twist(stamp_ns, 'base_link', STRAIGHT[:3], STRAIGHT[3:])
            found.append((stamp_ns + 2 * NS_PER_MS, WHEELS, from_twist(twist, BAG_TYPES)))
        if step % 20 == 0:
            place = ground.to_geodetic(np.array([[0.0, 0.03 * step, 0.0]]))[0].tolist()
            fix = GnssFix(stamp_ns, 'base_link', *place, has_fix=True,
                          covariance_enu=np.eye(3))
            found.append((stamp_ns + 30 * NS_PER_MS, FIX, from_gnss_fix(fix, BAG_TYPES)))
    return found


def write(path, items):
    with BagWriter(path) as bag:
        bag.write('/tf_static', drive.transforms(), drive.START_NS, transient_local=True)
        for arrival_ns, topic, message in sorted(items, key=lambda item: item[0]):
            bag.write(topic, message, max(arrival_ns, drive.START_NS))
    return path


@functools.cache
def seen():
    return ego_drive.messages(FRAMES, twist=STRAIGHT, poses='')


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    return write(tmp_path_factory.mktemp('drive') / 'bag', [*seen(), *motion()])


def run(bag, output, config=CONFIG, localization=LOCALIZATION, **options):
    ticks = itertools.count(0, 1_000_000)
    return process(bag, config, output, lambda: next(ticks), lambda done, total: None,
                   localization=localization, **options)


def raw(bag, *topics):
    with BagReader(bag) as reader:
        return [(m.topic, m.log_time_ns, bytes(m.raw)) for m in reader.messages(topics)]


def read(bag, topic):
    with BagReader(bag) as reader:
        return [recorded.message for recorded in reader.messages([topic])]


def counts(bag):
    with BagReader(bag) as reader:
        return {info.name: info.count for info in reader.topics}


def errors_m(output):
    """Give how far off the car is in each answer."""
    answers = [to_boxes(m) for m in read(output, '/mm_fusion/detections')]
    return [np.linalg.norm(
        a.boxes.centers[:, :2] - ego_drive.car_at(a.stamp_ns, STRAIGHT), axis=1).min()
        for a in answers]


def qualities(output):
    reports = [to_frame_report(m) for m in read(output, '/mm_fusion/frame_report')]
    return [report.sensors[0].ego_motion for report in reports]


def test_poses_of_the_localization_deskew_sweeps_and_are_written(bag, tmp_path):
    summary = run(bag, tmp_path / 'out')
    assert summary.answers == FRAMES
    moved = [quality == 'interpolated' for quality in qualities(tmp_path / 'out')]
    assert sum(moved) >= FRAMES - 5  # but while the localization begins
    assert moved == sorted(moved)
    errors = dict(zip(errors_m(tmp_path / 'out'), qualities(tmp_path / 'out'), strict=True))
    assert max(error for error, quality in errors.items() if quality == 'interpolated') < 0.15
    assert min(error for error, quality in errors.items() if not quality) > 0.15
    found = counts(tmp_path / 'out')
    assert summary.poses == found[ODOMETRY] == found['/mm_fusion/pose'] == found['/tf'] > 40
    assert found['/mm_fusion/path'] == found['/diagnostics'] == 1
    assert f'poses {summary.poses}' in str(summary)


def test_the_same_bag_gives_the_same_bytes(bag, tmp_path):
    for name in 'ab':
        run(bag, tmp_path / name / 'out')
    first, second = ((tmp_path / name / 'out' / 'out.mcap').read_bytes() for name in 'ab')
    assert first == second


def test_answers_are_those_of_the_same_poses_recorded(bag, tmp_path):
    run(bag, tmp_path / 'out')
    with BagReader(tmp_path / 'out') as reader:
        poses = [(m.log_time_ns, m.topic, m.message) for m in reader.messages([ODOMETRY])]
    write(tmp_path / 'recorded', [*seen(), *poses])
    run(tmp_path / 'recorded', tmp_path / 'again', localization=None)
    assert raw(tmp_path / 'out', *PERCEIVED) == raw(tmp_path / 'again', *PERCEIVED)


def test_poses_that_the_bag_holds_are_used_in_their_place(tmp_path):
    crooked = np.append(STRAIGHT[:5], 2.0)
    stamps_ns = range(drive.START_NS, drive.START_NS + 1400 * NS_PER_MS, 20 * NS_PER_MS)
    poses = [(at_ns, ODOMETRY, ego_drive.odometry(at_ns, crooked)) for at_ns in stamps_ns]
    path = write(tmp_path / 'bag', [*seen(), *motion(), *poses])
    summary = run(path, tmp_path / 'out')
    run(path, tmp_path / 'without', localization=None)
    assert raw(tmp_path / 'out', *PERCEIVED) == raw(tmp_path / 'without', *PERCEIVED)
    assert counts(tmp_path / 'out')[ODOMETRY] == summary.poses > 40


def test_transforms_of_the_localization_serve_where_perception_wants_those(bag, tmp_path):
    config = replace(CONFIG, ego_motion=replace(CONFIG.ego_motion, source='tf'))
    run(bag, tmp_path / 'out', config)
    assert qualities(tmp_path / 'out').count('interpolated') >= FRAMES - 5


def test_another_topic_of_poses_that_the_bag_lacks_is_said(bag, tmp_path):
    config = replace(CONFIG, ego_motion=replace(CONFIG.ego_motion, odometry_topic='/lio/odom'))
    summary = run(bag, tmp_path / 'out', config)
    assert 'odometry: expected /lio/odom in the bag, got none; perception is given the poses ' \
        'of the localization' in summary.warnings
    assert qualities(tmp_path / 'out').count('interpolated') >= FRAMES - 5


def test_perception_that_wants_no_poses_gets_none(bag, tmp_path):
    config = replace(CONFIG, ego_motion=replace(CONFIG.ego_motion, source='none'))
    summary = run(bag, tmp_path / 'out', config)
    assert set(qualities(tmp_path / 'out')) == {''}
    assert summary.poses == counts(tmp_path / 'out')[ODOMETRY] > 40


def test_without_localization_there_are_no_poses(bag, tmp_path):
    summary = run(bag, tmp_path / 'out', localization=None)
    assert (summary.poses, set(qualities(tmp_path / 'out'))) == (0, {''})
    assert ODOMETRY not in counts(tmp_path / 'out')


def test_topics_that_are_switched_off_are_not_read(bag, tmp_path):
    off = localization_config({
        f'{name}.topic': '' for name in ('imu', 'gnss', 'wheels')} | {'gnss.velocity_topic': ''})
    assert run(bag, tmp_path / 'out', localization=off).poses == 0


def test_a_bag_of_motion_alone_is_answered_by_the_localization(tmp_path):
    summary = run(write(tmp_path / 'bag', motion(2.0)), tmp_path / 'out')
    assert summary.answers == 0
    assert 'only the localization answers' in summary.warnings[0]
    poses = [to_ego_pose(m) for m in read(tmp_path / 'out', ODOMETRY)]
    way = poses[-1].T_frame_child[:3, 3] - poses[0].T_frame_child[:3, 3]
    driven_s = (poses[-1].stamp_ns - poses[0].stamp_ns) / 1e9
    assert np.linalg.norm(way) == pytest.approx(6.0 * driven_s, rel=0.02)


def test_sweeps_under_another_name_are_not_passed_over(bag, tmp_path):
    config = perception_config({'detector.model': '', 'lidars': ('roof',), 'cameras': ()})
    with pytest.raises(BagError, match=r'a sensor topic \(/sensing/lidar/roof/points\)'):
        run(bag, tmp_path / 'out', config)


def test_a_topic_of_another_type_is_left_out_with_the_reason(bag, tmp_path):
    config = localization_config({'wheels.topic': IMU.replace('data', 'other')})
    items = [*motion(), (drive.START_NS, '/sensing/imu/other', drive.camera_info(1))]
    summary = run(write(tmp_path / 'bag', items), tmp_path / 'out', localization=config)
    assert any('topic /sensing/imu/other: expected geometry_msgs/msg/TwistStamped or' in text
               and text.endswith('got sensor_msgs/msg/CameraInfo; it is not used')
               for text in summary.warnings)


def test_what_was_wrong_for_a_while_is_told_with_how_long(tmp_path):
    items = [item for item in motion(8.0)
             if item[1] != WHEELS or item[0] < drive.START_NS + 3_000 * NS_PER_MS]
    summary = run(write(tmp_path / 'bag', items), tmp_path / 'out')
    told = [text for text in summary.warnings if text.startswith('localization: wheels: silent')]
    assert told == ['localization: wheels: silent for 4 s on /vehicle/twist (in 3 of 7 s)']


def test_broken_bytes_cost_only_their_message(bag, tmp_path):
    with BagReader(bag) as reader, BagWriter(tmp_path / 'broken') as writer:
        for number, recorded in enumerate(reader.messages()):
            data = recorded.raw
            if recorded.topic == IMU and number % 20 == 0:
                data = data[:40]
            writer.write_raw(recorded.topic, recorded.type, data, recorded.log_time_ns,
                             recorded.topic == '/tf_static')
    summary = run(tmp_path / 'broken', tmp_path / 'out')
    assert any(text.startswith(f'message on {IMU}') for text in summary.warnings)
    assert summary.poses > 40
    (health,) = read(tmp_path / 'out', '/diagnostics')
    imu = next(status for status in health.status if status.name.endswith(': imu'))
    counts = {value.key: value.value for value in imu.values}
    assert 5 < int(counts['invalid']) < int(counts['received']) / 4


def test_silence_is_answered_for_as_long_as_the_node_would(tmp_path):
    gap = (drive.START_NS + 1_000 * NS_PER_MS, drive.START_NS + 2_000 * NS_PER_MS)
    items = [item for item in motion(3.0) if not gap[0] < item[0] < gap[1]]
    run(write(tmp_path / 'bag', items), tmp_path / 'out')
    with BagReader(tmp_path / 'out') as reader:
        told_ns = [m.log_time_ns for m in reader.messages([ODOMETRY])]
    inside = [t for t in told_ns if gap[0] + 150 * NS_PER_MS < t < gap[1]]
    assert len(inside) == pytest.approx(42, abs=2)  # 50 Hz, though nothing was recorded


@pytest.mark.parametrize(('lidar', 'localization', 'text'), [
    ('roof', LOCALIZATION, 'LiDAR of the odometry: expected one of top in the bag, got roof'),
    ('top', None, 'LiDAR odometry: expected a localization that it serves, got none'),
    ('top', localization_config({'velocity.topic': '/lio/twist'}),
     r'parameter velocity\.topic: expected none where LiDAR odometry serves instead'),
])
def test_a_lidar_that_cannot_serve_is_refused(bag, tmp_path, lidar, localization, text):
    with pytest.raises(ConfigError, match=text):
        run(bag, tmp_path / 'out', localization=localization, odometry_lidar=lidar)


def test_the_motion_of_a_lidar_serves_where_nothing_else_tells_it(tmp_path, monkeypatch):
    steady = LevelledOdometry()
    monkeypatch.setattr(offline_lidar_odometry, 'LidarOdometry', lambda: steady)
    summary = run(write(tmp_path / 'bag', seen()), tmp_path / 'out', odometry_lidar='top')
    told = read(tmp_path / 'out', '/mm_fusion/lidar_odometry')
    assert len(told) == len(steady.stamps_ns) == FRAMES
    poses = [to_ego_pose(m) for m in read(tmp_path / 'out', ODOMETRY)]
    assert summary.poses == len(poses) > 3  # after a second of looking for an IMU
    np.testing.assert_allclose(poses[-1].linear_mps, STRAIGHT[:3], atol=0.1)


class LevelledOdometry:
    """Says of every sweep that the LiDAR drives as it does."""

    def __init__(self):
        self.stamps_ns = []

    def add(self, sweep):
        self.stamps_ns.append(sweep.stamp_ns)
        covariance = np.diag(np.repeat((0.02, 0.004), 3))**2
        return Twist(sweep.stamp_ns, 'lidar_top', STRAIGHT[:3], STRAIGHT[3:], covariance)


@pytest.mark.real_data
def test_a_real_drive_is_located_and_its_sweeps_deskewed(kitti_bag, tmp_path):
    vehicle = share.vehicle_file('kitti')
    config = load_perception_config(share.perception_parameters(), vehicle)
    localization = load_localization_config(share.localization_parameters(), vehicle)
    summary = run(kitti_bag, tmp_path / 'out', config, localization)
    assert summary.answers == 60
    told = read_trajectory(tmp_path / 'out', ODOMETRY)
    truth = read_trajectory(kitti_bag, '/ground_truth/odometry')
    both = (truth.stamps_ns >= told.stamps_ns[0]) & (truth.stamps_ns <= told.stamps_ns[-1])
    assert to_seconds(told.stamps_ns[-1] - told.stamps_ns[0]) > 5.0
    assert way_m(told.T) == pytest.approx(way_m(truth.T[both]), rel=0.04)
    # IMU and sweeps both come at 10 Hz: the newest pose is of before a sweep's end.
    assert qualities(tmp_path / 'out').count('predicted') >= 50


def way_m(T):
    return np.linalg.norm(np.diff(T[:, :3, 3], axis=0), axis=1).sum()

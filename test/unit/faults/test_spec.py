# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A file of faults: what it may say, and one clear line for all else."""

import math
import re

import pytest
from support.fault_streams import fault, PAIRS
import yaml

from mm_fusion_ros import share
from mm_fusion_ros.config import Parameter
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.spec import check_recorded, faulted_topics, load_faults
from mm_fusion_ros.perception_config import perception_config

CONFIG = perception_config({
    'lidars': ('top', 'rear'), 'cameras': ('front', 'left'),
    'left.topic': '/left/image/compressed'})


def load(tmp_path, *entries, config=CONFIG, **more):
    file = tmp_path / 'faults.yaml'
    file.write_text(yaml.safe_dump({'faults': list(entries), **more}))
    return load_faults(file, config)


def test_a_fault_that_says_little_takes_the_defaults(tmp_path):
    (made,) = load(tmp_path, {'sensor': 'imu', 'kind': 'delay'})
    assert (made.sensor, made.kind, made.topic) == ('imu', 'delay', '/sensing/imu/data')
    assert (made.start_s, made.end_s, made.magnitude, made.seed) == (0.0, math.inf, 0.2, 0)
    assert (made.number, made.what) == (0, FaultKind.DELAY)


def test_a_fault_that_says_all_keeps_it(tmp_path):
    _, made = load(
        tmp_path, {'sensor': 'top', 'kind': 'drop'},
        {'sensor': 'imu', 'kind': 'imu_bias_step', 'start_s': 1, 'end_s': 2.5, 'magnitude': -3,
         'seed': 9, 'axis': 'y', 'quantity': 'rotation'})
    assert (made.start_s, made.end_s, made.magnitude, made.seed) == (1.0, 2.5, -3.0, 9)
    assert (made.axis, made.quantity, made.number) == ('y', 'rotation', 1)


@pytest.mark.parametrize(('kind', 'message_type'), PAIRS)
def test_every_kind_is_read_by_its_name_with_its_default(kind, message_type, tmp_path):
    del message_type
    (made,) = load(tmp_path, {'sensor': '/x', 'kind': kind.label})
    assert made.what is kind
    assert made.magnitude == (kind.value.magnitude.default if kind.value.magnitude else 0.0)


def test_the_default_of_every_kind_is_within_its_range():
    for kind in FaultKind:
        if kind.value.magnitude is not None:
            assert isinstance(kind.value.magnitude, Parameter)
            kind.value.magnitude.check(kind.value.magnitude.default)


@pytest.mark.parametrize(('sensor', 'kind', 'topic'), [
    ('top', 'thinned', '/sensing/lidar/top/points'),
    ('rear', 'drop', '/sensing/lidar/rear/points'),
    ('front', 'blur', '/sensing/camera/front/image_raw'),
    ('front', 'camera_info_scaled', '/sensing/camera/front/camera_info'),
    ('front', 'extrinsics_shifted', '/sensing/camera/front/image_raw'),
    ('imu', 'nan', '/sensing/imu/data'),
    ('left', 'blur', '/left/image/compressed'),
    ('left', 'camera_info_scaled', '/left/camera_info'),
    ('gnss', 'gnss_jump', '/sensing/gnss/fix'),
    ('gnss_vel', 'nan', '/sensing/gnss/vel'),
    ('wheels', 'drop', '/vehicle/twist'),
    ('/any/topic', 'drop', '/any/topic'),
])
def test_a_sensor_is_found_by_its_name_or_topic(sensor, kind, topic, tmp_path):
    (made,) = load(tmp_path, {'sensor': sensor, 'kind': kind})
    assert made.topic == topic


def test_a_file_may_say_where_a_sensor_is(tmp_path):
    (imu, roof) = load(
        tmp_path, {'sensor': 'imu', 'kind': 'drop'}, {'sensor': 'roof', 'kind': 'blur'},
        topics={'imu': '/mine', 'roof': '/roof/image'}, config=None)
    assert (imu.topic, roof.topic) == ('/mine', '/roof/image')


def test_a_sensor_that_is_elsewhere_stays_what_it_is(tmp_path):
    scaled, = load(tmp_path, {'sensor': 'front', 'kind': 'camera_info_scaled'},
                   topics={'front': '/mine'})
    assert scaled.topic == '/sensing/camera/front/camera_info'
    with pytest.raises(ConfigError, match='one that fits sensor_msgs/msg/Imu'):
        load(tmp_path, {'sensor': 'imu', 'kind': 'blur'}, topics={'imu': '/mine'})


def test_a_moved_sensor_concerns_its_topic_and_the_transforms(tmp_path):
    (made,) = load(tmp_path, {'sensor': 'top', 'kind': 'extrinsics_rotated'})
    assert made.topics == ('/sensing/lidar/top/points', '/tf_static')
    assert faulted_topics([made]) == {
        '/sensing/lidar/top/points': '/faulted/sensing/lidar/top/points',
        '/tf_static': '/faulted/tf_static'}


@pytest.mark.parametrize('file', sorted((share.share_dir() / 'config' / 'faults').glob('*.yaml')),
                         ids=lambda file: file.stem)
def test_every_file_that_ships_can_be_read(file):
    assert load_faults(file, CONFIG)


GOOD = {'sensor': 'imu', 'kind': 'drop'}


@pytest.mark.parametrize(('entry', 'text'), [
    ('imu', "parameter faults[0]: expected sensor, kind, start_s, ..., got 'imu'"),
    ({'kind': 'drop'}, "parameter faults[0].sensor: expected one of imu, gnss, gnss_vel, wheels, "
     "top, rear, front, left, or a topic, got ''"),
    ({**GOOD, 'sensor': 'roof'}, "parameter faults[0].sensor: expected one of imu, gnss, "
     "gnss_vel, wheels, top, rear, front, left, or a topic, got 'roof'"),
    ({**GOOD, 'sensor': '/'}, "parameter faults[0].sensor: expected one of imu, gnss, gnss_vel, "
     "wheels, top, rear, front, left, or a topic, got '/'"),
    ({**GOOD, 'sensor': 3}, 'parameter faults[0].sensor: expected a string, got 3'),
    ({'sensor': 'imu'}, 'parameter faults[0].kind: expected one of drop, intermittent_drop, '),
    ({**GOOD, 'kind': 'dropp'}, "nan, got 'dropp'"),
    ({**GOOD, 'start': 3.0}, 'parameter faults[0].start: expected a declared parameter '
     '(close to it: faults[0].start_s), got an unknown name'),
    ({**GOOD, 'number': 3}, 'parameter faults[0].number: expected a declared parameter'),
    ({**GOOD, 'topic': '/x'}, 'parameter faults[0].topic: expected a declared parameter'),
    ({**GOOD, 4: 5}, 'parameter faults[0].4: expected a declared parameter'),
    ({**GOOD, 'start_s': -1.0}, 'parameter faults[0].start_s: expected 0 to inf s, got -1.0'),
    ({**GOOD, 'start_s': math.nan}, 'parameter faults[0].start_s: expected 0 to inf s, got nan'),
    ({**GOOD, 'start_s': 'now'}, "parameter faults[0].start_s: expected a number, got 'now'"),
    ({**GOOD, 'start_s': 2.0, 'end_s': 1.0},
     'parameter faults[0].end_s: expected more than start_s, 2 s, got 1.0'),
    ({**GOOD, 'start_s': 2.0, 'end_s': 2.0},
     'parameter faults[0].end_s: expected more than start_s, 2 s, got 2.0'),
    ({**GOOD, 'seed': -1}, 'parameter faults[0].seed: expected 0 to inf, got -1'),
    ({**GOOD, 'seed': 1.5}, 'parameter faults[0].seed: expected an integer, got 1.5'),
    ({**GOOD, 'magnitude': 1.0},
     'parameter faults[0].magnitude: expected none with drop, got 1.0'),
    ({**GOOD, 'axis': 'z'}, 'parameter faults[0].axis: expected none with drop, got z'),
    ({**GOOD, 'direction_deg': 1}, 'parameter faults[0].direction_deg: expected none with drop'),
    ({**GOOD, 'quantity': 'rotation'}, 'parameter faults[0].quantity: expected none with drop'),
    ({'sensor': 'imu', 'kind': 'imu_saturation', 'axis': 'x'},
     'parameter faults[0].axis: expected none with imu_saturation, got x'),
    ({'sensor': 'imu', 'kind': 'imu_bias_step', 'axis': 'up'},
     "parameter faults[0].axis: expected one of x, y, z, got 'up'"),
    ({'sensor': 'imu', 'kind': 'imu_bias_step', 'quantity': 'heat'},
     "parameter faults[0].quantity: expected one of acceleration, rotation, got 'heat'"),
    ({'sensor': 'gnss', 'kind': 'gnss_jump', 'direction_deg': 361.0},
     'parameter faults[0].direction_deg: expected -360 to 360 deg, got 361.0'),
    ({**GOOD, 'kind': 'duplicate', 'magnitude': 1.5},
     'parameter faults[0].magnitude: expected'),
    ({**GOOD, 'kind': 'delay', 'magnitude': -0.1},
     'parameter faults[0].magnitude: expected 0 to 60 s, got -0.1'),
    ({**GOOD, 'kind': 'delay', 'magnitude': math.inf},
     'parameter faults[0].magnitude: expected 0 to 60 s, got inf'),
    ({**GOOD, 'kind': 'delay', 'magnitude': math.nan}, 'parameter faults[0].magnitude: expected'),
    ({**GOOD, 'kind': 'delay', 'magnitude': 'much'},
     "parameter faults[0].magnitude: expected a number, got 'much'"),
    ({'sensor': 'top', 'kind': 'thinned', 'magnitude': 1.5},
     'parameter faults[0].magnitude: expected 0 to 1, got 1.5'),
    ({'sensor': 'imu', 'kind': 'blur'}, 'parameter faults[0].kind: expected one that fits '
     'sensor_msgs/msg/Imu (imu), got blur'),
    ({'sensor': 'top', 'kind': 'camera_info_scaled'}, 'parameter faults[0].kind: expected one '
     'that fits sensor_msgs/msg/PointCloud2 (top), got camera_info_scaled'),
    ({'sensor': 'wheels', 'kind': 'gnss_jump'}, 'parameter faults[0].kind: expected one that '
     'fits geometry_msgs/msg/TwistStamped (wheels), got gnss_jump'),
])
def test_a_mistake_is_one_clear_line(entry, text, tmp_path):
    with pytest.raises(ConfigError, match=re.escape(text)) as caught:
        load(tmp_path, entry)
    assert '\n' not in str(caught.value)


def test_a_mistake_names_the_fault_that_has_it(tmp_path):
    with pytest.raises(ConfigError, match=r'faults\[2\]\.kind'):
        load(tmp_path, GOOD, GOOD, {'sensor': 'imu', 'kind': 'blur'})


@pytest.mark.parametrize(('text', 'said'), [
    ('faults: [', 'expected readable YAML, got while parsing'),
    ('', "expected names at the top, got <class 'NoneType'>"),
    ('- {sensor: imu, kind: drop}', "expected names at the top, got <class 'list'>"),
    ('topics: {}', 'expected a list of faults, got None'),
    ('faults: []', r'expected a list of faults, got \[\]'),
    ('faults: {sensor: imu}', "expected a list of faults, got {'sensor': 'imu'}"),
    ('faults: [{sensor: imu, kind: drop}]\ntopics: [1]',
     r'expected topics by the names of sensors, got \[1\]'),
    ('faults: [{sensor: imu, kind: drop}]\ntopics: {imu: imu}',
     "expected topics by the names of sensors, got {'imu': 'imu'}"),
    ('faults: [{sensor: imu, kind: drop}]\ntopics: {imu: 3}',
     "expected topics by the names of sensors, got {'imu': 3}"),
])
def test_a_file_of_another_form_is_refused_by_its_name(text, said, tmp_path):
    file = tmp_path / 'f.yaml'
    file.write_text(text)
    with pytest.raises(ConfigError, match=f'fault file .*f.yaml: {said}'):
        load_faults(file)


def test_another_name_at_the_top_is_refused(tmp_path):
    text = r'parameter fault: expected a declared parameter \(close to it: faults\)'
    with pytest.raises(ConfigError, match=text):
        load(tmp_path, GOOD, fault=[])


def test_a_file_that_is_not_there_is_refused(tmp_path):
    text = 'fault file .*none.yaml: expected readable YAML, got .*No such file'
    with pytest.raises(ConfigError, match=text):
        load_faults(tmp_path / 'none.yaml')


def test_without_a_vehicle_there_are_no_lidars_and_cameras(tmp_path):
    text = r'expected one of imu, gnss, gnss_vel, wheels, or a topic, got .top.'
    with pytest.raises(ConfigError, match=text):
        load(tmp_path, {'sensor': 'top', 'kind': 'drop'}, config=None)


def test_what_is_recorded_must_have_the_topic_and_fit():
    silent = fault(FaultKind.DROP, kinds.IMU)
    check_recorded([silent], {'/imu': kinds.IMU})
    text = r'topic /imu of faults\[0\]: expected one that is recorded, got /a, /b'
    with pytest.raises(ConfigError, match=text):
        check_recorded([silent], {'/a': kinds.IMU, '/b': kinds.FIX})
    with pytest.raises(ConfigError, match='expected one that is recorded, got none'):
        check_recorded([silent], {})
    with pytest.raises(ConfigError, match=r'faults\[0\].kind: expected one that fits std_msgs/'):
        check_recorded([silent], {'/imu': 'std_msgs/msg/String'})
    moved = fault(FaultKind.EXTRINSICS_SHIFTED, kinds.IMU)
    with pytest.raises(ConfigError, match='topic /tf_static of'):
        check_recorded([moved], {'/imu': kinds.IMU})

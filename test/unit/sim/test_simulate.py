# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A simulated bag holds what its rig measures, the truth beside it, and is the same every time."""

from __future__ import annotations

from dataclasses import replace
import subprocess
import sys

import numpy as np
import pytest

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.cli import main
from mm_fusion_ros.messages.convert_in import to_boxes, to_lidar_sweep
from mm_fusion_ros.messages.convert_in.fields import read_header
from mm_fusion_ros.sim.frames import EPOCH_NS
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.sensors.clocks import ClockSettings
from mm_fusion_ros.sim.simulate import Scenario, simulate

SECONDS = 1.0


def quiet(done, total):
    assert 0 < done <= total


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    path = tmp_path_factory.mktemp('sim') / 'bag'
    assert main(['simulate', '-o', str(path), '--seed', '2', '--seconds', '1', '--workers', '1',
                 '--depth']) == 0
    return path


def messages(bag, topic):
    with BagReader(bag) as reader:
        return [(item.log_time_ns, item.message) for item in reader.messages([topic])]


def test_every_sensor_and_the_truth_are_there(bag):
    with BagReader(bag) as reader:
        counts = {info.name: info.count for info in reader.topics}
        latched = {info.name for info in reader.topics if info.transient_local}
    assert latched == {'/tf_static'}
    assert counts == {
        '/tf_static': 1, '/sensing/lidar/top/points': 10, '/sensing/camera/front/image_raw': 10,
        '/sensing/camera/front/camera_info': 10, '/sensing/imu/data': 201,
        '/sensing/gnss/fix': 11, '/sensing/gnss/vel': 11, '/vehicle/twist': 51,
        '/ground_truth/detections': 10, '/ground_truth/odometry': 101,
        '/ground_truth/imu_bias': 5, '/ground_truth/bev/drivable': 10,
        '/ground_truth/bev/lane_line': 10, '/ground_truth/bev/crosswalk': 10,
        '/ground_truth/visibility/top': 10, '/ground_truth/visibility/front': 10,
        '/ground_truth/depth/front': 10,
    }


def test_a_sweep_arrives_after_its_last_point(bag):
    for log_time_ns, message in messages(bag, '/sensing/lidar/top/points'):
        sweep = to_lidar_sweep(message)
        assert log_time_ns > sweep.stamp_ns + int(sweep.time_offset_ns.max())
        assert 0.09e9 < np.ptp(sweep.time_offset_ns) < 0.1e9


def test_truth_has_the_stamp_of_the_sweep(bag):
    sweeps = [read_header(message)[0] for _, message in messages(bag, '/sensing/lidar/top/points')]
    truth = [to_boxes(message) for _, message in messages(bag, '/ground_truth/detections')]
    assert [item.stamp_ns for item in truth] == sweeps
    assert all(len(item.boxes) for item in truth)
    seen = messages(bag, '/ground_truth/visibility/top')
    assert [len(message.status) for _, message in seen] == [len(item.boxes) for item in truth]
    counts = [int(status.values[0].value) for _, message in seen for status in message.status]
    assert max(counts) > 20


def test_the_doctor_finds_nothing_wrong_with_it(bag, capsys):
    assert main(['doctor', str(bag)]) == 0
    told = capsys.readouterr().out
    assert 'warning' not in told
    assert 'error' not in told
    assert 'perception would answer at 10.0 Hz' in told


def test_the_same_drive_gives_the_same_bytes_whatever_the_workers(bag, tmp_path):
    drive = Scenario(2, SECONDS, load_rig('demo'), has_depth=True)
    again = tmp_path / bag.name  # a bag's file holds its own name
    simulate(drive, again, quiet, workers=2)
    first, second = (next(path.glob('*.mcap')).read_bytes() for path in (bag, again))
    assert first == second


def test_another_seed_gives_another_drive(bag, tmp_path):
    simulate(Scenario(3, 0.3, load_rig('demo')), tmp_path / 'other', quiet)
    clouds = [messages(path, '/sensing/lidar/top/points')[0][1] for path in (
        bag, tmp_path / 'other')]
    assert bytes(clouds[0].data[:400]) != bytes(clouds[1].data[:400])


def test_truth_goes_by_the_stamps_of_a_clock_that_is_wrong(tmp_path):
    rig = load_rig('demo')
    wrong = ClockSettings(offset_ms=-7.0, jitter_ms=2.0)
    rig = replace(rig, lidars=(replace(rig.lidars[0], clock=wrong),))
    simulate(Scenario(2, 0.5, rig), tmp_path / 'bag', quiet)

    def stamps(topic):
        return [read_header(message)[0] for _, message in messages(tmp_path / 'bag', topic)]

    own = stamps('/sensing/lidar/top/points')
    assert len({(stamp_ns - EPOCH_NS) % 100_000_000 for stamp_ns in own}) == len(own)
    for topic in ('detections', 'visibility/top', 'bev/drivable'):
        assert stamps(f'/ground_truth/{topic}') == own


def test_messages_of_a_sensor_do_not_overtake_each_other(tmp_path):
    rig = load_rig('demo')
    slow = ClockSettings(delay_jitter_ms=300.0)
    rig = replace(rig, cameras=(replace(rig.cameras[0], clock=slow),), lidars=())
    simulate(Scenario(2, 1.0, rig), tmp_path / 'bag', quiet)
    own = [read_header(message)[0] for _, message in messages(
        tmp_path / 'bag', '/sensing/camera/front/image_raw')]
    assert own == sorted(own)


def test_mounting_varies_with_the_vehicle():
    usual, first, again, second = (
        load_rig('demo', vehicle).lidars[0].settings for vehicle in (None, 1, 1, 2))
    assert first == again
    assert len({usual.z_m, first.z_m, second.z_m}) == 3
    assert abs(first.z_m - usual.z_m) <= 0.3
    assert abs(first.pitch_deg - usual.pitch_deg) <= 1.0


def test_without_what_it_needs_the_simulator_says_so(tmp_path):
    code = ('import sys, importlib.util as u; find = u.find_spec; '
            'u.find_spec = lambda name, *a: None if name == "embreex" else find(name, *a); '
            'import mm_fusion_ros.demo; from mm_fusion_ros.cli import main; '
            f'sys.exit(main(["simulate", "-o", {str(tmp_path / "bag")!r}]))')
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                            check=False)
    assert result.returncode == 2
    assert result.stderr == (
        'mm_fusion: simulator: expected packages that are extra '
        '(pip install embreex shapely threadpoolctl), got no embreex\n')


def test_clocks_of_sensors_may_be_wrong_and_messages_lost(tmp_path):
    rig = load_rig('demo')
    clock = ClockSettings(offset_ms=80.0, delay_ms=30.0, delay_jitter_ms=0.0)
    rig = replace(rig, cameras=(replace(rig.cameras[0], clock=clock),),
                  lidars=(replace(rig.lidars[0], clock=ClockSettings(loss=1.0)),))
    simulate(Scenario(2, 0.4, rig), tmp_path / 'bag', quiet)
    images = messages(tmp_path / 'bag', '/sensing/camera/front/image_raw')
    assert [read_header(message)[0] - EPOCH_NS for _, message in images] == [
        130_000_000, 230_000_000, 330_000_000, 430_000_000]
    assert images[0][0] - EPOCH_NS == 80_000_000
    assert not messages(tmp_path / 'bag', '/sensing/lidar/top/points')
    assert messages(tmp_path / 'bag', '/ground_truth/detections')


@pytest.mark.parametrize(('arguments', 'text'), [
    (['--rig', 'nothing'], 'rig: expected one of demo'),
    (['--weather', 'snow'], 'weather: expected one of'),
    (['--seconds', '0'], 'seconds: expected'),
    (['--seconds', 'nan'], 'seconds: expected'),
    (['--seed', '-1'], 'seed: expected'),
    (['--workers', '0'], 'workers: expected'),
])
def test_what_cannot_be_simulated_is_said(tmp_path, capsys, arguments, text):
    assert main(['simulate', '-o', str(tmp_path / 'bag'), *arguments]) == 2
    assert text in capsys.readouterr().err
    assert not (tmp_path / 'bag').exists()

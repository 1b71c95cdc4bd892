# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The perception node over DDS: it answers, whatever it is fed, and says what was wrong."""

import time

import numpy as np
import pytest
from support import drive
from support.bench import assert_answers_well, Bench

from mm_fusion_ros.stamps import NS_PER_S

pytestmark = pytest.mark.system


@pytest.fixture(scope='module')
def bench():
    with Bench() as bench:
        bench.send_calibration()
        bench.report(bench.send_frame())  # discovery is over
        yield bench


def test_a_frame_is_answered_with_boxes_and_where_the_time_went(bench):
    assert_answers_well(bench)
    stages = {item.stage: item.elapsed_ms for item in bench.report(bench.send_frame()).stages}
    assert stages['total'] == pytest.approx(
        sum(stages[name] for name in
            ('transport', 'sync_wait', 'queue', 'convert', 'perceive', 'publish')), abs=0.5)
    assert all(value >= 0.0 for value in stages.values())


def test_a_frame_without_its_image_is_answered_after_the_deadline(bench):
    report = bench.report(bench.send_frame(image=None))
    assert [sensor.present for sensor in report.sensors] == [True, False]
    waited = next(item for item in report.stages if item.stage == 'sync_wait')
    assert waited.elapsed_ms < 200.0
    assert_answers_well(bench)


def broken_cloud(**fields):
    def make(stamp_ns):
        message = drive.cloud(stamp_ns)
        for name, value in fields.items():
            setattr(message, name, value(message) if callable(value) else value)
        return message

    return make


BAD_CLOUDS = {
    'truncated': (broken_cloud(data=lambda m: m.data[:-100]), 'point cloud data: expected'),
    'oversized': (
        broken_cloud(data=lambda m: np.concatenate([m.data, m.data])),
        'point cloud data: expected'),
    'absurd width': (broken_cloud(width=2**31), 'point cloud row_step: expected'),
    'absurd height': (broken_cloud(height=2**31), 'point cloud data: expected'),
    'no x': (
        broken_cloud(fields=lambda m: m.fields[1:]), "point field 'x': expected one among y, z"),
    'an offset beyond the point': (
        broken_cloud(point_step=4), 'point fields: expected offsets within'),
}


@pytest.mark.parametrize('kind', BAD_CLOUDS)
def test_a_bad_cloud_is_named_and_the_next_is_answered(bench, kind):
    make, text = BAD_CLOUDS[kind]
    report = bench.report(bench.send_frame(cloud=make))
    assert any(f'top: {text}' in warning for warning in report.warnings), report.warnings
    assert [sensor.present for sensor in report.sensors] == [False, True]
    assert_answers_well(bench)


def test_a_big_endian_cloud_is_read(bench):
    def make(stamp_ns):
        message = drive.cloud(stamp_ns)
        message.data = message.data.view('<f4').astype('>f4').view(np.uint8)
        message.is_bigendian = True
        return message

    stamp_ns = bench.send_frame(cloud=make)
    assert bench.report(stamp_ns).warnings == ()
    assert len(bench.boxes(stamp_ns)) == 1


def test_an_empty_cloud_is_answered_and_is_not_called_free(bench):
    stamp_ns = bench.send_frame(
        cloud=lambda stamp_ns: drive.cloud(stamp_ns, points=np.empty((0, 3), np.float32)))
    report = bench.report(stamp_ns)
    assert report.warnings[0].startswith('top: sweep: expected a valid point, got none')
    assert report.is_blind
    assert len(bench.boxes(stamp_ns)) == 0
    assert_answers_well(bench)


def broken_image(**fields):
    def make(stamp_ns):
        message = drive.image(stamp_ns)
        for name, value in fields.items():
            setattr(message, name, value)
        return message

    return make


@pytest.mark.parametrize(('make', 'text'), [
    (broken_image(encoding='plaid8'), 'front: image encoding: expected'),
    (broken_image(step=1), 'front: image step: expected'),
    (broken_image(width=2**31), 'front: image'),
    (broken_image(data=np.zeros(10, np.uint8)), 'front: image data: expected'),
])
def test_a_bad_image_is_named_and_the_lidar_is_answered(bench, make, text):
    stamp_ns = bench.send_frame(image=make)
    report = bench.report(stamp_ns)
    assert any(warning.startswith(text) for warning in report.warnings), report.warnings
    assert [sensor.present for sensor in report.sensors] == [True, False]
    assert len(bench.boxes(stamp_ns)) == 1
    assert_answers_well(bench)


@pytest.mark.parametrize('bad', [0.0, float('nan'), float('inf'), -300.0])
def test_bad_intrinsics_are_named_until_good_ones_come(bench, bad):
    info = drive.camera_info(time.time_ns())
    info.p = np.array([bad, *info.p[1:]])
    bench.send(drive.CAMERA_INFO, info)
    time.sleep(0.2)
    report = bench.report(bench.send_frame())
    assert any('front: ' in text and 'expected' in text for text in report.warnings)
    assert [sensor.present for sensor in report.sensors] == [True, False]
    bench.send(drive.CAMERA_INFO, drive.camera_info(time.time_ns()))
    time.sleep(0.2)
    assert_answers_well(bench)


def test_a_frame_nobody_placed_is_named(bench):
    report = bench.report(
        bench.send_frame(cloud=lambda stamp_ns: drive.cloud(stamp_ns, 'on_a_kite')))
    assert 'top: transform from on_a_kite to base_link: expected a chain of frames' in (
        ' '.join(report.warnings))
    assert_answers_well(bench)


def test_an_unnormalised_quaternion_is_refused_and_the_transform_that_was_stays(bench):
    message = drive.transforms()
    message.transforms[0].transform.rotation.w = 7.0
    bench.send('/tf_static', message)
    bench.wait(lambda: any('lidar_top' in text and 'quaternion' in text for text in bench.said))
    assert_answers_well(bench)


def test_extrinsics_that_change_move_the_boxes(bench):
    moved = drive.transforms()
    moved.transforms[0].transform.translation.x += 3.0
    bench.send('/tf_static', moved)
    time.sleep(0.3)
    stamp_ns = bench.send_frame()
    bench.report(stamp_ns)
    np.testing.assert_allclose(
        bench.boxes(stamp_ns).centers[0, 0], drive.CAR_CENTER[0] + 3.0, atol=0.5)
    bench.send('/tf_static', drive.transforms())
    time.sleep(0.3)
    assert bench.report(bench.send_frame()).warnings == (
        'top: its transform has changed, by 3.00 m and 0.0 deg',)
    assert_answers_well(bench)


@pytest.mark.parametrize(('shift_s', 'name'), [
    (None, 'no clock (zero)'),
    (-1.6e9, 'time since boot'),
    (37.0, 'TAI'),
    (3600.0, 'an unknown clock'),
    (-3600.0, 'an unknown clock'),
])
def test_stamps_that_no_clock_explains_are_named_and_the_next_good_frame_is_answered(
    bench, shift_s, name
):
    def make(stamp_ns):
        stamp_ns = 0 if shift_s is None else stamp_ns + int(shift_s * NS_PER_S)
        return drive.cloud(stamp_ns)

    bench.said.clear()
    bench.send_frame(cloud=make, image=None)
    bench.wait(lambda: any(f'top: stamps are of {name}' in text for text in bench.said))
    # Both were silent meanwhile, so for one frame neither is waited for.
    bench.report(bench.send_frame())
    assert_answers_well(bench)


def test_an_error_inside_perception_costs_one_frame(bench, monkeypatch):
    pipeline = bench.node._pipeline
    step, failed = pipeline.step, []

    def fail_once(frame):
        if not failed:
            failed.append(frame)
            raise RuntimeError('a bug of ours')
        return step(frame)

    monkeypatch.setattr(pipeline, 'step', fail_once)
    bench.send_frame()
    bench.wait(lambda: any('a bug of ours' in text for text in bench.said))
    assert_answers_well(bench)


def test_sensors_that_fall_silent_are_named(bench):
    bench.report(bench.send_frame())
    bench.said.clear()
    for text in ('top: silent for', 'front: silent for', 'no frame was answered for'):
        bench.wait(lambda text=text: any(text in said for said in bench.said))
    bench.report(bench.send_frame())
    assert_answers_well(bench)


def test_bytes_that_are_no_message_do_not_end_the_node(bench):
    bench.send(drive.POINTS, b'\x00\x01\x00\x00 no cloud')
    time.sleep(0.3)
    assert_answers_well(bench)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Ego motion taken out of sweeps and images, and what is said where it could not be."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support import ego_drive
from support.drive import START_NS, T_BASE_CAMERA

from mm_fusion_ros.data_types import LidarSweep
from mm_fusion_ros.ego_motion.compensation import MotionCompensation
from mm_fusion_ros.ego_motion.poses import EgoPoses
from mm_fusion_ros.geometry.transform_tree import TransformTree
from mm_fusion_ros.geometry.transforms import from_euler, inverse
from mm_fusion_ros.perception_config import perception_config
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.sync.match import Match, MatchMember, Sample

T_BASE_LIDAR = from_euler((1.0, -0.2, 1.8), 0.02, -0.1, 2.0)
SCENE = np.random.default_rng(0).uniform((-60, -60, 0), (60, 60, 5), (400, 3))
TIMES_NS = np.random.default_rng(1).integers(0, 100 * NS_PER_MS, 400)
STAMP_NS = START_NS + 300 * NS_PER_MS
POSES_MS = tuple(range(0, 1001, 20))


def ready(poses_ms=POSES_MS, twist=ego_drive.TWIST, **values):
    """Give a compensation to which odometry came at some times."""
    config = perception_config(
        {'lidars': ('top', 'rear'), 'ego_motion.short_prediction_ms': 0, **values})
    poses = EgoPoses(config.ego_motion, config.base_frame, TransformTree())
    for ms in poses_ms:
        assert poses.add_odometry(ego_drive.odometry(START_NS + ms * NS_PER_MS, twist)) == ()
    return MotionCompensation(config, poses)


def sweep(stamp_ns=STAMP_NS, twist=ego_drive.TWIST, *, shift_ns=0, has_times=True):
    """Give the scene as a turning LiDAR sees it; its points begin `shift_ns` after the stamp."""
    offsets_ns = TIMES_NS + shift_ns
    points = ego_drive.seen(SCENE, stamp_ns + offsets_ns, T_BASE_LIDAR, twist)
    times = offsets_ns.astype(np.int32) if has_times else None
    return LidarSweep(stamp_ns, 'lidar_top', points, time_offset_ns=times)


def standing(stamp_ns, twist=ego_drive.TWIST):
    """Give the scene as a LiDAR would see it at one instant."""
    return ego_drive.seen(SCENE, np.full(len(SCENE), stamp_ns), T_BASE_LIDAR, twist)


@given(
    st.tuples(*[st.floats(-30.0, 30.0)] * 2, st.floats(-1.0, 1.0), *[st.floats(-0.2, 0.2)] * 2,
              st.floats(-0.8, 0.8)).map(np.array),
    st.sampled_from([0, -50, -100]), st.integers(-90, 90))
def test_what_stands_still_is_seen_as_at_the_stamp_of_the_frame(twist, shift_ms, frame_ms):
    """However fast the vehicle is, wherever the stamp lies in the sweep, also for a partner."""
    frame_ns = STAMP_NS + frame_ms * NS_PER_MS
    measured = sweep(twist=twist, shift_ns=shift_ms * NS_PER_MS)
    moved, use = ready(twist=twist).deskew('rear', measured, (STAMP_NS, frame_ns), T_BASE_LIDAR)
    np.testing.assert_allclose(moved.points, standing(frame_ns, twist), atol=1e-3)
    assert (use.quality, use.warning) == ('interpolated', '')
    assert moved.time_offset_ns is measured.time_offset_ns


def test_without_deskewing_the_same_sweep_is_smeared_by_a_metre():
    measured = sweep()
    assert np.abs(measured.points - standing(STAMP_NS)).max() > 1.0


@given(st.integers(-90, 90))
def test_a_camera_is_where_it_was_when_it_took_its_image(offset_ms):
    image_ns = STAMP_NS + offset_ms * NS_PER_MS
    T, use = ready().camera_at('front', (image_ns, STAMP_NS), T_BASE_CAMERA)
    expected = inverse(ego_drive.pose(STAMP_NS)) @ ego_drive.pose(image_ns) @ T_BASE_CAMERA
    np.testing.assert_allclose(T, expected, atol=1e-6)
    assert use.warning == ''


def test_a_sweep_without_times_is_moved_as_a_whole_and_it_is_said_once():
    motion = ready()
    measured = LidarSweep(STAMP_NS, 'lidar_top', standing(STAMP_NS + 40 * NS_PER_MS))
    stamps = (STAMP_NS + 40 * NS_PER_MS, STAMP_NS)
    moved, use = motion.deskew('rear', measured, stamps, T_BASE_LIDAR)
    np.testing.assert_allclose(moved.points, standing(STAMP_NS), atol=1e-3)
    assert use.warning == 'its points carry no times: the sweep is not deskewed'
    assert motion.deskew('rear', measured, stamps, T_BASE_LIDAR)[1].warning == ''
    motion.forget()
    assert motion.deskew('rear', measured, stamps, T_BASE_LIDAR)[1].warning


@pytest.mark.parametrize(('newest_ms', 'quality', 'text'), [
    (400, 'interpolated', ''),
    (360, 'predicted', 'ego motion: predicted 40 ms beyond the newest pose'),
    (180, 'static', 'no ego pose for 220 ms: the vehicle is taken to stand still'),
])
def test_how_far_poses_reach_is_said(newest_ms, quality, text):
    motion = ready(range(0, newest_ms + 1, 20))
    moved, use = motion.deskew('top', sweep(), (STAMP_NS, STAMP_NS), T_BASE_LIDAR)
    assert use.quality == quality
    # Points have times of their own: the last one is up to 1 ms before the sweep's end.
    assert use.warning.replace('39', '40').replace('219', '220') == text
    if quality == 'predicted':  # a constant twist goes on as it is
        np.testing.assert_allclose(moved.points, standing(STAMP_NS), atol=1e-3)


def test_a_short_prediction_is_worth_neither_a_warning_nor_a_wait():
    motion = ready(range(0, 381, 20), **{'ego_motion.short_prediction_ms': 20})
    moved, use = motion.deskew('top', sweep(), (STAMP_NS, STAMP_NS), T_BASE_LIDAR)
    assert (use.quality, use.warning) == ('predicted', '')
    np.testing.assert_allclose(moved.points, standing(STAMP_NS), atol=1e-3)
    needed_ns = motion.needed_ns(match(top=0, front=120))
    assert needed_ns == STAMP_NS + 100 * NS_PER_MS


def test_before_the_first_pose_velocity_goes_back():
    motion = ready(range(320, 600, 20))
    moved, use = motion.deskew('top', sweep(), (STAMP_NS, STAMP_NS), T_BASE_LIDAR)
    assert (use.quality, use.warning) == (
        'predicted', 'ego motion: predicted back from the oldest pose')
    np.testing.assert_allclose(moved.points, standing(STAMP_NS), atol=1e-3)


def test_long_before_the_first_pose_the_vehicle_stands_still():
    use = ready((900, 920)).camera_at('front', (STAMP_NS + 9, STAMP_NS), T_BASE_CAMERA)[1]
    assert use.quality == 'static'
    assert use.warning == 'no ego pose of its time: the vehicle is taken to stand still'


def test_without_any_pose_everything_stays_as_it_is_and_each_sensor_says_so_once():
    motion, measured = ready(()), sweep()
    moved, use = motion.deskew('top', measured, (STAMP_NS, STAMP_NS), T_BASE_LIDAR)
    assert moved is measured
    assert use.warning == 'no ego pose: the sweep is not deskewed'
    assert motion.deskew('top', measured, (STAMP_NS, STAMP_NS), T_BASE_LIDAR)[1].warning == ''
    T, use = motion.camera_at('front', (STAMP_NS + 1, STAMP_NS), T_BASE_CAMERA)
    assert T is T_BASE_CAMERA
    assert use.warning == 'no ego pose: the image is not moved in time'
    whole = LidarSweep(STAMP_NS, 'lidar_rear', measured.points)
    use = motion.deskew('rear', whole, (STAMP_NS + 1, STAMP_NS), T_BASE_LIDAR)[1]
    assert use.warning == 'no ego pose: the sweep is not moved in time'


def test_what_needs_no_pose_is_not_missed():
    motion = ready(())
    whole = LidarSweep(STAMP_NS, 'lidar_top', standing(STAMP_NS))
    moved, use = motion.deskew('top', whole, (STAMP_NS, STAMP_NS), T_BASE_LIDAR)
    assert (moved, use.warning) == (whole, '')
    assert motion.camera_at('front', (STAMP_NS, STAMP_NS), T_BASE_CAMERA)[1].warning == ''


@pytest.mark.parametrize('values', [
    {'ego_motion.source': 'none'},
    {'ego_motion.deskew': False, 'ego_motion.camera_motion': False}])
def test_switched_off_nothing_is_moved_and_nothing_said(values):
    motion, measured = ready(**values), sweep()
    moved, use = motion.deskew('top', measured, (STAMP_NS, STAMP_NS), T_BASE_LIDAR)
    assert (moved, use.warning) == (measured, '')
    T, use = motion.camera_at('front', (STAMP_NS + 1, STAMP_NS), T_BASE_CAMERA)
    assert (T is T_BASE_CAMERA, use.warning) == (True, '')
    assert motion.needed_ns(match(front=80)) is None


def match(**offsets_ms):
    """Give a match of sensors with these stamps; messages arrive 150 ms after the frame's."""
    arrival_ns = STAMP_NS + 150 * NS_PER_MS
    return Match(STAMP_NS, 'top', arrival_ns, arrival_ns, tuple(
        MatchMember(
            name, (Sample(STAMP_NS + round(offset * NS_PER_MS), arrival_ns, None),),
            round(offset * NS_PER_MS), 0)
        for name, offset in offsets_ms.items()))


@pytest.mark.parametrize(('values', 'offsets_ms', 'needed_ms'), [
    ({}, {'top': 0}, 100),  # a sweep of unknown length
    ({}, {'top': 0, 'rear': 30}, 130),
    ({}, {'top': 0, 'front': 120}, 120),
    ({'ego_motion.deskew': False}, {'top': 0, 'front': 40}, 40),
    ({'ego_motion.deskew': False}, {'top': 0, 'front': -40}, 0),  # that of the frame itself
    ({'ego_motion.deskew': False}, {'top': 0, 'front': 0}, None),
    ({'ego_motion.camera_motion': False}, {'top': 0, 'front': 140}, 100),
])
def test_the_pose_that_is_needed_is_that_of_the_last_measurement(values, offsets_ms, needed_ms):
    needed_ns = ready(**values).needed_ns(match(**offsets_ms))
    assert needed_ns == (None if needed_ms is None else STAMP_NS + needed_ms * NS_PER_MS)


@pytest.mark.parametrize(('shift_ms', 'needed_ms'), [(0, 100), (-50, 50), (-100, 0)])
def test_how_long_a_sweep_lasts_is_learned_from_the_one_before(shift_ms, needed_ms):
    motion = ready()
    motion.deskew(
        'top', sweep(shift_ns=shift_ms * NS_PER_MS), (STAMP_NS, STAMP_NS), T_BASE_LIDAR)
    needed_ns = motion.needed_ns(match(top=0))
    assert needed_ns == pytest.approx(STAMP_NS + needed_ms * NS_PER_MS, abs=NS_PER_MS)


def test_a_sweep_known_to_carry_no_times_needs_poses_only_if_it_is_of_another_instant():
    motion = ready()
    motion.deskew(
        'top', LidarSweep(STAMP_NS, 'lidar_top', standing(STAMP_NS)), (STAMP_NS, STAMP_NS),
        T_BASE_LIDAR)
    assert motion.needed_ns(match(top=0)) is None
    assert motion.needed_ns(match(top=30)) == STAMP_NS + 30 * NS_PER_MS

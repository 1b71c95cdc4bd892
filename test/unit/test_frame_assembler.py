# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""From a match to a frame: conversion, calibration, transforms, and what is said of their lack."""

from dataclasses import replace

import numpy as np
import pytest
from support import drive, ego_drive

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.frame_assembler import FrameAssembler
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import apply, from_euler
from mm_fusion_ros.intake import Received
from mm_fusion_ros.messages.convert_in import to_lidar_sweep
from mm_fusion_ros.messages.convert_out import (
    from_camera_model,
    from_pixels,
    from_point_columns,
    from_transforms,
)
from mm_fusion_ros.perception_config import perception_config
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.sync.counts import Fate
from mm_fusion_ros.sync.match import Match, MatchMember, Sample

STAMP_NS = 1_000_000_000
T_BASE_LIDAR = from_euler((1.0, 0.0, 1.8), 0.0, 0.0, 0.1)
T_BASE_CAMERA = from_euler((1.5, 0.0, 1.6), -np.pi / 2, 0.0, -np.pi / 2)
P = np.array([[100.0, 0.0, 8.0, 0.0], [0.0, 100.0, 4.0, 0.0], [0.0, 0.0, 1.0, 0.0]])


def cloud(frame_id='lidar_top', x=(5.0, 6.0)):
    xyz = {axis: np.array(values, np.float32) for axis, values in
           zip('xyz', (x, (0.0,) * len(x), (1.0,) * len(x)), strict=True)}
    return from_point_columns(xyz, STAMP_NS, frame_id, BAG_TYPES)


def image(width=16, height=8):
    pixels = np.zeros((height, width, 3), np.uint8) + np.arange(width, dtype=np.uint8)[:, None]
    return from_pixels(pixels, STAMP_NS, 'camera_front_optical', BAG_TYPES)


def info(width=16, height=8, p=P):
    model = CameraModel(width, height, p)
    return from_camera_model(model, STAMP_NS, 'camera_front_optical', BAG_TYPES)


def transforms(lidar=T_BASE_LIDAR):
    children = {'lidar_top': lidar, 'camera_front_optical': T_BASE_CAMERA}
    return from_transforms(children, 0, 'base_link', BAG_TYPES)


def match(top=None, front=None):
    members = []
    for name, message in (('top', top), ('front', front)):
        sample = Sample(STAMP_NS, STAMP_NS, Received(message, 0))
        members.append(
            MatchMember(name, (sample,), 0, 0) if message else MatchMember(name, (), None, None))
    return Match(STAMP_NS, 'top', STAMP_NS, STAMP_NS, tuple(members))


@pytest.fixture
def assembler():
    assembler = FrameAssembler(perception_config({'front.rectified': True}))
    assert assembler.add_transforms(transforms(), is_static=True) == ()
    assembler.set_camera_info('front', info())
    return assembler


def test_a_whole_match_becomes_a_whole_frame(assembler):
    frame = assembler.assemble(match(cloud(), image()))
    assert frame.stamp_ns == STAMP_NS
    assert frame.frame_id == 'base_link'
    assert frame.warnings == ()
    assert [sensor.present for sensor in frame.sensors] == [True, True]
    np.testing.assert_allclose(frame.lidars[0].T_base_lidar, T_BASE_LIDAR)
    np.testing.assert_allclose(frame.cameras[0].T_base_camera, T_BASE_CAMERA, atol=1e-12)
    np.testing.assert_array_equal(frame.cameras[0].model.projection, P)


def test_a_sensor_that_never_came_is_named_with_its_topic(assembler):
    frame = assembler.assemble(match(cloud(), None))
    assert frame.warnings == ('front: no message on /sensing/camera/front/image_raw yet',)
    assert [sensor.present for sensor in frame.sensors] == [True, False]
    assert frame.sensors[1].age_ns == -1


def test_a_missing_transform_names_both_frames_and_leaves_the_rest(assembler):
    frame = assembler.assemble(match(cloud('roof'), image()))
    assert frame.lidars == ()
    assert len(frame.cameras) == 1
    assert frame.warnings[0].startswith('top: transform from roof to base_link: expected a chain')
    assert assembler.needs_dynamic_transforms
    assert assembler.rejected('top') == 0


def test_a_transform_from_tf_reaches_the_sensor(assembler):
    assembler.assemble(match(cloud('roof'), image()))
    moving = from_transforms({'roof': T_BASE_LIDAR}, STAMP_NS, 'base_link', BAG_TYPES)
    assembler.add_transforms(moving, is_static=False)
    frame = assembler.assemble(match(cloud('roof'), image()))
    assert len(frame.lidars) == 1
    assert not assembler.needs_dynamic_transforms


def test_after_time_restarts_moving_transforms_are_forgotten(assembler):
    moving = from_transforms({'roof': T_BASE_LIDAR}, STAMP_NS, 'base_link', BAG_TYPES)
    assembler.add_transforms(moving, is_static=False)
    assembler.reset_time()
    assert assembler.assemble(match(cloud('roof'), None)).lidars == ()
    assert len(assembler.assemble(match(cloud(), None)).lidars) == 1


def test_a_missing_camera_info_names_its_topic():
    assembler = FrameAssembler(perception_config({}))
    assembler.add_transforms(transforms(), is_static=True)
    frame = assembler.assemble(match(cloud(), image()))
    assert frame.cameras == ()
    assert frame.warnings == (
        'front: front calibration: expected a CameraInfo on '
        '/sensing/camera/front/camera_info, got none yet',)


def test_an_unusable_message_is_counted_and_leaves_the_rest(assembler):
    broken = cloud()
    broken.data = broken.data[:-1]
    frame = assembler.assemble(match(broken, image()))
    assert frame.lidars == ()
    assert len(frame.cameras) == 1
    assert 'top: point cloud data: expected' in frame.warnings[0]
    assert not frame.sensors[0].present
    assert assembler.rejected('top') == 1
    assert assembler.assemble(match(cloud(), image())).warnings == ()


def test_a_sweep_without_a_valid_point_leaves_its_sensor_out(assembler):
    empty = cloud(x=(float('nan'), float('nan')))
    frame = assembler.assemble(match(empty, image()))
    assert frame.lidars == ()
    assert frame.warnings == ('top: sweep: expected a valid point, got none (2 bad)',)


def test_an_image_of_another_size_than_its_calibration_is_refused(assembler):
    frame = assembler.assemble(match(cloud(), image(width=20)))
    assert 'front: image size: expected 16 x 8 as in camera_info, got 20 x 8' in frame.warnings


def test_a_changed_extrinsic_holds_from_the_next_frame_on(assembler):
    assembler.assemble(match(cloud(), image()))
    moved = from_euler((2.0, 0.0, 1.8), 0.0, 0.0, 0.0)
    assembler.add_transforms(transforms(moved), is_static=True)
    frame = assembler.assemble(match(cloud(), image()))
    np.testing.assert_allclose(frame.lidars[0].T_base_lidar, moved)


def test_a_changed_calibration_holds_from_the_next_frame_on(assembler):
    first = assembler.assemble(match(cloud(), image())).cameras[0].model
    assembler.set_camera_info('front', info())
    assert assembler.assemble(match(cloud(), image())).cameras[0].model is first
    zoomed = P * [[2.0], [2.0], [1.0]]
    assembler.set_camera_info('front', info(p=zoomed))
    second = assembler.assemble(match(cloud(), image())).cameras[0].model
    np.testing.assert_array_equal(second.projection, zoomed)


def test_one_bad_transform_does_not_keep_the_others_out():
    assembler = FrameAssembler(perception_config({'cameras': ()}))
    message = transforms()
    message.transforms[1].transform.rotation.w = 9.0
    (problem,) = assembler.add_transforms(message, is_static=True)
    assert "transform from 'base_link' to 'camera_front_optical'" in problem
    members = match(cloud()).members[:1]
    frame = assembler.assemble(Match(STAMP_NS, 'top', STAMP_NS, STAMP_NS, members))
    assert len(frame.lidars) == 1


def test_a_sensor_that_is_said_to_have_moved_is_noticed_once(assembler):
    assert assembler.assemble(match(cloud(), image())).warnings == ()
    assembler.add_transforms(transforms(), is_static=True)
    later = cloud(x=(5.0, 6.1))
    assert _about(assembler.assemble(match(later, image())), 'transform') == ()
    assembler.add_transforms(
        transforms(from_euler((1.0, 0.5, 1.8), 0.0, 0.0, 0.1)), is_static=True)
    assert _about(assembler.assemble(match(cloud(), image())), 'transform') == (
        'top: its transform has changed, by 0.50 m and 0.0 deg',)
    assert _about(assembler.assemble(match(cloud(), image())), 'transform') == ()


def test_a_sensor_on_a_moving_mount_is_not_called_moved(assembler):
    for step in range(3):
        mount = from_transforms(
            {'roof': from_euler((1.0, 0.1 * step, 1.8), 0.0, 0.0, 0.0)},
            STAMP_NS + step, 'base_link', BAG_TYPES)
        assembler.add_transforms(mount, is_static=False)
        frame = assembler.assemble(match(cloud('roof'), image()))
        assert _about(frame, 'transform') == ()
        assert len(frame.lidars) == 1


def test_a_calibration_that_changes_is_noticed_once(assembler):
    assembler.assemble(match(cloud(), image()))
    assembler.set_camera_info('front', info())
    assert _about(assembler.assemble(match(cloud(), image())), 'calibration') == ()
    assembler.set_camera_info('front', info(p=P * [[2.0], [2.0], [1.0]]))
    frames = [assembler.assemble(match(cloud(), image())) for _ in range(2)]
    assert [_about(frame, 'calibration') for frame in frames] == [
        ('front: its calibration has changed',), ()]


def test_what_could_not_be_read_is_counted_and_said_with_the_next_frame(assembler):
    assembler.reject('top', 'message: expected a sweep, got 3 bytes')
    frame = assembler.assemble(match(cloud(), image()))
    assert frame.warnings == ('top: message: expected a sweep, got 3 bytes',)
    assert all(sensor.present for sensor in frame.sensors)
    assert assembler.rejected('top') == 1
    assert assembler.assemble(match(cloud(), image())).warnings == ()


@pytest.mark.parametrize(('fate', 'text'), [
    (Fate.LATE, 'a message came after the frame to which it belongs'),
    (Fate.OUT_OF_ORDER, 'messages came out of order'),
    (Fate.DUPLICATE, 'a message came twice'),
    (Fate.INVALID_STAMP, 'a stamp was zero, or far from the others'),
])
def test_messages_that_were_refused_are_said(assembler, fate, text):
    whole = match(cloud(), image())
    members = (replace(whole.members[0], refused=(fate,)), whole.members[1])
    frame = assembler.assemble(replace(whole, members=members))
    assert frame.warnings == (f'top: {text}',)
    assert all(sensor.present for sensor in frame.sensors)


def test_a_sweep_and_a_late_image_are_moved_to_the_stamp_of_the_frame():
    assembler, both = driving()
    frame = assembler.assemble(both)
    assert frame.warnings == ()
    assert [sensor.ego_motion for sensor in frame.sensors] == ['interpolated', 'interpolated']
    swept = to_lidar_sweep(both.members[0].samples[0].payload.message)
    (lidar,), (camera,) = frame.lidars, frame.cameras
    at_once = ego_drive.seen(
        apply(drive.T_BASE_LIDAR, drive.scene_points().astype(np.float64)),
        np.full(len(swept), drive.START_NS), drive.T_BASE_LIDAR)
    assert np.abs(swept.points - at_once).max() > 1.0
    np.testing.assert_allclose(lidar.sweep.points, at_once, atol=1e-3)
    np.testing.assert_allclose(lidar.T_base_lidar, drive.T_BASE_LIDAR, atol=1e-9)
    moved = ego_drive.pose(drive.START_NS + ego_drive.IMAGE_LATE_NS)
    np.testing.assert_allclose(camera.T_base_camera, moved @ drive.T_BASE_CAMERA, atol=1e-6)


def test_without_poses_the_frame_is_as_measured_and_each_sensor_says_so_once():
    assembler, both = driving(poses=0)
    frame = assembler.assemble(both)
    assert frame.warnings == (
        'top: no ego pose: the sweep is not deskewed',
        'front: no ego pose: the image is not moved in time')
    assert [sensor.ego_motion for sensor in frame.sensors] == ['', '']
    np.testing.assert_allclose(frame.cameras[0].T_base_camera, drive.T_BASE_CAMERA, atol=1e-9)
    assert not [text for text in assembler.assemble(both).warnings if 'ego' in text]


def test_what_is_beyond_the_newest_pose_is_said_of_each_sensor():
    assembler, both = driving(poses=4)  # the last one 10 ms after the stamp
    frame = assembler.assemble(both)
    assert frame.warnings == (
        'top: ego motion: predicted 90 ms beyond the newest pose',
        'front: ego motion: predicted 30 ms beyond the newest pose')
    assert [sensor.ego_motion for sensor in frame.sensors] == ['predicted', 'predicted']
    assert [sensor.present for sensor in frame.sensors] == [True, True]


def test_a_frame_tells_how_the_vehicle_moves_as_far_as_poses_reach():
    assembler, both = driving()
    ego = assembler.assemble(both).ego
    np.testing.assert_allclose(ego.T_odom_base, ego_drive.pose(drive.START_NS), atol=1e-6)
    np.testing.assert_allclose(ego.twist, ego_drive.TWIST, atol=1e-4)
    assert ego.acceleration_mps2 == pytest.approx(0.0, abs=1e-2)
    assert driving(poses=0)[0].assemble(both).ego is None
    assembler.reset_time()
    assembler.add_odometry(ego_drive.odometry(drive.START_NS - 250 * NS_PER_MS))
    assert assembler.assemble(both).ego is None  # it stood still, for all that is known


def test_after_time_restarts_poses_are_forgotten():
    assembler, both = driving()
    assembler.reset_time()
    assert 'top: no ego pose: the sweep is not deskewed' in assembler.assemble(both).warnings


def driving(poses=12):
    """Give an assembler that knows some poses, 20 ms apart, and a match of a drive."""
    assembler = FrameAssembler(perception_config({'front.rectified': True}))
    assembler.add_transforms(drive.transforms(), is_static=True)
    assembler.set_camera_info('front', drive.camera_info(drive.START_NS))
    for step in range(poses):
        stamp_ns = drive.START_NS + (20 * step - 50) * NS_PER_MS
        assert assembler.add_odometry(ego_drive.odometry(stamp_ns)) == ()
    image_ns = drive.START_NS + ego_drive.IMAGE_LATE_NS
    members = tuple(
        MatchMember(
            name, (Sample(stamp_ns, stamp_ns, Received(message, 0)),),
            stamp_ns - drive.START_NS, 0)
        for name, stamp_ns, message in (
            ('top', drive.START_NS, ego_drive.cloud(drive.START_NS)),
            ('front', image_ns, drive.image(image_ns))))
    return assembler, Match(drive.START_NS, 'top', drive.START_NS, drive.START_NS, members)


def _about(frame, word):
    """Give the warnings with a word; that messages show the same is for another test."""
    return tuple(text for text in frame.warnings if word in text)

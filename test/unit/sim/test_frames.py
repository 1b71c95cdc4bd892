# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Frames of a made world agree with its truth, and the sensors with each other."""

from __future__ import annotations

import numpy as np
import pytest

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.boxes import corners, count_points
from mm_fusion_ros.sim.frames import render_frame, stamp_of
from mm_fusion_ros.sim.shots import Kind, Shot
from mm_fusion_ros.sim.truth import true_boxes

TIMES_S = (1.0, 2.5, 4.0)


@pytest.fixture(scope='module', params=TIMES_S)
def shots(stage, request):
    """Make a sweep, and an image from just when the beams look ahead."""
    time_s = request.param
    sweep = stage.studio.sweep(Shot(Kind.LIDAR, 0, 0, time_s))
    image = stage.studio.image(Shot(Kind.CAMERA, 0, 0, time_s + 0.05))
    return stage, sweep, image, time_s + 0.05


def in_world(stage, sweep):
    """Take every point into the world from where the sensor was at its own time."""
    T = stage.world.drive.T_world_base(sweep.times_s) @ stage.studio.T_base_lidars[0]
    return np.einsum('nij,nj->ni', T[:, :3, :3], sweep.points.astype(float)) + T[:, :3, 3]


def test_a_box_holds_its_own_points_at_their_own_times(shots):
    stage, sweep, _, _ = shots
    points = in_world(stage, sweep)
    on_actors = np.flatnonzero((sweep.actors >= 0) & sweep.is_body)
    assert len(on_actors) > 100
    for index in np.unique(sweep.actors[on_actors]):
        rows = on_actors[sweep.actors[on_actors] == index]
        actor = stage.world.actors[index]
        T = actor.motion.at(sweep.times_s[rows]).T_world
        local = np.einsum('nij,ni->nj', T[:, :3, :3], points[rows] - T[:, :3, 3])
        beyond = np.maximum(actor.model.minimum - local, local - actor.model.maximum)
        assert beyond.max() < 1e-3


def test_points_agree_with_the_depth_of_the_image(shots):
    stage, sweep, image, time_s = shots
    points = in_world(stage, sweep)
    T_world_camera = stage.world.drive.T_world_base(
        np.array([time_s]))[0] @ stage.studio.T_base_cameras[0]
    still = np.flatnonzero(sweep.actors < 0)
    seen = stage.studio.camera_models[0].project(
        transforms.apply(transforms.inverse(T_world_camera), points[still]))
    u, v = np.rint(seen.pixels[seen.visible]).astype(int).T
    # What the camera sees there, at its own place; a leaf or an edge may hide it from there.
    around = np.stack([
        image.depth_m[np.clip(v + dv, 0, 191), np.clip(u + du, 0, 639)]
        for dv in (-1, 0, 1) for du in (-1, 0, 1)])
    is_hidden = around.max(axis=0) < 0.97 * seen.depths[seen.visible]
    ratio = around / seen.depths[seen.visible]
    low, high = ratio.min(axis=0), ratio.max(axis=0)
    agrees = (low <= 1.01) & (high >= 0.99)
    assert (~is_hidden).sum() > 500
    assert agrees[~is_hidden].mean() >= 0.99


def test_points_span_the_sweep(shots):
    _, sweep, _, _ = shots
    assert np.ptp(sweep.times_s) > 0.9 * (sweep.end_s - sweep.start_s)
    assert (sweep.times_s >= sweep.start_s).all()
    assert (sweep.times_s <= sweep.end_s).all()


def test_boxes_are_as_tight_as_upright_ones_can_be(stage):
    T_base_world = transforms.inverse(stage.world.drive.T_world_base(np.array([2.0]))[0])
    rows = np.arange(len(stage.world.actors))
    boxes = true_boxes(stage.world.actors, rows, T_base_world, 2.0)
    for row, eight in zip(rows, corners(boxes), strict=True):
        actor = stage.world.actors[row]
        moving = actor.motion.at(np.array([2.0]))
        T = T_base_world @ moving.T_world[0]
        vertices = transforms.apply(T, np.concatenate(
            [mesh.body_vertices() for mesh in actor.model.phases]).astype(float))
        yaw = boxes.yaws[row]
        turn = np.array([(np.cos(yaw), np.sin(yaw)), (-np.sin(yaw), np.cos(yaw))])
        inner = np.column_stack([vertices[:, :2] @ turn.T, vertices[:, 2]])
        outer = np.column_stack([eight[:, :2] @ turn.T, eight[:, 2]])
        assert (inner.min(axis=0) > outer.min(axis=0) - 1e-6).all()
        assert (inner.max(axis=0) < outer.max(axis=0) + 1e-6).all()
        slack = np.ptp(outer, axis=0) - np.ptp(inner, axis=0)
        assert slack.max() < 0.25 + 0.06 * actor.model.size_m.max()


def test_a_frame_is_labelled_with_what_it_shows(stage):
    labelled = render_frame(stage.world, stage.rig, stage.studio, 3.0)
    frame, boxes = labelled.frame, labelled.boxes
    assert frame.stamp_ns == stamp_of(3.0) == frame.lidars[0].sweep.stamp_ns
    assert abs(frame.cameras[0].image.stamp_ns - frame.stamp_ns) <= 50_000_001
    points = transforms.apply(frame.lidars[0].T_base_lidar, frame.lidars[0].sweep.points)
    # Not deskewed, so points of moving things may be just beyond their box at the stamp.
    near = (boxes.num_points > 50) & (np.linalg.norm(boxes.velocities, axis=1) < 0.1)
    ego = np.linalg.norm(labelled.twist[:3]) * 0.1
    counted = count_points(points, boxes)
    if ego < 0.2:
        np.testing.assert_allclose(counted[near], boxes.num_points[near], rtol=0.3)
    assert (labelled.visible_px > 0).any()
    (depth_m,) = labelled.depths_m
    assert depth_m.shape == frame.cameras[0].image.pixels.shape[:2]
    assert 0.5 < depth_m.min() < 30.0
    (beyond,) = labelled.truncations
    behind = boxes.centers[:, 0] + np.linalg.norm(boxes.sizes, axis=1) < 0.0
    assert (beyond[behind] == 1.0).all()
    assert (beyond[labelled.visible_px[0] > 200] < 1.0).all()
    assert labelled.ground.is_drivable.any()
    assert not labelled.ground.is_drivable.all()


def test_the_vehicle_stands_on_drivable_ground_of_its_own_map(stage):
    ground = render_frame(stage.world, stage.rig, stage.studio, 2.0).ground
    middle = len(ground.is_drivable) // 2
    assert ground.is_drivable[middle - 1:middle + 1, middle:middle + 6].all()


def test_the_map_turns_with_the_vehicle(stage):
    from mm_fusion_ros.sim.truth import true_map

    T = stage.world.drive.T_world_base(np.array([2.0]))[0]
    cells = stage.world.site.map_around(T[:2, 3], 80.0, 0.1)
    ahead = true_map(cells, T).is_drivable
    back = true_map(cells, T @ transforms.from_euler(np.zeros(3), 0.0, 0.0, np.pi)).is_drivable
    assert (ahead == back[::-1, ::-1]).mean() > 0.985
    assert (ahead == back).mean() < 0.985


def test_truth_without_objects_still_has_all_columns():
    boxes = true_boxes((), np.empty(0, np.intp), np.eye(4), 0.0)
    assert boxes.velocities.shape == (0, 3)
    assert boxes.ids.shape == (0,)

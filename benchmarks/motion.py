# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What taking ego motion out changes: thickness of walls, boxes in late images, points on cars.

Simulated drives at 15 m/s and in turns, where the truth is known to the bit, and a recorded one.
Poses are true ones at 50 Hz, all of them or those until the sweep began, and those that our
localization had published when the sweep arrived.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
import statistics
import sys
import tempfile
import time
from typing import NamedTuple, TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros import share
from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.kitti_raw import convert_kitti_raw
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.data_types import (
    CameraImage,
    CameraInput,
    EgoPose,
    LabelledPoints,
    LidarSweep,
    PointLabel,
)
from mm_fusion_ros.ego_motion.compensation import MotionCompensation
from mm_fusion_ros.ego_motion.poses import EgoPoses
from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.boxes import corners, count_points
from mm_fusion_ros.geometry.deskew import knots_around, move_points
from mm_fusion_ros.geometry.transform_tree import TransformTree
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import load_localization_config
from mm_fusion_ros.messages.convert_in import (
    add_transform,
    PointTimeSettings,
    to_boxes,
    to_lidar_sweep,
)
from mm_fusion_ros.messages.convert_out import from_ego_pose, from_transforms
from mm_fusion_ros.perception_config import perception_config
from mm_fusion_ros.report.camera_overlay import camera_overlay
from mm_fusion_ros.share import data_dir
from mm_fusion_ros.sim.frames import EPOCH_NS, stamp_of, to_sweep
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.motion_recordings import motion_recordings
from mm_fusion_ros.sim.render.weather import weather_named
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.shots import Conditions, Kind, Shot, Studio
from mm_fusion_ros.sim.truth import true_boxes
from mm_fusion_ros.sim.world.make_world import make_world
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.sim.rig import Rig
    from mm_fusion_ros.sim.world.world import World

DRIVE = Path('kitti_raw', '2011_09_26', '2011_09_26_drive_0013_sync')  # in data_dir()
WORLD_S = 20.0
STEP_S, SETTLED_S = 0.5, 4.0
FAST, FAST_MPS = (14, 29, 34, 59), 14.0  # seeds, and what counts
TURNS, TURN_RADPS = (13, 17, 34, 35, 39), 0.25
POSE_STEP_S = 0.02
DELAY_S = 0.005  # until a sweep or an image arrives
SOURCES = {
    names.IMU: Source.IMU, names.GNSS_FIX: Source.FIX, names.GNSS_VELOCITY: Source.GNSS_VELOCITY,
    names.VEHICLE_TWIST: Source.WHEELS}
LATE_NS = 80 * NS_PER_MS
FACADES = (Material.BRICK, Material.PLASTER, Material.CONCRETE)
MIN_WALL_M2, NEAR_WALL_M, MIN_WALL_POINTS = 20.0, 0.15, 100
WALLS_M = 60.0
POINTS, SWEEP_NS, REPEATS = 120_000, 100 * NS_PER_MS, 30
MARGIN_M = 0.3  # around labelled boxes
DRIVING_MPS = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One world with its sensors, and what our localization published of it, by arrival."""

    world: World
    studio: Studio
    located: tuple[tuple[int, EgoPose], ...]

    def pose(self, time_s: float) -> NDArray[np.float64]:
        """Give the true pose (4, 4)."""
        T: NDArray[np.float64] = self.world.drive.T_world_base(np.array([time_s]))[0]
        return T

    def motion(self, time_s: float, until_s: float) -> MotionCompensation:
        """Give a compensation that knows the true poses around a time, none after another."""
        times = np.arange(time_s - 0.3, until_s + 1e-9, POSE_STEP_S)
        linear, angular = self.world.drive.twist(times)
        return compensation(
            EgoPose(stamp_of(float(times[row])), names.ODOM_FRAME, names.BASE_FRAME, T,
                    linear[row], angular[row])
            for row, T in enumerate(self.world.drive.T_world_base(times)))

    def motion_at(self, arrival_s: float) -> MotionCompensation:
        """Give a compensation that knows what our localization had published by a time."""
        last_ns = stamp_of(arrival_s)
        return compensation(
            pose for arrival_ns, pose in self.located
            if last_ns - NS_PER_S < arrival_ns <= last_ns)


def compensation(poses: Iterable[EgoPose]) -> MotionCompensation:
    """Give one that knows some poses."""
    config = perception_config({})
    known = EgoPoses(config.ego_motion, config.base_frame, TransformTree())
    for pose in poses:
        known.add_odometry(from_ego_pose(pose, BAG_TYPES))
    return MotionCompensation(config, known)


def located(world: World, rig: Rig) -> tuple[tuple[int, EgoPose], ...]:
    """Run our localization over a drive; give when it published which pose."""
    localizer = Localizer(load_localization_config(
        share.localization_parameters(), share.vehicle_file('sim')))
    mounted = {names.IMU_FRAME: rig.imu.settings.T_base_mount,
               names.GNSS_FRAME: rig.gnss.settings.T_base_mount}
    localizer.add_transforms(
        from_transforms(mounted, EPOCH_NS, names.BASE_FRAME, BAG_TYPES), is_static=True)
    found = []
    for item in sorted(motion_recordings(world, rig, world.seed), key=lambda one: one.log_time_ns):
        if item.topic in SOURCES:
            found += [(item.log_time_ns, each.odometry) for each in localizer.receive(
                SOURCES[item.topic], item.build(), item.log_time_ns)]
    return tuple(found)


class Wall(NamedTuple):
    """Part of a vertical plane n . p = distance, n level, as wide and high as its faces."""

    normal: NDArray[np.float64]
    distance: float
    low: NDArray[np.float64]  # along the wall, and up
    high: NDArray[np.float64]

    def coordinates(
        self, points: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give distances (N,) and places on the wall (N, 2)."""
        along = np.array([-self.normal[1], self.normal[0]])
        on_it = np.column_stack([points[:, :2] @ along, points[:, 2]])
        return points @ self.normal - self.distance, on_it


def walls_around(world: World, position: NDArray[np.float64]) -> list[Wall]:
    """Find the facades near a place: coplanar upright faces of what houses are built of."""
    mesh = world.site.mesh_around(position[:2], WALLS_M)
    corner = mesh.vertices[mesh.faces].astype(np.float64)
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    areas = np.linalg.norm(cross, axis=1) / 2.0
    normals = cross / np.maximum(2.0 * areas, 1e-9)[:, None]
    upright = np.isin(mesh.materials, FACADES) & (np.abs(normals[:, 2]) < 1e-3) & (areas > 1e-3)
    corner, normals, areas = corner[upright], normals[upright], areas[upright]
    distances = np.einsum('ni,ni->n', normals, corner[:, 0])
    keys = np.column_stack([np.rint(normals[:, :2] * 200), np.rint(distances * 50)])
    _, group = np.unique(keys, axis=0, return_inverse=True)
    walls = []
    for number in np.flatnonzero(np.bincount(group.ravel(), areas) > MIN_WALL_M2):
        rows = np.flatnonzero(group.ravel() == number)
        weights = areas[rows]
        normal = np.average(normals[rows], axis=0, weights=weights)
        wall = Wall(normal / np.linalg.norm(normal),
                    float(np.average(distances[rows], weights=weights)), np.empty(2), np.empty(2))
        _, places = wall.coordinates(corner[rows].reshape(-1, 3))
        walls.append(wall._replace(low=places.min(axis=0), high=places.max(axis=0)))
    return walls


@cache
def scene_of(seed: int) -> Scene:
    """Make a world, its sensors, and where our localization says to be."""
    world, rig = make_world(seed, WORLD_S), load_rig('kitti')
    weather = weather_named('clear', np.random.default_rng(0))
    return Scene(world, Studio(world, rig, Conditions(seed, weather)), located(world, rig))


def moments(seeds: Sequence[int], is_wanted: Callable[[World, float], bool]) -> Iterator[
        tuple[Scene, float]]:
    """Give scenes with the times at which the vehicle drives as wanted."""
    for scene in map(scene_of, seeds):
        for time_s in np.arange(SETTLED_S, WORLD_S - 1.0, STEP_S).tolist():
            if is_wanted(scene.world, time_s):
                yield scene, time_s


def is_fast(world: World, time_s: float) -> bool:
    """Tell whether the vehicle is fast."""
    linear, _ = world.drive.twist(np.array([time_s]))
    return bool(np.linalg.norm(linear) > FAST_MPS)


def turns(world: World, time_s: float) -> bool:
    """Tell whether it turns."""
    _, angular = world.drive.twist(np.array([time_s]))
    return bool(abs(angular[0, 2]) > TURN_RADPS)


def thickness(name: str, seeds: Sequence[int], is_wanted: Callable[[World, float], bool]) -> None:
    """Print how far points of facades lie from them: as measured, moved, and at best."""
    walls_rms_m: dict[str, list[tuple[bool, float]]] = {
        'as measured': [], 'deskewed': [], 'predicted': [], 'our poses': [], 'sensor alone': []}
    sweeps = 0
    for scene, time_s in moments(seeds, is_wanted):
        shot = Shot(Kind.LIDAR, 0, round(time_s * 10), time_s)
        measured = scene.studio.sweep(shot)
        T_base_lidar = scene.studio.T_base_lidars[0]
        T_world_lidar = scene.world.drive.T_world_base(measured.times_s) @ T_base_lidar
        there = np.einsum('nij,nj->ni', T_world_lidar[:, :3, :3], measured.points.astype(float))
        there += T_world_lidar[:, :3, 3]
        T_frame = scene.pose(measured.stamp_s) @ T_base_lidar
        sweep, stamps = to_sweep(measured, 'top'), (stamp_of(measured.stamp_s),) * 2
        versions = {'as measured': sweep.points, 'sensor alone': None}
        for label, motion in (
                ('deskewed', scene.motion(time_s, time_s + 0.2)),
                ('predicted', scene.motion(time_s, time_s)),
                ('our poses', scene.motion_at(measured.end_s + DELAY_S))):
            versions[label] = motion.deskew('top', sweep, stamps, T_base_lidar)[0].points
        sweeps += 1
        for wall in walls_around(scene.world, there.mean(axis=0)):
            distances, places = wall.coordinates(there)
            on_it = ((np.abs(distances) < NEAR_WALL_M) & (measured.actors < 0)
                     & (places > wall.low).all(axis=1) & (places < wall.high).all(axis=1))
            if on_it.sum() < MIN_WALL_POINTS:
                continue
            is_across = bool(abs(wall.normal @ scene.pose(time_s)[:3, 0]) > 0.5)
            for label, points in versions.items():
                seen = there[on_it] if points is None else transforms.apply(
                    T_frame, points[on_it].astype(np.float64))
                rms_m = float(np.sqrt((wall.coordinates(seen)[0] ** 2).mean()))
                walls_rms_m[label].append((is_across, rms_m))
    across = np.array([item[0] for item in walls_rms_m['deskewed']])
    print(f'{name}: {len(across)} views of walls in {sweeps} sweeps, {across.sum()} of them '
          'facing along the way; RMS distance of points to their wall, m (median and p90 of all, '
          'then of those)')
    for label, values in walls_rms_m.items():
        each = np.array([item[1] for item in values])
        told = (f'{np.median(part):.3f} {np.percentile(part, 90):.3f}'
                for part in (each, each[across]) if len(part))
        print(f'  {label:<13} {"   ".join(told)}')


def late_camera(
    name: str, seeds: Sequence[int], is_wanted: Callable[[World, float], bool]
) -> None:
    """
    Print how far boxes of the frame's stamp lie off in an image taken 80 ms later.

    Objects are held still meanwhile: their own motion is not what is moved here.
    """
    errors: dict[str, list[float]] = {
        'as if at once': [], 'moved': [], 'predicted': [], 'our poses': []}
    model = load_rig('kitti').cameras[0].settings.model()
    for scene, time_s in moments(seeds, is_wanted):
        image_s = time_s + LATE_NS / NS_PER_S
        T_base_camera = scene.studio.T_base_cameras[0]
        views = {'truth': T_base_camera, 'as if at once': T_base_camera}
        for label, motion in (
                ('moved', scene.motion(time_s, image_s + 0.1)),
                ('predicted', scene.motion(time_s, time_s)),
                ('our poses', scene.motion_at(image_s + DELAY_S))):
            views[label], _ = motion.camera_at(
                'front', (stamp_of(image_s), stamp_of(time_s)), T_base_camera)
        pixels = {
            label: shown(
                model, T, boxes_from(scene, time_s, image_s if label == 'truth' else time_s))
            for label, T in views.items()}
        true_pixels, is_whole = pixels.pop('truth')
        for label, (found, _) in pixels.items():
            gaps = np.linalg.norm(found - true_pixels, axis=2).mean(axis=1)
            errors[label] += gaps[is_whole].tolist()
    print(f'{name}, image 80 ms late: corners of {len(errors["moved"])} boxes, mean '
          'distance to the true ones, px (median, p90, largest)')
    for label, values in errors.items():
        print(f'  {label:<13} {np.median(values):6.2f}  {np.percentile(values, 90):6.2f}  '
              f'{max(values):6.2f}')


def rows_near(scene: Scene, time_s: float) -> NDArray[np.intp]:
    """List the actors near the vehicle at a time."""
    places = np.array([
        actor.motion.at(np.array([time_s])).T_world[0, :3, 3] for actor in scene.world.actors])
    gaps = np.linalg.norm(places - scene.pose(time_s)[:3, 3], axis=1)
    return np.flatnonzero(gaps < WALLS_M)


def boxes_from(scene: Scene, time_s: float, from_s: float) -> Boxes3D:
    """Give the true boxes of what is near at a time, from where the vehicle is at another."""
    T_base_world = transforms.inverse(scene.pose(from_s))
    return true_boxes(scene.world.actors, rows_near(scene, time_s), T_base_world, time_s)


def shown(
    model: object, T_base_camera: NDArray[np.float64], boxes: Boxes3D
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give the pixels (B, 8, 2) of the corners of boxes, and which boxes are whole in view."""
    points = transforms.apply(transforms.inverse(T_base_camera), corners(boxes).reshape(-1, 3))
    seen = model.project(points)
    return seen.pixels.reshape(-1, 8, 2), seen.visible.reshape(-1, 8).all(axis=1)


def picture(folder: Path) -> None:
    """Draw boxes and points of a frame into an image 80 ms late, as if at once and moved."""
    model = load_rig('kitti').cameras[0].settings.model()
    scene, time_s = next(
        (scene, time_s) for scene, time_s in moments(TURNS, turns)
        if shown(model, scene.studio.T_base_cameras[0],
                 boxes_from(scene, time_s, time_s + 0.1))[1].sum() > 2)
    measured = scene.studio.sweep(Shot(Kind.LIDAR, 0, round(time_s * 10), time_s))
    stamp_s = measured.stamp_s
    image_s = stamp_s + LATE_NS / NS_PER_S
    image = scene.studio.image(Shot(Kind.CAMERA, 0, round(image_s * 10), image_s))
    motion = scene.motion(time_s, image_s + 0.1)
    T_base_lidar, T_base_camera = scene.studio.T_base_lidars[0], scene.studio.T_base_cameras[0]
    sweep = to_sweep(measured, 'top')
    moved, _ = motion.deskew('top', sweep, (sweep.stamp_ns,) * 2, T_base_lidar)
    T_moved, _ = motion.camera_at('front', (stamp_of(image_s), sweep.stamp_ns), T_base_camera)
    drawn = []
    for cloud, T in ((sweep, T_base_camera), (moved, T_moved)):
        points = transforms.apply(T_base_lidar, cloud.points)
        labels = np.where(points[:, 2] > 0.3, PointLabel.OBSTACLE, PointLabel.GROUND)
        view = CameraInput(
            'front', CameraImage(stamp_of(image_s), 'camera', image.pixels),
            scene.studio.camera_models[0], T)
        drawn.append(camera_overlay(
            view, boxes_from(scene, stamp_s, stamp_s),
            LabelledPoints(points, labels.astype(np.uint8))))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / 'late_camera.jpg'
    cv2.imwrite(str(path), np.concatenate(drawn)[:, :, ::-1])
    print(f'picture, as if at once above, moved below: {path}')


def recorded(bag: Path) -> None:
    """Print how many points of labelled cars lie inside their boxes."""
    config = perception_config({'top.stamp_is': 'middle'})
    tree = TransformTree()
    poses = EgoPoses(config.ego_motion, config.base_frame, tree)
    sweeps, labels = [], []
    with BagReader(bag) as reader:
        for recorded_one in reader.messages(
                [names.TF_STATIC, names.POINTS, names.TRUE_ODOMETRY, names.TRUE_DETECTIONS]):
            message = recorded_one.message
            if recorded_one.topic == names.TF_STATIC:
                for item in message.transforms:
                    add_transform(tree, item, is_static=True)
            elif recorded_one.topic == names.TRUE_ODOMETRY:
                poses.add_odometry(message)
            elif recorded_one.topic == names.POINTS:
                sweeps.append(to_lidar_sweep(message, PointTimeSettings(stamp_is='middle')))
            else:
                labels.append(to_boxes(message))
    motion = MotionCompensation(config, poses)
    T_base_lidar = tree.lookup(names.BASE_FRAME, names.LIDAR_FRAME)
    speeds = _label_speeds(labels, poses)
    by_stamp = {item.stamp_ns: item.boxes for item in labels}
    sums = {key: np.zeros(3) for key in ('stand', 'drive')}  # margin, measured, deskewed
    shifts = []
    for sweep in sweeps:
        boxes = by_stamp.get(sweep.stamp_ns)
        if boxes is None or not len(boxes):
            continue
        moved, _ = motion.deskew('top', sweep, (sweep.stamp_ns,) * 2, T_base_lidar)
        shifts.append(np.abs(moved.points - sweep.points).max())
        for key in sums:
            chosen = boxes[np.array([(speeds[int(i)] > DRIVING_MPS) == (key == 'drive')
                                     for i in boxes.ids])]
            sums[key] += _inside(chosen, sweep, moved, T_base_lidar)
    # Boxes of cars ahead reach a little too far forward, which moving points forward hides.
    print(f'recorded drive: points move by up to {max(shifts):.2f} m (median of the largest '
          f'{statistics.median(shifts):.2f} m)')
    for key, (around, before, after) in sums.items():
        print(f'  cars that {key}: of {around:.0f} points within {MARGIN_M} m of a box, inside it '
              f'{before / around:.1%} as measured, {after / around:.1%} deskewed '
              f'({before:.0f} and {after:.0f})')


def _label_speeds(labels: Sequence[object], poses: EgoPoses) -> dict[int, float]:
    """Give the median speed over ground of each labelled object, m/s."""
    tracks: dict[int, list[tuple[int, NDArray[np.float64]]]] = {}
    for item in labels:
        T = poses.at(np.array([item.stamp_ns])).T[0]
        for number, center in zip(item.boxes.ids, transforms.apply(T, item.boxes.centers),
                                  strict=True):
            tracks.setdefault(int(number), []).append((item.stamp_ns, center))
    speeds = {}
    for number, track in tracks.items():
        times_s = np.array([stamp_ns - track[0][0] for stamp_ns, _ in track]) / NS_PER_S
        places = np.array([place for _, place in track])
        way = np.linalg.norm(places[-1] - places[0])
        speeds[number] = float(way / max(times_s[-1], 0.1))
    return speeds


def _inside(
    boxes: Boxes3D, sweep: LidarSweep, moved: LidarSweep, T_base_lidar: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Count points near boxes by either sweep, and those inside as measured and moved."""
    if not len(boxes):
        return np.zeros(3)
    before = transforms.apply(T_base_lidar, sweep.points)
    after = transforms.apply(T_base_lidar, moved.points)
    around = replace(boxes, sizes=boxes.sizes + np.array([2.0, 2.0, 0.0]) * MARGIN_M)
    near = (count_points(before, around) + count_points(after, around)) / 2.0
    return np.array([near.sum(), count_points(before, boxes).sum(),
                     count_points(after, boxes).sum()], np.float64)


def cost() -> None:
    """Print what a sweep of 120,000 points costs, beside doing it point by point."""
    random = np.random.default_rng(0)
    points = random.uniform(-60.0, 60.0, (POINTS, 3)).astype(np.float32)
    times_ns = np.tile(np.linspace(0, SWEEP_NS, POINTS // 64), 64).astype(np.int32)
    poses = _poses_of_a_turn()
    stamps_ns = EPOCH_NS + times_ns.astype(np.int64)
    knots_ns = knots_around(times_ns)
    T_knots = poses.at(EPOCH_NS + knots_ns).T

    def by_point() -> NDArray[np.float32]:
        T = poses.at(stamps_ns).T.astype(np.float32)
        moved: NDArray[np.float32] = np.matmul(T[:, :3, :3], points[:, :, None])[:, :, 0]
        return moved + T[:, :3, 3]

    motion = MotionCompensation(perception_config({}), poses)
    sweep = LidarSweep(EPOCH_NS, names.LIDAR_FRAME, points, time_offset_ns=times_ns)
    rows = {
        'deskew, all of it': partial(
            motion.deskew, 'top', sweep, (EPOCH_NS, EPOCH_NS), np.eye(4)),
        'its points moved': partial(move_points, points, times_ns, knots_ns, T_knots),
        'poses at 120k stamps': partial(poses.at, stamps_ns),
        'with these, point by point': by_point,
    }
    print('a sweep of 120,000 points, best times')
    for name, action in rows.items():
        print(f'  {name:<27} {_best_ms(action):6.2f} ms')


def _poses_of_a_turn() -> EgoPoses:
    config = perception_config({})
    poses = EgoPoses(config.ego_motion, config.base_frame, TransformTree())
    for step in range(-5, 12):
        T = transforms.from_euler((0.3 * step, 0.0, 0.0), 0.0, 0.0, 0.01 * step)
        poses.add_odometry(from_ego_pose(EgoPose(
            EPOCH_NS + step * 20 * NS_PER_MS, names.ODOM_FRAME, names.BASE_FRAME, T,
            np.array([15.0, 0.0, 0.0]), np.array([0.0, 0.0, 0.5])), BAG_TYPES))
    return poses


def _best_ms(action: Callable[[], object]) -> float:
    spent = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        action()
        spent.append(time.perf_counter() - began)
    return min(spent) * 1e3


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog='benchmark motion')
    parser.add_argument('--pictures', type=Path, default=Path('out/motion'))
    arguments = parser.parse_args(argv)
    cost()
    for name, seeds, is_wanted in (
            (f'above {FAST_MPS:g} m/s', FAST, is_fast),
            (f'turning with more than {TURN_RADPS:g} rad/s', TURNS, turns)):
        thickness(name, seeds, is_wanted)
        late_camera(name, seeds, is_wanted)
    picture(arguments.pictures)
    try:
        drive = data_dir() / DRIVE
        with tempfile.TemporaryDirectory() as folder:
            convert_kitti_raw(drive, Path(folder) / 'bag', lambda done, total: None)
            recorded(Path(folder) / 'bag')
    except MmFusionError as err:
        print(f'recorded drive: left out, {err}', file=sys.stderr)
    return 0


if __name__ == '__main__':
    raise SystemExit(main([]))

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Simulated LiDAR sweeps beside recorded ones: how many points, where, how bright, and on cars.

The recorded ones are those of KITTI's object benchmark, on which the simulator was calibrated,
and of a drive that was left alone; the simulated ones are of many worlds, so equal figures are
not to be expected, similar ones are.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
import itertools
import json
from pathlib import Path
import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.bags.datasets import kitti_sweep
from mm_fusion_ros.bags.datasets.kitti_calibration import (
    read_object_calibration,
    read_raw_calibration,
)
from mm_fusion_ros.bags.datasets.kitti_labels import read_object_labels, read_tracking_labels
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.boxes import points_in_boxes
from mm_fusion_ros.share import data_dir
from mm_fusion_ros.sim.mesh import Mesh
from mm_fusion_ros.sim.render.scene import Scene
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.sensors.lidar import Lidar
from mm_fusion_ros.sim.sensors.lidar_returns import Air
from mm_fusion_ros.sim.truth import true_boxes
from mm_fusion_ros.sim.world.make_world import make_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.sim.world.world import World

FRAMES = 'kitti_object'
DRIVE = Path('kitti_raw', '2011_09_26', '2011_09_26_drive_0013_sync')  # both in data_dir()
DRIVE_STEP = 6  # sweeps
RING_GROUPS = (0, 8, 16, 32, 48, 64)
RANGES_M = (0, 5, 10, 15, 20, 30, 40, 60, 80)
QUANTILES = (0.25, 0.5, 0.75, 0.95)
CAR_RANGES_M = (5, 15, 25, 35)  # about 10, 20 and 30 m
ROAD_HALF_M, ROAD_ROUGH_M = 3.0, 0.2
SILL_M = 0.15  # points below are of the road
VISIBLE = 0.9
TIMES_S = (3.0, 9.0)
AHEAD_RAD = np.deg2rad(40.0)  # what KITTI's labels cover
PICTURE_M, PICTURE_PX = 50.0, 800


@dataclass(frozen=True, slots=True)
class Sample:
    """A sweep in `base_link`, and cars of which nothing hides any part, as row and box each."""

    points: NDArray[np.float32]
    intensity: NDArray[np.float32]
    ring: NDArray[np.integer]
    on_cars: NDArray[np.int32]
    cars: Boxes3D
    is_whole: NDArray[np.bool_]


def recorded(folder: Path) -> Iterator[Sample]:
    """Read the recorded sweeps."""
    for file in sorted((folder / 'velodyne').glob('*.bin')):
        calibration = read_object_calibration(folder / 'calib' / f'{file.stem}.txt')
        label_file = folder / 'label_2' / f'{file.stem}.txt'
        boxes = read_object_labels(label_file, calibration).boxes
        lines = [line.split() for line in label_file.read_text(encoding='utf-8').splitlines()
                 if not line.startswith('DontCare')]
        whole = np.array([line[0] == 'Car' and float(line[1]) == 0.0 and line[2] == '0'
                          for line in lines])
        yield recorded_sample(file, boxes, whole, calibration.T_base_lidar)


def recorded_drive(folder: Path) -> Iterator[Sample]:
    """Read some sweeps of the drive."""
    calibration = read_raw_calibration(folder.parent)
    file = folder / 'tracking_label_02_0003.txt'
    labels = read_tracking_labels(file, calibration)
    rows = [line.split() for line in file.read_text(encoding='utf-8').splitlines()]
    for sweep in sorted((folder / 'velodyne_points').rglob('*.bin'))[::DRIVE_STEP]:
        frame = int(sweep.stem)
        if frame in labels:
            own = [row for row in rows if int(row[0]) == frame and row[2] != 'DontCare']
            whole = np.array([row[2] == 'Car' and float(row[3]) == 0.0 and row[4] == '0'
                              for row in own])
            yield recorded_sample(
                sweep, labels[frame].boxes, whole, calibration.T_base_lidar)


def recorded_sample(
    file: Path, boxes: Boxes3D, whole: NDArray[np.bool_], T_base_lidar: NDArray[np.float64]
) -> Sample:
    """Read a sweep, and find the points on cars."""
    data = kitti_sweep.read_sweep(file)
    points = transforms.apply(T_base_lidar, data[:, :3])
    on_cars = points_in_boxes(points, boxes)
    bottoms = boxes.centers[:, 2] - boxes.sizes[:, 2] / 2.0
    is_car = boxes.classes == ObjectClass.CAR
    on_cars[(points[:, 2] < bottoms[on_cars] + SILL_M) | ~is_car[on_cars]] = -1
    ring = kitti_sweep.rings(data)
    assert ring is not None
    return Sample(points, data[:, 3], ring, on_cars, boxes, whole)


def simulated(seeds: int) -> Iterator[Sample]:
    """Simulate sweeps of as many worlds, with KITTI's sensor."""
    settings = load_rig('kitti').lidars[0].settings
    for seed in range(seeds):
        world = make_world(seed, TIMES_S[-1] + 1.0)
        lidar, scene = Lidar(settings, np.random.default_rng([seed, 1])), Scene(world)
        for time_s in TIMES_S:
            yield simulate(world, lidar, scene, time_s)


def simulate(world: World, lidar: Lidar, scene: Scene, time_s: float) -> Sample:
    """Turn once, and look which cars ahead stand free."""
    rng = np.random.default_rng([world.seed, int(1e3 * time_s)])
    sweep = lidar.sweep(scene, world.drive, time_s, Air(), rng)
    exact = lidar.sweep(scene, world.drive, time_s, Air(), None)
    T_base_world = transforms.inverse(world.drive.T_world_base(np.array([time_s + 0.05]))[0])
    seen = np.bincount(exact.actors[exact.actors >= 0], minlength=len(world.actors))
    classes = np.array([actor.model.object_class for actor in world.actors])
    rows = np.flatnonzero((seen > 0) & (classes == ObjectClass.CAR))
    cars = true_boxes(world.actors, rows, T_base_world, time_s + 0.05)
    ahead = np.abs(np.arctan2(cars.centers[:, 1], cars.centers[:, 0])) < AHEAD_RAD
    near = np.hypot(cars.centers[:, 0], cars.centers[:, 1]) < CAR_RANGES_M[-1]
    whole = np.array([
        bool(candidate) and seen[row] > VISIBLE * alone(world, lidar, row, time_s)
        for row, candidate in zip(rows, ahead & near, strict=True)], np.bool_)
    places = np.full(len(world.actors) + 1, -1, np.int32)
    places[rows] = np.arange(len(rows))
    return Sample(
        transforms.apply(lidar.T_base_lidar, sweep.points), sweep.intensity, sweep.ring,
        places[sweep.actors], cars, whole)


class Nothing:
    """Where nothing stands."""

    def __init__(self, world: World) -> None:
        self.streets, self.map_around = world.site.streets, world.site.map_around
        self.lamps = world.site.lamps

    def height(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give no height."""
        return np.zeros(len(xy))

    def mesh_around(self, center: NDArray[np.float64], radius_m: float) -> Mesh:
        """Give nothing."""
        return Mesh.empty()


def alone(world: World, lidar: Lidar, row: int, time_s: float) -> int:
    """Count the points on an actor in an empty world."""
    bare = replace(world, site=Nothing(world), actors=(world.actors[row],))
    return len(lidar.sweep(Scene(bare), world.drive, time_s, Air(), None))


def figures(samples: Sequence[Sample], steps: int) -> dict[str, float]:
    """Work out all figures of many sweeps."""
    found: dict[str, float] = {}
    ranges = [np.linalg.norm(one.points - (0.8, -0.3, 1.73), axis=1) for one in samples]
    found['points per sweep'] = float(np.mean([len(one.points) for one in samples]))
    for low, high in itertools.pairwise(RING_GROUPS):
        share = np.mean([((one.ring >= low) & (one.ring < high)).sum() for one in samples])
        found[f'rings {low}-{high - 1}, share of firings'] = float(share / (high - low) / steps)
    for low, high in itertools.pairwise(RANGES_M):
        found[f'{low}-{high} m, points per sweep'] = float(
            np.mean([((r >= low) & (r < high)).sum() for r in ranges]))
    for name, parts in (
        ('all', [one.intensity for one in samples]),
        ('road', [one.intensity[on_road(one.points)] for one in samples]),
        ('cars', [one.intensity[one.on_cars >= 0] for one in samples]),
    ):
        values = np.concatenate(parts)
        found[f'intensity {name}, share dark'] = float((values < 0.02).mean())
        for quantile in QUANTILES:
            found[f'intensity {name}, q{quantile:.0%}'] = float(np.quantile(values, quantile))
    return found | car_figures(samples)


def on_road(points: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell which points are ahead and level with the wheels."""
    x, y, z = points.T
    return np.asarray((np.abs(y) < ROAD_HALF_M) & (np.abs(z) < ROAD_ROUGH_M) & (x > 4.0))


def car_figures(samples: Sequence[Sample]) -> dict[str, float]:
    """
    Give the points on free cars, made comparable.

    They go with the solid angle of what a car shows of its sides, so they are given for a
    car of 3 m2 of these at the middle of each bin.
    """
    distances, counts = [], []
    for one in samples:
        for car in np.flatnonzero(one.is_whole):
            x, y, _ = one.cars.centers[car]
            length, width, height = one.cars.sizes[car]
            turned = one.cars.yaws[car] - np.arctan2(y, x)
            area = (length * abs(np.sin(turned)) + width * abs(np.cos(turned))) * height
            distances.append(np.hypot(x, y))
            counts.append((one.on_cars == car).sum() * distances[-1] ** 2 / area * 3.0)
    found, distances_m = {}, np.array(distances)
    for low, high in itertools.pairwise(CAR_RANGES_M):
        middle = (low + high) // 2
        inside = (distances_m >= low) & (distances_m < high)
        found[f'points on a car at {middle} m'] = float(
            np.median(np.array(counts)[inside]) / middle**2) if inside.any() else np.nan
        found[f'cars at {middle} m'] = float(inside.sum())
    return found


def picture(sample: Sample, by_ring: bool) -> NDArray[np.uint8]:
    """Draw a sweep from above, coloured by intensity or by ring."""
    values = sample.ring / 64.0 if by_ring else np.sqrt(sample.intensity)
    colors = cv2.applyColorMap(
        np.clip(values * 255.0, 0, 255).astype(np.uint8)[:, None], cv2.COLORMAP_TURBO)[:, 0]
    scale = PICTURE_PX / (2.0 * PICTURE_M)
    column = (PICTURE_PX / 2 - sample.points[:, 1] * scale).astype(int)
    row = (PICTURE_PX / 2 - sample.points[:, 0] * scale).astype(int)
    inside = (row >= 0) & (row < PICTURE_PX) & (column >= 0) & (column < PICTURE_PX)
    image = np.zeros((PICTURE_PX, PICTURE_PX, 3), np.uint8)
    image[row[inside], column[inside]] = colors[inside]
    return image


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description='Simulated sweeps beside recorded ones.')
    parser.add_argument('--seeds', type=int, default=12, metavar='N', help='worlds to simulate')
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    parser.add_argument('--picture', type=Path, metavar='FILE', default=Path('out/sim/real.png'),
                        help='draw two of each here')
    arguments = parser.parse_args(argv)
    try:
        real = list(recorded(data_dir() / FRAMES))
        drive = list(recorded_drive(data_dir() / DRIVE))
    except MmFusionError as err:
        print(f'sim_real: {err}', file=sys.stderr)
        return 2
    steps = load_rig('kitti').lidars[0].settings.azimuth_steps
    made = list(simulated(arguments.seeds))
    found = {name: figures(samples, steps) for name, samples in (
        ('object', real), ('drive', drive), ('simulated', made))}
    print(f'{len(real)} sweeps of kitti_object, {len(drive)} of the drive, {len(made)} simulated '
          f'ones of {arguments.seeds} worlds')
    print(f'  {"":36}{"object":>10}{"drive":>10}{"sim":>10}{"to object":>11}{"to drive":>10}')
    for name, ours in found['simulated'].items():
        values = [found[source][name] for source in ('object', 'drive')]
        ratios = [ours / value if value else np.nan for value in values]
        print(f'  {name:36}{values[0]:10.5g}{values[1]:10.5g}{ours:10.5g}{ratios[0]:11.2f}'
              f'{ratios[1]:10.2f}')
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + '\n', encoding='utf-8')
    arguments.picture.parent.mkdir(parents=True, exist_ok=True)
    rows = [np.hstack([picture(one, by_ring) for one in (real[0], drive[0], *made[:2])])
            for by_ring in (False, True)]
    cv2.imwrite(str(arguments.picture), np.vstack(rows))
    print(f'pictures: {arguments.picture}')
    return 0


if __name__ == '__main__':
    raise SystemExit(main())

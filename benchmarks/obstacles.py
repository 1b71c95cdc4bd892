# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The obstacle detector: its cost, by stage and beside a tree over the points, and what it finds.

Cost is of a synthetic sweep, on one core; what it finds is of the recorded KITTI drive, where
that is at hand. Distances are between box centres seen from above; those in space are given too.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
import json
from pathlib import Path
import sys
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from mm_fusion_ros.bags.datasets.kitti_calibration import read_raw_calibration
from mm_fusion_ros.bags.datasets.kitti_labels import read_tracking_labels
from mm_fusion_ros.bags.datasets.kitti_sweep import read_sweep
from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.evaluation.matching import match_by_distance
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.geometry.transforms import apply
from mm_fusion_ros.obstacles.box_fit import fit_footprints
from mm_fusion_ros.obstacles.clustering import Clusterer, LOOSE
from mm_fusion_ros.obstacles.detector import ObstacleDetector
from mm_fusion_ros.obstacles.ground import height_above_ground
from mm_fusion_ros.obstacles.sampling import beams_per_steradian
from mm_fusion_ros.obstacles.settings import ObstacleSettings
from mm_fusion_ros.share import data_dir

# Sweeps are cast beam by beam as for the tests.
sys.path.insert(0, str(Path(__file__).parents[1] / 'test'))
from support.scene import box, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

DRIVE = Path('kitti_raw', '2011_09_26', '2011_09_26_drive_0013_sync')  # in the folder of data
LABELS = 'tracking_label_02_0003.txt'
VEHICLES = (ObjectClass.CAR, ObjectClass.TRUCK)  # KITTI's vans are read as cars
MAX_RANGE_M, MIN_POINTS, RADIUS_M = 50.0, 10, 2.0
REPEATS = 3  # the best counts: other processes disturb
SWEEPS = 50
TREE_RADIUS_M, VOXEL_M = 0.5, 0.15


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; shares are of the labelled vehicles near and with points enough."""

    sweeps: int
    vehicles: int
    within_1m: float
    within_2m: float
    within_1m_in_space: float
    within_2m_in_space: float
    boxes_per_sweep: float
    p50_ms: float
    worst_ms: float


def frames(drive: Path) -> Iterator[tuple[NDArray[np.float32], Boxes3D]]:
    """Yield points and labelled boxes of each sweep, both in `base_link`."""
    calibration = read_raw_calibration(drive.parent)
    labels = read_tracking_labels(drive / LABELS, calibration)
    for file in sorted((drive / 'velodyne_points').rglob('*.bin')):
        points = apply(calibration.T_base_lidar, read_sweep(file)[:, :3])
        number = int(file.stem)
        yield points, labels[number].boxes if number in labels else Boxes3D.empty()


def measure(drive: Path) -> Figures:
    """Run the detector over a drive."""
    detector = ObstacleDetector(ObstacleSettings())
    flat, spatial, counts, times_ms = [], [], [], []
    for points, truth in frames(drive):
        best_s = np.inf
        for _ in range(REPEATS):
            start_s = time.perf_counter()
            found = detector.detect(points).boxes
            best_s = min(best_s, time.perf_counter() - start_s)
        near = np.hypot(truth.centers[:, 0], truth.centers[:, 1]) <= MAX_RANGE_M
        wanted = truth[
            near & np.isin(truth.classes, VEHICLES) & (count_points(points, truth) >= MIN_POINTS)]
        match = match_by_distance(wanted, found, RADIUS_M)
        paired = match.indices >= 0
        offsets = wanted.centers[paired] - found.centers[match.indices[paired]]
        in_space = np.full(len(wanted), np.inf)
        in_space[paired] = np.linalg.norm(offsets, axis=1)
        flat.append(match.distances)
        spatial.append(in_space)
        counts.append(len(found))
        times_ms.append(best_s * 1e3)
    bev, space = np.concatenate(flat), np.concatenate(spatial)
    return Figures(
        sweeps=len(counts),
        vehicles=len(bev),
        within_1m=float(np.mean(bev <= 1.0)),
        within_2m=float(np.mean(bev <= 2.0)),
        within_1m_in_space=float(np.mean(space <= 1.0)),
        within_2m_in_space=float(np.mean(space <= 2.0)),
        boxes_per_sweep=float(np.mean(counts)),
        p50_ms=float(np.median(times_ms)),
        worst_ms=float(np.max(times_ms)),
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What a synthetic sweep costs, ms; `stages_ms` are medians, the trees' are the rivals'."""

    points: int
    obstacle_points: int
    p50_ms: float
    p99_ms: float
    stages_ms: dict[str, float]
    tree_ms: float
    thinned_tree_ms: float
    thinned_tree_ratio: float


def street() -> NDArray[np.float32]:
    """Cast a sweep of parked cars, people, and house fronts on both sides of a street."""
    cars = [box(x, y) for x in range(-40, 45, 6) for y in (-5.0, 5.0)]
    people = [box(x, y, size=(0.5, 0.6, 1.75)) for x in (8, 17, 26) for y in (-8.0, 2.5, 8.0)]
    fronts = [box(0, y, size=(120.0, 1.0, 8.0)) for y in (-13.0, 13.0)]
    return scan(*cars, *people, *fronts, noise_m=0.02, step_deg=0.18)


def tree_clusters(points: NDArray[np.float32]) -> NDArray[np.int32]:
    """Label points that a chain of neighbours joins, as is usually done: a tree over them."""
    pairs = cKDTree(points).query_pairs(TREE_RADIUS_M, output_type='ndarray')
    graph = coo_matrix((np.ones(len(pairs), bool), pairs.T), (len(points), len(points)))
    return connected_components(graph, directed=False)[1]


def thinned_tree_clusters(points: NDArray[np.float32]) -> NDArray[np.int32]:
    """Do the same with one point of each voxel, as those do who are in a hurry."""
    voxels = np.floor(points / VOXEL_M).astype(np.int64) @ (1, 1 << 20, 1 << 40)
    _, first, voxel = np.unique(voxels, return_index=True, return_inverse=True)
    return tree_clusters(points[first])[voxel]


def time_ms(work: Callable[[], object], times: int) -> NDArray[np.float64]:
    """Time some work again and again."""
    elapsed = []
    for _ in range(times):
        start_s = time.perf_counter()
        work()
        elapsed.append((time.perf_counter() - start_s) * 1e3)
    return np.array(elapsed)


def measure_cost() -> Cost:
    """Time the detector, its stages, and a tree over the same obstacle points."""
    settings = ObstacleSettings()
    points, origin = street(), np.array([0.0, 0.0, 1.8])
    detector, clusterer = ObstacleDetector(settings), Clusterer(settings.max_range_m, LOOSE)
    near = points[np.hypot(points[:, 0], points[:, 1]) < settings.max_range_m]
    heights = height_above_ground(near, settings.max_range_m, settings.ground)
    standing = near[(heights > settings.min_height_m) & (heights < settings.clearance_m)]
    groups = clusterer.group(standing)
    stages: dict[str, Callable[[], object]] = {
        'ground': lambda: height_above_ground(near, settings.max_range_m, settings.ground),
        'clusters': lambda: clusterer.group(standing),
        'boxes': lambda: fit_footprints(standing[:, :2], groups, origin[:2]),
        'density': lambda: beams_per_steradian(points, origin),
    }
    whole = time_ms(lambda: detector.detect(points, origin), SWEEPS)
    stages_ms = {name: float(np.median(time_ms(work, 10))) for name, work in stages.items()}
    tree_ms = float(time_ms(lambda: tree_clusters(standing), 3).min())
    thinned_ms = float(time_ms(lambda: thinned_tree_clusters(standing), 3).min())
    return Cost(
        points=len(points),
        obstacle_points=len(standing),
        p50_ms=float(np.median(whole)),
        p99_ms=float(np.percentile(whole, 99)),
        stages_ms=stages_ms,
        tree_ms=tree_ms,
        thinned_tree_ms=thinned_ms,
        thinned_tree_ratio=thinned_ms / stages_ms['clusters'],
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description='The obstacle detector: its cost and finds.')
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    arguments = parser.parse_args(argv)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    cost = measure_cost()
    print(f'obstacles, a synthetic sweep of {cost.points} points, one core: '
          f'p50 {cost.p50_ms:.1f} ms, p99 {cost.p99_ms:.1f} ms')
    print('  ' + ', '.join(f'{name} {ms:.1f} ms' for name, ms in cost.stages_ms.items()))
    print(f'  clustering {cost.obstacle_points} points: grid {cost.stages_ms["clusters"]:.1f} ms, '
          f'scipy cKDTree and connected components {cost.tree_ms:.0f} ms, of one point a '
          f'{VOXEL_M} m voxel {cost.thinned_tree_ms:.0f} ms '
          f'({cost.thinned_tree_ratio:.0f} times the grid)')
    figures = None
    try:
        figures = measure(data_dir() / DRIVE)
    except MmFusionError as err:
        print(f'obstacles: {err}')
    if figures:
        print(f'{figures.sweeps} sweeps of KITTI drive 0013: p50 {figures.p50_ms:.1f} ms, '
              f'worst {figures.worst_ms:.1f} ms, {figures.boxes_per_sweep:.1f} boxes a sweep')
        print(f'{figures.vehicles} labelled vehicles within {MAX_RANGE_M:.0f} m with {MIN_POINTS} '
              f'points or more: from above {figures.within_1m:.1%} within 1 m, '
              f'{figures.within_2m:.1%} within 2 m; in space {figures.within_1m_in_space:.1%}, '
              f'{figures.within_2m_in_space:.1%}')
    cv2.setNumThreads(threads)
    if arguments.json:
        result = {'cost': asdict(cost), 'drive': asdict(figures) if figures else None}
        arguments.json.write_text(json.dumps(result, indent=2) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())

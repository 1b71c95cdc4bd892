# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What keeps a network from finding recorded cars: where, as what, how far off, and by which input.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
import itertools
from typing import TYPE_CHECKING

from _real_frames import MAX_RANGE_M
from _transfer_scores import CAR, matches_of
import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.evaluation.detection_matching import Outcome
from mm_fusion_ros.evaluation.matching import match_by_distance
from mm_fusion_ros.geometry.transforms import apply, from_euler, wrap_angle
from mm_fusion_ros.training.augment.sweeps import thinned_beams

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from _real_frames import RealFrame
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D, SensorFrame

NEAR_M, HIT_M = 1.0, 2.0
RANGES_M = (0.0, 10.0, 20.0, 30.0, MAX_RANGE_M)
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
RAISED_M = 0.15
ROAD_M, ROAD_HALF_M, ROAD_ROUGH_M, FEWEST = (4.0, 25.0), 2.0, 0.6, 100  # where it is looked for
NOTHING = 'nothing'


def without_intensity(frame: SensorFrame) -> SensorFrame:
    """Forget how bright points are."""
    return replace(frame, lidars=tuple(
        replace(lidar, sweep=replace(lidar.sweep, intensity=None)) for lidar in frame.lidars))


def with_half_the_beams(frame: SensorFrame) -> SensorFrame:
    """Keep every second beam."""
    return replace(frame, lidars=tuple(
        replace(lidar, sweep=thinned_beams(lidar.sweep, 2, 0)) for lidar in frame.lidars))


def without_motion(frame: SensorFrame) -> SensorFrame:
    """Forget how the vehicle moves; what was deskewed stays so."""
    return replace(frame, ego=None)


def raised(frame: SensorFrame, by_m: float = RAISED_M) -> SensorFrame:
    """Put all sensors higher than they are."""
    T = np.eye(4)
    T[2, 3] = by_m
    return _moved(frame, T)


def levelled(frame: SensorFrame) -> SensorFrame:
    """Turn all sensors so that the road ahead and behind is level."""
    slope, height_m = road_plane(points_of(frame))
    T = from_euler((0.0, 0.0, 0.0), 0.0, np.arctan(slope), 0.0)
    T[2, 3] = -height_m
    return _moved(frame, T)


def _moved(frame: SensorFrame, T: NDArray[np.float64]) -> SensorFrame:
    return replace(
        frame,
        lidars=tuple(replace(lidar, T_base_lidar=T @ lidar.T_base_lidar)
                     for lidar in frame.lidars),
        cameras=tuple(replace(camera, T_base_camera=T @ camera.T_base_camera)
                      for camera in frame.cameras))


def points_of(frame: SensorFrame) -> NDArray[np.float32]:
    """Give all points of a frame in `base_link`."""
    return np.concatenate([apply(lidar.T_base_lidar, lidar.sweep.points)
                           for lidar in frame.lidars])


def road_plane(points: NDArray[np.float32]) -> tuple[float, float]:
    """Fit the road ahead and behind: how much it rises, m a m, and its height below, m."""
    x, y, z = points.T
    is_road = ((np.abs(x) > ROAD_M[0]) & (np.abs(x) < ROAD_M[1]) & (np.abs(y) < ROAD_HALF_M)
               & (np.abs(z) < ROAD_ROUGH_M))
    if is_road.sum() < FEWEST:
        return 0.0, 0.0
    slope, height_m = np.polyfit(x[is_road].astype(np.float64), z[is_road], 1)
    return float(slope), float(height_m)


def lowered(frame: SensorFrame) -> SensorFrame:
    """Put all sensors lower than they are."""
    return raised(frame, -RAISED_M)


def limits(
    frames: Sequence[RealFrame], answers: Sequence[Boxes3D], threshold: float
) -> dict[str, dict[str, float]]:
    """Work out all of it for answers to a drive, those as sure as a threshold."""
    sure = [each[each.scores >= threshold] for each in answers]
    return {
        'recall at 1 m by range': _by_range(frames, sure),
        'labelled cars, share found as': _found_as(frames, sure),
        'by score': _by_score(frames, answers),
        'cars found, medians': _errors(frames, sure),
        'points and road': _ground(frames),
    }


def _cars(frame: RealFrame, answers: Boxes3D) -> Boxes3D:
    """Give the labelled cars that count."""
    given = frame.with_answers(answers)
    return given.truth[CAR.of_truth(given.truth) & ~given.is_ignored]


def _by_range(frames: Sequence[RealFrame], sure: Sequence[Boxes3D]) -> dict[str, float]:
    ranges, found = [], []
    for frame, answers in zip(frames, sure, strict=True):
        cars = _cars(frame, answers)
        match = match_by_distance(cars, answers[CAR.of_answers(answers)], NEAR_M)
        ranges.append(np.hypot(*cars.centers[:, :2].T))
        found.append(match.indices >= 0)
    row = np.digitize(np.concatenate(ranges), RANGES_M) - 1
    hit = np.concatenate(found)
    return {
        f'{low:.0f}-{high:.0f} m, {np.sum(row == number)} cars': float(hit[row == number].mean())
        for number, (low, high) in enumerate(itertools.pairwise(RANGES_M))
        if (row == number).any()}


def _found_as(frames: Sequence[RealFrame], sure: Sequence[Boxes3D]) -> dict[str, float]:
    """Give the class of the surest answer near each car, whatever it is."""
    names: Counter[str] = Counter()
    for frame, answers in zip(frames, sure, strict=True):
        for place in _cars(frame, answers).centers:
            near = answers[np.linalg.norm(answers.centers - place, axis=1) < HIT_M]
            names[ObjectClass(near.classes[near.scores.argmax()]).label
                  if len(near) else NOTHING] += 1
    total = max(sum(names.values()), 1)
    return {name: count / total for name, count in names.most_common()}


def _by_score(frames: Sequence[RealFrame], answers: Sequence[Boxes3D]) -> dict[str, float]:
    matches = matches_of(frames, answers, CAR)
    row = matches.row_of(NEAR_M)
    is_wrong = matches.outcomes[row] == Outcome.FALSE
    found: dict[str, float] = {}
    for threshold in THRESHOLDS:
        found[f'{threshold:.1f}, recall'] = float(
            (matches.found_scores[row] >= threshold).mean())
        found[f'{threshold:.1f}, wrong a frame'] = float(
            (is_wrong & (matches.scores >= threshold)).sum() / matches.num_frames)
    return found


def _errors(frames: Sequence[RealFrame], sure: Sequence[Boxes3D]) -> dict[str, float]:
    """Compare cars with the answers of that class that are nearest to them."""
    pairs = [pair for pair in _pairs(frames, sure) if len(pair[0])]
    if not pairs:
        return {'boxes': 0.0}
    labels, found = zip(*pairs, strict=True)
    centers, theirs = (np.concatenate([each.centers for each in side]) for side in (labels, found))
    sizes, their_sizes = (
        np.concatenate([each.sizes for each in side]) for side in (labels, found))
    yaws, their_yaws = (np.concatenate([each.yaws for each in side]) for side in (labels, found))
    ahead = centers[:, :2] / np.linalg.norm(centers[:, :2], axis=1, keepdims=True)
    apart = (theirs - centers)[:, :2]
    turns = np.abs(wrap_angle(their_yaws - yaws))
    middle: dict[str, float] = {
        'boxes': float(len(centers)),
        'too far along the ray, m': float(np.median((apart * ahead).sum(axis=1))),
        'beside the ray, m': float(np.median(np.abs(
            apart[:, 1] * ahead[:, 0] - apart[:, 0] * ahead[:, 1]))),
        'too high, m': float(np.median((theirs - centers)[:, 2])),
        'yaw, deg': float(np.degrees(np.median(np.minimum(turns, np.pi - turns)))),
        'share turned round': float((turns > np.pi / 2.0).mean()),
    }
    for column, name in enumerate(('length', 'width', 'height')):
        middle[f'{name}, share of the labelled'] = float(
            np.median(their_sizes[:, column] / sizes[:, column]))
    return middle


def _pairs(
    frames: Sequence[RealFrame], sure: Sequence[Boxes3D]
) -> Iterator[tuple[Boxes3D, Boxes3D]]:
    for frame, answers in zip(frames, sure, strict=True):
        cars, own = _cars(frame, answers), answers[CAR.of_answers(answers)]
        match = match_by_distance(cars, own, HIT_M)
        paired = match.indices >= 0
        yield cars[paired], own[match.indices[paired]]


def _ground(frames: Sequence[RealFrame]) -> dict[str, float]:
    clouds = [points_of(frame.frame) for frame in frames]
    planes = np.array([road_plane(points) for points in clouds])
    slope, height_m = np.median(planes, axis=0)
    return {'a sweep': float(np.mean([len(points) for points in clouds])),
            'road rises ahead, deg': float(np.degrees(slope)), 'road, z m': float(height_m)}

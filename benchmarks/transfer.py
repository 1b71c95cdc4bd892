# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A network that was trained on simulated frames only, on recorded frames.

These are the drive 0013 of KITTI, on which nothing was trained or set but for the obstacle
detector (see the README), and frames of KITTI's object benchmark, by whose sweeps the simulated
LiDAR was made like KITTI's: those are no proof for it. Cars, vans among them, that the camera
shows within 40 m count; what KITTI marks as DontCare does not. Beside it are the obstacle
detector, which knows no classes, and a public detector that was trained on KITTI.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
import sys
import time
from typing import TYPE_CHECKING

from _real_frames import (
    drive_frames,
    MAX_RANGE_M,
    mean_speed_mps,
    object_frames,
    reference_answers,
)
from _transfer_limits import (
    levelled,
    limits,
    lowered,
    points_of,
    raised,
    with_half_the_beams,
    without_intensity,
    without_motion,
)
from _transfer_scores import (
    BUDGETS,
    CAR,
    CAR_BY_ANY,
    CAR_BY_VEHICLE,
    CYCLIST,
    header,
    PEDESTRIAN,
    score,
)
import cv2
import numpy as np

from mm_fusion_ros.data_types import LabelledPoints, PointLabel
from mm_fusion_ros.detection.detector import FusionDetector
from mm_fusion_ros.detection.settings import DetectorSettings
from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.evaluation.held_out import without_cameras, without_lidars
from mm_fusion_ros.evaluation.strict_json import strict_json
from mm_fusion_ros.evaluation.target import Target
from mm_fusion_ros.model.card import load_card
from mm_fusion_ros.obstacles.detector import ObstacleDetector
from mm_fusion_ros.obstacles.settings import ObstacleSettings
from mm_fusion_ros.report.bev_picture import BevCanvas
from mm_fusion_ros.report.camera_overlay import camera_overlay
from mm_fusion_ros.share import data_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from _real_frames import RealFrame
    from _transfer_scores import Row

    from mm_fusion_ros.data_types import Boxes3D, SensorFrame

DRIVE = Path('kitti_raw', '2011_09_26', '2011_09_26_drive_0013_sync')  # in data_dir()
OBJECT = 'kitti_object'
MIN_SCORE = 0.02
LEAST_RECALL = 0.85
PICTURES = 5  # of the drive
ALL, LIDAR, CAMERA = 'network', 'network, LiDAR only', 'network, cameras only'
OBSTACLES, REFERENCE = 'obstacle detector', 'PointRCNN, trained on KITTI'
CHANGES: dict[str, Callable[[SensorFrame], SensorFrame]] = {
    ALL: lambda frame: frame,
    LIDAR: lambda frame: without_cameras(frame, np.random.default_rng(0)),
    CAMERA: lambda frame: without_lidars(frame, np.random.default_rng(0)),
}
TRIALS: dict[str, Callable[[SensorFrame], SensorFrame]] = {
    'brightness unknown': without_intensity,
    'motion unknown': without_motion,
    'every second beam': with_half_the_beams,
    'sensors 0.15 m too high': raised,
    'sensors 0.15 m too low': lowered,
    'road made level': levelled,
}


def answers_of(
    detector: FusionDetector, frames: Sequence[RealFrame],
    change: Callable[[SensorFrame], SensorFrame], *, remembers: bool = True,
) -> list[Boxes3D]:
    """Let the network answer frames, scene by scene, or each as if there were no other."""
    answers, scene = [], None
    for each in frames:
        if each.scene != scene or not remembers:
            detector.reset()
            scene = each.scene
        answers.append(detector.detect(change(each.frame)).boxes)
    return answers


def obstacles_of(frames: Sequence[RealFrame]) -> list[Boxes3D]:
    """Find obstacles in the sweeps."""
    detector = ObstacleDetector(ObstacleSettings())
    return [detector.detect(points_of(each.frame), each.frame.lidars[0].T_base_lidar[:3, 3]).boxes
            for each in frames]


def print_rows(title: str, rows: Sequence[Row]) -> None:
    """Print a table."""
    print(f'\n{title}')
    print(header())
    for row in rows:
        print(row)


def print_limits(figures: dict[str, dict[str, float]]) -> None:
    """Print what limits it, a group a line."""
    for name, group in figures.items():
        print(f'  {name}: ' + '; '.join(f'{key} {value:.3g}' for key, value in group.items()))


def draw(
    frames: Sequence[RealFrame], answers: Sequence[Boxes3D], threshold: float, folder: Path
) -> None:
    """Draw answers into images, and from above beside the labels."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame, boxes in zip(frames, answers, strict=True):
        sure = boxes[boxes.scores >= threshold]
        overlay = camera_overlay(frame.frame.cameras[0], sure, None)
        points = points_of(frame.frame)
        canvas = BevCanvas((-5.0, 50.0), (-50.0, 50.0), overlay.shape[1] / 100.0)
        labels = np.full(len(points), PointLabel.UNKNOWN, np.uint8)
        canvas.draw_points(LabelledPoints(points, labels))
        canvas.draw_boxes(frame.labels.boxes, is_truth=True)
        canvas.draw_boxes(sure)
        bev = canvas.pixels
        page = np.zeros((overlay.shape[0] + bev.shape[0], overlay.shape[1], 3), np.uint8)
        page[:overlay.shape[0]] = overlay
        page[overlay.shape[0]:, :bev.shape[1]] = bev
        cv2.imwrite(str(folder / f'{frame.name}.png'), page[..., ::-1])


def targets(rows: dict[str, Row]) -> list[Target]:
    """Give what is aimed at on the drive."""
    return [
        Target(f'recall of cars at 1 m within {BUDGETS[0]:g} wrong a frame',
               rows[ALL].recall, LEAST_RECALL),
        Target('the same, all sensors less LiDAR only',
               rows[ALL].recall - rows[LIDAR].recall, 0.0),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description='A network on recorded frames.')
    parser.add_argument('--card', default='tiny', metavar='NAME|PATH', help='model card')
    parser.add_argument('--device', default='auto', choices=('auto', 'cpu', 'cuda'))
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    parser.add_argument('--pictures', type=Path, default=Path('out/transfer'), metavar='DIR',
                        help='where some frames are drawn')
    arguments = parser.parse_args(argv)
    try:
        card = load_card(arguments.card)
        detector = FusionDetector(
            DetectorSettings(device=arguments.device, min_score=MIN_SCORE), card, 1,
            time.perf_counter_ns)
        folder = data_dir()
        drive = list(drive_frames(folder / DRIVE))
        singles = list(object_frames(folder / OBJECT))
    except MmFusionError as err:
        print(f'transfer: {err}', file=sys.stderr)
        return 2
    print(f'{card.name}: {card.trained_frames} simulated frames, weights {card.sha256[:12]}; '
          f'cars in the image within {MAX_RANGE_M:g} m')
    found = {name: answers_of(detector, drive, change) for name, change in CHANGES.items()}
    rows = {name: score(name, drive, answers, CAR) for name, answers in found.items()}
    others = [
        score('network, whatever vehicle', drive, found[ALL], CAR_BY_VEHICLE),
        score(OBSTACLES, drive, obstacles_of(drive), CAR_BY_ANY),
        score(REFERENCE, drive, reference_answers(folder / DRIVE), CAR)]
    print_rows(f'KITTI drive 0013, {len(drive)} frames at {mean_speed_mps(drive):.1f} m/s',
               [*rows.values(), *others])
    of_singles = {
        name: answers_of(detector, singles, change) for name, change in CHANGES.items()}
    alone = [score(name, singles, answers, category)
             for category in (CAR, PEDESTRIAN, CYCLIST) for name, answers in of_singles.items()]
    alone.append(score(OBSTACLES, singles, obstacles_of(singles), CAR_BY_ANY))
    print_rows(f'KITTI object, {len(singles)} frames', alone)
    trials = [
        score('no memory', drive, answers_of(detector, drive, CHANGES[ALL], remembers=False), CAR),
        *(score(name, drive, answers_of(detector, drive, change), CAR)
          for name, change in TRIALS.items())]
    print_rows('what matters, on the drive', [rows[ALL], *trials])
    threshold = rows[ALL].within[0].threshold
    usual = DetectorSettings().min_score
    threshold = threshold if math.isfinite(threshold) else usual
    print(f'what limits it, answers of score {threshold:.3f} and more')
    limiting = limits(drive, found[ALL], threshold)
    print_limits(limiting)
    chosen = np.linspace(0, len(drive) - 1, PICTURES).astype(int)
    draw([drive[n] for n in chosen], [found[ALL][n] for n in chosen], usual, arguments.pictures)
    draw(singles, of_singles[ALL], usual, arguments.pictures)
    print(f'pictures: {arguments.pictures}')
    reached = targets(rows)
    print('\n'.join(map(str, reached)))
    if arguments.json:
        arguments.json.write_text(strict_json({
            'drive': [row.as_dict() for row in (*rows.values(), *others)],
            'object': [row.as_dict() for row in alone],
            'trials': [row.as_dict() for row in trials],
            'limits': limiting,
        }), encoding='utf-8')
    return 0


if __name__ == '__main__':
    raise SystemExit(main())

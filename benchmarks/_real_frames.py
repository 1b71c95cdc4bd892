# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Recorded frames with labels: a drive of KITTI, and frames of its object benchmark.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.kitti_calibration import (
    read_object_calibration,
    read_raw_calibration,
)
from mm_fusion_ros.bags.datasets.kitti_labels import (
    KittiLabels,
    read_object_labels,
    read_tracking_labels,
)
from mm_fusion_ros.bags.datasets.kitti_oxts import base_pose, read_oxts
from mm_fusion_ros.bags.datasets.kitti_raw import read_stamps
from mm_fusion_ros.evaluation.detection_slices import of_range
from mm_fusion_ros.evaluation.image_view import ImageView
from mm_fusion_ros.evaluation.kitti_labelled import kitti_detections
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.training.readers.kitti import FIRST_NS, kitti_sample, KittiFrame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mm_fusion_ros.bags.datasets.kitti_calibration import KittiCalibration
    from mm_fusion_ros.data_types import Boxes3D, EgoPose, SensorFrame
    from mm_fusion_ros.evaluation.detection_frame import FrameDetections

MAX_RANGE_M = 40.0
FIRST_KNOWN = 2  # frame before which poses reach back far enough
REFERENCE = 'pointrcnn_reference'  # what a public detector answered to the drive


@dataclass(frozen=True, eq=False)
class RealFrame:
    """A frame, its labels, and through what camera they were made."""

    name: str
    scene: str
    frame: SensorFrame
    labels: KittiLabels
    view: ImageView

    def with_answers(self, answers: Boxes3D) -> FrameDetections:
        """Put answers beside the labels that count: within reach, in the image."""
        whole = kitti_detections(
            self.labels, answers, self.view, self.scene, self.frame.stamp_ns)
        return of_range([whole], 0.0, MAX_RANGE_M).frames[0]


def drive_frames(folder: Path) -> Iterator[RealFrame]:
    """
    Read a drive, deskewed and its images placed by the poses of its GNSS and IMU unit.

    Raises
    ------
    BagError
        If something is missing or is not what it should be.

    """
    calibration = read_raw_calibration(folder.parent)
    labels = read_tracking_labels(
        next(iter(sorted(folder.glob('tracking_label_*.txt')))), calibration)
    sweeps = sorted((folder / 'velodyne_points' / 'data').glob('*.bin'))
    stamps_ns = read_stamps(folder / 'velodyne_points' / 'timestamps.txt')
    poses = _poses(folder / 'oxts')
    for number, file in enumerate(sweeps):
        real = _real(file.stem, folder.name, KittiFrame(
            image=folder / 'image_02' / 'data' / f'{file.stem}.png',
            sweep=file,
            calibration=calibration,
            labels=labels.get(number, KittiLabels.empty()),
            stamp_ns=stamps_ns[number],
            poses=poses[max(number - 3, 0):number + 3],
        ))
        # As when driving: nobody knows how it sped up before there were poses.
        yield real if number >= FIRST_KNOWN else replace(
            real, frame=replace(real.frame, ego=None))


def _poses(folder: Path) -> list[EgoPose]:
    """Give the poses at their own stamps: they do not come evenly."""
    packets = [read_oxts(file) for file in sorted((folder / 'data').glob('*.txt'))]
    origin = LocalEnu(*packets[0].geodetic.tolist())
    return [base_pose(packet, stamp_ns, origin) for packet, stamp_ns in zip(
        packets, read_stamps(folder / 'timestamps.txt'), strict=True)]


def reference_answers(folder: Path) -> list[Boxes3D]:
    """Read what the public detector answered to each frame of the drive."""
    calibration = read_raw_calibration(folder.parent)
    return [read_object_labels(file, calibration).boxes
            for file in sorted((folder / REFERENCE).glob('*.txt'))]


def object_frames(folder: Path) -> Iterator[RealFrame]:
    """
    Read frames of the object benchmark, each a scene of its own; none knows how it moved.

    Raises
    ------
    BagError
        If something is missing or is not what it should be.

    """
    for file in sorted((folder / 'velodyne').glob('*.bin')):
        calibration = read_object_calibration(folder / 'calib' / f'{file.stem}.txt')
        yield _real(file.stem, file.stem, KittiFrame(
            image=folder / 'image_2' / f'{file.stem}.png',
            sweep=file,
            calibration=calibration,
            labels=read_object_labels(folder / 'label_2' / f'{file.stem}.txt', calibration),
            stamp_ns=FIRST_NS,
        ))


def _real(name: str, scene: str, source: KittiFrame) -> RealFrame:
    frame = kitti_sample(source).frame
    return RealFrame(name, scene, frame, source.labels, _view(frame, source.calibration))


def _view(frame: SensorFrame, calibration: KittiCalibration) -> ImageView:
    """Give the camera as labels were made: they are of the frame's stamp, unmoved."""
    return ImageView(frame.cameras[0].model, calibration.T_base_camera)


def mean_speed_mps(frames: Sequence[RealFrame]) -> float:
    """Tell how fast the vehicle was, where it is known."""
    speeds = [each.frame.ego.twist[0] for each in frames if each.frame.ego is not None]
    return float(np.mean(speeds)) if speeds else float('nan')

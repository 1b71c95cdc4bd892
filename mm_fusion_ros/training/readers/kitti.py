# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One labelled frame of a KITTI benchmark as a training sample.

Cars and vans are cars; trams, people who sit and what KITTI calls Misc are none of our classes,
and ignored. KITTI labels what its image shows: all else is no background, nor is what lies where
an image part is marked DontCare.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.kitti_calibration import CAMERA
from mm_fusion_ros.bags.datasets.kitti_sweep import point_times_s, read_sweep, rings
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.training.readers.frame_parts import (
    at_rest,
    camera_input,
    count_in_boxes,
    lidar_input,
    sensor_frame,
    SweepColumns,
)
from mm_fusion_ros.training.readers.image_sectors import columns_sector, rectangle_sector
from mm_fusion_ros.training.sample import TrainingSample

if TYPE_CHECKING:
    from pathlib import Path

    from mm_fusion_ros.bags.datasets.kitti_calibration import KittiCalibration
    from mm_fusion_ros.bags.datasets.kitti_labels import KittiLabels
    from mm_fusion_ros.data_types import EgoPose, SensorFrame

FIRST_NS = 1_325_376_000_000_000_000  # 2012-01-01, the year of the benchmarks: they have no stamps
PERIOD_NS = 100 * NS_PER_MS
_HALF_TURN_NS = PERIOD_NS // 2
_IGNORED = frozenset(('Tram', 'Misc', 'Person', 'Person_sitting'))


class KittiFrame(NamedTuple):
    """
    What a sample is made of.

    `poses` are those of the vehicle around the stamp; none where the benchmark has none.
    """

    image: Path
    sweep: Path
    calibration: KittiCalibration
    labels: KittiLabels
    stamp_ns: int
    poses: tuple[EgoPose, ...] = ()


def kitti_sample(source: KittiFrame) -> TrainingSample:
    """
    Read a frame.

    Raises
    ------
    BagError
        If a file is missing or is not what it should be.

    """
    frame, calibration = _frame(source), source.calibration
    if source.poses:
        frame = at_rest(frame, source.poses)
    P, T_base_camera = calibration.projection, calibration.T_base_camera
    sectors = (rectangle_sector(P, T_base_camera, rectangle)
               for rectangle in source.labels.unlabelled_px)
    boxes = source.labels.boxes
    return TrainingSample(
        frame=frame,
        boxes=replace(boxes, num_points=count_in_boxes(frame, boxes)),
        is_ignored=np.array([_is_ignored(*each) for each in zip(
            source.labels.types, boxes.classes, strict=True)], np.bool_),
        labelled_area=columns_sector(
            P, T_base_camera, -0.5, frame.cameras[0].model.width - 0.5),
        unlabelled=tuple(sector for sector in sectors if sector is not None),
    )


def _is_ignored(name: str, object_class: int) -> bool:
    return name in _IGNORED or object_class == ObjectClass.OBSTACLE


def _frame(source: KittiFrame) -> SensorFrame:
    """Read the sensors: the camera took its image when the sweep had come to its middle."""
    stamp_ns, calibration = source.stamp_ns, source.calibration
    points = read_sweep(source.sweep)
    columns = SweepColumns(
        points[:, :3], points[:, 3], rings(points),
        point_times_s(points, stamp_ns - _HALF_TURN_NS, stamp_ns, stamp_ns + _HALF_TURN_NS))
    lidar = lidar_input(columns, stamp_ns, calibration.T_base_lidar)
    camera = camera_input(
        CAMERA, source.image, stamp_ns, calibration.projection, calibration.T_base_camera)
    return sensor_frame(stamp_ns, lidar, (camera,))

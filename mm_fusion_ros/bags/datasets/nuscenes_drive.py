# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is taken from a nuScenes recording, whichever way it was stored."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TYPE_CHECKING

from mm_fusion_ros.data_types import Boxes3D, ObjectClass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LIDAR = 'LIDAR_TOP'
CAMERA_PREFIX = 'CAM_'

_CLASSES = {
    'car': ObjectClass.CAR,
    'truck': ObjectClass.TRUCK,
    'trailer': ObjectClass.TRUCK,
    'construction': ObjectClass.TRUCK,
    'construction_vehicle': ObjectClass.TRUCK,
    'emergency': ObjectClass.CAR,
    'bus': ObjectClass.BUS,
    'bicycle': ObjectClass.CYCLIST,
    'motorcycle': ObjectClass.CYCLIST,
    'human': ObjectClass.PEDESTRIAN,
    'pedestrian': ObjectClass.PEDESTRIAN,
    'barrier': ObjectClass.BARRIER,
}


class SensorFile(NamedTuple):
    """
    One image or sweep: channel as nuScenes names it, file, stamp, and the vehicle in the map then.

    `keyframe` tells those that belong together, to a labelled instant; it is empty for the others.
    """

    channel: str
    path: Path
    stamp_ns: int
    T_odom_base: NDArray[np.float64]
    keyframe: str = ''


class Mounting(NamedTuple):
    """Where a sensor sits, and a camera's matrix K (3, 3)."""

    T_base_sensor: NDArray[np.float64]
    camera_matrix: NDArray[np.float64] | None = None


class StampedPose(NamedTuple):
    """The vehicle in the map."""

    stamp_ns: int
    T_odom_base: NDArray[np.float64]


class NuscenesLabels(NamedTuple):
    """Boxes in `base_link`, and the category of each."""

    boxes: Boxes3D
    categories: tuple[str, ...]


class NuscenesDrive(NamedTuple):
    """One scene. Labels go by the stamp of their sweep."""

    files: list[SensorFile]
    mountings: dict[str, Mounting]
    labels: dict[int, NuscenesLabels]
    poses: list[StampedPose]


def object_class(category: str) -> ObjectClass:
    """Map a category such as 'vehicle.bus.rigid' or 'traffic_cone'; the rest are obstacles."""
    for part in category.split('.'):
        if part in _CLASSES:
            return _CLASSES[part]
    return ObjectClass.OBSTACLE

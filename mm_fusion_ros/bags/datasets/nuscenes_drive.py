# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is taken from a nuScenes recording, whichever way it was stored."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TYPE_CHECKING

from mm_fusion_ros.bags.datasets.summary import require
from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.errors import BagError

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


def find_source(folder: Path) -> Path:
    """
    Find what tells of a nuScenes folder: its folder of tables `v1.0-*`, else its one info file.

    Raises
    ------
    BagError
        If there is neither.

    """
    require(folder, 'a nuScenes folder')
    tables = sorted(path for path in folder.glob('v1.0-*') if path.is_dir())
    infos = sorted(folder.glob('*.pkl'))
    if not tables and len(infos) != 1:
        expected = 'a folder v1.0-* of tables, or one .pkl file'
        raise BagError(f'nuScenes {folder}', expected, f'{len(infos)} .pkl files')
    return tables[0] if tables else infos[0]


def camera_name(channel: str) -> str:
    """Name a camera: CAM_FRONT_LEFT is front_left."""
    return channel.removeprefix(CAMERA_PREFIX).lower()


def object_class(category: str) -> ObjectClass:
    """Map a category such as 'vehicle.bus.rigid' or 'traffic_cone'; the rest are obstacles."""
    for part in category.split('.'):
        if part in _CLASSES:
            return _CLASSES[part]
    return ObjectClass.OBSTACLE

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
nuScenes for training: keyframes of scenes, from the devkit's tables or an info file.

Classes are those of the converter, but trailers and people on or in something that is no bicycle
are ignored, as is all that is none of our classes: cones, animals, debris, bicycle racks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TYPE_CHECKING

import numpy as np
from torch.utils.data import Dataset

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.nuscenes_drive import camera_name, find_source, LIDAR
from mm_fusion_ros.bags.datasets.nuscenes_info import read_info_frames
from mm_fusion_ros.bags.datasets.nuscenes_sweep import read_sweep
from mm_fusion_ros.bags.datasets.nuscenes_tables import read_scenes
from mm_fusion_ros.data_types import EgoPose, ObjectClass
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.training.readers.frame_parts import (
    at_rest,
    camera_input,
    count_in_boxes,
    lidar_input,
    sensor_frame,
    SweepColumns,
)
from mm_fusion_ros.training.sample import TrainingSample

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from mm_fusion_ros.bags.datasets.nuscenes_drive import (
        Mounting,
        NuscenesDrive,
        NuscenesLabels,
        SensorFile,
    )
    from mm_fusion_ros.data_types import CameraInput

_NOT_LEARNED = frozenset(('trailer', 'personal_mobility', 'stroller', 'wheelchair'))
_WAY_NS = 220 * NS_PER_MS  # before and after a keyframe
_SHORTEST_WAY_NS = 20 * NS_PER_MS  # that tells a velocity


class _Keyframe(NamedTuple):
    lidar: SensorFile
    cameras: tuple[SensorFile, ...]
    way: tuple[EgoPose, ...]
    mountings: dict[str, Mounting]
    labels: NuscenesLabels


class NuscenesFrames(Dataset[TrainingSample]):
    """
    Keyframes of a folder.

    Parameters
    ----------
    folder : Path
        Holds `v1.0-*/` with tables, as for the devkit, or one .pkl with images and sweeps.
    scenes : collection of str, optional
        Names of scenes, for tables only; all if None.

    Raises
    ------
    BagError
        If there are none, or what tells of them is not what it should be.

    """

    def __init__(self, folder: Path, scenes: Collection[str] | None = None) -> None:
        source = find_source(folder)
        if not source.is_dir() and scenes is not None:
            raise BagError(f'nuScenes {folder}', 'tables to know scenes by name', source.name)
        drives = read_scenes(source, scenes) if source.is_dir() else read_info_frames(source)
        self._keyframes = [keyframe for drive in drives for keyframe in _keyframes(drive)]
        if not self._keyframes:
            raise BagError(f'nuScenes {folder}', 'keyframes with a sweep', 'none')

    def __len__(self) -> int:
        return len(self._keyframes)

    def __getitem__(self, index: int) -> TrainingSample:
        return _sample(self._keyframes[index])


def _keyframes(drive: NuscenesDrive) -> Iterator[_Keyframe]:
    groups: dict[str, list[SensorFile]] = {}
    for file in drive.files:
        if file.keyframe:
            groups.setdefault(file.keyframe, []).append(file)
    stamps_ns = np.array([file.stamp_ns for file in drive.files])
    for files in groups.values():
        lidar = next((file for file in files if file.channel == LIDAR), None)
        if lidar is None:
            continue
        near = np.flatnonzero(np.abs(stamps_ns - lidar.stamp_ns) <= _WAY_NS)
        yield _Keyframe(
            lidar,
            cameras=tuple(file for file in files if file.channel != LIDAR),
            way=tuple(_pose(drive.files[row]) for row in near[np.argsort(stamps_ns[near])]),
            mountings=drive.mountings,
            labels=drive.labels[lidar.stamp_ns],
        )


def _pose(file: SensorFile) -> EgoPose:
    unknown = np.full(3, np.nan)
    return EgoPose(file.stamp_ns, names.ODOM_FRAME, names.BASE_FRAME, file.T_odom_base,
                   unknown, unknown)


def _sample(keyframe: _Keyframe) -> TrainingSample:
    stamp_ns = keyframe.lidar.stamp_ns
    points = read_sweep(keyframe.lidar.path)
    columns = SweepColumns(
        points[:, :3], points[:, 3], points[:, 4].astype(np.uint16), times_s=None)
    lidar = lidar_input(columns, stamp_ns, keyframe.mountings[LIDAR].T_base_sensor)
    cameras = tuple(_camera(file, keyframe.mountings[file.channel]) for file in keyframe.cameras)
    frame = sensor_frame(stamp_ns, lidar, cameras)
    if keyframe.way[-1].stamp_ns - keyframe.way[0].stamp_ns >= _SHORTEST_WAY_NS:
        frame = at_rest(frame, keyframe.way)
    boxes, categories = keyframe.labels
    return TrainingSample(
        frame=frame,
        boxes=replace(boxes, num_points=count_in_boxes(frame, boxes)),
        is_ignored=np.array(
            [not _NOT_LEARNED.isdisjoint(category.split('.')) for category in categories],
            np.bool_) | (boxes.classes == ObjectClass.OBSTACLE),
    )


def _camera(file: SensorFile, mounting: Mounting) -> CameraInput:
    if mounting.camera_matrix is None:
        raise BagError(f'nuScenes {file.channel}', 'a camera matrix', 'none')
    projection = np.hstack([mounting.camera_matrix, np.zeros((3, 1))])
    return camera_input(
        camera_name(file.channel), file.path, file.stamp_ns, projection, mounting.T_base_sensor)

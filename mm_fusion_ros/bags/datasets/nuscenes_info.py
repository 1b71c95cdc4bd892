# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads frames described by an info file (.pkl) as mmdetection3d writes them (version 1.1).

A pickle is a program. This one may build numbers, text, lists, dicts and NumPy values, no more.
"""

from __future__ import annotations

import io
import pickle
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.nuscenes_drive import (
    LIDAR,
    Mounting,
    NuscenesDrive,
    NuscenesLabels,
    object_class,
    SensorFile,
    StampedPose,
)
from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.boxes import transform_boxes
from mm_fusion_ros.geometry.transforms import check_transform, inverse, wrap_angle
from mm_fusion_ros.stamps import NS_PER_US

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

_ALLOWED = {
    ('numpy', 'dtype'),
    ('numpy', 'ndarray'),
    *(
        (module, name)
        for module in ('numpy.core.multiarray', 'numpy._core.multiarray')
        for name in ('scalar', '_reconstruct')
    ),
}


def read_info(file: Path) -> NuscenesDrive:
    """
    Read all frames of an info file as one drive.

    Raises
    ------
    BagError
        If the file holds anything but plain data, or other data.

    """
    drive = NuscenesDrive(files=[], mountings={}, labels={}, poses=[])
    for frame in read_info_frames(file):
        drive.files.extend(frame.files)
        drive.mountings.update(frame.mountings)
        drive.labels.update(frame.labels)
        drive.poses.extend(frame.poses)
    return drive


def read_info_frames(file: Path) -> list[NuscenesDrive]:
    """
    Read each frame of an info file, whose images and sweeps lie beside it, as a drive of its own.

    Raises
    ------
    BagError
        If the file holds anything but plain data, or other data.

    """
    try:
        content = _RestrictedUnpickler(io.BytesIO(file.read_bytes())).load()
        names = {number: name for name, number in content['metainfo']['categories'].items()}
        return [_drive(frame, file.parent, names) for frame in content['data_list']]
    except Exception as err:  # foreign bytes through pickle: any error may come
        expected = 'an info file of mmdetection3d, version 1.1'
        raise BagError(f'nuScenes info {file}', expected, f'{type(err).__name__}: {err}') from err


class _RestrictedUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Refuse everything but NumPy's plain values."""
        if (module, name) == ('_codecs', 'encode'):
            return _encode_latin1
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f'{module}.{name} is not allowed')
        if module == 'numpy':
            return super().find_class(module, name)
        return _array_builder(name)


def _encode_latin1(text: str, encoding: str) -> bytes:
    """Stand in for the codec call by which protocol 2 stores bytes."""
    if encoding != 'latin1':
        raise pickle.UnpicklingError(f'encoding {encoding} is not allowed')
    return text.encode('latin1')


def _array_builder(name: str) -> Callable[..., Any]:
    # Where NumPy keeps these two moved between versions; a pickled value shows where they are.
    sample = np.float64(0.0) if name == 'scalar' else np.empty(0)
    builder: Callable[..., Any] = sample.__reduce__()[0]  # type: ignore[assignment]
    return builder


def _stamp_ns(seconds: float) -> int:
    """Restore the microseconds that float64 seconds still hold."""
    return round(seconds * 1e6) * NS_PER_US


def _drive(frame: Any, folder: Path, names: dict[int, str]) -> NuscenesDrive:
    stamp_ns, token = _stamp_ns(frame['timestamp']), str(frame['token'])
    lidar = frame['lidar_points']
    T_base_lidar = check_transform('lidar2ego', lidar['lidar2ego'])
    T_odom_base = check_transform('ego2global', frame['ego2global'])
    mountings = {LIDAR: Mounting(T_base_lidar)}
    files = [SensorFile(LIDAR, folder / lidar['lidar_path'], stamp_ns, T_odom_base, token)]
    for channel, camera in frame['images'].items():
        T_base_camera = check_transform('cam2ego', camera['cam2ego'])
        mountings[channel] = Mounting(
            T_base_camera, np.array(camera['cam2img'], np.float64).reshape(3, 3))
        # From the one instant to the other: it holds what the vehicle drove between them.
        T_camera_lidar = check_transform('lidar2cam', camera['lidar2cam'])
        T_odom_then = T_odom_base @ T_base_lidar @ inverse(T_base_camera @ T_camera_lidar)
        path = folder / camera['img_path']
        files.append(
            SensorFile(channel, path, _stamp_ns(camera['timestamp']), T_odom_then, token))
    labels = _labels(frame['instances'], names, T_base_lidar)
    return NuscenesDrive(
        files, mountings, {stamp_ns: labels}, [StampedPose(stamp_ns, T_odom_base)])


def _labels(
    instances: list[Any], names: dict[int, str], T_base_lidar: NDArray[np.float64]
) -> NuscenesLabels:
    """Bring the boxes, which are in the frame of the LiDAR, into `base_link`."""
    rows: NDArray[np.float64] = np.array(
        [instance['bbox_3d'] for instance in instances], np.float64
    ).reshape(-1, 7)
    velocities = np.zeros((len(rows), 3), np.float32)
    velocities[:, :2] = np.array(
        [instance['velocity'] for instance in instances], np.float32).reshape(-1, 2)
    categories = tuple(names.get(int(instance['bbox_label_3d']), '') for instance in instances)
    boxes = Boxes3D(
        centers=rows[:, :3],
        sizes=rows[:, 3:6],
        yaws=wrap_angle(rows[:, 6]),
        scores=np.ones(len(rows), np.float32),
        classes=np.array([object_class(category) for category in categories], np.int8),
        velocities=velocities,
    )
    return NuscenesLabels(transform_boxes(T_base_lidar, boxes), categories)

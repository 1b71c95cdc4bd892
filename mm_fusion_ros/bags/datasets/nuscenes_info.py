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
    object_class,
    SensorFile,
    StampedPose,
)
from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.boxes import transform_boxes
from mm_fusion_ros.geometry.transforms import check_transform, wrap_angle
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
    Read all frames of an info file, whose images and sweeps lie beside it.

    Raises
    ------
    BagError
        If the file holds anything but plain data, or other data.

    """
    try:
        content = _RestrictedUnpickler(io.BytesIO(file.read_bytes())).load()
        names = {number: name for name, number in content['metainfo']['categories'].items()}
        drive = NuscenesDrive(files=[], mountings={}, labels={}, poses=[])
        for frame in content['data_list']:
            _add_frame(drive, frame, file.parent, names)
    except Exception as err:  # foreign bytes through pickle: any error may come
        expected = 'an info file of mmdetection3d, version 1.1'
        raise BagError(f'nuScenes info {file}', expected, f'{type(err).__name__}: {err}') from err
    return drive


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


def _add_frame(drive: NuscenesDrive, frame: Any, folder: Path, names: dict[int, str]) -> None:
    stamp_ns = _stamp_ns(frame['timestamp'])
    lidar = frame['lidar_points']
    T_base_lidar = check_transform('lidar2ego', lidar['lidar2ego'])
    drive.mountings[LIDAR] = Mounting(T_base_lidar)
    drive.files.append(SensorFile(LIDAR, folder / lidar['lidar_path'], stamp_ns))
    for channel, camera in frame['images'].items():
        drive.mountings[channel] = Mounting(
            check_transform('cam2ego', camera['cam2ego']),
            np.array(camera['cam2img'], np.float64).reshape(3, 3),
        )
        path = folder / camera['img_path']
        drive.files.append(SensorFile(channel, path, _stamp_ns(camera['timestamp'])))
    drive.labels[stamp_ns] = transform_boxes(T_base_lidar, _boxes(frame['instances'], names))
    drive.poses.append(
        StampedPose(stamp_ns, check_transform('ego2global', frame['ego2global']))
    )


def _boxes(instances: list[Any], names: dict[int, str]) -> Boxes3D:
    """Give the boxes in the frame of the LiDAR."""
    rows: NDArray[np.float64] = np.array(
        [instance['bbox_3d'] for instance in instances], np.float64
    ).reshape(-1, 7)
    labels = [names.get(int(instance['bbox_label_3d']), '') for instance in instances]
    return Boxes3D(
        centers=rows[:, :3],
        sizes=rows[:, 3:6],
        yaws=wrap_angle(rows[:, 6]),
        scores=np.ones(len(rows), np.float32),
        classes=np.array([object_class(label) for label in labels], np.int8),
    )

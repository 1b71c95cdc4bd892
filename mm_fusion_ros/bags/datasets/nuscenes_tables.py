# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads one scene of a nuScenes folder as the devkit expects it.

That is `v1.0-*/*.json`, relational tables, beside `samples/` and `sweeps/`.
"""

from __future__ import annotations

import json
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.nuscenes_drive import (
    CAMERA_PREFIX,
    LIDAR,
    Mounting,
    NuscenesDrive,
    object_class,
    SensorFile,
    StampedPose,
)
from mm_fusion_ros.bags.datasets.summary import load_text
from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.boxes import transform_boxes
from mm_fusion_ros.geometry.transforms import from_quaternion, inverse, yaw_of
from mm_fusion_ros.stamps import NS_PER_US

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_Row = dict[str, Any]


def read_scene(tables: Path, name: str | None = None) -> NuscenesDrive:
    """
    Read one scene.

    Parameters
    ----------
    tables : Path
        The folder `v1.0-*`.
    name : str, optional
        Such as 'scene-0061'; the first one if None.

    Raises
    ------
    BagError
        If a table is missing or damaged, or there is no such scene.

    """
    try:
        return _read_scene(tables, name)
    except (KeyError, TypeError, ValueError, StopIteration) as err:
        expected = f'the tables of nuScenes with scene {name or "(any)"}'
        raise BagError(f'nuScenes {tables}', expected, f'{type(err).__name__}: {err}') from err


def _read_scene(tables: Path, name: str | None) -> NuscenesDrive:
    scene = next(row for row in _table(tables, 'scene') if name in (None, row['name']))
    samples = {
        row['token'] for row in _table(tables, 'sample') if row['scene_token'] == scene['token']
    }
    channels = {row['token']: row['channel'] for row in _table(tables, 'sensor')}
    calibrations = _by_token(_table(tables, 'calibrated_sensor'))
    poses = _by_token(_table(tables, 'ego_pose'))
    drive = NuscenesDrive(files=[], mountings={}, labels={}, poses=[])
    keyframes: dict[str, StampedPose] = {}
    rows = [row for row in _table(tables, 'sample_data') if row['sample_token'] in samples]
    for row in sorted(rows, key=lambda row: row['timestamp']):
        calibration = calibrations[row['calibrated_sensor_token']]
        channel = channels[calibration['sensor_token']]
        if channel != LIDAR and not channel.startswith(CAMERA_PREFIX):
            continue
        stamp_ns = int(row['timestamp']) * NS_PER_US
        drive.files.append(SensorFile(channel, tables.parent / row['filename'], stamp_ns))
        drive.mountings.setdefault(channel, _mounting(calibration))
        if channel == LIDAR:
            pose = StampedPose(stamp_ns, _transform(poses[row['ego_pose_token']]))
            drive.poses.append(pose)
            if row['is_key_frame']:
                keyframes[row['sample_token']] = pose
    drive.labels.update(_labels(tables, keyframes))
    return drive


def _table(tables: Path, name: str) -> list[_Row]:
    rows: list[_Row] = json.loads(load_text(tables / f'{name}.json', 'a table of nuScenes'))
    return rows


def _by_token(rows: list[_Row]) -> dict[str, _Row]:
    return {row['token']: row for row in rows}


def _transform(row: _Row) -> NDArray[np.float64]:
    w, x, y, z = row['rotation']
    return from_quaternion(row['translation'], (x, y, z, w))


def _mounting(calibration: _Row) -> Mounting:
    intrinsic = calibration['camera_intrinsic']
    return Mounting(
        _transform(calibration),
        np.array(intrinsic, np.float64).reshape(3, 3) if intrinsic else None,
    )


def _labels(tables: Path, keyframes: dict[str, StampedPose]) -> dict[int, Boxes3D]:
    categories = _by_token(_table(tables, 'category'))
    instances = {
        row['token']: (track_id, categories[row['category_token']]['name'])
        for track_id, row in enumerate(_table(tables, 'instance'))
    }
    by_sample: dict[str, list[_Row]] = {token: [] for token in keyframes}
    for row in _table(tables, 'sample_annotation'):
        if row['sample_token'] in by_sample:
            by_sample[row['sample_token']].append(row)
    return {
        keyframes[token].stamp_ns: transform_boxes(
            inverse(keyframes[token].T_odom_base), _boxes(rows, instances)
        )
        for token, rows in by_sample.items()
    }


def _boxes(rows: list[_Row], instances: dict[str, tuple[int, str]]) -> Boxes3D:
    """Give annotations as boxes in the map."""
    owners = [instances[row['instance_token']] for row in rows]
    sizes = np.array([row['size'] for row in rows], np.float64).reshape(-1, 3)
    return Boxes3D(
        centers=np.array([row['translation'] for row in rows], np.float64).reshape(-1, 3),
        sizes=sizes[:, [1, 0, 2]],  # width, length, height there
        yaws=np.array([yaw_of(_transform(row)) for row in rows], np.float64),
        scores=np.ones(len(rows), np.float32),
        classes=np.array([object_class(category) for _, category in owners], np.int8),
        ids=np.array([track_id for track_id, _ in owners], np.int64),
    )

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads scenes of a nuScenes folder as the devkit expects it.

That is `v1.0-*/*.json`, relational tables, beside `samples/` and `sweeps/`.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.nuscenes_drive import (
    CAMERA_PREFIX,
    LIDAR,
    Mounting,
    NuscenesDrive,
    NuscenesLabels,
    object_class,
    SensorFile,
    StampedPose,
)
from mm_fusion_ros.bags.datasets.summary import load_text
from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.boxes import transform_boxes
from mm_fusion_ros.geometry.transforms import from_quaternion, inverse, yaw_of
from mm_fusion_ros.stamps import NS_PER_S, NS_PER_US

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_Row = dict[str, Any]
_LONGEST_GAP_S = 1.5  # between labels that tell a velocity; source: nuScenes devkit, box_velocity


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
    return next(read_scenes(tables, None if name is None else (name,)))


def read_scenes(tables: Path, names: Collection[str] | None = None) -> Iterator[NuscenesDrive]:
    """
    Read scenes one after the other; the tables are read once.

    Parameters
    ----------
    tables : Path
        The folder `v1.0-*`.
    names : collection of str, optional
        Such as 'scene-0061'; all if None.

    Raises
    ------
    BagError
        If a table is missing or damaged, or there is no such scene.

    """
    try:
        content = _read(tables)
        scenes = [row for row in content.scenes if names is None or row['name'] in names]
        if not scenes or (names and len(scenes) < len(names)):
            raise ValueError(f'{len(scenes)} such scenes')
        for scene in scenes:
            yield _drive(content, scene['token'], tables.parent)
    except (KeyError, TypeError, ValueError) as err:
        wanted = ', '.join(sorted(names)) if names else '(any)'
        expected = f'the tables of nuScenes with scene {wanted}'
        raise BagError(f'nuScenes {tables}', expected, f'{type(err).__name__}: {err}') from err


class _Tables(NamedTuple):
    scenes: list[_Row]
    channels: dict[str, str]  # by the token of a calibration
    mountings: dict[str, Mounting]  # likewise
    poses: dict[str, _Row]
    files: dict[str, list[_Row]]  # by the token of a scene, in the order of time
    annotations: dict[str, list[_Row]]  # likewise
    instances: dict[str, tuple[int, str]]  # number and category


def _read(tables: Path) -> _Tables:
    scene_of = {row['token']: row['scene_token'] for row in _table(tables, 'sample')}
    channels = {row['token']: row['channel'] for row in _table(tables, 'sensor')}
    calibrations = _table(tables, 'calibrated_sensor')
    categories = {row['token']: row['name'] for row in _table(tables, 'category')}
    files = _table(tables, 'sample_data')
    return _Tables(
        scenes=_table(tables, 'scene'),
        channels={row['token']: channels[row['sensor_token']] for row in calibrations},
        mountings={row['token']: _mounting(row) for row in calibrations},
        poses={row['token']: row for row in _table(tables, 'ego_pose')},
        files=_by_scene(sorted(files, key=lambda row: int(row['timestamp'])), scene_of),
        annotations=_by_scene(_table(tables, 'sample_annotation'), scene_of),
        instances={
            row['token']: (track_id, categories[row['category_token']])
            for track_id, row in enumerate(_table(tables, 'instance'))
        },
    )


def _by_scene(rows: list[_Row], scene_of: dict[str, str]) -> dict[str, list[_Row]]:
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(scene_of[row['sample_token']], []).append(row)
    return groups


def _drive(tables: _Tables, scene: str, folder: Path) -> NuscenesDrive:
    drive = NuscenesDrive(files=[], mountings={}, labels={}, poses=[])
    keyframes: dict[str, StampedPose] = {}
    for row in tables.files.get(scene, ()):
        calibration = row['calibrated_sensor_token']
        channel = tables.channels[calibration]
        if channel != LIDAR and not channel.startswith(CAMERA_PREFIX):
            continue
        stamp_ns = int(row['timestamp']) * NS_PER_US
        pose = StampedPose(stamp_ns, _transform(tables.poses[row['ego_pose_token']]))
        keyframe = row['sample_token'] if row['is_key_frame'] else ''
        drive.files.append(
            SensorFile(channel, folder / row['filename'], *pose, keyframe))
        drive.mountings.setdefault(channel, tables.mountings[calibration])
        if channel == LIDAR:
            drive.poses.append(pose)
            if keyframe:
                keyframes[keyframe] = pose
    drive.labels.update(_labels(tables, scene, keyframes))
    return drive


def _table(tables: Path, name: str) -> list[_Row]:
    rows: list[_Row] = json.loads(load_text(tables / f'{name}.json', 'a table of nuScenes'))
    return rows


def _transform(row: _Row) -> NDArray[np.float64]:
    w, x, y, z = row['rotation']
    return from_quaternion(row['translation'], (x, y, z, w))


def _mounting(calibration: _Row) -> Mounting:
    intrinsic = calibration['camera_intrinsic']
    return Mounting(
        _transform(calibration),
        np.array(intrinsic, np.float64).reshape(3, 3) if intrinsic else None,
    )


def _labels(
    tables: _Tables, scene: str, keyframes: dict[str, StampedPose]
) -> dict[int, NuscenesLabels]:
    by_sample: dict[str, list[_Row]] = {token: [] for token in keyframes}
    tracks: dict[str, list[_Row]] = {}
    for row in tables.annotations.get(scene, ()):
        if row['sample_token'] in by_sample:
            by_sample[row['sample_token']].append(row)
            tracks.setdefault(row['instance_token'], []).append(row)
    velocities = {
        (row['instance_token'], row['sample_token']): velocity
        for track in tracks.values()
        for row, velocity in zip(track, _velocities(track, keyframes), strict=True)
    }
    labels = {}
    for token, rows in by_sample.items():
        pose = keyframes[token]
        owners = [tables.instances[row['instance_token']] for row in rows]
        moving = [velocities[row['instance_token'], token] for row in rows]
        boxes = transform_boxes(inverse(pose.T_odom_base), _boxes(rows, owners, moving))
        labels[pose.stamp_ns] = NuscenesLabels(boxes, tuple(category for _, category in owners))
    return labels


def _velocities(
    track: list[_Row], keyframes: dict[str, StampedPose]
) -> NDArray[np.float64]:
    """
    Give velocities (N, 3) of an object in the map, m/s, from where it is before and after.

    NaN where those are too long before and after, or there are none.
    """
    stamps_ns = np.array([keyframes[row['sample_token']].stamp_ns for row in track])
    order = np.argsort(stamps_ns)
    places = np.array([row['translation'] for row in track], np.float64)[order]
    times_s = (stamps_ns[order] - stamps_ns.min()) / NS_PER_S
    rows = np.arange(len(track))
    before, after = np.maximum(rows - 1, 0), np.minimum(rows + 1, len(track) - 1)
    durations_s = times_s[after] - times_s[before]
    is_known = (durations_s > 0.0) & (durations_s < _LONGEST_GAP_S * np.maximum(after - before, 1))
    velocities = np.full((len(track), 3), np.nan)
    velocities[order[is_known]] = (
        places[after] - places[before])[is_known] / durations_s[is_known, None]
    return velocities


def _boxes(
    rows: list[_Row], owners: list[tuple[int, str]], velocities: list[NDArray[np.float64]]
) -> Boxes3D:
    """Give annotations as boxes in the map."""
    sizes = np.array([row['size'] for row in rows], np.float64).reshape(-1, 3)
    return Boxes3D(
        centers=np.array([row['translation'] for row in rows], np.float64).reshape(-1, 3),
        sizes=sizes[:, [1, 0, 2]],  # width, length, height there
        yaws=np.array([yaw_of(_transform(row)) for row in rows], np.float64),
        scores=np.ones(len(rows), np.float32),
        classes=np.array([object_class(category) for _, category in owners], np.int8),
        velocities=np.array(velocities, np.float32).reshape(-1, 3),
        ids=np.array([track_id for track_id, _ in owners], np.int64),
    )

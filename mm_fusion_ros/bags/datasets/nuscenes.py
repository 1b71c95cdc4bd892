# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Converts a nuScenes scene, or frames described by an info file, to a bag.

nuScenes' vehicle frame (rear axle, on the ground) is `base_link`; its map is `odom`. Images have
no distortion. A sweep is stamped with its end; its points are told as seen from there and then,
the motion of the vehicle taken out, so that no times of them are written.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any, TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.image_files import read_image
from mm_fusion_ros.bags.datasets.nuscenes_drive import camera_name, find_source, LIDAR
from mm_fusion_ros.bags.datasets.nuscenes_info import read_info
from mm_fusion_ros.bags.datasets.nuscenes_sweep import read_sweep
from mm_fusion_ros.bags.datasets.nuscenes_tables import read_scene
from mm_fusion_ros.bags.datasets.summary import (
    ConversionSummary,
    Recording,
    require,
    summarise,
    write_recordings,
)
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import inverse
from mm_fusion_ros.messages.convert_out import (
    from_boxes,
    from_camera_model,
    from_ego_pose,
    from_jpeg,
    from_point_columns,
    from_transforms,
)
from mm_fusion_ros.stamps import to_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mm_fusion_ros.bags.datasets.nuscenes_drive import (
        Mounting,
        SensorFile,
        StampedPose,
    )

_TRANSPORT_NS = 5_000_000  # nuScenes has no arrival times


def convert_nuscenes(
    folder: Path,
    output: Path,
    progress: Callable[[int, int], None],
    scene: str | None = None,
) -> ConversionSummary:
    """
    Write one scene as a bag.

    Parameters
    ----------
    folder : Path
        Holds `v1.0-*/` with tables, as for the devkit, or one .pkl with images and sweeps.
    output : Path
        Folder to make.
    progress : callable
        Called with messages done and messages in all.
    scene : str, optional
        Name of the scene; the first one if None.

    Raises
    ------
    BagError
        If something is missing or is not what it should be, or the output exists.

    """
    source = find_source(folder)
    drive = read_scene(source, scene) if source.is_dir() else read_info(source)
    if not drive.files:
        raise BagError(f'nuScenes {folder}', 'images or sweeps', 'none')
    cameras = {file.channel: file.path for file in drive.files if file.channel != LIDAR}
    shapes = {channel: read_image(path).shape for channel, path in cameras.items()}
    sizes = {channel: (width, height) for channel, (height, width, _) in shapes.items()}
    recordings = [
        recording
        for file in drive.files
        for recording in _record(file, drive.mountings[file.channel], sizes.get(file.channel))
    ]
    for stamp_ns, found in drive.labels.items():
        labels = partial(from_boxes, found.boxes, stamp_ns, names.BASE_FRAME, BAG_TYPES)
        recordings.append(Recording(stamp_ns + _TRANSPORT_NS, names.TRUE_DETECTIONS, labels))
    recordings += [
        Recording(pose.stamp_ns, names.TRUE_ODOMETRY, partial(from_ego_pose, pose, BAG_TYPES))
        for pose in _ego_poses(drive.poses)
    ]
    first_ns = min(recording.log_time_ns for recording in recordings)
    children = {_frame(name): each.T_base_sensor for name, each in drive.mountings.items()}
    static = partial(from_transforms, children, first_ns, names.BASE_FRAME, BAG_TYPES)
    recordings.insert(0, Recording(first_ns, names.TF_STATIC, static, transient_local=True))
    write_recordings(recordings, output, progress)
    return summarise(output, sum(len(found.boxes) for found in drive.labels.values()))


def _frame(channel: str) -> str:
    return names.LIDAR_FRAME if channel == LIDAR else names.camera_frame(camera_name(channel))


def _record(
    file: SensorFile, mounting: Mounting, size: tuple[int, int] | None
) -> Iterator[Recording]:
    channel, path, stamp_ns, *_ = file
    log_time_ns = stamp_ns + _TRANSPORT_NS
    require(path, f'a file of {channel}')
    if size is None:
        yield Recording(log_time_ns, names.POINTS, partial(_build_sweep, path, stamp_ns))
        return
    if mounting.camera_matrix is None:
        raise BagError(f'nuScenes {channel}', 'a camera matrix', 'none')
    projection = np.hstack([mounting.camera_matrix, np.zeros((3, 1))])
    model = CameraModel(*size, projection)
    frame_id, camera = _frame(channel), camera_name(channel)
    yield Recording(
        log_time_ns,
        names.camera_info_topic(camera),
        partial(from_camera_model, model, stamp_ns, frame_id, BAG_TYPES),
    )
    yield Recording(
        log_time_ns,
        f'{names.image_topic(camera)}/compressed',
        lambda: from_jpeg(path.read_bytes(), stamp_ns, frame_id, BAG_TYPES),
    )


def _build_sweep(path: Path, stamp_ns: int) -> Any:
    points = read_sweep(path)
    columns: dict[str, Any] = dict(zip(('x', 'y', 'z', 'intensity'), points.T, strict=False))
    columns['ring'] = points[:, 4].astype(np.uint16)
    return from_point_columns(columns, stamp_ns, names.LIDAR_FRAME, BAG_TYPES)


def _ego_poses(poses: list[StampedPose]) -> Iterator[EgoPose]:
    """Add velocities, from each pose to the next; none from a single pose."""
    for before, after in pairwise(poses):
        dt_s = to_seconds(after.stamp_ns - before.stamp_ns)
        motion = inverse(before.T_odom_base) @ after.T_odom_base
        turn = Rotation.from_matrix(motion[:3, :3]).as_rotvec()
        yield EgoPose(
            stamp_ns=before.stamp_ns,
            frame_id=names.ODOM_FRAME,
            child_frame_id=names.BASE_FRAME,
            T_frame_child=before.T_odom_base,
            linear_mps=motion[:3, 3] / dt_s,
            angular_radps=turn / dt_s,
        )

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Converts one drive of KITTI raw (synchronised and rectified) to a bag.

KITTI's stamps are the local wall clock without a zone; they are taken as UTC, which moves
everything alike. A sweep is stamped with its middle, as KITTI does, and logged after its end.
"""

from __future__ import annotations

from functools import partial
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.image_files import read_image
from mm_fusion_ros.bags.datasets.kitti_calibration import CAMERA, read_raw_calibration
from mm_fusion_ros.bags.datasets.kitti_labels import (
    label_errors_px,
    read_tracking_labels,
    read_tracklets,
)
from mm_fusion_ros.bags.datasets.kitti_oxts import read_oxts, record_oxts
from mm_fusion_ros.bags.datasets.kitti_sweep import point_times_s, read_sweep, rings
from mm_fusion_ros.bags.datasets.summary import (
    ConversionSummary,
    load_text,
    Recording,
    summarise,
    write_recordings,
)
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.messages.convert_out import (
    from_boxes,
    from_camera_model,
    from_pixels,
    from_point_columns,
    from_transforms,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.bags.datasets.kitti_calibration import KittiCalibration

_TRANSPORT_NS = 5_000_000  # KITTI has no arrival times; sensors with this much data take a while


def convert_kitti_raw(
    drive_dir: Path, output: Path, progress: Callable[[int, int], None]
) -> ConversionSummary:
    """
    Write a drive as a bag.

    Parameters
    ----------
    drive_dir : Path
        `<day>/<day>_drive_<number>_sync`; the calibration is in the folder above it. Labels are
        taken from `tracking_label_*.txt` in it, else from `tracklet_labels.xml`.
    output : Path
        Folder to make.
    progress : callable
        Called with messages done and messages in all.

    Raises
    ------
    BagError
        If something is missing or is not what it should be, or the output exists.

    """
    calibration = read_raw_calibration(drive_dir.parent)
    images, image_stamps_ns = _files(drive_dir / 'image_02', 'png')
    sweeps, sweep_stamps_ns = _files(drive_dir / 'velodyne_points', 'bin')
    packets, packet_stamps_ns = _files(drive_dir / 'oxts', 'txt')
    recordings = [
        *record_oxts([read_oxts(file) for file in packets.values()], list(packet_stamps_ns)),
        *_record_images(images, image_stamps_ns, calibration),
    ]
    sweep_recordings, ends_ns = _record_sweeps(drive_dir / 'velodyne_points', sweeps)
    recordings += sweep_recordings
    boxes, errors_px = _read_labels(drive_dir, calibration, next(iter(images.values())))
    for index, stamp_ns in zip(sweeps, sweep_stamps_ns, strict=True):
        if boxes is not None:
            labels = boxes.get(index, Boxes3D.empty())
            truth = partial(from_boxes, labels, stamp_ns, names.BASE_FRAME, BAG_TYPES)
            recordings.append(Recording(ends_ns[index], names.TRUE_DETECTIONS, truth))
    first_ns = min(recording.log_time_ns for recording in recordings)
    static = partial(
        from_transforms,
        calibration.static_transforms,
        first_ns,
        names.BASE_FRAME,
        BAG_TYPES,
    )
    recordings.insert(0, Recording(first_ns, names.TF_STATIC, static, transient_local=True))
    write_recordings(recordings, output, progress)
    return summarise(output, sum(map(len, (boxes or {}).values())), errors_px)


def read_stamps(file: Path) -> list[int]:
    """
    Read KITTI's wall-clock times, ns, as if they were UTC.

    Raises
    ------
    BagError
        If the file is missing, or a line of it is no time.

    """
    text = load_text(file, 'KITTI timestamps')
    try:
        times = np.array(
            [line.strip().replace(' ', 'T') for line in text.splitlines() if line.strip()],
            'datetime64[ns]',
        )
    except ValueError as err:
        raise BagError(f'timestamps {file}', 'a date and time in each line', err) from err
    return [int(time) for time in times.astype(np.int64)]


def _files(folder: Path, suffix: str) -> tuple[dict[int, Path], tuple[int, ...]]:
    """Find a sensor's files by frame number (some drives lack a few), and their stamps."""
    stamps_ns = read_stamps(folder / 'timestamps.txt')
    files = {
        int(file.stem): file
        for file in sorted((folder / 'data').glob(f'*.{suffix}'))
        if file.stem.isdigit()
    }
    if not files:
        raise BagError(f'data set folder {folder}', f'files data/*.{suffix}', 'none')
    if max(files) >= len(stamps_ns):
        raise BagError(
            f'timestamps {folder}', f'a line for frame {max(files)}', f'{len(stamps_ns)} lines'
        )
    return files, tuple(stamps_ns[index] for index in files)


def camera_model(file: Path, calibration: KittiCalibration) -> CameraModel:
    """Give the model of an image's camera, of the image's size."""
    height, width = _png_size(file)
    return CameraModel(width=width, height=height, projection=calibration.projection)


def record_image(
    file: Path, stamp_ns: int, log_time_ns: int, calibration: KittiCalibration
) -> tuple[Recording, Recording]:
    """Give an image and, just before it, its CameraInfo."""
    frame_id = names.camera_frame(CAMERA)
    model = camera_model(file, calibration)
    info = partial(from_camera_model, model, stamp_ns, frame_id, BAG_TYPES)
    return (
        Recording(log_time_ns, names.camera_info_topic(CAMERA), info),
        Recording(
            log_time_ns,
            names.image_topic(CAMERA),
            lambda: from_pixels(read_image(file), stamp_ns, frame_id, BAG_TYPES),
        ),
    )


def _png_size(file: Path) -> tuple[int, int]:
    head = file.open('rb').read(24)
    if head[:8] != b'\x89PNG\r\n\x1a\n' or len(head) < 24:
        raise BagError(f'image {file}', 'a png file', 'something else')
    return int.from_bytes(head[20:24], 'big'), int.from_bytes(head[16:20], 'big')


def _record_images(
    files: dict[int, Path], stamps_ns: tuple[int, ...], calibration: KittiCalibration
) -> list[Recording]:
    return [
        recording
        for file, stamp_ns in zip(files.values(), stamps_ns, strict=True)
        for recording in record_image(file, stamp_ns, stamp_ns + _TRANSPORT_NS, calibration)
    ]


def _record_sweeps(
    folder: Path, files: dict[int, Path]
) -> tuple[list[Recording], dict[int, int]]:
    """Give the sweeps, and by frame number when each is logged."""
    starts_ns, middles_ns, ends_ns = (
        read_stamps(folder / f'timestamps{suffix}.txt') for suffix in ('_start', '', '_end')
    )
    if not len(starts_ns) == len(middles_ns) == len(ends_ns):
        lengths = f'{len(starts_ns)}, {len(middles_ns)} and {len(ends_ns)}'
        raise BagError(f'timestamps {folder}', 'three files of equal length', lengths)
    logged_ns = {index: ends_ns[index] + _TRANSPORT_NS for index in files}
    recordings = [
        Recording(
            logged_ns[index],
            names.POINTS,
            partial(_build_sweep, file, starts_ns[index], middles_ns[index], ends_ns[index]),
        )
        for index, file in files.items()
    ]
    return recordings, logged_ns


def _build_sweep(file: Path, start_ns: int, middle_ns: int, end_ns: int) -> Any:
    points = read_sweep(file)
    columns: dict[str, Any] = dict(zip(('x', 'y', 'z', 'intensity'), points.T, strict=True))
    ring = rings(points)
    if ring is not None:
        columns['ring'] = ring
    columns['time'] = point_times_s(points, start_ns, middle_ns, end_ns)
    return from_point_columns(columns, middle_ns, names.LIDAR_FRAME, BAG_TYPES)


def _read_labels(
    drive_dir: Path, calibration: KittiCalibration, image: Path
) -> tuple[dict[int, Boxes3D] | None, list[NDArray[np.float64]]]:
    """Give the boxes by frame number, None if there are no labels, and their errors, px."""
    tracking = sorted(drive_dir.glob('tracking_label_*.txt'))
    if tracking:
        labels = read_tracking_labels(tracking[0], calibration)
        model = camera_model(image, calibration)
        errors_px = [label_errors_px(each, calibration, model) for each in labels.values()]
        return {frame: each.boxes for frame, each in labels.items()}, errors_px
    tracklets = drive_dir / 'tracklet_labels.xml'
    return (read_tracklets(tracklets, calibration) if tracklets.exists() else None), []

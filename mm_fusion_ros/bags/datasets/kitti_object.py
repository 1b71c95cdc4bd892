# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Converts frames of KITTI's 3D object benchmark to a bag.

The frames have neither stamps nor poses and come from different drives: they are put 0.1 s apart,
and each comes with the calibration of its own day, on /tf_static too.
"""

from __future__ import annotations

from functools import partial
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.kitti_calibration import read_object_calibration
from mm_fusion_ros.bags.datasets.kitti_labels import label_errors_px, read_object_labels
from mm_fusion_ros.bags.datasets.kitti_raw import camera_model, record_image
from mm_fusion_ros.bags.datasets.kitti_sweep import read_sweep, rings
from mm_fusion_ros.bags.datasets.summary import (
    ConversionSummary,
    Recording,
    require,
    summarise,
    write_recordings,
)
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.messages.convert_out import from_boxes, from_point_columns, from_transforms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_FIRST_NS = 1_325_376_000_000_000_000  # 2012-01-01, the year of the benchmark
_PERIOD_NS = 100_000_000


def convert_kitti_object(
    folder: Path, output: Path, progress: Callable[[int, int], None]
) -> ConversionSummary:
    """
    Write all frames of a folder as a bag.

    Parameters
    ----------
    folder : Path
        Holds `velodyne`, `image_2`, `calib` and, for a training split, `label_2`.
    output : Path
        Folder to make.
    progress : callable
        Called with messages done and messages in all.

    Raises
    ------
    BagError
        If something is missing or is not what it should be, or the output exists.

    """
    sweeps = sorted((folder / 'velodyne').glob('*.bin'))
    if not sweeps:
        raise BagError(f'KITTI object {folder}', 'files velodyne/*.bin', 'none')
    recordings: list[Recording] = []
    errors_px: list[NDArray[np.float64]] = []
    num_labels = 0
    for number, sweep in enumerate(sweeps):
        stamp_ns = _FIRST_NS + number * _PERIOD_NS
        calibration = read_object_calibration(folder / 'calib' / f'{sweep.stem}.txt')
        image = require(folder / 'image_2' / f'{sweep.stem}.png', 'an image of each sweep')
        transforms = partial(
            from_transforms,
            calibration.static_transforms,
            stamp_ns,
            names.BASE_FRAME,
            BAG_TYPES,
        )
        recordings += [
            Recording(stamp_ns, names.TF_STATIC, transforms, transient_local=True),
            *record_image(image, stamp_ns, stamp_ns, calibration),
            Recording(stamp_ns, names.POINTS, partial(_build_sweep, sweep, stamp_ns)),
        ]
        if (folder / 'label_2').exists():
            labels = read_object_labels(folder / 'label_2' / f'{sweep.stem}.txt', calibration)
            model = camera_model(image, calibration)
            errors_px.append(label_errors_px(labels, calibration, model))
            num_labels += len(labels.boxes)
            truth = partial(from_boxes, labels.boxes, stamp_ns, names.BASE_FRAME, BAG_TYPES)
            recordings.append(Recording(stamp_ns, names.TRUE_DETECTIONS, truth))
    write_recordings(recordings, output, progress)
    return summarise(output, num_labels, errors_px)


def _build_sweep(file: Path, stamp_ns: int) -> Any:
    points = read_sweep(file)
    columns: dict[str, Any] = dict(zip(('x', 'y', 'z', 'intensity'), points.T, strict=True))
    ring = rings(points)
    if ring is not None:
        columns['ring'] = ring
    return from_point_columns(columns, stamp_ns, names.LIDAR_FRAME, BAG_TYPES)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
KITTI's 3D object benchmark for training: frames of many drives, without stamps or poses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.utils.data import Dataset

from mm_fusion_ros.bags.datasets.kitti_calibration import read_object_calibration
from mm_fusion_ros.bags.datasets.kitti_labels import read_object_labels
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.training.readers.kitti import FIRST_NS, kitti_sample, KittiFrame, PERIOD_NS
from mm_fusion_ros.training.sample import TrainingSample

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class KittiObject(Dataset[TrainingSample]):
    """
    Frames of a folder with `velodyne`, `image_2`, `calib` and `label_2`.

    Parameters
    ----------
    folder : Path
        Usually called `training`.
    frames : sequence of str, optional
        Which, such as '000042'; all that have a sweep if None.

    Raises
    ------
    BagError
        If there are none.

    """

    def __init__(self, folder: Path, frames: Sequence[str] | None = None) -> None:
        self._folder = folder
        self._frames = tuple(
            sorted(file.stem for file in (folder / 'velodyne').glob('*.bin'))
            if frames is None else frames)
        if not self._frames:
            raise BagError(f'KITTI object {folder}', 'files velodyne/*.bin', 'none')

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> TrainingSample:
        name, folder = self._frames[index], self._folder
        calibration = read_object_calibration(folder / 'calib' / f'{name}.txt')
        return kitti_sample(KittiFrame(
            image=folder / 'image_2' / f'{name}.png',
            sweep=folder / 'velodyne' / f'{name}.bin',
            calibration=calibration,
            labels=read_object_labels(folder / 'label_2' / f'{name}.txt', calibration),
            stamp_ns=FIRST_NS + index * PERIOD_NS,
        ))

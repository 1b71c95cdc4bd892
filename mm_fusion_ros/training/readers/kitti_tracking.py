# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
KITTI's tracking benchmark for training: sequences of frames 0.1 s apart, with ego poses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.utils.data import Dataset

from mm_fusion_ros.bags.datasets.kitti_calibration import read_tracking_calibration
from mm_fusion_ros.bags.datasets.kitti_labels import KittiLabels, read_tracking_labels
from mm_fusion_ros.bags.datasets.kitti_oxts import base_pose, read_tracking_oxts
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.training.readers.kitti import FIRST_NS, kitti_sample, KittiFrame, PERIOD_NS
from mm_fusion_ros.training.sample import TrainingSample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mm_fusion_ros.data_types import EgoPose

_APART_NS = 86_400 * 10**9  # between sequences: no pose of one is near another


class KittiTracking(Dataset[TrainingSample]):
    """
    Frames of a folder with `velodyne`, `image_02`, `calib`, `label_02`, and `oxts` if it is there.

    Parameters
    ----------
    folder : Path
        Usually called `training`.
    sequences : sequence of str, optional
        Which, such as '0003'; all that have sweeps if None.

    Raises
    ------
    BagError
        If there are none, or what tells of a sequence is missing or is not what it should be.

    """

    def __init__(self, folder: Path, sequences: Sequence[str] | None = None) -> None:
        if sequences is None:
            sequences = sorted(path.name for path in (folder / 'velodyne').glob('*'))
        self._frames = [
            frame for number, name in enumerate(sequences)
            for frame in _frames(folder, name, FIRST_NS + number * _APART_NS)]
        if not self._frames:
            raise BagError(f'KITTI tracking {folder}', 'files velodyne/*/*.bin', 'none')

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> TrainingSample:
        return kitti_sample(self._frames[index])


def _frames(folder: Path, sequence: str, first_ns: int) -> Iterator[KittiFrame]:
    calibration = read_tracking_calibration(folder / 'calib' / f'{sequence}.txt')
    labels = read_tracking_labels(folder / 'label_02' / f'{sequence}.txt', calibration)
    poses = _poses(folder / 'oxts' / f'{sequence}.txt', first_ns)
    for sweep in sorted((folder / 'velodyne' / sequence).glob('*.bin')):  # some drives lack a few
        number = int(sweep.stem)
        yield KittiFrame(
            image=folder / 'image_02' / sequence / f'{sweep.stem}.png',
            sweep=sweep,
            calibration=calibration,
            labels=labels.get(number, KittiLabels.empty()),
            stamp_ns=first_ns + number * PERIOD_NS,
            poses=poses[max(number - 2, 0):number + 2],
        )


def _poses(file: Path, first_ns: int) -> tuple[EgoPose, ...]:
    if not file.exists():
        return ()
    samples = read_tracking_oxts(file)
    origin = LocalEnu(*samples[0].geodetic.tolist())
    return tuple(
        base_pose(oxts, first_ns + number * PERIOD_NS, origin)
        for number, oxts in enumerate(samples))

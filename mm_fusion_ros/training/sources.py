# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where samples come from: simulated worlds, and folders of recorded data sets.

A sample is asked for with the cameras that are wanted, so that images which nobody looks at are
not read, and with the frame before it where that is to be remembered.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, TYPE_CHECKING

from mm_fusion_ros.sim.dataset import SimulatedFrames
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.stamps import NS_PER_S
from mm_fusion_ros.training.augment.dropout import with_cameras
from mm_fusion_ros.training.readers.kitti_object import KittiObject
from mm_fusion_ros.training.readers.kitti_tracking import KittiTracking
from mm_fusion_ros.training.readers.nuscenes import NuscenesFrames
from mm_fusion_ros.training.sample import from_simulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch.utils.data import Dataset

    from mm_fusion_ros.sim.dataset import FrameSource
    from mm_fusion_ros.training.recipe import DataSettings
    from mm_fusion_ros.training.sample import TrainingSample

    Choice = Callable[[int], tuple[int, ...]]  # numbers of those of so many cameras

_LONGEST_MEMORY_NS = NS_PER_S // 2


class SampleSource(Protocol):
    """A number of samples."""

    def __len__(self) -> int:
        """Count them."""
        ...

    def sample(
        self, number: int, choice: Choice, remembers: bool
    ) -> tuple[TrainingSample, TrainingSample | None]:
        """
        Give a sample, and the frame before it.

        Parameters
        ----------
        number : int
            From 0.
        choice : callable
            Tells which of the cameras are wanted; is asked once.
        remembers : bool
            Whether the frame before is wanted; there may be none.

        """
        ...


class SimulatedSource:
    """
    Frames of worlds, kept in a cache.

    Parameters
    ----------
    source : FrameSource
        Which.
    cache : Path
        Folder that keeps rendered frames.

    """

    def __init__(self, source: FrameSource, cache: Path) -> None:
        self._source = source
        self._frames = SimulatedFrames(source, cache)
        self._cameras = len(load_rig(source.rig).cameras)

    def __len__(self) -> int:
        """Count the frames of all worlds."""
        return len(self._frames)

    def sample(
        self, number: int, choice: Choice, remembers: bool
    ) -> tuple[TrainingSample, TrainingSample | None]:
        """Give a frame, and the one before it in its burst."""
        world, number = divmod(number, self._source.frames_per_world)
        seed, cameras = self._source.first_seed + world, choice(self._cameras)
        sample = from_simulated(self._frames.kept(seed, number, cameras))
        if not remembers or number % self._source.burst == 0:
            return sample, None
        return sample, from_simulated(self._frames.kept(seed, number - 1, cameras))


class RecordedSource:
    """
    Frames of a data set.

    Parameters
    ----------
    frames : Dataset
        In order of time, drive by drive.

    """

    def __init__(self, frames: Dataset[TrainingSample]) -> None:
        self._frames = frames

    def __len__(self) -> int:
        """Count the frames."""
        return len(self._frames)  # type: ignore[arg-type]

    def sample(
        self, number: int, choice: Choice, remembers: bool
    ) -> tuple[TrainingSample, TrainingSample | None]:
        """Give a frame, and the one before it if it is of the same drive and not long ago."""
        whole = self._frames[number]
        cameras = choice(len(whole.frame.cameras))
        sample = with_cameras(whole, cameras)
        if not remembers or number == 0 or whole.frame.ego is None:
            return sample, None
        before = self._frames[number - 1]
        passed_ns = whole.frame.stamp_ns - before.frame.stamp_ns
        is_near = 0 < passed_ns <= _LONGEST_MEMORY_NS and before.frame.ego is not None
        has_same = len(before.frame.cameras) == len(whole.frame.cameras)
        return sample, with_cameras(before, cameras) if is_near and has_same else None


def sample_sources(settings: DataSettings, cache: Path) -> tuple[SampleSource, ...]:
    """Open all sources: the worlds of each rig, then the data sets that are named."""
    recorded: tuple[tuple[str, Callable[[Path], Dataset[TrainingSample]]], ...] = (
        (settings.kitti_object, KittiObject), (settings.kitti_tracking, KittiTracking),
        (settings.nuscenes, NuscenesFrames))
    return (
        *(SimulatedSource(source, cache) for source in settings.sources()),
        *(RecordedSource(read(Path(folder))) for folder, read in recorded if folder))

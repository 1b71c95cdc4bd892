# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which sample comes when.

Everything follows from the seed and the number of the draw, so that a run that was interrupted
goes on as if it had not been.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from torch.utils.data import Dataset, get_worker_info, Sampler

from mm_fusion_ros.training.augment.augment import augment
from mm_fusion_ros.training.augment.dropout import without_lidars
from mm_fusion_ros.training.batch import SampleArrays, SamplePreparation
from mm_fusion_ros.training.sources import sample_sources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.training.recipe import Recipe
    from mm_fusion_ros.training.sample import TrainingSample

_DRAWS = 40  # apart from the numbers of other random streams


class DrawnSamples(Dataset[SampleArrays]):
    """
    Samples by the number of their draw; all frames come once before any comes again.

    Parameters
    ----------
    recipe : Recipe
        Which frames, and what is done to them.
    cache : Path
        Folder that keeps rendered frames.

    """

    def __init__(self, recipe: Recipe, cache: Path) -> None:
        self._recipe = recipe
        self._sources = sample_sources(recipe.data, cache)
        self._ends = np.cumsum([len(source) for source in self._sources])
        self._preparation = SamplePreparation(
            recipe.grid, recipe.object_classes, (recipe.image_width, recipe.image_height))

    def __len__(self) -> int:
        """Count the frames; draws may go on beyond."""
        return int(self._ends[-1])

    def __getitem__(self, draw: int) -> SampleArrays:
        """Make the sample of a draw."""
        if get_worker_info() is not None:
            cv2.setNumThreads(0)  # 1 hangs after a fork
        seed = self._recipe.schedule.seed
        round_, place = divmod(draw, len(self))
        frame = int(_order(seed, round_, len(self))[place])
        rng = np.random.default_rng([seed, draw, _DRAWS])
        which = int(np.searchsorted(self._ends, frame, side='right'))
        remembers = bool(rng.random() < self._recipe.data.memory_share)
        sample, before = self._sources[which].sample(
            frame - int(self._ends[which - 1] if which else 0),
            lambda count: self._cameras(count, rng), remembers)
        own_seed = int(rng.integers(2**63))
        return self._preparation.arrays(
            self._augmented(sample, own_seed),
            None if before is None else self._augmented(before, own_seed))

    def _cameras(self, count: int, rng: np.random.Generator) -> tuple[int, ...]:
        """Choose which of the cameras are there."""
        shares = np.array(self._recipe.data.camera_shares[:count + 1])
        if not shares.any():  # only more than there are is asked for
            return tuple(range(count))
        wanted = rng.choice(len(shares), p=shares / shares.sum())
        return tuple(sorted(rng.permutation(count)[:wanted].tolist()))

    def _augmented(self, sample: TrainingSample, seed: int) -> TrainingSample:
        """Change a sample; two with the same seed are moved the same way."""
        rng = np.random.default_rng(seed)
        if sample.frame.cameras and rng.random() >= self._recipe.data.lidar_share:
            sample = without_lidars(sample)
        return augment(sample, self._recipe.augment, rng)


@lru_cache(maxsize=2)
def _order(seed: int, round_: int, count: int) -> NDArray[np.intp]:
    return np.random.default_rng([seed, round_, _DRAWS]).permutation(count)


class DrawNumbers(Sampler[int]):
    """
    The numbers of the draws of one process, from a step on.

    Parameters
    ----------
    first, last : int
        Steps; the last one is not drawn any more.
    batch_size : int
        Draws of a step, of each process.
    rank, processes : int
        Which of how many processes this is.

    """

    def __init__(
        self, first: int, last: int, batch_size: int, rank: int = 0, processes: int = 1
    ) -> None:
        self._steps = range(first, last)
        self._batch_size = batch_size
        self._rank, self._processes = rank, processes

    def __len__(self) -> int:
        """Count the draws."""
        return len(self._steps) * self._batch_size

    def __iter__(self) -> Iterator[int]:
        """Give them in order."""
        for step in self._steps:
            first = (step * self._processes + self._rank) * self._batch_size
            yield from range(first, first + self._batch_size)

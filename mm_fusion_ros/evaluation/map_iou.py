# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How well maps around the vehicle fit the true ones, layer by layer.

Cells are those of an OccupancyGrid: 0 to 100, marked from 50 on, -1 where unknown. Cells whose
truth is unknown are left out, those whose answer is unknown too; the share that was answered is
told beside, as saying nothing costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LAYERS = ('drivable', 'lane_line', 'crosswalk')
_MARKED = 50


@dataclass(frozen=True, slots=True, eq=False)
class FrameMap:
    """
    The map of one frame and the true one.

    Attributes
    ----------
    answer, truth : (L, H, W) int8
        The same cells, -1 where unknown, else 0 to 100; layers in the order of `LAYERS`.
    scene : str
        What frames are drawn with together.

    """

    answer: NDArray[np.int8]
    truth: NDArray[np.int8]
    scene: str = ''

    def __post_init__(self) -> None:
        """Check that both are of the same cells."""
        expected = f'int8 ({len(LAYERS)}, H, W), H and W the same for both'
        shape = (len(LAYERS), *self.truth.shape[1:])
        for what, cells in (('answered map', self.answer), ('true map', self.truth)):
            if cells.shape != shape or cells.ndim != 3 or cells.dtype != np.int8:
                raise InvalidMessageError(what, expected, f'{cells.dtype} {cells.shape}')


@dataclass(frozen=True, slots=True, eq=False)
class MapOverlaps:
    """
    Counts of cells of L layers on S scenes.

    Attributes
    ----------
    scenes : tuple of str
        Names, sorted.
    common, either : (L, S) int64
        Cells marked in both, and in one at least, of those known in both.
    answered, known : (L, S) int64
        Cells known in both, and in the truth.

    """

    scenes: tuple[str, ...]
    common: NDArray[np.int64]
    either: NDArray[np.int64]
    answered: NDArray[np.int64]
    known: NDArray[np.int64]

    @property
    def ious(self) -> NDArray[np.float64]:
        """Intersection over union of each layer (L,) over all frames; NaN where none is marked."""
        return _shares(self.common, self.either)

    @property
    def coverage(self) -> NDArray[np.float64]:
        """Share of the cells known in truth that were answered, of each layer (L,)."""
        return _shares(self.answered, self.known)

    def resampled(self, counts: NDArray[np.int64]) -> MapOverlaps:
        """Take each scene (S,) so many times."""
        columns = ('common', 'either', 'answered', 'known')
        return replace(self, **{name: getattr(self, name) * counts for name in columns})


def map_overlaps(frames: Sequence[FrameMap]) -> MapOverlaps:
    """Count the cells of all frames, by scene."""
    names, rows = np.unique([frame.scene for frame in frames], return_inverse=True)
    counts = np.zeros((4, len(LAYERS), len(names)), np.int64)
    for frame, row in zip(frames, rows, strict=True):
        known = frame.truth >= 0
        answered = known & (frame.answer >= 0)
        claimed, true = frame.answer >= _MARKED, frame.truth >= _MARKED
        masks = np.stack([claimed & true & answered, (claimed | true) & answered, answered, known])
        counts[:, :, row] += masks.sum(axis=(2, 3))
    return MapOverlaps(tuple(str(name) for name in names), *counts)


def _shares(parts: NDArray[np.int64], wholes: NDArray[np.int64]) -> NDArray[np.float64]:
    part, whole = parts.sum(axis=1), wholes.sum(axis=1)
    shares: NDArray[np.float64] = np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
    return shares

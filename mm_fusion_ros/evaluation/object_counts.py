# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What frames hold: objects by class, range and occlusion. Without these a score says little.
"""

from __future__ import annotations

from dataclasses import dataclass
import itertools
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.evaluation.detection_frame import CLASSES
from mm_fusion_ros.evaluation.detection_slices import OCCLUSIONS, RANGES_M

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from mm_fusion_ros.evaluation.detection_frame import FrameDetections

RANGES = tuple(f'{low:.0f}-{high:.0f} m' for low, high in itertools.pairwise(RANGES_M))
COLUMNS = ('all', *RANGES, *OCCLUSIONS)


@dataclass(frozen=True, slots=True, eq=False)
class ObjectCounts:
    """
    Counted true objects of all frames; those of unknown occlusion are in `by_range` only.

    Attributes
    ----------
    scenes : int
        That they are of.
    by_range : (K, 3) int64
        Of each class, in the order of `CLASSES`, in each of `RANGES`.
    by_occlusion : (K, 3) int64
        Of each class, with each of `OCCLUSIONS`.
    different : (K,) int64
        How many objects these are: most are in several frames. 0 without identities.

    """

    scenes: int
    by_range: NDArray[np.int64]
    by_occlusion: NDArray[np.int64]
    different: NDArray[np.int64]

    @property
    def columns(self) -> NDArray[np.int64]:
        """Give the counts (K, 7) of all, of each range and of each occlusion."""
        return np.column_stack([self.by_range.sum(axis=1), self.by_range, self.by_occlusion])

    def as_dict(self) -> dict[str, Any]:
        """Give name and value of each count."""
        counts = {
            category.name: {**dict(zip(COLUMNS, row.tolist(), strict=True)), 'different': number}
            for category, row, number in zip(
                CLASSES, self.columns, self.different.tolist(), strict=True)}
        return {'scenes': self.scenes, **counts}

    def __str__(self) -> str:
        """Say it as a table, a class a row."""
        lines = [f'{"objects":<14}' + ''.join(f'{name:>16}' for name in (*COLUMNS, 'different'))]
        table = np.column_stack([self.columns, self.different])
        for category, row in zip(CLASSES, table, strict=True):
            lines.append(f'{category.name:<14}' + ''.join(f'{count:>16}' for count in row))
        return '\n'.join(lines)


def count_objects(frames: Sequence[FrameDetections]) -> ObjectCounts:
    """Count the true objects that count, within the last of `RANGES`."""
    by_range = np.zeros((len(CLASSES), len(RANGES)), np.int64)
    by_occlusion = np.zeros((len(CLASSES), len(OCCLUSIONS)), np.int64)
    known: list[set[tuple[str, int]]] = [set() for _ in CLASSES]
    for frame in frames:
        ids = frame.truth.ids
        ranges = np.digitize(np.hypot(*frame.truth.centers[:, :2].T), RANGES_M) - 1
        kept = ~frame.is_ignored & (ranges < len(RANGES))
        for row, category in enumerate(CLASSES):
            mine = category.of_truth(frame.truth) & kept
            by_range[row] += _counts(ranges[mine])
            if frame.occlusions is not None:
                by_occlusion[row] += _counts(frame.occlusions[mine])
            if ids is not None:
                known[row].update((frame.scene, number) for number in ids[mine].tolist())
    return ObjectCounts(
        len({frame.scene for frame in frames}), by_range, by_occlusion,
        np.array([len(each) for each in known], np.int64))


def _counts(values: NDArray[Any]) -> NDArray[np.int64]:
    return np.bincount(values[(values >= 0) & (values < 3)], minlength=3)

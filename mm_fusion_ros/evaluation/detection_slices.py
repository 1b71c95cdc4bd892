# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The same frames with only a part of the objects counted: near or far ones, hidden or not."""

from __future__ import annotations

import itertools
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.evaluation.detection_frame import REACH_M, restricted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.evaluation.detection_frame import FrameDetections

ALL = 'all'
RANGES_M = (0.0, 20.0, 35.0, REACH_M)
OCCLUSIONS = ('in view', 'partly hidden', 'largely hidden')
_PARTLY, _LARGELY = 0.2, 0.6  # shares from where on an object is said to be so


class Slice(NamedTuple):
    """A part of the objects, and the frames in which no others count."""

    name: str
    frames: tuple[FrameDetections, ...]


def slices_of(frames: Sequence[FrameDetections]) -> tuple[Slice, ...]:
    """Give all objects, those of each range, and those of each occlusion that occurs."""
    by_range = (
        of_range(frames, low_m, high_m) for low_m, high_m in itertools.pairwise(RANGES_M))
    by_occlusion = (
        of_occlusion(frames, level) for level in range(len(OCCLUSIONS))
        if any(level in each.occlusions for each in frames if each.occlusions is not None))
    return (Slice(ALL, tuple(frames)), *by_range, *by_occlusion)


def of_range(frames: Sequence[FrameDetections], low_m: float, high_m: float) -> Slice:
    """Count objects from one distance of the vehicle to another, and answers there."""
    return Slice(f'{low_m:.0f}-{high_m:.0f} m', tuple(
        restricted(each, _is_between(each.truth, low_m, high_m),
                   _is_between(each.answers, low_m, high_m))
        for each in frames))


def of_occlusion(frames: Sequence[FrameDetections], level: int) -> Slice:
    """
    Count objects that are hidden so much.

    Answers that hit no object at all are false in each of these slices: nobody knows what they
    would be hidden by. Precision is therefore lower than over all objects.
    """
    return Slice(OCCLUSIONS[level], tuple(
        restricted(each, np.zeros(len(each.truth), np.bool_) if each.occlusions is None
                   else each.occlusions == level)
        for each in frames))


def occlusion_levels(hidden: NDArray[np.float32]) -> NDArray[np.int8]:
    """Tell how much is hidden by the share (N,), 0 to 1, NaN where unknown, as (N,) int8."""
    levels = np.digitize(hidden, (_PARTLY, _LARGELY))
    return np.where(np.isnan(hidden), -1, levels).astype(np.int8)


def _is_between(boxes: Boxes3D, low_m: float, high_m: float) -> NDArray[np.bool_]:
    ranges = np.hypot(*boxes.centers[:, :2].T)
    between: NDArray[np.bool_] = (ranges >= low_m) & (ranges < high_m)
    return between

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The answers of one image of KITTI and its labels, and which labels are worth counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.evaluation.detection_frame import check_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D


class Difficulty(NamedTuple):
    """Which labels count: higher in the image, hidden less and cut off less than this."""

    name: str
    min_height_px: float
    max_occlusion: int
    max_truncation: float


DIFFICULTIES = (
    Difficulty('easy', 40.0, 0, 0.15),
    Difficulty('moderate', 25.0, 1, 0.30),
    Difficulty('hard', 25.0, 2, 0.50),
)


@dataclass(frozen=True, slots=True, eq=False)
class KittiFrame:
    """
    Answers and labels of one image, in one upright frame of reference.

    Attributes
    ----------
    answers : Boxes3D
        M boxes.
    truth : Boxes3D
        N labels; scores mean nothing.
    heights_px : (N,) float64
        Heights of the labels in the image.
    truncations : (N,) float64
        Share of each that is beyond the edge of the image.
    occlusions : (N,) int8
        0 in view, 1 partly, 2 largely hidden, 3 unknown, as labelled.
    is_neighbour : (N,) bool
        Of a class too near the one measured to be told apart fairly: Van for cars,
        Person_sitting for pedestrians. They take answers, but are neither hit nor missed.
    answer_heights_px : (M,) float64, optional
        Heights of the answers in the image; those too low to count are neither right nor wrong.
        None: all are high enough.
    excused : (M,) bool, optional
        Answers in regions labelled DontCare. KITTI has these for boxes in the image only; with
        None boxes in space are measured as KITTI does.

    """

    answers: Boxes3D
    truth: Boxes3D
    heights_px: NDArray[np.float64]
    truncations: NDArray[np.float64]
    occlusions: NDArray[np.int8]
    is_neighbour: NDArray[np.bool_]
    answer_heights_px: NDArray[np.float64] | None = None
    excused: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Check that the columns fit the boxes."""
        M, N = len(self.answers), len(self.truth)
        check_column('label heights', self.heights_px, N, np.float64)
        check_column('label truncations', self.truncations, N, np.float64)
        check_column('label occlusions', self.occlusions, N, np.int8)
        check_column('label neighbours', self.is_neighbour, N, np.bool_)
        if self.answer_heights_px is not None:
            check_column('answer heights', self.answer_heights_px, M, np.float64)
        if self.excused is not None:
            check_column('excused answers', self.excused, M, np.bool_)

    def are_counted(self, difficulty: Difficulty) -> NDArray[np.bool_]:
        """Tell which labels (N,) are to be found; the others are ignored."""
        counted: NDArray[np.bool_] = (
            (self.heights_px > difficulty.min_height_px)
            & (self.occlusions <= difficulty.max_occlusion)
            & (self.truncations <= difficulty.max_truncation)
            & ~self.is_neighbour)
        return counted

    def are_low(self, difficulty: Difficulty) -> NDArray[np.bool_]:
        """Tell which answers (M,) are too low in the image to count."""
        if self.answer_heights_px is None:
            return np.zeros(len(self.answers), np.bool_)
        low: NDArray[np.bool_] = self.answer_heights_px < difficulty.min_height_px
        return low

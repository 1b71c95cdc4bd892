# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What detections are measured on: the answers of a frame beside its truth, and what is told apart.

The truth of a frame is counted or ignored. Ignored truth is neither hit nor missed, and takes one
answer each out of the count. A true object is worth counting if its centre is within reach, and
if something could have seen it: at least one LiDAR point is on it, or at least one pixel shows it.
What is known of neither is counted. Answers may be excused too, such as those where there are no
labels: they count if they hit, and not if they do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
import math
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D

REACH_M = 51.2


@dataclass(frozen=True, slots=True)
class Category:
    """
    What is measured together: one class, or several as if they were one.

    Attributes
    ----------
    name : str
        In tables and files.
    truth_classes : tuple of ObjectClass
        Of true objects.
    answer_classes : tuple of ObjectClass
        Of answers; empty for those of the truth.

    """

    name: str
    truth_classes: tuple[ObjectClass, ...]
    answer_classes: tuple[ObjectClass, ...] = ()

    @property
    def is_one_way(self) -> bool:
        """Whether front and rear can be told apart, and things move."""
        return self.truth_classes != (ObjectClass.BARRIER,)

    @property
    def yaw_period_rad(self) -> float:
        """Angle after which a heading is the same again."""
        return 2.0 * math.pi if self.is_one_way else math.pi

    def of_truth(self, boxes: Boxes3D) -> NDArray[np.bool_]:
        """Tell which true boxes (N,) belong here."""
        belongs: NDArray[np.bool_] = np.isin(boxes.classes, self.truth_classes)
        return belongs

    def of_answers(self, boxes: Boxes3D) -> NDArray[np.bool_]:
        """Tell which answers (M,) belong here."""
        belongs: NDArray[np.bool_] = np.isin(
            boxes.classes, self.answer_classes or self.truth_classes)
        return belongs


CLASSES = tuple(
    Category(each.label, (each,)) for each in ObjectClass if each is not ObjectClass.OBSTACLE)


@dataclass(frozen=True, slots=True, eq=False)
class FrameDetections:
    """
    The answers of one frame and its truth, in one frame of reference.

    Attributes
    ----------
    answers : Boxes3D
        M boxes.
    truth : Boxes3D
        N boxes; scores mean nothing.
    scene : str
        What frames are drawn with together when results are resampled: a drive, a world.
    stamp_ns : int
        ns.
    ignored : (N,) bool, optional
        True boxes that do not count; those of the class OBSTACLE are of no class and take answers
        of any. None: all count.
    excused : (M,) bool, optional
        Answers that do not count unless they hit. None: all count.
    occlusions : (N,) int8, optional
        How much of each true object is hidden: 0 hardly anything, 1 a part, 2 most of it; -1
        where unknown. None: unknown of all.

    """

    answers: Boxes3D
    truth: Boxes3D
    scene: str = ''
    stamp_ns: int = 0
    ignored: NDArray[np.bool_] | None = None
    excused: NDArray[np.bool_] | None = None
    occlusions: NDArray[np.int8] | None = None

    def __post_init__(self) -> None:
        """Check that masks fit, and that places are places."""
        check_column('ignored truth', self.ignored, len(self.truth), np.bool_)
        check_column('excused answers', self.excused, len(self.answers), np.bool_)
        check_column('occlusions', self.occlusions, len(self.truth), np.int8)
        for what, boxes in (('answers', self.answers), ('truth', self.truth)):
            if not (np.isfinite(boxes.centers).all() and np.isfinite(boxes.yaws).all()):
                raise InvalidMessageError(
                    f'{what} of {self.scene} at {self.stamp_ns} ns',
                    'finite centres and yaws', 'others')
        if not np.isfinite(self.answers.scores).all():
            raise InvalidMessageError(
                f'answers of {self.scene} at {self.stamp_ns} ns', 'finite scores', 'others')

    @property
    def is_ignored(self) -> NDArray[np.bool_]:
        """Which true boxes (N,) do not count."""
        return np.zeros(len(self.truth), np.bool_) if self.ignored is None else self.ignored

    @property
    def is_excused(self) -> NDArray[np.bool_]:
        """Which answers (M,) do not count unless they hit."""
        return np.zeros(len(self.answers), np.bool_) if self.excused is None else self.excused


def check_column(
    what: str, column: NDArray[Any] | None, length: int, dtype: type
) -> None:
    """Refuse a column that is not of that length and type; None is left out, and so all right."""
    if column is not None and (column.shape != (length,) or column.dtype != dtype):
        raise InvalidMessageError(
            what, f'{np.dtype(dtype).name} ({length},)', f'{column.dtype} {column.shape}')


def is_worth_counting(
    truth: Boxes3D, visible_px: NDArray[np.int32] | None = None, reach_m: float = REACH_M
) -> NDArray[np.bool_]:
    """
    Tell which true objects (N,) a perfect perception could be asked for.

    Parameters
    ----------
    truth : Boxes3D
        N boxes in `base_link`; `num_points`, where there are any, over all LiDARs.
    visible_px : (C, N) int32, optional
        Pixels of each of C cameras that show each.
    reach_m : float
        Centres lie in [-reach, reach) along x and y.

    """
    places = truth.centers[:, :2]
    within = np.asarray(((places >= -reach_m) & (places < reach_m)).all(axis=1))
    if truth.num_points is None and visible_px is None:
        return within
    seen = np.zeros(len(truth), np.bool_)
    if truth.num_points is not None:
        seen |= truth.num_points > 0
    if visible_px is not None:
        seen |= (visible_px > 0).any(axis=0)
    return within & seen


def restricted(
    frame: FrameDetections, truth: NDArray[np.bool_], answers: NDArray[np.bool_] | None = None
) -> FrameDetections:
    """
    Count only some: of the truth (N,), and of answers that hit nothing (M,), None for all.

    What is left out is ignored and excused: it takes nothing away from what is counted.
    """
    excused = frame.excused if answers is None else frame.is_excused | ~answers
    return replace(frame, ignored=frame.is_ignored | ~truth, excused=excused)

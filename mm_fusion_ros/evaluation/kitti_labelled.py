# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Answers to a frame of KITTI beside its labels, as KITTI counts and as everything else here does.

KITTI labels what one image shows, and not even all of that: parts of it are marked DontCare.
Answers to what the image does not show, or half of which lies in such a part, cannot be said to be
wrong. Vans are cars to us, which KITTI ignores where cars are asked for; trams, people who sit and
what KITTI calls Misc are nothing that answers have a class for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.evaluation.detection_frame import FrameDetections, is_worth_counting
from mm_fusion_ros.evaluation.image_view import covered_shares
from mm_fusion_ros.evaluation.kitti_frame import KittiFrame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.bags.datasets.kitti_labels import KittiLabels
    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.evaluation.image_view import ImageView

_SITTING = ('Person', 'Person_sitting')
_NEIGHBOURS = ('Van', *_SITTING)
_IGNORED = ('Tram', 'Misc', *_SITTING)
_UNLABELLED_SHARE = 0.5


def kitti_frame(labels: KittiLabels, answers: Boxes3D, view: ImageView) -> KittiFrame:
    """Give what KITTI's average precision is taken of; heights of answers are those projected."""
    outlines = view.outlines_px(answers)
    return KittiFrame(
        answers=answers,
        truth=labels.boxes,
        heights_px=labels.rectangles_px[:, 3] - labels.rectangles_px[:, 1],
        truncations=labels.truncations,
        occlusions=labels.occlusions,
        is_neighbour=np.isin(np.array(labels.types, dtype=np.str_), _NEIGHBOURS),
        answer_heights_px=outlines[:, 3] - outlines[:, 1],
        excused=_cannot_be_wrong(labels, answers, view),
    )


def kitti_detections(
    labels: KittiLabels, answers: Boxes3D, view: ImageView, scene: str, stamp_ns: int = 0
) -> FrameDetections:
    """Give what all other figures are taken of."""
    is_class = ~np.isin(np.array(labels.types, dtype=np.str_), _IGNORED)
    return FrameDetections(
        answers, labels.boxes, scene, stamp_ns,
        ignored=~(is_class & is_worth_counting(labels.boxes)),
        excused=_cannot_be_wrong(labels, answers, view),
        occlusions=np.where(labels.occlusions > 2, -1, labels.occlusions).astype(np.int8),
    )


def _cannot_be_wrong(
    labels: KittiLabels, answers: Boxes3D, view: ImageView
) -> NDArray[np.bool_]:
    unlabelled = covered_shares(view.outlines_px(answers), labels.unlabelled_px)
    excused: NDArray[np.bool_] = ~view.shows(answers) | (unlabelled > _UNLABELLED_SHARE)
    return excused

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads vision_msgs/Detection3DArray, for example truth of a bag."""

from __future__ import annotations

from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.messages.convert_in.fields import (
    read_header,
    read_quaternion,
    read_vector,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class StampedBoxes(NamedTuple):
    """Boxes, their frame and time."""

    stamp_ns: int
    frame_id: str
    boxes: Boxes3D


def to_boxes(message: Any) -> StampedBoxes:
    """
    Read a Detection3DArray: `bbox`, the best of `results`, and `id`.

    Returns
    -------
    StampedBoxes
        Boxes upright: of their orientation the heading stays. Ids where every box has one.

    Raises
    ------
    InvalidMessageError
        If a box has no result, an unknown class name, a score outside 0 to 1, an id that is no
        number, a size that is not positive, or numbers that are not finite.

    """
    stamp_ns, frame_id = read_header(message)
    detections = message.detections
    if not detections:
        return StampedBoxes(stamp_ns, frame_id, Boxes3D.empty())
    sizes = [read_vector('box size', each.bbox.size) for each in detections]
    centers = [read_vector('box center', each.bbox.center.position) for each in detections]
    best = [_best_hypothesis(each) for each in detections]
    scores = np.array([each.score for each in best], np.float64)
    if not ((scores >= 0.0) & (scores <= 1.0)).all():
        raise InvalidMessageError('box score', '0 to 1', scores.tolist())
    boxes = Boxes3D(
        centers=np.stack(centers),
        sizes=np.stack(sizes),
        yaws=_yaws([each.bbox.center.orientation for each in detections]),
        scores=scores.astype(np.float32),
        classes=np.array([ObjectClass.from_label(each.class_id) for each in best], np.int8),
        ids=_ids([each.id for each in detections]),
    )
    return StampedBoxes(stamp_ns, frame_id, boxes)


def _best_hypothesis(detection: Any) -> Any:
    if not detection.results:
        raise InvalidMessageError('box results', 'at least one', 'none')
    return max((each.hypothesis for each in detection.results), key=lambda each: each.score)


def _yaws(orientations: Sequence[Any]) -> NDArray[np.float64]:
    x, y, z, w = np.stack([read_quaternion('box orientation', each) for each in orientations]).T
    return wrap_angle(np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z)))


def _ids(texts: Sequence[str]) -> NDArray[np.int64] | None:
    if not all(texts):
        return None
    try:
        return np.array([int(text) for text in texts], np.int64)
    except (ValueError, OverflowError) as err:
        raise InvalidMessageError('box ids', 'whole numbers', list(texts)) from err

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The answers of a bag beside the labels of another, frame by frame, and what of both counts.

A label counts if it is within reach and, where the bag of labels tells what sensors saw of each
object, if any of them saw any of it. Answers beyond reach count only if they hit. Labels of some
data sets are of what one camera shows: answers elsewhere then count only if they hit, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.evaluation.detection_frame import FrameDetections, is_worth_counting
from mm_fusion_ros.evaluation.image_view import ImageView
from mm_fusion_ros.geometry.transform_tree import TransformTree
from mm_fusion_ros.messages.convert_in import (
    add_transforms,
    to_boxes,
    to_camera_model,
    to_visibility,
)
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.messages.convert_in.visibility import Visibility

_SEEN_WITHIN_NS = 100 * NS_PER_MS  # sensors do not measure at the instant of the labels


class _Labelled(NamedTuple):
    stamp_ns: int
    truth: Boxes3D
    view: ImageView | None


def boxes_by_stamp(path: Path, topic: str) -> dict[int, Boxes3D]:
    """
    Read all Detection3DArrays of a topic, by their stamps, ns.

    Raises
    ------
    BagError
        If there is none.

    """
    with BagReader(path) as bag:
        boxes = (to_boxes(recorded.message) for recorded in bag.messages([topic]))
        by_stamp = {item.stamp_ns: item.boxes for item in boxes}
    if not by_stamp:
        raise BagError(f'bag {path}', f'messages on {topic}', 'none')
    return by_stamp


def answered_frames(
    output: Path, topic: str, labels: Path, camera: str = ''
) -> tuple[FrameDetections, ...]:
    """
    Read the frames that have both answers and labels.

    Parameters
    ----------
    output : Path
        Bag of answers.
    topic : str
        Of Detection3DArrays in it.
    labels : Path
        Bag with `/ground_truth/detections`, of the same stamps and frame.
    camera : str
        Name of the camera whose images alone are labelled, as in KITTI; empty if labels are of
        all around.

    Raises
    ------
    BagError
        If a topic is missing.

    """
    answers = boxes_by_stamp(output, topic)
    seen = _read_visibility(labels)
    return tuple(
        _frame(labels.name, answers[each.stamp_ns], each, seen)
        for each in _read_labels(labels, camera) if each.stamp_ns in answers)


def have_classes(frames: Sequence[FrameDetections]) -> bool:
    """Tell whether any answer has a class: geometry alone finds none."""
    return any((frame.answers.classes != ObjectClass.OBSTACLE).any() for frame in frames)


def _frame(
    scene: str, answers: Boxes3D, labelled: _Labelled, seen: Sequence[_Sightings]
) -> FrameDetections:
    counts = [found for each in seen
              if (found := each.of(labelled.truth.ids, labelled.stamp_ns)) is not None]
    visible = np.stack(counts) if counts else None
    excused = ~is_worth_counting(replace(answers, num_points=None))
    if labelled.view is not None:
        excused |= ~labelled.view.shows(answers)
    return FrameDetections(
        answers, labelled.truth, scene, labelled.stamp_ns,
        ignored=~is_worth_counting(labelled.truth, visible), excused=excused)


def _read_labels(path: Path, camera: str) -> Iterator[_Labelled]:
    """Read labels, each with the camera's calibration at that time."""
    tree, info = TransformTree(), None
    topics = [names.TRUE_DETECTIONS]
    if camera:
        topics += [names.TF_STATIC, names.camera_info_topic(camera)]
    with BagReader(path) as bag:
        for recorded in bag.messages(topics):
            if recorded.topic == names.TF_STATIC:
                add_transforms(tree, recorded.message, is_static=True)
            elif recorded.topic != names.TRUE_DETECTIONS:
                info = recorded.message
            else:
                stamp_ns, frame_id, truth = to_boxes(recorded.message)
                if camera and info is None:
                    raise BagError(f'bag {path}', f'messages on {topics[-1]}', 'none')
                view = _view(tree, info, frame_id) if camera else None
                yield _Labelled(stamp_ns, truth, view)


def _view(tree: TransformTree, info: Any, base_frame: str) -> ImageView:
    return ImageView(
        to_camera_model(info, rectified=False), tree.lookup(base_frame, info.header.frame_id))


class _Sightings:
    """What one sensor saw over time."""

    def __init__(self, messages: Sequence[Visibility]) -> None:
        self._messages = sorted(messages, key=lambda each: each.stamp_ns)
        self._stamps_ns = np.array([each.stamp_ns for each in self._messages])

    def of(self, ids: NDArray[np.int64] | None, stamp_ns: int) -> NDArray[np.int32] | None:
        """Give points or pixels of objects (N,) near an instant; None where unknown."""
        gaps = np.abs(self._stamps_ns - stamp_ns)
        if ids is None or gaps.min() > _SEEN_WITHIN_NS:
            return None
        nearest = self._messages[int(gaps.argmin())]
        counts = np.where(ids[:, None] == nearest.ids, nearest.counts, 0).sum(axis=1)
        return np.asarray(counts, np.int32)


def _read_visibility(path: Path) -> tuple[_Sightings, ...]:
    prefix = names.true_visibility_topic('')
    by_sensor: dict[str, list[Visibility]] = {}
    with BagReader(path) as bag:
        topics = [each.name for each in bag.topics if each.name.startswith(prefix)]
        for recorded in bag.messages(topics):
            by_sensor.setdefault(recorded.topic, []).append(to_visibility(recorded.message))
    return tuple(map(_Sightings, by_sensor.values()))

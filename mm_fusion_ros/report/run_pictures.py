# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a recorded run: camera overlays as published, and frames from above."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.data_types import Boxes3D, LabelledPoints
from mm_fusion_ros.messages.convert_in import to_boxes, to_camera_image
from mm_fusion_ros.messages.convert_in.fields import read_header
from mm_fusion_ros.messages.convert_in.point_layout import read_layout
from mm_fusion_ros.output import OUTPUT_NAMESPACE
from mm_fusion_ros.outputs import DETECTIONS, POINTS_FUSED
from mm_fusion_ros.report.bev_picture import BevCanvas
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_OVERLAY_PREFIX = f'{OUTPUT_NAMESPACE}/image_overlay/'
_SAME_FRAME_NS = 55 * NS_PER_MS  # an image may be half a sweep away


def write_pictures(
    output: Path, labels: Path | None, folder: Path, count: int = 3
) -> tuple[Path, ...]:
    """
    Write pictures of a few frames, spread evenly over a run.

    Parameters
    ----------
    output : Path
        Bag of answers.
    labels : Path, optional
        Bag with `/ground_truth/detections`, drawn too.
    folder : Path
        Gets `overlay_<camera>_<n>.png` and `bev_<n>.png`.
    count : int
        How many frames.

    Returns
    -------
    tuple of Path
        The files written.

    """
    folder.mkdir(parents=True, exist_ok=True)
    boxes = _boxes(output, f'{OUTPUT_NAMESPACE}/{DETECTIONS}')
    truth = _boxes(labels, '/ground_truth/detections') if labels else {}
    stamps = sorted(boxes)
    chosen = stamps[len(stamps) // (2 * count) :: max(len(stamps) // count, 1)][:count]
    written = []
    with BagReader(output) as bag:
        topics = [
            info.name for info in bag.topics
            if info.name == f'{OUTPUT_NAMESPACE}/{POINTS_FUSED}'
            or (info.name.startswith(_OVERLAY_PREFIX) and info.name.endswith('/compressed'))
        ]
        for recorded in bag.messages(topics):
            message = recorded.message
            number = _nearest(read_header(message)[0], chosen)
            if number is None:
                continue
            stamp_ns = chosen[number]
            if recorded.topic.startswith(_OVERLAY_PREFIX):
                camera = recorded.topic.removeprefix(_OVERLAY_PREFIX).removesuffix('/compressed')
                name, pixels = f'overlay_{camera}', to_camera_image(message).pixels
            else:
                name = 'bev'
                pixels = _bev(message, boxes[stamp_ns], truth.get(stamp_ns, Boxes3D.empty()))
            path = folder / f'{name}_{number}.png'
            cv2.imwrite(str(path), np.ascontiguousarray(pixels[..., ::-1]))
            written.append(path)
    return tuple(written)


def _nearest(stamp_ns: int, chosen: list[int]) -> int | None:
    """Find the frame that a message is of; an overlay has the stamp of its image."""
    number = min(range(len(chosen)), key=lambda n: abs(chosen[n] - stamp_ns))
    return number if abs(chosen[number] - stamp_ns) < _SAME_FRAME_NS else None


def _boxes(bag: Path, topic: str) -> dict[int, Boxes3D]:
    with BagReader(bag) as reader:
        found = (to_boxes(recorded.message) for recorded in reader.messages([topic]))
        return {item.stamp_ns: item.boxes for item in found}


def _bev(cloud: Any, boxes: Boxes3D, truth: Boxes3D) -> Any:
    fields = read_layout(cloud).select(('x', 'y', 'z', 'label'))
    points = np.stack([fields[axis] for axis in 'xyz'], axis=-1)
    canvas = BevCanvas()
    canvas.draw_points(LabelledPoints(points, np.ascontiguousarray(fields['label'])))
    canvas.draw_boxes(truth, is_truth=True)
    canvas.draw_boxes(boxes)
    return canvas.pixels

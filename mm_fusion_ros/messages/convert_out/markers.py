# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds what RViz shows of boxes: the boxes, their heading or velocity, and a line of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros import stamps
from mm_fusion_ros.class_colors import CLASS_COLORS
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.messages.convert_out.common import header, point, upright_pose, vector

if TYPE_CHECKING:
    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.messages.message_types import MessageTypes

# Marker's constants, which some message classes lack.
_ARROW, _CUBE, _TEXT_VIEW_FACING = 0, 1, 9
_ADD, _DELETE_ALL = 0, 3

_BOX_ALPHA = 0.4
_TEXT_HEIGHT_M = 0.6
_ARROW_SCALE = (0.15, 0.35, 0.5)  # shaft diameter, head diameter, head length, m
_SLOW_MPS = 0.3  # below this an arrow would only show noise


def markers_from_boxes(
    boxes: Boxes3D, stamp_ns: int, frame_id: str, lifetime_s: float, types: MessageTypes
) -> Any:
    """
    Build a MarkerArray that first deletes what an earlier one showed.

    Namespaces are boxes, labels and velocities, so that RViz can hide each. The text is class,
    id if there is one, score and, if known, speed.
    """
    sec, nanosec = stamps.split(stamps.from_seconds(lifetime_s))
    pen = _Pen(
        types,
        header(stamp_ns, frame_id, types),
        types.Duration(sec=sec, nanosec=nanosec),
    )
    markers = [types.Marker(header=pen.header, action=_DELETE_ALL)]
    for row in range(len(boxes)):
        markers.extend(_markers_of_box(boxes, row, pen))
    return types.MarkerArray(markers=markers)


@dataclass(frozen=True, slots=True)
class _Pen:
    """What all markers of a message share."""

    types: MessageTypes
    header: Any
    lifetime: Any

    def draw(self, namespace: str, row: int, shape: int, **given: Any) -> Any:
        return self.types.Marker(
            header=self.header, ns=namespace, id=row, type=shape, action=_ADD,
            lifetime=self.lifetime, **given,
        )


def _markers_of_box(boxes: Boxes3D, row: int, pen: _Pen) -> list[Any]:
    types, center, size = pen.types, boxes.centers[row], boxes.sizes[row]
    color = CLASS_COLORS[ObjectClass(boxes.classes[row])]
    velocity = np.full(3, np.nan) if boxes.velocities is None else boxes.velocities[row]
    speed_mps = float(np.linalg.norm(velocity))
    above = center + np.array((0.0, 0.0, size[2] / 2.0 + _TEXT_HEIGHT_M))
    markers = [
        pen.draw(
            'boxes', row, _CUBE,
            pose=upright_pose(center, boxes.yaws[row], types),
            scale=vector(size, types),
            color=_color(color, _BOX_ALPHA, types),
        ),
        pen.draw(
            'labels', row, _TEXT_VIEW_FACING,
            pose=upright_pose(above, 0.0, types),
            scale=vector((0.0, 0.0, _TEXT_HEIGHT_M), types),
            color=_color((255, 255, 255), 1.0, types),
            text=_label(boxes, row, speed_mps),
        ),
    ]
    if speed_mps > _SLOW_MPS:  # not if NaN
        markers.append(
            pen.draw(
                'velocities', row, _ARROW,
                pose=upright_pose((0.0, 0.0, 0.0), 0.0, types),
                points=[point(center, types), point(center + velocity, types)],
                scale=vector(_ARROW_SCALE, types),
                color=_color(color, 1.0, types),
            )
        )
    return markers


def _label(boxes: Boxes3D, row: int, speed_mps: float) -> str:
    words = [ObjectClass(boxes.classes[row]).label]
    if boxes.ids is not None:
        words.append(f'#{boxes.ids[row]}')
    words.append(f'{boxes.scores[row]:.2f}')
    if not np.isnan(speed_mps):
        words.append(f'{speed_mps:.1f} m/s')
    return ' '.join(words)


def _color(rgb: tuple[int, int, int], alpha: float, types: MessageTypes) -> Any:
    r, g, b = (value / 255.0 for value in rgb)
    return types.ColorRGBA(r=r, g=g, b=b, a=alpha)

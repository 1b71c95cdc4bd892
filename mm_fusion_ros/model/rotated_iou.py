# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How much rectangles on the ground overlap: exact, on any device, without a branch on the data.

In the frame of the second rectangle the common area is the integral over its length of what the
first one spans there, cut to its width. Along an edge that is a line cut at two heights, which
trapezoids integrate exactly. Nothing is sorted and nothing decided by a sign, so rounding moves
the result by as much as the rectangles, whether they touch, coincide or are thin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

_TINY = 1e-12


def pairwise_iou(a: Tensor, b: Tensor) -> Tensor:
    """
    Give the intersection over union of every rectangle with every other.

    Parameters
    ----------
    a : (..., N, 5) tensor
        Centre x, y, length along the heading, width, m; heading, rad, 0 = +x, anticlockwise.
    b : (..., M, 5) tensor
        The same, in the same frame.

    Returns
    -------
    (..., N, M) float32 tensor
        0 to 1; 0 where both areas are 0.

    """
    return paired_iou(a[..., :, None, :], b[..., None, :, :])


def paired_iou(a: Tensor, b: Tensor) -> Tensor:
    """
    Give the intersection over union of rectangles (..., 5) and their partners (..., 5).

    Returns
    -------
    (...) float32 tensor
        0 to 1; 0 where both areas are 0.

    """
    a, b = a.float(), b.float()
    area_a, area_b = a[..., 2] * a[..., 3], b[..., 2] * b[..., 3]
    common = _common_area(a, b).clamp(min=0.0).minimum(area_a).minimum(area_b)
    return common / (area_a + area_b - common).clamp(min=_TINY)


def _common_area(a: Tensor, b: Tensor) -> Tensor:
    """Integrate over b's length what a spans of b's width: (...), m²."""
    cos_b, sin_b = b[..., 4].cos(), b[..., 4].sin()
    east, north = (a[..., :2] - b[..., :2]).unbind(-1)
    x = cos_b * east + sin_b * north  # centre of a, seen by b
    y = cos_b * north - sin_b * east
    turn = a[..., 4] - b[..., 4]
    half_length, half_width = a[..., 2] / 2.0, a[..., 3] / 2.0
    ahead_x, ahead_y = turn.cos() * half_length, turn.sin() * half_length
    left_x, left_y = -turn.sin() * half_width, turn.cos() * half_width
    corners = (
        (x + ahead_x + left_x, y + ahead_y + left_y),
        (x - ahead_x + left_x, y - ahead_y + left_y),
        (x - ahead_x - left_x, y - ahead_y - left_y),
        (x + ahead_x - left_x, y + ahead_y - left_y),
    )
    half_size = (b[..., 2] / 2.0, b[..., 3] / 2.0)
    area = torch.zeros_like(x)
    for i in range(4):  # anticlockwise: the upper side runs towards -x, the lower to +x
        area = area - _area_below(corners[i - 1], corners[i], half_size)
    return area


def _area_below(
    start: tuple[Tensor, Tensor], end: tuple[Tensor, Tensor], half_size: tuple[Tensor, Tensor]
) -> Tensor:
    """
    Integrate an edge's height, cut to ± half the width, over x within ± half the length: (...).

    Along the way the cut height is level up to one share, even from there, level from the
    other one on, whichever of the two comes first.
    """
    (start_x, start_y), (end_x, end_y) = start, end
    half_length, half_width = half_size
    from_x = start_x.maximum(-half_length).minimum(half_length)
    to_x = end_x.maximum(-half_length).minimum(half_length)
    slope = (end_y - start_y) / _apart_from_zero(end_x - start_x)
    from_y = start_y + slope * (from_x - start_x)
    rise = slope * (to_x - from_x)
    inverse = 1.0 / _apart_from_zero(rise)
    shares = ((half_width - from_y) * inverse).clamp(0.0, 1.0)
    shares = shares + ((-half_width - from_y) * inverse).clamp(0.0, 1.0)
    first = from_y.maximum(-half_width).minimum(half_width)
    last = (from_y + rise).maximum(-half_width).minimum(half_width)
    return (to_x - from_x) * (last + 0.5 * shares * (first - last))


def _apart_from_zero(value: Tensor) -> Tensor:
    """Keep a divisor's sign, but not its smallness: what the quotient multiplies is as small."""
    return torch.where(value < 0.0, value.clamp(max=-_TINY), value.clamp(min=_TINY))

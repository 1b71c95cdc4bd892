# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Who would run into whom, or into what: found beforehand, so that nobody does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor import Actor
    from mm_fusion_ros.sim.render.solid import Solid

_GAP_M = 0.05
_BODY_M = (0.4, 1.0)  # heights above the ground at which nothing may be where an actor is
_LINES = 7  # through a footprint, in both directions


def footprints(actors: Sequence[Actor], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the corners (A, T, 4, 2), m, of boxes seen from above, in the world."""
    corners = np.empty((len(actors), len(times_s), 4, 2))
    signs = np.array([(1, 1), (0, 1), (0, 0), (1, 0)])
    for row, actor in enumerate(actors):
        low, high = actor.model.minimum[:2] - _GAP_M, actor.model.maximum[:2] + _GAP_M
        local = low + signs * (high - low)
        T = actor.motion.at(times_s[:1] if actor.motion.is_still else times_s).T_world
        corners[row] = local @ T[:, :2, :2].transpose(0, 2, 1) + T[:, None, :2, 3]
    return corners


def colliding(corners: NDArray[np.float64]) -> NDArray[np.intp]:
    """Give the pairs (P, 2), smaller index first, whose footprints (A, T, 4, 2) ever overlap."""
    middles = corners.mean(axis=2)
    radii = np.linalg.norm(corners[:, 0] - middles[:, :1], axis=2).max(axis=1)
    reach = radii[:, None] + radii
    found = []
    for time in range(corners.shape[1]):
        place = middles[:, time]
        apart = np.hypot(*(place[:, None] - place).transpose(2, 0, 1))
        pairs = np.argwhere(np.triu(apart < reach, 1))
        overlap = _overlap(corners[pairs[:, 0], time], corners[pairs[:, 1], time])
        found.append(pairs[overlap])
    return np.unique(np.concatenate(found), axis=0)


def blocked(
    actors: Sequence[Actor], times_s: NDArray[np.float64], solid: Solid,
    origin: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """
    Tell which actors (A,) are ever where something solid is.

    Parameters
    ----------
    actors : sequence of Actor
        A of them.
    times_s : (T,) float64
        When to look, s.
    solid : Solid
        What they may not be in.
    origin : (3,) float64
        Of its frame, in the world, m.

    """
    corners = footprints(actors, times_s)  # (A, T, 4, 2)
    floors = np.stack([actor.motion.at(times_s).T_world[:, 2, 3] for actor in actors])
    share = np.linspace(0.0, 1.0, _LINES)[:, None]
    a, b, c, d = (corners[:, :, None, k] for k in range(4))
    starts = np.concatenate([a + share * (b - a), a + share * (d - a)], axis=2)
    ends = np.concatenate([d + share * (c - d), b + share * (c - b)], axis=2)
    heights = floors[:, :, None] + np.array(_BODY_M)  # (A, T, H)
    shape = (*starts.shape[:3], len(_BODY_M))  # (A, T, L, H)
    origins = np.empty((*shape, 3))
    origins[..., :2] = starts[:, :, :, None]
    origins[..., 2] = heights[:, :, None]
    directions = np.zeros((*shape, 3), np.float32)
    directions[..., :2] = (ends - starts)[:, :, :, None]
    found = solid.nearest(
        (origins - origin).astype(np.float32).reshape(-1, 3), directions.reshape(-1, 3),
        np.ones(directions.size // 3, np.float32))
    return np.asarray((found.faces >= 0).reshape(len(actors), -1).any(axis=1))


def _overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which rectangles (P, 4, 2) overlap: no side of either has all of the other beyond."""
    is_apart = np.zeros(len(a), np.bool_)
    for one in (a, b):
        for side in (0, 1):
            axis = one[:, side] - one[:, side + 1]
            ranges = [np.einsum('pci,pi->pc', corners, axis) for corners in (a, b)]
            is_apart |= (ranges[0].max(axis=1) < ranges[1].min(axis=1)) | (
                ranges[1].max(axis=1) < ranges[0].min(axis=1))
    return ~is_apart

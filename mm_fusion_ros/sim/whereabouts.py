# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
About where all actors are, at once: to tell quickly who matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor import Actor

_STEP_S = 0.1
_MARGIN_S = 1.0
SLACK_M = 0.3  # how far off a place may be: turning and braking within a step


class Whereabouts:
    """
    Balls around actors, from their places every tenth of a second.

    Parameters
    ----------
    actors : sequence of Actor
        A of them.
    duration_s : float
        How long the world lasts, s.

    """

    def __init__(self, actors: Sequence[Actor], duration_s: float) -> None:
        times = np.arange(-_MARGIN_S, duration_s + _MARGIN_S + _STEP_S, _STEP_S)
        centers, radii = zip(*map(_ball, actors), strict=True) if actors else ((), ())
        self._is_moving = np.array([not actor.motion.is_still for actor in actors], np.bool_)
        self._centers = np.empty((len(actors), 3))  # of those that stand still
        tracks = [np.empty((0, len(times), 3))]
        for row, (actor, center) in enumerate(zip(actors, centers, strict=True)):
            T = actor.motion.at(times if self._is_moving[row] else times[:1]).T_world
            places = T[:, :3, :3] @ center + T[:, :3, 3]
            self._centers[row] = places[0]
            if self._is_moving[row]:
                tracks.append(places[None])
        self._tracks = np.concatenate(tracks)  # (M, T, 3)
        self.radii_m: NDArray[np.float64] = np.array(radii, np.float64)  # (A,), without slack

    def at(self, time_s: float) -> NDArray[np.float64]:
        """Give the middles of the balls (A, 3) in the world, m."""
        step = np.clip((time_s + _MARGIN_S) / _STEP_S, 0.0, self._tracks.shape[1] - 1.001)
        first = int(step)
        share = step - first
        places: NDArray[np.float64] = self._centers.copy()
        before, after = self._tracks[:, first], self._tracks[:, first + 1]
        places[self._is_moving] = before + share * (after - before)
        return places

    def within(
        self, position: NDArray[np.float64], time_s: float, range_m: float
    ) -> NDArray[np.intp]:
        """Find the actors whose middle is near a place (3,) in the world, seen from above."""
        gaps = np.linalg.norm(self.at(time_s)[:, :2] - position[:2], axis=1)
        return np.flatnonzero(gaps <= range_m)


def _ball(actor: Actor) -> tuple[NDArray[np.float64], float]:
    """Find a ball around all phases, mirrors included: middle, and radius, m."""
    vertices = np.concatenate([mesh.vertices for mesh in actor.model.phases]).astype(np.float64)
    center = (vertices.min(axis=0) + vertices.max(axis=0)) / 2.0
    return center, float(np.linalg.norm(vertices - center, axis=1).max())

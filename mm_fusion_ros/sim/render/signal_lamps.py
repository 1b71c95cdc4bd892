# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which lamps of traffic lights are lit when, so that pictures agree with what traffic does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.rays import FaceTable
    from mm_fusion_ros.sim.world.streets import Signal

_REACH_M = 1.5  # from a signal's position to its lamps, seen from above
_RED, _AMBER, _GREEN = range(3)


class SignalLamps:
    """
    The lamps of all traffic lights of a scene.

    Parameters
    ----------
    faces : FaceTable
        Of the scene.
    origin : (3,) float64
        Of the scene, in the world, m.
    signals : sequence of Signal
        Of the world.

    Attributes
    ----------
    faces : (R,) intp
        Which faces these lamps have.

    """

    def __init__(
        self, faces: FaceTable, origin: NDArray[np.float64], signals: Sequence[Signal]
    ) -> None:
        lamps = np.flatnonzero(faces.materials == Material.LAMP)
        places = faces.corners[lamps, 0, :2] + origin[:2]
        heads = np.array([signal.position[:2] for signal in signals]).reshape(-1, 2)
        gaps = np.linalg.norm(places[:, None] - heads, axis=2)
        is_near = gaps.min(axis=1, initial=np.inf) < _REACH_M
        self.faces = lamps[is_near]
        self._signals = signals
        self._signal = gaps[is_near].argmin(axis=1) if len(signals) else lamps[:0]
        r, g, _ = faces.colors[self.faces].astype(int).T
        self._lamp = np.where(g > 1.5 * r, _GREEN, np.where(r > 2 * g, _RED, _AMBER))

    def are_lit(self, time_s: float) -> NDArray[np.bool_]:
        """Tell which of these faces shine."""
        shown = np.array([_shown(signal, time_s) for signal in self._signals], int)
        lit: NDArray[np.bool_] = shown[self._signal] == self._lamp
        return lit


def _shown(signal: Signal, time_s: float) -> int:
    since = (time_s - signal.green_from_s) % signal.cycle_s
    if since < signal.green_s:
        return _GREEN
    return _AMBER if since < signal.green_s + signal.amber_s else _RED

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Many copies of few shapes, set down where something stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.mesh import merge, Mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """
    N copies.

    Attributes
    ----------
    shapes : tuple of Mesh
        What there is; origin on the ground, z up.
    reaches_m : (K,) float64
        From how far each shape is shown, m.
    kinds : (N,) intp
        Which shape.
    positions : (N, 3) float64
        Of its origin, m.
    yaws : (N,) float64
        rad.
    scales : (N,) float64
        Size, 1 for as it is.
    slopes : (N,) float64
        How much it rises along its own x.

    """

    shapes: tuple[Mesh, ...]
    reaches_m: NDArray[np.float64]
    kinds: NDArray[np.intp]
    positions: NDArray[np.float64]
    yaws: NDArray[np.float64]
    scales: NDArray[np.float64]
    slopes: NDArray[np.float64]

    def around(self, center: NDArray[np.float64], radius_m: float) -> Mesh:
        """Give all that stands within a radius of a place (2,)."""
        distances = np.linalg.norm(self.positions[:, :2] - center, axis=1)
        shown = np.flatnonzero(distances < np.minimum(radius_m, self.reaches_m[self.kinds]))
        shown = shown[np.argsort(self.kinds[shown], kind='stable')]
        firsts = np.searchsorted(self.kinds[shown], np.arange(len(self.shapes) + 1))
        return merge([
            self._copies(kind, shown[firsts[kind]:firsts[kind + 1]])
            for kind in range(len(self.shapes)) if firsts[kind + 1] > firsts[kind]])

    def _copies(self, kind: int, rows: NDArray[np.intp]) -> Mesh:
        shape = self.shapes[kind]
        x, y, z = shape.vertices.T.astype(np.float64)
        cos, sin = np.cos(self.yaws[rows, None]), np.sin(self.yaws[rows, None])
        vertices = np.stack(
            [cos * x - sin * y, sin * x + cos * y, z + self.slopes[rows, None] * x], axis=-1)
        vertices *= self.scales[rows, None, None]
        vertices += self.positions[rows, None]
        count = len(rows)
        firsts = (np.arange(count) * len(shape.vertices)).astype(np.int32)
        return Mesh(
            vertices.reshape(-1, 3).astype(np.float32),
            (shape.faces + firsts[:, None, None]).reshape(-1, 3),
            np.tile(shape.materials, count),
            np.tile(shape.colors, (count, 1)),
            np.tile(shape.is_body, count),
        )

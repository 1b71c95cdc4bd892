# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A mesh that rays can be cast into, by Embree.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.mesh import Mesh


class Found(NamedTuple):
    """
    The nearest face along each of N rays.

    Attributes
    ----------
    faces : (N,) int32
        Index into the mesh, -1 where there is none within the limit.
    distances : (N,) float32
        m; the limit where there is none.
    normals : (N, 3) float32
        Not of unit length, on the side that the winding says.

    """

    faces: NDArray[np.int32]
    distances: NDArray[np.float32]
    normals: NDArray[np.float32]


class Solid:
    """
    The index of one mesh.

    Parameters
    ----------
    mesh : Mesh
        May be empty.

    """

    def __init__(self, mesh: Mesh) -> None:
        self._scene = EmbreeScene()
        self._is_empty = not len(mesh)
        if not self._is_empty:
            TriangleMesh(self._scene, mesh.vertices, mesh.faces)

    def nearest(
        self, origins: NDArray[np.float32], directions: NDArray[np.float32],
        limits: NDArray[np.float32],
    ) -> Found:
        """Find what N rays hit within their limits (N,), m."""
        if self._is_empty or not len(limits):
            nothing = np.full(len(limits), -1, np.int32)
            return Found(nothing, limits.copy(), np.zeros((len(limits), 3), np.float32))
        found = self._scene.run(origins, directions, dists=limits, output=True)
        return Found(found['primID'], found['tfar'], found['Ng'])

    def blocks(
        self, origins: NDArray[np.float32], directions: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """Tell which of N rays hit anything, however far."""
        if self._is_empty or not len(origins):
            return np.zeros(len(origins), np.bool_)
        missed: NDArray[np.int32] = self._scene.run(origins, directions, query='OCCLUDED')
        return np.asarray(missed != -1)

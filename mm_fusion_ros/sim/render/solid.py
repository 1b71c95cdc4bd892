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
        Of unit length, on the side that the winding says; 0 where there is none.

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
        self._normals = _unit_normals(mesh)

    def nearest(
        self, origins: NDArray[np.float32], directions: NDArray[np.float32],
        limits: NDArray[np.float32],
    ) -> Found:
        """Find what N rays hit within their limits (N,), m."""
        if self._is_empty or not len(limits):
            nothing = np.full(len(limits), -1, np.int32)
            return Found(nothing, limits.copy(), np.zeros((len(limits), 3), np.float32))
        found = self._scene.run(origins, directions, dists=limits, output=True)
        faces = found['primID']  # -1, where there is none, takes the last row
        return Found(faces, found['tfar'], self._normals.take(faces, axis=0, mode='wrap'))

    def blocks(
        self, origins: NDArray[np.float32], directions: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """Tell which of N rays hit anything, however far."""
        if self._is_empty or not len(origins):
            return np.zeros(len(origins), np.bool_)
        missed: NDArray[np.int32] = self._scene.run(origins, directions, query='OCCLUDED')
        return np.asarray(missed != -1)


def _unit_normals(mesh: Mesh) -> NDArray[np.float32]:
    """Give the normal of each face, and a last row of 0: (F + 1, 3)."""
    a, b, c = mesh.vertices[mesh.faces].transpose(1, 0, 2)
    normals: NDArray[np.float32] = np.zeros((len(mesh) + 1, 3), np.float32)
    normals[:-1] = np.cross(b - a, c - a)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), np.float32(1e-12))
    return normals

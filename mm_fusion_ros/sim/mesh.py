# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Triangle meshes with a material and a colour for each face, seen alike by LiDARs and cameras.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry import transforms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.materials import Material


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """
    F triangles over V vertices.

    Attributes
    ----------
    vertices : (V, 3) float32
        m, in a frame that the owner names.
    faces : (F, 3) int32
        Indices of vertices, anticlockwise seen from outside.
    materials : (F,) uint8
        Values of `Material`.
    colors : (F, 3) uint8
        sRGB albedo.
    is_body : (F,) bool
        False for what a tight box leaves out, such as mirrors and antennas.

    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    materials: NDArray[np.uint8]
    colors: NDArray[np.uint8]
    is_body: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Check our own builders."""
        count = len(self.faces)
        assert self.vertices.shape == (len(self.vertices), 3)
        assert self.vertices.dtype == np.float32
        assert self.faces.shape == (count, 3)
        assert self.faces.dtype == np.int32
        assert self.materials.shape == (count,)
        assert self.materials.dtype == np.uint8
        assert self.colors.shape == (count, 3)
        assert self.colors.dtype == np.uint8
        assert self.is_body.shape == (count,)
        assert self.is_body.dtype == np.bool_
        assert not count or (self.faces.min() >= 0 and self.faces.max() < len(self.vertices))

    def __len__(self) -> int:
        return len(self.faces)

    @classmethod
    def of_one(
        cls,
        vertices: NDArray[np.floating],
        faces: NDArray[np.integer],
        material: Material,
        color: tuple[int, int, int],
        *,
        is_body: bool = True,
    ) -> Mesh:
        """Make a mesh of one material and colour."""
        count = len(faces)
        return cls(
            vertices=np.ascontiguousarray(vertices, np.float32),
            faces=np.ascontiguousarray(faces, np.int32),
            materials=np.full(count, material, np.uint8),
            colors=np.tile(np.array(color, np.uint8), (count, 1)),
            is_body=np.full(count, is_body),
        )

    @classmethod
    def empty(cls) -> Mesh:
        """No faces."""
        return cls(
            vertices=np.empty((0, 3), np.float32),
            faces=np.empty((0, 3), np.int32),
            materials=np.empty(0, np.uint8),
            colors=np.empty((0, 3), np.uint8),
            is_body=np.empty(0, np.bool_),
        )

    def moved(self, T_target_source: NDArray[np.float64]) -> Mesh:
        """Give the same mesh in another frame."""
        return replace(self, vertices=transforms.apply(T_target_source, self.vertices))

    def body_vertices(self) -> NDArray[np.float32]:
        """Give the vertices (K, 3) of the faces that a tight box holds."""
        return self.vertices[np.unique(self.faces[self.is_body])]


def merge(meshes: Iterable[Mesh]) -> Mesh:
    """Join meshes of one frame; the faces of each stay together, in order."""
    parts = list(meshes) or [Mesh.empty()]
    starts = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
    return Mesh(
        vertices=np.concatenate([part.vertices for part in parts]),
        faces=np.concatenate(
            [part.faces + np.int32(start) for part, start in zip(parts, starts, strict=True)]),
        materials=np.concatenate([part.materials for part in parts]),
        colors=np.concatenate([part.colors for part in parts]),
        is_body=np.concatenate([part.is_body for part in parts]),
    )

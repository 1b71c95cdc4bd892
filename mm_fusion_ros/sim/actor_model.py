# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The shape of one thing that moves or is labelled; many actors may share it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import ObjectClass
    from mm_fusion_ros.sim.mesh import Mesh


@dataclass(frozen=True, slots=True, eq=False)
class ActorModel:
    """
    One shape, in as many phases as its limbs need.

    The frame of the meshes: origin on the ground below the middle of the body, x forward, z up.

    Attributes
    ----------
    name : str
        Of the kind of shape, such as 'hatchback'.
    object_class : ObjectClass
        What its box is labelled.
    phases : tuple of Mesh
        One for rigid bodies; the steps of a walk or of pedalling for others.
    stride_m : float
        Way that all phases together take, m.
    minimum, maximum : (3,) float64
        Corners of the tight box around the bodies of all phases, without mirrors, m.

    """

    name: str
    object_class: ObjectClass
    phases: tuple[Mesh, ...]
    stride_m: float = 1.0
    minimum: NDArray[np.float64] = field(init=False)
    maximum: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        """Measure the box."""
        bodies = np.concatenate([mesh.body_vertices() for mesh in self.phases]).astype(np.float64)
        object.__setattr__(self, 'minimum', bodies.min(axis=0))
        object.__setattr__(self, 'maximum', bodies.max(axis=0))

    @property
    def size_m(self) -> NDArray[np.float64]:
        """Length, width and height (3,) of the tight box, m."""
        return self.maximum - self.minimum

    def phase(self, way_m: float) -> int:
        """Give the index of the phase after so much way."""
        return int(way_m / self.stride_m * len(self.phases)) % len(self.phases)

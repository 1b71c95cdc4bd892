# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Rays of one sensor, and what they hit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_ACTOR = -1


@dataclass(frozen=True, slots=True, eq=False)
class Rays:
    """
    K x B rays: B from each of K poses that a sensor has in turn (an image has one).

    Attributes
    ----------
    directions : (K, B, 3) float32
        Unit vectors in the sensor's frame.
    T_scene_sensor : (K, 4, 4) float64
        Poses of the sensor in the frame of the scene.
    times_s : (K,) float64
        When it has them, s since the world began.
    range_m : float
        How far to look, m.

    """

    directions: NDArray[np.float32]
    T_scene_sensor: NDArray[np.float64]
    times_s: NDArray[np.float64]
    range_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """
    The nearest surface along each of N = K * B rays.

    Attributes
    ----------
    distances : (N,) float32
        m; infinite where there is none.
    faces : (N,) int32
        Rows of the scene's `FaceTable`; where nothing is hit, its last one.
    actors : (N,) int32
        Indices of the world's actors; NO_ACTOR for what stands still, and for nothing.
    normals : (N, 3) float32
        Unit vectors in the frame of the scene, towards the sensor; zero where nothing is hit.
    directions : (N, 3) float32
        Of the rays, in the frame of the scene.
    origins : (K, 3) float32
        Of the rays, in the frame of the scene.

    """

    distances: NDArray[np.float32]
    faces: NDArray[np.int32]
    actors: NDArray[np.int32]
    normals: NDArray[np.float32]
    directions: NDArray[np.float32]
    origins: NDArray[np.float32]

    def positions(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Give where some of the rays hit (M, 3), in the frame of the scene, m."""
        along = self.directions[rows]
        along *= self.distances[rows, None]
        origin = self.origins[rows // (len(self.distances) // len(self.origins))]
        along += origin
        return along


@dataclass(frozen=True, slots=True, eq=False)
class FaceTable:
    """
    What every face of a scene is made of; the last row stands for no face.

    Attributes
    ----------
    materials : (F,) uint8
        Values of `Material`.
    colors : (F, 3) uint8
        sRGB albedo.
    is_body : (F,) bool
        False for mirrors and the like, which boxes leave out.
    corners : (F, 3, 3) float32
        x, y, z of the three, m, in the frame of the scene; of actors, in that of the model.

    """

    materials: NDArray[np.uint8]
    colors: NDArray[np.uint8]
    is_body: NDArray[np.bool_]
    corners: NDArray[np.float32]

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a wet road mirrors: things that are in the picture themselves, else the sky.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.sky import Sky

_STEPS_M = (.8, 2.4, 7.0, 20.0, 50.0)  # along the mirrored ray
_ROUGHNESS = .3  # by how much the road throws light up or down
_BRIGHTEST = .6  # lamps are smeared out
_STRETCH = 8191


class Mirror(NamedTuple):
    """
    M places on the ground that mirror, planar (3, M) where of three rows.

    Attributes
    ----------
    places : (3, M) float32
        In the frame of the scene, m.
    directions : (3, M) float32
        Of the rays that hit them.
    normals : (3, M) float32
        Of the ground.
    slants : (M,) float32
        Cosine between normal and ray.

    """

    places: NDArray[np.float32]
    directions: NDArray[np.float32]
    normals: NDArray[np.float32]
    slants: NDArray[np.float32]


def mirrored(
    mirror: Mirror, light: NDArray[np.float32], distances: NDArray[np.float32],
    rays_to: Callable[[NDArray[np.float32]], tuple[NDArray[np.intp], NDArray[np.float32]]],
    sky: Sky,
) -> NDArray[np.float32]:
    """
    Give what each place mirrors (3, M).

    Parameters
    ----------
    mirror : Mirror
        The places.
    light, distances : (3, N), (N,) float32
        What each ray of the picture sees, and how far away, m.
    rays_to : callable
        Gives for places (M, 3) the index of the ray that looks there, -1 for none, and their
        distance, m.
    sky : Sky
        What is seen where nothing is.

    """
    leaving = mirror.directions + np.float32(2.0) * mirror.slants * mirror.normals
    rough = np.random.default_rng(3).uniform(1.0 - _ROUGHNESS, 1.0 + _ROUGHNESS, _STRETCH)
    leaving[2] *= np.resize(rough.astype(np.float32), leaving.shape[1])
    leaving /= np.sqrt((leaving * leaving).sum(axis=0))
    colors = sky.mirrored(*leaving)
    left = np.arange(leaving.shape[1])
    for step_m in _STEPS_M:
        reached = mirror.places[:, left] + np.float32(step_m) * leaving[:, left]
        rays, away = rays_to(np.ascontiguousarray(reached.T))
        behind = away - np.take(distances, rays)
        is_found = (rays >= 0) & (behind > 0.0) & (behind < .5 + .7 * step_m)
        found = np.minimum(light[:, rays[is_found]], np.float32(_BRIGHTEST))
        colors[:, left[is_found]] = found
        left = left[~is_found]
    return colors

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Lamps of streets and of the ego vehicle, and where vehicles keep the sky's light from the ground.

Places and normals are planar, (3, N), in the frame of the scene.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor import Actor

STREET_LAMP_COLOR = np.array([1.0, .74, .46], np.float32)
HEADLIGHT_COLOR = np.array([1.0, .97, .90], np.float32)
_LAMPS = 8  # only so many, the nearest, shine
_LAMP_REACH_M = 24.0
_LAMP_STRENGTH = 4.0
_HEADLIGHT_PLACE = np.array([3.4, 0.0, .68])  # between the two, in base_link, m
_HEADLIGHT_STRENGTH = 60.0
_HEADLIGHT_REACH_M = 120.0
_DIP = -.012  # slope at which dipped beams end


def street_lamps(
    places: NDArray[np.float32], normals: NDArray[np.float32], lamps: NDArray[np.float64],
    viewer: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Give the irradiance (N,) by the lamps (L, 3) nearest to a viewer (3,)."""
    total = np.zeros(places.shape[1], np.float32)
    order = np.argsort(np.linalg.norm(lamps - viewer, axis=1), kind='stable')[:_LAMPS]
    for lamp in lamps[order].astype(np.float32):
        away = lamp[0] - places[0]
        away *= away
        aside = lamp[1] - places[1]
        aside *= aside
        away += aside
        rows = np.flatnonzero(away < _LAMP_REACH_M**2)
        x, y, z = (lamp[axis] - np.take(places[axis], rows) for axis in range(3))
        square = np.take(away, rows)
        square += z * z
        facing, across, up = (np.take(normals[axis], rows) for axis in range(3))
        facing *= x
        across *= y
        up *= z
        facing += across
        facing += up
        np.maximum(facing, 0.0, out=facing)
        # Lamps shine downwards: by the cosine below them, so z / distance once more.
        facing *= np.maximum(z, np.float32(0.0))
        facing *= np.maximum(1.0 - square * np.float32(_LAMP_REACH_M**-2), np.float32(0.0))
        square *= square
        square += 1.0
        facing /= square
        total[rows] += facing
    total *= np.float32(_LAMP_STRENGTH)
    return total


def headlights(
    places: NDArray[np.float32], normals: NDArray[np.float32], T_scene_base: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Give the irradiance (N,) by the ego vehicle's dipped beams, as if of one wide lamp."""
    total = np.zeros(places.shape[1], np.float32)
    R = T_scene_base[:3, :3].astype(np.float32)
    lamp = (T_scene_base[:3, :3] @ _HEADLIGHT_PLACE + T_scene_base[:3, 3]).astype(np.float32)
    ahead = R[:, 0] @ places
    ahead -= R[:, 0] @ lamp
    rows = np.flatnonzero((ahead > .3) & (ahead < _HEADLIGHT_REACH_M))
    ahead = np.take(ahead, rows)
    x, y, z = (np.take(places[axis], rows) - lamp[axis] for axis in range(3))
    square = x * x + y * y + z * z
    facing = np.take(normals[0], rows) * x
    facing += np.take(normals[1], rows) * y
    facing += np.take(normals[2], rows) * z
    facing /= -np.sqrt(square)
    np.clip(facing, 1e-6, 1.0, out=facing)
    # Rough ground sends much of a flat beam back where it comes from.
    facing **= np.float32(.6)
    aside = (R[0, 1] * x + R[1, 1] * y + R[2, 1] * z) / ahead
    rise = (R[0, 2] * x + R[1, 2] * y + R[2, 2] * z) / ahead - np.float32(_DIP)
    # Least light goes to the road right in front, hardly any above the edge of the beam.
    beam = np.exp(14.0 * np.minimum(rise, 0.0) - np.float32(3.6) * aside * aside)
    beam *= np.clip(.5 - 40.0 * rise, .012, 1.0)
    beam *= facing
    beam *= np.float32(_HEADLIGHT_STRENGTH)
    beam /= square + 4.0
    total[rows] = beam
    return total


def open_sky_beside(
    places: NDArray[np.float32], actors: list[Actor], origin: NDArray[np.float64],
    time_s: float,
) -> NDArray[np.float32]:
    """Give the share (N,) of the sky that places on the ground see, past actors on it."""
    share = np.ones(places.shape[1], np.float32)
    for actor in actors:
        T = actor.motion.at(np.array([time_s])).T_world[0]
        low, high = actor.model.minimum, actor.model.maximum
        middle, half = (low + high) / 2.0, (high - low) / 2.0
        x0, y0 = ((T[:3, :3] @ middle + T[:3, 3]) - origin)[:2].astype(np.float32)
        reach = np.float32(np.hypot(half[0], half[1]) + 1.2)
        rows = np.flatnonzero((np.abs(places[0] - x0) < reach) & (np.abs(places[1] - y0) < reach))
        x, y = places[0, rows] - x0, places[1, rows] - y0
        cos, sin = np.float32(T[0, 0]), np.float32(T[1, 0])
        along = np.maximum(np.abs(x * cos + y * sin) - np.float32(half[0] - .15), 0.0)
        across = np.maximum(np.abs(y * cos - x * sin) - np.float32(half[1] - .15), 0.0)
        height = np.float32(min(half[2], 1.0))
        share[rows] *= 1.0 - .85 * np.exp(-np.sqrt(along**2 + across**2) / (.45 * height))
    return share

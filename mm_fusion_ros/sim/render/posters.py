# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Pictures of people and cars on posters: a camera sees them there, a LiDAR a plane.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.sim.materials import Material

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.rays import FaceTable

_SIZE = 128  # texels along each side of a picture, which is stretched over its poster
_TALL, _WIDE = 6, 6  # pictures of people, of cars
_ROUND_FACES = 20  # a poster of more faces goes around a column


class Posters:
    """
    All posters of a scene.

    Parameters
    ----------
    faces : FaceTable
        Of the scene; faces of one poster stand together in it.
    origin : (3,) float64
        Of the scene, in the world, m.

    """

    def __init__(self, faces: FaceTable, origin: NDArray[np.float64]) -> None:
        rows = np.flatnonzero(faces.materials == Material.POSTER)
        starts = np.flatnonzero(np.diff(rows, prepend=-2) > 1)
        self._poster = np.zeros(len(faces.materials), np.int32)
        self._poster[rows] = np.repeat(
            np.arange(len(starts)), np.diff(starts, append=len(rows)))
        if len(rows):
            corners = faces.corners[rows]
            self._low = np.minimum.reduceat(corners.min(axis=1), starts)
            self._high = np.maximum.reduceat(corners.max(axis=1), starts)
            self._is_round = np.diff(starts, append=len(rows)) > _ROUND_FACES
            size = self._high - self._low
            is_wide = np.hypot(size[:, 0], size[:, 1]) > size[:, 2]
            number = np.abs(np.rint((self._low + origin).sum(axis=1) * 4.0)).astype(int)
            self._picture = np.where(is_wide, _TALL + number % _WIDE, number % _TALL)

    def albedo(self, hits: PosterHits) -> NDArray[np.uint8]:
        """Give the sRGB colour (N, 3) of places on posters."""
        which = self._poster[hits.faces]
        low, size = self._low[which].T, (self._high - self._low)[which].T
        # A column shows its picture to everybody.
        facing = np.where(self._is_round[which], -hits.directions, hits.normals)
        across = np.hypot(facing[0], facing[1]) + 1e-6
        tx, ty = -facing[1] / across, facing[0] / across
        width = np.where(
            self._is_round[which], size[0], np.abs(tx) * size[0] + np.abs(ty) * size[1])
        x, y, z = hits.places - low - size / 2.0
        u = (tx * x + ty * y) / np.maximum(width, 1e-3) + .5
        v = .5 - z / np.maximum(size[2], 1e-3)
        column, row = (
            np.clip(share * _SIZE, 0, _SIZE - 1).astype(np.int32) for share in (u, v))
        found: NDArray[np.uint8] = _pictures()[self._picture[which], row, column]
        return found


class PosterHits(NamedTuple):
    """Rays that hit posters: faces (N,); places, normals and directions planar (3, N)."""

    faces: NDArray[np.int32]
    places: NDArray[np.float32]
    normals: NDArray[np.float32]
    directions: NDArray[np.float32]


@lru_cache(maxsize=1)
def _pictures() -> NDArray[np.uint8]:
    rng = np.random.default_rng(11)
    pictures = [_people(rng) for _ in range(_TALL)] + [_car(rng) for _ in range(_WIDE)]
    return np.stack([cv2.GaussianBlur(picture, (0, 0), .7) for picture in pictures])


def _backdrop(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Fade from one colour to another, with a ground below."""
    top, low = rng.integers(60, 250, (2, 3))
    fade = np.linspace(0.0, 1.0, _SIZE)[:, None, None]
    picture = np.ascontiguousarray(
        np.broadcast_to(top + (low - top) * fade, (_SIZE, _SIZE, 3)).astype(np.uint8))
    cv2.rectangle(picture, (0, 104), (_SIZE, _SIZE), rng.integers(50, 140, 3).tolist(), -1)
    return picture


def _lettering(picture: NDArray[np.uint8], rng: np.random.Generator, row: int) -> None:
    color = (250, 250, 250) if rng.random() < .5 else (20, 20, 30)
    word = ''.join(rng.choice(list('ABEKLMNORSTU'), int(rng.integers(4, 7))))
    cv2.putText(picture, word, (10, row), cv2.FONT_HERSHEY_DUPLEX, .9, color, 2, cv2.LINE_AA)


def _people(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw someone who stands there, as tall as the poster."""
    picture = _backdrop(rng)
    coat, trousers = rng.integers(20, 220, (2, 3)).tolist()
    skin = (np.array((226, 178, 150)) * rng.uniform(.45, 1.05)).clip(0, 255).tolist()
    hair = rng.integers(20, 110, 3).tolist()
    middle = int(rng.integers(52, 76))
    for side in (-1, 1):
        cv2.line(picture, (middle + 9 * side, 70), (middle + 12 * side, 120), trousers, 15,
                 cv2.LINE_AA)
        cv2.line(picture, (middle + 19 * side, 40), (middle + 27 * side, 72), coat, 10,
                 cv2.LINE_AA)
    cv2.ellipse(picture, (middle, 54), (23, 26), 0, 0, 360, coat, -1, cv2.LINE_AA)
    cv2.ellipse(picture, (middle, 19), (13, 13), 0, 0, 360, hair, -1, cv2.LINE_AA)
    cv2.ellipse(picture, (middle, 22), (11, 11), 0, 0, 360, skin, -1, cv2.LINE_AA)
    return picture


def _car(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a car from the side, and a word above it."""
    picture = _backdrop(rng)
    paint = rng.integers(20, 240, 3).tolist()
    body = np.array([(8, 88), (12, 72), (36, 68), (52, 48), (88, 48), (104, 68), (120, 74),
                     (122, 92), (8, 96)])
    panes = np.array([(43, 67), (56, 52), (85, 52), (97, 67)])
    cv2.fillPoly(picture, [body], paint, cv2.LINE_AA)
    cv2.fillPoly(picture, [panes], (40, 52, 64), cv2.LINE_AA)
    cv2.line(picture, (70, 50), (70, 68), paint, 3)
    for x in (32, 98):
        cv2.circle(picture, (x, 94), 12, (22, 22, 24), -1, cv2.LINE_AA)
        cv2.circle(picture, (x, 94), 6, (150, 152, 156), -1, cv2.LINE_AA)
    _lettering(picture, rng, 30)
    return picture

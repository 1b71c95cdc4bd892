# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Grain of surfaces: tiles of brightness, each at several sharpnesses, looked up by place.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.sim.render.patterns import BROAD_PATTERNS, PATTERNS, SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.patterns import Painter

TILE_M = 4.0  # a tile of fine grain; of broad grain, it is BROAD times as large
BROAD = 16.0
_LEVELS = 8  # each half as sharp as the one before
_BITS = SIZE.bit_length() - 1
_NEUTRAL = 128.0


class TileStack:
    """
    Square tiles that repeat, at falling sharpness, in one flat array.

    Parameters
    ----------
    tiles : (P, S, S) float32
        Factors of brightness about 1, up to 2.

    """

    def __init__(self, tiles: NDArray[np.float32]) -> None:
        levels = [np.clip(tiles * _NEUTRAL, 0, 255).astype(np.uint8).reshape(len(tiles), -1)]
        for level in range(1, _LEVELS):
            size = SIZE >> level
            halves = [cv2.resize(tile, (size, size), interpolation=cv2.INTER_AREA)
                      for tile in tiles]
            levels.append(np.stack(
                [np.clip(tile * _NEUTRAL, 0, 255).astype(np.uint8).ravel() for tile in halves]))
        self._starts = np.cumsum([0, *(level.shape[1] for level in levels[:-1])], dtype=np.int32)
        stacked = np.concatenate(levels, axis=1)
        self._length = np.int32(stacked.shape[1])
        self._values = (stacked.ravel().astype(np.float32) / _NEUTRAL)

    def factors(
        self, patterns: NDArray[np.int32], u_m: NDArray[np.float32], v_m: NDArray[np.float32],
        footprints_m: NDArray[np.float32], tile_m: float,
    ) -> NDArray[np.float32]:
        """
        Look up brightness (N,), about 1.

        Parameters
        ----------
        patterns : (N,) int32
            Which tile.
        u_m, v_m : (N,) float32
            Where on the surface, m.
        footprints_m : (N,) float32
            What one pixel covers of it, m.
        tile_m : float
            How large a tile is, m.

        """
        scale = np.float32(SIZE / tile_m)
        # The exponent of the footprint in texels is the level.
        exponent = ((footprints_m * scale).view(np.int32) >> 23) - 127
        level = np.clip(exponent, 0, _LEVELS - 1)
        column = np.floor(u_m * scale).astype(np.int32)
        row = np.floor(v_m * scale).astype(np.int32)
        column &= SIZE - 1
        row &= SIZE - 1
        column >>= level
        row >>= level
        row <<= _BITS - level
        row += column
        row += self._starts[level]
        row += patterns * self._length
        found: NDArray[np.float32] = np.take(self._values, row)
        return found


@lru_cache(maxsize=1)
def fine_tiles() -> TileStack:
    """Draw the tiles of fine grain, in order of `Pattern`."""
    return _draw(PATTERNS, 1)


@lru_cache(maxsize=1)
def broad_tiles() -> TileStack:
    """Draw the tiles of broad grain, in order of `Surface`."""
    return _draw(BROAD_PATTERNS, 2)


def _draw(painters: tuple[Painter, ...], seed: int) -> TileStack:
    rngs = np.random.default_rng(seed).spawn(len(painters))
    return TileStack(np.stack([paint(rng) for paint, rng in zip(painters, rngs, strict=True)]))

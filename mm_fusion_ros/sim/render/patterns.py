# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Paints tiles of brightness that repeat without a seam: asphalt, grass, slabs, bricks and so on.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy import fft

from mm_fusion_ros.sim.materials import Material, Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Painter = Callable[[np.random.Generator], NDArray[np.float32]]

SIZE = 512  # texels along each side; a tile of fine grain is 4 m wide


class Pattern(IntEnum):
    """A fine grain."""

    PLAIN = 0
    ASPHALT = 1
    GRASS = 2
    SLABS = 3
    GRAVEL = 4
    BRICK = 5
    PLASTER = 6
    CONCRETE = 7
    WOOD = 8
    ROOF = 9
    FOLIAGE = 10
    BARK = 11
    WINDOW = 12
    SHEET = 13
    CLOTH = 14


MATERIAL_PATTERNS: dict[Material, Pattern] = {
    Material.METAL: Pattern.SHEET, Material.FOLIAGE: Pattern.FOLIAGE,
    Material.BARK: Pattern.BARK, Material.BRICK: Pattern.BRICK,
    Material.PLASTER: Pattern.PLASTER, Material.CONCRETE: Pattern.CONCRETE,
    Material.WOOD: Pattern.WOOD, Material.FACADE_WINDOW: Pattern.WINDOW,
    Material.ROOF_TILE: Pattern.ROOF, Material.CLOTH: Pattern.CLOTH,
}
SURFACE_PATTERNS: dict[Surface, Pattern] = {
    Surface.GRASS: Pattern.GRASS, Surface.ASPHALT: Pattern.ASPHALT,
    Surface.SIDEWALK: Pattern.SLABS, Surface.KERB: Pattern.CONCRETE,
    Surface.GRAVEL: Pattern.GRAVEL, Surface.SOIL: Pattern.GRAVEL,
}


def noise(rng: np.random.Generator, texels: float, aspect: float = 1.0) -> NDArray[np.float32]:
    """Draw blotches of about so many texels: mean 0, deviation 1, periodic."""
    waves = fft.rfft2(rng.standard_normal((SIZE, SIZE), np.float32))
    decay = -2.0 * (np.pi * texels) ** 2
    rows, columns = np.fft.fftfreq(SIZE), np.fft.rfftfreq(SIZE)
    waves *= np.exp(decay * (aspect * rows) ** 2).astype(np.float32)[:, None]
    waves *= np.exp(decay * columns**2).astype(np.float32)
    waves[0, 0] = 0.0
    blurred = np.asarray(fft.irfft2(waves, (SIZE, SIZE)), np.float32)
    return np.asarray(blurred / blurred.std(), np.float32)


def _layered(*layers: tuple[float, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Add layers, each with its weight, to an even brightness of 1."""
    tile = np.ones((SIZE, SIZE), np.float32)
    for weight, layer in layers:
        tile += np.float32(weight) * layer
    return tile


def _plain(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered()


def _asphalt(rng: np.random.Generator) -> NDArray[np.float32]:
    grain = rng.standard_normal((SIZE, SIZE), np.float32)
    return _layered((.10, grain), (.05, noise(rng, 1.5)), (.04, noise(rng, 30)))


def _grass(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered((.20, noise(rng, .8)), (.16, noise(rng, 4)), (.12, noise(rng, 20)))


def _slabs(rng: np.random.Generator) -> NDArray[np.float32]:
    """Lay slabs of 0.5 m."""
    return _masonry(rng, (8, 8), shift=.5, spread=.07) * _layered((.04, noise(rng, .7)))


def _gravel(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered((.22, noise(rng, 1.2)), (.10, noise(rng, 14)))


def _brick(rng: np.random.Generator) -> NDArray[np.float32]:
    return _masonry(rng, (50, 16), shift=.5, spread=.13) * _layered((.05, noise(rng, 1.0)))


def _plaster(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered((.025, noise(rng, .8)), (.035, noise(rng, 60)),
                    (.03, noise(rng, 4, aspect=12)))


def _concrete(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered((.05, noise(rng, .8)), (.06, noise(rng, 24)),
                    (.04, noise(rng, 3, aspect=14)))


def _wood(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered((.10, noise(rng, 1.2, aspect=20)), (.08, noise(rng, 5, aspect=8)))


def _roof(rng: np.random.Generator) -> NDArray[np.float32]:
    """Lay tiles whose lower edges throw shadows."""
    rise = (np.arange(SIZE, dtype=np.float32) * np.float32(12 / SIZE)) % np.float32(1.0)
    tiles = _masonry(rng, (12, 16), shift=0.0, spread=.10)
    tiles *= np.float32(.82) + np.float32(.36) * rise[:, None]
    return tiles


def _foliage(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw leaves and the dark between them."""
    leaves = np.tanh(np.float32(2.5) * noise(rng, 3.0))
    return _layered((.50, leaves), (.30, np.tanh(noise(rng, 9))), (.15, noise(rng, 1.0)))


def _bark(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered((.22, noise(rng, 2.5, aspect=8)), (.08, noise(rng, .8)))


def _window(rng: np.random.Generator) -> NDArray[np.float32]:
    """Blur what a pane mirrors, and curtains behind."""
    return _layered((.22, noise(rng, 40)), (.12, np.clip(noise(rng, 5, aspect=60), -1, 1)))


def _sheet(rng: np.random.Generator) -> NDArray[np.float32]:
    """Press ribs of 0.25 m, as on halls; on thin bars they hardly show."""
    across = np.arange(SIZE, dtype=np.float32) * np.float32(32.0 * np.pi / SIZE)
    return _layered((.07, np.clip(3 * np.sin(across), -1, 1)), (.04, noise(rng, 2, aspect=16)))


def _cloth(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered((.07, noise(rng, 8, aspect=2)))


def _masonry(
    rng: np.random.Generator, counts: tuple[int, int], *, shift: float, spread: float
) -> NDArray[np.float32]:
    """Lay rows of stones that differ in brightness, with darker joints 1 to 2 texels wide."""
    rows, columns = counts
    v, u = np.indices((SIZE, SIZE)) * np.array(counts)[:, None, None] / SIZE
    u += shift * (np.floor(v) % 2)
    tile = rng.normal(1.0, spread, counts)[v.astype(int) % rows, u.astype(int) % columns]
    is_joint = (v % 1.0 < 1.3 * rows / SIZE) | (u % 1.0 < 1.3 * columns / SIZE)
    return np.where(is_joint, .66, tile).astype(np.float32)


def _broad_road(rng: np.random.Generator) -> NDArray[np.float32]:
    """Wear a road of 64 m: blotches, patches mended at some time, cracks."""
    tile = _layered((.05, noise(rng, 18)), (.05, noise(rng, 5)))
    for _ in range(70):
        x, y = rng.integers(0, SIZE, 2)
        width, height = rng.integers(4, 40, 2)
        tile[y:y + height, x:x + width] *= np.float32(rng.uniform(.74, 1.10))
    cracks = np.ones((SIZE, SIZE), np.float32)
    for _ in range(60):
        steps = rng.normal(0, 3, (24, 2)) + rng.normal(0, 4, 2)
        path = rng.uniform(0, SIZE, 2) + np.cumsum(steps, axis=0)
        cv2.polylines(cracks, [path.astype(np.int32)], False, (.72,), 1)
    return tile * cracks


def _broad_soft(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered((.12, noise(rng, 24)), (.10, noise(rng, 6)), (.08, noise(rng, 1.5)))


def _broad_hard(rng: np.random.Generator) -> NDArray[np.float32]:
    return _layered((.06, noise(rng, 20)), (.05, noise(rng, 3)))


PATTERNS: tuple[Painter, ...] = (
    _plain, _asphalt, _grass, _slabs, _gravel, _brick, _plaster, _concrete, _wood, _roof,
    _foliage, _bark, _window, _sheet, _cloth)
BROAD_PATTERNS: tuple[Painter, ...] = (
    _broad_soft, _broad_road, _broad_hard, _broad_hard, _broad_soft, _broad_soft)

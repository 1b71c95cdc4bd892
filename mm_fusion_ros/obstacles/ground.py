# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The height of the ground around the vehicle, on a polar grid, and of points above it.

It is followed outwards from the vehicle, ring by ring, in all directions at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.obstacles.clustering import Groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.obstacles.settings import GroundSettings

_SECTORS = 180
_FIRST_RING_M = 2.0
_RING_GROWTH = 1.05  # each ring is this much larger than the one inside it
_FLAT_SPREAD_M = 0.25  # a cell whose points differ less in height may be a piece of ground
_RAISED_FREEDOM = 0.3  # of the slope, for a cell that is not flat
_LARGEST_RISE_M = 1.0  # however long the unseen stretch before: more is an object


def height_above_ground(
    points: NDArray[np.float32], max_range_m: float, settings: GroundSettings
) -> NDArray[np.float32]:
    """
    Measure every point from the ground below it.

    Parameters
    ----------
    points : (N, 3) float32
        Base frame: z up, the vehicle stands on z = 0 at the origin.
    max_range_m : float
        Ground is followed up to here and continued level from there.
    settings : GroundSettings
        What counts as ground.

    Returns
    -------
    (N,) float32
        Height above the ground, m.

    """
    radii = _ring_radii(max_range_m)
    sector, ring = _cells(points, len(radii))
    nearest_ring = np.rint(ring).astype(np.intp)
    cell = nearest_ring * _SECTORS + sector
    # No ground, and so no echo of it, can be lower than the steepest descent.
    floor = -(settings.step_m + settings.slope * radii).astype(np.float32)
    z = points[:, 2]
    cells = _PointsByCell(cell, (len(radii), _SECTORS))
    is_echo = z <= floor[nearest_ring]
    lowest = cells.lowest(np.where(is_echo, np.float32(np.inf), z))
    spread = -cells.lowest(np.where(is_echo, np.float32(np.inf), -z)) - lowest
    ground = _follow_outwards(lowest, spread, radii, settings)
    heights: NDArray[np.float32] = z - _at(ground, sector, ring)
    # Measured again from what was found, neither the slope inside a cell nor an echo from below
    # the ground hides how high its lowest point is.
    lowest = cells.lowest(np.where(heights > -settings.step_m, heights, np.float32(np.inf)))
    correction = np.where(lowest < settings.step_m, lowest, np.float32(0))
    heights -= _at(correction, sector, ring)
    return heights


class _PointsByCell:
    """
    The points sorted by cell once, to be reduced several times.

    Parameters
    ----------
    cell : (N,) int
        Row-major number of each point's cell.
    shape : (int, int)
        Rings, sectors: fewer than 2^16 cells, so that they are sorted by counting.

    """

    def __init__(self, cell: NDArray[np.intp], shape: tuple[int, int]) -> None:
        self._shape = shape
        self._groups = Groups.from_keys(cell.astype(np.uint16))
        self._occupied = cell[self._groups.order[self._groups.starts]]

    def lowest(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Find the smallest value (N,) of each cell, inf where there is none: (R, S)."""
        lowest = np.full(self._shape, np.inf, np.float32)
        groups = self._groups
        lowest.ravel()[self._occupied] = np.minimum.reduceat(values[groups.order], groups.starts)
        return lowest


def _ring_radii(max_range_m: float) -> NDArray[np.float64]:
    count = max(2, int(np.ceil(np.log(max_range_m / _FIRST_RING_M) / np.log(_RING_GROWTH))))
    return _FIRST_RING_M * np.power(_RING_GROWTH, np.arange(count, dtype=np.float64))


def _cells(
    points: NDArray[np.float32], rings: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """
    Find the sector of each point, and its ring as a fraction: k at the middle of ring k.
    """
    x, y = points[:, 0], points[:, 1]
    turn = np.arctan2(y, x) * np.float32(_SECTORS / (2 * np.pi))
    sector = np.floor(turn).astype(np.intp) % _SECTORS
    distance = np.maximum(np.hypot(x, y), np.float32(_FIRST_RING_M))
    ring = np.log(distance / np.float32(_FIRST_RING_M)) / np.float32(np.log(_RING_GROWTH))
    return sector, np.minimum(ring, np.float32(rings - 1))


def _follow_outwards(
    lowest: NDArray[np.float32],
    spread: NDArray[np.float32],
    radii: NDArray[np.float64],
    settings: GroundSettings,
) -> NDArray[np.float32]:
    """
    Accept as ground what continues the ground seen before in the same direction.

    A cell with height in it may be the foot of an object as well, so it is given less freedom.
    """
    known = np.zeros(lowest.shape, bool)
    height = np.zeros(_SECTORS)
    seen_at_m = np.zeros(_SECTORS)
    freedom = np.where(spread < _FLAT_SPREAD_M, settings.slope, settings.slope * _RAISED_FREEDOM)
    for ring, radius in enumerate(radii):
        tolerance = settings.step_m + freedom[ring] * (radius - seen_at_m)
        rise = lowest[ring] - height
        accepted = (rise >= -tolerance) & (rise <= np.minimum(tolerance, _LARGEST_RISE_M))
        height = np.where(accepted, lowest[ring], height)
        seen_at_m = np.where(accepted, radius, seen_at_m)
        known[ring] = accepted
    return _median_of_neighbours(_fill(lowest, known, radii))


def _fill(
    lowest: NDArray[np.float32], known: NDArray[np.bool_], radii: NDArray[np.float64]
) -> NDArray[np.float32]:
    """
    Interpolate along each direction between known rings, and stay level beyond the last.
    """
    rings = np.arange(len(radii))[:, None]
    # One more ring at the vehicle, where the ground is known to be at z = 0, and so first.
    before = np.maximum.accumulate(np.where(known, rings, -1), axis=0)
    after = np.minimum.accumulate(np.where(known, rings, len(radii))[::-1], axis=0)[::-1]
    after = np.where(after == len(radii), before, after)
    padded_heights = np.vstack([np.where(known, lowest, 0), np.zeros((1, _SECTORS))])
    padded_radii = np.append(radii, 0.0)  # index -1
    low = np.take_along_axis(padded_heights, before % (len(radii) + 1), axis=0)
    high = np.take_along_axis(padded_heights, after % (len(radii) + 1), axis=0)
    span = padded_radii[after] - padded_radii[before]
    fraction = (radii[:, None] - padded_radii[before]) / np.where(span > 0, span, 1.0)
    filled: NDArray[np.float32] = np.where(span > 0, low + (high - low) * fraction, low)
    return filled.astype(np.float32)


def _median_of_neighbours(ground: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Take the median of each cell and the two beside it.
    """
    left, right = np.roll(ground, 1, axis=1), np.roll(ground, -1, axis=1)
    low, high = np.minimum(left, right), np.maximum(left, right)
    return np.clip(ground, low, high)


def _at(
    field: NDArray[np.float32], sector: NDArray[np.intp], ring: NDArray[np.float32]
) -> NDArray[np.float32]:
    """
    Read a field at each point, linearly between rings.
    """
    inner = np.minimum(ring.astype(np.intp), len(field) - 2)
    fraction = ring - inner
    flat = inner * _SECTORS + sector
    low = field.ravel()[flat]
    high = field.ravel()[flat + _SECTORS]
    return (low + (high - low) * fraction).astype(np.float32)

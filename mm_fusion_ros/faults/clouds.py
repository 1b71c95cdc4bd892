# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Breaks clouds of any layout: PointCloud2, of which only what a fault concerns is changed.

Lost points are taken out of a cloud of one row; in one of several rows they become NaN.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.faults.fog_returns import fog_returns
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.messages.convert_in.point_layout import read_layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.faults.draw import Draw

_AXES = ('x', 'y', 'z')
_RINGS = ('ring', 'channel', 'line')
_BEAMS = 64  # assumed where the cloud does not tell
_MAX_BEAMS = 4096
_GHOST_RANGE_M = (2.0, 60.0)


class _Cloud:
    """The points of a message, as a copy that is written back."""

    def __init__(self, message: Any) -> None:
        layout = read_layout(message)
        records = np.ndarray((*layout.shape, layout.strides[1]), np.uint8, layout.data,
                             strides=(*layout.strides, 1))
        self._message = message
        self._is_organised = layout.shape[0] > 1
        self._records = records.reshape(-1, layout.strides[1]).copy()
        own = replace(layout, data=self._records.reshape(-1), shape=(1, len(layout)),
                      strides=(self._records.size, layout.strides[1]))
        self._fields = own.select(_AXES)
        if any(self._fields.dtype[axis].kind != 'f' for axis in _AXES):
            raise InvalidMessageError('point fields x, y, z', 'float32 or float64', 'integers')
        rings = [name for name in _RINGS if name in layout.names]
        self._ring = own.select(rings[:1])[rings[0]] if rings else None
        self.points = np.stack(
            [self._fields[axis] for axis in _AXES], axis=1).astype(np.float64)  # (N, 3)

    @property
    def ranges(self) -> NDArray[np.float64]:
        """Distances (N,), NaN where there is no return."""
        norms: NDArray[np.float64] = np.linalg.norm(self.points, axis=1)
        return np.where(norms > 0.0, norms, np.nan)

    @property
    def beams(self) -> NDArray[np.int64]:
        """Which beam each return (N,) is of: by ring, else by elevation."""
        if self._ring is not None:
            rings: NDArray[np.int64] = self._ring.astype(np.int64)
            return rings % _MAX_BEAMS
        sines = np.nan_to_num(self.points[:, 2] / self.ranges)
        elevations = np.arcsin(np.clip(sines, -1.0, 1.0))
        low, high = np.quantile(elevations, (0.0, 1.0)) if len(elevations) else (0.0, 0.0)
        shares: NDArray[np.float64] = (elevations - low) / max(high - low, 1e-6)
        return np.rint(shares * (_BEAMS - 1)).astype(np.int64)

    def set_ranges(self, rows: NDArray[Any], ranges: NDArray[np.float64]) -> None:
        """Move points along their rays; those without a return stay."""
        factors = np.nan_to_num(ranges / self.ranges[rows], nan=1.0, posinf=1.0, neginf=1.0)
        self.set_points(rows, self.points[rows] * factors[:, None])

    def set_points(self, rows: NDArray[Any], points: NDArray[np.float64]) -> None:
        """Replace points."""
        for column, axis in enumerate(_AXES):
            self._fields[axis][rows] = points[:, column]

    def lose(self, is_lost: NDArray[np.bool_]) -> None:
        """Take points out."""
        if self._is_organised:
            self.set_points(is_lost, np.full((int(is_lost.sum()), 3), np.nan))
            self._message.is_dense = False
            return
        self._records = self._records[~is_lost]
        self._message.width = len(self._records)

    def write_back(self) -> None:
        """Give the message its points."""
        step = self._records.shape[1]
        self._message.row_step = self._message.width * step
        self._message.data = self._records.reshape(-1)


def break_cloud(message: Any, draw: Draw) -> None:
    """
    Break the points of a message, which is changed.

    Raises
    ------
    InvalidMessageError
        If it contradicts itself.

    """
    with np.errstate(invalid='ignore', divide='ignore', over='ignore'):  # points may be anything
        cloud = _Cloud(message)
        _CHANGES[draw.fault.what](cloud, draw)
    cloud.write_back()
    if draw.fault.what is FaultKind.NAN:
        message.is_dense = False


def _beams_lost(cloud: _Cloud, draw: Draw) -> None:
    beams = cloud.beams
    there = np.unique(beams)
    order = np.argsort(draw.of_fault().random(_MAX_BEAMS)[there], kind='stable')
    cloud.lose(np.isin(beams, there[order[:round(draw.fault.magnitude * len(there))]]))


def _sector_blocked(cloud: _Cloud, draw: Draw) -> None:
    azimuths = np.degrees(np.arctan2(cloud.points[:, 1], cloud.points[:, 0]))
    from_centre = (azimuths - draw.fault.direction_deg + 180.0) % 360.0 - 180.0
    cloud.lose(np.abs(from_centre) <= draw.fault.magnitude / 2.0)


def _thinned(cloud: _Cloud, draw: Draw) -> None:
    cloud.lose(_share(cloud, draw))


def _nan(cloud: _Cloud, draw: Draw) -> None:
    rows = _share(cloud, draw)
    cloud.set_points(rows, np.full((int(rows.sum()), 3), np.nan))


def _range_noise(cloud: _Cloud, draw: Draw) -> None:
    rows = np.arange(len(cloud.points))
    noise = draw.of_message().normal(0.0, draw.fault.magnitude, len(rows))
    cloud.set_ranges(rows, np.maximum(cloud.ranges + noise, 0.1))


def _ghost_points(cloud: _Cloud, draw: Draw) -> None:
    rng = draw.of_message()
    count = min(round(draw.fault.magnitude), len(cloud.points))
    rows = rng.choice(len(cloud.points), count, replace=False)
    cloud.set_ranges(rows, rng.uniform(*_GHOST_RANGE_M, count))


def _fog(cloud: _Cloud, draw: Draw) -> None:
    """Lose returns that are too weak: by the square of the distance, and by the fog, twice."""
    is_lost, returned = fog_returns(cloud.ranges, draw.fault.magnitude, draw.of_message())
    is_fog = np.isfinite(returned)
    cloud.set_ranges(np.flatnonzero(is_fog), returned[is_fog])
    cloud.lose(is_lost & ~is_fog)


def _share(cloud: _Cloud, draw: Draw) -> NDArray[np.bool_]:
    """Pick the share `magnitude` of the points by chance."""
    count = len(cloud.points)
    is_picked = np.zeros(count, np.bool_)
    is_picked[draw.of_message().permutation(count)[:round(draw.fault.magnitude * count)]] = True
    return is_picked


_CHANGES: dict[FaultKind, Callable[[_Cloud, Draw], None]] = {
    FaultKind.BEAMS_LOST: _beams_lost,
    FaultKind.SECTOR_BLOCKED: _sector_blocked,
    FaultKind.THINNED: _thinned,
    FaultKind.NAN: _nan,
    FaultKind.RANGE_NOISE: _range_noise,
    FaultKind.GHOST_POINTS: _ghost_points,
    FaultKind.FOG: _fog,
}

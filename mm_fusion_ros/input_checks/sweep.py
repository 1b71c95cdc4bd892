# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is unusual about a sweep: points that are missing, noisy, or stand alone.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.input_checks.usual import Usual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import LidarSweep
    from mm_fusion_ros.input_checks.settings import InputCheckSettings

_SECTORS = 72
_EMPTY = 0.1  # of its usual points, or fewer, has a sector from which nothing comes
_FULL = 0.2  # of an even share of all points, or fewer, and a sector is always that empty
_BEAMS = 8  # that are followed
_UNKNOWN_BEAMS = 64  # assumed where the sweep does not tell
_APART_M = 0.5  # from both neighbours along its beam stands a point alone
_AGREE = 0.25  # of that at most is between the neighbours
_NEAR_M, _FAR_M = 5.0, 1000.0
_VARIES = 1.2  # times what is usual is not unusual


class Texture(NamedTuple):
    """
    How the ranges of a sweep follow each other along the beams.

    Attributes
    ----------
    noise_m : float
        Median difference between a range and the mean of its neighbours.
    specks, near_specks : float
        Share of the points that stand alone, and of those that do so within 5 m.

    """

    noise_m: float
    specks: float
    near_specks: float


class SweepCheck:
    """Compares the sweeps of one LiDAR with each other."""

    def __init__(self, settings: InputCheckSettings) -> None:
        self._settings = settings
        self._usual_sectors = Usual()
        self._usual_texture = Usual()

    def judge(self, sweep: LidarSweep, some: NDArray[np.float32]) -> tuple[str, ...]:
        """Say what is unusual about a sweep; an even choice of its points (N, 3) is given."""
        sectors = _count_by_sector(some) * (len(sweep) / len(some))
        missing = self._missing(len(sweep), sectors)
        self._usual_sectors.learn(sectors, is_unusual=bool(missing))
        texture = texture_of(sweep)
        wrong = self._wrong(texture)
        self._usual_texture.learn(np.array(texture), is_unusual=bool(wrong))
        return missing + wrong

    def _missing(self, count: int, sectors: NDArray[np.float64]) -> tuple[str, ...]:
        usual = self._usual_sectors.values
        if usual is None:
            return ()
        found = []
        if count < self._settings.min_points * usual.sum():
            found.append(f'{count} points, usually {usual.sum():.0f}')
        is_empty = (sectors < _EMPTY * usual) & (usual > _FULL * usual.mean())
        first, length = _longest_run(is_empty)
        width_deg = 360.0 / _SECTORS
        if length * width_deg > self._settings.max_gap_deg:
            begin_deg = first * width_deg - 180.0
            found.append(
                f'nothing returns from {length * width_deg:.0f} deg, from {begin_deg:.0f} deg on')
        return tuple(found)

    def _wrong(self, texture: Texture) -> tuple[str, ...]:
        settings = self._settings
        if self._usual_texture.values is None:
            return ()
        usual = Texture(*self._usual_texture.values.tolist())
        if texture.noise_m > settings.max_noise * usual.noise_m:
            return (f'noisy: ranges differ by {texture.noise_m:.2f} m from their neighbours, '
                    f'usually {usual.noise_m:.2f} m',)
        if texture.specks > _VARIES * usual.specks + settings.max_specks:
            return (f'ghost points: {texture.specks:.1%} stand alone, usually {usual.specks:.1%}',)
        if texture.near_specks > _VARIES * usual.near_specks + settings.max_near_specks:
            return (f'fog, rain or spray: {texture.near_specks:.2%} of the points stand alone '
                    f'nearby, usually {usual.near_specks:.2%}',)
        return ()


def texture_of(sweep: LidarSweep) -> Texture:
    """Follow the ranges along a few beams, in the order of the points."""
    count = len(sweep)
    rings = sweep.ring
    if rings is None:
        rings = (np.arange(count) * _UNKNOWN_BEAMS // count).astype(np.uint16)
    there = np.flatnonzero(np.bincount(rings))
    is_followed = np.zeros(there[-1] + 1, np.bool_)
    is_followed[there[(2 * np.arange(_BEAMS) + 1) * len(there) // (2 * _BEAMS)]] = True
    rows = np.flatnonzero(is_followed[rings])
    rows = rows[np.argsort(rings[rows], kind='stable')]
    with np.errstate(over='ignore'):  # coordinates may be anything finite
        ranges = np.linalg.norm(sweep.points[rows], axis=1)
    ranges = np.minimum(ranges, _FAR_M)
    if len(ranges) < 3:
        return Texture(0.0, 0.0, 0.0)
    before, own, after = ranges[:-2], ranges[1:-1], ranges[2:]
    apart = np.minimum(np.abs(own - before), np.abs(own - after))
    is_alone = (apart > _APART_M) & (np.abs(before - after) < _AGREE * apart)
    return Texture(
        float(np.median(np.abs(own - (before + after) / 2.0))), float(is_alone.mean()),
        float((is_alone & (own < _NEAR_M)).mean()))


def _count_by_sector(points: NDArray[np.float32]) -> NDArray[np.float64]:
    turns = np.arctan2(points[:, 1], points[:, 0]) / (2.0 * np.pi) + 0.5
    sectors = (turns * _SECTORS).astype(np.int64) % _SECTORS
    return np.bincount(sectors, minlength=_SECTORS).astype(np.float64)


def _longest_run(is_set: NDArray[np.bool_]) -> tuple[int, int]:
    """Find the first and the number of the longest run of set sectors around the circle."""
    cleared = np.flatnonzero(~is_set)
    if not len(cleared):
        return 0, len(is_set)
    lengths = np.diff(cleared, append=cleared[0] + len(is_set)) - 1
    longest = int(lengths.argmax())
    return int(cleared[longest] + 1) % len(is_set), int(lengths[longest])

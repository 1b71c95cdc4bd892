# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Notices sensors that speak but do not see: frozen, covered, dark, blurred, blocked, moved, late.

Compares each message with what is usual for its sensor; says so, and takes nothing away.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING
import zlib

import numpy as np

from mm_fusion_ros.config import parameter
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KNOWN = 10  # messages after which it is known what is usual
_MEMORY = 200  # messages over which that may change
_ROWS = 32  # of a picture that are looked at
_POINTS = 4096  # of a sweep, at least, that are looked at for where they are
_WHITE = 250
_STILL_M, _STILL_DEG = 0.001, 0.01
_SECTORS = 72
_EMPTY = 0.1  # of its usual points, or fewer, has a sector from which nothing comes
_FULL = 0.2  # of an even share of all points, or fewer, and a sector is always that empty


@dataclass(frozen=True, slots=True)
class InputCheckSettings:
    """What is called unusual."""

    enabled: bool = parameter(
        True, 'Warn of frozen, covered, dark, blurred, blocked, moved and late sensors.')
    min_contrast: float = parameter(
        4.0, 'A picture whose brightness deviates less shows nothing.', 'grey levels',
        minimum=0.0, maximum=255.0)
    max_white: float = parameter(
        0.4, 'A picture with a larger share of white pixels is overexposed.',
        minimum=0.0, maximum=1.0)
    min_picture: float = parameter(
        0.4, 'A picture with less than this share of its usual brightness, contrast or sharpness '
        'is dark, pale or blurred.', minimum=0.0, maximum=1.0)
    min_points: float = parameter(
        0.6, 'A sweep with less than this share of its usual points has lost some.',
        minimum=0.0, maximum=1.0)
    max_gap_deg: float = parameter(
        20.0, 'A wider sector without the points it usually has is blocked.', 'deg',
        minimum=5.0, maximum=360.0)
    max_delay_change_ms: float = parameter(
        100.0, 'A message that comes later or earlier after its stamp than usual, by more, is '
        'mis-stamped or late.', 'ms', minimum=0.0, maximum=10000.0)


class SensorCheck:
    """
    Watches one sensor.

    Parameters
    ----------
    settings : InputCheckSettings
        What is called unusual.

    """

    def __init__(self, settings: InputCheckSettings) -> None:
        self._settings = settings
        self._stamp_ns: int | None = None
        self._found: tuple[str, ...] = ()
        self._digest = 0
        self._usual = _Usual()
        self._usual_sectors = _Usual()
        self._usual_delay = _Usual()

    def picture(
        self, stamp_ns: int, arrival_ns: int, pixels: NDArray[np.uint8]
    ) -> tuple[str, ...]:
        """
        Say what is unusual about an image.

        Parameters
        ----------
        stamp_ns, arrival_ns : int
            Of the message; one that comes again (as it serves two frames) is judged once.
        pixels : (H, W, 3) uint8
            The image.

        """
        if not self._is_new(stamp_ns):
            return self._found
        step = max(len(pixels) // _ROWS, 1)
        rows = np.ascontiguousarray(pixels[step // 2::step, :, 1])
        self._found = (
            *self._frozen(rows), *self._late(stamp_ns, arrival_ns), *self._picture(rows))
        return self._found

    def sweep(
        self, stamp_ns: int, arrival_ns: int, points: NDArray[np.float32]
    ) -> tuple[str, ...]:
        """
        Say what is unusual about a sweep.

        Parameters
        ----------
        stamp_ns, arrival_ns : int
            Of the message; one that comes again is judged once.
        points : (N, 3) float32
            In the sensor's frame, N > 0.

        """
        if not self._is_new(stamp_ns):
            return self._found
        some = np.ascontiguousarray(points[::max(len(points) // _POINTS, 1)])
        self._found = (
            *self._frozen(some), *self._late(stamp_ns, arrival_ns),
            *self._points(len(points), some))
        return self._found

    def _is_new(self, stamp_ns: int) -> bool:
        is_new = self._settings.enabled and stamp_ns != self._stamp_ns
        self._stamp_ns = stamp_ns
        return is_new

    def _frozen(self, some: NDArray[np.generic]) -> tuple[str, ...]:
        last, self._digest = self._digest, zlib.crc32(some.data)
        if self._digest != last:
            return ()
        return ('shows the same as before, under a new stamp: frozen',)

    def _late(self, stamp_ns: int, arrival_ns: int) -> tuple[str, ...]:
        delay_ms = (arrival_ns - stamp_ns) / NS_PER_MS
        usual_ms = self._usual_delay.learn(np.array([delay_ms]))
        if usual_ms is None or abs(delay_ms - usual_ms[0]) <= self._settings.max_delay_change_ms:
            return ()
        return (f'came {delay_ms:.0f} ms after its stamp, usually {usual_ms[0]:.0f} ms',)

    def _picture(self, rows: NDArray[np.uint8]) -> tuple[str, ...]:
        settings = self._settings
        brightness, contrast = float(rows.mean()), float(rows.std())
        white = float((rows >= _WHITE).mean())
        steps = np.abs(np.diff(rows.astype(np.int16), axis=1))
        sharpness = float(steps.mean()) / (contrast + 1.0) if steps.size else 0.0
        usual = self._usual.learn(np.array([brightness, contrast, sharpness]))
        if contrast < settings.min_contrast:
            return (f'shows nothing: brightness {brightness:.0f}, contrast {contrast:.1f}',)
        found = []
        if white > settings.max_white:
            found.append(f'overexposed: {white:.0%} of the picture are white')
        if usual is not None:
            seen = (brightness, contrast, sharpness)
            found += [
                f'{what}: {value / most:.0%} of its usual {quantity}'
                for what, quantity, value, most in zip(
                    ('dark', 'pale', 'blurred'), ('brightness', 'contrast', 'sharpness'), seen,
                    usual.tolist(), strict=True)
                if value < settings.min_picture * most
            ]
        return tuple(found)

    def _points(self, count: int, some: NDArray[np.float32]) -> tuple[str, ...]:
        sectors = _count_by_sector(some) * (count / len(some))
        usual = self._usual_sectors.learn(sectors)
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


def moved(
    T_before: NDArray[np.float64], T_now: NDArray[np.float64]
) -> tuple[str, ...]:
    """Say how far a sensor is said to have moved on the vehicle; nothing if it has not."""
    distance_m = float(np.linalg.norm(T_now[:3, 3] - T_before[:3, 3]))
    trace = float(np.sum(T_before[:3, :3] * T_now[:3, :3]))
    angle_deg = math.degrees(math.acos(min(max((trace - 1.0) / 2.0, -1.0), 1.0)))
    if distance_m < _STILL_M and angle_deg < _STILL_DEG:
        return ()
    return (f'its transform has changed, by {distance_m:.2f} m and {angle_deg:.1f} deg',)


class _Usual:
    """The mean of what came lately."""

    def __init__(self) -> None:
        self._mean: NDArray[np.float64] | None = None
        self._count = 0

    def learn(self, values: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Give what was usual until now, None if that is not known, and take in new values."""
        usual = self._mean if self._count >= _KNOWN else None
        self._count = min(self._count + 1, _MEMORY)
        before = values if self._mean is None else self._mean
        self._mean = before + (values - before) / self._count
        return usual


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

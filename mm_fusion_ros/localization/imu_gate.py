# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether an IMU can be believed: its units, and which way it is mounted, seen from gravity.
"""

from __future__ import annotations

from dataclasses import replace
import math
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.gravity import USUAL_GRAVITY
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.inertial_sample import InertialSample

_WINDOW_NS = NS_PER_S
_EARLIEST_NS = 3 * NS_PER_S // 10
_LEAST_SAMPLES = 3
_LOW, _HIGH = 7.0, 16.0  # m/s^2, mean force of a vehicle, in an emergency stop too
_MAX_TILT_DEG = 60.0
_TURN_RAD, _TURN_RATIO, _STRIKES = 0.14, 8.0, 3
_IMPOSSIBLE_RAD = 1.0  # of roll and pitch: no vehicle turns over so fast
_WHIRL_RAD = 6.0  # about any axis: no vehicle goes round once a second
_DECAY = 0.5  # of strikes, with every second that is none
_FEWEST_EQUAL = 5
_LEAST_NOISE_RADPS = 1e-3  # of any real gyro, or its bias
_WILD_NS = NS_PER_S // 5  # wild numbers for so long are no glitch
_MOST = 1e6  # of what is wilder, the size does not matter
_FORGIVEN = 10  # good windows after which a refused IMU is believed again


class ImuGate:
    """
    Watches the inertial measurements of one IMU, a second at a time.

    Attributes
    ----------
    problem : str
        Why they cannot be used; empty if they can.
    is_open : bool
        Whether they have been looked at long enough, and can be used.
    turns_wrongly : bool
        Whether the problem is with its turn rates: where the vehicle looks is not known, then.

    """

    def __init__(self) -> None:
        self.problem = ''
        self.is_open = self.turns_wrongly = False
        self._window: list[InertialSample] = []
        self._strikes = 0.0
        self._good = 0
        self._wild_since_ns: int | None = None

    def add(self, sample: InertialSample, *, is_wild: bool = False) -> None:
        """Look at a measurement along the base frame's axes; a glitch is wild, and not judged."""
        if not is_wild:
            self._wild_since_ns = None
        elif self._is_glitch(sample.stamp_ns):
            return
        else:
            sample = _bounded(sample)
        window = self._window
        window.append(sample)
        span_ns = sample.stamp_ns - window[0].stamp_ns
        if span_ns >= _WINDOW_NS:
            self._judge()
            self._window = []
        elif not self.is_open and not self.problem and span_ns >= _EARLIEST_NS and (
                len(window) >= _LEAST_SAMPLES):
            self.problem = _force_problem(_mean_force(window))
            self.is_open = not self.problem

    def _is_glitch(self, stamp_ns: int) -> bool:
        if self._wild_since_ns is None:
            self._wild_since_ns = stamp_ns
        return abs(stamp_ns - self._wild_since_ns) < _WILD_NS

    def _judge(self) -> None:
        force = _mean_force(self._window)
        problem = _force_problem(force) or _frozen_problem(self._window)
        self.turns_wrongly = False
        if not problem:
            problem = self._turn_problem(force)
            self.turns_wrongly = problem != ''
        self._good = 0 if problem else self._good + 1
        if problem:
            self.problem, self.is_open = problem, False
        elif not self.problem or self._good >= _FORGIVEN:
            self.problem, self.is_open = '', True

    def _turn_problem(self, force: NDArray[np.float64]) -> str:
        """Say that the gyro contradicts gravity, once it has done so often enough."""
        turn, tilted = self._turn(), self._tilt()
        turned, whole = _leaning(turn, force), float(np.linalg.norm(turn))
        if whole > _WHIRL_RAD:
            turned = whole
        if turned > _TURN_RAD and tilted < turned / _TURN_RATIO:
            self._strikes += _STRIKES if turned > _IMPOSSIBLE_RAD else 1
        elif turned > _TURN_RAD / 3.0 and tilted > turned / 3.0:
            self._strikes = 0.0
        else:
            self._strikes = max(self._strikes - _DECAY, 0.0)
        if self._strikes < _STRIKES:
            return ''
        self._strikes = _STRIKES - 1.0
        return (f'angular velocity: expected rad/s that fit gravity, got a turn of {turned:.2g} '
                f'rad in 1 s where gravity turned by {tilted:.1g} '
                '(degrees per second, or a biased gyro)')

    def _turn(self) -> NDArray[np.float64]:
        """Give the turn (3,) by the gyro, rad."""
        window = self._window
        seconds = (window[-1].stamp_ns - window[0].stamp_ns) / NS_PER_S
        turn: NDArray[np.float64] = seconds * np.mean([item.gyro for item in window], axis=0)
        return turn

    def _tilt(self) -> float:
        """Give by how much gravity turned by the accelerometer, rad."""
        fifth = max(len(self._window) // 5, 1)
        first, last = _mean_force(self._window[:fifth]), _mean_force(self._window[-fifth:])
        return math.atan2(np.linalg.norm(np.cross(first, last)), first @ last)


def _bounded(sample: InertialSample) -> InertialSample:
    return replace(sample, gyro=np.clip(sample.gyro, -_MOST, _MOST),
                   accel=np.clip(sample.accel, -_MOST, _MOST))


def _leaning(turn: NDArray[np.float64], force: NDArray[np.float64]) -> float:
    """
    Give by how much a turn (3,) leans the vehicle over, rad.

    Across the base frame's z or across the mean force (3,), whichever is less: in a steady bend
    the force leans, and where the vehicle stands on a slope, its z does.
    """
    across_force = np.linalg.norm(np.cross(turn, force)) / np.linalg.norm(force)
    return float(min(np.hypot(turn[0], turn[1]), across_force))


def _frozen_problem(window: list[InertialSample]) -> str:
    """Say whether the numbers no longer change; those of a perfect one that stands need not."""
    tail = window[len(window) // 2:]
    values = np.array([(*sample.gyro, *sample.accel) for sample in tail])
    if len(tail) < _FEWEST_EQUAL or np.linalg.norm(values[0, :3]) < _LEAST_NOISE_RADPS:
        return ''
    if np.ptp(values, axis=0).any():
        return ''
    return f'measurements: expected new ones, got the same {len(tail)} times and more'


def _mean_force(window: list[InertialSample]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.mean([sample.accel for sample in window], axis=0)
    return mean


def _force_problem(force: NDArray[np.float64]) -> str:
    """Say what is wrong with a mean force (3,) along the base frame's axes; empty if nothing."""
    size = float(np.linalg.norm(force))
    if not _LOW <= size <= _HIGH:
        unit = next((f' (in {name})' for name, one in (
            ('g', 1.0), ('mg or cm/s^2', 990.0)) if 0.7 <= size / one <= 1.3), '')
        return (f'linear acceleration: expected about {USUAL_GRAVITY:.1f} m/s^2 of gravity, '
                f'got {size:.3g}{unit}')
    tilt_deg = math.degrees(math.acos(force[2] / size))
    if tilt_deg > _MAX_TILT_DEG:
        way = 'upside down' if tilt_deg > 150.0 else f'tilted by {tilt_deg:.0f} degrees'
        return ("mounting: expected gravity along the base frame's z by its transform, "
                f'got an IMU {way}')
    return ''

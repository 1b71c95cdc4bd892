# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Finds the direction in which the vehicle looks, from how its own way fits what satellites say.

Standing, a compass alone can tell; driving, positions or velocities do.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, TYPE_CHECKING, TypeVar

import numpy as np

from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.localization.fix_scatter import excess_of
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.planar_track import PlanarTrack

_Place = tuple[int, complex, complex, float]  # stamp, place, antenna, deviation
_Stamped = TypeVar('_Stamped', bound=tuple[Any, ...])

_REMEMBERED = 300  # measurements of each kind
_STARTS = np.arange(0.0, 2.0 * np.pi, np.pi / 4.0)
_STEPS = 6
_AWAY_M, _FASTEST_MPS = 200.0, 100.0
_MAX_MISFIT = 4.0  # mean squared residual over its variance
_FIRST_SPEED_MPS = 5.0, 15.0  # mean and deviation where nothing measured it
_MAX_SPEED_DEVIATION_MPS = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """
    Where the vehicle's own way lies on the map.

    Attributes
    ----------
    yaw_rad, speed_mps : float
        Direction of the way's first heading, and the first speed.
    place : complex
        Of its beginning, east + i north, m.
    covariance : (4, 4) float64
        Of yaw, speed, east, north.

    """

    yaw_rad: float
    speed_mps: float
    place: complex
    covariance: NDArray[np.float64]


class Alignment:
    """
    Collects what tells the direction.

    Parameters
    ----------
    track : PlanarTrack
        The way by the vehicle's own sensors.
    max_yaw_rad : float
        How well the direction must be known.
    drift_time_s : float
        For how long the receiver's lingering error stays.

    """

    def __init__(
        self, track: PlanarTrack, max_yaw_rad: float, drift_time_s: float
    ) -> None:
        self._track = track
        self._drift_time_s = drift_time_s
        self._drift_m = 0.0
        self._max_yaw_rad = max_yaw_rad
        self._places: deque[_Place] = deque(maxlen=_REMEMBERED)
        self._velocities: deque[tuple[int, complex, float]] = deque(maxlen=_REMEMBERED)
        self._yaws: deque[tuple[int, float, float]] = deque(maxlen=_REMEMBERED)

    def add_place(
        self, stamp_ns: int, place: complex, antenna: complex, deviation_m: float,
        drift_m: float,
    ) -> None:
        """
        Take in a position of the antenna.

        Parameters
        ----------
        stamp_ns : int
            ns.
        place : complex
            East + i north, m.
        antenna : complex
            Where it sits, forward + i left, m.
        deviation_m, drift_m : float
            Of what changes with each fix, and of the error that stays for a while.

        """
        self._drift_m = drift_m
        self._places.append((stamp_ns, place, antenna, deviation_m))

    def add_velocity(self, stamp_ns: int, velocity: complex, deviation_mps: float) -> None:
        """Take in a velocity, east + i north."""
        self._velocities.append((stamp_ns, velocity, deviation_mps))

    def add_yaw(self, stamp_ns: int, yaw_rad: float, deviation_rad: float) -> None:
        """Take in the direction of a compass."""
        self._yaws.append((stamp_ns, yaw_rad, deviation_rad))

    def solve(self, *, speed_is_known: bool, since_ns: int = 0) -> Aligned | None:
        """
        Give the alignment, or None while it is not known well enough.

        Parameters
        ----------
        speed_is_known : bool
            Whether the way was driven at measured speeds, so that only its direction is open.
        since_ns : int
            What was measured before this stamp is left out.

        """
        places = _near_each_other(self._within(self._places, since_ns))
        if not places:
            return None
        problem = self._problem(places, since_ns, speed_is_known=speed_is_known)
        begun = [problem.started(yaw) for yaw in _STARTS]
        x = min(begun, key=problem.cost)
        for _ in range(_STEPS):
            x = problem.improved(x)
        # What fits worse than it should is known worse than it seems.
        covariance = problem.covariance(x) * max(problem.cost(x) / problem.size, 1.0)
        if (covariance[0, 0] > self._max_yaw_rad**2
                or covariance[1, 1] > _MAX_SPEED_DEVIATION_MPS**2
                or problem.cost(x) > _MAX_MISFIT * problem.size):
            return None
        return Aligned(float(wrap_angle(x[0])), float(x[1]), complex(x[2], x[3]), covariance)

    def _within(self, items: deque[_Stamped], since_ns: int) -> list[_Stamped]:
        """Give those of the time in which the way is known."""
        return [item for item in items if item[0] >= since_ns and item[0] in self._track]

    def _problem(
        self, measured_places: list[_Place], since_ns: int, *, speed_is_known: bool
    ) -> _Problem:
        stamps, places, antennas, place_deviations = zip(*measured_places, strict=True)
        yaws, _, ways, reaches = self._track.at(np.array(stamps))
        swung = ways + np.exp(1j * yaws.real) * np.array(antennas)
        velocities: NDArray[np.complex128] = np.empty(0, np.complex128)
        headings = velocities
        gained: NDArray[np.float64] = np.empty(0)
        deviations = gained
        # What changes during all of it cannot be told from a turn, however many fixes there are.
        share = 2.0 * (max(stamps) - min(stamps)) / NS_PER_S / self._drift_time_s
        changed = self._drift_m**2 * min(share, 2.0) * len(places)
        if measured := self._within(self._velocities, since_ns):
            stamps, found, given = zip(*measured, strict=True)
            turned, gains, _, _ = self._track.at(np.array(stamps))
            velocities = np.array(found)
            headings = np.exp(1j * turned.real)
            gained, deviations = gains.real, np.array(given)
        compass = np.empty((0, 2))
        if looked := self._within(self._yaws, since_ns):
            stamps, seen, given = zip(*looked, strict=True)
            headed = self._track.at(np.array(stamps))[0].real
            # They share their error, so together they say no more than the best.
            compass = np.column_stack([
                np.array(seen) - headed, np.array(given) * np.sqrt(len(given))])
        variances = np.square(place_deviations)
        bends = np.abs(np.diff(places, 2)) ** 2 / (6.0 * variances[1:-1])
        variances *= excess_of(bends.tolist())
        return _Problem(
            np.array(places), np.sqrt(variances + changed), swung, reaches, velocities,
            deviations, headings, gained, compass,
            (0.0, 0.02) if speed_is_known else _FIRST_SPEED_MPS)


def _near_each_other(places: list[_Place]) -> list[_Place]:
    """Leave out places to which no vehicle could have driven."""
    if not places:
        return []
    found = np.array([place[1] for place in places])
    middle = complex(np.median(found.real), np.median(found.imag))
    reach_m = _AWAY_M + _FASTEST_MPS * (places[-1][0] - places[0][0]) / NS_PER_S
    near = np.abs(found - middle) < reach_m
    return [place for place, is_near in zip(places, near, strict=True) if is_near]


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """Least squares in yaw, first speed, east and north of the beginning."""

    places: NDArray[np.complex128]
    place_deviations: NDArray[np.float64]
    ways: NDArray[np.complex128]
    reaches: NDArray[np.complex128]
    velocities: NDArray[np.complex128]
    velocity_deviations: NDArray[np.float64]
    headings: NDArray[np.complex128]
    gained: NDArray[np.float64]
    compass: NDArray[np.float64]  # yaw and deviation
    first_speed: tuple[float, float]

    @property
    def size(self) -> int:
        """Count the residuals."""
        return 2 * len(self.places) + 2 * len(self.velocities) + len(self.compass) + 1

    def started(self, yaw_rad: float) -> NDArray[np.float64]:
        """Give the best of the other unknowns for a yaw."""
        x = np.array((yaw_rad, self.first_speed[0], 0.0, 0.0))
        residuals, J = self._linear(x)
        x[1:] -= np.linalg.lstsq(J[:, 1:], residuals, rcond=None)[0]
        return x

    def improved(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Make a step of Gauss's and Newton's."""
        residuals, J = self._linear(x)
        step: NDArray[np.float64] = x - np.linalg.lstsq(J, residuals, rcond=None)[0]
        return step

    def cost(self, x: NDArray[np.float64]) -> float:
        """Sum the squared residuals; driving backwards at first is taken for unlikely."""
        residuals = self._linear(x)[0]
        backwards = self.first_speed[1] > 1.0 and x[1] < 0.0
        return float(residuals @ residuals) + (1e3 if backwards else 0.0)

    def covariance(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the covariance (4, 4)."""
        J = self._linear(x)[1]
        # What nothing tells gets a large variance, not none.
        found: NDArray[np.float64] = np.linalg.inv(J.T @ J + 1e-9 * np.eye(4))
        return found

    def _linear(
        self, x: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give residuals (M,) over their deviations, and their derivatives (M, 4)."""
        yaw, speed = x[:2]
        ahead = np.exp(1j * yaw)
        way = ahead * (self.ways + speed * self.reaches)
        driven = ahead * self.headings * (speed + self.gained)
        off = np.concatenate([
            (complex(x[2], x[3]) + way - self.places) / self.place_deviations,
            (driven - self.velocities) / self.velocity_deviations])
        N, M = len(self.places), len(self.velocities)
        D = np.zeros((N + M, 4), np.complex128)
        D[:, 0] = 1j * np.concatenate([way / self.place_deviations,
                                       driven / self.velocity_deviations])
        D[:, 1] = ahead * np.concatenate([self.reaches / self.place_deviations,
                                          self.headings / self.velocity_deviations])
        D[:N, 2] = 1.0 / self.place_deviations
        D[:N, 3] = 1j / self.place_deviations
        turned = wrap_angle(yaw - self.compass[:, 0]) / self.compass[:, 1]
        J_compass = np.zeros((len(turned), 4))
        J_compass[:, 0] = 1.0 / self.compass[:, 1]
        mean, deviation = self.first_speed
        first = np.array(((0.0, 1.0 / deviation, 0.0, 0.0),))
        return (
            np.concatenate([off.real, off.imag, turned, [(speed - mean) / deviation]]),
            np.concatenate([D.real, D.imag, J_compass, first]))

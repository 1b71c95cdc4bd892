# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What each sensor but the IMU shows of the state, and how well.

Every measurement knows its stamp and corrects a filter that stands there. Its places are given
from the IMU's place, along the base frame's axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.localization.error_covariance import (
    ATTITUDE,
    GNSS_DELAY,
    GNSS_ERROR,
    GYRO_BIAS,
    POSITION,
    SIZE,
    VELOCITY,
    WHEEL_SCALE,
)
from mm_fusion_ros.localization.error_state_filter import Refusal
from mm_fusion_ros.localization.nominal import cross, skew
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.error_state_filter import ErrorStateFilter, Innovation

# Chi-square quantiles for 1 to 3 degrees of freedom: refused above, doubted above.
_GATE = (10.83, 13.82, 16.27)  # 0.999
_SOFT = (3.84, 5.99, 7.81)  # 0.95
_ANY = np.inf
_ON_THE_PLAN, _HEIGHT = slice(0, 2), slice(2, 3)
HOLD_EVERY_NS = NS_PER_S // 10  # that a car does not slip: its errors linger
_SAME_OFFSET_M = 10.0  # contradicting positions that differ by less agree among themselves
_DIRECTION_DOUBT = np.array((0.0, 0.0, 0.2**2))  # rad^2
_STANDING_NS = NS_PER_S // 2
_STANDING_RATE_RADPS = 0.05
_SWAY = 2e-4  # rad/s, of a vehicle that stands
_COMPASS_EVERY_NS = NS_PER_S


class Measurement(Protocol):
    """A measurement with its stamp."""

    @property
    def stamp_ns(self) -> int:
        """When it was made."""

    def apply(self, ego: ErrorStateFilter) -> Innovation | None:
        """Correct a filter that stands at the stamp; None if it had nothing to say."""


@dataclass(frozen=True, slots=True, eq=False)
class PositionMeasurement:
    """
    A fix.

    Attributes
    ----------
    place : (3,) float64
        Of the antenna, map frame, m; NaN up where the fix has no altitude.
    variance : (3,) float64
        East, north, up, m^2: its part that changes with each fix.
    drift_variance : (3,) float64
        The part that stays for a while.
    antenna : (3,) float64
        m.
    reacquire_ns : int
        Fixes that agree among themselves for so long are believed against the motion.

    """

    stamp_ns: int
    place: NDArray[np.float64]
    variance: NDArray[np.float64]
    drift_variance: NDArray[np.float64]
    antenna: NDArray[np.float64]
    reacquire_ns: int

    def apply(self, ego: ErrorStateFilter) -> Innovation | None:
        """Correct a filter; how well it fitted on the plan is told."""
        scatter = ego.memory.scatter.after(
            self._residual(ego)[_ON_THE_PLAN], self.variance[_ON_THE_PLAN])
        ego.memory = ego.memory._replace(
            scatter=scatter, drift_variance=self.drift_variance * scatter.excess)
        innovation = self._apply(ego, _ON_THE_PLAN)
        if self.place[2] == self.place[2]:
            # Apart, as heights are often far worse than they are said to be.
            self._apply(ego, _HEIGHT)
        return innovation

    def _residual(self, ego: ErrorStateFilter) -> NDArray[np.float64]:
        state = ego.state
        expected = state.position + state.R_map_base @ self.antenna + state.gnss_error
        return self.place - expected - state.velocity * state.gnss_delay_s

    def _apply(self, ego: ErrorStateFilter, rows: slice) -> Innovation:
        state = ego.state
        arm = state.R_map_base @ self.antenna
        residual = self._residual(ego)[rows]
        H = np.zeros((3, SIZE))
        H[:, GNSS_DELAY] = state.velocity
        H[:, POSITION] = H[:, GNSS_ERROR] = np.eye(3)
        H[:, ATTITUDE] = -skew(arm)
        H, R = H[rows], np.diag(self.variance[rows] * ego.memory.scatter.excess)
        dof = len(residual)
        innovation = ego.correct(residual, H, R, _GATE[dof - 1], _SOFT[dof - 1])
        if innovation.is_accepted:
            self._note(ego, rows, None)
            return innovation
        refusal = self._refusal(ego, rows, residual)
        if self.stamp_ns - refusal.since_ns < self.reacquire_ns:
            self._note(ego, rows, refusal)
            return innovation
        doubt = np.zeros(9)
        doubt[rows] = residual**2
        if rows is _ON_THE_PLAN:
            doubt[ATTITUDE] = _DIRECTION_DOUBT
        ego.widen(doubt)
        self._note(ego, rows, None)
        return ego.correct(residual, H, R, _ANY)

    def _refusal(
        self, ego: ErrorStateFilter, rows: slice, residual: NDArray[np.float64]
    ) -> Refusal:
        before = ego.memory.refusals[rows.start // 2]
        if before is None or np.linalg.norm(residual - before.residual) >= _SAME_OFFSET_M:
            return Refusal(self.stamp_ns, residual)
        return Refusal(before.since_ns, residual)

    @staticmethod
    def _note(ego: ErrorStateFilter, rows: slice, refusal: Refusal | None) -> None:
        on_the_plan, height = ego.memory.refusals
        refusals = (refusal, height) if rows is _ON_THE_PLAN else (on_the_plan, refusal)
        ego.memory = ego.memory._replace(refusals=refusals)


@dataclass(frozen=True, slots=True, eq=False)
class VelocityMeasurement:
    """
    Velocity of the antenna by satellite.

    Attributes
    ----------
    velocity : (3,) float64
        Map axes, m/s.
    variance : (3,) float64
        (m/s)^2.
    antenna : (3,) float64
        m.

    """

    stamp_ns: int
    velocity: NDArray[np.float64]
    variance: NDArray[np.float64]
    antenna: NDArray[np.float64]

    def apply(self, ego: ErrorStateFilter) -> Innovation | None:
        """Correct a filter."""
        state = ego.state
        swing = state.R_map_base @ cross(ego.rates, self.antenna)
        H = np.zeros((3, SIZE))
        H[:, VELOCITY] = np.eye(3)
        H[:, ATTITUDE] = -skew(swing)
        H[:, GYRO_BIAS] = state.R_map_base @ skew(self.antenna)
        H[:, GNSS_DELAY] = ego.acceleration
        late = ego.acceleration * state.gnss_delay_s
        residual = self.velocity - state.velocity - swing - late
        return ego.correct(residual, H, np.diag(self.variance), _GATE[2], _SOFT[2])


@dataclass(frozen=True, slots=True, eq=False)
class WheelMeasurement:
    """
    How fast the wheels roll; a car then moves neither sideways nor up.

    Attributes
    ----------
    speed_mps, turn_radps : float
        Forward, and to the left.
    variance : (3,) float64
        Of forward speed, and of the motion sideways and up that there is not; the latter two are
        infinite for what is no car.
    turn_walk : float
        How the direction walks when such turn rates are added up, rad/sqrt(s).
    base : (3,) float64
        Place of the base frame, m.

    """

    stamp_ns: int
    speed_mps: float
    turn_radps: float
    variance: NDArray[np.float64]
    turn_walk: float
    base: NDArray[np.float64]

    def apply(self, ego: ErrorStateFilter) -> Innovation | None:
        """Correct a filter."""
        memory = ego.memory
        if self.turn_radps or memory.turns_are_measured:
            memory = memory._replace(
                turn_radps=self.turn_radps, turn_walk=self.turn_walk, turn_ns=self.stamp_ns,
                turns_are_measured=True)
        rows = np.isfinite(self.variance)
        if self.stamp_ns - memory.held_ns < HOLD_EVERY_NS:
            rows[1:] = False
        else:
            memory = memory._replace(held_ns=self.stamp_ns)
        if self.speed_mps or not memory.rolling_ns:
            memory = memory._replace(rolling_ns=self.stamp_ns)
        ego.memory = memory
        velocity, H = _velocity_at(ego, self.base)
        scale = 1.0 + ego.state.wheel_scale
        H[0] *= scale
        H[0, WHEEL_SCALE] = velocity[0]
        residual = np.array((self.speed_mps - scale * velocity[0], -velocity[1], -velocity[2]))
        innovation = ego.correct(
            residual[rows], H[rows], np.diag(self.variance[rows]), _GATE[rows.sum() - 1],
            _SOFT[rows.sum() - 1])
        if self.stamp_ns - memory.rolling_ns >= _STANDING_NS:
            _hold_still(ego)
        return innovation


@dataclass(frozen=True, slots=True, eq=False)
class BodyVelocityMeasurement:
    """
    Velocity and turn rate along the base frame's axes, as LiDAR odometry gives.

    Attributes
    ----------
    velocity : (3,) float64
        m/s.
    turn_radps : float
        About the base frame's z.
    variance : (4,) float64
        Of both.
    turn_walk : float
        How the direction walks when such turn rates are added up, rad/sqrt(s).
    place : (3,) float64
        Where the velocity was measured, m.

    """

    stamp_ns: int
    velocity: NDArray[np.float64]
    turn_radps: float
    variance: NDArray[np.float64]
    turn_walk: float
    place: NDArray[np.float64]

    def apply(self, ego: ErrorStateFilter) -> Innovation | None:
        """Correct a filter."""
        imu = ego.memory.imu
        ego.memory = ego.memory._replace(
            turn_radps=self.turn_radps, turn_walk=self.turn_walk,
            turn_ns=self.stamp_ns)
        expected, H = _velocity_at(ego, self.place)
        innovation = ego.correct(
            self.velocity - expected, H, np.diag(self.variance[:3]), _GATE[2], _SOFT[2])
        if imu is not None:
            _correct_gyro(ego, np.array((imu.gyro[2] - self.turn_radps,)), slice(11, 12),
                          self.variance[3])
        return innovation


@dataclass(frozen=True, slots=True, eq=False)
class NoSlip:
    """
    A car moves neither sideways nor up: what is known without wheels.

    Attributes
    ----------
    variance : (2,) float64
        (m/s)^2.
    base : (3,) float64
        Place of the base frame, m.

    """

    stamp_ns: int
    variance: NDArray[np.float64]
    base: NDArray[np.float64]

    def apply(self, ego: ErrorStateFilter) -> Innovation | None:
        """Correct a filter."""
        ego.memory = ego.memory._replace(held_ns=self.stamp_ns)
        velocity, H = _velocity_at(ego, self.base)
        return ego.correct(-velocity[1:], H[1:], np.diag(self.variance), _GATE[1], _SOFT[1])


@dataclass(frozen=True, slots=True, eq=False)
class YawMeasurement:
    """
    Direction by a compass, believed once a second: its errors linger.

    Attributes
    ----------
    yaw_rad, variance : float
        Anticlockwise from east, and rad^2.

    """

    stamp_ns: int
    yaw_rad: float
    variance: float

    def apply(self, ego: ErrorStateFilter) -> Innovation | None:
        """Correct a filter."""
        if self.stamp_ns - ego.memory.yaw_ns < _COMPASS_EVERY_NS:
            return None
        ego.memory = ego.memory._replace(yaw_ns=self.stamp_ns)
        R = ego.state.R_map_base
        H = np.zeros((1, SIZE))
        H[0, ATTITUDE.stop - 1] = 1.0
        residual = wrap_angle(self.yaw_rad - np.arctan2(R[1, 0], R[0, 0]))
        return ego.correct(
            residual.reshape(1), H, np.array(((self.variance,),)), _GATE[0], _SOFT[0])


@dataclass(frozen=True, slots=True)
class NothingNew:
    """A measurement of which nothing can be used yet: it only tells that time has passed."""

    stamp_ns: int

    def apply(self, ego: ErrorStateFilter) -> Innovation | None:
        """Leave the filter alone."""


def _velocity_at(
    ego: ErrorStateFilter, place: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the velocity (3,) of a place along the base axes, and how errors show in it."""
    state = ego.state
    R_base_map = state.R_map_base.T
    H = np.zeros((3, SIZE))
    H[:, VELOCITY] = R_base_map
    H[:, ATTITUDE] = R_base_map @ skew(state.velocity)
    H[:, GYRO_BIAS] = skew(place)
    return R_base_map @ state.velocity + cross(ego.rates, place), H


def _hold_still(ego: ErrorStateFilter) -> None:
    """Learn the gyro's bias while the vehicle stands."""
    imu = ego.memory.imu
    if imu is not None and np.abs(imu.gyro - ego.state.gyro_bias).max() < _STANDING_RATE_RADPS:
        _correct_gyro(ego, imu.gyro, GYRO_BIAS, ego.gyro_variance + _SWAY**2)


def _correct_gyro(
    ego: ErrorStateFilter, seen: NDArray[np.float64], columns: slice, variance: float
) -> None:
    H = np.zeros((len(seen), SIZE))
    H[:, columns] = np.eye(len(seen))
    first = columns.start - GYRO_BIAS.start
    residual = seen - ego.state.gyro_bias[first:first + len(seen)]
    ego.correct(residual, H, variance * np.eye(len(seen)), _GATE[len(seen) - 1])

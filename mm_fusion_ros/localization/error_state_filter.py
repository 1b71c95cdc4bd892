# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The error-state Kalman filter: moves on with inertial measurements, and is put right by others.

The mean moves on with each measurement of the IMU, the covariance with several at once.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.localization.error_covariance import (
    ACCEL_BIAS,
    ATTITUDE,
    GNSS_DELAY,
    GNSS_ERROR,
    grown,
    GYRO_BIAS,
    NoiseDensities,
    POSITION,
    SIZE,
    VELOCITY,
    wandered,
    WHEEL_SCALE,
)
from mm_fusion_ros.localization.fix_scatter import FixScatter
from mm_fusion_ros.localization.nominal import moved_on, Nominal, orthonormal, rotation
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.inertial_sample import InertialSample
    from mm_fusion_ros.localization.settings import MotionSettings

_PLACE_AND_YAW = np.array((0, 1, 2, ATTITUDE.stop - 1))
_COVARIANCE_STEP_S = 0.05
_LARGEST_STEP_S = 0.1  # without an IMU
_LEVEL_WALK = 0.01  # rad/sqrt(s), of roll and pitch without one
_TURN_HOLDS_NS = NS_PER_S // 2


@dataclass(frozen=True, slots=True, eq=False)
class Refusal:
    """Positions that contradict the motion: since when, and by how much the last one, m."""

    since_ns: int
    residual: NDArray[np.float64]


class Memory(NamedTuple):
    """
    What measurements leave behind for later ones.

    Attributes
    ----------
    imu : InertialSample, optional
        The last one.
    imu_step_s : float
        Since the one before.
    drift_variance : (3,) float64
        Of the receiver's lingering error in the long run, m^2.
    refusals : tuple
        Of positions on the plan, and of heights, since the last ones that were accepted; None
        without any.
    scatter : FixScatter
        Of the fixes.
    held_ns : int
        When the vehicle was last said not to move sideways.
    rolling_ns : int
        When its wheels last turned.
    turns_are_measured : bool
        Whether the wheels ever told a turn rate: many tell the speed alone.
    turn_radps, turn_walk, turn_ns :
        The last turn rate that another sensor than the IMU measured, how the direction walks when
        such rates are added up (rad/sqrt(s)), and when.
    yaw_ns : int
        When a compass was last believed.

    """

    imu: InertialSample | None = None
    imu_step_s: float = 1.0
    drift_variance: NDArray[np.float64] = np.zeros(3)
    refusals: tuple[Refusal | None, Refusal | None] = (None, None)
    scatter: FixScatter = FixScatter()
    held_ns: int = 0
    rolling_ns: int = 0
    turn_radps: float = 0.0
    turns_are_measured: bool = False
    turn_walk: float = 0.0
    turn_ns: int = 0
    yaw_ns: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """
    Everything that a filter needs to go on from an instant.

    Attributes
    ----------
    stamp_ns : int
        The instant.
    state : Nominal
        The mean.
    P : (20, 20) float64
        Its covariance.
    memory : Memory
        What measurements left behind.
    corrected : (4,) float64
        Sum of what measurements moved and turned the vehicle: east, north, up, m, and about the
        vertical, rad.

    """

    stamp_ns: int
    state: Nominal
    P: NDArray[np.float64]
    memory: Memory = field(default_factory=Memory)
    corrected: NDArray[np.float64] = field(default_factory=lambda: np.zeros(4))


@dataclass(frozen=True, slots=True)
class Innovation:
    """
    How well a measurement fitted.

    Attributes
    ----------
    nis : float
        Normalised innovation squared.
    dof : int
        What it is expected to be.
    is_accepted : bool
        Whether it was used.

    """

    nis: float
    dof: int
    is_accepted: bool


class ErrorStateFilter:
    """
    One filter at one instant; it only goes forward.

    Parameters
    ----------
    snapshot : Snapshot
        Where it begins.
    noise : NoiseDensities
        With the IMU.
    motion : MotionSettings
        How the vehicle may move without one.

    Attributes
    ----------
    stamp_ns : int
        The instant.
    state : Nominal
        What is believed at it.
    memory : Memory
        What measurements left behind.
    corrected : (4,) float64
        As in `Snapshot`.
    gravity : (3,) float64
        Free fall where the vehicle is, map axes, m/s^2.

    """

    def __init__(
        self, snapshot: Snapshot, noise: NoiseDensities, motion: MotionSettings,
        gravity: NDArray[np.float64],
    ) -> None:
        self._noise = noise
        self._free_noise = replace(noise, accel=motion.acceleration, gyro=_LEVEL_WALK)
        self._motion = motion
        self.gravity = gravity
        self.restore(snapshot)

    def restore(self, snapshot: Snapshot) -> None:
        """Go to where a snapshot was taken."""
        self.stamp_ns = snapshot.stamp_ns
        self.state = snapshot.state
        self.memory = snapshot.memory
        self.corrected = snapshot.corrected
        self._P = snapshot.P
        self._pending_s = 0.0
        self._gained = np.zeros(3)

    def snapshot(self) -> Snapshot:
        """Give everything there is at this instant."""
        self._catch_up()
        return Snapshot(self.stamp_ns, self.state, self._P, self.memory, self.corrected)

    def fork(self, snapshot: Snapshot) -> ErrorStateFilter:
        """Make another filter like this one, where a snapshot was taken."""
        other = copy(self)
        other.restore(snapshot)
        return other

    @property
    def rates(self) -> NDArray[np.float64]:
        """Turn rates (3,) of the base frame about its axes, rad/s."""
        imu = self.memory.imu
        if imu is None:
            return np.array((0.0, 0.0, self._turning_now()[0]))
        return imu.gyro - self.state.gyro_bias

    @property
    def acceleration(self) -> NDArray[np.float64]:
        """Of the IMU's place, map axes, m/s^2; none without an IMU."""
        imu = self.memory.imu
        if imu is None:
            return np.zeros(3)
        force: NDArray[np.float64] = self.state.R_map_base @ (imu.accel - self.state.accel_bias)
        return force + self.gravity

    @property
    def gyro_variance(self) -> float:
        """Of a single turn rate, (rad/s)^2: of the gyro, or as the vehicle may turn without."""
        if self.memory.imu is None:
            return self._motion.turning**2
        return self._noise.gyro**2 / self.memory.imu_step_s

    @property
    def turn_walk(self) -> float:
        """How the direction walks by what lately told how it turns, rad/sqrt(s)."""
        return self._turning_now()[1] if self.memory.imu is None else self._noise.gyro

    def move(
        self, stamp_ns: int, gyro: NDArray[np.float64], accel: NDArray[np.float64]
    ) -> None:
        """Move on to a stamp with the mean inertial measurement (base axes) until then."""
        dt_s = (stamp_ns - self.stamp_ns) * 1e-9
        self.state, gained = moved_on(self.state, gyro, accel, self.gravity, dt_s)
        self.stamp_ns = stamp_ns
        self._gained += gained
        self._pending_s += dt_s
        if self._pending_s >= _COVARIANCE_STEP_S:
            self._catch_up()

    def coast(self, stamp_ns: int) -> None:
        """Move on to a stamp with constant speed, and the turn rate that was measured last."""
        self._catch_up()
        P, memory, state = self._P, self.memory, self.state
        turn_radps, walk = self._turning_now()
        while self.stamp_ns < stamp_ns:
            dt_s = min((stamp_ns - self.stamp_ns) * 1e-9, _LARGEST_STEP_S)
            turn = rotation(np.array((0.0, 0.0, turn_radps * dt_s)))
            velocity = turn @ state.velocity
            state = state._replace(
                position=state.position + (state.velocity + velocity) * (0.5 * dt_s),
                velocity=velocity, R_map_base=turn @ state.R_map_base,
                gnss_error=state.gnss_error * self._noise.kept(dt_s))
            P = wandered(P, dt_s, self._free_noise, walk, memory.drift_variance)
            self.stamp_ns = min(self.stamp_ns + round(dt_s * 1e9), stamp_ns)
        self._P, self.state = P, state

    def correct(
        self, residual: NDArray[np.float64], H: NDArray[np.float64], R: NDArray[np.float64],
        gate: float, soft: float | None = None,
    ) -> Innovation:
        """
        Put the state right by a measurement.

        Parameters
        ----------
        residual : (M,) float64
            Measured less expected.
        H : (M, 20) float64
            What of the errors it shows.
        R : (M, M) float64
            Its covariance.
        gate : float
            A larger normalised innovation squared is refused.
        soft : float, optional
            Above this one the measurement counts less, as it is less likely.

        Returns
        -------
        Innovation
            How well it fitted.

        Source: Kalman's update, kept symmetric; Huber's weight for what fits badly.

        """
        self._catch_up()
        P = self._P
        PHt = P @ H.T
        S_inverse = _inverted(H @ PHt + R)
        nis = float(residual @ S_inverse @ residual)
        if nis > gate:
            return Innovation(nis, len(residual), is_accepted=False)
        if soft is not None and nis > soft:
            R = R * (nis / soft) ** 0.5
            S_inverse = _inverted(H @ PHt + R)
        K = PHt @ S_inverse
        P = P - K @ PHt.T
        self._P = 0.5 * (P + P.T)
        self._inject(K @ residual)
        return Innovation(nis, len(residual), is_accepted=True)

    def widen(self, variances: NDArray[np.float64]) -> None:
        """Doubt the state: add variances (M,) to those of its first M errors."""
        self._catch_up()
        P = self._P.copy()
        P.reshape(-1)[:: SIZE + 1][:len(variances)] += variances
        self._P = P

    def _turning_now(self) -> tuple[float, float]:
        """Give the turn rate without the gyro, rad/s, and how the direction walks."""
        memory = self.memory
        if self.stamp_ns - memory.turn_ns <= _TURN_HOLDS_NS:
            return memory.turn_radps, memory.turn_walk
        return 0.0, self._motion.turning

    def _catch_up(self) -> None:
        """Bring the covariance to where the mean is."""
        if self._pending_s:
            self.state = self.state._replace(
                R_map_base=orthonormal(self.state.R_map_base),
                gnss_error=self.state.gnss_error * self._noise.kept(self._pending_s))
            self._P = grown(
                self._P, self.state.R_map_base, self._gained, self._pending_s, self._noise,
                self.memory.drift_variance)
            self._pending_s = 0.0
            self._gained = np.zeros(3)

    def _inject(self, error: NDArray[np.float64]) -> None:
        state = self.state
        self.corrected = self.corrected + error[_PLACE_AND_YAW]
        self.state = Nominal(
            state.position + error[POSITION], state.velocity + error[VELOCITY],
            rotation(error[ATTITUDE]) @ state.R_map_base, state.gyro_bias + error[GYRO_BIAS],
            state.accel_bias + error[ACCEL_BIAS], state.wheel_scale + float(error[WHEEL_SCALE]),
            state.gnss_error + error[GNSS_ERROR], state.gnss_delay_s + float(error[GNSS_DELAY]))


def _inverted(S: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(S) == 1:
        return np.array(((1.0 / float(S[0, 0]),),))
    return np.asarray(np.linalg.inv(S), np.float64)

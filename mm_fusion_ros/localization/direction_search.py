# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From dead reckoning to the map: follows the filter until the direction is known, and watches it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.localization.alignment import Alignment
from mm_fusion_ros.localization.error_covariance import (
    ACCEL_BIAS,
    ATTITUDE,
    GNSS_DELAY,
    GNSS_ERROR,
    GYRO_BIAS,
    POSITION,
    SIZE,
    VELOCITY,
    WHEEL_SCALE,
)
from mm_fusion_ros.localization.error_state_filter import Snapshot
from mm_fusion_ros.localization.nominal import cross, rotation
from mm_fusion_ros.localization.planar_track import PlanarTrack
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.alignment import Aligned
    from mm_fusion_ros.localization.error_state_filter import ErrorStateFilter
    from mm_fusion_ros.localization.measurements import (
        PositionMeasurement,
        VelocityMeasurement,
        YawMeasurement,
    )
    from mm_fusion_ros.localization.settings import EstimatorSettings

_STEP_NS = NS_PER_S // 50
_TRY_EVERY_NS = NS_PER_S // 5
_CHECK_EVERY_NS = 2 * NS_PER_S
_WRONG_RAD, _WRONG_DEVIATIONS = math.radians(20.0), 5.0
_CONTRADICTIONS = 3  # in a row
_SLIP_MPS = 0.2
_RISE_MPS = 0.3
_HEIGHTS = 50
_UP = np.array((0.0, 0.0, 1.0))
_STRAIGHT_NS = 3 * NS_PER_S  # for so long the way is near enough to straight if none tells turns


class DirectionSearch:
    """
    Collects what tells the direction, and puts the state onto the map once it is known.

    Parameters
    ----------
    ego : ErrorStateFilter
        Where it begins.
    settings : EstimatorSettings
        What is believed beforehand.
    base : (3,) float64
        The base frame's place from the IMU's, m.
    speed_is_known : bool
        Whether speed is measured.

    """

    def __init__(
        self, ego: ErrorStateFilter, settings: EstimatorSettings, base: NDArray[np.float64], *,
        speed_is_known: bool,
    ) -> None:
        self._track = PlanarTrack(
            ego.stamp_ns, _yaw(ego), _forward_mps(ego, base) if speed_is_known else 0.0)
        self._alignment = Alignment(
            self._track, math.radians(settings.max_yaw_deg), settings.gnss.drift_time_s)
        self.speed_is_known = speed_is_known
        self._heights: list[float] = []
        self._tried_ns = self._contradictions = 0

    def follow(
        self, ego: ErrorStateFilter, base: NDArray[np.float64], least_ns: int = _STEP_NS
    ) -> None:
        """Go on with the filter; `base` (3,) is the base frame's place from the IMU's, m."""
        before = self._track.now
        if ego.stamp_ns - before.stamp_ns < least_ns:
            return
        R = ego.state.R_map_base
        if self.speed_is_known:
            gained = _forward_mps(ego, base)
        else:
            gained = before.gained_mps
            if ego.memory.imu is not None:
                force = R @ (ego.memory.imu.accel - ego.state.accel_bias) + ego.gravity
                gained += float(R[:, 0] @ force) * (ego.stamp_ns - before.stamp_ns) * 1e-9
        turned = float(wrap_angle(_yaw(ego) - before.yaw_rad))
        self._track.add(ego.stamp_ns, before.yaw_rad + turned, gained)

    def add_place(self, fix: PositionMeasurement, base: NDArray[np.float64]) -> None:
        """Take in a fix."""
        arm = fix.antenna - base
        east, north, up = fix.place.tolist()
        if np.isfinite(up):
            self._heights = [*self._heights, up - arm[2]][-_HEIGHTS:]
        self._alignment.add_place(
            fix.stamp_ns, complex(east, north), complex(arm[0], arm[1]),
            math.sqrt(fix.variance[:2].mean()), math.sqrt(fix.drift_variance[:2].mean()))

    def add_velocity(self, measured: VelocityMeasurement) -> None:
        """Take in a velocity by satellite."""
        east, north, _ = measured.velocity.tolist()
        self._alignment.add_velocity(
            measured.stamp_ns, complex(east, north),
            math.sqrt(measured.variance[:2].mean() + _SLIP_MPS**2))

    def add_yaw(self, measured: YawMeasurement) -> None:
        """Take in the direction of a compass."""
        self._alignment.add_yaw(
            measured.stamp_ns, measured.yaw_rad, math.sqrt(measured.variance))

    def found(
        self, ego: ErrorStateFilter, base: NDArray[np.float64],
        drift_variance: NDArray[np.float64], up: NDArray[np.float64],
    ) -> Snapshot | None:
        """
        Give the state on the map, or None while the direction is not known.

        Parameters
        ----------
        ego : ErrorStateFilter
            The newest, by dead reckoning.
        base : (3,) float64
            Place of the base frame from the IMU's, m.
        drift_variance : (3,) float64
            Of the receiver's lingering error, m^2.
        up : (3,) float64
            Away from gravity, where the vehicle is, along the map's axes.

        """
        if ego.stamp_ns - self._tried_ns < _TRY_EVERY_NS:
            return None
        aligned = self._solved(ego, base)
        if aligned is None:
            return None
        # Far from the datum, level is not level to the map.
        tilt = rotation(cross(_UP, up))
        return self._on_the_map(aligned, ego, base, drift_variance, tilt)

    def corrected(
        self, ego: ErrorStateFilter, base: NDArray[np.float64],
        drift_variance: NDArray[np.float64],
    ) -> Snapshot | None:
        """
        Give another state on the map if the direction was believed wrongly, else None.

        Only while fixes contradict the motion: else the filter has put itself right since. The
        parameters are those of `found`, with a filter that is on the map.
        """
        if ego.stamp_ns - self._tried_ns < _CHECK_EVERY_NS or ego.memory.refusals[0] is None:
            return None
        aligned = self._solved(ego, base)
        if aligned is None:
            return None
        deviation = math.sqrt(float(aligned.covariance[0, 0]))
        is_wrong = abs(aligned.yaw_rad) > max(_WRONG_RAD, _WRONG_DEVIATIONS * deviation)
        self._contradictions = self._contradictions + 1 if is_wrong else 0
        if self._contradictions < _CONTRADICTIONS:
            return None
        return self._on_the_map(aligned, ego, base, drift_variance, np.eye(3))

    def _solved(self, ego: ErrorStateFilter, base: NDArray[np.float64]) -> Aligned | None:
        self._tried_ns = ego.stamp_ns
        self.follow(ego, base, 1)
        turns_are_known = ego.memory.imu is not None or ego.memory.turns_are_measured
        return self._alignment.solve(
            speed_is_known=self.speed_is_known,
            since_ns=0 if turns_are_known else ego.stamp_ns - _STRAIGHT_NS)

    def _on_the_map(
        self, aligned: Aligned, ego: ErrorStateFilter, base: NDArray[np.float64],
        drift_variance: NDArray[np.float64], tilt: NDArray[np.float64],
    ) -> Snapshot:
        now, old = self._track.now, ego.snapshot()
        turn = tilt @ rotation(aligned.yaw_rad * _UP)
        R = turn @ ego.state.R_map_base
        way = np.exp(1j * aligned.yaw_rad) * (now.way + aligned.speed_mps * now.reach)
        speed = aligned.speed_mps + now.gained_mps
        arm, swing = -(R @ base), R @ cross(ego.rates, -base)
        place = aligned.place + way
        height = float(np.median(self._heights)) if self._heights else 0.0
        position = np.array((place.real, place.imag, height)) + arm
        forward = R[:, 0]
        velocity = speed * forward + swing

        J = np.zeros((SIZE, 4))
        reach = np.exp(1j * aligned.yaw_rad) * now.reach
        J[POSITION, 0] = (-way.imag - arm[1], way.real + arm[0], 0.0)
        J[POSITION, 1] = (reach.real, reach.imag, 0.0)
        J[0, 2] = J[1, 3] = J[ATTITUDE.stop - 1, 0] = 1.0
        J[VELOCITY, 0] = (-velocity[1], velocity[0], 0.0)
        J[VELOCITY, 1] = forward
        keep = np.zeros((SIZE, SIZE))
        keep[ATTITUDE, ATTITUDE] = turn
        keep[ATTITUDE.stop - 1] = 0.0
        keep[GYRO_BIAS, GYRO_BIAS] = keep[ACCEL_BIAS, ACCEL_BIAS] = np.eye(3)
        keep[WHEEL_SCALE, WHEEL_SCALE] = keep[GNSS_DELAY, GNSS_DELAY] = 1.0
        P = keep @ old.P @ keep.T + J @ aligned.covariance @ J.T
        P[VELOCITY, VELOCITY] += R @ np.diag((0.01, _SLIP_MPS**2, _RISE_MPS**2)) @ R.T
        P[2, 2] += drift_variance[2]
        drift = np.diag(drift_variance)
        P[POSITION, POSITION] += drift
        P[GNSS_ERROR, GNSS_ERROR] += drift
        P[POSITION, GNSS_ERROR] -= drift
        P[GNSS_ERROR, POSITION] -= drift
        state = ego.state._replace(
            position=position, velocity=velocity, R_map_base=R,
            gnss_error=np.zeros(3))
        return Snapshot(
            ego.stamp_ns, state, P, old.memory._replace(drift_variance=drift_variance))


def _forward_mps(ego: ErrorStateFilter, base: NDArray[np.float64]) -> float:
    ahead = ego.state.R_map_base[:, 0]
    return float(ahead @ ego.state.velocity + cross(ego.rates, base)[0])


def _yaw(ego: ErrorStateFilter) -> float:
    R = ego.state.R_map_base
    return math.atan2(R[1, 0], R[0, 0])

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where the vehicle is and how it moves, at any nanosecond, from whatever sensors there are.

It begins level at its own origin (dead reckoning), and goes over to the map once it knows in
which direction it looks.
"""

from __future__ import annotations

from functools import partial
import math
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.localization.beginning import Beginning
from mm_fusion_ros.localization.direction_search import DirectionSearch
from mm_fusion_ros.localization.ego_state import ego_state, Mode
from mm_fusion_ros.localization.error_covariance import NoiseDensities
from mm_fusion_ros.localization.error_state_filter import ErrorStateFilter
from mm_fusion_ros.localization.inertial_sample import InertialSample
from mm_fusion_ros.localization.measurements import HOLD_EVERY_NS, NoSlip, NothingNew
from mm_fusion_ros.localization.readings import (
    body_velocity,
    position,
    rolling,
    satellite_velocity,
    slip_variance,
)
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization.tally import Tally
from mm_fusion_ros.localization.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import GnssFix, Twist
    from mm_fusion_ros.localization.datum import Datum
    from mm_fusion_ros.localization.ego_state import EgoState
    from mm_fusion_ros.localization.error_state_filter import Snapshot
    from mm_fusion_ros.localization.measurements import (
        Measurement,
        PositionMeasurement,
        YawMeasurement,
    )
    from mm_fusion_ros.localization.settings import EstimatorSettings

_SCALE_WALK = 1e-4
_NO_SLIP_MPS = 1.0
_GONE = 4.0  # deviations of a fix
_DOUBT = np.repeat((3.0, 2.0, 0.2), 3)  # m, m/s, rad


class EgoEstimator:
    """
    An error-state Kalman filter that takes measurements in any order.

    Parameters
    ----------
    settings : EstimatorSettings
        What is believed beforehand.
    datum : Datum
        Ties the map to the earth.

    Attributes
    ----------
    tallies : dict of Source to Tally
        What became of the measurements.

    """

    def __init__(self, settings: EstimatorSettings, datum: Datum) -> None:
        self._settings = settings
        self._datum = datum
        imu = settings.imu
        self._noise = NoiseDensities(
            imu.gyro_noise, imu.accel_noise, imu.gyro_walk, imu.accel_walk, _SCALE_WALK,
            settings.gnss.drift_time_s)
        self.reset()

    def reset(self) -> None:
        """Forget all but the datum."""
        self.tallies = {source: Tally() for source in Source}
        self._imu_place = np.zeros(3)
        self._beginning = Beginning(self._settings)
        self._timeline: Timeline | None = None
        self._search: DirectionSearch | None = None
        self._is_aligned = False
        self.compass_is_wrong = False

    @property
    def mode(self) -> Mode:
        """How much is known."""
        if self._timeline is None:
            return Mode.LEVELLING
        return Mode.ALIGNED if self._is_aligned else Mode.DEAD_RECKONING

    @property
    def newest_ns(self) -> int | None:
        """Stamp of the newest measurement that the state holds; None before the first."""
        return None if self._timeline is None else self._timeline.newest.stamp_ns

    @property
    def gnss_excess(self) -> float:
        """How many times larger the variance of fixes is than they say."""
        return 1.0 if self._timeline is None else self._filter.memory.scatter.excess

    @property
    def oldest_ns(self) -> int | None:
        """The oldest stamp at which the state is remembered; None before the first."""
        return None if self._timeline is None else self._timeline.oldest_ns

    def state_at(self, stamp_ns: int) -> EgoState | None:
        """
        Give the state at a stamp: remembered, or moved on beyond the newest measurement.

        None while it is not known which way is up. While the direction on the map is not known,
        its covariance is that of any direction.
        """
        if self._timeline is None:
            return None
        state = ego_state(self._timeline.at(stamp_ns), -self._imu_place)
        if not self._is_aligned:
            state.covariance[5, 5] = math.pi**2 / 3.0
        return state

    def add_imu(self, sample: InertialSample, place: NDArray[np.float64]) -> None:
        """
        Take in an inertial measurement.

        Parameters
        ----------
        sample : InertialSample
            Along the base frame's axes.
        place : (3,) float64
            Where the sensor sits in the base frame, m.

        """
        if self._timeline is None:
            self._imu_place = place
            self._beginning.add_sample(sample)
            self._begin()
            return
        if not np.array_equal(place, self._imu_place):
            self._move_imu(place)
        if self._add(Source.IMU, sample):
            self._searching.follow(self._filter, -self._imu_place)

    def add_yaw(self, seen: YawMeasurement) -> None:
        """Take in the direction by a compass."""
        if self._waits(seen.stamp_ns, partial(self.add_yaw, seen)):
            return
        if self.compass_is_wrong:
            return
        if self._is_aligned:
            self._add(Source.COMPASS, seen)
        else:
            self._searching.add_yaw(seen)

    def add_fix(self, fix: GnssFix, antenna: NDArray[np.float64]) -> None:
        """
        Take in a fix.

        Parameters
        ----------
        fix : GnssFix
            One that has a fix.
        antenna : (3,) float64
            Where the antenna sits in the base frame, m.

        """
        if self._waits(fix.stamp_ns, partial(self.add_fix, fix, antenna)):
            return
        place = self._datum.to_map(fix)
        if place is None:
            self._wait(Source.FIX, fix.stamp_ns)
            return
        measured = position(fix, place, antenna - self._imu_place, self._settings.gnss)
        self._searching.add_place(measured, -self._imu_place)
        if self._is_aligned:
            self._add(Source.FIX, measured)
            self._feel_gravity()
        else:
            self._go_to(measured)
            self._wait(Source.FIX, fix.stamp_ns)
        self._look_for_direction(measured.drift_variance)

    def add_gnss_velocity(self, twist: Twist, antenna: NDArray[np.float64]) -> None:
        """Take in a velocity east, north, up; where the antenna (3,) sits, base frame, m."""
        speed_mps = float(np.linalg.norm(twist.linear_mps[:2]))
        self._note_speed(twist.stamp_ns, speed_mps, is_measured=False)
        if self._waits(twist.stamp_ns, partial(self.add_gnss_velocity, twist, antenna)):
            return
        measured = satellite_velocity(twist, antenna - self._imu_place, self._settings.gnss)
        self._searching.add_velocity(measured)
        if self._is_aligned:
            self._add(Source.GNSS_VELOCITY, measured)
        else:
            self._wait(Source.GNSS_VELOCITY, twist.stamp_ns)

    def add_wheels(self, twist: Twist) -> None:
        """Take in what the wheels say: forward speed and turn rate of the base frame."""
        self._note_speed(twist.stamp_ns, float(twist.linear_mps[0]), is_measured=True)
        if self._waits(twist.stamp_ns, partial(self.add_wheels, twist)):
            return
        measured = rolling(
            twist, -self._imu_place, self._filter.memory.turn_ns, self._settings.wheels,
            self._settings.motion)
        if not self._searching.speed_is_known:
            self._search_anew(speed_is_known=True)
        if self._add(Source.WHEELS, measured):
            self._searching.follow(self._filter, -self._imu_place)

    def add_velocity(self, twist: Twist, T_base_frame: NDArray[np.float64]) -> None:
        """
        Take in a velocity by another sensor, as of LiDAR odometry.

        Parameters
        ----------
        twist : Twist
            Along the axes of the frame in which it was measured.
        T_base_frame : (4, 4) float64
            Where that frame sits.

        """
        forward_mps = float(T_base_frame[0, :3] @ twist.linear_mps)
        self._note_speed(twist.stamp_ns, forward_mps, is_measured=True)
        if self._waits(twist.stamp_ns, partial(self.add_velocity, twist, T_base_frame)):
            return
        self._add(Source.VELOCITY, body_velocity(
            twist, T_base_frame, self._imu_place, self._filter.memory.turn_ns,
            self._settings.velocity))

    def distrust_imu(self) -> None:
        """Forget what the IMU said lately, and doubt what came of it before."""
        if self._timeline is not None:
            self._timeline.drop_inertial()
            self._filter.widen(_DOUBT**2)
            self._start(self._filter.snapshot())  # what comes late knows nothing of the doubt

    @property
    def _timeline_now(self) -> Timeline:
        assert self._timeline is not None  # whoever asks has begun
        return self._timeline

    @property
    def _searching(self) -> DirectionSearch:
        assert self._search is not None  # whoever asks has begun
        return self._search

    @property
    def _filter(self) -> ErrorStateFilter:
        return self._timeline_now.newest

    def _begin(self) -> None:
        beginning = self._beginning
        snapshot = beginning.first()
        if snapshot is None:
            return
        self._start(snapshot)
        self._search_anew(speed_is_known=beginning.speed_is_measured)
        for sample in beginning.samples[1:]:
            if self._add(Source.IMU, sample):
                self._searching.follow(self._filter, -self._imu_place)
        for take in beginning.waiting:
            take()

    def _start(self, snapshot: Snapshot) -> None:
        settings = self._settings
        self._timeline = Timeline(
            ErrorStateFilter(
                snapshot, self._noise, settings.motion,
                self._datum.gravity(snapshot.state.position)),
            settings.history_s, settings.imu.max_gap_ms * 1e-3, self._no_slip)

    def _search_anew(self, *, speed_is_known: bool) -> None:
        self._search = DirectionSearch(
            self._filter, self._settings, -self._imu_place, speed_is_known=speed_is_known)

    def _waits(self, stamp_ns: int, take: Callable[[], None]) -> bool:
        """Say whether a measurement has to wait for the first state, and let it wait."""
        if self._timeline is not None:
            return False
        self._beginning.wait(stamp_ns, take)
        self._begin()
        return True

    def _note_speed(self, stamp_ns: int, speed_mps: float, *, is_measured: bool) -> None:
        if self._timeline is None:
            self._beginning.add_speed(stamp_ns, speed_mps, is_measured=is_measured)

    def _add(self, source: Source, event: InertialSample | Measurement) -> bool:
        """Hand over to the filter; False if it is too late for that."""
        tally = self.tallies[source]
        try:
            innovation = self._timeline_now.add(event)
        except LookupError:
            tally.late += 1
            return False
        if isinstance(event, InertialSample):
            tally.used += 1
            tally.last_used_ns = max(tally.last_used_ns, event.stamp_ns)
        elif innovation is not None:
            tally.add(innovation, event.stamp_ns)
        return True

    def _wait(self, source: Source, stamp_ns: int) -> None:
        """Count a measurement that needs the direction; where it is the newest, time goes on."""
        self.tallies[source].waiting += 1
        if stamp_ns > self._filter.stamp_ns:
            self._timeline_now.add(NothingNew(stamp_ns))

    def _look_for_direction(self, drift_variance: NDArray[np.float64]) -> None:
        """Go over to the map, or to another place on it, if that is known well enough."""
        ego = self._filter
        if self._is_aligned:
            snapshot = self._searching.corrected(ego, -self._imu_place, drift_variance)
        else:
            gravity = self._datum.gravity(ego.state.position)
            snapshot = self._searching.found(
                ego, -self._imu_place, drift_variance, -gravity / np.linalg.norm(gravity))
        if snapshot is None:
            return
        self.compass_is_wrong |= self._is_aligned and self.tallies[Source.COMPASS].used > 0
        self._start(snapshot)
        self._is_aligned = True
        self._search_anew(speed_is_known=self._searching.speed_is_known)

    def _go_to(self, fix: PositionMeasurement) -> None:
        """Move dead reckoning, whose direction is not known, to a fix from which it has gone."""
        ego = self._filter.state
        offset = fix.place - ego.R_map_base @ fix.antenna - ego.position
        offset[~np.isfinite(offset)] = 0.0
        variance = fix.variance + fix.drift_variance
        if (offset[:2]**2 > _GONE**2 * variance[:2]).any():
            self._timeline_now.shift(offset, np.diag(variance))

    def _feel_gravity(self) -> None:
        ego = self._filter
        ego.gravity = self._datum.gravity(ego.state.position)

    def _move_imu(self, place: NDArray[np.float64]) -> None:
        """Take over a new calibration: the state is that of the IMU's place."""
        moved = self._filter.state.R_map_base @ (place - self._imu_place)
        self._imu_place = place
        self._timeline_now.shift(moved)

    def _no_slip(self, ego: ErrorStateFilter) -> NoSlip | None:
        """Say that a car does not slip, where no wheels have said so lately."""
        motion = self._settings.motion
        if not motion.is_car or ego.stamp_ns - ego.memory.held_ns < 2 * HOLD_EVERY_NS:
            return None
        speed_mps = float(np.linalg.norm(ego.state.velocity))
        if speed_mps < _NO_SLIP_MPS:
            return None
        return NoSlip(ego.stamp_ns, slip_variance(speed_mps, motion), -self._imu_place)

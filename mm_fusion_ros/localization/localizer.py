# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From messages to poses: the same for the node and for `process`.

Bad messages are counted and told, never raised. Answers come at even stamps, as far as
measurements reach, and a little beyond where they fall silent.
"""

from __future__ import annotations

from dataclasses import replace
import math
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry.transform_tree import TransformTree
from mm_fusion_ros.localization import readings
from mm_fusion_ros.localization.clock_agreement import Agreement, ClockAgreement
from mm_fusion_ros.localization.condition import LocalizationHealth
from mm_fusion_ros.localization.datum import Datum
from mm_fusion_ros.localization.ego_state import Mode
from mm_fusion_ros.localization.estimator import EgoEstimator
from mm_fusion_ros.localization.imu_gate import ImuGate
from mm_fusion_ros.localization.located import located_at
from mm_fusion_ros.localization.odom_frame import OdomFrame
from mm_fusion_ros.localization.physical_bounds import check_inertial, check_twist
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization.source_input import SourceInput
from mm_fusion_ros.localization.stamp_gate import Verdict
from mm_fusion_ros.messages.convert_in import (
    add_transforms,
    to_gnss_fix,
    to_imu_sample,
    to_twist,
)
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S, SAME_CLOCK_NS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import ImuSample
    from mm_fusion_ros.localization.inertial_sample import InertialSample
    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.localization_config import LocalizationConfig

_SILENCE_NS = 100 * NS_PER_MS  # after which answers no longer wait for measurements
_LAST_ANSWER_NS = 5 * NS_PER_S  # beyond the newest measurement
_MOST_AT_ONCE = 100
_RESTART_NS = NS_PER_S
_LOST_NS = 30 * NS_PER_S  # without any measurement


class Localizer:
    """
    Takes messages in any order, and answers where the vehicle is.

    Parameters
    ----------
    config : LocalizationConfig
        What there is, and what is believed of it.

    """

    def __init__(self, config: LocalizationConfig) -> None:
        self._config = config
        self._tree = TransformTree()
        self._datum = Datum(config.datum)
        self._estimator = EgoEstimator(config, self._datum)
        self._clocks = ClockAgreement()
        self._period_ns = round(NS_PER_S / config.rate_hz)
        self._arrival_ns: int | None = None
        self._begun_ns = self._now_ns = self._moved_ns = 0
        self._inputs = {
            source: SourceInput(source, topic, settings, mounting)
            for source, topic, settings, mounting in (
                (Source.IMU, config.imu.topic, config.imu, config.imu.mounting),
                (Source.FIX, config.gnss.topic, config.gnss, config.gnss.mounting),
                (Source.GNSS_VELOCITY, config.gnss.velocity_topic, config.gnss,
                 config.gnss.mounting),
                (Source.WHEELS, config.wheels.topic, config.wheels, ()),
                (Source.VELOCITY, config.velocity.topic, config.velocity, ()))
            if topic}
        self._take = {
            Source.IMU: self._take_imu, Source.FIX: self._take_fix,
            Source.GNSS_VELOCITY: self._take_gnss_velocity, Source.WHEELS: self._take_wheels,
            Source.VELOCITY: self._take_velocity}
        self.reset()

    def reset(self) -> None:
        """Begin anew, as after a step back in time; the datum and static transforms stay."""
        self._estimator.reset()
        self._clocks.reset()
        self._odom = OdomFrame()
        self._imu_gate = ImuGate()
        self._unproven: list[tuple[InertialSample, NDArray[np.float64]]] = []
        self._next_ns: int | None = None
        self._arrival_ns = None
        for item in self._inputs.values():
            item.stamps.reset()

    def add_transforms(self, message: Any, *, is_static: bool) -> tuple[str, ...]:
        """
        Take in a TFMessage.

        Returns
        -------
        tuple of str
            What was wrong with single transforms; the others are taken.

        """
        return add_transforms(self._tree, message, is_static=is_static)[1]

    def receive(self, source: Source, message: Any, arrival_ns: int) -> list[Located]:
        """
        Take in a message; give the answers that are due now.

        Parameters
        ----------
        source : Source
            One that is configured.
        message : sensor_msgs/Imu, NavSatFix, geometry_msgs/TwistStamped, nav_msgs/Odometry, ...
            As the source gives it.
        arrival_ns : int
            By the receiving clock: ROS time, or a bag's log time.

        """
        if self._arrival_ns is not None and arrival_ns < self._arrival_ns - _RESTART_NS:
            self.reset()
        self._note_time(arrival_ns)
        item, newest_ns = self._inputs[source], self._estimator.newest_ns
        item.arrived(arrival_ns)
        try:
            self._take[source](item, message, arrival_ns)
        except InvalidMessageError as err:
            item.invalid += 1
            item.problem = str(err)
        else:
            if source is not Source.IMU:  # of which its gate says when it is good again
                item.problem = ''
        item.settled(self._estimator.tallies[source].late)
        if self._estimator.newest_ns != newest_ns:
            self._moved_ns = arrival_ns
        return self.poll(arrival_ns)

    def reject(self, source: Source, problem: str, arrival_ns: int) -> None:
        """Count a message whose bytes could not be read."""
        self._note_time(arrival_ns)
        item = self._inputs[source]
        item.arrived(arrival_ns)
        item.invalid += 1
        item.problem = problem
        item.settled(self._estimator.tallies[source].late)

    def poll(self, now_ns: int) -> list[Located]:
        """Give the answers that are due, at the latest a moment after what they are about."""
        self._now_ns = now_ns
        newest_ns, oldest_ns = self._estimator.newest_ns, self._estimator.oldest_ns
        if newest_ns is None or oldest_ns is None:
            return []
        until_ns = newest_ns
        if abs(now_ns - newest_ns) < SAME_CLOCK_NS:
            until_ns = max(newest_ns, min(now_ns - _SILENCE_NS, newest_ns + _LAST_ANSWER_NS))
        last = until_ns // self._period_ns
        first = last if self._next_ns is None else self._next_ns
        known = -(-oldest_ns // self._period_ns)
        numbers = range(max(first, last - _MOST_AT_ONCE, known), last + 1)
        if not numbers:
            return []
        self._next_ns = last + 1
        return [self._locate(number * self._period_ns) for number in numbers]

    def health(self) -> LocalizationHealth:
        """Say how good the answers are, and why."""
        now_ns, newest_ns = self._now_ns, self._estimator.newest_ns
        running_ns = 0 if self._arrival_ns is None else now_ns - self._begun_ns
        due_ns = None if newest_ns is None else newest_ns + max(now_ns - self._moved_ns, 0)
        state = None if newest_ns is None else self._estimator.state_at(newest_ns)
        deviation_m = yaw_deg = delay_ms = delay_deviation_ms = math.nan
        if state is not None:
            deviation_m = math.sqrt(float(np.trace(state.covariance[:2, :2])))
            yaw_deg = math.degrees(state.yaw_deviation_rad)
            delay_ms = state.gnss_delay_s * 1e3
            delay_deviation_ms = state.gnss_delay_deviation_s * 1e3
        return LocalizationHealth(
            self._estimator.mode, running_ns / NS_PER_S, deviation_m, yaw_deg,
            delay_ms, delay_deviation_ms, self._estimator.gnss_excess,
            tuple(item.health(self._estimator.tallies[source], now_ns, due_ns)
                  for source, item in self._inputs.items()))

    def _note_time(self, arrival_ns: int) -> None:
        if self._arrival_ns is None:
            self._begun_ns = arrival_ns
        self._arrival_ns = self._now_ns = arrival_ns

    def _locate(self, stamp_ns: int) -> Located:
        now = self._estimator.state_at(stamp_ns)
        last_ns = self._odom.stamp_ns
        before = now if last_ns is None else self._estimator.state_at(last_ns)
        assert now is not None and before is not None  # noqa: PT018  poll has asked
        self._odom.advance(before, now)
        ground = self._datum.ground if self._estimator.mode is Mode.ALIGNED else None
        return located_at(now, self._odom, ground, self._config)

    def _stamped(
        self, item: SourceInput, header_ns: int, arrival_ns: int
    ) -> int | None:
        """Give the stamp that counts; None if the message cannot be used."""
        verdict = item.stamps.judge(header_ns, arrival_ns)
        if verdict is Verdict.REPEATED:
            item.repeated += 1
            return None
        if verdict is Verdict.MISSTAMPED:
            item.misstamped += 1
            return None
        stamp_ns, newest_ns = item.stamps.stamp(header_ns, arrival_ns), self._estimator.newest_ns
        begins_anew = verdict is Verdict.RESTART
        if not begins_anew:
            agreement = self._clocks.judge(item.source, stamp_ns, arrival_ns)
            if agreement is Agreement.DIFFERS:
                item.misstamped += 1
                item.stamp_problem = self._clocks.problem(
                    item.source, stamp_ns, arrival_ns)
                return None
            is_lost = newest_ns is not None and stamp_ns - newest_ns > _LOST_NS
            begins_anew = is_lost or agreement is Agreement.OTHERS_DIFFER
        item.stamp_problem = item.early_problem(stamp_ns, arrival_ns)
        if begins_anew:
            self.reset()
            self._note_time(arrival_ns)
            self._clocks.judge(item.source, stamp_ns, arrival_ns)
        return stamp_ns

    def _seat(self, item: SourceInput, frame_id: str) -> NDArray[np.float64] | None:
        T = item.T_base_sensor(self._tree, self._config.base_frame, frame_id)
        item.held_back += T is None
        return T

    def _take_imu(self, item: SourceInput, message: Any, arrival_ns: int) -> None:
        sample = to_imu_sample(message)
        stamp_ns = self._stamped(item, sample.stamp_ns, arrival_ns)
        times_turned = item.times_turned
        T = self._seat(item, sample.frame_id)
        if stamp_ns is None or T is None:
            return
        if item.times_turned > times_turned and self._estimator.mode is Mode.ALIGNED:
            self._estimator.distrust_imu()  # one of the two directions was wrong
        R, place = T[:3, :3], T[:3, 3]
        wild = _wildness(sample)
        inertial = readings.inertial(sample, stamp_ns, R)
        gate = self._imu_gate
        was_open = gate.is_open
        gate.add(inertial, is_wild=wild is not None)
        if gate.problem != '' or was_open:
            item.problem = gate.problem
        if wild is not None and not gate.problem:
            raise wild
        if gate.is_open:
            for waiting in self._unproven:
                self._estimator.add_imu(*waiting)
            self._unproven.clear()
            self._estimator.add_imu(inertial, place)
        elif not gate.problem:
            self._unproven.append((inertial, place))
        else:
            self._refuse_imu(item, was_open=was_open)
        seen = readings.compass(sample, stamp_ns, R)
        if seen is not None and gate.is_open:
            self._estimator.add_yaw(seen)

    def _refuse_imu(self, item: SourceInput, *, was_open: bool) -> None:
        item.held_back += 1 + len(self._unproven)
        self._unproven.clear()
        if was_open and self._estimator.mode is Mode.ALIGNED and not (
                self._imu_gate.turns_wrongly):
            self._estimator.distrust_imu()
        elif was_open:
            self._estimator.reset()

    def _take_fix(self, item: SourceInput, message: Any, arrival_ns: int) -> None:
        fix = to_gnss_fix(message)
        stamp_ns = self._stamped(item, fix.stamp_ns, arrival_ns)
        if not fix.has_fix:
            item.without_fix += 1
            return
        T = self._seat(item, fix.frame_id)
        if stamp_ns is not None and T is not None:
            self._estimator.add_fix(replace(fix, stamp_ns=stamp_ns), T[:3, 3])

    def _take_gnss_velocity(self, item: SourceInput, message: Any, arrival_ns: int) -> None:
        twist = to_twist(message)
        check_twist(twist)
        stamp_ns = self._stamped(item, twist.stamp_ns, arrival_ns)
        T = self._seat(item, twist.frame_id)
        if stamp_ns is not None and T is not None:
            self._estimator.add_gnss_velocity(replace(twist, stamp_ns=stamp_ns), T[:3, 3])

    def _take_wheels(self, item: SourceInput, message: Any, arrival_ns: int) -> None:
        twist = to_twist(message)
        check_twist(twist)
        stamp_ns = self._stamped(item, twist.stamp_ns, arrival_ns)
        if stamp_ns is not None:
            self._estimator.add_wheels(replace(twist, stamp_ns=stamp_ns))

    def _take_velocity(self, item: SourceInput, message: Any, arrival_ns: int) -> None:
        twist = to_twist(message)
        check_twist(twist)
        stamp_ns = self._stamped(item, twist.stamp_ns, arrival_ns)
        T = self._seat(item, twist.frame_id)
        if stamp_ns is not None and T is not None:
            self._estimator.add_velocity(replace(twist, stamp_ns=stamp_ns), T)


def _wildness(sample: ImuSample) -> InvalidMessageError | None:
    try:
        check_inertial(sample)
    except InvalidMessageError as err:
        return err
    return None

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The filter with its recent past: what comes late is put where it belongs, and all after it again.

Whatever the order in which measurements come, the result is that of the order of their stamps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from mm_fusion_ros.localization.error_covariance import POSITION
from mm_fusion_ros.localization.inertial_sample import InertialSample
from mm_fusion_ros.stamps import from_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.error_state_filter import (
        ErrorStateFilter,
        Innovation,
        Snapshot,
    )
    from mm_fusion_ros.localization.measurements import Measurement

_stamp = attrgetter('stamp_ns')
_SAMPLES_BETWEEN = 10  # snapshots


class Timeline:
    """
    Applies measurements in the order of their stamps.

    Parameters
    ----------
    ego : ErrorStateFilter
        At the beginning.
    span_s : float
        What is older than this is forgotten, s.
    max_gap_s : float
        Over a longer gap between inertial measurements the filter coasts, s.
    known : callable
        Gives what is known without a sensor where a filter stands, or None.

    """

    def __init__(
        self, ego: ErrorStateFilter, span_s: float, max_gap_s: float,
        known: Callable[[ErrorStateFilter], Measurement | None],
    ) -> None:
        self._ego = ego
        self._span_ns, self._gap_ns = from_seconds(span_s), from_seconds(max_gap_s)
        self._known = known
        self._events: list[InertialSample | Measurement] = []  # by stamp
        self._snapshots = [ego.snapshot()]
        self._since_snapshot = 0

    @property
    def newest(self) -> ErrorStateFilter:
        """The filter after all that was added."""
        return self._ego

    @property
    def oldest_ns(self) -> int:
        """The oldest instant that is remembered."""
        return self._snapshots[0].stamp_ns

    def add(self, event: InertialSample | Measurement) -> Innovation | None:
        """
        Take in a measurement.

        Returns
        -------
        Innovation, optional
            How well it fitted.

        Raises
        ------
        LookupError
            If it is not newer than the oldest instant that is remembered, or is an inertial
            measurement of an instant that has one.

        """
        if event.stamp_ns <= self._snapshots[0].stamp_ns:
            raise LookupError
        # What is measured at one instant is taken after the IMU that leads there.
        find = bisect_left if isinstance(event, InertialSample) else bisect_right
        index = find(self._events, event.stamp_ns, key=_stamp)
        if isinstance(event, InertialSample) and self._has_inertial(index, event.stamp_ns):
            raise LookupError
        self._events.insert(index, event)
        if index < len(self._events) - 1:
            index = self._rewind(event.stamp_ns)
        innovation = None
        for number in range(index, len(self._events)):
            found = self._apply(number)
            if self._events[number] is event:
                innovation = found
        self._forget()
        return innovation

    def at(self, stamp_ns: int) -> ErrorStateFilter:
        """
        Give a filter of its own as it stands at a stamp, moved on beyond what was added.

        Before the first instant that is remembered it stands there.
        """
        stamp_ns = max(stamp_ns, self._snapshots[0].stamp_ns)
        snapshot = self._snapshots[bisect_right(self._snapshots, stamp_ns, key=_stamp) - 1]
        probe = self._ego.fork(snapshot)
        first = bisect_right(self._events, snapshot.stamp_ns, key=_stamp)
        for number in range(first, bisect_right(self._events, stamp_ns, key=_stamp)):
            self._follow(probe, self._events[number])
        self._lead(probe, stamp_ns)
        return probe

    def shift(
        self, offset: NDArray[np.float64], covariance: NDArray[np.float64] | None = None
    ) -> None:
        """
        Move all that is remembered by an offset (3,), m.

        Parameters
        ----------
        offset : (3,) float64
            m.
        covariance : (3, 3) float64, optional
            How well the position is known then, whatever else is, m^2; as well as before without.

        """
        self._keep()
        self._snapshots = [_shifted(item, offset, covariance) for item in self._snapshots]
        self._ego.restore(self._snapshots[-1])

    def _keep(self) -> None:
        self._snapshots.append(self._ego.snapshot())
        self._since_snapshot = 0

    def _has_inertial(self, index: int, stamp_ns: int) -> bool:
        """Say whether there is an inertial measurement of a stamp, which would be at an index."""
        there = self._events[index] if index < len(self._events) else None
        return isinstance(there, InertialSample) and there.stamp_ns == stamp_ns

    def drop_inertial(self) -> None:
        """Go through all that is remembered again, as if the IMU had been silent meanwhile."""
        now_ns, first_ns = self._ego.stamp_ns, self.oldest_ns
        self._events = [
            event for event in self._events if not isinstance(event, InertialSample)]
        self._rewind(first_ns)
        for number in range(len(self._events)):
            self._apply(number)
        self._lead(self._ego, now_ns)

    def _rewind(self, stamp_ns: int) -> int:
        """Go back to before a stamp; give the number of the first event from there."""
        keep = bisect_left(self._snapshots, stamp_ns, lo=1, key=_stamp)
        del self._snapshots[keep:]
        self._ego.restore(self._snapshots[-1])
        self._since_snapshot = 0
        return bisect_right(self._events, self._ego.stamp_ns, key=_stamp)

    def _apply(self, number: int) -> Innovation | None:
        innovation = self._follow(self._ego, self._events[number])
        self._since_snapshot += 1
        if (self._since_snapshot >= _SAMPLES_BETWEEN
                or not isinstance(self._events[number], InertialSample)):
            self._keep()
        return innovation

    def _follow(self, ego: ErrorStateFilter, event: InertialSample | Measurement
                ) -> Innovation | None:
        """Lead a filter to an event, and let it take the event in."""
        if not isinstance(event, InertialSample):
            self._lead(ego, event.stamp_ns)
            if ego.memory.imu is None:
                self._apply_known(ego)
            return event.apply(ego)
        before = ego.memory.imu
        if before is None or event.stamp_ns - before.stamp_ns > self._gap_ns:
            ego.coast(event.stamp_ns)
            ego.memory = ego.memory._replace(imu=event)
        else:
            # Between two samples the rates change evenly.
            step_ns = event.stamp_ns - before.stamp_ns
            share = (0.5 * (ego.stamp_ns + event.stamp_ns) - before.stamp_ns) / step_ns
            ego.move(
                event.stamp_ns, before.gyro + share * (event.gyro - before.gyro),
                before.accel + share * (event.accel - before.accel))
            ego.memory = ego.memory._replace(imu=event, imu_step_s=step_ns * 1e-9)
        self._apply_known(ego)
        return None

    def _apply_known(self, ego: ErrorStateFilter) -> None:
        known = self._known(ego)
        if known is not None:
            known.apply(ego)

    def _lead(self, ego: ErrorStateFilter, stamp_ns: int) -> None:
        """Move a filter on to a stamp by what the IMU said last, and then by nothing."""
        imu = ego.memory.imu
        if imu is not None:
            until_ns = min(stamp_ns, imu.stamp_ns + self._gap_ns)
            if until_ns > ego.stamp_ns:
                ego.move(until_ns, imu.gyro, imu.accel)
        if stamp_ns > ego.stamp_ns:
            if imu is not None:
                ego.memory = ego.memory._replace(imu=None)  # what it said holds no longer
            ego.coast(stamp_ns)

    def _forget(self) -> None:
        oldest_ns = self._ego.stamp_ns - self._span_ns
        expired = bisect_right(self._snapshots, oldest_ns, key=_stamp) - 1
        if expired > 0:
            del self._snapshots[:expired]
            del self._events[:bisect_right(
                self._events, self._snapshots[0].stamp_ns, key=_stamp)]


def _shifted(
    snapshot: Snapshot, offset: NDArray[np.float64], covariance: NDArray[np.float64] | None
) -> Snapshot:
    P = snapshot.P
    if covariance is not None:
        P = P.copy()
        P[POSITION], P[:, POSITION] = 0.0, 0.0
        P[POSITION, POSITION] = covariance
    state = snapshot.state._replace(position=snapshot.state.position + offset)
    return replace(snapshot, state=state, P=P)

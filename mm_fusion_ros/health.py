# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of good answers, in words: judged from counts, never from a clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mm_fusion_ros.stamps import ClockKind

if TYPE_CHECKING:
    from mm_fusion_ros.sync.counts import SensorStatistics

SILENT_S = 2.0
_CLOCK_REMEDIES = {
    ClockKind.ZERO: 'set {name}.stamp_source to arrival, or let the driver stamp',
    ClockKind.UPTIME: 'set {name}.stamp_source to arrival, or synchronise the sensor clock',
    ClockKind.GPS: 'convert in the driver, or set {name}.stamp_source to arrival',
    ClockKind.TAI: 'set {name}.stamp_source to arrival, or correct PTP by 37 s',
    ClockKind.WALL: 'set use_sim_time to false, or replay with stamps of the same clock',
    ClockKind.UNKNOWN: 'set {name}.stamp_source to arrival',
}


def silence(
    name: str, topic: str, publishers: int, received: int, silent_s: float
) -> list[str]:
    """Say that nothing comes from a sensor, and why: at most one text."""
    if publishers == 0:
        return [f'{name}: no publisher on {topic}']
    if received == 0:
        return [f'{name}: no message on {topic} yet']
    if silent_s > SILENT_S:
        return [f'{name}: silent for {silent_s:.0f} s on {topic}']
    return []


@dataclass(frozen=True, slots=True)
class ClockHealth:
    """
    The clock of a node.

    Attributes
    ----------
    is_missing : bool
        Simulated time was asked for and nobody publishes it.
    stopped_s : float
        Since the simulated clock moved, by a clock that never stops.

    """

    is_missing: bool = False
    stopped_s: float = 0.0

    @property
    def problems(self) -> list[str]:
        """What is wrong with it: at most one text."""
        if self.is_missing:
            return ['use_sim_time is true, but nothing is published on /clock']
        if self.stopped_s > SILENT_S:
            return [f'/clock has stood still for {self.stopped_s:.0f} s']
        return []


@dataclass(frozen=True, slots=True)
class SensorHealth:
    """
    One sensor as seen from where its messages come in.

    Attributes
    ----------
    statistics : SensorStatistics
        What the synchroniser counted and learned.
    topic : str
        Where its messages come from.
    publishers : int
        How many there are; -1 where that has no meaning, as in a bag.
    reliability : str
        QoS of the subscription; empty in a bag.
    rejected : int
        Messages that could not be converted.
    silent_s : float
        Since its last message, by a clock that never stops.

    """

    statistics: SensorStatistics
    topic: str
    publishers: int = -1
    reliability: str = ''
    rejected: int = 0
    silent_s: float = 0.0

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with it, worst first; empty if nothing is."""
        seen = self.statistics
        found = silence(seen.name, self.topic, self.publishers, seen.received, self.silent_s)
        if seen.received == 0 or self.publishers == 0:
            return tuple(found)
        if seen.clock not in (None, ClockKind.SAME):
            remedy = _CLOCK_REMEDIES[seen.clock].format(name=seen.name)
            found.append(
                f'{seen.name}: stamps are of {seen.clock.value}, not of the receiving clock; '
                f'{remedy}')
        for fate in ('late', 'out_of_order', 'duplicate', 'invalid_stamp'):
            count = getattr(seen.counts, fate)
            if count * 10 > seen.received:
                found.append(
                    f'{seen.name}: {count} of {seen.received} messages were '
                    f'{fate.replace("_", " ")}')
        if self.rejected:
            found.append(
                f'{seen.name}: {self.rejected} of {seen.received} messages were unusable')
        return tuple(found)


@dataclass(frozen=True, slots=True)
class EgoMotionHealth:
    """
    The ego poses as seen from where they come in.

    Attributes
    ----------
    source : str
        Where they come from: a topic, or frames on /tf.
    received, rejected : int
        Poses that came, and those that could not be used.
    publishers : int
        How many there are of the topic; -1 where that is not known.
    silent_s : float
        Since the last one, by a clock that never stops.

    """

    source: str
    received: int
    rejected: int = 0
    publishers: int = -1
    silent_s: float = 0.0

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with them, worst first; empty if nothing is."""
        without = 'sweeps are not deskewed, images not moved in time'
        if self.received == self.rejected:
            publishers = ' (no publisher)' if self.publishers == 0 else ''
            return (f'ego motion: no poses on {self.source}{publishers}: {without}',)
        found = []
        if self.silent_s > SILENT_S:
            found.append(
                f'ego motion: silent for {self.silent_s:.0f} s on {self.source}: {without}')
        if self.rejected:
            found.append(
                f'ego motion: {self.rejected} of {self.received} poses were unusable')
        return tuple(found)


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """
    Everything that is known about why answers come, or do not.

    Attributes
    ----------
    name : str
        Who reports.
    sensors : tuple of SensorHealth
        In configured order.
    conflicts : tuple of str
        Frames with two parents.
    skipped_frames : int
        Matches that a newer one overtook before they were looked at.
    failed_frames : int
        Matches lost to an error inside perception.
    clock : ClockHealth
        Of the node.
    unanswered_s : float
        Since the last answer, by a clock that never stops.

    """

    name: str
    sensors: tuple[SensorHealth, ...]
    conflicts: tuple[str, ...] = ()
    skipped_frames: int = 0
    failed_frames: int = 0
    clock: ClockHealth = ClockHealth()
    unanswered_s: float = 0.0
    ego_motion: EgoMotionHealth | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong, worst first."""
        found = self.clock.problems
        if self.unanswered_s > SILENT_S:
            found.append(f'no frame was answered for {self.unanswered_s:.0f} s')
        found += [text for sensor in self.sensors for text in sensor.problems]
        if self.ego_motion:
            found += self.ego_motion.problems
        found += self.conflicts
        if self.failed_frames:
            found.append(f'{self.failed_frames} frames were lost to errors inside perception')
        return tuple(found)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Plays the times of a recording through the synchroniser that perception uses.

So what the doctor says about sets, late and missing sensors is what perception would do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.intake import sync_settings
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S
from mm_fusion_ros.sync.frame_synchronizer import FrameSynchronizer

if TYPE_CHECKING:
    from collections.abc import Collection

    from mm_fusion_ros.doctor.recording import Recording, Stream
    from mm_fusion_ros.perception_config import CameraConfig, LidarConfig, PerceptionConfig
    from mm_fusion_ros.sync.counts import SensorStatistics
    from mm_fusion_ros.sync.match import Match

_MIN_PAIRS = 2


@dataclass(frozen=True, slots=True)
class Sensor:
    """
    A configured sensor: its kind is 'lidar' or 'camera'.
    """

    name: str
    kind: str
    config: LidarConfig | CameraConfig


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """
    What the synchroniser made of a recording.

    Attributes
    ----------
    matches : tuple of Match
        In order.
    statistics : dict
        Sensor name to what was counted.

    """

    matches: tuple[Match[None], ...]
    statistics: dict[str, SensorStatistics]

    def present(self, sensor: str) -> int:
        """
        Count the matches that hold a sensor.
        """
        return sum(m.present for match in self.matches for m in match.members if m.name == sensor)

    def answers_with(self, sensors: Collection[str]) -> tuple[int, float]:
        """
        Count the matches that hold any of some sensors, and give their rate, Hz.
        """
        stamps = [
            match.stamp_ns
            for match in self.matches
            if any(member.present and member.name in sensors for member in match.members)
        ]
        steps = np.diff(stamps)
        steps = steps[steps > 0]
        return len(stamps), float(NS_PER_S / np.median(steps)) if len(steps) else float('nan')


@dataclass(frozen=True, slots=True)
class Pairing:
    """
    How the messages of a sensor lie to the nearest ones of the reference.

    Attributes
    ----------
    offset_ms : float
        Median of stamp less reference stamp.
    distance_p90_ms : float
        90th percentile of its size.
    wait_p99_ms : float
        99th percentile of arrival less arrival of the reference.

    """

    offset_ms: float
    distance_p90_ms: float
    wait_p99_ms: float


def sensors_of(config: PerceptionConfig) -> list[Sensor]:
    """
    List the configured sensors, LiDARs first.
    """
    return [
        *(Sensor(n, 'lidar', c) for n, c in zip(config.lidars, config.lidar, strict=True)),
        *(Sensor(n, 'camera', c) for n, c in zip(config.cameras, config.camera, strict=True)),
    ]


def rehearse(config: PerceptionConfig, recording: Recording) -> Rehearsal:
    """
    Synchronise what the configured topics hold, in the order it was recorded.
    """
    synchronizer: FrameSynchronizer[None] = FrameSynchronizer(*sync_settings(config))
    names, stamps, arrivals = [], [], []
    for sensor in sensors_of(config):
        stream = recording.streams.get(sensor.config.topic)
        if stream is not None:
            names += [sensor.name] * len(stream.stamps_ns)
            arrivals.append(stream.log_times_ns)
            by_arrival = sensor.config.stamp_source == 'arrival'
            stamps.append(stream.log_times_ns if by_arrival else stream.stamps_ns)
    matches: list[Match[None]] = []
    if names:
        stamp, arrival = np.concatenate(stamps).tolist(), np.concatenate(arrivals).tolist()
        for index in np.argsort(arrival, kind='stable').tolist():
            matches += synchronizer.add(names[index], stamp[index], None, arrival[index])
    matches += synchronizer.flush()
    statistics = {item.name: item for item in synchronizer.statistics()}
    return Rehearsal(tuple(matches), statistics)


def pair(reference: Stream, other: Stream) -> Pairing | None:
    """
    Pair each reference message with the nearest one of another stream.

    Returns
    -------
    Pairing, optional
        None where there are too few messages, or their clocks have nothing in common.

    """
    wanted = reference.stamps_ns
    order = np.argsort(other.stamps_ns, kind='stable')
    stamps, arrivals = other.stamps_ns[order], other.log_times_ns[order]
    if min(len(wanted), len(stamps)) < _MIN_PAIRS:
        return None
    after = np.clip(np.searchsorted(stamps, wanted), 1, len(stamps) - 1)
    nearest = after - (wanted - stamps[after - 1] <= stamps[after] - wanted)
    # Where one of the two is silent, distances tell nothing about how they lie.
    offsets = stamps[nearest] - wanted
    is_close = np.abs(offsets) < NS_PER_S
    if is_close.sum() < _MIN_PAIRS:
        return None
    waits = (arrivals[nearest] - reference.log_times_ns)[is_close]
    offsets = offsets[is_close]
    return Pairing(
        offset_ms=float(np.median(offsets)) / NS_PER_MS,
        distance_p90_ms=float(np.percentile(np.abs(offsets), 90)) / NS_PER_MS,
        wait_p99_ms=float(np.percentile(waits, 99)) / NS_PER_MS,
    )

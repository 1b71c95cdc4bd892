# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the times of single topics give away: clocks, gaps, disorder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.doctor.findings import Finding, Severity
from mm_fusion_ros.stamps import ClockKind, to_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mm_fusion_ros.doctor.recording import Recording, Stream
    from mm_fusion_ros.doctor.rehearsal import Sensor
    from mm_fusion_ros.doctor.stream_statistics import StreamStatistics

_SHORTEST_GAP_S = 0.5
_GAP_PERIODS = 3.0
_EDGE_S = 1.0
_AHEAD_MS = -5.0
_SLOW_MS = 500.0


def check_stream(
    stream: Stream,
    statistics: StreamStatistics,
    recording: Recording,
    sensor: Sensor | None,
) -> Iterator[Finding]:
    """
    Check the times of one topic; `sensor` is what is configured for it, if anything.
    """
    topic = stream.info.name
    yield from _check_clock(topic, statistics, sensor)
    for count, what in ((statistics.backward, 'older than the one before'),
                        (statistics.duplicates, 'equal to the one before')):
        if count:
            text = f'stamps of {topic}: expected to increase, got {count} {what}'
            yield Finding('warning', topic, text, 'is there more than one publisher?')
    yield from _check_gaps(stream, statistics, recording)
    if len(stream.frame_ids) > 1:
        names = ', '.join(map(repr, stream.frame_ids))
        text = f'frame_id of {topic}: expected one, got {names}'
        yield Finding('warning', topic, text, 'is there more than one publisher?')


def check_clocks(
    sensors: list[Sensor], recording: Recording, statistics: Mapping[str, StreamStatistics]
) -> Iterator[Finding]:
    """
    Find LiDARs and cameras whose stamps are of another clock than the reference's.
    """
    used = [s for s in sensors if s.config.topic in statistics]
    sources = {s.name: _source(s, statistics[s.config.topic].clock) for s in used}
    if len(set(sources.values())) > 1:
        kinds = '; '.join(f'{name} {source}' for name, source in sources.items())
        text = f'clocks of the sensors: expected one, got {kinds}'
        foreign = [name for name, source in sources.items() if source != ClockKind.SAME.value]
        remedy = ', '.join(f'{name}.stamp_source' for name in foreign)
        yield Finding('error', '', text, f'set {remedy} to arrival, or synchronise them (PTP)')


def _source(sensor: Sensor, clock: ClockKind) -> str:
    return (ClockKind.SAME if sensor.config.stamp_source == 'arrival' else clock).value


def _check_clock(
    topic: str, statistics: StreamStatistics, sensor: Sensor | None
) -> Iterator[Finding]:
    remedy = 'let the driver stamp by a synchronised clock (PTP)'
    severity: Severity = 'warning'
    if sensor and sensor.config.stamp_source == 'arrival':
        remedy += f'; until then {sensor.name}.stamp_source: arrival serves'
    elif sensor:
        remedy = f'set {sensor.name}.stamp_source to arrival, or {remedy}'
        severity = 'error'
    if statistics.clock is ClockKind.ZERO:
        yield Finding(severity, topic, f'stamps of {topic}: expected times, got zero', remedy)
    elif statistics.clock is not ClockKind.SAME:
        ahead_s = -statistics.delay_ms / 1e3
        text = (f'stamps of {topic}: expected the clock of the log times, got '
                f'{statistics.clock.value}, {abs(ahead_s):.3f} s '
                f'{"ahead" if ahead_s > 0 else "behind"}')
        yield Finding('warning', topic, text, remedy)
    else:
        yield from _check_delay(topic, statistics)


def _check_delay(topic: str, statistics: StreamStatistics) -> Iterator[Finding]:
    if statistics.zero_stamps:
        text = f'stamps of {topic}: expected times, got {statistics.zero_stamps} times zero'
        yield Finding('warning', topic, text, 'let the driver stamp every message')
    if statistics.delay_ms < _AHEAD_MS:
        text = (f'arrival of {topic}: expected after its stamp, got {-statistics.delay_ms:.0f} ms '
                'before it')
        yield Finding('warning', topic, text, 'synchronise the clock of the sensor (PTP, chrony)')
    elif statistics.delay_ms > _SLOW_MS:
        text = (f'arrival of {topic}: expected within {_SLOW_MS:.0f} ms of its stamp, got '
                f'{statistics.delay_ms:.0f} ms after it')
        yield Finding('warning', topic, text, 'look for a queue or a busy link')


def _check_gaps(
    stream: Stream, statistics: StreamStatistics, recording: Recording
) -> Iterator[Finding]:
    topic, times = stream.info.name, stream.log_times_ns
    period_s = statistics.period_s
    if not np.isfinite(period_s) or period_s > _EDGE_S:
        return
    duration_s = to_seconds(recording.end_ns - recording.start_ns)
    first_s = to_seconds(int(times[0]) - recording.start_ns)
    last_s = to_seconds(int(times[-1]) - recording.start_ns)
    edge_s = max(_EDGE_S, _GAP_PERIODS * period_s)
    if duration_s - last_s > edge_s:
        text = f'{topic}: expected messages to the end at {duration_s:.1f} s, got the last at '
        yield Finding('warning', topic, f'{text}{last_s:.1f} s', 'did the driver or its link die?')
    if first_s > edge_s:
        text = f'{topic}: expected messages from the start, got the first at {first_s:.1f} s'
        yield Finding('warning', topic, text, 'was the driver started late?')
    if statistics.largest_gap_s > max(_SHORTEST_GAP_S, _GAP_PERIODS * period_s):
        at_s = first_s + statistics.gap_at_s
        text = (f'{topic}: expected a message every {period_s * 1e3:.0f} ms, got none for '
                f'{statistics.largest_gap_s:.1f} s from {at_s:.1f} s on')
        yield Finding('warning', topic, text, 'look for lost packets or a slow recorder')

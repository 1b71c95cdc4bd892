# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which sensors never make it into a set, and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.doctor.findings import Finding, Severity
from mm_fusion_ros.doctor.rehearsal import pair
from mm_fusion_ros.intake import sync_settings
from mm_fusion_ros.sync.settings import succession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mm_fusion_ros.doctor.recording import Recording
    from mm_fusion_ros.doctor.rehearsal import Rehearsal, Sensor
    from mm_fusion_ros.perception_config import PerceptionConfig

_MOST = 0.8
_LATE = 0.1


def check_sets(
    config: PerceptionConfig,
    sensors: list[Sensor],
    recording: Recording,
    rehearsal: Rehearsal,
) -> Iterator[Finding]:
    """
    Check how often each sensor is part of a set.
    """
    specs, settings = sync_settings(config)
    leader = succession(specs, settings.reference)[0].name
    topics = {sensor.name: sensor.config.topic for sensor in sensors}
    reference = recording.streams.get(topics[leader])
    total = len(rehearsal.matches)
    for sensor in sensors:
        stream = recording.streams.get(sensor.config.topic)
        if stream is None or not len(stream.stamps_ns) or not total:
            continue
        counts, present = rehearsal.statistics[sensor.name].counts, rehearsal.present(sensor.name)
        if counts.late > _LATE * len(stream.stamps_ns):
            text = (f'arrival of {sensor.config.topic}: expected within '
                    f'{config.sync.max_wait_ms:g} ms of {leader}, got {counts.late} of '
                    f'{len(stream.stamps_ns)} later')
            yield Finding('warning', sensor.config.topic, text, 'raise sync.max_wait_ms')
        elif present < _MOST * total:
            text = f'{sensor.name} in sets: expected most of {total}, got {present}'
            remedy = f'see its gaps and clock, or raise {sensor.name}.tolerance_ms'
            pairing = pair(reference, stream) if reference and reference is not stream else None
            if pairing and pairing.distance_p90_ms > sensor.config.tolerance_ms:
                text += (f' (nine of ten of {leader} have one within '
                         f'{pairing.distance_p90_ms:.0f} ms)')
                remedy = f'raise {sensor.name}.tolerance_ms to {pairing.distance_p90_ms * 1.2:.0f}'
            severity: Severity = 'warning' if present else 'error'
            yield Finding(severity, sensor.config.topic, text, remedy)

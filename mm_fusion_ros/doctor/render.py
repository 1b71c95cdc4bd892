# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Tells a person what an examination found, in plain text.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mm_fusion_ros.doctor.findings import SEVERITIES
from mm_fusion_ros.doctor.recording import CAMERA_INFO
from mm_fusion_ros.doctor.vehicle_file import vehicle_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mm_fusion_ros.doctor.examination import Examination, TopicReport

_HEADINGS = (
    'topic', 'type', 'count', 'Hz', 'jitter ms', 'arrival-stamp ms', 'p99', 'frame', 'content',
)
_NUMBERS = range(2, 7)
_SHOWN = 12


def render(examination: Examination) -> str:
    """
    Write the report: topics, findings, verdict.
    """
    return '\n'.join([
        f'{examination.bag}: {examination.duration_s:.1f} s, checked against '
        + ('the vehicle file' if examination.config_is_given else 'the vehicle file it suggests'),
        '',
        *_table([_HEADINGS, *(_row(topic) for topic in examination.topics
                               if topic.type != CAMERA_INFO)]),
        *_ground(examination),
        f'frames: {_some(examination.frames)}',
        *_others(examination),
        '',
        *_findings(examination),
        *_motion_verdict(examination),
        *_verdict(examination),
    ])


def vehicle_yaml(examination: Examination) -> str:
    """
    Write the vehicle file that the bag suggests.
    """
    return vehicle_text(examination.proposal, examination.motion, examination.bag.name)


def _row(topic: TopicReport) -> tuple[str, ...]:
    times = topic.statistics
    numbers = (times.rate_hz, times.jitter_p99_ms, times.delay_ms, times.delay_p99_ms) if (
        times) else ()
    return (
        topic.topic,
        topic.type.rpartition('/')[2],
        str(topic.count),
        *(_short(number) for number in numbers),
        *('-' for _ in range(4 - len(numbers))),
        ', '.join(topic.frame_ids) or '-',
        topic.layout,
    )


def _short(number: float) -> str:
    if math.isnan(number):
        return '-'
    return f'{number:.1f}' if abs(number) < 1e5 else f'{number:.1e}'


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if index in _NUMBERS else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield '  '.join(cells).rstrip()


def _ground(examination: Examination) -> Iterator[str]:
    base = examination.config.base_frame if examination.config else ''
    for topic in examination.topics:
        if topic.ground:
            yield (f'ground in {base} by {topic.topic}: z = {topic.ground.height_m:+.2f} m, tilt '
                   f'{topic.ground.tilt_deg:.1f} degrees')


def _others(examination: Examination) -> Iterator[str]:
    if examination.other_topics:
        yield f'not looked into: {_some(examination.other_topics)}'


def _some(names: tuple[str, ...]) -> str:
    more = f' and {len(names) - _SHOWN} more' if len(names) > _SHOWN else ''
    return (', '.join(names[:_SHOWN]) or 'none') + more


def _findings(examination: Examination) -> Iterator[str]:
    for severity in SEVERITIES:
        for finding in examination.findings:
            if finding.severity == severity:
                yield f'{severity}: {finding.text}'
                if finding.remedy:
                    yield f'    -> {finding.remedy}'
    if examination.findings:
        yield ''


def _motion_verdict(examination: Examination) -> Iterator[str]:
    if examination.sources:
        listed = ', '.join(f'{name} {topic}' for name, topic in examination.sources.items())
        yield f'localization would answer by {listed}'
    else:
        yield 'localization would stay silent: no IMU, GNSS or wheels'


def _verdict(examination: Examination) -> Iterator[str]:
    if examination.silent_because:
        yield f'perception would stay silent: {examination.silent_because}'
        return
    total = examination.num_answers
    shares = ', '.join(
        f'{sensor.name} in {sensor.present if sensor.usable else 0}'
        for sensor in examination.outlook
    )
    rate = '' if total < 2 else f' at {examination.answer_hz:.1f} Hz'
    lidars = [sensor for sensor in examination.outlook if sensor.kind == 'lidar']
    blind = bool(lidars) and not any(sensor.usable and sensor.present for sensor in lidars)
    yield f'perception would answer{rate}: {total} answers, {shares}' + (
        '; no LiDAR is usable, so nothing measures distance' if blind else '')

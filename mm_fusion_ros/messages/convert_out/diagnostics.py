# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds diagnostic_msgs/DiagnosticArray: the report of one answer, and the health of a node."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.messages.convert_out.common import header
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from mm_fusion_ros.data_types import FrameReport, SensorState
    from mm_fusion_ros.health import EgoMotionHealth, NodeHealth, SensorHealth
    from mm_fusion_ros.messages.message_types import MessageTypes

# DiagnosticStatus's constants, which classes hold as int or as bytes.
OK, WARN, ERROR = 0, 1, 2

SHARES = ('lidar', 'camera', 'memory')
NO_SHARES = '-'  # of a box that no network found


def from_frame_report(report: FrameReport, types: MessageTypes) -> Any:
    """
    Build the array of one answer, stamped as the answer: 'frame', then one status per sensor.

    The frame is ERROR where no sensor covered anything, WARN where one is missing or anything
    else was worth a warning.
    """
    values = [(f'latency_ms.{item.stage}', f'{item.elapsed_ms:.3f}') for item in report.stages]
    values.append(('boxes', str(report.num_boxes)))
    values += [(f'boxes.{label}', str(number)) for label, number in report.counts]
    values += _shares(report)
    values.append(('looks_at', ' '.join(report.looks_at)))
    values += [(f'warning.{number}', text) for number, text in enumerate(report.warnings)]
    level = WARN if report.is_partial or report.warnings else OK
    frame = status('frame', ERROR if report.is_blind else level, _summary(report), values, types)
    sensors = [_from_sensor_state(state, types) for state in report.sensors]
    return types.DiagnosticArray(
        header=header(report.stamp_ns, report.frame_id, types), status=[frame, *sensors]
    )


def from_health(health: NodeHealth, now_ns: int, types: MessageTypes) -> Any:
    """Build the array for /diagnostics: the node, one status per sensor, one of ego motion."""
    problems = health.problems
    values = [
        ('frames_skipped', str(health.skipped_frames)),
        ('frames_failed', str(health.failed_frames)),
        *((f'problem.{number}', text) for number, text in enumerate(problems)),
    ]
    text = problems[0] if problems else 'all well'
    node = status(health.name, WARN if problems else OK, text, values, types)
    sensors = [_from_sensor_health(health.name, sensor, types) for sensor in health.sensors]
    motion = health.ego_motion
    last = [_from_ego_motion(health.name, motion, types)] if motion else []
    return types.DiagnosticArray(header=header(now_ns, '', types), status=[node, *sensors, *last])


def _shares(report: FrameReport) -> list[tuple[str, str]]:
    """Tell what stands behind the boxes: on average, and behind each in percent."""
    if report.shares is None:
        return []
    means = report.mean_shares or ()
    values = [(f'share.{name}', f'{mean:.3f}')
              for name, mean in zip(SHARES, means, strict=False)]
    each = ('/'.join(f'{100.0 * share:.0f}' for share in shares) or NO_SHARES
            for shares in report.shares)
    return [*values, ('boxes.shares', ' '.join(each))]


def _summary(report: FrameReport) -> str:
    missing = [state.name for state in report.sensors if not state.present]
    if report.is_blind:
        return 'no sensor covered anything: that no box was found does not mean a free road'
    if missing:
        present = len(report.sensors) - len(missing)
        return f'{present} of {len(report.sensors)} sensors, without {", ".join(missing)}'
    return report.warnings[0] if report.warnings else f'all {len(report.sensors)} sensors'


def _from_sensor_state(state: SensorState, types: MessageTypes) -> Any:
    is_well = state.present and not state.problem
    values = [
        ('kind', state.kind),
        ('present', str(state.present).lower()),
        ('offset_ms', f'{state.offset_ns / NS_PER_MS:.3f}'),
        ('age_ms', 'never received' if state.age_ns < 0 else _ms(state.age_ns)),
        ('problem', state.problem),
        ('ego_motion', state.ego_motion),
    ]
    text = state.problem or ('present' if state.present else 'absent')
    return status(state.name, OK if is_well else WARN, text, values, types)


def _from_sensor_health(node: str, sensor: SensorHealth, types: MessageTypes) -> Any:
    seen, problems = sensor.statistics, sensor.problems
    values = [
        ('topic', sensor.topic),
        ('publishers', str(sensor.publishers)),
        ('reliability', sensor.reliability),
        ('received', str(seen.received)),
        *((item.name, str(getattr(seen.counts, item.name))) for item in fields(seen.counts)),
        ('pending', str(seen.pending)),
        ('rejected', str(sensor.rejected)),
        ('period_ms', _ms(seen.period_ns)),
        ('jitter_ms', _ms(seen.jitter_ns)),
        ('delay_ms', _ms(seen.delay_ns)),
        ('delay_p99_ms', _ms(seen.delay_p99_ns)),
        ('clock', seen.clock.value if seen.clock else 'unknown yet'),
    ]
    text = problems[0] if problems else 'all well'
    return status(f'{node}: {seen.name}', WARN if problems else OK, text, values, types)


def _from_ego_motion(node: str, motion: EgoMotionHealth, types: MessageTypes) -> Any:
    problems = motion.problems
    values = [
        ('source', motion.source),
        ('publishers', str(motion.publishers)),
        ('received', str(motion.received)),
        ('rejected', str(motion.rejected)),
    ]
    text = problems[0] if problems else 'all well'
    return status(f'{node}: ego motion', WARN if problems else OK, text, values, types)


def _ms(duration_ns: int | None) -> str:
    return 'unknown yet' if duration_ns is None else f'{duration_ns / NS_PER_MS:.3f}'


def status(
    name: str, level: int, message: str, values: list[tuple[str, str]], types: MessageTypes
) -> Any:
    """Build one DiagnosticStatus."""
    return types.DiagnosticStatus(
        level=types.byte_field(level),
        name=name,
        message=message,
        values=[types.KeyValue(key=key, value=value) for key, value in values],
    )

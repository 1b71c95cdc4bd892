# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds the diagnostic_msgs/DiagnosticArray of the localization."""

from __future__ import annotations

import math
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.messages.convert_out.common import header
from mm_fusion_ros.messages.convert_out.diagnostics import OK, status, WARN

if TYPE_CHECKING:
    from mm_fusion_ros.localization.condition import SourceHealth
    from mm_fusion_ros.localization_node_health import InputState, LocalizationNodeHealth
    from mm_fusion_ros.messages.message_types import MessageTypes

_COUNTS = ('received', 'invalid', 'repeated', 'misstamped', 'without_fix', 'held_back')
_FATES = ('used', 'contradicting', 'late', 'waiting')


def from_localization_health(
    health: LocalizationNodeHealth, now_ns: int, types: MessageTypes
) -> Any:
    """Build the array for /diagnostics: the node, then one status per source."""
    problems, estimator = health.problems, health.estimator
    values = [
        ('mode', estimator.mode.value),
        ('position_deviation_m', _number(estimator.position_deviation_m)),
        ('yaw_deviation_deg', _number(estimator.yaw_deviation_deg)),
        ('outage_s', _number(estimator.outage_s)),
        ('gnss_delay_ms', _number(estimator.gnss_delay_ms)),
        ('gnss_excess', _number(estimator.gnss_excess)),
        ('latency_ms', _number(health.latency_ms)),
        ('latency_p99_ms', _number(health.latency_p99_ms)),
        *((f'problem.{number}', text) for number, text in enumerate(problems)),
    ]
    text = problems[0] if problems else estimator.mode.value
    node = status(health.name, WARN if problems else OK, text, values, types)
    sources = [_from_source(health.name, source, health.inputs.get(source.source), types)
               for source in health.sources]
    return types.DiagnosticArray(header=header(now_ns, '', types), status=[node, *sources])


def _from_source(
    node: str, source: SourceHealth, state: InputState | None, types: MessageTypes
) -> Any:
    problems = source.problems
    values = [
        ('topic', source.topic),
        *((name, str(getattr(source, name))) for name in _COUNTS),
        *((name, str(getattr(source.tally, name))) for name in _FATES),
        ('consistency', _number(source.tally.consistency)),
        ('unused_s', _number(source.unused_s)),
    ]
    if state is not None:
        values += [('publishers', str(state.publishers)), ('reliability', state.reliability)]
    text = problems[0] if problems else 'all well'
    return status(
        f'{node}: {source.source.value}', WARN if problems else OK, text, values, types)


def _number(value: float) -> str:
    return f'{value:.3f}' if math.isfinite(value) else 'unknown yet'

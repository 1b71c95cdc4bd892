# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads a `frame_report` back, as `convert_out.diagnostics` writes it."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from mm_fusion_ros.data_types import FrameReport, SensorState, StageTiming
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in.fields import read_header
from mm_fusion_ros.messages.convert_out.diagnostics import NO_SHARES
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

_LATENCY = 'latency_ms.'
_WARNING = 'warning.'
_BOXES = 'boxes.'
_SHARES = 'boxes.shares'


def to_frame_report(message: Any) -> FrameReport:
    """
    Read a diagnostic_msgs/DiagnosticArray of one answer.

    Raises
    ------
    InvalidMessageError
        If it is another kind of diagnostics.

    """
    stamp_ns, frame_id = read_header(message)
    try:
        frame, *sensors = [_values(status) for status in message.status]
        names = [status.name for status in message.status[1:]]
        return FrameReport(
            stamp_ns=stamp_ns,
            frame_id=frame_id,
            sensors=tuple(map(_sensor, names, sensors)),
            stages=tuple(
                StageTiming(key.removeprefix(_LATENCY), float(value))
                for key, value in frame.items()
                if key.startswith(_LATENCY)
            ),
            num_boxes=int(frame['boxes']),
            warnings=tuple(text for key, text in frame.items() if key.startswith(_WARNING)),
            looks_at=tuple(frame.get('looks_at', 'lidar').split()),  # earlier ones have none
            counts=tuple(
                (key.removeprefix(_BOXES), int(value))
                for key, value in frame.items()
                if key.startswith(_BOXES) and key != _SHARES
            ),
            shares=_shares(frame[_SHARES]) if _SHARES in frame else None,
        )
    except (KeyError, ValueError, OverflowError) as err:
        raise InvalidMessageError('diagnostics', 'a frame_report', err) from err


def _shares(text: str) -> tuple[tuple[float, ...], ...]:
    return tuple(
        () if each == NO_SHARES else tuple(float(share) / 100.0 for share in each.split('/'))
        for each in text.split())


def _values(status: Any) -> dict[str, str]:
    return {item.key: item.value for item in status.values}


def _sensor(name: str, values: Mapping[str, str]) -> SensorState:
    return SensorState(
        name=name,
        kind=values['kind'],
        present=values['present'] == 'true',
        offset_ns=round(float(values['offset_ms']) * NS_PER_MS),
        age_ns=_age(values['age_ms']),
        problem=values['problem'],
        ego_motion=values.get('ego_motion', ''),  # reports of earlier versions have none
    )


def _age(text: str) -> int:
    return -1 if text == 'never received' else round(float(text) * NS_PER_MS)

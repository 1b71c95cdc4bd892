# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the clouds of one topic are like: fields, order, per-point times, empty sweeps, ground.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.messages.convert_in import PointTimeSettings, to_lidar_sweep
from mm_fusion_ros.messages.convert_in.point_times import find_time_field
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEAR_M = (1.5, 25.0)  # ground is looked for between these distances from the sensor
_CENTRED = 0.25  # of the duration: so far is a stamp in the middle from it
_NEAR_POINTS = 6000  # of each sampled sweep
_TYPE_NAMES = {1: 'i8', 2: 'u8', 3: 'i16', 4: 'u16', 5: 'i32', 6: 'u32', 7: 'f32', 8: 'f64',
               9: 'i64', 10: 'u64'}


class CloudContents:
    """
    Learns from sampled clouds of one topic.

    Parameters
    ----------
    times : PointTimeSettings, optional
        As configured; detected where None.

    Attributes
    ----------
    layout : str
        Fields and their types, rows, byte order of the first cloud.
    big_endian : bool
        Whether any cloud was.
    points, dropped : list of int
        Usable points, and those NaN, infinite or at range zero, of each cloud.
    time_field : str
        Name of the per-point time; empty where there is none.
    time_span_ms : tuple of float, optional
        Earliest and latest point time relative to the stamp; None where there are none.
    near_points : list of (M, 3) float32
        Points not far away, sensor frame, thinned out.

    """

    def __init__(self, times: PointTimeSettings | None) -> None:
        # As if stamped at the start, times are given as they are: so that they tell the instant.
        self._times = replace(times or PointTimeSettings(), stamp_is='start')
        self.layout = ''
        self.big_endian = False
        self.points: list[int] = []
        self.dropped: list[int] = []
        self.time_field = ''
        self.time_span_ms: tuple[float, float] | None = None
        self.near_points: list[NDArray[np.float32]] = []

    @property
    def empty(self) -> int:
        """
        Count the clouds without a usable point.
        """
        return self.points.count(0)

    @property
    def stamp_is(self) -> str:
        """
        What instant of the sweep the stamp is, by the point times; empty without them.
        """
        if self.time_span_ms is None:
            return ''
        low, high = self.time_span_ms
        if abs(low + high) < _CENTRED * (high - low):
            return 'middle'
        return 'start' if low + high > 0 else 'end'

    def add(self, message: Any) -> None:
        """
        Look at one cloud; InvalidMessageError if it cannot be used.
        """
        self.layout = self.layout or describe_layout(message)
        self.big_endian |= bool(message.is_bigendian)
        sweep = to_lidar_sweep(message, self._times)
        self.points.append(len(sweep))
        self.dropped.append(sweep.num_dropped)
        if sweep.time_offset_ns is not None and len(sweep):
            names = tuple(field.name for field in message.fields)
            self.time_field = find_time_field(names, self._times) or ''
            low, high = sweep.time_offset_ns.min().item(), sweep.time_offset_ns.max().item()
            self.time_span_ms = low / NS_PER_MS, high / NS_PER_MS
        distance = np.hypot(sweep.points[:, 0], sweep.points[:, 1])
        near = sweep.points[(distance > _NEAR_M[0]) & (distance < _NEAR_M[1])]
        self.near_points.append(near[:: len(near) // _NEAR_POINTS + 1].copy())


def describe_layout(message: Any) -> str:
    """
    Describe a PointCloud2 in one short line.
    """
    fields = ' '.join(
        field.name + ('' if field.datatype == 7 else f':{_TYPE_NAMES.get(field.datatype, "?")}')
        for field in message.fields
    )
    rows = f', {message.height} rows' if message.height > 1 else ''
    return f'{fields or "no fields"}{rows}{", big-endian" if message.is_bigendian else ""}'



# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One source as its messages come in: stamps, where the sensor sits, and counts of what went wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import TransformError
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.input_checks import moved
from mm_fusion_ros.localization.condition import SourceHealth
from mm_fusion_ros.localization.recent_troubles import RecentTroubles, Troubles
from mm_fusion_ros.localization.settings import ImuSettings
from mm_fusion_ros.localization.stamp_gate import StampGate
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.geometry.transform_tree import TransformTree
    from mm_fusion_ros.localization.settings import InputSettings
    from mm_fusion_ros.localization.source import Source
    from mm_fusion_ros.localization.tally import Tally

_MOUNTING_WAIT_NS = 2 * NS_PER_S
_TURNED_RAD = 1e-3
_EARLY_NS, _FEWEST_EARLY = 50 * NS_PER_MS, 5  # one may be a slip of the clock


class SourceInput:
    """
    Counts what comes from one source.

    Parameters
    ----------
    source : Source
        Which.
    topic : str
        Where its messages come from.
    settings : InputSettings
        Its stamps.
    mounting : tuple of float
        x, y, z, m, roll, pitch, yaw, deg, in the base frame; empty: by transforms.

    """

    def __init__(
        self, source: Source, topic: str, settings: InputSettings, mounting: tuple[float, ...]
    ) -> None:
        self.source, self._topic = source, topic
        self.stamps = StampGate(settings)
        self._fixed = None
        if mounting:
            self._fixed = from_euler(mounting[:3], *np.deg2rad(mounting[3:]).tolist())
        self._known: tuple[int, str, NDArray[np.float64]] | None = None
        self._first_T: NDArray[np.float64] | None = None
        self.times_turned = 0
        self._first_ns: int | None = None
        self._last_ns = 0
        self.received = self.invalid = self.repeated = self.misstamped = 0
        self.without_fix = self.held_back = self._early = 0
        self.problem = self.stamp_problem = self.mounting_problem = ''
        self._lately = RecentTroubles()
        self._longest_ms = settings.max_gap_ms if isinstance(settings, ImuSettings) else None

    def arrived(self, arrival_ns: int) -> None:
        """Count a message."""
        self.received += 1
        if self._first_ns is None or arrival_ns < self._last_ns:
            self._first_ns = arrival_ns
        self._last_ns = arrival_ns

    def settled(self, late: int) -> None:
        """Note what became of a message, after which so many in all came too late."""
        self._lately.add(
            self._last_ns, Troubles(self.invalid, self.repeated, self.misstamped, late))

    def early_problem(self, stamp_ns: int, arrival_ns: int) -> str:
        """Say that stamps lie in the future, as after messages of a clock that runs ahead."""
        early_ns = stamp_ns - arrival_ns
        self._early = self._early + 1 if early_ns > _EARLY_NS else 0
        if self._early < _FEWEST_EARLY:
            return ''
        return f'stamps: expected before the arrival, got {early_ns / NS_PER_MS:.0f} ms after it'

    def T_base_sensor(
        self, tree: TransformTree, base_frame: str, frame_id: str
    ) -> NDArray[np.float64] | None:
        """
        Give where the sensor sits, or None while it may still become known.

        A transform that does not come is taken for none at all, and that is said.
        """
        if self._fixed is not None:
            return self._fixed
        if self._known is not None and self._known[:2] == (tree.version, frame_id):
            return self._known[2]
        version = tree.version
        try:
            T = np.eye(4) if frame_id in ('', base_frame) else tree.lookup(base_frame, frame_id)
            self.mounting_problem = ''
        except TransformError as err:
            self.mounting_problem = str(err)
            if self._first_ns is None or self._last_ns - self._first_ns < _MOUNTING_WAIT_NS:
                return None
            self.mounting_problem += '; it is taken to sit in the base frame'
            T = np.eye(4)
        if not self.mounting_problem:
            self._compare(T)
        self._known = version, frame_id, T
        return T

    def _compare(self, T: NDArray[np.float64]) -> None:
        """Say for as long as it lasts that the sensor is not where it was at first."""
        self._first_T = T if self._first_T is None else self._first_T
        self.mounting_problem = next(iter(moved(self._first_T, T)), '')
        if self._known is not None:
            turned = np.abs(self._known[2][:3, :3] - T[:3, :3]).max()
            self.times_turned += bool(turned > _TURNED_RAD)

    def _pace_problem(self) -> str:
        """Say that measurements come too seldom to be joined."""
        spacing_ns = self.stamps.spacing_ns
        if self._longest_ms is None or spacing_ns is None or (
                spacing_ns <= self._longest_ms * NS_PER_MS):
            return ''
        return (f'a sample every {spacing_ns / NS_PER_MS:.0f} ms, expected at least every '
                f'{self._longest_ms:.0f} ms (imu.max_gap_ms)')

    def health(self, tally: Tally, now_ns: int, used_until_ns: int | None) -> SourceHealth:
        """Say how it is, at an arrival, and at the stamp that measurements should have reached."""
        never, pace_problem = float('inf'), self._pace_problem()
        return SourceHealth(
            self.source, self._topic, self.received, self.invalid, self.repeated,
            self.misstamped, self.without_fix, self.held_back, self._lately.received,
            self._lately.troubles, tally,
            (now_ns - self._last_ns) / NS_PER_S if self.received else never,
            (used_until_ns - tally.last_used_ns) / NS_PER_S
            if used_until_ns is not None and tally.last_used_ns and not pace_problem else never,
            self.stamp_problem or self.problem or self.mounting_problem or pace_problem)

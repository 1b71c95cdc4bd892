# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The first moments: measurements wait until it is known which way is up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.localization.levelling import FirstMotion, levelled
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.localization.error_state_filter import Snapshot
    from mm_fusion_ros.localization.inertial_sample import InertialSample
    from mm_fusion_ros.localization.settings import EstimatorSettings

_LEVELLING_NS = NS_PER_S // 2
_LEVELLING_SAMPLES = 5
_WITHOUT_IMU_NS = NS_PER_S
_MANY = 20_000
_STANDING_MPS = 0.05


class Beginning:
    """
    Collects measurements until the first state can be given.

    Parameters
    ----------
    settings : EstimatorSettings
        What is believed beforehand.

    """

    def __init__(self, settings: EstimatorSettings) -> None:
        self._settings = settings
        self.samples: list[InertialSample] = []
        self.waiting: list[Callable[[], None]] = []
        self._stamps_ns: list[int] = []  # of what waits
        self._speeds: list[tuple[int, float]] = []
        self.speed_is_measured = False

    def add_sample(self, sample: InertialSample) -> None:
        """Take in an inertial measurement; one that does not come in order is left out."""
        if not self.samples or sample.stamp_ns > self.samples[-1].stamp_ns:
            self.samples.append(sample)

    def wait(self, stamp_ns: int, take: Callable[[], None]) -> None:
        """Let a measurement wait; `take` hands it over."""
        if len(self.waiting) < _MANY:
            self.waiting.append(take)
            self._stamps_ns.append(stamp_ns)

    def add_speed(self, stamp_ns: int, speed_mps: float, *, is_measured: bool) -> None:
        """
        Take in a speed: by what measures it forward, or by satellite.

        The latter has no sign, and shakes while the vehicle stands: it counts where there is
        nothing else.
        """
        if is_measured and not self.speed_is_measured:
            self.speed_is_measured = True
            self._speeds.clear()
        if is_measured == self.speed_is_measured:
            self._speeds.append((stamp_ns, speed_mps))

    def first(self) -> Snapshot | None:
        """Give the first state once there is enough, or nothing more to wait for."""
        if len(self.samples) >= _LEVELLING_SAMPLES and (
                self.samples[-1].stamp_ns - self.samples[0].stamp_ns >= _LEVELLING_NS):
            return levelled(
                self.samples, self.samples[0].stamp_ns, self._motion(), self._settings)
        if not self._stamps_ns:
            return None
        # An IMU that fell silent is not waited for, either.
        since_ns = max(
            [min(self._stamps_ns), *(sample.stamp_ns for sample in self.samples[-1:])])
        if max(self._stamps_ns) - since_ns < _WITHOUT_IMU_NS:
            return None
        return levelled((), min(self._stamps_ns) - 1, self._motion(), self._settings)

    def _motion(self) -> FirstMotion:
        if not self._speeds:
            return FirstMotion()
        stamps, speeds = (np.array(column) for column in zip(*self._speeds, strict=True))
        if np.abs(speeds).max() < _STANDING_MPS and self.speed_is_measured:
            return FirstMotion(0.0, 0.0, is_standing=True)
        times = (stamps - stamps[0]) * 1e-9
        if times[-1] <= 0.0:
            return FirstMotion(float(speeds[0]))
        slope, first = np.polyfit(times, speeds, 1)
        return FirstMotion(float(first), float(slope))

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Watches one sensor: whether its messages are new, on time, and show what they usually show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
import zlib

import numpy as np

from mm_fusion_ros.input_checks.picture import PictureCheck
from mm_fusion_ros.input_checks.sweep import SweepCheck
from mm_fusion_ros.input_checks.usual import Usual
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import CameraImage, LidarSweep
    from mm_fusion_ros.input_checks.settings import InputCheckSettings

_ROWS = 32  # of a picture that are looked at
_POINTS = 4096  # of a sweep, at least, that are looked at for where they are


class SensorCheck:
    """
    Watches one sensor. A message that comes again, as it serves two frames, is judged once.

    Parameters
    ----------
    settings : InputCheckSettings
        What is called unusual.

    """

    def __init__(self, settings: InputCheckSettings) -> None:
        self._settings = settings
        self._stamp_ns: int | None = None
        self._found: tuple[str, ...] = ()
        self._digest = 0
        self._usual_delay = Usual()
        self._picture = PictureCheck(settings)
        self._sweep = SweepCheck(settings)

    def picture(self, stamp_ns: int, arrival_ns: int, image: CameraImage) -> tuple[str, ...]:
        """Say what is unusual about an image of this stamp that arrived then."""
        if self._is_new(stamp_ns):
            pixels = image.pixels
            step = max(len(pixels) // _ROWS, 1)
            rows = np.ascontiguousarray(pixels[step // 2::step, :, 1])
            self._found = (*self._frozen(rows), *self._late(stamp_ns, arrival_ns),
                           *self._picture.judge(rows))
        return self._found

    def sweep(self, stamp_ns: int, arrival_ns: int, sweep: LidarSweep) -> tuple[str, ...]:
        """Say what is unusual about a sweep of this stamp, not empty, that arrived then."""
        if self._is_new(stamp_ns):
            points = sweep.points
            some = np.ascontiguousarray(points[::max(len(points) // _POINTS, 1)])
            self._found = (*self._frozen(some), *self._late(stamp_ns, arrival_ns),
                           *self._sweep.judge(sweep, some))
        return self._found

    def _is_new(self, stamp_ns: int) -> bool:
        is_new = self._settings.enabled and stamp_ns != self._stamp_ns
        self._stamp_ns = stamp_ns
        return is_new

    def _frozen(self, some: NDArray[np.generic]) -> tuple[str, ...]:
        last, self._digest = self._digest, zlib.crc32(some.data)
        if self._digest != last:
            return ()
        return ('shows the same as before, under a new stamp: frozen',)

    def _late(self, stamp_ns: int, arrival_ns: int) -> tuple[str, ...]:
        delay_ms = (arrival_ns - stamp_ns) / NS_PER_MS
        usual = self._usual_delay.values
        found: tuple[str, ...] = ()
        if usual is not None and abs(delay_ms - usual[0]) > self._settings.max_delay_change_ms:
            found = (f'came {delay_ms:.0f} ms after its stamp, usually {usual[0]:.0f} ms',)
        self._usual_delay.learn(np.array([delay_ms]), is_unusual=bool(found))
        return found

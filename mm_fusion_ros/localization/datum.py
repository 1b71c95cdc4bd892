# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The origin of the map, and free fall around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.geometry.gravity import gravity_at, USUAL_GRAVITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import GnssFix

_AGREEING_M = 200.0  # from one fix to the next
_GRAVITY_HOLDS_M = 100.0  # it turns by 0.001 degrees meanwhile


class Datum:
    """
    Ties the map to the earth.

    Parameters
    ----------
    origin : tuple of float
        Latitude, longitude, deg, and altitude, m; empty to take the first fix that
        the next one agrees with.

    """

    def __init__(self, origin: tuple[float, ...]) -> None:
        self._ground = LocalEnu(*origin) if origin else None
        self._candidate: LocalEnu | None = None  # at the last fix, before there is an origin
        self._felt_at: NDArray[np.float64] | None = None
        self._gravity = np.array((0.0, 0.0, -USUAL_GRAVITY))

    @property
    def ground(self) -> LocalEnu | None:
        """The map's frame; None before there is an origin."""
        return self._ground

    def to_map(self, fix: GnssFix) -> NDArray[np.float64] | None:
        """
        Give the place (3,) of a fix on the map, m; up is NaN where it has no altitude.

        The first one that the next agrees with becomes the origin if there is none yet; None
        until then.
        """
        has_altitude = bool(np.isfinite(fix.altitude_m))
        altitude_m = fix.altitude_m if has_altitude else 0.0
        geodetic = fix.latitude_deg, fix.longitude_deg, altitude_m
        if self._ground is None:
            before, self._candidate = self._candidate, LocalEnu(*geodetic)
            if before is None or np.linalg.norm(before.to_enu(*geodetic)[0][:2]) > _AGREEING_M:
                return None
            self._ground = before
        place: NDArray[np.float64] = self._ground.to_enu(*geodetic)[0]
        if not has_altitude:
            place[2] = np.nan
        return place

    def gravity(self, place: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give free fall (3,) at a place (3,) of the map, its axes, m/s^2."""
        if self._ground is None:
            return self._gravity
        if self._felt_at is None or np.abs(place - self._felt_at).max() > _GRAVITY_HOLDS_M:
            self._felt_at = place
            self._gravity = gravity_at(place, self._ground)
        return self._gravity

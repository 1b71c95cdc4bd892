# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Between WGS 84 latitude, longitude, altitude and a local east, north, up frame.

PROJ does the mathematics; no datum shifts, no geoid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import Transformer
from pyproj.enums import TransformDirection

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_BOUNDS = (('latitude', 90.0, 'deg'), ('longitude', 360.0, 'deg'), ('altitude', 1e8, 'm'))


class LocalEnu:
    """
    A frame that touches the earth at one point: x east, y north, z up, m.

    Parameters
    ----------
    latitude_deg, longitude_deg, altitude_m : float
        Its origin; altitude above the ellipsoid.

    Raises
    ------
    InvalidMessageError
        If the origin is not on the earth.

    """

    def __init__(self, latitude_deg: float, longitude_deg: float, altitude_m: float) -> None:
        _check_geodetic(np.array([latitude_deg, longitude_deg, altitude_m]))
        self._transformer = Transformer.from_pipeline(
            '+proj=pipeline +ellps=WGS84 '
            '+step +proj=unitconvert +xy_in=deg +xy_out=rad '
            '+step +proj=cart '
            f'+step +proj=topocentric +lat_0={float(latitude_deg)!r} '
            f'+lon_0={float(longitude_deg)!r} +h_0={float(altitude_m)!r}'
        )

    def to_enu(
        self, latitude_deg: ArrayLike, longitude_deg: ArrayLike, altitude_m: ArrayLike
    ) -> NDArray[np.float64]:
        """
        Give positions (N, 3) in the local frame, m.

        Raises
        ------
        InvalidMessageError
            If a position is not on the earth.

        """
        geodetic = np.stack(
            np.broadcast_arrays(latitude_deg, longitude_deg, altitude_m), axis=-1
        ).astype(np.float64)
        _check_geodetic(geodetic)
        latitude, longitude, altitude = geodetic.reshape(-1, 3).T
        enu = self._transformer.transform(longitude, latitude, altitude)
        return np.stack(enu, axis=-1)

    def to_geodetic(self, enu: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give latitude, longitude, degrees, and altitude, m, of local positions (N, 3)."""
        east, north, up = np.asarray(enu, np.float64).T
        longitude, latitude, altitude = self._transformer.transform(
            east, north, up, direction=TransformDirection.INVERSE
        )
        return np.stack([latitude, longitude, altitude], axis=-1)


def _check_geodetic(geodetic: NDArray[np.float64]) -> None:
    """Refuse latitudes, longitudes and altitudes (..., 3) that no receiver can mean."""
    for column, (what, most, unit) in enumerate(_BOUNDS):
        values = geodetic[..., column].ravel()
        outside = values[~(np.abs(values) <= most)]
        if len(outside):
            raise InvalidMessageError(
                'position', f'{what} {-most:g} to {most:g} {unit}', float(outside[0]))

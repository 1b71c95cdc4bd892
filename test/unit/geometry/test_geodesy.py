# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Local east, north, up frames, checked against the closed form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry.geodesy import LocalEnu


def geocentric(latitude_deg: float, longitude_deg: float, altitude_m: float) -> np.ndarray:
    """Place a position by the defining constants of WGS 84."""
    a, f = 6378137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    lat, lon = np.radians([latitude_deg, longitude_deg])
    n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    across = (n + altitude_m) * np.cos(lat)
    return np.array(
        [across * np.cos(lon), across * np.sin(lon), (n * (1 - e2) + altitude_m) * np.sin(lat)]
    )


def enu_by_hand(origin: tuple[float, float, float], position: tuple[float, ...]) -> np.ndarray:
    lat, lon = np.radians(origin[:2])
    axes = np.array([
        [-np.sin(lon), np.cos(lon), 0],
        [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)],
        [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)],
    ])
    return axes @ (geocentric(*position) - geocentric(*origin))


@given(
    st.floats(-89, 89), st.floats(-180, 180), st.floats(-400, 9000),
    st.floats(-0.9, 0.9), st.floats(-0.9, 0.9), st.floats(-100, 1000),
)
def test_positions_up_to_100_km_away_agree_with_the_closed_form_and_come_back(
    lat: float, lon: float, alt: float, dlat: float, dlon: float, dalt: float
) -> None:
    position = (lat + dlat, lon + dlon, alt + dalt)
    local = LocalEnu(lat, lon, alt)
    enu = local.to_enu(*position)
    np.testing.assert_allclose(enu, [enu_by_hand((lat, lon, alt), position)], atol=1e-6)
    back = local.to_geodetic(enu)[0]
    assert back[0] == pytest.approx(position[0], abs=1e-9)
    assert np.cos(np.radians(back[1] - position[1])) == pytest.approx(1.0, abs=1e-15)
    assert back[2] == pytest.approx(position[2], abs=1e-5)


def test_the_antimeridian_is_no_edge() -> None:
    enu = LocalEnu(0.0, 179.9999, 0.0).to_enu([0.0, 0.0], [-179.9999, 180.0001], [0.0, 0.0])
    np.testing.assert_allclose(enu[0], enu[1], atol=1e-6)
    assert enu[0, 0] == pytest.approx(22.26, abs=0.01)


def test_the_origin_is_zero_and_axes_point_east_north_up() -> None:
    local = LocalEnu(49.0, 8.4, 115.0)
    enu = local.to_enu([49.0, 49.0, 49.0001, 49.0], [8.4, 8.4001, 8.4, 8.4], [115, 115, 115, 116])
    np.testing.assert_allclose(enu[0], 0.0, atol=1e-8)
    assert (enu[[1, 2, 3], [0, 1, 2]] > 0.99).all()


def test_no_positions_give_no_positions() -> None:
    local = LocalEnu(49.0, 8.4, 115.0)
    assert local.to_enu([], [], []).shape == (0, 3)
    assert local.to_geodetic(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize(('position', 'text'), [
    ((91.0, 0.0, 0.0), 'position: expected latitude -90 to 90 deg, got 91.0'),
    ((0.0, np.nan, 0.0), 'position: expected longitude -360 to 360 deg, got nan'),
    ((0.0, 0.0, np.inf), r'position: expected altitude -1e\+08 to 1e\+08 m, got inf'),
    ((49.0, 8.4, 1e9), r'position: expected altitude -1e\+08 to 1e\+08 m, got 1000000000.0')])
def test_positions_not_on_the_earth_are_refused_and_what_is_wrong_is_named(
    position: tuple[float, float, float], text: str
) -> None:
    with pytest.raises(InvalidMessageError, match=text):
        LocalEnu(*position)
    with pytest.raises(InvalidMessageError, match=text):
        LocalEnu(49.0, 8.4, 0.0).to_enu(*position)

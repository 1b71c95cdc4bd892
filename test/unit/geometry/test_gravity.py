# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Free fall: how strong, and in which direction."""

import numpy as np
import pytest

from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.geometry.gravity import gravity_at, normal_gravity, USUAL_GRAVITY


@pytest.mark.parametrize(('latitude_deg', 'expected'), [
    (0.0, 9.7803253359), (90.0, 9.8321849379), (-90.0, 9.8321849379), (45.0, 9.8061977)])
def test_it_is_what_the_ellipsoid_says(latitude_deg, expected):
    assert normal_gravity(latitude_deg, 0.0) == pytest.approx(expected, abs=2e-6)


def test_it_falls_with_height():
    assert normal_gravity(49.0, 3000.0) - normal_gravity(49.0, 0.0) == pytest.approx(
        -0.00926, abs=1e-5)


def test_the_usual_one_is_that_of_middle_latitudes():
    assert normal_gravity(45.5, 0.0) == pytest.approx(USUAL_GRAVITY, abs=1e-3)


@pytest.mark.parametrize(
    'origin', [(49.0, 8.4, 115.0), (-33.0, 179.9999, 3000.0), (0.0, 0.0, 0.0)])
def test_at_the_origin_it_points_down(origin):
    gravity = gravity_at(np.zeros(3), LocalEnu(*origin))
    np.testing.assert_allclose(
        gravity, [0.0, 0.0, -normal_gravity(origin[0], origin[2])], atol=1e-6)


@pytest.mark.parametrize('direction', [(1.0, 0.0), (0.0, -1.0), (0.6, 0.8)])
def test_a_hundred_kilometres_off_it_leans_back_by_nearly_a_degree(direction):
    place = np.array([*(1e5 * np.array(direction)), 0.0])
    gravity = gravity_at(place, LocalEnu(49.0, 8.4, 115.0))
    lean_deg = np.degrees(np.arctan2(np.linalg.norm(gravity[:2]), -gravity[2]))
    assert lean_deg == pytest.approx(0.9, abs=0.01)
    np.testing.assert_allclose(
        gravity[:2] / np.linalg.norm(gravity[:2]), -np.array(direction), atol=0.01)

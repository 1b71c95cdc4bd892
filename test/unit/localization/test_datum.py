# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The origin of the map, wherever on the earth, and what gravity does far from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.localization_drives import estimated, localized, ride, START_NS

from mm_fusion_ros.data_types import GnssFix
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.localization.datum import Datum
from mm_fusion_ros.localization.ego_state import Mode
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import localization_config

ORIGIN = (49.0, 8.4, 115.0)
FAR_M = 100_000.0


def fix(latitude_deg=49.0, longitude_deg=8.4, altitude_m=115.0) -> GnssFix:
    return GnssFix(START_NS, 'gnss', latitude_deg, longitude_deg, altitude_m, has_fix=True)


def test_the_first_fix_is_the_origin():
    datum = Datum(())
    assert datum.to_map(fix()) is None
    assert datum.ground is None
    np.testing.assert_allclose(datum.to_map(fix()), 0.0, atol=1e-6)
    np.testing.assert_allclose(datum.to_map(fix(49.001)), [0.0, 111.2, 0.0], atol=0.1)


def test_a_first_fix_that_no_other_agrees_with_is_no_origin():
    datum = Datum(())
    assert datum.to_map(fix(0.0, 0.0)) is None
    assert datum.to_map(fix()) is None
    np.testing.assert_allclose(datum.to_map(fix()), 0.0, atol=1e-6)


def test_a_parameter_is_the_origin_whatever_the_first_fix():
    datum = Datum(ORIGIN)
    np.testing.assert_allclose(
        datum.to_map(fix(49.0, 8.401, 120.0)), [73.2, 0.0, 5.0], atol=0.1)


def test_without_an_altitude_up_is_not_known():
    datum = Datum(ORIGIN)
    place = datum.to_map(fix(altitude_m=np.nan))
    np.testing.assert_allclose(place[:2], 0.0, atol=1e-6)
    assert np.isnan(place[2])


def test_a_first_fix_without_altitude_makes_an_origin_on_the_ellipsoid():
    datum = Datum(())
    assert datum.to_map(fix(altitude_m=np.nan)) is None
    assert np.isnan(datum.to_map(fix(altitude_m=np.nan))[2])
    assert datum.to_map(fix(altitude_m=115.0))[2] == pytest.approx(115.0, abs=1e-6)


def test_gravity_follows_the_vehicle():
    datum = Datum(ORIGIN)
    here, near, far = (datum.gravity(np.array([east, 0.0, 0.0])) for east in (0.0, 50.0, FAR_M))
    np.testing.assert_array_equal(near, here)
    lean_deg = np.degrees(np.arctan2(-far[0], -far[2]))
    assert lean_deg == pytest.approx(0.9, abs=0.01)
    np.testing.assert_allclose(datum.gravity(np.zeros(3)), here, atol=1e-9)


def test_before_the_first_fix_gravity_is_the_usual_one():
    np.testing.assert_array_equal(Datum(()).gravity(np.zeros(3)), [0.0, 0.0, -9.80665])


def last_error(ridden, **options):
    run = localized(ridden, **options)
    assert run.localizer.health().mode is Mode.ALIGNED
    answer = run.answers[-1]
    return answer, ridden.truth(answer.stamp_ns)[0]


@pytest.mark.parametrize('origin', [
    (-17.0, -179.9996, 20.0), (0.0, 0.0004, 0.0), (46.5, 8.0, 3000.0), (69.6, 18.9, 0.0)],
    ids=['across the antimeridian', 'across the equator', 'Alps', 'Arctic'])
def test_it_drives_anywhere(origin):
    ridden = ride(9.0, 1, datum=origin)
    longitudes = [said.data.longitude_deg for said in ridden.said if said.source is Source.FIX]
    answer, T = last_error(ridden)
    assert (np.ptp(longitudes) > 359.0) == (origin[1] < -179.0)
    assert np.linalg.norm(T[:3, 3] - answer.map_pose.T_frame_child[:3, 3]) < 5.0
    assert np.degrees(np.arccos(np.clip(
        T[2, :3] @ answer.map_pose.T_frame_child[2, :3], -1.0, 1.0))) < 0.6
    place = LocalEnu(*origin).to_enu(
        answer.fix.latitude_deg, answer.fix.longitude_deg, answer.fix.altitude_m)[0]
    np.testing.assert_allclose(place, answer.map_pose.T_frame_child[:3, 3], atol=1e-3)
    assert abs(answer.fix.longitude_deg) <= 180.0


def test_a_hundred_kilometres_from_the_datum_the_tilt_stays_right():
    ridden = ride(12.0, 1)
    datum = tuple(LocalEnu(*ORIGIN).to_geodetic(np.array([[FAR_M, 0.0, 0.0]]))[0].tolist())
    run, near = localized(ridden, datum=datum), localized(ridden)
    answer = run.answers[-1]
    T_far, T = answer.map_pose.T_frame_child, ridden.truth(answer.stamp_ns)[0]
    # Up where the vehicle is, in the axes of the map.
    place = LocalEnu(*datum).to_enu(*ORIGIN)[0]
    up = LocalEnu(*datum).to_enu(*ORIGIN[:2], ORIGIN[2] + 1.0)[0] - place
    assert np.degrees(np.arccos(up[2] / np.linalg.norm(up))) == pytest.approx(0.9, abs=0.02)
    seen = T_far[:3, :3].T @ up  # up, as the vehicle sees it
    off_deg = np.degrees(np.arccos(np.clip(seen @ T[2, :3], -1.0, 1.0)))
    assert off_deg < 0.4
    assert np.linalg.norm(T_far[:3, 3] - place) < 200.0
    # A lean of 0.9 degrees would be taken for a bias of 0.15 m/s^2.
    biases = [item.localizer._estimator.state_at(answer.stamp_ns).accel_bias
              for item in (run, near)]
    np.testing.assert_allclose(*biases, atol=0.05)


def test_fixes_without_altitude_serve_on_the_plan():
    ridden = ride(8.0, 1)
    flat = ridden.with_said(
        said._replace(data=replace(said.data, altitude_m=np.nan))
        if said.source is Source.FIX else said for said in ridden.said)
    answer, T = last_error(flat)
    assert np.isfinite(answer.map_pose.T_frame_child).all()
    assert np.linalg.norm(T[:2, 3] - answer.map_pose.T_frame_child[:2, 3]) < 4.0
    assert abs(answer.map_pose.T_frame_child[2, 3]) < 5.0


def test_without_a_datum_the_map_begins_at_the_first_fix():
    ridden = ride(8.0, 1)
    answer, T = last_error(ridden, datum=())
    first = next(said.data for said in ridden.said if said.source is Source.FIX)
    origin = LocalEnu(*ORIGIN).to_enu(
        first.latitude_deg, first.longitude_deg, first.altitude_m)[0]
    off = T[:3, 3] - origin - answer.map_pose.T_frame_child[:3, 3]
    assert np.linalg.norm(off[:2]) < 4.0


def test_the_datum_outlives_a_reset():
    ridden, localizer = ride(3.0, 1), Localizer(localization_config({
        'gnss.mounting': (0.3, 0.0, 1.6, 0.0, 0.0, 0.0)}))
    fixes = [said for said in ridden.said if said.source is Source.FIX]
    for said in fixes[:20]:
        localizer.receive(Source.FIX, said.message(), said.arrival_ns)
    ground = localizer._datum.ground
    assert ground is not None
    localizer.reset()
    for said in fixes[20:]:
        localizer.receive(Source.FIX, said.message(), said.arrival_ns)
    assert localizer._datum.ground is ground


def test_the_estimator_tells_gravity_where_it_is():
    ridden = ride(4.0, 1, datum=(46.5, 8.0, 3000.0))
    estimator = estimated(ridden)
    assert -estimator._filter.gravity[2] == pytest.approx(9.7981, abs=1e-3)

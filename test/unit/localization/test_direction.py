# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""From dead reckoning to the map: what tells the direction, how soon, and how honestly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2
from support.localization_drives import (
    estimated,
    ride,
    SpeedProfile,
    standing,
    START_NS,
    with_compass,
)

from mm_fusion_ros.localization.ego_state import Mode
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.sim.sensors.gnss import GnssSettings
from mm_fusion_ros.stamps import NS_PER_S

IMU, FIX, VELOCITY, WHEELS = Source.IMU, Source.FIX, Source.GNSS_VELOCITY, Source.WHEELS
SEEDS = range(8)
# The receiver's errors are as the settings take them to be.
AS_TOLD = GnssSettings(jumps_per_hour=0.0, noise_m=0.7, drift_m=0.7, drift_time_s=60.0)


def is_aligned(estimator) -> bool:
    return estimator.mode is Mode.ALIGNED


def found(ridden):
    """Give state and errors as soon as the direction is known, and when that is, s."""
    estimator = estimated(ridden, until=is_aligned)
    assert is_aligned(estimator)
    state = estimator.state_at(estimator.newest_ns)
    return state, ridden.errors(state), (estimator.newest_ns - START_NS) / NS_PER_S


@pytest.mark.parametrize(('sources', 'until_s'), [
    ((IMU, FIX, VELOCITY, WHEELS), 1.0), ((IMU, FIX, VELOCITY), 1.0),
    ((IMU, FIX, WHEELS), 3.0), ((IMU, FIX), 4.0), ((FIX, VELOCITY, WHEELS), 1.5),
    ((FIX, WHEELS), 4.0)],
    ids=lambda item: '+'.join(source.value for source in item) if isinstance(item, tuple) else '')
@pytest.mark.parametrize('seed', [0, 1])
def test_driving_tells_the_direction(sources, until_s, seed):
    _, errors, time_s = found(ride(8.0, seed).only(*sources))
    assert time_s < until_s
    assert abs(np.degrees(errors[5])) < 12.0
    assert np.linalg.norm(errors[:2]) < 5.0


@pytest.mark.parametrize('sources', [(VELOCITY, WHEELS, IMU), (WHEELS, IMU), (IMU,)])
def test_without_a_place_there_is_no_map(sources):
    estimator = estimated(ride(6.0).only(*sources))
    assert estimator.mode is Mode.DEAD_RECKONING
    state = estimator.state_at(estimator.newest_ns)
    assert np.degrees(state.yaw_deviation_rad) > 100.0


@pytest.mark.parametrize('sources', [
    (IMU, FIX, VELOCITY, WHEELS), (IMU, FIX, VELOCITY), (IMU, FIX), (FIX, VELOCITY)])
@pytest.mark.parametrize('seed', [0, 3])
def test_standing_tells_no_direction(sources, seed):
    assert estimated(standing(12.0, seed).only(*sources)).mode is Mode.DEAD_RECKONING


def test_standing_with_a_compass_does():
    state, errors, time_s = found(with_compass(standing()))
    assert time_s < 1.0
    assert abs(errors[5]) < 0.02
    assert state.yaw_deviation_rad == pytest.approx(0.05, rel=0.1)


def test_a_compass_that_knows_nothing_tells_nothing():
    ridden = with_compass(standing(), deviation_rad=1.0)
    assert estimated(ridden).mode is Mode.DEAD_RECKONING


@pytest.mark.parametrize(('sources', 'until_s'), [
    ((IMU, FIX), 14.0), ((IMU, FIX, VELOCITY), 6.0), ((IMU, FIX, VELOCITY, WHEELS), 6.0)])
def test_driving_off_after_standing_tells_the_direction(sources, until_s):
    way = SpeedProfile(8.0, stand_s=3.0, rise_s=3.0)
    ridden = ride(14.0, 2, way=way).only(*sources)
    _, errors, time_s = found(ridden)
    assert 3.0 < time_s < until_s
    assert abs(np.degrees(errors[5])) < 12.0


@pytest.mark.parametrize('sources', [(IMU, FIX), (IMU, FIX, VELOCITY), (IMU, FIX, WHEELS)])
def test_ahead_is_not_taken_for_behind(sources):
    for seed in SEEDS:
        _, errors, _ = found(ride(5.0, seed, bend_rad=0.05).only(*sources))
        assert abs(errors[5]) < 0.5


def test_driving_backwards_is_told_by_wheels():
    _, errors, _ = found(ride(6.0, 1, way=SpeedProfile(-6.0)))
    assert abs(np.degrees(errors[5])) < 12.0


def test_after_twenty_seconds_all_is_well_known():
    for seed in (0, 1):
        ridden = ride(20.0, seed)
        estimator = estimated(ridden)
        errors = ridden.errors(estimator.state_at(estimator.newest_ns))
        assert np.linalg.norm(errors[:2]) < 3.0
        assert np.degrees(np.abs(errors[3:6])).max() < 0.5
        assert np.linalg.norm(errors[6:]) < 0.15


@pytest.mark.parametrize('sources', [
    (IMU, FIX, VELOCITY, WHEELS), (IMU, FIX, WHEELS), (IMU, FIX)],
    ids=['all', 'no velocity', 'fixes alone'])
@pytest.mark.parametrize('later_s', [0.0, 3.0])
def test_the_covariance_is_honest_when_the_direction_is_found(sources, later_s):
    squares = []
    for seed in range(12):
        ridden = ride(8.0, seed, gnss=AS_TOLD).only(*sources)
        begun_ns: list[int] = []

        def is_later(estimator, begun_ns=begun_ns):
            if is_aligned(estimator):
                begun_ns.append(estimator.newest_ns)
                return estimator.newest_ns >= begun_ns[0] + later_s * NS_PER_S
            return False

        estimator = estimated(ridden, until=is_later)
        state = estimator.state_at(estimator.newest_ns)
        errors = ridden.errors(state)
        rows = [0, 1, 5]
        squares.append(errors[rows] @ np.linalg.solve(
            state.covariance[np.ix_(rows, rows)], errors[rows]))
    assert np.mean(squares) < chi2.ppf(0.999, 3 * len(squares)) / len(squares)


@pytest.mark.parametrize('off_deg', [115.0, -60.0, 180.0])
def test_a_wrong_compass_is_found_out_and_no_longer_asked(off_deg):
    way = SpeedProfile(9.0, stand_s=2.0, rise_s=2.0)
    ridden = with_compass(ride(16.0, way=way), np.radians(off_deg))
    standing_still = estimated(ridden, until=is_aligned)
    assert abs(ridden.errors(standing_still.state_at(standing_still.newest_ns))[5]) > 0.9
    estimator = estimated(ridden)
    assert estimator.compass_is_wrong
    errors = ridden.errors(estimator.state_at(estimator.newest_ns))
    assert abs(np.degrees(errors[5])) < 2.0
    assert np.linalg.norm(errors[:2]) < 4.0


@pytest.mark.parametrize('off_deg', [0.0, 5.0])
def test_a_good_compass_is_kept(off_deg):
    ridden = with_compass(ride(16.0, 1), np.radians(off_deg), deviation_rad=0.1)
    estimator = estimated(ridden)
    assert not estimator.compass_is_wrong
    assert estimator.tallies[Source.COMPASS].used > 10


def test_before_it_knows_the_direction_it_reckons_from_the_first_fix():
    ridden = standing(3.0)
    estimator = estimated(ridden)
    state = estimator.state_at(estimator.newest_ns)
    assert estimator.mode is Mode.DEAD_RECKONING
    assert np.linalg.norm(ridden.errors(state)[:3]) < 5.0
    assert state.yaw_deviation_rad == pytest.approx(np.pi / np.sqrt(3.0))
    assert estimator.tallies[FIX].waiting > 20

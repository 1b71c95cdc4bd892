# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is known when sensors die, or never spoke: not much perhaps, but never wrongly sure."""

from dataclasses import replace

import numpy as np
import pytest
from support.localization_drives import estimated, localized, ride

from mm_fusion_ros.localization.ego_state import Mode
from mm_fusion_ros.localization.source import Source

IMU, FIX, VELOCITY, WHEELS = Source.IMU, Source.FIX, Source.GNSS_VELOCITY, Source.WHEELS


def away_m(ridden, state) -> float:
    return float(np.linalg.norm(ridden.errors(state)[:2]))


def test_an_imu_that_died_in_a_turn_turns_no_more():
    ridden = ride(12.0, 1)
    died = ridden.with_said(said for said in ridden.said
                            if said.source is not IMU or said.time_s < 6.0)
    estimator = estimated(died.only(IMU, FIX, VELOCITY))
    state = estimator.state_at(estimator.newest_ns)
    np.testing.assert_array_equal(state.rates_radps, 0.0)
    assert np.sqrt(state.rates_variance) > 0.1


@pytest.mark.parametrize('seed', range(3))
def test_wheels_that_tell_speed_alone_and_gnss_are_not_wrongly_sure(seed):
    ridden = ride(40.0, seed).only(WHEELS, FIX, VELOCITY)
    silent = ridden.with_said(
        said if said.source is not WHEELS else said._replace(
            data=replace(said.data, angular_radps=np.zeros(3))) for said in ridden.said)
    estimator = estimated(silent)
    state = estimator.state_at(estimator.newest_ns)
    assert estimator.mode is Mode.ALIGNED
    assert away_m(ridden, state) < 5.0
    assert abs(state.gnss_delay_s) < 0.1


@pytest.mark.parametrize('seed', range(3))
@pytest.mark.parametrize('sources', [(FIX, VELOCITY), (FIX,)])
def test_gnss_alone_comes_onto_the_map_of_a_winding_road(sources, seed):
    ridden = ride(40.0, seed).only(*sources)
    estimator = estimated(ridden)
    state = estimator.state_at(estimator.newest_ns)
    assert estimator.mode is Mode.ALIGNED
    assert away_m(ridden, state) < 10.0


@pytest.mark.parametrize('datum', [(), (49.0, 8.4, 115.0)])
def test_a_first_fix_far_away_does_no_harm(datum):
    ridden = ride(12.0, 2)
    first = next(said for said in ridden.said if said.source is FIX)

    def lost(said):
        message = said.message()
        if said is first:
            message.latitude, message.longitude = 0.0, 0.0
        return [(said.arrival_ns, message)]

    run = localized(ridden, lost, datum=datum)
    assert run.localizer.health().mode is Mode.ALIGNED
    answer = next(item for item in run.answers if item.fix is not None)
    assert answer.stamp_ns - run.answers[0].stamp_ns < 3e9
    fix = run.answers[-1].fix
    T, _ = ridden.truth(fix.stamp_ns)
    north_m = (fix.latitude_deg - ridden.datum[0]) * 111_200.0
    assert north_m == pytest.approx(T[1, 3], abs=5.0)


def test_while_the_direction_is_unknown_the_place_follows_the_fixes():
    ridden = ride(30.0, 3).only(IMU, FIX)
    estimator = estimated(ridden.with_said(
        said for said in ridden.said if said.source is IMU or said.time_s % 5.0 < 0.15))
    state = estimator.state_at(estimator.newest_ns)
    assert away_m(ridden, state) < 60.0  # 5 s of driving


def test_doubt_outlives_what_comes_late():
    ridden = ride(8.0, 1)
    estimator = estimated(ridden)
    late = next(said for said in reversed(ridden.said) if said.source is WHEELS)
    estimator.distrust_imu()
    estimator.add_wheels(replace(late.data, stamp_ns=late.data.stamp_ns - 1))
    after = estimator.state_at(estimator.newest_ns).covariance
    assert np.sqrt(np.diag(after)[:2]).min() > 3.0

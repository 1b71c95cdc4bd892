# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How the errors of the state show in each measurement, and what each does to the filter."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.state_errors import DEVIATIONS, disturbed, some_state

from mm_fusion_ros.localization.error_covariance import (
    ATTITUDE,
    GYRO_BIAS,
    NoiseDensities,
    POSITION,
    SIZE,
    VELOCITY,
)
from mm_fusion_ros.localization.error_state_filter import ErrorStateFilter, Memory, Snapshot
from mm_fusion_ros.localization.inertial_sample import InertialSample
from mm_fusion_ros.localization.measurements import (
    BodyVelocityMeasurement,
    NoSlip,
    PositionMeasurement,
    VelocityMeasurement,
    WheelMeasurement,
    YawMeasurement,
)
from mm_fusion_ros.localization.settings import MotionSettings
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

NOW_NS = 1_700_000_000 * NS_PER_S
NOISE = NoiseDensities(5e-4, 2e-2, 4e-5, 6e-4, 1e-4, 60.0)
GRAVITY = np.array([0.0, 0.0, -9.81])
ARM = np.array([0.4, -0.7, 1.6])
STATE = some_state()
SAMPLE = InertialSample(NOW_NS, np.array([0.1, -0.2, 0.5]), np.array([1.0, 2.0, 9.5]))
SPREAD = np.diag(DEVIATIONS**2)


def filter_of(state=STATE, memory=None, P=SPREAD, stamp_ns=NOW_NS) -> ErrorStateFilter:
    memory = Memory(imu=SAMPLE, imu_step_s=0.01) if memory is None else memory
    return ErrorStateFilter(
        Snapshot(stamp_ns, state, P, memory), NOISE, MotionSettings(), GRAVITY)


def corrections(measurement, state=STATE, memory=None) -> list:
    """Give (residual, H) of everything by which a measurement corrects a filter."""
    ego, found = filter_of(state, memory), []
    correct = ego.correct

    def spy(residual, H, R, gate, soft=None):
        found.append((np.array(residual), np.array(H)))
        correct(residual, H, R, -1.0)  # refused: what follows meets the same state
        return replace(correct(residual, H, R, -1.0), is_accepted=True)

    ego.correct = spy
    measurement.apply(ego)
    return found


def position(place=(11.0, -4.0, 4.0), **fields) -> PositionMeasurement:
    values = {'stamp_ns': NOW_NS, 'place': np.array(place), 'variance': np.full(3, 0.5),
              'drift_variance': np.full(3, 0.25), 'antenna': ARM,
              'reacquire_ns': 10 * NS_PER_S, **fields}
    return PositionMeasurement(**values)


def wheels(speed=8.0, variance=(0.01, 0.01, 0.04), **fields) -> WheelMeasurement:
    values = {'stamp_ns': NOW_NS, 'speed_mps': speed, 'turn_radps': 0.4,
              'variance': np.array(variance), 'turn_walk': 0.01, 'base': -ARM, **fields}
    return WheelMeasurement(**values)


BODY_VELOCITY = STATE.R_map_base.T @ STATE.velocity + np.cross(SAMPLE.gyro - STATE.gyro_bias, ARM)
OFF = np.array((0.3, -0.2, 0.1))
# Wheels that stand hold the gyro's bias still, too.
STANDING = replace(SAMPLE, gyro=STATE.gyro_bias + 0.01)
MEASUREMENTS = {
    'position': (position(), None),
    'velocity by satellite': (VelocityMeasurement(
        NOW_NS, np.array([8.2, 1.1, 0.1]), np.full(3, 0.01), ARM), None),
    'wheels': (wheels(), None),
    'wheels of no car': (wheels(variance=(0.01, np.inf, np.inf)), None),
    'wheels that stand': (wheels(speed=0.0), Memory(
        imu=STANDING, rolling_ns=NOW_NS - NS_PER_S)),
    'velocity of the body': (BodyVelocityMeasurement(
        NOW_NS, BODY_VELOCITY + OFF, 0.46, np.full(4, 0.01), 0.01, ARM), None),
    'no slip': (NoSlip(NOW_NS, np.array([0.01, 0.04]), -ARM), None),
}


@pytest.mark.parametrize('name', MEASUREMENTS)
def test_errors_show_as_finite_differences_say(name):
    measurement, memory = MEASUREMENTS[name]
    found, step = corrections(measurement, memory=memory), 1e-6
    for row in range(SIZE):
        error = np.zeros(SIZE)
        error[row] = step
        after, before = (
            corrections(measurement, disturbed(STATE, sign * error), memory)
            for sign in (1.0, -1.0))
        for number, (_, H) in enumerate(found):
            # An error of the state takes from the residual what it adds to what is expected.
            slope = (before[number][0] - after[number][0]) / (2.0 * step)
            np.testing.assert_allclose(H[:, row], slope, atol=1e-6, err_msg=f'{number} {row}')


@pytest.mark.parametrize(('name', 'counts'), [
    ('position', [2, 1]), ('velocity by satellite', [3]), ('wheels', [3]),
    ('wheels of no car', [1]), ('wheels that stand', [3, 3]), ('velocity of the body', [3, 1]),
    ('no slip', [2])])
def test_each_measurement_tells_so_many_numbers(name, counts):
    assert [len(residual) for residual, _ in corrections(*_with_state(name))] == counts


def _with_state(name):
    measurement, memory = MEASUREMENTS[name]
    return measurement, STATE, memory


@pytest.mark.parametrize('name', ['position', 'velocity by satellite', 'velocity of the body'])
def test_a_sure_measurement_leaves_no_residual(name):
    measurement, memory = MEASUREMENTS[name]
    ego = filter_of(memory=memory)
    sure = replace(measurement, variance=measurement.variance * 1e-8)
    for _ in range(3):
        ego.memory = ego.memory._replace(refusals=(None, None))
        sure.apply(ego)
    (residual, _), *_ = corrections(measurement, ego.state, memory)
    np.testing.assert_allclose(residual, 0.0, atol=1e-3)


@pytest.mark.parametrize('yaw_rad', [0.1, 3.0, -3.0])
def test_a_compass_turns_the_short_way_round(yaw_rad):
    state = STATE._replace(R_map_base=Rotation.from_euler('ZYX', [3.1, 0.05, 0.1]).as_matrix())
    (residual, H), = corrections(YawMeasurement(NOW_NS, yaw_rad, 0.01), state)
    assert residual[0] == pytest.approx((yaw_rad - 3.1 + np.pi) % (2.0 * np.pi) - np.pi)
    np.testing.assert_array_equal(H[0].nonzero()[0], [ATTITUDE.stop - 1])
    turned = disturbed(state, 1e-6 * H[0])
    (after, _), = corrections(YawMeasurement(NOW_NS, yaw_rad, 0.01), turned)
    assert after[0] - residual[0] == pytest.approx(-1e-6, rel=1e-3)


def test_a_compass_is_believed_once_a_second():
    ego = filter_of()
    yaw = float(Rotation.from_matrix(STATE.R_map_base).as_euler('ZYX')[0]) + 0.02
    taken = [YawMeasurement(NOW_NS + ms * NS_PER_MS, yaw, 0.01).apply(ego) is not None
             for ms in range(0, 2500, 100)]
    assert [number for number, was in enumerate(taken) if was] == [0, 10, 20]


def test_what_is_corrected_adds_up_place_and_yaw():
    ego = filter_of()
    position().apply(ego)
    YawMeasurement(NOW_NS, 0.75, 0.01).apply(ego)
    moved = ego.state.position - STATE.position
    yaws = [Rotation.from_matrix(item.R_map_base).as_euler('ZYX')[0]
            for item in (ego.state, STATE)]
    np.testing.assert_allclose(ego.corrected[:3], moved)
    assert ego.corrected[3] == pytest.approx(yaws[0] - yaws[1], abs=2e-3)


def test_a_fix_far_off_is_refused_and_leaves_the_state_alone():
    ego = filter_of()
    innovation = position((60.0, -4.0, 2.0), antenna=np.zeros(3)).apply(ego)
    assert not innovation.is_accepted
    np.testing.assert_array_equal(ego.state.position[:2], STATE.position[:2])


def test_a_wrong_height_does_not_cost_the_place_on_the_plan():
    ego = filter_of()
    innovation = position((12.0, -4.0, 300.0), antenna=np.zeros(3)).apply(ego)
    assert innovation.is_accepted
    assert ego.state.position[0] > STATE.position[0]
    assert ego.state.position[2] == pytest.approx(STATE.position[2], abs=0.2)


def test_a_fix_without_a_height_tells_the_place_on_the_plan():
    ego = filter_of()
    assert position((12.0, -4.0, np.nan), antenna=np.zeros(3)).apply(ego).is_accepted
    assert np.isfinite(ego.state.position).all()
    assert ego.state.position[0] > STATE.position[0]


def away(ego, begin_s, end_s, east_m):
    """Give fixes far off at 10 Hz, while the filter stands; say which were accepted."""
    accepted = []
    for tenth in range(round(begin_s * 10), round(end_s * 10)):
        stamp_ns = NOW_NS + tenth * NS_PER_S // 10
        ego.stamp_ns = stamp_ns
        place = (STATE.position[0] + east_m(tenth / 10.0), STATE.position[1], STATE.position[2])
        accepted.append(position(
            place, stamp_ns=stamp_ns, antenna=np.zeros(3)).apply(ego).is_accepted)
    return accepted


def test_fixes_that_stay_away_are_believed_after_a_while():
    ego = filter_of(STATE._replace(gnss_error=np.zeros(3)))
    accepted = away(ego, 0.0, 11.0, lambda time_s: 200.0)
    assert accepted.index(True) == 100
    assert all(accepted[100:])
    assert ego.state.position[0] == pytest.approx(STATE.position[0] + 200.0, abs=1.0)


def test_heights_that_stay_away_are_believed_after_a_while():
    ego = filter_of()
    for tenth in range(110):
        ego.stamp_ns = NOW_NS + tenth * NS_PER_S // 10
        position((*STATE.position[:2], 300.0), stamp_ns=ego.stamp_ns,
                 antenna=np.zeros(3)).apply(ego)
        is_believed = ego.state.position[2] > 290.0
        assert is_believed == (tenth >= 100)


def test_fixes_that_contradict_each_other_are_not_believed():
    ego = filter_of()
    rng = np.random.default_rng(0)
    assert not any(away(ego, 0.0, 30.0, lambda time_s: rng.uniform(100.0, 1000.0)))


def test_fixes_that_come_back_begin_anew_to_be_away():
    ego = filter_of()
    away(ego, 0.0, 8.0, lambda time_s: 200.0)
    assert any(away(ego, 8.0, 9.0, lambda time_s: 0.0))
    assert not any(away(ego, 9.0, 18.0, lambda time_s: 200.0))


def test_a_fix_that_fits_badly_counts_less():
    shifts = []
    for away_m in (3.0, 6.0, 9.0):
        ego = filter_of(P=np.diag(np.r_[np.full(3, 4.0), np.full(SIZE - 3, 1e-8)]))
        place = STATE.position + STATE.gnss_error + (away_m, 0.0, 0.0)
        assert position(place, antenna=np.zeros(3)).apply(ego).is_accepted == (away_m < 8.0)
        shifts.append((ego.state.position[0] - STATE.position[0]) / away_m)
    assert shifts[0] == pytest.approx(4.0 / 4.5, abs=0.01)
    weight = np.sqrt(36.0 / 4.5 / 5.99)
    assert shifts[1] == pytest.approx(4.0 / (4.0 + 0.5 * weight), abs=1e-3)


def test_that_a_car_does_not_slip_is_said_ten_times_a_second():
    ego = filter_of()
    told = []
    correct = ego.correct
    ego.correct = lambda residual, *rest: told.append(len(residual)) or correct(residual, *rest)
    for tick in range(20):
        wheels(stamp_ns=NOW_NS + tick * 20 * NS_PER_MS).apply(ego)
    assert told == [3, 1, 1, 1, 1] * 4


def test_the_turn_rate_of_the_wheels_is_remembered():
    ego = filter_of()
    wheels(turn_radps=0.37, turn_walk=0.02).apply(ego)
    memory = ego.memory
    assert (memory.turn_radps, memory.turn_walk, memory.turn_ns) == (0.37, 0.02, NOW_NS)


def test_wheels_that_never_tell_a_turn_do_not_tell_that_there_is_none():
    ego = filter_of()
    wheels(turn_radps=0.0).apply(ego)
    assert ego.memory.turn_ns == 0
    wheels(turn_radps=0.1).apply(ego)
    ego.stamp_ns += 1
    wheels(turn_radps=0.0, stamp_ns=NOW_NS + 1).apply(ego)
    assert (ego.memory.turn_radps, ego.memory.turn_ns) == (0.0, NOW_NS + 1)


def stood(ego, seconds=2.0, gyro=STANDING.gyro):
    for tick in range(round(seconds * 50)):
        stamp_ns = NOW_NS + tick * 20 * NS_PER_MS
        ego.stamp_ns = stamp_ns
        ego.memory = ego.memory._replace(imu=replace(STANDING, stamp_ns=stamp_ns, gyro=gyro))
        wheels(speed=0.0, stamp_ns=stamp_ns).apply(ego)


def test_standing_teaches_the_gyros_bias():
    ego = filter_of(STATE._replace(velocity=np.zeros(3)))
    stood(ego)
    np.testing.assert_allclose(ego.state.gyro_bias, STANDING.gyro, atol=2e-3)
    assert np.linalg.norm(ego.state.velocity) < 0.1


def test_wheels_that_stand_for_a_moment_teach_nothing():
    ego = filter_of(STATE._replace(velocity=np.zeros(3)))
    ego.memory = ego.memory._replace(rolling_ns=NOW_NS)
    before = np.diag(ego.snapshot().P)[GYRO_BIAS].copy()
    stood(ego, 0.4)
    np.testing.assert_allclose(np.diag(ego.snapshot().P)[GYRO_BIAS], before, rtol=0.05)


def test_a_vehicle_that_is_turned_while_its_wheels_stand_teaches_no_bias():
    unsure = np.diag(np.r_[DEVIATIONS[:9], np.full(3, 0.2), DEVIATIONS[12:]] ** 2)
    ego = filter_of(STATE._replace(velocity=np.zeros(3)), P=unsure)
    stood(ego, gyro=STATE.gyro_bias + np.array((0.0, 0.0, 0.1)))
    assert abs(ego.state.gyro_bias[2] - STATE.gyro_bias[2]) < 0.1 * 0.1


def test_the_turn_rate_of_another_sensor_teaches_the_gyros_bias():
    ego = filter_of()
    seen = replace(MEASUREMENTS['velocity of the body'][0], turn_radps=SAMPLE.gyro[2] - 0.045,
                   variance=np.array((0.01, 0.01, 0.01, 1e-4)))
    for _ in range(20):
        seen.apply(ego)
    assert ego.state.gyro_bias[2] == pytest.approx(0.045, abs=5e-3)


@pytest.mark.parametrize('name', MEASUREMENTS)
def test_measurements_make_surer_and_keep_the_covariance_one(name):
    measurement, memory = MEASUREMENTS[name]
    ego = filter_of(memory=memory)
    measurement.apply(ego)
    P = ego.snapshot().P
    assert np.trace(P) <= np.trace(SPREAD)
    np.testing.assert_array_equal(P, P.T)
    assert np.linalg.eigvalsh(P / np.outer(DEVIATIONS, DEVIATIONS)).min() > 0.0


def test_doubt_widens_what_it_names():
    ego = filter_of()
    ego.widen(np.full(6, 7.0))
    grown_by = np.diag(ego.snapshot().P - SPREAD)
    np.testing.assert_allclose(grown_by[POSITION], 7.0)
    np.testing.assert_allclose(grown_by[VELOCITY], 7.0)
    np.testing.assert_allclose(grown_by[6:], 0.0)

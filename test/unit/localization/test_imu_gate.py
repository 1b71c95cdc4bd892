# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Which IMUs are refused, with which words; and that good ones never are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.localization_drives import ride, SpeedProfile, standing

from mm_fusion_ros.bags.datasets.comma2k19 import read_streams
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.localization.imu_gate import ImuGate
from mm_fusion_ros.localization.inertial_sample import InertialSample
from mm_fusion_ros.localization.readings import inertial
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.messages.convert_in import to_imu_sample
from mm_fusion_ros.sim.sensors.imu import ImuSettings
from mm_fusion_ros.stamps import NS_PER_S

WITH_BIAS = ImuSettings(rate_hz=100.0, gyro_bias=0.02, accel_bias=0.2)
PLACES = {
    'driving': lambda seed: ride(12.0, seed, imu=WITH_BIAS),
    'standing': lambda seed: standing(12.0, seed, imu=WITH_BIAS),
}


def samples_of(ridden):
    """Give what the IMU says along the base frame's axes."""
    return [inertial(said.data, said.data.stamp_ns, np.eye(3))
            for said in ridden.said if said.source is Source.IMU]


def watched(samples):
    """Give the problem and whether it is open, after each sample, and the gate."""
    gate, found = ImuGate(), []
    for sample in samples:
        gate.add(sample)
        found.append((gate.problem, gate.is_open))
    return found, gate


def scaled(samples, force=1.0, rates=1.0):
    return [replace(item, gyro=item.gyro * rates, accel=item.accel * force) for item in samples]


def turned(samples, *angles_deg):
    R = Rotation.from_euler('ZYX', angles_deg, degrees=True).as_matrix()
    return [replace(item, gyro=R @ item.gyro, accel=R @ item.accel) for item in samples]


@pytest.mark.parametrize('place', PLACES)
@pytest.mark.parametrize('seed', range(4))
def test_a_good_one_opens_soon_and_is_never_refused(place, seed):
    found, _ = watched(samples_of(PLACES[place](seed)))
    assert not any(problem for problem, _ in found)
    is_open = [is_open for _, is_open in found]
    assert 30 <= is_open.index(True) <= 32
    assert all(is_open[32:])


@pytest.mark.parametrize('options', [
    {'slope': 0.2}, {'way': SpeedProfile(25.0, rise_s=6.0), 'bend_rad': 0.1},
    {'bend_rad': 1.4}, {'way': SpeedProfile(-5.0)}, {'way': SpeedProfile(12.0)}])
@pytest.mark.parametrize('seed', range(3))
def test_slopes_bends_and_rough_roads_are_not_refused(options, seed):
    found, _ = watched(samples_of(ride(15.0, seed, imu=WITH_BIAS, **options)))
    assert not any(problem for problem, _ in found)


@pytest.mark.parametrize('place', PLACES)
@pytest.mark.parametrize(('factor', 'unit'), [
    (1.0 / 9.80665, '(in g)'), (1000.0 / 9.80665, '(in mg or cm/s^2)'),
    (100.0, '(in mg or cm/s^2)'), (3.3, None)])
def test_forces_in_another_unit_are_refused_at_once(place, factor, unit):
    found, gate = watched(scaled(samples_of(PLACES[place](1)), force=factor))
    assert not any(is_open for _, is_open in found)
    assert gate.problem.startswith(
        'linear acceleration: expected about 9.8 m/s^2 of gravity, got')
    assert ('(in' in gate.problem) == (unit is not None)
    assert (unit or '') in gate.problem


def test_rates_in_degrees_are_refused_while_driving():
    for seed in range(5):
        found, gate = watched(scaled(samples_of(PLACES['driving'](seed)), rates=57.29578))
        refused = next(number for number, (problem, _) in enumerate(found) if problem)
        assert refused <= 700
        assert gate.turns_wrongly
        assert 'angular velocity: expected rad/s that fit gravity' in gate.problem
        assert 'degrees per second' in gate.problem


def circling(radius_m, speed_mps, seconds=40.0):
    """Give what a perfect IMU says on a straight and then a circle; to the right below 0 m."""
    turn_radps, samples = speed_mps / radius_m, []
    noise = np.random.default_rng(1).normal(0.0, 1.0, (round(seconds * 100), 6))
    for number, row in enumerate(noise):
        share = min(max(number / 100 - 2.0, 0.0), 1.0)
        samples.append(InertialSample(
            number * 10_000_000, np.array((0.0, 0.0, share * turn_radps)) + 2e-3 * row[:3],
            np.array((0.0, share * turn_radps * speed_mps, 9.81)) + 0.05 * row[3:]))
    return samples


@pytest.mark.parametrize(('radius_m', 'speed_mps'), [
    (7.0, 3.0), (7.0, 5.0), (12.0, 8.0), (60.0, 20.0), (2.0, 1.5)])
@pytest.mark.parametrize('side', [1.0, -1.0])
@pytest.mark.parametrize('bias_radps', [0.0, 0.03])
def test_a_long_steady_bend_is_not_refused(radius_m, speed_mps, side, bias_radps):
    samples = circling(side * radius_m, speed_mps)
    found, _ = watched([replace(item, gyro=item.gyro + bias_radps) for item in samples])
    assert not any(problem for problem, _ in found)


@pytest.mark.parametrize(('radius_m', 'speed_mps'), [(7.0, 5.0), (-12.0, 8.0), (60.0, 20.0)])
def test_a_steady_bend_in_degrees_is_refused(radius_m, speed_mps):
    found, gate = watched(scaled(circling(radius_m, speed_mps), rates=57.29578))
    assert all(problem for problem, _ in found[505:])
    assert gate.turns_wrongly


def test_now_and_then_a_second_that_does_not_fit_is_forgiven():
    samples = circling(1e6, 10.0, 60.0)
    for second in range(5, 60, 4):  # a strike by itself, ten of them over the minute
        for number in range(second * 101, second * 101 + 101):
            if number < len(samples):
                item = samples[number]
                samples[number] = replace(item, gyro=item.gyro + np.array((0.3, 0.0, 0.0)))
    found, _ = watched(samples)
    assert not any(problem for problem, _ in found)


@pytest.mark.parametrize('speed_mps', [15.0, 30.0])
@pytest.mark.parametrize('braking_mps2', [9.3, 11.5])
def test_an_emergency_stop_is_not_refused(speed_mps, braking_mps2):
    samples = circling(1e6, 0.0, 12.0)
    for number, item in enumerate(samples):
        if 4.0 < number / 100 < 4.0 + speed_mps / braking_mps2:
            pull = np.array((-braking_mps2, 0.0, 0.0))
            samples[number] = replace(item, accel=item.accel + pull)
    found, _ = watched(samples)
    assert not any(problem for problem, _ in found)


@pytest.mark.parametrize(('rate_radps', 'after_s'), [(2.0, 1.0), (0.3, 3.0)])
def test_the_more_impossible_the_sooner_it_is_refused(rate_radps, after_s):
    noise = np.random.default_rng(0).normal(0.0, 1e-3, (500, 6))
    samples = [InertialSample(number * 10_000_000, row[:3] + np.array((rate_radps, 0.0, 0.0)),
                              row[3:] + np.array((0.0, 0.0, 9.81)))
               for number, row in enumerate(noise)]
    found, _ = watched(samples)
    first = next(number for number, (problem, _) in enumerate(found) if problem)
    assert first == pytest.approx(after_s * 100, abs=5)


def test_a_large_bias_in_degrees_is_refused_standing():
    samples = [replace(item, gyro=item.gyro + np.array((0.02, 0.0, 0.0)))
               for item in samples_of(PLACES['standing'](1))]
    found, gate = watched(scaled(samples, rates=57.29578))
    assert not any(is_open for _, is_open in found[310:])
    assert 'degrees per second, or a biased gyro' in gate.problem


@pytest.mark.parametrize('place', PLACES)
@pytest.mark.parametrize(('angles', 'text'), [
    ((0.0, 0.0, 180.0), 'an IMU upside down'), ((90.0, 180.0, 0.0), 'an IMU upside down'),
    ((0.0, 90.0, 0.0), 'an IMU tilted by'), ((0.0, 0.0, -90.0), 'an IMU tilted by')])
def test_a_wrong_mounting_is_named(place, angles, text):
    found, gate = watched(turned(samples_of(PLACES[place](0)), *angles))
    assert not any(is_open for _, is_open in found)
    assert "mounting: expected gravity along the base frame's z by its transform" in gate.problem
    assert text in gate.problem


@pytest.mark.parametrize('angles', [(90.0, 0.0, 0.0), (0.0, 30.0, 0.0), (0.0, 0.0, -30.0)])
def test_what_a_vehicle_could_stand_like_is_let_through(angles):
    _, gate = watched(turned(samples_of(PLACES['standing'](0)), *angles))
    assert gate.is_open


@pytest.mark.parametrize('spoil', [
    lambda samples: scaled(samples, force=0.1), lambda samples: scaled(samples, rates=57.29578),
    lambda samples: turned(samples, 0.0, 0.0, 180.0)])
def test_one_that_is_good_again_is_believed_after_a_while(spoil):
    samples = samples_of(ride(26.0, 1, imu=WITH_BIAS))
    found, gate = watched([*spoil(samples[:900]), *samples[900:]])
    assert not any(is_open for _, is_open in found[900:1700])
    assert found[1300][0]  # still said
    assert gate.is_open
    assert not gate.problem


def test_a_shock_is_forgiven():
    samples = samples_of(PLACES['driving'](2))
    for number in range(500, 505):
        samples[number] = replace(samples[number], accel=samples[number].accel * 4.0)
    found, _ = watched(samples)
    assert not any(problem for problem, _ in found)


@settings(max_examples=20)
@given(st.floats(5.0, 400.0), st.integers(0, 3))
def test_it_judges_at_any_rate(rate_hz, seed):
    every = max(round(100.0 / rate_hz), 1)
    samples = samples_of(PLACES['driving'](seed))[::every]
    found, gate = watched(samples)
    assert gate.is_open
    assert not any(problem for problem, _ in found)
    assert not watched(scaled(samples, force=0.1))[1].is_open


@pytest.mark.real_data
def test_recordings_of_good_ones_are_never_refused(data_dir):
    streams = read_streams(data_dir / 'comma2k19_highway')
    R = streams.T_base_device[:3, :3]
    found, _ = watched([inertial(item, item.stamp_ns, R) for item in streams.imu])
    assert not any(problem for problem, _ in found)
    with BagReader(data_dir / 'imu_gps_bag' / 'husky_campus.bag') as bag:
        topic = next(info.name for info in bag.topics if info.type == 'sensor_msgs/msg/Imu')
        recorded = [to_imu_sample(record.message) for record in bag.messages([topic])]
    assert (recorded[-1].stamp_ns - recorded[0].stamp_ns) > 300 * NS_PER_S
    R = Rotation.from_euler('x', 90.0, degrees=True).as_matrix()  # it is mounted on its side
    found, _ = watched([inertial(item, item.stamp_ns, R) for item in recorded])
    assert not any(problem for problem, _ in found)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What GNSS receivers, IMUs and wheels say when they are broken."""

import math

import numpy as np
import pytest
from support.fault_streams import content, fault, FAULTY, run, START_NS, stream

from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import decode, encode, Passing
from mm_fusion_ros.geometry.geodesy import LocalEnu

VECTORS = {'acceleration': 'linear_acceleration', 'rotation': 'angular_velocity'}


def broken(kind, message_type, **changes):
    """Give the messages that come of a stream, decoded, and those that went in."""
    messages = stream(message_type)[1:]
    outs = run(messages, fault(kind, message_type, **changes))
    return [[decode(m.raw, message_type) for m in stream] for stream in (outs, messages)]


def broken_one(message, message_type, kind, **changes):
    entered = Passing('/x', message_type, encode(message, message_type), START_NS)
    (out,) = run([entered], fault(kind, message_type, start_s=0.0, topic='/x', **changes))
    return decode(out.raw, message_type)


def numbers(vector):
    return [vector.x, vector.y, vector.z]


def assert_the_rest_is_kept(outs, befores, message_type, *fields):
    """Put the named fields (of fields) of what went in into what came out: then they are equal."""
    for out, before in zip(outs, befores, strict=True):
        for field in fields:
            *path, name = field.split('.')
            new, old = out, before
            for part in path:
                new, old = getattr(new, part), getattr(old, part)
            setattr(new, name, getattr(old, name))
        assert encode(out, message_type) == encode(before, message_type)


def moves_m(outs, befores):
    """How far (N, 3) positions are off, east, north and up."""
    moves = []
    for out, before in zip(outs, befores, strict=True):
        local = LocalEnu(before.latitude, before.longitude, before.altitude)
        moves.append(local.to_enu(*np.array(
            [[out.latitude], [out.longitude], [out.altitude]]))[0])
    return np.array(moves)


def test_a_receiver_without_a_fix_says_so_and_knows_nothing():
    outs, befores = broken(FaultKind.GNSS_OUTAGE, kinds.FIX)
    for index in FAULTY:
        out = outs[index]
        assert out.status.status == -1
        assert np.isnan([out.latitude, out.longitude, out.altitude]).all()
        assert out.position_covariance_type == 0
        np.testing.assert_array_equal(out.position_covariance, 0.0)
    assert_the_rest_is_kept(
        outs, befores, kinds.FIX, 'status.status', 'latitude', 'longitude', 'altitude',
        'position_covariance', 'position_covariance_type')


@pytest.mark.parametrize(('bearing_deg', 'direction'), [
    (0.0, (1.0, 0.0)), (90.0, (0.0, 1.0)), (-90.0, (0.0, -1.0)), (135.0, (-0.5**0.5, 0.5**0.5))])
def test_the_position_is_off_by_a_constant(bearing_deg, direction):
    outs, befores = broken(
        FaultKind.GNSS_JUMP, kinds.FIX, magnitude=20.0, direction_deg=bearing_deg)
    wanted = np.zeros((10, 2))
    wanted[FAULTY] = 20.0 * np.array(direction)
    np.testing.assert_allclose(moves_m(outs, befores)[:, :2], wanted, atol=1e-4)
    assert_the_rest_is_kept(outs, befores, kinds.FIX, 'latitude', 'longitude')


def test_the_position_goes_astray_from_the_right_one_on():
    outs, befores = broken(FaultKind.GNSS_DRIFT, kinds.FIX, magnitude=3.0, direction_deg=90.0)
    wanted = np.zeros((10, 2))
    wanted[4:7, 1] = 0.3, 0.6, 0.9
    np.testing.assert_allclose(moves_m(outs, befores)[:, :2], wanted, atol=1e-4)
    assert_the_rest_is_kept(outs, befores, kinds.FIX, 'latitude', 'longitude')


@pytest.mark.parametrize('kind', [FaultKind.GNSS_JUMP, FaultKind.GNSS_DRIFT])
def test_a_receiver_without_a_position_is_not_moved_and_is_counted(kind):
    message = content(kinds.FIX, 0)
    message.latitude = math.nan
    entered = Passing('/fix', kinds.FIX, encode(message, kinds.FIX), START_NS)
    injector = FaultInjector([fault(kind, kinds.FIX, start_s=0.0)])
    assert injector.apply(entered)[0] is entered
    text = (f'/fix: no {kind.label} (position: expected finite numbers, got (nan, 8.4, 115.0))')
    assert injector.problems == {text: 1}


@pytest.mark.parametrize('factor', [0.01, 0.0, 4.0])
def test_only_the_covariance_lies(factor):
    outs, befores = broken(FaultKind.COVARIANCE_LIE, kinds.FIX, magnitude=factor)
    for index, (out, before) in enumerate(zip(outs, befores, strict=True)):
        np.testing.assert_allclose(
            out.position_covariance,
            before.position_covariance * (factor if index in FAULTY else 1.0))
    assert_the_rest_is_kept(outs, befores, kinds.FIX, 'position_covariance')


@pytest.mark.parametrize('quantity', VECTORS)
@pytest.mark.parametrize('axis', 'xyz')
def test_one_axis_of_one_quantity_has_a_bias(quantity, axis):
    outs, befores = broken(
        FaultKind.IMU_BIAS_STEP, kinds.IMU, magnitude=-0.7, quantity=quantity, axis=axis)
    field = f'{VECTORS[quantity]}.{axis}'
    for index, (out, before) in enumerate(zip(outs, befores, strict=True)):
        new, old = (getattr(getattr(m, VECTORS[quantity]), axis) for m in (out, before))
        assert new == pytest.approx(old - (0.7 if index in FAULTY else 0.0))
    assert_the_rest_is_kept(outs, befores, kinds.IMU, field)


@pytest.mark.parametrize('quantity', VECTORS)
def test_one_quantity_clips_at_both_ends_of_every_axis(quantity):
    message = content(kinds.IMU, 0)
    for name in VECTORS.values():
        vector = getattr(message, name)
        vector.x, vector.y, vector.z = -7.0, 3.0, 9.0
    out = broken_one(message, kinds.IMU, FaultKind.IMU_SATURATION, magnitude=5.0,
                     quantity=quantity)
    assert numbers(getattr(out, VECTORS[quantity])) == [-5.0, 3.0, 5.0]
    assert_the_rest_is_kept(
        [out], [message], kinds.IMU, *(f'{VECTORS[quantity]}.{axis}' for axis in 'xz'))


def test_what_is_no_number_does_not_become_one_by_clipping():
    message = content(kinds.IMU, 0)
    message.linear_acceleration.y = math.nan
    out = broken_one(message, kinds.IMU, FaultKind.IMU_SATURATION, magnitude=5.0)
    assert math.isnan(out.linear_acceleration.y)


def test_a_position_is_nan_and_the_rest_is_kept():
    outs, befores = broken(FaultKind.NAN, kinds.FIX)
    for index, out in enumerate(outs):
        position = [out.latitude, out.longitude, out.altitude]
        assert np.isnan(position).all() if index in FAULTY else np.isfinite(position).all()
    assert_the_rest_is_kept(outs, befores, kinds.FIX, 'latitude', 'longitude', 'altitude')


@pytest.mark.parametrize(('message_type', 'fields'), [
    (kinds.IMU, ('linear_acceleration', 'angular_velocity')),
    (kinds.TWIST, ('twist.linear', 'twist.angular'))])
def test_motion_is_nan_and_the_rest_is_kept(message_type, fields):
    outs, befores = broken(FaultKind.NAN, message_type)
    for index, out in enumerate(outs):
        of = out.twist if message_type == kinds.TWIST else out
        values = [n for field in fields for n in numbers(getattr(of, field.split('.')[-1]))]
        assert len(values) == 6
        assert np.isnan(values).all() if index in FAULTY else np.isfinite(values).all()
    assert_the_rest_is_kept(outs, befores, message_type, *fields)

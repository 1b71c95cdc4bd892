# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Unit and reference of per-point times are found from the values, or the doubt is named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from message_samples import STAMP_NS
import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in.point_times import (
    FIELD_NAMES,
    find_time_field,
    PointTimeSettings,
    to_time_offsets,
)

AUTO = PointTimeSettings()
SINCE_START_NS = np.linspace(0, 100_000_000, 50).astype(np.int64)
UNIT_NS = {'ns': 1, 'us': 1_000, 'ms': 1_000_000, 's': 1_000_000_000}


@pytest.mark.parametrize(('dtype', 'unit', 'tolerance_ns'), [
    ('uint32', 'ns', 0), ('int32', 'ns', 0), ('float64', 'ns', 0), ('float32', 'ns', 8),
    ('uint32', 'us', 1000), ('int32', 'us', 1000), ('float32', 'us', 10),
    ('float32', 's', 10), ('float64', 's', 1), ('float32', 'ms', 10), ('uint64', 'ns', 0),
])
def test_times_from_the_start_of_the_sweep_are_recognised(dtype, unit, tolerance_ns):
    values = (SINCE_START_NS / UNIT_NS[unit]).astype(dtype)
    offsets = to_time_offsets(values, STAMP_NS, AUTO)
    assert offsets.dtype == np.int32
    assert np.abs(offsets - SINCE_START_NS).max() <= tolerance_ns


@pytest.mark.parametrize(('dtype', 'unit', 'tolerance_ns'), [
    ('uint64', 'ns', 0), ('int64', 'ns', 0), ('uint64', 'us', 1000), ('float64', 's', 300),
    ('float64', 'ns', 300), ('float64', 'us', 300),
])
def test_absolute_times_are_recognised(dtype, unit, tolerance_ns):
    stamps = STAMP_NS + SINCE_START_NS - 50_000_000
    values = (stamps // UNIT_NS[unit]) if dtype != 'float64' else stamps / UNIT_NS[unit]
    offsets = to_time_offsets(values.astype(dtype), STAMP_NS, AUTO)
    assert np.abs(offsets - (SINCE_START_NS - 50_000_000)).max() <= tolerance_ns


@pytest.mark.parametrize(('stamp_is', 'low_s', 'first_s'), [
    ('start', 0.0, 0.0), ('middle', 0.0, -0.05), ('end', 0.0, -0.1),  # counted up from the start
    ('start', -0.1, -0.1), ('middle', -0.1, -0.05), ('end', -0.1, -0.1),  # down to the end
    ('middle', -0.05, -0.05),  # about the stamp
    ('start', 0.01, 0.01), ('end', 0.01, -0.1),  # the first points were not usable
])
def test_relative_times_are_moved_to_where_the_stamp_is(stamp_is, low_s, first_s):
    values = np.linspace(low_s, low_s + 0.1, 50)
    offsets = to_time_offsets(values, STAMP_NS, PointTimeSettings(stamp_is=stamp_is))
    assert offsets[0] == pytest.approx(first_s * 1e9, abs=1)
    assert offsets[-1] - offsets[0] == 100_000_000


def test_absolute_times_do_not_depend_on_where_the_stamp_is():
    values = (STAMP_NS + SINCE_START_NS).astype(np.uint64)
    for stamp_is in ('start', 'middle', 'end'):
        offsets = to_time_offsets(values, STAMP_NS, PointTimeSettings(stamp_is=stamp_is))
        np.testing.assert_array_equal(offsets, SINCE_START_NS)


@pytest.mark.parametrize('values', [
    np.zeros(5, np.float32), np.full(5, 7, np.uint32), np.empty(0, np.float32), np.ones(1),
])
def test_a_field_that_the_driver_does_not_fill_is_no_time(values):
    assert to_time_offsets(values, STAMP_NS, AUTO) is None


@pytest.mark.parametrize(('values', 'text'), [
    (np.array([0, 1_000_000], np.uint32), r'one unit, not ns or us \(set time_unit\)'),
    (np.array([0.0, 1.2]), r'one unit, not ms or s \(set time_unit\)'),
    (np.array([0, 4e9]).astype(np.uint32),
     r'a sweep of 0.5 ms to 2 s .*\(set time_unit\), got uint32 0 to 4000000000'),
    (np.array([0.0, 1e13]), r'\(set time_unit\)'),
    (np.array([3.6e9, 3.6e9 + 1e8]).astype(np.uint32), r'\(set time_reference\)'),
    (np.array([1e6, 1e6 + 0.1]), r'of the header stamp, \d+ ns \(set time_reference\)'),
    (np.array([1.7e9, 1.7e9 + 256]).astype(np.float32), 'float32 can resolve'),
    (np.full(3, 1.7e9, np.float32), 'float32 can resolve'),
    (np.array([1e6, 1e6 + 0.125]).astype(np.float32), 'float32 can resolve'),
    (np.array([0.0, np.nan]), 'finite numbers'),
    (np.array([0.0, np.inf], np.float32), 'finite numbers'),
])
def test_an_open_question_names_the_parameter_that_settles_it(values, text):
    with pytest.raises(InvalidMessageError, match=text):
        to_time_offsets(values, STAMP_NS, AUTO)


def test_the_parameters_settle_it():
    unit = to_time_offsets(
        np.array([0, 1_000_000], np.uint32), STAMP_NS, PointTimeSettings(unit='us'))
    assert unit.tolist() == [0, 1_000_000_000]
    other_clock = np.array([1e6, 1e6 + 0.1])
    for stamp_is, first_ns in (('start', 0), ('middle', -50_000_000), ('end', -100_000_000)):
        settings = PointTimeSettings(reference='relative', stamp_is=stamp_is)
        offsets = to_time_offsets(other_clock, STAMP_NS, settings)
        assert offsets[0] == pytest.approx(first_ns, abs=2)


def test_a_stamp_near_zero_decides_between_relative_and_absolute_by_distance():
    stamp_ns = 700_000_000
    relative = to_time_offsets(SINCE_START_NS.astype(np.uint32), stamp_ns, AUTO)
    absolute = to_time_offsets((stamp_ns + SINCE_START_NS).astype(np.uint32), stamp_ns, AUTO)
    np.testing.assert_array_equal(relative, SINCE_START_NS)
    np.testing.assert_array_equal(absolute, SINCE_START_NS)


def test_the_field_is_found_by_its_usual_names():
    for name in FIELD_NAMES:
        assert find_time_field(('x', name, 'ring'), AUTO) == name
    assert find_time_field(('x', 'y'), AUTO) is None
    assert find_time_field(('x', 'when'), PointTimeSettings(field='when')) == 'when'
    with pytest.raises(InvalidMessageError, match='time_field to name it, got t and timestamp'):
        find_time_field(('timestamp', 't'), AUTO)


@given(
    start_ns=st.integers(0, 2**62), span_ns=st.integers(10_000_000, 400_000_000),
    lead_ns=st.integers(-500_000_000, 500_000_000),
)
def test_absolute_ns_are_exact_whatever_the_stamp(start_ns, span_ns, lead_ns):
    values = start_ns + np.linspace(0, span_ns, 20).astype(np.uint64)
    settings = PointTimeSettings(unit='ns', reference='absolute')
    offsets = to_time_offsets(values, start_ns + lead_ns, settings)
    expected = (values - np.uint64(start_ns)).astype(np.int64) - lead_ns
    np.testing.assert_array_equal(offsets, expected)


@given(values=st.lists(st.floats(width=32) | st.floats(), min_size=1, max_size=5),
       dtype=st.sampled_from(['f4', 'f8', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8']),
       unit=st.sampled_from(['auto', *UNIT_NS]),
       reference=st.sampled_from(['auto', 'relative', 'absolute']),
       stamp_is=st.sampled_from(['start', 'middle', 'end']), stamp_ns=st.integers(-2**31, 2**62))
def test_any_values_give_offsets_or_a_refusal(values, dtype, unit, reference, stamp_is, stamp_ns):
    with np.errstate(all='ignore'):
        column = np.array(values).astype(dtype)
    settings = PointTimeSettings('auto', unit, reference, stamp_is)
    try:
        offsets = to_time_offsets(column, stamp_ns, settings)
    except InvalidMessageError:
        return
    if offsets is not None:
        assert (np.argsort(offsets, kind='stable') == np.argsort(column, kind='stable')).all() or (
            np.diff(offsets[np.argsort(column, kind='stable')]) >= 0).all()

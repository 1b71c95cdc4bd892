# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Stamps and bytes of serialised messages."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.fault_streams import content, fault, run, START_NS, stream, TOPICS

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import (
    corrupted,
    decode,
    encode,
    restamped,
    stamp_of,
    truncated,
)
from mm_fusion_ros.stamps import NS_PER_S, split

RAW = encode(content(kinds.IMU, 0), kinds.IMU)
BIG_ENDIAN = bytes(TYPESTORE.serialize_cdr(content(kinds.IMU, 0), kinds.IMU, little_endian=False))
STAMPS = st.integers(-(2**31) * NS_PER_S, 2**31 * NS_PER_S - 1)


@pytest.mark.parametrize('message_type', TOPICS)
def test_the_stamp_of_every_type_is_read_and_set_without_touching_the_rest(message_type):
    message = content(message_type, 3)
    raw = encode(message, message_type)
    assert stamp_of(raw) == START_NS + 300_000_000
    message.header.stamp.sec, message.header.stamp.nanosec = split(5)
    assert restamped(raw, 5) == encode(message, message_type)


@given(stamp_ns=STAMPS, raw=st.sampled_from([RAW, BIG_ENDIAN]))
def test_any_stamp_is_read_as_it_was_set_in_either_byte_order(stamp_ns, raw):
    stamped = restamped(raw, stamp_ns)
    assert stamp_of(stamped) == stamp_ns
    assert (stamped[:4], stamped[12:]) == (raw[:4], raw[12:])
    stamp = decode(stamped, kinds.IMU).header.stamp
    assert (stamp.sec, stamp.nanosec) == split(stamp_ns)


@pytest.mark.parametrize('raw', [b'', RAW[:11]])
def test_bytes_that_end_before_the_stamp_have_none(raw):
    assert stamp_of(raw) == 0
    with pytest.raises(InvalidMessageError, match='stamp: expected one that fits the message'):
        restamped(raw, NS_PER_S)


@pytest.mark.parametrize('stamp_ns', [2**31 * NS_PER_S, -(2**31) * NS_PER_S - 1])
def test_a_stamp_beyond_32_bits_is_refused(stamp_ns):
    with pytest.raises(InvalidMessageError, match='stamp: expected one that fits the message'):
        restamped(RAW, stamp_ns)


@given(raw=st.binary(max_size=60), count=st.integers(1, 80), seed=st.integers(0, 99))
def test_exactly_so_many_bytes_are_others_and_all_behind_the_encapsulation(raw, count, seed):
    damaged = corrupted(raw, count, np.random.default_rng(seed))
    assert len(damaged) == len(raw)
    assert damaged[:4] == raw[:4]
    changed = sum(a != b for a, b in zip(raw, damaged, strict=True))
    assert changed == min(count, max(len(raw) - 4, 0))


@given(raw=st.binary(max_size=60), share=st.floats(0.0, 1.0))
def test_a_share_of_the_end_is_cut_off(raw, share):
    short = truncated(raw, share)
    assert raw.startswith(short)
    body = max(len(raw) - 4, 0)
    assert len(short) - min(4, len(raw)) == pytest.approx(body * (1.0 - share), abs=0.5)


def test_faults_damage_each_message_elsewhere_and_by_the_magnitude():
    messages = stream(kinds.IMU)
    out = run(messages, fault(FaultKind.CORRUPT_BYTES, kinds.IMU, magnitude=7.0))
    differences = [
        tuple(i for i, (a, b) in enumerate(zip(x.raw, y.raw, strict=True)) if a != b)
        for x, y in zip(messages, out, strict=True)]
    assert [len(places) for places in differences] == [0, 0, 0, 0, 7, 7, 7, 7, 0, 0, 0]
    assert len(set(differences[4:8])) == 4


@pytest.mark.parametrize(('share', 'length'), [(0.0, 316), (0.25, 4 + 234), (1.0, 4)])
def test_faults_cut_by_the_magnitude(share, length):
    out = run(stream(kinds.IMU), fault(FaultKind.TRUNCATED, kinds.IMU, magnitude=share))
    assert [len(m.raw) for m in out[4:8]] == [length] * 4
    assert RAW[12:length] == out[4].raw[12:]


@pytest.mark.parametrize('message_type', TOPICS)
def test_what_is_encoded_decodes_to_the_same_bytes(message_type):
    raw = encode(content(message_type, 1), message_type)
    assert encode(decode(raw, message_type), message_type) == raw


def test_bytes_that_are_no_message_are_refused_with_the_type():
    text = r'message: expected sensor_msgs/msg/Imu, got 20 bytes \('
    with pytest.raises(InvalidMessageError, match=text):
        decode(RAW[:20], kinds.IMU)


CONTENT = [(kind, message_type) for kind in FaultKind for message_type in kind.value.fits
           if len(kind.value.fits) < 8 or kind is FaultKind.EXTRINSICS_SHIFTED]


@given(
    pair=st.sampled_from(CONTENT),
    damage=st.sampled_from([FaultKind.CORRUPT_BYTES, FaultKind.TRUNCATED]),
    amount=st.floats(0.0, 1.0), seed=st.integers(0, 2**32))
def test_no_damage_stops_a_later_fault(pair, damage, amount, seed):
    kind, message_type = pair
    magnitude = amount if damage is FaultKind.TRUNCATED else 1.0 + 20.0 * amount
    first = fault(damage, message_type, start_s=0.0, seed=seed, magnitude=magnitude)
    second = fault(kind, message_type, start_s=0.0)
    messages = stream(message_type, 2)
    injector = FaultInjector([first, second])
    out = [item for message in messages for item in injector.apply(message)]
    assert len([m for m in out if m.topic == TOPICS[message_type]]) == 2

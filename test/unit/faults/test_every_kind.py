# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What holds for every kind and every message that it fits."""

from dataclasses import replace
from functools import cache

import pytest
from support.fault_streams import fault, FAULTY, PAIR_IDS, PAIRS, run, stream, TOPICS

from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind, MOVES_TRANSFORMS

every_pair = pytest.mark.parametrize(('kind', 'message_type'), PAIRS, ids=PAIR_IDS)

# Of which two differ in more than their stamps.
VARIED = (kinds.POINTS, kinds.IMAGE, kinds.COMPRESSED_IMAGE)

# Whose outcome hangs on chance, and the magnitude with which it shows.
CHANCE = {
    (FaultKind.INTERMITTENT_DROP, kinds.IMU): 0.5,
    (FaultKind.JITTER, kinds.IMU): 0.05,
    (FaultKind.OUT_OF_ORDER, kinds.IMU): 0.5,
    (FaultKind.RAIN_DROPS, kinds.IMAGE): 10.0,
    (FaultKind.RAIN_DROPS, kinds.COMPRESSED_IMAGE): 10.0,
    (FaultKind.FOG, kinds.POINTS): 50.0,
    (FaultKind.BEAMS_LOST, kinds.POINTS): 0.5,
    (FaultKind.THINNED, kinds.POINTS): 0.5,
    (FaultKind.RANGE_NOISE, kinds.POINTS): 0.3,
    (FaultKind.GHOST_POINTS, kinds.POINTS): 100.0,
    (FaultKind.NAN, kinds.POINTS): 0.5,
    (FaultKind.CORRUPT_BYTES, kinds.IMU): 10.0,
}
CHANCE_IDS = [f'{kind.label}-{message_type.rpartition("/")[2]}' for kind, message_type in CHANCE]


@cache
def made(message_type):
    """Make a stream, and that of another sensor along with it."""
    other = kinds.ODOMETRY if message_type != kinds.ODOMETRY else kinds.IMU
    messages = stream(message_type) + stream(other)[1:]
    return tuple(sorted(messages, key=lambda message: message.at_ns))


def of_sensor(messages, message_type):
    return [m for m in messages if m.topic == TOPICS[message_type]]


@every_pair
def test_outside_the_time_of_the_fault_messages_are_the_same_objects(kind, message_type):
    messages = made(message_type)
    passed = {id(out) for out in run(messages, fault(kind, message_type))}
    for index, message in enumerate(of_sensor(messages, message_type)):
        if index not in FAULTY:
            assert id(message) in passed, index


@pytest.mark.parametrize(('kind', 'message_type'), [
    (kind, message_type) for kind, message_type in PAIRS
    if kind is not FaultKind.FREEZE or message_type in VARIED])
def test_within_the_time_of_the_fault_something_changes(kind, message_type):
    messages = made(message_type)
    assert run(messages, fault(kind, message_type)) != list(messages)


@every_pair
def test_other_topics_are_left_alone(kind, message_type):
    messages = made(message_type)
    broken = run(messages, fault(kind, message_type))
    topics = {TOPICS[message_type]} | ({'/tf_static'} if kind in MOVES_TRANSFORMS else set())
    others = [[m for m in stream if m.topic not in topics] for stream in (messages, broken)]
    assert len(others[0]) >= 10
    assert list(map(id, others[0])) == list(map(id, others[1]))


@every_pair
def test_the_same_seed_gives_the_same_bytes(kind, message_type):
    broken = fault(kind, message_type, seed=5)
    assert run(made(message_type), broken) == run(made(message_type), broken)


@every_pair
def test_topic_and_type_stay(kind, message_type):
    for message in of_sensor(run(made(message_type), fault(kind, message_type)), message_type):
        assert message.type == message_type


@pytest.mark.parametrize(('kind', 'message_type'), CHANCE, ids=CHANCE_IDS)
@pytest.mark.parametrize('field', ['seed', 'number'])
def test_another_seed_or_place_in_the_file_gives_another_stream(kind, message_type, field):
    # Few messages, of which each may be dropped or not: two seeds may agree, six do not.
    changed = fault(kind, message_type, magnitude=CHANCE[kind, message_type])
    faults = [replace(changed, **{field: value}) for value in range(6)]
    assert len({tuple(run(made(message_type), each)) for each in faults}) > 1


def test_kinds_without_chance_do_not_depend_on_the_seed():
    for kind, message_type in PAIRS:
        if kind not in {kind for kind, _ in CHANCE}:
            one, other = (fault(kind, message_type, seed=seed) for seed in (1, 2))
            assert run(made(message_type), one) == run(made(message_type), other), kind


def test_the_same_message_is_broken_the_same_whatever_came_before_it():
    changed = fault(FaultKind.RANGE_NOISE, kinds.POINTS, start_s=0.0)
    whole = run(made(kinds.POINTS), changed)
    late = run(made(kinds.POINTS)[8:], changed)
    assert of_sensor(late, kinds.POINTS)[0] in of_sensor(whole, kinds.POINTS)


@every_pair
def test_a_kind_refuses_messages_that_it_does_not_fit(kind, message_type):
    unfit = [other for other in (*TOPICS, kinds.TRANSFORMS) if other not in kind.value.fits]
    message = made(message_type)[1]
    for other in unfit:
        injector = FaultInjector([fault(kind, message_type)])
        text = f'faults.0..kind: expected one that fits {other}'
        with pytest.raises(Exception, match=text):
            injector.apply(message._replace(topic=TOPICS[message_type], type=other))

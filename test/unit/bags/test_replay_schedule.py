# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
When messages are due in a replay.
"""

from __future__ import annotations

from itertools import islice, pairwise, takewhile
from typing import TYPE_CHECKING

import pytest

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.replay_schedule import replay_schedule, ReplaySettings
from mm_fusion_ros.errors import ConfigError

from .conftest import PERIOD_NS, START_NS

if TYPE_CHECKING:
    from pathlib import Path

DURATION_NS = 9 * PERIOD_NS + PERIOD_NS // 2


def test_every_message_is_due_once_at_its_distance_from_the_start(bag_path: Path) -> None:
    with BagReader(bag_path) as bag:
        dues = [due for due in replay_schedule(bag, ReplaySettings()) if due.message]
        messages = list(bag.messages())
    assert [due.message for due in dues] == messages
    assert [due.at_ns for due in dues] == [m.log_time_ns - START_NS for m in messages]
    assert [due.bag_time_ns for due in dues] == [m.log_time_ns for m in messages]


@pytest.mark.parametrize('rate', [0.3, 1.0, 4.0])
def test_the_clock_ticks_at_its_rate_whatever_the_rate_of_the_replay(
    bag_path: Path, rate: float
) -> None:
    with BagReader(bag_path) as bag:
        dues = list(replay_schedule(bag, ReplaySettings(rate=rate)))
    ticks = [due for due in dues if due.message is None]
    assert {b.at_ns - a.at_ns for a, b in pairwise(ticks)} == {10_000_000}
    assert len(ticks) == int(DURATION_NS / rate / 1e7) + 1
    assert dues[0] == (0, START_NS, None)
    for due in dues:
        assert due.bag_time_ns - START_NS == pytest.approx(due.at_ns * rate, abs=rate + 1)
    assert [due.at_ns for due in dues] == sorted(due.at_ns for due in dues)


def test_a_start_offset_brings_static_transforms_from_before_it(bag_path: Path) -> None:
    with BagReader(bag_path) as bag:
        dues = [d for d in replay_schedule(bag, ReplaySettings(start_offset_s=0.55)) if d.message]
    assert [due.message.topic for due in dues[:3]] == ['/tf_static', '/text', '/camera']
    assert [due.at_ns for due in dues[:3]] == [0, 0, PERIOD_NS // 2]
    assert dues[0].bag_time_ns == START_NS + 550_000_000
    assert len(dues) == 1 + 5 + 4


def test_a_loop_begins_anew_with_bag_time_jumping_back(bag_path: Path) -> None:
    with BagReader(bag_path) as bag:
        schedule = replay_schedule(bag, ReplaySettings(rate=2.0, loop=True))
        dues = [due for due in islice(schedule, 200) if due.message]
    assert [due.message.topic for due in dues[21:23]] == ['/tf_static', '/camera']
    assert dues[21].bag_time_ns == START_NS < dues[20].bag_time_ns
    assert dues[21].at_ns == dues[20].at_ns + 10_000_000
    first = list(takewhile(lambda due: due.at_ns <= DURATION_NS // 2, dues))
    assert len(first) == 21


@pytest.mark.parametrize(
    ('name', 'value'),
    [('rate', 0.0), ('rate', float('nan')), ('start_offset_s', -1.0), ('clock_hz', 101)],
)
def test_a_value_out_of_its_range_is_a_configuration_error(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=r'replay .*: expected'):
        ReplaySettings(**{name: value})


def test_a_start_beyond_the_end_is_a_configuration_error(bag_path: Path) -> None:
    with (
        BagReader(bag_path) as bag,
        pytest.raises(ConfigError, match=r'start offset: expected at most the duration, 0.950 s'),
    ):
        next(replay_schedule(bag, ReplaySettings(start_offset_s=2.0)))

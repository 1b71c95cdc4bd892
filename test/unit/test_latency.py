# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Where the time of one answer went."""

import pytest

from mm_fusion_ros.data_types import StageTiming
from mm_fusion_ros.intake import Received
from mm_fusion_ros.latency import AnswerLatency
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.stopwatch import Stopwatch
from mm_fusion_ros.sync.match import Match, MatchMember, Sample

MS = NS_PER_MS


class Timer:
    def __init__(self, now_ms=0):
        self.now_ms = now_ms

    def __call__(self):
        return self.now_ms * MS


def a_match(stamp_ms, arrival_ms, taken_ms):
    sample = Sample(stamp_ms * MS, arrival_ms * MS, Received('message', taken_ms * MS))
    member = MatchMember('top', (sample,), 0, 0)
    absent = MatchMember('front', (), None, None)
    return Match(stamp_ms * MS, 'top', arrival_ms * MS, arrival_ms * MS, (absent, member))


def test_a_stopwatch_gives_the_stages_in_order():
    timer = Timer()
    stopwatch = Stopwatch(timer)
    timer.now_ms = 3
    stopwatch.lap('a')
    timer.now_ms = 8
    stopwatch.lap('b')
    assert [(lap.stage, lap.elapsed_ms) for lap in stopwatch.laps] == [('a', 3.0), ('b', 5.0)]


def test_every_part_of_the_way_is_named_and_they_sum_up_to_the_total():
    timer = Timer(107)
    latency = AnswerLatency(a_match(1000, 1050, taken_ms=100), 105 * MS, timer)
    timer.now_ms = 120
    latency.lap('convert')
    timer.now_ms = 124
    latency.published()
    timer.now_ms = 150
    latency.lap('views')
    stages = {item.stage: item.elapsed_ms for item in latency.stages((StageTiming('a', 9.0),))}
    assert list(stages.items()) == [
        ('transport', 50.0), ('sync_wait', 5.0), ('queue', 2.0), ('convert', 13.0),
        ('publish', 4.0), ('total', 74.0), ('views', 26.0), ('perceive.a', 9.0)]
    assert sum(list(stages.values())[:5]) == pytest.approx(stages['total'])


def test_a_simulated_clock_that_lags_gives_no_negative_latency():
    latency = AnswerLatency(a_match(1000, 995, taken_ms=100), 100 * MS, Timer(101))
    latency.published()
    assert all(item.elapsed_ms >= 0.0 for item in latency.stages(()))

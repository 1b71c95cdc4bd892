# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Synchronisation under faults: how many sets, how far apart, how late, and at what cost.

Drives are simulated from a seed. message_filters runs beside ours where it is importable.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from functools import partial
import itertools
import json
from pathlib import Path
import random
import statistics
import sys
import time
from typing import TYPE_CHECKING

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.ros.approximate_sync import ApproximateSynchronizer
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S
from mm_fusion_ros.sync import FrameSynchronizer, SensorSpec, SyncSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mm_fusion_ros.sync import Match, Synchronizer

START_NS = 1_700_000_000 * NS_PER_S
CAMERAS = ('front_left', 'front', 'front_right', 'back_left', 'back', 'back_right')


@dataclass(frozen=True, slots=True)
class Stream:
    """
    One simulated sensor: how often, how late, and between which seconds it is dead.
    """

    name: str
    rate_hz: float = 10.0
    phase_ms: float = 0.0
    delay_ms: float = 20.0
    jitter_ms: float = 2.0
    dead_from_s: float = 1e9
    dead_until_s: float = 1e9


@dataclass(frozen=True, slots=True)
class Event:
    """
    One message: `stamp_ns` and `arrival_ns` of `sensor`.
    """

    arrival_ns: int
    sensor: str
    stamp_ns: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What came of a drive; times in ms.
    """

    scenario: str
    policy: str
    sets: int
    complete: int
    expected: int
    mean_gap_ms: float
    wait_p50_ms: float
    wait_p99_ms: float


def simulate(streams: Sequence[Stream], seconds: float = 20.0, seed: int = 7) -> list[Event]:
    """
    Make the messages of a drive, in the order of arrival.
    """
    events = []
    for stream in streams:
        generator = random.Random(f'{seed} {stream.name}')
        for index in range(round(seconds * stream.rate_hz)):
            at_s = index / stream.rate_hz
            stamp_ms = at_s * 1e3 + stream.phase_ms + generator.uniform(-0.5, 0.5)
            delay_ms = stream.delay_ms + generator.uniform(0.0, 2.0 * stream.jitter_ms)
            if not stream.dead_from_s <= at_s < stream.dead_until_s:
                stamp_ns = START_NS + round(stamp_ms * NS_PER_MS)
                events.append(
                    Event(stamp_ns + round(delay_ms * NS_PER_MS), stream.name, stamp_ns))
    return sorted(events, key=lambda event: (event.arrival_ns, event.sensor))


def drive(synchronizer: Synchronizer[int], events: Sequence[Event]) -> list[Match[int]]:
    """
    Feed a drive as a node would: a timer fires at each deadline between messages.
    """
    matches = []
    for number, event in enumerate(events):
        while (due_ns := synchronizer.next_deadline_ns()) and due_ns < event.arrival_ns:
            matches += synchronizer.poll(due_ns)
        matches += synchronizer.add(event.sensor, event.stamp_ns, number, event.arrival_ns)
    return matches + synchronizer.flush()


def rig(
    cameras: int = 6, *, lidar_hz: float = 10.0, camera_hz: float = 10.0,
    first: Stream | None = None,
) -> list[Stream]:
    """
    Mount a LiDAR and cameras; `first` replaces the first camera.
    """
    names = itertools.chain(CAMERAS, (f'extra_{number}' for number in itertools.count()))
    streams = [Stream(name, camera_hz, phase_ms=4.0) for name in itertools.islice(names, cameras)]
    if first is not None:
        streams[0] = first
    return [Stream('lidar', lidar_hz, delay_ms=30.0), *streams]


def specs(streams: Sequence[Stream], tolerance_ms: float = 55.0) -> list[SensorSpec]:
    """
    Describe the sensors of a rig to a synchroniser.
    """
    tolerance_ns = round(tolerance_ms * NS_PER_MS)
    return [
        SensorSpec(s.name, 'lidar' if s.name == 'lidar' else 'camera', tolerance_ns)
        for s in streams
    ]


FRONT = CAMERAS[0]
# Name, streams, how many sets there should be.
SCENARIOS: tuple[tuple[str, list[Stream], int], ...] = (
    ('all well', rig(), 200),
    ('camera stamps +80 ms', rig(first=Stream(FRONT, phase_ms=84.0)), 200),
    ('camera arrives 80 ms late', rig(first=Stream(FRONT, phase_ms=4.0, delay_ms=100.0)), 200),
    ('camera dies at half time', rig(first=Stream(FRONT, phase_ms=4.0, dead_from_s=10.0)), 200),
    ('camera dead from the start', rig(first=Stream(FRONT, dead_from_s=0.0)), 200),
    ('cameras at 20 Hz', rig(camera_hz=20.0), 200),
    ('nuScenes rates (12, 20 Hz)', rig(lidar_hz=20.0, camera_hz=12.0), 400),
    ('LiDAR dead from 8 to 14 s',
     [Stream('lidar', delay_ms=30.0, dead_from_s=8.0, dead_until_s=14.0), *rig()[1:]], 200),
)


def mean_gap_ms(matches: Sequence[Match[int]], sensor: str) -> float:
    """
    Mean distance of a sensor's messages from the stamps of the matches that hold one.
    """
    gaps = [
        abs(member.offset_ns) for match in matches for member in match.members
        if member.name == sensor and member.offset_ns is not None
    ]
    return statistics.fmean(gaps) / NS_PER_MS if gaps else float('nan')


def measure(
    scenario: str, policy: str, synchronizer: Synchronizer[int], events: Sequence[Event],
    expected: int,
) -> Outcome:
    """
    Run one policy through one drive.
    """
    matches = drive(synchronizer, events)
    waits = sorted(match.waited_ns / NS_PER_MS for match in matches) or [float('nan')]
    return Outcome(
        scenario, policy, len(matches), sum(match.complete for match in matches), expected,
        mean_gap_ms(matches, FRONT), waits[len(waits) // 2], waits[len(waits) * 99 // 100])


def silence_ms(streams: Sequence[Stream]) -> tuple[float, float]:
    """
    Measure how long no answer came after the LiDAR died and, at most, around its return.
    """
    dead = next(s for s in streams if s.name == 'lidar')
    matches = drive(FrameSynchronizer(specs(streams)), simulate(streams))
    stand_in = [match for match in matches if match.reference != 'lidar']
    died_ns = START_NS + round(dead.dead_from_s * NS_PER_S)
    back_ns = stand_in[-1].emitted_ns
    after = next(m for m in matches if m.emitted_ns > back_ns and m.reference == 'lidar')
    return ((stand_in[0].emitted_ns - died_ns) / NS_PER_MS,
            (after.emitted_ns - back_ns) / NS_PER_MS)


def cost_us(make: Callable[[], Synchronizer[int]], events: Sequence[Event]) -> tuple[float, float]:
    """
    Time `add`: p50 and p99 in us, each the best of several runs.
    """
    runs = []
    for _ in range(5):
        synchronizer = make()
        took = []
        for number, event in enumerate(events):
            begin = time.perf_counter_ns()
            synchronizer.add(event.sensor, event.stamp_ns, number, event.arrival_ns)
            took.append(time.perf_counter_ns() - begin)
        took.sort()
        runs.append((took[len(took) // 2] / 1e3, took[len(took) * 99 // 100] / 1e3))
    return min(p50 for p50, _ in runs), min(p99 for _, p99 in runs)


def policies(streams: Sequence[Stream]) -> list[tuple[str, Callable[[], Synchronizer[int]]]]:
    """
    List the policies that can run here.
    """
    sensors = specs(streams)
    available: list[tuple[str, Callable[[], Synchronizer[int]]]] = [
        ('reference', lambda: FrameSynchronizer(sensors))]
    for slop_ms in (30, 100):
        settings = SyncSettings(slop_ns=slop_ms * NS_PER_MS)
        try:
            ApproximateSynchronizer(sensors, settings)
        except ConfigError:
            break
        available.append(
            (f'approximate {slop_ms} ms', partial(ApproximateSynchronizer, sensors, settings)))
    return available


def report() -> tuple[list[Outcome], dict[str, dict[str, float]]]:
    """
    Print all tables and return their content.
    """
    outcomes = []
    print(f'{"scenario":28}{"policy":20}{"sets":>11}{"complete":>10}{"gap":>8}'
          f'{"wait p50":>10}{"p99 ms":>8}')
    for name, streams, expected in SCENARIOS:
        events = simulate(streams)
        for policy, make in policies(streams):
            o = measure(name, policy, make(), events, expected)
            outcomes.append(o)
            print(f'{name:28}{policy:20}{o.sets:4} of {expected}{o.complete:10}'
                  f'{o.mean_gap_ms:8.1f}{o.wait_p50_ms:10.1f}{o.wait_p99_ms:8.1f}')
    gone_ms, back_ms = silence_ms(SCENARIOS[-1][1])
    figures = {'lidar_dead': {'first_answer_ms': gone_ms, 'handover_back_ms': back_ms}}
    print(f'\nLiDAR dead: camera answers {gone_ms:.0f} ms after its death; '
          f'LiDAR answers {back_ms:.0f} ms after the last camera set')
    print(f'\n{"add(), 20 s":28}{"policy":20}{"p50 us":>8}{"p99 us":>8}')
    for count in (2, 7, 12):
        streams = rig(count - 1)
        events = simulate(streams)
        for policy, make in policies(streams):
            p50, p99 = cost_us(make, events)
            figures[f'{count} sensors, {policy}'] = {'p50_us': p50, 'p99_us': p99}
            print(f'{count:2} sensors{"":18}{policy:20}{p50:8.1f}{p99:8.1f}')
    return outcomes, figures


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the benchmark.
    """
    parser = argparse.ArgumentParser(description='Synchronisation under faults.')
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    arguments = parser.parse_args(argv)
    outcomes, figures = report()
    if arguments.json:
        content = {'scenarios': [asdict(o) for o in outcomes], 'figures': figures}
        arguments.json.write_text(json.dumps(content, indent=2) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())

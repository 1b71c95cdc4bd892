# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Records a simulated drive: every sensor with its own stamps and delays, and the truth.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
import heapq
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.messages.convert_out import from_transforms
from mm_fusion_ros.sim.frames import EPOCH_NS, stamp_of
from mm_fusion_ros.sim.motion_recordings import motion_recordings
from mm_fusion_ros.sim.render.weather import weather_from_seed, weather_named
from mm_fusion_ros.sim.sensors.camera import Camera
from mm_fusion_ros.sim.sensors.clocks import timing
from mm_fusion_ros.sim.shot_recordings import (
    image_messages,
    Message,
    sweep_messages,
    TruthRecorder,
)
from mm_fusion_ros.sim.shot_workers import make_shots
from mm_fusion_ros.sim.shots import Conditions, Kind, schedule
from mm_fusion_ros.sim.world.make_world import make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.bags.datasets.summary import Recording
    from mm_fusion_ros.sim.render.weather import Weather
    from mm_fusion_ros.sim.rig import Rig
    from mm_fusion_ros.sim.sensors.camera import CameraShot
    from mm_fusion_ros.sim.sensors.clocks import ClockSettings
    from mm_fusion_ros.sim.sensors.lidar import SimulatedSweep
    from mm_fusion_ros.sim.shot_recordings import Around
    from mm_fusion_ros.sim.shots import Shot
    from mm_fusion_ros.sim.world.world import World

_SHORTEST_S, _LONGEST_S = 0.1, 600.0
_CLOCKS = 20  # apart from the numbers of other random streams
_WEATHER = 21


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    What to simulate.

    Attributes
    ----------
    seed : int
        Of world, traffic, weather and noise.
    duration_s : float
        s.
    rig : Rig
        The sensors.
    weather : str
        Its name; empty for what the seed gives.
    has_depth : bool
        Whether the true depth of every image is recorded too.

    Raises
    ------
    ConfigError
        If a number is out of its range.

    """

    seed: int
    duration_s: float
    rig: Rig
    weather: str = ''
    has_depth: bool = False

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.seed < 0:
            raise ConfigError('seed', '0 or more', self.seed)
        if not _SHORTEST_S <= self.duration_s <= _LONGEST_S:
            raise ConfigError('seconds', f'{_SHORTEST_S:g} to {_LONGEST_S:g}', self.duration_s)


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """
    What was recorded.

    Attributes
    ----------
    weather : str
        Its name.
    way_m : float
        Covered by the vehicle.
    actors : dict of str to int
        Of each class within the truth's range at any time.
    messages : dict of str to int
        Of each topic.

    """

    weather: str
    way_m: float
    actors: dict[str, int]
    messages: dict[str, int]

    def __str__(self) -> str:
        """List what there is."""
        lines = [f'{count:6d}  {topic}' for topic, count in sorted(self.messages.items())]
        objects = ', '.join(f'{count} {name}' for name, count in self.actors.items())
        lines.append(f'{self.weather}, {self.way_m:.0f} m driven, met {objects or "nobody"}')
        return '\n'.join(lines)


class _Arriving(NamedTuple):
    """Messages in the order of their arrival; `number` keeps that of equal times."""

    arrival_ns: int
    number: int
    build: Callable[[], list[Message]]


def simulate(
    scenario: Scenario, output: Path, progress: Callable[[int, int], None], *, workers: int = 1,
    overwrite: bool = False,
) -> SimulationSummary:
    """
    Simulate a drive into a bag; the same drive gives the same bytes, whatever the workers.

    Raises
    ------
    BagError
        If the output cannot be written.
    ConfigError
        If there is no such weather, or no worker.

    """
    if workers < 1:
        raise ConfigError('workers', '1 or more', workers)
    weather = weather_of(scenario)
    conditions = Conditions(scenario.seed, weather)
    with BagWriter(output, overwrite=overwrite) as writer:
        world = make_world(scenario.seed, scenario.duration_s)
        recorder = _Recorder(world, scenario)
        counts: Counter[str] = Counter()
        writer.write(names.TF_STATIC, recorder.static(), EPOCH_NS, transient_local=True)
        shots = schedule(scenario.rig, scenario.duration_s)
        results = make_shots(world, scenario.rig, conditions, shots, workers=workers)
        for arriving in _merged(recorder, shots, results, progress):
            for topic, message in arriving.build():
                writer.write(topic, message, arriving.arrival_ns)
                counts[topic] += 1
    way = np.linalg.norm(np.diff(world.drive.T_world_base(
        np.arange(0.0, scenario.duration_s, 0.1))[:, :3, 3], axis=0), axis=1).sum()
    return SimulationSummary(weather.name, float(way), recorder.met(), dict(counts))


def weather_of(scenario: Scenario) -> Weather:
    """
    Give the weather of a drive.

    Raises
    ------
    ConfigError
        If there is none of its name.

    """
    rng = np.random.default_rng([scenario.seed, _WEATHER])
    return weather_named(scenario.weather, rng) if scenario.weather else weather_from_seed(rng)


def _merged(
    recorder: _Recorder, shots: Sequence[Shot],
    results: Iterable[SimulatedSweep | CameraShot], progress: Callable[[int, int], None],
) -> Iterator[_Arriving]:
    """
    Give all messages in the order of arrival.

    Measurements come in the order in which they begin, so none that is still to come can arrive
    before the one being taken begins.
    """
    waiting = recorder.motion()
    heapq.heapify(waiting)
    for done, (shot, result) in enumerate(zip(shots, results, strict=True)):
        begin_ns = stamp_of(shot.time_s)
        while waiting and waiting[0].arrival_ns < begin_ns:
            yield heapq.heappop(waiting)
        for arriving in recorder.shot(shot, result):
            heapq.heappush(waiting, arriving)
        progress(done + 1, len(shots))
    while waiting:
        yield heapq.heappop(waiting)


class _Recorder:
    """Turns measurements into messages with the times at which they arrive."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._world, self._scenario = world, scenario
        self._truth = TruthRecorder(world)
        self._number = 0
        self._met: set[int] = set()
        self._arrivals_ns: Counter[tuple[Kind, int]] = Counter()  # the last of each sensor
        self._cameras = [Camera(camera.settings) for camera in scenario.rig.cameras]

    def static(self) -> Any:
        """Give /tf_static."""
        rig = self._scenario.rig
        children: dict[str, NDArray[np.float64]] = {
            names.lidar_frame(lidar.name): lidar.settings.T_base_mount for lidar in rig.lidars}
        children |= {names.camera_frame(item.name): camera.T_base_camera
                     for item, camera in zip(rig.cameras, self._cameras, strict=True)}
        children[names.IMU_FRAME] = rig.imu.settings.T_base_mount
        children[names.GNSS_FRAME] = rig.gnss.settings.T_base_mount
        return from_transforms(children, EPOCH_NS, names.BASE_FRAME, BAG_TYPES)

    def met(self) -> dict[str, int]:
        """Count the objects of each class that came near."""
        classes = Counter(self._world.actors[row].model.object_class for row in self._met)
        return {ObjectClass(key).label: count for key, count in sorted(classes.items())}

    def motion(self) -> list[_Arriving]:
        """Give the messages of IMU, GNSS and wheels, and the true motion."""
        return [
            self._arriving(item.log_time_ns, partial(_built, item))
            for item in motion_recordings(self._world, self._scenario.rig, self._scenario.seed)]

    def shot(self, shot: Shot, result: SimulatedSweep | CameraShot) -> list[_Arriving]:
        """Give the messages of a measurement, and the truth about it."""
        return (self._sweep(shot, result) if shot.kind is Kind.LIDAR  # type: ignore[arg-type]
                else self._image(shot, result))  # type: ignore[arg-type]

    def _sweep(self, shot: Shot, sweep: SimulatedSweep) -> list[_Arriving]:
        lidar = self._scenario.rig.lidars[shot.sensor]
        when = self._timing(shot, lidar.clock, sweep.stamp_s, sweep.end_s)
        around = self._truth.around(sweep.stamp_s)
        truth = self._truth.lidar_visibility(sweep, lidar.name, around, when.stamp_ns)
        if shot.sensor == 0:
            truth += self._frame(around, sweep.stamp_s, when.stamp_ns)
        return self._told(
            sweep.end_s, truth, when, lambda: sweep_messages(sweep, lidar, when.stamp_ns))

    def _image(self, shot: Shot, image: CameraShot) -> list[_Arriving]:
        camera, eye = self._scenario.rig.cameras[shot.sensor], self._cameras[shot.sensor]
        when = self._timing(shot, camera.clock, shot.time_s, shot.time_s)
        around = self._truth.around(shot.time_s)
        truth = self._truth.camera_visibility(image, camera.name, eye, around, when.stamp_ns)
        if shot.sensor == 0 and not self._scenario.rig.lidars:
            truth += self._frame(around, shot.time_s, when.stamp_ns)
        return self._told(
            shot.time_s, truth, when, lambda: image_messages(
                image, camera, eye.model, when.stamp_ns, has_depth=self._scenario.has_depth))

    def _frame(self, around: Around, time_s: float, stamp_ns: int) -> list[Message]:
        self._met.update(around.rows.tolist())
        return self._truth.frame_messages(around.boxes, time_s, stamp_ns)

    def _timing(
        self, shot: Shot, clock: ClockSettings, time_s: float, end_s: float
    ) -> _Timing:
        rng = np.random.default_rng(
            [self._scenario.seed, _CLOCKS, shot.kind, shot.sensor, shot.number])
        when = timing(clock, np.array([time_s]), np.array([end_s]), rng)
        sensor = shot.kind, shot.sensor
        # One topic's messages do not overtake each other.
        arrival_ns = max(stamp_of(when.arrivals_s[0]), self._arrivals_ns[sensor] + 1)
        self._arrivals_ns[sensor] = arrival_ns
        return _Timing(stamp_of(when.stamps_s[0]), arrival_ns, bool(when.is_lost[0]))

    def _told(
        self, end_s: float, truth: list[Message], when: _Timing,
        build: Callable[[], list[Message]],
    ) -> list[_Arriving]:
        # What is true is known when the measurement ends.
        found = [self._arriving(stamp_of(end_s), lambda: truth)]
        if not when.is_lost:
            found.append(self._arriving(when.arrival_ns, build))
        return found

    def _arriving(self, arrival_ns: int, build: Callable[[], list[Message]]) -> _Arriving:
        self._number += 1
        return _Arriving(arrival_ns, self._number, build)


class _Timing(NamedTuple):
    """What a sensor's clock says of one measurement, when it arrives, or whether it never does."""

    stamp_ns: int
    arrival_ns: int
    is_lost: bool


def _built(recording: Recording) -> list[Message]:
    return [Message(recording.topic, recording.build())]

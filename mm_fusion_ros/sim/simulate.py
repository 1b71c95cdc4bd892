# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Records a simulated drive: every sensor with its own stamps and delays, and the truth.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
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
from mm_fusion_ros.sim.sensors.lidar import Lidar
from mm_fusion_ros.sim.shot_recordings import image_messages, sweep_messages, TruthRecorder
from mm_fusion_ros.sim.shot_workers import make_shots
from mm_fusion_ros.sim.shots import Conditions, Kind, schedule
from mm_fusion_ros.sim.world.make_world import make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.weather import Weather
    from mm_fusion_ros.sim.rig import Rig
    from mm_fusion_ros.sim.sensors.camera import CameraShot
    from mm_fusion_ros.sim.sensors.lidar import SimulatedSweep
    from mm_fusion_ros.sim.shot_recordings import Message
    from mm_fusion_ros.sim.shots import Shot
    from mm_fusion_ros.sim.world.world import World

_SHORTEST_S, _LONGEST_S = 0.1, 600.0
_CLOCKS = 20  # apart from the numbers of other random streams
_WEATHER = 21


@dataclass(frozen=True, slots=True)
class Drive:
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
    messages: list[Message]


def simulate(
    drive: Drive, output: Path, progress: Callable[[int, int], None], *, workers: int = 1,
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
    weather = weather_of(drive)
    conditions = Conditions(drive.seed, weather)
    with BagWriter(output, overwrite=overwrite) as writer:
        world = make_world(drive.seed, drive.duration_s)
        recorder = _Recorder(world, drive)
        counts: Counter[str] = Counter()
        writer.write(names.TF_STATIC, recorder.static(), EPOCH_NS, transient_local=True)
        for arriving in _merged(recorder, drive, conditions, progress, workers):
            for topic, message in arriving.messages:
                writer.write(topic, message, arriving.arrival_ns)
                counts[topic] += 1
    way = np.linalg.norm(np.diff(world.drive.T_world_base(
        np.arange(0.0, drive.duration_s, 0.1))[:, :3, 3], axis=0), axis=1).sum()
    return SimulationSummary(weather.name, float(way), recorder.met(), dict(counts))


def weather_of(drive: Drive) -> Weather:
    """
    Give the weather of a drive.

    Raises
    ------
    ConfigError
        If there is none of its name.

    """
    rng = np.random.default_rng([drive.seed, _WEATHER])
    return weather_named(drive.weather, rng) if drive.weather else weather_from_seed(rng)


def _merged(
    recorder: _Recorder, drive: Drive, conditions: Conditions,
    progress: Callable[[int, int], None], workers: int,
) -> Iterator[_Arriving]:
    """
    Give all messages in the order of arrival.

    Measurements come in the order in which they begin, so none that is still to come can arrive
    before the one being taken begins.
    """
    shots = schedule(drive.rig, drive.duration_s)
    waiting = recorder.motion()
    heapq.heapify(waiting)
    results = make_shots(
        drive.seed, drive.duration_s, drive.rig, conditions, shots, workers=workers)
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

    def __init__(self, world: World, drive: Drive) -> None:
        self._world, self._drive = world, drive
        self._truth = TruthRecorder(world)
        self._number = 0
        self._met: set[int] = set()
        rng = np.random.default_rng(0)
        self._lidars = [Lidar(lidar.settings, rng) for lidar in drive.rig.lidars]
        self._cameras = [Camera(camera.settings) for camera in drive.rig.cameras]

    def static(self) -> Any:
        """Give /tf_static."""
        rig = self._drive.rig
        children: dict[str, NDArray[np.float64]] = {
            names.lidar_frame(item.name): lidar.T_base_lidar
            for item, lidar in zip(rig.lidars, self._lidars, strict=True)}
        children |= {names.camera_frame(item.name): camera.T_base_camera
                     for item, camera in zip(rig.cameras, self._cameras, strict=True)}
        children[names.IMU_FRAME] = rig.imu.settings.T_base_imu
        children[names.GNSS_FRAME] = rig.gnss.settings.T_base_antenna
        return from_transforms(children, EPOCH_NS, names.BASE_FRAME, BAG_TYPES)

    def met(self) -> dict[str, int]:
        """Count the objects of each class that came near."""
        classes = Counter(self._world.actors[row].model.object_class for row in self._met)
        return {ObjectClass(key).label: count for key, count in sorted(classes.items())}

    def motion(self) -> list[_Arriving]:
        """Give the messages of IMU, GNSS and wheels, and the true motion."""
        return [
            self._arriving(item.log_time_ns, [(item.topic, item.build())])
            for item in motion_recordings(self._world, self._drive.rig, self._drive.seed)]

    def shot(self, shot: Shot, result: SimulatedSweep | CameraShot) -> list[_Arriving]:
        """Give the messages of a measurement, and the truth about it."""
        return (self._sweep(shot, result) if shot.kind is Kind.LIDAR  # type: ignore[arg-type]
                else self._image(shot, result))  # type: ignore[arg-type]

    def _sweep(self, shot: Shot, sweep: SimulatedSweep) -> list[_Arriving]:
        lidar = self._drive.rig.lidars[shot.sensor]
        truth = self._truth.lidar_visibility(sweep, lidar.name)
        if shot.sensor == 0:
            truth += self._frame(sweep.stamp_s)
        return self._told(shot, sweep.stamp_s, sweep.end_s, truth,
                          lambda stamp_ns: sweep_messages(sweep, lidar, stamp_ns))

    def _image(self, shot: Shot, image: CameraShot) -> list[_Arriving]:
        camera, eye = self._drive.rig.cameras[shot.sensor], self._cameras[shot.sensor]
        truth = self._truth.camera_visibility(image, camera.name, eye, shot.time_s)
        if shot.sensor == 0 and not self._drive.rig.lidars:
            truth += self._frame(shot.time_s)
        return self._told(
            shot, shot.time_s, shot.time_s, truth,
            lambda stamp_ns: image_messages(
                image, camera, eye.model, stamp_ns, has_depth=self._drive.has_depth))

    def _frame(self, time_s: float) -> list[Message]:
        _, rows = self._truth.boxes_at(time_s)
        self._met.update(rows.tolist())
        return self._truth.frame_messages(time_s)

    def _told(
        self, shot: Shot, time_s: float, end_s: float, truth: list[Message],
        build: Callable[[int], list[Message]],
    ) -> list[_Arriving]:
        rig = self._drive.rig
        clock = (rig.lidars if shot.kind is Kind.LIDAR else rig.cameras)[shot.sensor].clock
        rng = np.random.default_rng(
            [self._drive.seed, _CLOCKS, shot.kind, shot.sensor, shot.number])
        when = timing(clock, np.array([time_s]), np.array([end_s]), rng)
        # What is true is known when the measurement ends.
        found = [self._arriving(stamp_of(end_s), truth)]
        if not when.is_lost[0]:
            messages = build(stamp_of(when.stamps_s[0]))
            found.append(self._arriving(stamp_of(when.arrivals_s[0]), messages))
        return found

    def _arriving(self, arrival_ns: int, messages: list[Any]) -> _Arriving:
        self._number += 1
        return _Arriving(arrival_ns, self._number, messages)

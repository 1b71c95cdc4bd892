# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A configuration that fits what a recording holds, with the reason for each value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.doctor.camera_contents import CameraInfoContents
from mm_fusion_ros.doctor.cloud_contents import CloudContents
from mm_fusion_ros.doctor.naming import is_derived, raw_image_topic, sensor_names
from mm_fusion_ros.doctor.recording import CAMERA_INFO, COMPRESSED_IMAGE, IMAGE, POINTS
from mm_fusion_ros.doctor.rehearsal import pair
from mm_fusion_ros.doctor.stream_statistics import stream_statistics
from mm_fusion_ros.perception_config import (
    CameraConfig,
    LidarConfig,
    perception_config,
    SyncConfig,
)
from mm_fusion_ros.stamps import ClockKind

if TYPE_CHECKING:
    from mm_fusion_ros.config import Value
    from mm_fusion_ros.doctor.recording import Recording, Stream
    from mm_fusion_ros.perception_config import PerceptionConfig

_BASE_FRAMES = ('base_link', 'base_footprint', 'base', 'vehicle', 'ego_vehicle', 'body', 'chassis')
_WORLD_FRAMES = ('map', 'odom', 'world', 'earth', 'utm')
_SLACK = 1.2
_LARGEST_MS = 1000.0
_NOTABLE_OFFSET_MS = 10.0


@dataclass(slots=True)
class ProposedSensor:
    """
    One sensor: values of its parameters, why, and what else to think of.
    """

    name: str
    kind: str
    stream: Stream
    values: dict[str, Value] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def propose(self, parameter: str, value: Value, reason: str) -> None:
        """
        Set a parameter.
        """
        self.values[parameter] = value
        self.reasons[parameter] = reason


@dataclass(slots=True)
class Proposal:
    """
    All of it; parameters that keep their default are left out.
    """

    sensors: list[ProposedSensor]
    base_frame: str
    max_wait_ms: float

    def names(self, kind: str) -> tuple[str, ...]:
        """
        Names of the sensors of one kind.
        """
        return tuple(sensor.name for sensor in self.sensors if sensor.kind == kind)

    def config(self) -> PerceptionConfig | None:
        """
        Give the proposal as a configuration; None without sensors.
        """
        if not self.sensors:
            return None
        values: dict[str, Value] = {
            'lidars': self.names('lidar'),
            'cameras': self.names('camera'),
            'base_frame': self.base_frame,
            'sync.max_wait_ms': self.max_wait_ms,
        }
        for sensor in self.sensors:
            values.update({f'{sensor.name}.{key}': v for key, v in sensor.values.items()})
        return perception_config(values)


def propose(recording: Recording) -> Proposal:
    """
    Propose a configuration.
    """
    lidars = [s for s in recording.of_type(POINTS) if _is_sensor(s)]
    lidars.sort(key=_points_of, reverse=True)  # the one that sees most leads
    cameras = _one_per_camera([s for s in recording.of_type(IMAGE, COMPRESSED_IMAGE)
                               if _is_sensor(s)])
    sensors = [*_named(lidars, 'lidar'), *_named(cameras, 'camera')]
    taken: set[str] = set()
    for sensor in sensors:  # a camera may not be called like a LiDAR
        if sensor.name in taken:
            sensor.name = f'{sensor.name}_{sensor.kind}'
        taken.add(sensor.name)
    max_wait_ms = SyncConfig().max_wait_ms
    for sensor in sensors:
        sensor.propose('topic', sensor.stream.info.name, '')
        if sensor.kind == 'lidar':
            _propose_times(sensor)
        else:
            _propose_calibration(sensor, recording)
        _propose_clock(sensor, sensors)
        if sensor is not sensors[0]:
            max_wait_ms = max(max_wait_ms, _propose_matching(sensor, sensors[0]))
    frames = [frame for sensor in sensors for frame in sensor.stream.frame_ids]
    return Proposal(sensors, _base_frame(recording, frames), max_wait_ms)


def _is_sensor(stream: Stream) -> bool:
    return len(stream.stamps_ns) > 0 and not is_derived(stream.info.name)


def _points_of(stream: Stream) -> float:
    contents = stream.contents
    assert isinstance(contents, CloudContents)
    return float(np.median(contents.points)) if contents.points else 0.0


def _one_per_camera(streams: list[Stream]) -> list[Stream]:
    """
    Keep one topic of each camera: the raw transport before the compressed, unrectified first.

    The first camera leads where no LiDAR does, so one that looks ahead comes first.
    """
    chosen: dict[str, Stream] = {}
    for stream in sorted(streams, key=_preference):
        folder = raw_image_topic(stream.info.name).rpartition('/')[0]
        chosen.setdefault(folder or stream.info.name, stream)
    return sorted(chosen.values(), key=lambda s: ('front' not in s.info.name, s.info.name))


def _preference(stream: Stream) -> tuple[bool, bool, bool, str]:
    topic = stream.info.name
    usable = not stream.problems
    return not usable, stream.info.type == COMPRESSED_IMAGE, 'rect' in topic, topic


def _named(streams: list[Stream], kind: str) -> list[ProposedSensor]:
    names = sensor_names([stream.info.name for stream in streams], kind)
    return [ProposedSensor(names[s.info.name], kind, s) for s in streams]


def _propose_times(sensor: ProposedSensor) -> None:
    contents = sensor.stream.contents
    assert isinstance(contents, CloudContents)
    if contents.time_span_ms is None:
        return
    low, high = contents.time_span_ms
    if contents.stamp_is != LidarConfig().stamp_is:
        reason = f'guess: point times run from {low:.1f} to {high:.1f} ms around the stamp'
        sensor.propose('stamp_is', contents.stamp_is, reason)
    sensor.propose('time_field', contents.time_field, 'found')


def _propose_calibration(sensor: ProposedSensor, recording: Recording) -> None:
    topic = sensor.stream.info.name
    sibling = CameraConfig(topic=topic).info_topic
    infos = {s.info.name: s for s in recording.of_type(CAMERA_INFO) if len(s.stamps_ns)}
    chosen = infos.get(sibling)
    if chosen is None:
        same_frame = [s for s in infos.values() if s.frame_ids.keys() & sensor.stream.frame_ids]
        if len(same_frame) == 1:
            chosen = same_frame[0]
            sensor.propose('camera_info_topic', chosen.info.name, 'guess: it names the same frame')
    if chosen is None:
        return
    contents = chosen.contents
    assert isinstance(contents, CameraInfoContents)
    if 'rect' in topic and 'unrect' not in topic:
        sensor.propose('rectified', True, 'guess: by the name of the topic')
    elif contents.moves_rectified and not contents.has_distortion:
        sensor.propose('rectified', True, 'guess: D is zero and P is not K')


def _propose_clock(sensor: ProposedSensor, sensors: list[ProposedSensor]) -> None:
    kinds = [_clock(other) for other in sensors]
    own = _clock(sensor)
    if own is ClockKind.ZERO or (own is not ClockKind.SAME and ClockKind.SAME in kinds):
        sensor.propose('stamp_source', 'arrival', f'the stamps are of {own.value}')


def _clock(sensor: ProposedSensor) -> ClockKind:
    return stream_statistics(sensor.stream.stamps_ns, sensor.stream.log_times_ns).clock


def _propose_matching(sensor: ProposedSensor, reference: ProposedSensor) -> float:
    """
    Propose a tolerance, remark on a constant offset, and give the wait that is needed, ms.
    """
    pairing = pair(reference.stream, sensor.stream)
    if pairing is None or 'stamp_source' in sensor.values:
        return 0.0
    default = LidarConfig().tolerance_ms
    if pairing.distance_p90_ms > default:
        tolerance = min(float(np.ceil(pairing.distance_p90_ms * _SLACK)), _LARGEST_MS)
        reason = (f'nine of ten are within {pairing.distance_p90_ms:.0f} ms of a message of '
                  f'{reference.name}')
        sensor.propose('tolerance_ms', tolerance, reason)
    if abs(pairing.offset_ms) > _NOTABLE_OFFSET_MS:
        side = 'after' if pairing.offset_ms > 0 else 'before'
        sensor.remarks.append(
            f'offset_ms: {-pairing.offset_ms:.0f}.0  # only if triggered together: stamps are '
            f'{abs(pairing.offset_ms):.0f} ms {side} those of {reference.name}')
    if pairing.wait_p99_ms > SyncConfig().max_wait_ms:
        return min(float(np.ceil(pairing.wait_p99_ms * _SLACK)), _LARGEST_MS)
    return 0.0


def _base_frame(recording: Recording, sensor_frames: list[str]) -> str:
    """
    Take the usual name that is there, else the highest frame above a sensor that moves along.
    """
    known = recording.transforms.tree.frames
    for name in _BASE_FRAMES:
        if name in known:
            return name
    for frame in sensor_frames:
        above = [f for f in recording.transforms.chain(frame)[1:] if f not in _WORLD_FRAMES]
        if above:
            return above[-1]
    return _BASE_FRAMES[0]

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads a file of faults: what breaks, how, when and how much; every mistake is one clear line.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
import math
from typing import Any, NamedTuple, TYPE_CHECKING

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.config import build, parameter, read_yaml, refuse_unknown
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.kinds import FaultKind, MOVES_TRANSFORMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mm_fusion_ros.perception_config import PerceptionConfig

PREFIX = '/faulted'  # where `fault_node` publishes what it broke
_OPTIONS = ('direction_deg', 'axis', 'quantity')


class SensorTopics(NamedTuple):
    """Where a sensor's messages are, their type if it is known, and its CameraInfo if any."""

    topic: str
    type: str = ''
    info_topic: str = ''


_MOTION_SENSORS = {
    'imu': SensorTopics(names.IMU, kinds.IMU),
    'gnss': SensorTopics(names.GNSS_FIX, kinds.FIX),
    'gnss_vel': SensorTopics(names.GNSS_VELOCITY, kinds.TWIST),
    'wheels': SensorTopics(names.VEHICLE_TWIST, kinds.TWIST),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One fault.

    Attributes
    ----------
    number : int
        Its place in the file, from 0.
    topic : str
        Where the messages are that it breaks; for transforms: those of the sensor that is moved.

    """

    sensor: str = parameter(
        '', 'A LiDAR or camera of the vehicle, imu, gnss, gnss_vel, wheels, or a topic.')
    kind: str = parameter(
        '', 'What happens.', choices=tuple(kind.label for kind in FaultKind))
    start_s: float = parameter(
        0.0, 'When it begins, since the first message of any sensor that a fault names.', 's',
        minimum=0.0, maximum=math.inf)
    end_s: float = parameter(math.inf, 'When it is over.', 's', minimum=0.0, maximum=math.inf)
    magnitude: float = parameter(0.0, 'How much; unit and default are those of the kind.')
    seed: int = parameter(0, 'The same seed, the same stream.', minimum=0)
    direction_deg: float = parameter(
        0.0, 'Centre of a sector (0 ahead, 90 left), or bearing (0 east, 90 north).', 'deg',
        minimum=-360.0, maximum=360.0)
    axis: str = parameter('z', 'Along or about which axis.', choices=('x', 'y', 'z'))
    quantity: str = parameter(
        'acceleration', 'Which measurement of an IMU.', choices=('acceleration', 'rotation'))
    number: int = 0
    topic: str = ''

    @property
    def what(self) -> FaultKind:
        """Its kind."""
        return FaultKind.from_label(self.kind)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic that it reads or changes."""
        if self.what in MOVES_TRANSFORMS:
            return self.topic, names.TF_STATIC
        return (self.topic,)

    def check_fits(self, message_type: str) -> None:
        """
        Check that messages of a type can be broken so.

        Raises
        ------
        ConfigError
            If not.

        """
        if message_type not in self.what.value.fits:
            raise ConfigError(
                f'parameter faults[{self.number}].kind', f'one that fits {message_type} '
                f'({self.sensor})', self.kind)


def load_faults(path: Path, config: PerceptionConfig | None = None) -> tuple[Fault, ...]:
    """
    Read a file of faults.

    Parameters
    ----------
    path : Path
        YAML with `faults`, a list, and perhaps `topics`, which says where a sensor's messages
        are if not where they usually are.
    config : PerceptionConfig, optional
        Names LiDARs and cameras.

    Raises
    ------
    ConfigError
        If anything in the file cannot be used.

    """
    document = read_yaml(path, 'fault file')
    refuse_unknown(map(str, document), ('faults', 'topics'))
    entries, topics = document.get('faults'), document.get('topics') or {}
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f'fault file {path}', 'a list of faults', repr(entries))
    if not isinstance(topics, dict) or not all(_is_topic(topic) for topic in topics.values()):
        raise ConfigError(f'fault file {path}', 'topics by the names of sensors', repr(topics))
    sensors = {**_MOTION_SENSORS, **_sensors_of(config)}
    for name, topic in topics.items():
        sensors[name] = sensors.get(name, SensorTopics(topic))._replace(topic=topic)
    return tuple(_fault(number, entry, sensors) for number, entry in enumerate(entries))


def faulted_topics(faults: Iterable[Fault]) -> dict[str, str]:
    """Give where each topic that passes `fault_node` comes out again."""
    return {topic: PREFIX + topic for fault in faults for topic in fault.topics}


def check_recorded(faults: Iterable[Fault], recorded: Mapping[str, str]) -> None:
    """
    Check that faults fit what is recorded.

    Parameters
    ----------
    faults : iterable of Fault
        Any.
    recorded : mapping
        Types of topics.

    Raises
    ------
    ConfigError
        If a topic is missing or has messages that cannot be broken so.

    """
    for fault in faults:
        for topic in fault.topics:
            if topic not in recorded:
                raise ConfigError(
                    f'topic {topic} of faults[{fault.number}]', 'one that is recorded',
                    ', '.join(recorded) or 'none')
        fault.check_fits(recorded[fault.topic])


def _fault(number: int, entry: object, sensors: Mapping[str, SensorTopics]) -> Fault:
    prefix = f'faults[{number}].'
    if not isinstance(entry, dict):
        raise ConfigError(f'parameter faults[{number}]', 'sensor, kind, start_s, ...', repr(entry))
    values = {f'{prefix}{name}': value for name, value in entry.items()}
    declared = [prefix + item.name for item in fields(Fault) if 'doc' in item.metadata]
    refuse_unknown(values, declared)
    fault = replace(build(Fault, values, prefix), number=number)
    if fault.end_s <= fault.start_s:
        raise ConfigError(
            f'parameter {prefix}end_s', f'more than start_s, {fault.start_s:g} s', fault.end_s)
    fault = replace(fault, magnitude=_magnitude(fault, entry, prefix))
    return replace(fault, topic=_topic(fault, sensors, prefix))


def _magnitude(fault: Fault, entry: Mapping[Any, object], prefix: str) -> float:
    """Check what only some kinds have."""
    info = fault.what.value
    unwanted = {name for name in _OPTIONS if name not in info.options}
    if info.magnitude is None:
        unwanted.add('magnitude')
    for name in sorted(unwanted & entry.keys()):
        raise ConfigError(f'parameter {prefix}{name}', f'none with {fault.kind}', entry[name])
    if info.magnitude is None:
        return 0.0
    declared = replace(info.magnitude, name=f'{prefix}magnitude')
    return float(declared.check(entry.get('magnitude', declared.default)))  # type: ignore[arg-type]


def _topic(fault: Fault, sensors: Mapping[str, SensorTopics], prefix: str) -> str:
    if _is_topic(fault.sensor):
        return fault.sensor
    if fault.sensor not in sensors:
        raise ConfigError(
            f'parameter {prefix}sensor', f'one of {", ".join(sensors)}, or a topic',
            repr(fault.sensor))
    found = sensors[fault.sensor]
    if fault.what is FaultKind.CAMERA_INFO_SCALED and found.info_topic:
        return found.info_topic
    if found.type:
        fault.check_fits(found.type)
    return found.topic


def _is_topic(text: object) -> bool:
    return isinstance(text, str) and len(text) > 1 and text.startswith('/')


def _sensors_of(config: PerceptionConfig | None) -> dict[str, SensorTopics]:
    if config is None:
        return {}
    found = {
        name: SensorTopics(lidar.topic, kinds.POINTS)
        for name, lidar in zip(config.lidars, config.lidar, strict=True)
    }
    for name, camera in zip(config.cameras, config.camera, strict=True):
        kind = kinds.COMPRESSED_IMAGE if camera.is_compressed else kinds.IMAGE
        found[name] = SensorTopics(camera.topic, kind, camera.info_topic)
    return found

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Everything that can be set about perception, in one tree of dataclasses.

The sensors are named first (`lidars`, `cameras`); each name then opens a section of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
import re
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.config import (
    build,
    load_parameter_file,
    Parameter,
    parameter,
    refuse_unknown,
    walk,
)
from mm_fusion_ros.detection.settings import DetectorSettings
from mm_fusion_ros.ego_motion.settings import EgoMotionSettings
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.input_checks import InputCheckSettings
from mm_fusion_ros.obstacles.settings import ObstacleSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mm_fusion_ros.config import Value

NODE_NAME = 'perception_node'
_TOPIC = re.compile(r'(~?/)?[A-Za-z_]\w*(/[A-Za-z_]\w*)*', re.ASCII)
RELIABILITIES = ('auto', 'reliable', 'best_effort')


@dataclass(frozen=True, slots=True)
class LidarConfig:
    """One LiDAR."""

    topic: str = parameter('/sensing/lidar/{name}/points', 'PointCloud2 topic.')
    tolerance_ms: float = parameter(
        55.0, 'Largest stamp difference to the reference.', 'ms', minimum=0.0, maximum=1000.0)
    offset_ms: float = parameter(
        0.0, 'Added to every header stamp: a constant error of the sensor clock.', 'ms',
        minimum=-1000.0, maximum=1000.0)
    stamp_source: str = parameter(
        'header', 'Clock that stamps the data.', choices=('header', 'arrival'))
    stamp_is: str = parameter(
        'start', 'What instant of the sweep the header stamp is.',
        choices=('start', 'middle', 'end'))
    time_field: str = parameter('auto', 'Name of the per-point time; auto finds the usual ones.')
    time_unit: str = parameter(
        'auto', 'Unit of the per-point time.', choices=('auto', 'ns', 'us', 'ms', 's'))
    time_reference: str = parameter(
        'auto', 'Whether per-point times count from the stamp or from the epoch.',
        choices=('auto', 'relative', 'absolute'))
    reliability: str = parameter('auto', 'QoS of the subscription.', choices=RELIABILITIES)
    depth: int = parameter(5, 'QoS history depth.', 'messages', minimum=1, maximum=1000)


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """One camera."""

    topic: str = parameter(
        '/sensing/camera/{name}/image_raw',
        'Image topic; a name ending in /compressed is read as CompressedImage.')
    camera_info_topic: str = parameter(
        '', 'CameraInfo topic; empty for the sibling of the image topic.')
    rectified: bool = parameter(
        False, 'The image is rectified: P is used without D, instead of K with D.')
    tolerance_ms: float = parameter(
        55.0, 'Largest stamp difference to the reference.', 'ms', minimum=0.0, maximum=1000.0)
    offset_ms: float = parameter(
        0.0, 'Added to every header stamp: a constant error of the sensor clock.', 'ms',
        minimum=-1000.0, maximum=1000.0)
    stamp_source: str = parameter(
        'header', 'Clock that stamps the data.', choices=('header', 'arrival'))
    reliability: str = parameter('auto', 'QoS of the subscription.', choices=RELIABILITIES)
    depth: int = parameter(5, 'QoS history depth.', 'messages', minimum=1, maximum=1000)

    @property
    def is_compressed(self) -> bool:
        """Whether the topic carries CompressedImage."""
        return self.topic.endswith('/compressed')

    @property
    def info_topic(self) -> str:
        """Where the CameraInfo is: as configured, else beside the raw image topic."""
        image_topic = self.topic.removesuffix('/compressed')
        return self.camera_info_topic or f'{image_topic.rpartition("/")[0]}/camera_info'


@dataclass(frozen=True, slots=True)
class SyncConfig:
    """Which messages belong together, and when to stop waiting."""

    policy: str = parameter(
        'reference',
        'reference: one sensor opens each set, answers at its deadline with what is there; '
        'approximate: message_filters, complete sets only.',
        choices=('reference', 'approximate'))
    reference: str = parameter('', 'Sensor that opens a set; empty for the first LiDAR.')
    max_wait_ms: float = parameter(
        50.0, 'Longest wait for partners after the reference arrived.', 'ms',
        minimum=0.0, maximum=1000.0)
    silent_periods: float = parameter(
        3.0, 'Periods without a message after which a sensor counts as silent.', 'periods',
        minimum=1.0, maximum=100.0)


@dataclass(frozen=True, slots=True)
class OutputConfig:
    """What is published beyond the results themselves."""

    marker_lifetime_s: float = parameter(
        0.5, 'How long a marker stays without a new answer.', 's', minimum=0.0, maximum=60.0)
    overlay_points: bool = parameter(
        True, 'Draw the LiDAR points into the overlay, coloured by distance.')
    jpeg_quality: int = parameter(
        80, 'Quality of compressed overlays.', '%', minimum=1, maximum=100)


@dataclass(frozen=True, slots=True)
class PerceptionConfig:
    """
    The whole configuration of perception.

    Attributes
    ----------
    lidar, camera : tuple
        The section of each name in `lidars` and `cameras`, in the same order; set by
        `perception_config`.

    """

    lidars: tuple[str, ...] = parameter(('top',), 'Names of the LiDARs, the reference first.')
    cameras: tuple[str, ...] = parameter(('front',), 'Names of the cameras; may be empty.')
    base_frame: str = parameter(
        'base_link', 'Frame of all results: x forward, z up, on the ground.')
    autostart: bool = parameter(True, 'Configure and activate without being told to.')
    max_image_megapixels: float = parameter(
        50.0, 'Larger images are refused before they are decoded.', 'Mpx',
        minimum=0.1, maximum=1000.0)
    sync: SyncConfig = SyncConfig()
    ego_motion: EgoMotionSettings = field(default_factory=EgoMotionSettings)
    checks: InputCheckSettings = field(default_factory=InputCheckSettings)
    detector: DetectorSettings = field(default_factory=DetectorSettings)
    obstacles: ObstacleSettings = field(default_factory=ObstacleSettings)
    output: OutputConfig = OutputConfig()
    lidar: tuple[LidarConfig, ...] = ()
    camera: tuple[CameraConfig, ...] = ()

    @property
    def sensors(self) -> dict[str, LidarConfig | CameraConfig]:
        """Every sensor's section by its name, LiDARs first."""
        names = (*self.lidars, *self.cameras)
        return dict(zip(names, (*self.lidar, *self.camera), strict=True))


def sensor_names(values: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Read the names of LiDARs and cameras, which decide what else is declared.

    Raises
    ------
    ConfigError
        If a name is repeated, empty, or that of another section, or if there is no sensor.

    """
    named = {p.name: p for p in walk(PerceptionConfig) if p.name in ('lidars', 'cameras')}
    lidars: Any = named['lidars'].check(values.get('lidars', named['lidars'].default))
    cameras: Any = named['cameras'].check(values.get('cameras', named['cameras'].default))
    taken = {item.name for item in fields(PerceptionConfig)}
    for name in (*lidars, *cameras):
        if not name.isidentifier() or name in taken:
            raise ConfigError(
                'sensor name', 'a unique word that is no other parameter', repr(name))
        taken.add(name)
    if not lidars and not cameras:
        raise ConfigError('parameters lidars and cameras', 'at least one sensor', 'none')
    return lidars, cameras


def declared_parameters(
    lidars: Iterable[str], cameras: Iterable[str]
) -> tuple[Parameter, ...]:
    """List every parameter there is with these sensors, names of sensors first."""
    declared = list(walk(PerceptionConfig))
    for config_class, names in ((LidarConfig, lidars), (CameraConfig, cameras)):
        for name in names:
            declared += [_with_name(p, name) for p in walk(config_class, f'{name}.')]
    return tuple(declared)


def perception_config(values: Mapping[str, object]) -> PerceptionConfig:
    """
    Build the configuration from dotted names.

    Parameters
    ----------
    values : mapping
        Dotted parameter names to values; what is missing takes its default.

    Raises
    ------
    ConfigError
        If a name is unknown or a value does not fit.

    """
    lidars, cameras = sensor_names(values)
    declared = declared_parameters(lidars, cameras)
    refuse_unknown(values, (p.name for p in declared))
    filled = {p.name: values.get(p.name, p.default) for p in declared}
    config = replace(
        build(PerceptionConfig, filled),
        lidar=tuple(build(LidarConfig, filled, f'{name}.') for name in lidars),
        camera=tuple(build(CameraConfig, filled, f'{name}.') for name in cameras),
    )
    for name, sensor in config.sensors.items():
        for topic in (sensor.topic, getattr(sensor, 'info_topic', '/ok')):
            if not _TOPIC.fullmatch(topic):
                raise ConfigError(f'parameter {name}.topic', 'the name of a topic', repr(topic))
    if not _TOPIC.fullmatch(config.ego_motion.odometry_topic):
        raise ConfigError('parameter ego_motion.odometry_topic', 'the name of a topic',
                          repr(config.ego_motion.odometry_topic))
    reference = config.sync.reference
    if reference and reference not in (*lidars, *cameras):
        raise ConfigError(
            'parameter sync.reference', f'one of {", ".join((*lidars, *cameras))}', reference)
    return config


def load_perception_config(*paths: Path) -> PerceptionConfig:
    """Build the configuration from parameter files, later ones laid over earlier ones."""
    values: dict[str, Value] = {}
    for path in paths:
        values.update(load_parameter_file(path, NODE_NAME))
    return perception_config(values)


def _with_name(declared: Parameter, sensor: str) -> Parameter:
    if isinstance(declared.default, str) and '{name}' in declared.default:
        return replace(declared, default=declared.default.format(name=sensor))
    return declared

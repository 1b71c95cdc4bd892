# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which sensors a vehicle carries, where they sit and how well they measure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros import share
from mm_fusion_ros.config import build, flatten, read_yaml, refuse_unknown, walk
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.sim.sensors.camera import CameraSettings
from mm_fusion_ros.sim.sensors.clocks import ClockSettings
from mm_fusion_ros.sim.sensors.gnss import GnssSettings
from mm_fusion_ros.sim.sensors.imu import ImuSettings
from mm_fusion_ros.sim.sensors.lidar_settings import LidarSettings
from mm_fusion_ros.sim.sensors.wheels import WheelSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mm_fusion_ros.config import Value

_HEIGHT_SPREAD_M, _PITCH_SPREAD_DEG = 0.3, 1.0
_CLOCK = 'clock'
_MOUNTING = 22  # apart from the numbers of other random streams


@dataclass(frozen=True, slots=True)
class Mounted:
    """
    One sensor of a rig: its name, how it measures (settings of its kind), and how it tells time.
    """

    name: str
    settings: Any
    clock: ClockSettings


@dataclass(frozen=True, slots=True)
class Rig:
    """
    All sensors of a vehicle.

    Attributes
    ----------
    cameras, lidars : tuple of Mounted
        With CameraSettings and LidarSettings.
    imu, gnss, wheels : Mounted
        With ImuSettings, GnssSettings and WheelSettings.

    """

    cameras: tuple[Mounted, ...]
    lidars: tuple[Mounted, ...]
    imu: Mounted
    gnss: Mounted
    wheels: Mounted

    def varied(self, rng: np.random.Generator) -> Rig:
        """Give the rig as another vehicle carries it: higher or lower, pitched a little."""
        up_m = rng.uniform(-_HEIGHT_SPREAD_M, _HEIGHT_SPREAD_M)

        def moved(sensor: Mounted) -> Mounted:
            settings = sensor.settings
            pitch_deg = settings.pitch_deg + rng.uniform(-_PITCH_SPREAD_DEG, _PITCH_SPREAD_DEG)
            return replace(sensor, settings=replace(
                settings, z_m=settings.z_m + up_m, pitch_deg=pitch_deg))

        return replace(self, cameras=tuple(map(moved, self.cameras)),
                       lidars=tuple(map(moved, self.lidars)))


def load_rig(rig: str, vehicle: int | None = None) -> Rig:
    """
    Read a rig by its name in config/rigs, or from a file.

    Parameters
    ----------
    rig : str
        Name or path.
    vehicle : int, optional
        Which of many vehicles carries it, each a little otherwise; none: as the file says.

    Raises
    ------
    ConfigError
        If there is no such rig, or its file says something else than sensors.

    """
    path = share.rig_file(rig)
    values = dict(flatten(read_yaml(path, 'rig file')))
    names = {kind: values.pop(kind, ()) for kind in ('cameras', 'lidars')}
    for kind, given in names.items():
        if not isinstance(given, tuple) or not all(isinstance(name, str) for name in given):
            raise ConfigError(f'{kind} of rig {path}', 'a list of names', given)
    if not any(names.values()):
        raise ConfigError(f'rig {path}', 'a camera or a LiDAR', 'none')
    built = _built(names['cameras'], names['lidars'], values, path)
    return built if vehicle is None else built.varied(np.random.default_rng([vehicle, _MOUNTING]))


def _built(
    cameras: Any, lidars: Any, values: Mapping[str, Value], path: Path
) -> Rig:
    sections: dict[str, type[Any]] = dict.fromkeys(cameras, CameraSettings)
    sections |= dict.fromkeys(lidars, LidarSettings)
    sections |= {'imu': ImuSettings, 'gnss': GnssSettings, 'wheels': WheelSettings}
    if len(sections) < len(cameras) + len(lidars) + 3:
        raise ConfigError(f'sensors of rig {path}', 'names of their own', [*cameras, *lidars])
    known = [item.name for name, kind in sections.items()
             for item in (*walk(kind, f'{name}.'), *walk(ClockSettings, f'{name}.{_CLOCK}.'))]
    refuse_unknown(values, known)

    def mounted(name: str) -> Mounted:
        return Mounted(name, build(sections[name], values, f'{name}.'),
                       build(ClockSettings, values, f'{name}.{_CLOCK}.'))

    return Rig(tuple(map(mounted, cameras)), tuple(map(mounted, lidars)),
               mounted('imu'), mounted('gnss'), mounted('wheels'))

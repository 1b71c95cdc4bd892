# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What can be set about synchronisation, and which sensor leads when another falls silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args, Literal, TYPE_CHECKING

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

SensorKind = Literal['lidar', 'camera', 'window']


@dataclass(frozen=True, slots=True)
class SensorSpec:
    """
    One sensor to be synchronised.

    Attributes
    ----------
    name : str
        Unique name.
    kind : str
        'lidar' and 'camera' give their nearest message and can lead; a 'window' sensor (radar,
        IMU) gives all of its messages since the stamp of the last match, and cannot.
    tolerance_ns : int
        Largest stamp difference to the reference; of a window, the longest span.
    offset_ns : int
        Added to every stamp: corrects a constant error of the sensor's clock.

    """

    name: str
    kind: SensorKind
    tolerance_ns: int = 55 * NS_PER_MS
    offset_ns: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(SensorKind):
            raise ConfigError(f'kind of {self.name}', 'lidar, camera or window', self.kind)
        if self.tolerance_ns < 0:
            raise ConfigError(f'tolerance of {self.name}', 'at least 0 ns', self.tolerance_ns)


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """
    When to stop waiting, and for whom.

    Attributes
    ----------
    reference : str, optional
        The sensor that leads; None for the first LiDAR, or camera if there is none.
    max_wait_ns : int
        A match is emitted at the latest this long after its reference arrived.
    silent_periods : float
        After so many periods without a message a sensor is neither waited for nor followed.
    startup_ns : int
        How long a sensor is waited for whose period is not known yet.
    clock_jump_ns : int
        A stamp that steps farther than this is another time, not disorder.
    buffer_ns, buffer_size : int
        Bounds of what is kept of each sensor.
    slop_ns, queue_size : int
        For the policy `approximate` alone.

    """

    reference: str | None = None
    max_wait_ns: int = 50 * NS_PER_MS
    silent_periods: float = 3.0
    startup_ns: int = NS_PER_S
    clock_jump_ns: int = NS_PER_S
    buffer_ns: int = 2 * NS_PER_S
    buffer_size: int = 1000
    slop_ns: int = 50 * NS_PER_MS
    queue_size: int = 10

    def __post_init__(self) -> None:
        for name, least in (('max_wait_ns', 0), ('silent_periods', 1), ('startup_ns', 1),
                            ('clock_jump_ns', 1), ('buffer_ns', 1), ('buffer_size', 1),
                            ('slop_ns', 1), ('queue_size', 1)):
            if getattr(self, name) < least:
                raise ConfigError(f'sync {name}', f'at least {least}', getattr(self, name))


def succession(sensors: Sequence[SensorSpec], reference: str | None) -> tuple[SensorSpec, ...]:
    """
    Order the sensors that can lead: the reference, then LiDARs, then cameras, as configured.

    Raises
    ------
    ConfigError
        If names repeat, no sensor can lead, or the reference is not among those that can.

    """
    names = [sensor.name for sensor in sensors]
    if len(set(names)) < len(names):
        raise ConfigError('sensor names', 'each once', ', '.join(names))
    leaders = [s for kind in ('lidar', 'camera') for s in sensors if s.kind == kind]
    if not leaders:
        raise ConfigError('sensors', 'at least one lidar or camera', ', '.join(names) or 'none')
    if reference is not None and reference not in [leader.name for leader in leaders]:
        expected = f'one of {", ".join(leader.name for leader in leaders)}'
        raise ConfigError('sync reference', expected, reference)
    first = reference or leaders[0].name
    return tuple(sorted(leaders, key=lambda leader: leader.name != first))

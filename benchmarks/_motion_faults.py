# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Faults of IMU, GNSS and wheels: what the localization still answers, how far off, what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
import time
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.kinds import FaultKind, MOVES_TRANSFORMS
from mm_fusion_ros.messages.convert_in.fields import read_header
from mm_fusion_ros.messages.convert_out import from_transforms
from mm_fusion_ros.offline import process
from mm_fusion_ros.offline_localization import DIAGNOSTICS
from mm_fusion_ros.output import absolute_topic
from mm_fusion_ros.sim.motion_recordings import motion_recordings
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.world.make_world import make_world
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.faults.spec import Fault
    from mm_fusion_ros.localization_config import LocalizationConfig
    from mm_fusion_ros.perception_config import PerceptionConfig

SEED, DRIVE_S = 2, 26.0
START_S, END_S = 8.0, 13.0
MAX_BACK_S = 5.0  # after the end of a fault until the place is as without it
_TOLD_AFTER_NS = 2 * NS_PER_S  # a problem may be told until then
_AS_GOOD_M = 0.5  # from the same drive without the fault
_SENSORS = {
    'imu': (kinds.IMU, ('imu', 'no inertial')),
    'gnss': (kinds.FIX, ('gnss:', 'no usable fix', 'no GNSS', 'the direction')),
    'gnss_vel': (kinds.TWIST, ('gnss velocity',)),
    'wheels': (kinds.TWIST, ('wheels',)),
}


@dataclass(frozen=True, slots=True)
class MotionRow:
    """
    What one fault did to the localization.

    Attributes
    ----------
    answers, expected : int
        Poses while it lasted, by when they came, and without it.
    off_m : float
        Largest distance from the drive without it, from its beginning to the end of the drive.
    said : str
        The first thing said of the sensor; empty if nothing was.
    said_after_s : float
        When, since its beginning; NaN if it was not.
    back_s : float
        From its end until the place stays as without it; NaN if it does not.

    """

    kind: str
    sensor: str
    answers: int
    expected: int
    off_m: float
    said: str
    said_after_s: float
    back_s: float

    def __str__(self) -> str:
        """Draw a row."""
        return (f'{self.kind:<20}{self.sensor:<10}{self.answers:4d}/{self.expected:<4d}'
                f'{self.off_m:8.2f}{self.said_after_s:8.1f}{self.back_s:8.2f}  {self.said[:100]}')


HEADING = (f'{"kind":<20}{"sensor":<10}{"answers":>9}{"off m":>8}{"after s":>8}{"back s":>8}'
           '  said')


@dataclass(frozen=True, slots=True)
class Told:
    """
    What the localization answered: when (N,), ns, of which stamps (N,), where (N, 3), and said.
    """

    arrivals_ns: NDArray[np.int64]
    stamps_ns: NDArray[np.int64]
    places: NDArray[np.float64]
    said: list[tuple[int, tuple[str, ...]]]


def record(bag: Path) -> None:
    """Write what moves and measures motion on a simulated drive, without cameras and LiDARs."""
    rig = load_rig('demo')
    recordings = sorted(motion_recordings(make_world(SEED, DRIVE_S), rig, SEED),
                        key=lambda item: item.log_time_ns)
    mounts = {names.IMU_FRAME: rig.imu.settings.T_base_mount,
              names.GNSS_FRAME: rig.gnss.settings.T_base_mount}
    start_ns = recordings[0].log_time_ns
    with BagWriter(bag, overwrite=True) as writer:
        writer.write(names.TF_STATIC, from_transforms(
            mounts, start_ns, names.BASE_FRAME, BAG_TYPES), start_ns, transient_local=True)
        for item in recordings:
            writer.write(item.topic, item.build(), item.log_time_ns)


def located(
    bag: Path, config: PerceptionConfig, localization: LocalizationConfig, output: Path,
    faults: Sequence[Fault],
) -> Told:
    """Run the localization over a bag with faults."""
    process(bag, config, output, time.perf_counter_ns, lambda *_: None, overwrite=True,
            localization=localization, faults=faults)
    with BagReader(output) as reader:
        poses = list(reader.messages([absolute_topic('pose')]))
        said = [(item.log_time_ns, _problems(item.message))
                for item in reader.messages([DIAGNOSTICS])]
    messages = [item.message for item in poses]
    places = [message.pose.pose.position for message in messages]
    return Told(
        np.array([item.log_time_ns for item in poses]),
        np.array([read_header(message)[0] for message in messages]),
        np.array([(place.x, place.y, place.z) for place in places]), said)


def motion_row(kind: FaultKind, sensor: str, healthy: Told, found: Told) -> MotionRow:
    """Sum up what was answered while a fault lasted, and after."""
    start_ns = int(healthy.arrivals_ns[0] - healthy.arrivals_ns[0] % NS_PER_S)
    begin_ns, end_ns = (start_ns + round(at_s * NS_PER_S) for at_s in (START_S, END_S))
    _, rows, healthy_rows = np.intersect1d(
        found.stamps_ns, healthy.stamps_ns, return_indices=True)
    off_m = np.linalg.norm(
        found.places[rows, :2] - healthy.places[healthy_rows, :2], axis=1)
    stamps_ns = found.stamps_ns[rows]
    bad_ns = stamps_ns[(off_m > _AS_GOOD_M) & (stamps_ns >= end_ns)]
    back_s = 0.0
    if len(bad_ns):
        is_back = bad_ns[-1] < stamps_ns[-1]
        back_s = (int(bad_ns[-1]) - end_ns) / NS_PER_S if is_back else float('nan')
    _, prefixes = _SENSORS[sensor]
    texts = [(at_ns, text) for at_ns, said in found.said for text in said
             if begin_ns <= at_ns < end_ns + _TOLD_AFTER_NS and text.startswith(prefixes)]
    first_ns, said = texts[0] if texts else (0, '')
    return MotionRow(
        kind.label, sensor, _count(found, begin_ns, end_ns), _count(healthy, begin_ns, end_ns),
        float(off_m[stamps_ns >= begin_ns].max()), said,
        (first_ns - begin_ns) / NS_PER_S if texts else float('nan'), back_s)


def motion_cases() -> list[tuple[FaultKind, str]]:
    """Name every kind with each sensor of the localization that it fits."""
    return [(kind, name) for name, (message, _) in _SENSORS.items() for kind in FaultKind
            if message in kind.value.fits and not (
                name == 'wheels' and kind in MOVES_TRANSFORMS)]  # they are of the base frame


def _count(told: Told, begin_ns: int, end_ns: int) -> int:
    return int(((told.arrivals_ns >= begin_ns) & (told.arrivals_ns < end_ns)).sum())


def _problems(message: Any) -> tuple[str, ...]:
    return tuple(item.value for item in message.status[0].values
                 if item.key.startswith('problem.'))

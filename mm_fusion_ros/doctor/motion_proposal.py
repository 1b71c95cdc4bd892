# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What of a recording serves the localization, with the reason for each value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
import re
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.doctor.inertial_contents import GnssContents, ImuContents, TwistContents
from mm_fusion_ros.doctor.naming import is_derived
from mm_fusion_ros.doctor.recording import FIX, IMU, ODOMETRY, SURE_TWIST, TWIST
from mm_fusion_ros.doctor.stream_statistics import stream_statistics
from mm_fusion_ros.errors import TransformError
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.output import OUTPUT_NAMESPACE
from mm_fusion_ros.stamps import ClockKind

if TYPE_CHECKING:
    from mm_fusion_ros.config import Value
    from mm_fusion_ros.doctor.recording import Recording, Stream
    from mm_fusion_ros.localization_config import LocalizationConfig

_BY_SATELLITE = re.compile(r'gnss|gps|fix|navsat|ublox|novatel|septentrio')
_BY_SIGHT = re.compile(r'lidar|laser|lio|icp|loam|slam|vio|visual|camera')
_OF_OTHERS = re.compile(r'cmd|command|target|goal|desired|setpoint|ekf|ukf|local(i[sz]|$)|map')
_LEVEL_DEG = 5.0  # less is the slope of roads, or how a car leans


@dataclass(slots=True)
class MotionProposal:
    """
    Values of the localization's parameters, why, and what else to think of.

    Attributes
    ----------
    values : dict
        Dotted parameter names to values.
    reasons : dict
        Of some of them.
    remarks : list of str
        What is left to people.

    """

    values: dict[str, Value] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    found: bool = False

    def propose(self, parameter: str, value: Value, reason: str = '') -> None:
        """
        Set a parameter.
        """
        self.values[parameter] = value
        if reason:
            self.reasons[parameter] = reason

    def config(self) -> LocalizationConfig | None:
        """
        Give the proposal as a configuration; None where nothing serves.
        """
        return localization_config(self.values) if self.found else None


def propose_motion(recording: Recording, base_frame: str) -> MotionProposal:
    """
    Propose what the localization should read.
    """
    proposal = MotionProposal()
    proposal.propose('base_frame', base_frame)
    imus = _usable(recording, IMU)
    imus.sort(key=lambda s: (not _has_gravity(s), s.info.name != '/sensing/imu/data',
                             -len(s.stamps_ns)))
    fixes = sorted(_usable(recording, FIX), key=_fixes_of, reverse=True)
    velocities = [s for s in _usable(recording, TWIST, SURE_TWIST, ODOMETRY)
                  if not _OF_OTHERS.search(s.info.name)]
    by_satellite = [s for s in velocities
                    if s.info.type != ODOMETRY and _BY_SATELLITE.search(s.info.name)]
    by_sight = [s for s in velocities if _BY_SIGHT.search(s.info.name)]
    wheels = [s for s in velocities if not _BY_SATELLITE.search(s.info.name)
              and s not in by_sight]
    wheels.sort(key=lambda s: ('wheel' not in s.info.name, s.info.type == ODOMETRY,
                               -len(s.stamps_ns)))
    for parameter, streams in (
            ('imu.topic', imus), ('gnss.topic', fixes), ('gnss.velocity_topic', by_satellite),
            ('wheels.topic', wheels)):
        _propose_topic(proposal, parameter, streams)
    if by_sight:
        proposal.remarks.append(
            f'velocity: {{topic: {by_sight[0].info.name}}}  # if it is independent of the others')
    _propose_mountings(proposal, recording, base_frame, imus[:1], fixes[:1])
    _propose_motion_model(proposal, wheels[:1])
    return proposal


def _usable(recording: Recording, *kinds: str) -> list[Stream]:
    return [
        stream for stream in recording.of_type(*kinds)
        if len(stream.stamps_ns) and stream.sampled > sum(stream.problems.values())
        and not is_derived(stream.info.name)
        and not stream.info.name.startswith(f'{OUTPUT_NAMESPACE}/')]


def _has_gravity(stream: Stream) -> bool:
    contents = stream.contents
    assert isinstance(contents, ImuContents)
    return 9.0 < float(np.median(contents.accelerations_mps2 or [0.0])) < 10.6


def _fixes_of(stream: Stream) -> int:
    contents = stream.contents
    assert isinstance(contents, GnssContents)
    return contents.fixes


def _propose_topic(proposal: MotionProposal, parameter: str, streams: list[Stream]) -> None:
    if not streams:
        proposal.propose(parameter, '', 'none was found')
        return
    first, *others = streams
    reason = ''
    if others:
        reason = f'guess: there is also {", ".join(s.info.name for s in others)}'
    proposal.found = True
    proposal.propose(parameter, first.info.name, reason)
    clock = stream_statistics(first.stamps_ns, first.log_times_ns).clock
    section = parameter.partition('.')[0]
    if clock is not ClockKind.SAME and parameter != 'gnss.velocity_topic':
        proposal.propose(f'{section}.stamp_source', 'arrival', f'the stamps are of {clock.value}')


def _propose_mountings(
    proposal: MotionProposal, recording: Recording, base_frame: str, imus: list[Stream],
    fixes: list[Stream],
) -> None:
    for stream in imus:
        if not _is_placed(recording, base_frame, stream):
            contents = stream.contents
            assert isinstance(contents, ImuContents)
            tilt = tuple(0.0 if abs(deg) < _LEVEL_DEG else float(round(deg))
                         for deg in contents.tilt_deg)
            proposal.propose(
                'imu.mounting', (0.0, 0.0, 0.0, *tilt, 0.0),
                'guess: x, y, z, m, roll, pitch, yaw, deg; roll and pitch are by gravity, measure '
                'the others')
    for stream in fixes:
        if not _is_placed(recording, base_frame, stream):
            proposal.propose(
                'gnss.mounting', (0.0,) * 6, 'guess: x, y, z, m, of the antenna; measure them')


def _is_placed(recording: Recording, base_frame: str, stream: Stream) -> bool:
    return all(
        frame_id in ('', base_frame)
        or not isinstance(recording.transforms.to_base(base_frame, frame_id), TransformError)
        for frame_id in stream.frame_ids)


def _propose_motion_model(proposal: MotionProposal, wheels: list[Stream]) -> None:
    for stream in wheels:
        contents = stream.contents
        assert isinstance(contents, TwistContents)
        if contents.turns_on_the_spot:
            proposal.propose('motion.is_car', False, 'guess: it turns where it stands')

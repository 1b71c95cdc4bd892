# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether the localization finds its sensors, in the right type, and knows where they are mounted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.doctor.findings import Finding
from mm_fusion_ros.doctor.inertial_contents import ImuContents
from mm_fusion_ros.errors import TransformError
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_topics import localization_topics
from mm_fusion_ros.output import absolute_topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mm_fusion_ros.doctor.recording import Recording, Stream
    from mm_fusion_ros.localization_config import LocalizationConfig
    from mm_fusion_ros.localization_topics import LocalizationTopic

_WITHOUT = {
    Source.IMU: ('an Imu', 'velocity is then taken to change slowly, and turns to be smooth'),
    Source.FIX: ('a NavSatFix', 'the vehicle is then located from where it began, and drifts'),
    Source.WHEELS: ('a velocity by the wheels', 'outages of GNSS are then bridged less well'),
}
_MOUNTED = {Source.IMU: 'imu', Source.FIX: 'gnss', Source.GNSS_VELOCITY: 'gnss'}


def used_sources(
    config: LocalizationConfig, recording: Recording
) -> dict[Source, Stream]:
    """
    Give what of a recording the localization would read.
    """
    found = {}
    for item in localization_topics(config):
        stream = recording.streams.get(absolute_topic(item.topic))
        if stream is not None and stream.info.type in item.types and len(stream.stamps_ns):
            found[item.source] = stream
    return found


def check_motion(
    config: LocalizationConfig, recording: Recording, *, is_given: bool
) -> Iterator[Finding]:
    """
    Check the bag against what the localization is to read.

    Parameters
    ----------
    config : LocalizationConfig
        What it is configured to.
    recording : Recording
        What the bag holds.
    is_given : bool
        Whether a person configured it; else mountings in it are guesses.

    """
    used = used_sources(config, recording)
    if is_given:
        for item in localization_topics(config):
            if item.source not in used:
                yield _missing(item, recording)
    if not used:
        return
    for source, (what, effect) in _WITHOUT.items():
        if source not in used:
            yield Finding('info', '', f'localization: expected {what}, got none', effect)
    for source, stream in used.items():
        # Wheels tell the motion of the base frame by definition.
        if source is not Source.WHEELS and not (is_given and _mounting(config, source)):
            yield from _check_frames(config.base_frame, source, stream, recording)


def _missing(item: LocalizationTopic, recording: Recording) -> Finding:
    topic = absolute_topic(item.topic)
    wanted = ' or '.join(item.types)
    held = next((info.type for info in recording.topics if info.name == topic), '')
    candidates = ', '.join(s.info.name for s in recording.of_type(*item.types))
    text = f'{topic}: expected {wanted}, got {held or "none of that name"}'
    remedy = f'there is {candidates}' if candidates else 'an empty topic says that there is none'
    return Finding('warning' if held or candidates else 'info', topic, text, remedy)


def _mounting(config: LocalizationConfig, source: Source) -> tuple[float, ...]:
    section = _MOUNTED.get(source, '')
    return {'imu': config.imu.mounting, 'gnss': config.gnss.mounting}.get(section, ())


def _check_frames(
    base_frame: str, source: Source, stream: Stream, recording: Recording
) -> Iterator[Finding]:
    for frame_id in stream.frame_ids:
        if frame_id not in ('', base_frame):
            yield from _check_frame(base_frame, source, stream, frame_id, recording)


def _check_frame(
    base_frame: str, source: Source, stream: Stream, frame_id: str, recording: Recording
) -> Iterator[Finding]:
    T = recording.transforms.to_base(base_frame, frame_id)
    if not isinstance(T, TransformError):
        return
    section = _MOUNTED.get(source)
    remedy = f'publish it on /tf_static, or set {section}.mounting' if section else 'publish it'
    if isinstance(stream.contents, ImuContents):
        roll_deg, pitch_deg = (round(deg) for deg in stream.contents.tilt_deg)
        remedy += (f': roll {roll_deg} and pitch {pitch_deg} degrees by gravity, which does not '
                   'tell yaw')
    yield Finding('warning', stream.info.name, f'{T} ({stream.info.name})', remedy)

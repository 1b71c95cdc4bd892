# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Examines a bag: reads it once, proposes a configuration, and checks it or the one that is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.doctor.examination import Examination, SensorOutlook, TopicReport
from mm_fusion_ros.doctor.findings import Finding, SEVERITIES
from mm_fusion_ros.doctor.frame_checks import check_frames, ground_below
from mm_fusion_ros.doctor.motion_checks import check_motion, used_sources
from mm_fusion_ros.doctor.motion_proposal import propose_motion
from mm_fusion_ros.doctor.proposal import propose
from mm_fusion_ros.doctor.recording import read_recording, TRANSFORMS
from mm_fusion_ros.doctor.rehearsal import rehearse, sensors_of
from mm_fusion_ros.doctor.sensor_checks import check_camera, check_contents
from mm_fusion_ros.doctor.stream_checks import check_clocks, check_stream
from mm_fusion_ros.doctor.stream_statistics import stream_statistics
from mm_fusion_ros.doctor.sync_checks import check_sets
from mm_fusion_ros.doctor.topic_checks import check_topics
from mm_fusion_ros.errors import TransformError
from mm_fusion_ros.messages.convert_in import PointTimeSettings
from mm_fusion_ros.perception_config import CameraConfig
from mm_fusion_ros.stamps import to_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mm_fusion_ros.doctor.ground import GroundPlane
    from mm_fusion_ros.doctor.recording import Recording, Stream
    from mm_fusion_ros.doctor.rehearsal import Rehearsal, Sensor
    from mm_fusion_ros.doctor.stream_statistics import StreamStatistics
    from mm_fusion_ros.localization_config import LocalizationConfig
    from mm_fusion_ros.perception_config import PerceptionConfig


def examine(
    bag: Path,
    config: PerceptionConfig | None,
    progress: Callable[[int, int], None],
    localization: LocalizationConfig | None = None,
) -> Examination:
    """
    Read a bag and say what perception and localization would make of it.

    Parameters
    ----------
    bag : Path
        Anything that `BagReader` takes.
    config : PerceptionConfig, optional
        What to check it against; what the bag suggests where None.
    progress : callable
        Called with messages read so far and in all, now and then.
    localization : LocalizationConfig, optional
        The same as `config` for the localization.

    Raises
    ------
    BagError
        If the bag cannot be read.

    """
    recording = read_recording(bag, _point_times(config), progress)
    proposal = propose(recording)
    checked = config or proposal.config()
    sensors = sensors_of(checked) if checked else []
    statistics = {
        topic: stream_statistics(stream.stamps_ns, stream.log_times_ns)
        for topic, stream in recording.streams.items()
        if len(stream.stamps_ns)
    }
    rehearsal = rehearse(checked, recording) if checked else None
    motion = propose_motion(recording, proposal.base_frame)
    locating = localization or motion.config()
    findings = list(_check(checked, sensors, recording, statistics, rehearsal))
    sources = {}
    if locating is not None:
        findings += check_motion(locating, recording, is_given=localization is not None)
        sources = {source.value: stream.info.name
                   for source, stream in used_sources(locating, recording).items()}
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    outlook = _outlook(sensors, findings, rehearsal)
    usable = [sensor.name for sensor in outlook if sensor.usable and sensor.present]
    num_answers, answer_hz = rehearsal.answers_with(usable) if rehearsal else (0, float('nan'))
    reasons = [finding.text for finding in findings if finding.severity == 'error']
    return Examination(
        bag=bag,
        duration_s=to_seconds(recording.end_ns - recording.start_ns),
        config=checked,
        config_is_given=config is not None,
        topics=_reports(checked, sensors, recording, statistics),
        other_topics=tuple(
            info.name
            for info in recording.topics
            if info.name not in recording.streams and info.type != TRANSFORMS
        ),
        frames=recording.transforms.tree.frames,
        findings=tuple(dict.fromkeys(findings)),
        outlook=outlook,
        num_answers=num_answers,
        answer_hz=answer_hz,
        silent_because='' if num_answers else (reasons or ['no message of any sensor'])[0],
        proposal=proposal,
        motion=motion,
        sources=sources,
    )


def _point_times(config: PerceptionConfig | None) -> dict[str, PointTimeSettings]:
    return {
        lidar.topic: PointTimeSettings(
            lidar.time_field, lidar.time_unit, lidar.time_reference, lidar.stamp_is
        )
        for lidar in (config.lidar if config else ())
    }


def _check(
    config: PerceptionConfig | None,
    sensors: list[Sensor],
    recording: Recording,
    statistics: dict[str, StreamStatistics],
    rehearsal: Rehearsal | None,
) -> Iterator[Finding]:
    yield from check_topics(config, recording)
    by_topic = {sensor.config.topic: sensor for sensor in sensors}
    for topic, stream in recording.streams.items():
        if topic in statistics:
            sensor = by_topic.get(topic)
            yield from check_stream(stream, statistics[topic], recording, sensor)
        yield from check_contents(stream, by_topic.get(topic))
    if config is None or rehearsal is None:
        return
    yield from check_clocks(sensors, recording, statistics)
    for sensor in sensors:
        if sensor.kind == 'camera':
            yield from check_camera(sensor, recording)
    yield from check_frames(config.base_frame, sensors, recording)
    yield from check_sets(config, sensors, recording, rehearsal)


def _outlook(
    sensors: list[Sensor], findings: list[Finding], rehearsal: Rehearsal | None
) -> tuple[SensorOutlook, ...]:
    broken = {finding.topic for finding in findings if finding.severity == 'error'}
    found = []
    for sensor in sensors:
        topics = {sensor.config.topic}
        if isinstance(sensor.config, CameraConfig):
            topics.add(sensor.config.info_topic)
        present = rehearsal.present(sensor.name) if rehearsal else 0
        found.append(SensorOutlook(sensor.name, sensor.kind, not topics & broken, present))
    return tuple(found)


def _reports(
    config: PerceptionConfig | None,
    sensors: list[Sensor],
    recording: Recording,
    statistics: dict[str, StreamStatistics],
) -> tuple[TopicReport, ...]:
    names = {sensor.config.topic: sensor.name for sensor in sensors}
    order = list(names)
    streams = sorted(
        recording.streams.values(),
        key=lambda s: order.index(s.info.name) if s.info.name in names else len(order),
    )
    return tuple(
        TopicReport(
            topic=stream.info.name,
            type=stream.info.type,
            count=stream.info.count,
            sensor=names.get(stream.info.name, ''),
            frame_ids=tuple(stream.frame_ids),
            layout=getattr(stream.contents, 'layout', ''),
            statistics=statistics.get(stream.info.name),
            ground=_ground(config, stream, recording),
        )
        for stream in streams
    )


def _ground(
    config: PerceptionConfig | None, stream: Stream, recording: Recording
) -> GroundPlane | None:
    if config is None or not stream.frame_ids:
        return None
    T = recording.transforms.to_base(config.base_frame, next(iter(stream.frame_ids)))
    if isinstance(T, TransformError):
        return None
    return ground_below(stream.info.name, recording, T)

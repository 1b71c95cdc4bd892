# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the messages of LiDARs, cameras, IMU and GNSS are like, against what perception can use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.doctor.camera_contents import CameraInfoContents, ImageContents
from mm_fusion_ros.doctor.cloud_contents import CloudContents
from mm_fusion_ros.doctor.findings import Finding, Severity
from mm_fusion_ros.doctor.inertial_contents import GnssContents, ImuContents
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.perception_config import CameraConfig, LidarConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mm_fusion_ros.doctor.recording import Recording, Stream
    from mm_fusion_ros.doctor.rehearsal import Sensor

_TIME_PARAMETERS = ('time_field', 'time_unit', 'time_reference')
_GRAVITY_MPS2 = (9.0, 10.6)
_SPARSE_SHARE = 0.5
_FASTEST_RADPS = 12.0  # of a vehicle on its wheels, bumps included


def check_contents(stream: Stream, sensor: Sensor | None) -> Iterator[Finding]:
    """
    Check the messages of one topic; `sensor` is what is configured for it, if anything.
    """
    topic = stream.info.name
    for text, count in stream.problems.items():
        all_bad = count >= stream.sampled
        share = 'all' if all_bad else f'{count} of {stream.sampled}'
        remedy = _remedy(text, sensor.name if sensor else 'the LiDAR')
        severity: Severity = 'error' if all_bad else 'warning'
        yield Finding(severity, topic, f'{text} ({share} sampled messages of {topic})', remedy)
    contents = stream.contents
    if isinstance(contents, CloudContents):
        yield from _check_clouds(topic, contents)
        yield from _check_instant(topic, contents, sensor)
    elif isinstance(contents, ImuContents):
        yield from _check_imu(topic, contents)
    elif isinstance(contents, GnssContents):
        yield from _check_gnss(topic, contents)


def _remedy(error: str, name: str) -> str:
    for parameter in _TIME_PARAMETERS:
        if parameter in error:
            return f'set {name}.{parameter}' + (
                ', or time_field to none' if parameter != 'time_field' else '')
    if 'encoding' in error:
        return 'let the driver publish bgr8, rgb8 or a bayer pattern'
    if 'point field' in error:
        return 'let the driver publish x, y and z as float32'
    return 'correct the driver'


def _check_clouds(topic: str, contents: CloudContents) -> Iterator[Finding]:
    looked_at = len(contents.points)
    if looked_at == 0:
        return
    if contents.empty:
        severity: Severity = 'error' if contents.empty == looked_at else 'warning'
        text = (f'points of {topic}: expected some in every sweep, got none in {contents.empty} '
                f'of {looked_at} sampled sweeps')
        yield Finding(severity, topic, text, 'is the sensor covered? does it spin?')
    points, dropped = sum(contents.points), sum(contents.dropped)
    if points and dropped > _SPARSE_SHARE * (points + dropped):
        text = (f'points of {topic}: expected finite numbers, got NaN or zero range for '
                f'{100 * dropped / (points + dropped):.0f} %')
        yield Finding('info', topic, text, 'a cloud without them is smaller and faster')
    if points and contents.time_span_ms is None:
        text = f'time of points of {topic}: expected a field such as t, got {contents.layout}'
        yield Finding('info', topic, text, 'let the driver add it: without, no sweep is deskewed')
    if contents.big_endian:
        text = f'byte order of {topic}: expected little-endian, got big-endian'
        yield Finding('info', topic, text, 'works, but slower')


def _check_instant(
    topic: str, contents: CloudContents, sensor: Sensor | None
) -> Iterator[Finding]:
    """
    Check what the stamp is said to be; 'start' moves no times, so it is right with any.
    """
    if sensor is None or contents.time_span_ms is None:
        return
    assert isinstance(sensor.config, LidarConfig)
    said, (low, high) = sensor.config.stamp_is, contents.time_span_ms
    if 'start' not in (said, contents.stamp_is) and said != contents.stamp_is:
        text = (f'{sensor.name}.stamp_is: expected {contents.stamp_is} as point times run from '
                f'{low:.1f} to {high:.1f} ms, got {said}')
        yield Finding('warning', topic, text, f'set {sensor.name}.stamp_is to {contents.stamp_is}')


def check_camera(sensor: Sensor, recording: Recording) -> Iterator[Finding]:
    """
    Check the calibration of a configured camera, and the size of its images against it.
    """
    config = sensor.config
    assert isinstance(config, CameraConfig)
    stream = recording.streams.get(config.info_topic)
    images = recording.streams.get(config.topic)
    contents = stream.contents if stream else None
    if stream is None or not isinstance(contents, CameraInfoContents):
        return  # the topic check has said so
    topic = stream.info.name
    model = contents.rectified if config.rectified else contents.raw
    if isinstance(model, InvalidMessageError):
        remedy = f'calibrate {sensor.name} and publish the result on {topic}'
        yield Finding('error', topic, f'{model} ({topic})', remedy)
    elif model is not None and images and isinstance(images.contents, ImageContents):
        for size in images.contents.sizes:
            if size != (model.width, model.height):
                text = (f'image size of {config.topic}: expected {model.width}x{model.height} as '
                        f'in {topic}, got {size[0]}x{size[1]}')
                remedy = 'publish the camera_info of the images as they are (binning, resizing)'
                yield Finding('error', config.topic, text, remedy)
    if config.rectified and contents.has_distortion and 'rect' not in config.topic:
        text = f'{sensor.name}.rectified: expected false as D is not zero in {topic}, got true'
        yield Finding('warning', topic, text, f'set {sensor.name}.rectified to false')
    if not config.rectified and contents.moves_rectified and not contents.has_distortion:
        text = f'{sensor.name}.rectified: expected true as D is zero and P is not K, got false'
        yield Finding('warning', topic, text, f'set {sensor.name}.rectified to true')


def _check_imu(topic: str, contents: ImuContents) -> Iterator[Finding]:
    if not contents.accelerations_mps2:
        return
    typical = float(np.median(contents.accelerations_mps2))
    if not _GRAVITY_MPS2[0] < typical < _GRAVITY_MPS2[1]:
        text = f'acceleration on {topic}: expected about 9.8 m/s^2 with gravity, got {typical:.2f}'
        yield Finding('warning', topic, text, _unit_of(typical))
    if contents.fastest_radps > _FASTEST_RADPS:
        text = (f'turn rate on {topic}: expected rad/s, up to a few, got '
                f'{contents.fastest_radps:.0f}')
        yield Finding('warning', topic, text, 'is it in degrees/s? the localization refuses it')
    if contents.without_orientation:
        text = f'orientation of {topic}: expected one (optional), got none'
        yield Finding('info', topic, text, 'heading then comes from motion')


def _unit_of(acceleration: float) -> str:
    unit = 'in g' if 0.7 < acceleration < 1.3 else (
        'in cm/s^2 or mg' if 700.0 < acceleration < 1300.0 else 'without gravity, by its driver')
    return f'is it {unit}? the localization refuses it'


def _check_gnss(topic: str, contents: GnssContents) -> Iterator[Finding]:
    looked_at = contents.fixes + contents.without_fix
    if contents.without_fix:
        text = f'fix on {topic}: expected one, got none in {contents.without_fix} of {looked_at}'
        yield Finding('warning', topic, f'{text} sampled messages', 'check the antenna')
    if contents.without_covariance:
        text = f'covariance of {topic}: expected to be known, got type unknown'
        yield Finding('info', topic, text, 'let the driver fill position_covariance')

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether every sensor is joined to the base frame, and the base frame stands on the ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.doctor.cloud_contents import CloudContents
from mm_fusion_ros.doctor.findings import Finding
from mm_fusion_ros.doctor.ground import fit_ground
from mm_fusion_ros.errors import TransformError
from mm_fusion_ros.geometry import transforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mm_fusion_ros.doctor.ground import GroundPlane
    from mm_fusion_ros.doctor.recording import Recording
    from mm_fusion_ros.doctor.rehearsal import Sensor

_HEIGHT_M = 0.3
_TILT_DEG = 3.0
_DOWN = -0.5  # z of a camera's y axis, which points down in an optical frame


def check_frames(
    base_frame: str, sensors: list[Sensor], recording: Recording
) -> Iterator[Finding]:
    """
    Check the tree of frames, and where each configured sensor is in it.
    """
    contents = recording.transforms
    for text in contents.tree.conflicts:
        yield Finding('warning', '/tf', text, 'stop one of the two publishers')
    for text in contents.problems:
        yield Finding('warning', '/tf', text, 'correct whoever publishes it')
    if not contents.tree.frames:
        text = 'transforms: expected messages on /tf_static, got none'
        yield Finding('error', '/tf_static', text, 'record /tf_static, or publish the mounting')
    elif base_frame not in contents.tree.frames:
        text = f'base_frame: expected one of {_listed(contents.tree.frames)}, got {base_frame}'
        yield Finding('error', '/tf_static', text, 'set base_frame to the frame on the vehicle')
    for sensor in sensors:
        stream = recording.streams.get(sensor.config.topic)
        for frame_id in stream.frame_ids if stream else ():
            topic = sensor.config.topic
            yield from _check_mounting(base_frame, sensor, topic, frame_id, recording)


def _listed(names: tuple[str, ...]) -> str:
    return ', '.join(names[:12]) + (' …' if len(names) > 12 else '')


def _check_mounting(
    base_frame: str, sensor: Sensor, topic: str, frame_id: str, recording: Recording
) -> Iterator[Finding]:
    if not frame_id:
        text = f'frame_id of {topic}: expected a name, got an empty one'
        yield Finding('error', topic, text, 'set the frame of the driver')
        return
    T_base_sensor = recording.transforms.to_base(base_frame, frame_id)
    if isinstance(T_base_sensor, TransformError):
        root = recording.transforms.chain(frame_id)[-1]
        height = ''
        if root == frame_id and (plane := ground_below(topic, recording, np.eye(4))):
            height = f' --z {-plane.height_m:.2f}'  # how high it hangs is known
        remedy = (f'publish it: ros2 run tf2_ros static_transform_publisher{height} '
                  f'--frame-id {base_frame} --child-frame-id {root}')
        yield Finding('error', topic, str(T_base_sensor), remedy)
    elif sensor.kind == 'lidar':
        yield from _check_ground(base_frame, topic, ground_below(topic, recording, T_base_sensor))
    elif T_base_sensor[2, 1] > _DOWN and T_base_sensor[2, 2] > -_DOWN:
        text = f'frame {frame_id} of {topic}: expected an optical frame (z forward), got z up'
        yield Finding('warning', topic, text, 'stamp the images with the *_optical_frame')


def ground_below(
    topic: str, recording: Recording, T_base_sensor: NDArray[np.float64]
) -> GroundPlane | None:
    """
    Find the ground in the sampled clouds of a topic; None where none stands out.
    """
    stream = recording.streams.get(topic)
    contents = stream.contents if stream else None
    if not isinstance(contents, CloudContents) or not contents.near_points:
        return None
    planes = [fit_ground(transforms.apply(T_base_sensor, near)) for near in contents.near_points]
    heights = [plane.height_m for plane in planes if plane is not None]
    if not heights:
        return None
    middle = float(np.percentile(heights, 50, method='nearest'))
    return next(p for p in planes if p is not None and p.height_m == middle)


def _check_ground(base_frame: str, topic: str, plane: GroundPlane | None) -> Iterator[Finding]:
    if plane is None:
        return
    if abs(plane.height_m) > _HEIGHT_M:
        text = (f'ground under {base_frame} by {topic}: expected at z = 0 m, got '
                f'{plane.height_m:.2f} m')
        remedy = (f'raise the mounting of the sensor by {-plane.height_m:.2f} m, or set '
                  'base_frame to a frame on the ground')
        yield Finding('warning', topic, text, remedy)
    if plane.tilt_deg > _TILT_DEG:
        pitch, roll = np.degrees(np.arctan((plane.slope_x, -plane.slope_y)))
        text = (f'ground under {base_frame} by {topic}: expected level, got {plane.tilt_deg:.1f} '
                'degrees')
        remedy = f'is it a hill? else turn the mounting: pitch {pitch:+.1f}, roll {roll:+.1f} deg'
        yield Finding('warning', topic, text, remedy)

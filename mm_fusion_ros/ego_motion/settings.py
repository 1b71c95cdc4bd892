# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What can be set about the use of ego poses."""

from __future__ import annotations

from dataclasses import dataclass

from mm_fusion_ros.config import parameter


@dataclass(frozen=True, slots=True)
class EgoMotionSettings:
    """Where ego poses come from, and what they serve for."""

    source: str = parameter(
        'odometry',
        'Where ego poses come from: a topic of Odometry, the transform from odom_frame to '
        'base_frame on /tf, or nowhere.',
        choices=('odometry', 'tf', 'none'))
    odometry_topic: str = parameter(
        'odometry',
        'Odometry topic; a relative name is in the namespace of the node, offline /mm_fusion.')
    odom_frame: str = parameter(
        'odom', 'Fixed frame of the source tf: continuous, without jumps.')
    deskew: bool = parameter(
        True, 'Move every LiDAR point to where it would have been at the stamp of the frame.')
    camera_motion: bool = parameter(
        True, 'Project into each image from where the camera was at its own stamp.')
    short_prediction_ms: float = parameter(
        20.0, 'Poses that end so little before a measurement are neither waited for nor warned '
        'of: their velocity is as good.', 'ms', minimum=0.0, maximum=200.0)
    max_prediction_ms: float = parameter(
        200.0, 'How far beyond the nearest pose its velocity is trusted; the vehicle is taken to '
        'stand still from there on.', 'ms', minimum=1.0, maximum=2000.0)

    @property
    def is_used(self) -> bool:
        """Whether poses serve for anything."""
        return self.source != 'none' and (self.deskew or self.camera_motion)

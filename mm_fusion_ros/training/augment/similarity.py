# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Turns, mirrors and scales everything around the vehicle, with its truth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.training.augment.ground_change import changed_ground
from mm_fusion_ros.training.augment.mirror import mirrored_image, mirrored_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import (
        Boxes3D,
        CameraInput,
        EgoMotion,
        LidarInput,
        SensorFrame,
    )
    from mm_fusion_ros.training.sample import TrainingSample
    from mm_fusion_ros.training.sector import Sector


@dataclass(frozen=True, slots=True)
class Similarity:
    """
    A change of the base frame: left and right may change places, then it is turned and scaled.

    Attributes
    ----------
    turn_rad : float
        About +z.
    scale : float
        Of all lengths, above 0.
    is_mirrored : bool
        Whether y becomes -y.

    """

    turn_rad: float = 0.0
    scale: float = 1.0
    is_mirrored: bool = False

    @property
    def sign(self) -> float:
        """What a left turn becomes: 1, or -1 where it becomes a right turn."""
        return -1.0 if self.is_mirrored else 1.0

    @property
    def mirror(self) -> NDArray[np.float64]:
        """Which axes (3, 3) of a LiDAR, or of the base frame, change their direction."""
        return np.diag((1.0, self.sign, 1.0))

    @property
    def turn(self) -> NDArray[np.float64]:
        """The rotation (3, 3)."""
        c, s = np.cos(self.turn_rad), np.sin(self.turn_rad)
        return np.array([(c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0)])

    @property
    def linear(self) -> NDArray[np.float64]:
        """What positions (3,) of the base frame are multiplied by, (3, 3)."""
        return self.scale * self.turn @ self.mirror


def changed_sample(sample: TrainingSample, change: Similarity) -> TrainingSample:
    """Change a sample: its sensors see the same of the changed world, and the truth fits."""
    if change == Similarity():
        return sample
    ground, is_ground_known = sample.ground, sample.is_ground_known
    if ground is not None:
        ground, is_ground_known = changed_ground(ground, is_ground_known, change.linear[:2, :2])
    depths_m = sample.depths_m
    if depths_m is not None:
        depths_m = tuple(_changed_depth(depth_m, change) for depth_m in depths_m)
    area = sample.labelled_area
    return replace(
        sample,
        frame=_changed_frame(sample.frame, change),
        boxes=_changed_boxes(sample.boxes, change),
        depths_m=depths_m,
        ground=ground,
        is_ground_known=is_ground_known,
        labelled_area=None if area is None else _changed_sector(area, change),
        unlabelled=tuple(_changed_sector(sector, change) for sector in sample.unlabelled),
    )


def _changed_frame(frame: SensorFrame, change: Similarity) -> SensorFrame:
    return replace(
        frame,
        lidars=tuple(_changed_lidar(lidar, change) for lidar in frame.lidars),
        cameras=tuple(_changed_camera(camera, change) for camera in frame.cameras),
        ego=None if frame.ego is None else _changed_ego(frame.ego, change),
    )


def _changed_lidar(lidar: LidarInput, change: Similarity) -> LidarInput:
    """Change points in their own frame, so that its pose stays a rigid one."""
    sweep = lidar.sweep
    factors = change.scale * np.diag(change.mirror)
    if (factors != 1.0).any():
        sweep = replace(sweep, points=sweep.points * factors.astype(np.float32))
    return replace(
        lidar, sweep=sweep, T_base_lidar=_moved(lidar.T_base_lidar, change, change.mirror))


def _changed_camera(camera: CameraInput, change: Similarity) -> CameraInput:
    """Mirror the image in its own frame, where x is to the right."""
    model, image = camera.model, camera.image
    if change.is_mirrored:
        model = mirrored_model(model)
        image = replace(image, pixels=mirrored_image(image.pixels))
    if change.scale != 1.0 and model.projection[:, 3].any():
        factors = (1.0, 1.0, 1.0, change.scale)
        model = replace(model, projection=model.projection * factors)
    T_base_camera = _moved(camera.T_base_camera, change, np.diag((change.sign, 1.0, 1.0)))
    return replace(camera, image=image, model=model, T_base_camera=T_base_camera)


def _moved(
    T_base_sensor: NDArray[np.float64], change: Similarity, mirror: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move a sensor whose own axes are mirrored so that the handedness of both frames agrees."""
    T: NDArray[np.float64] = T_base_sensor.copy()
    T[:3, :3] = change.turn @ change.mirror @ T_base_sensor[:3, :3] @ mirror
    T[:3, 3] = change.linear @ T_base_sensor[:3, 3]
    return T


def _changed_depth(depth_m: NDArray[np.float32], change: Similarity) -> NDArray[np.float32]:
    changed = mirrored_image(depth_m) if change.is_mirrored else depth_m
    return changed if change.scale == 1.0 else changed * np.float32(change.scale)


def _changed_boxes(boxes: Boxes3D, change: Similarity) -> Boxes3D:
    velocities = boxes.velocities
    if velocities is not None:
        velocities = velocities @ change.linear.T.astype(np.float32)
    return replace(
        boxes,
        centers=boxes.centers @ change.linear.T,
        sizes=boxes.sizes * change.scale,
        yaws=wrap_angle(change.sign * boxes.yaws + change.turn_rad),
        velocities=velocities,
    )


def _changed_sector(sector: Sector, change: Similarity) -> Sector:
    return replace(
        sector,
        apex=change.linear[:2, :2] @ sector.apex,
        heading_rad=change.sign * sector.heading_rad + change.turn_rad,
        nearest_m=sector.nearest_m * change.scale,
    )


def _changed_twist(twist: NDArray[np.float64], change: Similarity) -> NDArray[np.float64]:
    """Change a velocity, and turn rates, whose axes a mirror leaves and whose sense it changes."""
    rates = change.turn @ (change.sign * change.mirror @ twist[3:])
    return np.concatenate([change.linear @ twist[:3], rates])


def _changed_pose(T_odom_base: NDArray[np.float64], change: Similarity) -> NDArray[np.float64]:
    """Change the world with the base frame, so that the way from frame to frame changes alike."""
    return _moved(T_odom_base, change, change.mirror @ change.turn.T)


def _changed_ego(ego: EgoMotion, change: Similarity) -> EgoMotion:
    return replace(
        ego,
        T_odom_base=_changed_pose(ego.T_odom_base, change),
        twist=_changed_twist(ego.twist, change),
        acceleration_mps2=ego.acceleration_mps2 * change.scale,
    )

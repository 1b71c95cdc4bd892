# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A small drive made up for tests: one LiDAR, one camera, one car ahead on flat ground."""

from __future__ import annotations

import numpy as np

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.messages.convert_out import (
    from_boxes,
    from_camera_model,
    from_pixels,
    from_point_columns,
    from_transforms,
)
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

START_NS = 1_700_000_000 * NS_PER_S
PERIOD_NS = 100 * NS_PER_MS
DELAY_NS = 5 * NS_PER_MS
CAR_CENTER = (12.0, 2.0)
CAR_SIZE = (4.2, 1.8, 1.5)

POINTS = '/sensing/lidar/top/points'
IMAGE = '/sensing/camera/front/image_raw'
CAMERA_INFO = '/sensing/camera/front/camera_info'

T_BASE_LIDAR = from_euler((1.0, 0.0, 1.8), 0.0, 0.0, 0.0)
T_BASE_CAMERA = from_euler((1.5, 0.0, 1.6), -np.pi / 2, 0.0, -np.pi / 2)
P = np.array([[300.0, 0.0, 160.0, 0.0], [0.0, 300.0, 60.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
WIDTH, HEIGHT = 320, 120


def scene_points(seed: int = 0) -> np.ndarray:
    """Points (N, 3) float32 in the LiDAR's frame: ground all around, and the sides of a car."""
    random = np.random.default_rng(seed)
    ground = random.uniform((-30, -30, 0), (30, 30, 0.02), (20_000, 3))
    height = CAR_SIZE[2]
    u = random.uniform(-0.5, 0.5, (1500, 3))
    rear, side = u[:500], u[500:]
    rear[:, 0], side[:, 1] = -0.5, -0.5
    car = np.concatenate([rear, side]) * CAR_SIZE + (*CAR_CENTER, height / 2)
    points = np.concatenate([ground, car]) - (1.0, 0.0, 1.8)
    return points[np.linalg.norm(points, axis=1) > 3.0].astype(np.float32)


def _measured(points: np.ndarray, stamp_ns: int) -> np.ndarray:
    """Add the noise that makes any two sweeps differ."""
    noise = np.random.default_rng(stamp_ns).normal(0.0, 0.001, points.shape)
    return (points + noise).astype(np.float32)


def cloud(stamp_ns: int, frame_id: str = 'lidar_top', points: np.ndarray | None = None):
    """Build a PointCloud2 with x y z."""
    xyz = _measured(scene_points(), stamp_ns) if points is None else points
    columns = {axis: np.ascontiguousarray(xyz[:, i]) for i, axis in enumerate('xyz')}
    return from_point_columns(columns, stamp_ns, frame_id, BAG_TYPES)


def image(stamp_ns: int):
    """Build an Image."""
    shades = np.linspace(60, 120, WIDTH)[:, None] + np.zeros((HEIGHT, 1, 3))
    noise = np.random.default_rng(stamp_ns).integers(0, 4, shades.shape)
    pixels = (shades + noise).astype(np.uint8)
    return from_pixels(pixels, stamp_ns, 'camera_front_optical', BAG_TYPES)


def camera_info(stamp_ns: int):
    """Build the CameraInfo of `image`."""
    model = CameraModel(WIDTH, HEIGHT, P)
    return from_camera_model(model, stamp_ns, 'camera_front_optical', BAG_TYPES)


def transforms():
    """Build the TFMessage of both sensors."""
    children = {'lidar_top': T_BASE_LIDAR, 'camera_front_optical': T_BASE_CAMERA}
    return from_transforms(children, START_NS, 'base_link', BAG_TYPES)


def write_drive(path, frames: int = 5, *, without: tuple[str, ...] = ()) -> None:
    """Write a bag of some frames, leaving out some topics."""
    with BagWriter(path) as bag:
        def write(topic, message, log_time_ns, **options):
            if topic not in without:
                bag.write(topic, message, log_time_ns, **options)

        write('/tf_static', transforms(), START_NS, transient_local=True)
        for frame in range(frames):
            stamp_ns = START_NS + frame * PERIOD_NS
            write(CAMERA_INFO, camera_info(stamp_ns), stamp_ns + 1)
            write(IMAGE, image(stamp_ns), stamp_ns + 2)
            write(POINTS, cloud(stamp_ns), stamp_ns + DELAY_NS)


def write_labels(path, frames: int = 5) -> None:
    """Write a bag with the true box of the car at each frame."""
    boxes = Boxes3D(
        centers=np.array([(*CAR_CENTER, CAR_SIZE[2] / 2)]), sizes=np.array([CAR_SIZE]),
        yaws=np.zeros(1), scores=np.ones(1, np.float32),
        classes=np.array([ObjectClass.CAR], np.int8))
    with BagWriter(path) as bag:
        for frame in range(frames):
            stamp_ns = START_NS + frame * PERIOD_NS
            truth = from_boxes(boxes, stamp_ns, 'base_link', BAG_TYPES)
            bag.write('/ground_truth/detections', truth, stamp_ns)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Conversions and geometry beside what one would use instead, timed in turn in the same run.

sensor_msgs_py runs beside ours where it is importable; rclpy's message classes likewise.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from functools import partial
import json
from pathlib import Path
import struct
import sys
import time
from typing import Any, TYPE_CHECKING

import cv2
import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import Boxes3D, EgoPose, ObjectClass
from mm_fusion_ros.geometry.boxes import points_in_boxes
from mm_fusion_ros.geometry.pose_buffer import PoseBuffer
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.messages.convert_in import to_camera_image, to_lidar_sweep
from mm_fusion_ros.messages.convert_out import (
    compressed_from_pixels,
    from_boxes,
    from_structured_points,
)
from mm_fusion_ros.messages.convert_out.common import header
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

try:
    from mm_fusion_ros.ros.message_types import ROS_TYPES as TYPES
except ImportError:
    TYPES = BAG_TYPES
try:
    from sensor_msgs_py import point_cloud2
except ImportError:
    point_cloud2 = None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Task = Callable[[], Any]

POINTS = 120_000
WIDTH, HEIGHT = 1920, 1080
BOXES = 25
STAMP_NS = 1_700_000_000 * NS_PER_S
SWEEP_NS = 100 * NS_PER_MS
SECONDS_EACH = 0.4
POINT_DTYPE = np.dtype([
    ('x', '<f4'), ('y', '<f4'), ('z', '<f4'), ('intensity', '<f4'), ('ring', '<u2'),
    ('time', '<f4')])

# How many channels of what type a pixel has, and OpenCV's code to RGB.
ENCODINGS = {
    'rgb8': ((3,), np.uint8, None),
    'bgr8': ((3,), np.uint8, cv2.COLOR_BGR2RGB),
    'bgra8': ((4,), np.uint8, cv2.COLOR_BGRA2RGB),
    'mono8': ((), np.uint8, cv2.COLOR_GRAY2RGB),
    'mono16': ((), np.uint16, cv2.COLOR_GRAY2RGB),
    'bayer_rggb8': ((), np.uint8, cv2.COLOR_BayerBG2RGB),
    'yuv422': ((2,), np.uint8, cv2.COLOR_YUV2RGB_UYVY),
    'yuv422_yuy2': ((2,), np.uint8, cv2.COLOR_YUV2RGB_YUYV),
    'nv12': ((), np.uint8, cv2.COLOR_YUV2RGB_NV12),
}


@dataclass(frozen=True, slots=True)
class Row:
    """
    One comparison; `ratio` says how many times as long the other takes.
    """

    task: str
    ours_ms: float
    other: str
    other_ms: float

    @property
    def ratio(self) -> float:
        """How many times as long the other takes."""
        return self.other_ms / self.ours_ms


def compare(task: str, ours: Task, other: str, theirs: Task, scale: float = 1.0) -> Row:
    """
    Run both in turn for a while: the best of each counts, the other's times `scale`.
    """
    best_s = [np.inf, np.inf]
    end_s = time.perf_counter() + SECONDS_EACH
    while time.perf_counter() < end_s or np.inf in best_s:
        for index, run in enumerate((ours, theirs)):
            start_s = time.perf_counter()
            run()
            best_s[index] = min(best_s[index], time.perf_counter() - start_s)
    return Row(task, best_s[0] * 1e3, other, best_s[1] * 1e3 * scale)


def clouds() -> Iterator[Row]:
    """
    PointCloud2 to finite x y z, intensity, ring and time.
    """
    random = np.random.default_rng(0)
    points = np.zeros(POINTS, POINT_DTYPE)
    for name in ('x', 'y', 'z', 'intensity'):
        points[name] = random.uniform(1, 50, POINTS)
    points['ring'] = np.arange(POINTS) % 64
    points['time'] = np.linspace(0, 0.1, POINTS)
    message = from_structured_points(points, STAMP_NS, 'lidar', TYPES)
    task, ours = 'PointCloud2 120k', partial(to_lidar_sweep, message)
    if point_cloud2 is not None:
        yield compare(task, ours, 'sensor_msgs_py read_points_numpy, x y z only', partial(
            point_cloud2.read_points_numpy, message, ('x', 'y', 'z'), skip_nans=True))
    yield compare(task, ours, 'view by dtype, keep finite rows', partial(view, message.data))
    tenth = bytes(message.data)[:POINTS // 10 * POINT_DTYPE.itemsize]
    yield compare(task, ours, 'struct loop (a tenth, x 10)', partial(unpack, tenth), scale=10.0)


def view(data: Any) -> list[np.ndarray]:
    """
    Read points of a layout that is known beforehand, without any check.
    """
    points = np.frombuffer(data, POINT_DTYPE)
    xyz = np.stack([points['x'], points['y'], points['z']], axis=1)
    keep = np.isfinite(xyz).all(axis=1)
    times_ns = (points['time'] * 1e9).astype(np.int32)
    return [column[keep] for column in (xyz, points['intensity'], points['ring'], times_ns)]


def unpack(data: bytes) -> np.ndarray:
    """
    Read points as a first attempt does.
    """
    return np.array([point for point in struct.iter_unpack('<ffffHf', data)
                     if all(map(np.isfinite, point[:3]))])


def images() -> Iterator[Row]:
    """
    Images of 1080p to RGB, and one from jpeg.
    """
    random = np.random.default_rng(0)
    for encoding, (channels, dtype, code) in ENCODINGS.items():
        rows = HEIGHT * 3 // 2 if encoding == 'nv12' else HEIGHT
        cells = random.integers(0, 256, (rows, WIDTH, *channels)).astype(dtype)
        message = TYPES.Image(
            header=header(STAMP_NS, 'camera', TYPES), height=HEIGHT, width=WIDTH,
            encoding=encoding, step=cells.strides[0],
            data=TYPES.bytes_field(cells.reshape(-1).view(np.uint8)))
        yield compare(
            f'Image 1080p {encoding}', partial(to_camera_image, message), 'copy + cv2.cvtColor',
            partial(copy_and_convert, message.data, cells.shape, dtype, code))
    pixels = cv2.resize(random.integers(0, 256, (27, 48, 3), np.uint8), (WIDTH, HEIGHT))
    jpeg = compressed_from_pixels(pixels, STAMP_NS, 'camera', 90, TYPES)
    yield compare(
        'CompressedImage 1080p jpeg', partial(to_camera_image, jpeg), 'cv2.imdecode + cvtColor',
        lambda: cv2.cvtColor(
            cv2.imdecode(np.frombuffer(jpeg.data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB))


def copy_and_convert(data: Any, shape: tuple[int, ...], dtype: Any, code: int | None) -> Any:
    """
    Do what cv_bridge does, and bring 16 bits to 8.
    """
    cells = np.array(np.frombuffer(data, dtype).reshape(shape))
    if dtype == np.uint16:
        cells = cv2.convertScaleAbs(cells, alpha=1.0 / 257.0)
    return cells if code is None else cv2.cvtColor(cells, code)


def some_boxes() -> Boxes3D:
    """
    Cars all around.
    """
    random = np.random.default_rng(0)
    return Boxes3D(
        centers=random.uniform((-40, -40, 0), (40, 40, 2), (BOXES, 3)),
        sizes=np.tile((4.2, 1.8, 1.5), (BOXES, 1)),
        yaws=random.uniform(-3, 3, BOXES),
        scores=np.ones(BOXES, np.float32),
        classes=np.full(BOXES, ObjectClass.CAR, np.int8))


def boxes() -> Iterator[Row]:
    """
    Boxes to a message, and points to boxes.
    """
    found = some_boxes()
    yield compare(
        f'{BOXES} boxes to Detection3DArray', partial(from_boxes, found, STAMP_NS, 'b', TYPES),
        'field by field, scipy quaternions', partial(fill_detections, found))
    random = np.random.default_rng(0)
    points = random.uniform((-50, -50, -1), (50, 50, 3), (POINTS, 3)).astype(np.float32)
    yield compare(
        f'120k points in {BOXES} boxes', partial(points_in_boxes, points, found),
        'turn all points for each box', partial(search_every_box, points, found))


def fill_detections(found: Boxes3D) -> Any:
    """
    Fill one message after the other.
    """
    array = TYPES.Detection3DArray()
    array.header.frame_id = 'b'
    for center, size, yaw in zip(found.centers, found.sizes, found.yaws, strict=True):
        each, result = TYPES.Detection3D(), TYPES.ObjectHypothesisWithPose()
        for pose in (each.bbox.center, result.pose.pose):
            p, q = pose.position, pose.orientation
            p.x, p.y, p.z = map(float, center)
            q.x, q.y, q.z, q.w = map(float, Rotation.from_euler('z', yaw).as_quat())
        s = each.bbox.size
        s.x, s.y, s.z = map(float, size)
        result.hypothesis.class_id, result.hypothesis.score = 'car', 1.0
        each.results.append(result)
        array.detections.append(each)
    return array


def search_every_box(points: np.ndarray, found: Boxes3D) -> np.ndarray:
    """
    Bring all points into each box's frame.
    """
    owner = np.full(len(points), -1, np.int32)
    for index, (center, size, yaw) in enumerate(
            zip(found.centers, found.sizes, found.yaws, strict=True)):
        local = (points - center) @ from_euler((0, 0, 0), 0, 0, yaw)[:3, :3]
        owner[(np.abs(local) <= size / 2).all(axis=1)] = index
    return owner


def projections() -> Iterator[Row]:
    """
    Points to pixels of a camera with distortion.
    """
    K = np.array([[1000.0, 0, 960, 0], [0, 1000, 540, 0], [0, 0, 1, 0]])
    distortion = np.array((-0.2, 0.05, 0.001, -0.001, 0.0))
    points = np.random.default_rng(0).uniform((-9, -5, 5), (9, 5, 50), (POINTS, 3))
    model = CameraModel(WIDTH, HEIGHT, K, 'plumb_bob', distortion)
    yield compare(
        'project 120k, plumb_bob', partial(model.project, points),
        'cv2.projectPoints (no visibility)', lambda: cv2.projectPoints(
            points, np.zeros(3), np.zeros(3), model.matrix, distortion))


def poses() -> Iterator[Row]:
    """
    Ego poses at the time of each point, in file order of a KITTI sweep: beam after beam.
    """
    buffer, T, knots_ns = PoseBuffer(), [], STAMP_NS + np.arange(11) * 10 * NS_PER_MS
    for index, stamp_ns in enumerate(knots_ns):
        T.append(from_euler((0.1 * index, 0.01 * index, 0), 0, 0, 0.005 * index))
        buffer.add(EgoPose(
            int(stamp_ns), 'odom', 'base_link', T[-1], np.array((10.0, 0, 0)), np.zeros(3)))
    offsets_ns = np.tile(np.linspace(0, SWEEP_NS, POINTS // 64, dtype=np.int64), 64)
    stamps_ns = STAMP_NS + offsets_ns
    matrices = np.array(T)
    yield compare(
        f'poses at {len(stamps_ns) // 1000}k stamps', partial(buffer.poses_at, stamps_ns),
        'scipy Slerp + np.interp',
        partial(slerp, knots_ns - STAMP_NS, matrices, offsets_ns))


def slerp(knots_ns: np.ndarray, T: np.ndarray, offsets_ns: np.ndarray) -> np.ndarray:
    """
    Interpolate rotations and positions apart.
    """
    moved = np.zeros((len(offsets_ns), 4, 4))
    moved[:, :3, :3] = Slerp(knots_ns, Rotation.from_matrix(T[:, :3, :3]))(offsets_ns).as_matrix()
    for axis in range(3):
        moved[:, axis, 3] = np.interp(offsets_ns, knots_ns, T[:, axis, 3])
    moved[:, 3, 3] = 1.0
    return moved


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the benchmark.
    """
    parser = argparse.ArgumentParser(description='Conversions and geometry.')
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    arguments = parser.parse_args(argv)
    classes = 'the bag library' if TYPES is BAG_TYPES else 'rclpy'
    print(f'Messages are of the classes of {classes}; best times.')
    print(f'{"task":30}{"ours ms":>9}{"other ms":>10}{"ratio":>8}  other')
    rows = []
    for group in (clouds, images, boxes, projections, poses):
        for row in group():
            rows.append(row)
            print(f'{row.task:30}{row.ours_ms:9.3f}{row.other_ms:10.3f}{row.ratio:8.1f}  '
                  f'{row.other}')
    if arguments.json:
        content = [{**asdict(row), 'ratio': row.ratio} for row in rows]
        arguments.json.write_text(json.dumps(content, indent=2) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())

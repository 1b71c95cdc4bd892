# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a fault does to a recorded sensor, seen: the same moment, or the same time, without and with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import cv2
from matplotlib.figure import Figure
import numpy as np

from mm_fusion_ros.bags.datasets.names import TF_STATIC
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.data_types import Boxes3D, CameraInput, LabelledPoints, PointLabel
from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.bag import broken
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind, MOVES_TRANSFORMS
from mm_fusion_ros.faults.serialized import stamp_of
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.transform_tree import TransformTree
from mm_fusion_ros.messages.convert_in import (
    add_transform,
    PointTimeSettings,
    to_camera_image,
    to_camera_model,
    to_lidar_sweep,
)
from mm_fusion_ros.report.bev_picture import BevCanvas
from mm_fusion_ros.report.camera_overlay import camera_overlay
from mm_fusion_ros.stamps import NS_PER_MS, to_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.bags.read import BagMessage
    from mm_fusion_ros.faults.spec import Fault
    from mm_fusion_ros.perception_config import PerceptionConfig

_PASSAGE = (
    FaultKind.DROP, FaultKind.INTERMITTENT_DROP, FaultKind.DELAY, FaultKind.JITTER,
    FaultKind.RESTAMP_OFFSET, FaultKind.RESTAMP_DRIFT, FaultKind.DUPLICATE,
    FaultKind.OUT_OF_ORDER,
)
_WITHOUT, _WITH = 'tab:gray', 'tab:red'
_GAP_PX = 6
_FAR_M = 1000.0
_MID = 0.6  # of a fault's time, when its moment is shown


@dataclass(frozen=True, slots=True)
class _Streams:
    """The sensor's messages as recorded, and as the fault leaves them; and all that goes along."""

    without: list[BagMessage]
    with_fault: list[BagMessage]
    topic: str

    def own(self, messages: list[BagMessage]) -> list[BagMessage]:
        return [item for item in messages if item.topic == self.topic]


def draw_fault(bag: Path, fault: Fault, config: PerceptionConfig, path: Path) -> None:
    """
    Draw what a fault does.

    Parameters
    ----------
    bag : Path
        What is broken.
    fault : Fault
        With an end.
    config : PerceptionConfig
        Names the LiDAR and the camera in which moved calibration is seen.
    path : Path
        Of the PNG. Left is without the fault, right with it; in plots grey is without.

    Raises
    ------
    BagError
        If the bag cannot be read.

    """
    lidar, camera = config.lidar[0], config.camera[0]
    topics = {*fault.topics, TF_STATIC, lidar.topic, camera.topic, camera.info_topic}
    with BagReader(bag) as reader:
        without = list(reader.messages(topics))
        start_ns = reader.start_ns
    streams = _Streams(without, list(broken(without, FaultInjector([fault]))), fault.topic)
    mid_s = fault.start_s + _MID * (fault.end_s - fault.start_s)
    moment_ns = start_ns + round(mid_s * 1e9)
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = streams.own(without)[0].type
    if fault.what in _PASSAGE:
        _plot(streams, start_ns, path, {'arrival behind stamp, ms': _delay_ms})
    elif fault.what is FaultKind.TRUNCATED:
        _plot(streams, start_ns, path, {'bytes': lambda item: len(item.raw)})
    elif kind in _QUANTITIES:
        _plot(streams, start_ns, path, _QUANTITIES[kind])
    else:
        pictures = [
            _moment(messages, moment_ns, fault, config) for messages in
            (streams.without, streams.with_fault)]
        cv2.imwrite(str(path), np.ascontiguousarray(_beside(pictures)[..., ::-1]))


def _moment(
    messages: list[BagMessage], moment_ns: int, fault: Fault, config: PerceptionConfig
) -> NDArray[np.uint8]:
    last = {item.topic: item for item in messages if item.log_time_ns <= moment_ns}
    if fault.what in MOVES_TRANSFORMS or fault.what is FaultKind.CAMERA_INFO_SCALED:
        return _points_in_image(messages, moment_ns, config)
    item = last[fault.topic]
    try:
        if item.type == kinds.POINTS:
            return _from_above(item.message)
        return to_camera_image(item.message).pixels
    except MmFusionError as err:
        return _text(str(err))


def _from_above(message: Any) -> NDArray[np.uint8]:
    points = to_lidar_sweep(message, PointTimeSettings()).points
    points = points[np.abs(points).max(axis=1) < _FAR_M]
    canvas = BevCanvas((-30.0, 50.0), (-25.0, 25.0), 9.0)
    canvas.draw_points(LabelledPoints(
        points, np.full(len(points), PointLabel.OBSTACLE, np.uint8)))
    return canvas.pixels


def _points_in_image(
    messages: list[BagMessage], moment_ns: int, config: PerceptionConfig
) -> NDArray[np.uint8]:
    tree, last = TransformTree(), {}
    for item in messages:
        if item.log_time_ns > moment_ns:
            break
        last[item.topic] = item
        if item.topic == TF_STATIC:
            for edge in item.message.transforms:
                add_transform(tree, edge, is_static=True)
    camera, lidar = config.camera[0], config.lidar[0]
    image = to_camera_image(last[camera.topic].message)
    model = to_camera_model(last[camera.info_topic].message, camera.rectified)
    sweep = to_lidar_sweep(last[lidar.topic].message, PointTimeSettings())
    base = config.base_frame
    points = transforms.apply(tree.lookup(base, sweep.frame_id), sweep.points)
    view = CameraInput(config.cameras[0], image, model, tree.lookup(base, image.frame_id))
    labels = np.full(len(points), PointLabel.OBSTACLE, np.uint8)
    return camera_overlay(view, Boxes3D.empty(), LabelledPoints(points, labels))


def _beside(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    height = max(len(picture) for picture in pictures)
    padded = [
        cv2.copyMakeBorder(picture, 0, height - len(picture), 0, _GAP_PX, cv2.BORDER_CONSTANT,
                           value=(255, 255, 255))
        for picture in pictures]
    return np.hstack(padded)


def _text(text: str) -> NDArray[np.uint8]:
    picture: NDArray[np.uint8] = np.zeros((192, 640, 3), np.uint8)
    cv2.putText(picture, text, (8, 100), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (255, 120, 120), 1)
    return picture


def _delay_ms(item: BagMessage) -> float:
    return (item.log_time_ns - stamp_of(item.raw)) / NS_PER_MS


_QUANTITIES: dict[str, dict[str, Any]] = {
    kinds.FIX: {
        'longitude, deg': lambda item: item.message.longitude,
        'deviation said, m': lambda item: float(item.message.position_covariance[0]) ** 0.5,
        'status': lambda item: item.message.status.status,
    },
    kinds.IMU: {
        'acceleration z, m/s^2': lambda item: item.message.linear_acceleration.z,
        'rotation z, rad/s': lambda item: item.message.angular_velocity.z,
    },
    kinds.TWIST: {'speed, m/s': lambda item: item.message.twist.linear.x},
}


def _plot(
    streams: _Streams, start_ns: int, path: Path, quantities: dict[str, Any]
) -> None:
    figure = Figure(figsize=(9.0, 2.2 * len(quantities) + 0.6), layout='constrained')
    panels = figure.subplots(len(quantities), 1, sharex=True, squeeze=False)[:, 0]
    for panel, (name, quantity) in zip(panels, quantities.items(), strict=True):
        for messages, color, size in (
                (streams.without, _WITHOUT, 16), (streams.with_fault, _WITH, 5)):
            own = streams.own(messages)
            times_s = [to_seconds(item.log_time_ns - start_ns) for item in own]
            panel.scatter(times_s, [quantity(item) for item in own], size, color)
        panel.set_ylabel(name)
        panel.grid(alpha=0.3)
    panels[-1].set_xlabel('arrival, s')
    figure.savefig(path, dpi=80)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Sweeps, images and the truth about them as messages.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.messages.convert_out import (
    compressed_from_pixels,
    from_boxes,
    from_camera_model,
    from_depth,
    from_grid,
    from_pixels,
    from_point_columns,
    from_visibility,
    Grid,
)
from mm_fusion_ros.sim.frames import counted, TRUTH_RANGE_M
from mm_fusion_ros.sim.truth import true_boxes, true_map, truncations
from mm_fusion_ros.sim.whereabouts import Whereabouts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.geometry.projection import CameraModel
    from mm_fusion_ros.sim.rig import Mounted
    from mm_fusion_ros.sim.sensors.camera import Camera, CameraShot
    from mm_fusion_ros.sim.sensors.lidar import SimulatedSweep
    from mm_fusion_ros.sim.world.ground_map import GroundMap
    from mm_fusion_ros.sim.world.world import World

_JPEG_QUALITY = 92
_MAP_REACH_M, _MAP_CELL_M = 50.0, 0.5


class Message(NamedTuple):
    """A message and its topic."""

    topic: str
    message: Any


class Around(NamedTuple):
    """The boxes around the vehicle, and the index (N,) of the actor that each is of."""

    boxes: Boxes3D
    rows: NDArray[np.intp]


def sweep_messages(sweep: SimulatedSweep, lidar: Mounted, stamp_ns: int) -> list[Message]:
    """Give what a LiDAR's driver publishes."""
    columns: dict[str, NDArray[Any]] = {
        'x': sweep.points[:, 0], 'y': sweep.points[:, 1], 'z': sweep.points[:, 2],
        'intensity': sweep.intensity, 'ring': sweep.ring,
        'time': (sweep.times_s - sweep.stamp_s).astype(np.float32),
    }
    cloud = from_point_columns(columns, stamp_ns, names.lidar_frame(lidar.name), BAG_TYPES)
    return [Message(names.points_topic(lidar.name), cloud)]


def image_messages(shot: CameraShot, camera: Mounted, model: CameraModel, stamp_ns: int, *,
                   has_depth: bool) -> list[Message]:
    """Give what a camera's driver publishes, and the depth of each pixel if wanted."""
    frame_id = names.camera_frame(camera.name)
    topic = names.image_topic(camera.name)
    if camera.settings.jpeg:
        image = compressed_from_pixels(
            shot.pixels, stamp_ns, frame_id, _JPEG_QUALITY, BAG_TYPES)
        topic = f'{topic}/compressed'
    else:
        image = from_pixels(shot.pixels, stamp_ns, frame_id, BAG_TYPES)
    messages = [
        Message(names.camera_info_topic(camera.name),
                from_camera_model(model, stamp_ns, frame_id, BAG_TYPES)),
        Message(topic, image)]
    if has_depth:
        messages.append(Message(
            names.true_depth_topic(camera.name),
            from_depth(shot.depth_m, stamp_ns, frame_id, BAG_TYPES)))
    return messages


class TruthRecorder:
    """
    Tells the truth about measurements of a world.

    Parameters
    ----------
    world : World
        What is true.

    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._whereabouts = Whereabouts(world.actors, world.drive.duration_s)
        self._map: GroundMap | None = None
        self._map_center = np.full(2, np.inf)

    def around(self, time_s: float) -> Around:
        """Give what is around the vehicle at an instant."""
        T_world_base = self._world.drive.T_world_base(np.array([time_s]))[0]
        actors = self._world.actors
        rows = self._whereabouts.within(T_world_base[:3, 3], time_s, TRUTH_RANGE_M)
        boxes = true_boxes(actors, rows, transforms.inverse(T_world_base), time_s)
        return Around(boxes, rows)

    def frame_messages(self, boxes: Boxes3D, time_s: float, stamp_ns: int) -> list[Message]:
        """Give boxes and maps at an instant, under what the first sensor's clock says of it."""
        T_world_base = self._world.drive.T_world_base(np.array([time_s]))[0]
        truth = true_map(self._map_at(T_world_base), T_world_base, _MAP_CELL_M, _MAP_REACH_M)
        messages = [Message(
            names.TRUE_DETECTIONS, from_boxes(boxes, stamp_ns, names.BASE_FRAME, BAG_TYPES))]
        layers = (('drivable', truth.is_drivable), ('lane_line', truth.is_lane_line),
                  ('crosswalk', truth.is_crosswalk))
        for layer, cells in layers:
            grid = Grid(cells.astype(np.int8) * np.int8(100), truth.cell_m,
                        (-truth.reach_m, -truth.reach_m))
            messages.append(Message(
                names.true_map_topic(layer),
                from_grid(grid, stamp_ns, names.BASE_FRAME, BAG_TYPES)))
        return messages

    def lidar_visibility(
        self, sweep: SimulatedSweep, lidar: str, around: Around, stamp_ns: int
    ) -> list[Message]:
        """Tell how many points of a sweep are on each object."""
        points = counted(sweep.actors[sweep.is_body], len(self._world.actors))[around.rows]
        return [Message(names.true_visibility_topic(lidar), from_visibility(
            around.boxes, {'points': points}, stamp_ns, BAG_TYPES))]

    def camera_visibility(
        self, shot: CameraShot, camera: str, eye: Camera, around: Around, stamp_ns: int
    ) -> list[Message]:
        """Tell how many pixels show each object, and how much of it is beyond the image."""
        pixels = counted(shot.actors.ravel(), len(self._world.actors))[around.rows]
        columns: dict[str, NDArray[Any]] = {
            'pixels': pixels,
            'truncation': truncations(around.boxes, eye.model, eye.T_base_camera)}
        return [Message(names.true_visibility_topic(camera), from_visibility(
            around.boxes, columns, stamp_ns, BAG_TYPES))]

    def _map_at(self, T_world_base: NDArray[np.float64]) -> GroundMap:
        center = T_world_base[:2, 3]
        if np.linalg.norm(center - self._map_center) > 10.0 or self._map is None:
            self._map_center = center.copy()
            self._map = self._world.site.map_around(center, 1.42 * _MAP_REACH_M + 12.0, 0.2)
        return self._map

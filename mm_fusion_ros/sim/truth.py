# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is true at an instant, as a perfect perception would answer it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.boxes import corners

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.geometry.projection import CameraModel
    from mm_fusion_ros.sim.actor import Actor
    from mm_fusion_ros.sim.world.ground_map import GroundMap

_STEPS = np.linspace(0.1, 0.9, 5)
_IN_BOX = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).reshape(-1, 3)  # (P, 3)
_OVERSAMPLING = 3  # a cell is marked if any of so many squared parts of it is


@dataclass(frozen=True, slots=True, eq=False)
class MapTruth:
    """
    What lies around the vehicle, in `base_link`; row 0 is the rightmost, column 0 the rearmost.

    Attributes
    ----------
    cell_m, reach_m : float
        Size of a cell, and distance from the vehicle to the edges, m.
    is_drivable, is_lane_line, is_crosswalk : (H, W) bool
        Rows go with y, columns with x, as in an OccupancyGrid.

    """

    cell_m: float
    reach_m: float
    is_drivable: NDArray[np.bool_]
    is_lane_line: NDArray[np.bool_]
    is_crosswalk: NDArray[np.bool_]


def true_boxes(
    actors: tuple[Actor, ...],
    rows: NDArray[np.intp],
    T_base_world: NDArray[np.float64],
    time_s: float,
) -> Boxes3D:
    """
    Give the boxes of some actors at an instant.

    Boxes stand upright in `base_link`, which follows the slope of the road: each is as tight
    around its body as that allows.

    Parameters
    ----------
    actors : tuple of Actor
        All of the world.
    rows : (N,) intp
        Which.
    T_base_world : (4, 4) float64
        Where the vehicle is.
    time_s : float
        When.

    """
    if not len(rows):
        return replace(Boxes3D.empty(), velocities=np.empty((0, 3), np.float32),
                       ids=np.empty(0, np.int64))
    now = np.array([time_s])
    centers, sizes, yaws, velocities = [], [], [], []
    for row in rows:
        moving = actors[row].motion.at(now)
        model = actors[row].model
        T = T_base_world @ moving.T_world[0]
        yaw = float(np.arctan2(T[1, 0], T[0, 0]))
        half = model.size_m / 2.0
        # The upright box around the model's own, which leans by the little that the road does.
        upright = transforms.from_euler(np.zeros(3), 0.0, 0.0, yaw)[:3, :3]
        lean = np.abs(upright.T @ T[:3, :3])
        centers.append(T[:3, :3] @ (model.minimum + half) + T[:3, 3])
        sizes.append(2.0 * lean @ half)
        yaws.append(yaw)
        velocities.append(T_base_world[:3, :3] @ moving.velocities[0])
    return Boxes3D(
        centers=np.array(centers),
        sizes=np.array(sizes),
        yaws=transforms.wrap_angle(np.array(yaws)),
        scores=np.ones(len(rows), np.float32),
        classes=np.array([actors[row].model.object_class for row in rows], np.int8),
        velocities=np.array(velocities, np.float32),
        ids=np.array([actors[row].id for row in rows], np.int64),
    )


def true_map(
    ground: GroundMap, T_world_base: NDArray[np.float64], cell_m: float = 0.5,
    reach_m: float = 50.0,
) -> MapTruth:
    """
    Cut the map around the vehicle from that of the ground.

    Parameters
    ----------
    ground : GroundMap
        Has to reach far enough; what lies beyond is empty.
    T_world_base : (4, 4) float64
        Where the vehicle is.
    cell_m, reach_m : float
        Of the result, m.

    """
    part_m = cell_m / _OVERSAMPLING
    count = round(2.0 * reach_m / part_m)
    heading = T_world_base[:2, 0] / np.linalg.norm(T_world_base[:2, 0])
    left = np.array([-heading[1], heading[0]])
    corner = T_world_base[:2, 3] - (reach_m - part_m / 2.0) * (heading + left)
    # Columns go with x, rows with y, of both; pixel centres are at whole numbers.
    to_ground = np.column_stack([
        heading * part_m, left * part_m, corner - ground.origin - ground.cell_m / 2.0,
    ]) / ground.cell_m

    def cut(layer: NDArray[np.uint8]) -> NDArray[np.bool_]:
        parts = cv2.warpAffine(
            layer, to_ground, (count, count), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
        # Each cell's middle part takes the largest of all its parts.
        largest = cv2.dilate(parts, np.ones((_OVERSAMPLING, _OVERSAMPLING), np.uint8))
        middle = _OVERSAMPLING // 2
        marked: NDArray[np.bool_] = largest[middle::_OVERSAMPLING, middle::_OVERSAMPLING] > 0
        return marked

    return MapTruth(
        cell_m, reach_m, cut(ground.is_drivable), cut(ground.is_lane_line),
        cut(ground.is_crosswalk))


def truncations(
    boxes: Boxes3D, model: CameraModel, T_base_camera: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the share of each box (N,) that lies beyond the edges of an image, by volume."""
    shares = np.ones(len(boxes))
    T_camera_base = transforms.inverse(T_base_camera)
    reach = np.linalg.norm(boxes.sizes, axis=1) / 2.0
    ahead = np.flatnonzero(transforms.apply(T_camera_base, boxes.centers)[:, 2] > -reach)
    eight = corners(boxes[ahead])
    origin = eight[:, 2]
    axes = np.stack([eight[:, 3] - origin, eight[:, 1] - origin, eight[:, 6] - origin], axis=1)
    points = origin[:, None] + _IN_BOX @ axes  # (A, P, 3)
    seen = model.project(transforms.apply(T_camera_base, points.reshape(-1, 3)))
    shares[ahead] -= seen.visible.reshape(-1, len(_IN_BOX)).mean(axis=1)
    return shares

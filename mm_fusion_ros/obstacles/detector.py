# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The model-free obstacle detector: ground, clusters, boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import Boxes3D, PointLabel
from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.obstacles.box_fit import fit_footprints
from mm_fusion_ros.obstacles.clustering import Clusterer, LOOSE, TIGHT
from mm_fusion_ros.obstacles.ego_box import on_ego
from mm_fusion_ros.obstacles.ground import height_above_ground
from mm_fusion_ros.obstacles.hidden_side import complete_footprints
from mm_fusion_ros.obstacles.plausibility import judge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.obstacles.box_fit import Footprints
    from mm_fusion_ros.obstacles.clustering import Groups
    from mm_fusion_ros.obstacles.settings import ObstacleSettings

_ONE_VEHICLE_M = 5.5  # longer may be two that were joined


@dataclass(frozen=True, slots=True)
class Obstacles:
    """
    What was found in N points.

    Attributes
    ----------
    boxes : Boxes3D
        Of class OBSTACLE, the best first, in the frame of the points.
    labels : (N,) uint8
        Values of `PointLabel`.

    """

    boxes: Boxes3D
    labels: NDArray[np.uint8]


class ObstacleDetector:
    """
    Finds what stands on the ground, without a model.

    Parameters
    ----------
    settings : ObstacleSettings
        Sizes and limits.

    """

    def __init__(self, settings: ObstacleSettings) -> None:
        self._settings = settings
        self._loose = Clusterer(settings.max_range_m, LOOSE)
        self._tight = Clusterer(settings.max_range_m, TIGHT)

    def detect(
        self, points: NDArray[np.float32], sensor_xy: NDArray[np.float64] | None = None
    ) -> Obstacles:
        """
        Find obstacles in the points of one instant.

        Parameters
        ----------
        points : (N, 3) float32
            Base frame: x forward, z up, the vehicle stands on z = 0.
        sensor_xy : (2,) float64, optional
            Where the points were seen from; the origin by default.

        """
        settings = self._settings
        sensor_xy = np.zeros(2) if sensor_xy is None else sensor_xy
        labels = np.full(len(points), PointLabel.UNKNOWN, np.uint8)
        is_near = np.hypot(points[:, 0], points[:, 1]) < settings.max_range_m
        usable = np.flatnonzero(is_near & ~on_ego(points, settings.ego_box))
        heights = height_above_ground(points[usable], settings.max_range_m, settings.ground)
        labels[usable[heights <= settings.min_height_m]] = PointLabel.GROUND
        labels[usable[heights > settings.min_height_m]] = PointLabel.OBSTACLE
        is_in_the_way = (heights > settings.min_height_m) & (heights < settings.clearance_m)
        rows, heights = usable[is_in_the_way], heights[is_in_the_way]
        groups, seen = self._cluster(points[rows], sensor_xy)
        boxes, kept = self._boxes(points[rows, 2], heights, groups, seen, sensor_xy)
        labels[rows[groups.where(kept).order]] = PointLabel.BOX
        return Obstacles(boxes, labels)

    def _cluster(
        self, points: NDArray[np.float32], sensor_xy: NDArray[np.float64]
    ) -> tuple[Groups, Footprints]:
        """Join over gaps first; take apart what is too large for one vehicle."""
        min_points = self._settings.min_points
        groups = self._loose.group(points).of_at_least(min_points)
        seen = fit_footprints(points[:, :2], groups, sensor_xy)
        is_large = seen.sizes[:, 0] > _ONE_VEHICLE_M
        within = groups.where(is_large).order
        parts = self._tight.group(points[within]).of_at_least(min_points).of(within)
        return (
            groups.where(~is_large).and_also(parts),
            seen[~is_large].and_also(fit_footprints(points[:, :2], parts, sensor_xy)),
        )

    def _boxes(
        self,
        z: NDArray[np.float32],
        heights: NDArray[np.float32],
        groups: Groups,
        seen: Footprints,
        sensor_xy: NDArray[np.float64],
    ) -> tuple[Boxes3D, NDArray[np.bool_]]:
        """Make boxes from the ground to the top; also tell which groups have one."""
        top = groups.maximum(heights)
        ground = groups.maximum(z - heights)
        scores = judge(seen, top, groups.sizes, self._settings)
        self.debug = dict(seen=seen, top=top, groups=groups, scores=scores)
        best = np.argsort(-scores, kind='stable')[: self._settings.max_boxes]
        chosen = best[scores[best] > 0.0]
        kept = np.zeros(len(groups), bool)
        kept[chosen] = True
        whole = complete_footprints(seen[chosen], top[chosen], sensor_xy)
        boxes = Boxes3D(
            centers=np.column_stack([whole.centers, ground[chosen] + top[chosen] / 2.0]),
            sizes=np.maximum(np.column_stack([whole.sizes, top[chosen]]), _SMALLEST_M),
            yaws=wrap_angle(whole.yaws),
            scores=scores[chosen].astype(np.float32),
            classes=np.zeros(len(chosen), np.int8),
            num_points=groups.sizes[chosen].astype(np.int32),
        )
        return boxes, kept


_SMALLEST_M = 0.1  # no side of a box is shorter

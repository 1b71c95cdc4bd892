# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The model-free obstacle detector: ground, clusters, boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import Boxes3D, ObjectClass, PointLabel
from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.obstacles.box_fit import fit_footprints
from mm_fusion_ros.obstacles.clustering import Clusterer, LOOSE, TIGHT
from mm_fusion_ros.obstacles.ego_box import on_ego
from mm_fusion_ros.obstacles.ground import height_above_ground
from mm_fusion_ros.obstacles.hidden_side import complete_footprints
from mm_fusion_ros.obstacles.plausibility import Evidence, judge
from mm_fusion_ros.obstacles.sampling import beams_per_steradian, fill

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.obstacles.box_fit import Footprints
    from mm_fusion_ros.obstacles.clustering import Groups
    from mm_fusion_ros.obstacles.settings import ObstacleSettings

_ONE_VEHICLE_M = (5.5, 3.0)  # longer or wider may be two that were joined
_NO_PERSON_M = 2.2  # taller
_NO_VEHICLE_M = 1.2  # narrower
_PART_GAP_M = 0.3
_SMALLEST_M = 0.1  # no side of a box is shorter
_ROOF = np.array([0.0, 0.0, 1.8])


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
        self, points: NDArray[np.float32], origin: NDArray[np.float64] | None = None
    ) -> Obstacles:
        """
        Find obstacles in the points of one instant.

        Parameters
        ----------
        points : (N, 3) float32
            Base frame: x forward, z up, the vehicle stands on z = 0.
        origin : (3,) float64, optional
            Where the points were seen from; 1.8 m above the base frame's origin by default.

        """
        settings = self._settings
        origin = _ROOF if origin is None else origin
        labels = np.full(len(points), PointLabel.UNKNOWN, np.uint8)
        is_near = np.hypot(points[:, 0], points[:, 1]) < settings.max_range_m
        usable = np.flatnonzero(is_near & ~on_ego(points, settings.ego_box))
        heights = height_above_ground(points[usable], settings.max_range_m, settings.ground)
        is_ground = heights <= settings.min_height_m
        labels[usable] = np.where(is_ground, PointLabel.GROUND, PointLabel.OBSTACLE)
        blocks = ~is_ground & (heights < settings.clearance_m)
        rows, heights = usable[blocks], heights[blocks]
        groups, seen, in_structure = self._cluster(points[rows], heights, origin[:2])
        top = groups.maximum(heights)
        filled = fill(
            seen, top - settings.min_height_m, groups.sizes, origin,
            beams_per_steradian(points, origin))
        scores = judge(Evidence(seen, top, groups.sizes, filled, in_structure), settings)
        chosen = np.argsort(-scores, kind='stable')[: settings.max_boxes]
        chosen = chosen[scores[chosen] > 0.0]
        labels[rows[groups.take(chosen).order]] = PointLabel.BOX
        whole = complete_footprints(seen[chosen], top[chosen], origin[:2])
        kept = ~_is_part_of_better(seen.centers[chosen], whole)
        chosen, whole = chosen[kept], whole[kept]
        groups = groups.take(chosen)
        ground = groups.maximum(points[rows, 2] - heights)
        return Obstacles(_boxes(whole, ground, top[chosen], scores[chosen], groups.sizes), labels)

    def _cluster(
        self,
        points: NDArray[np.float32],
        heights: NDArray[np.float32],
        sensor_xy: NDArray[np.float64],
    ) -> tuple[Groups, Footprints, NDArray[np.bool_]]:
        """
        Join over gaps first; then take apart what may be two things.

        That is what is larger than one vehicle, and what is tall but no vehicle: somebody beside
        a pole or under a tree. Parts of something long and tall are marked: of a wall or hedge.
        """
        min_points = self._settings.min_points
        groups = self._loose.group(points).of_at_least(min_points)
        seen = fit_footprints(points[:, :2], groups, sensor_xy)
        length, width = seen.sizes.T
        is_tall = groups.maximum(heights) > _NO_PERSON_M
        is_long = length > _ONE_VEHICLE_M[0]
        is_wide = width > _ONE_VEHICLE_M[1]
        is_several = is_long | is_wide | (is_tall & (width < _NO_VEHICLE_M))
        several = groups.where(is_several)
        parts = self._tight.group(points[several.order]).of_at_least(min_points)
        in_structure = np.repeat((is_long & is_tall)[is_several], several.sizes)
        return (
            groups.where(~is_several).and_also(parts.of(several.order)),
            seen[~is_several].and_also(
                fit_footprints(points[:, :2], parts.of(several.order), sensor_xy)),
            np.concatenate([
                np.zeros(np.count_nonzero(~is_several), bool),
                in_structure[parts.order[parts.starts]],
            ]),
        )


def _is_part_of_better(
    centers: NDArray[np.float64], whole: Footprints
) -> NDArray[np.bool_]:
    """
    Mark what lies in an earlier rectangle that stays: the roof behind the face of a car.

    `centers` (C, 2) are of what was seen, `whole` the C rectangles, the best first.
    """
    offsets = np.einsum('bij,abj->abi', whole.axes, centers[:, None] - whole.centers)
    inside = (np.abs(offsets) < whole.sizes / 2 + _PART_GAP_M).all(axis=-1)  # a inside b
    is_part = np.zeros(len(whole), bool)
    for number in range(len(whole)):
        if not is_part[number]:
            is_part[number + 1:] |= inside[number + 1:, number]
    return is_part


def _boxes(
    footprints: Footprints,
    ground_m: NDArray[np.float64],
    top_m: NDArray[np.float64],
    scores: NDArray[np.float64],
    num_points: NDArray[np.intp],
) -> Boxes3D:
    """Raise footprints from the ground to the top of what was seen."""
    return Boxes3D(
        centers=np.column_stack([footprints.centers, ground_m + top_m / 2.0]),
        sizes=np.maximum(np.column_stack([footprints.sizes, top_m]), _SMALLEST_M),
        yaws=wrap_angle(footprints.yaws),
        scores=scores.astype(np.float32),
        classes=np.full(len(footprints), ObjectClass.OBSTACLE, np.int8),
        num_points=num_points.astype(np.int32),
    )

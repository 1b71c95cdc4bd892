# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The plan as areas: what is driven on, what is walked on, and the lines along which people walk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from mm_fusion_ros.sim.world.path import Path

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.street_plan import Street, StreetPlan

_STEP_M = 2.5  # of the lines that are widened to streets
KERB_STEP_M = 1.5  # longest part of a kerb that is straight
_CONVEX_M = 1.2  # where widths change, corners are as round as this
_VERGE_M = 3.0  # beside rural roads nothing is paved
_WALK_CLEAR_M = 0.35  # of people to either side
_SHORTEST_WALK_M, _WALK_STEP_M = 12.0, 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """
    Areas of a whole site.

    Attributes
    ----------
    drivable : shapely.Polygon
        Everything between kerbs; its boundary has a corner at least every KERB_STEP_M.
    paved : shapely.Geometry
        Sidewalks.
    verges : shapely.Geometry
        Roads without kerbs and what lies beside them.
    walks : tuple of Path
        Middles of sidewalks.

    """

    drivable: shapely.Geometry
    paved: shapely.Geometry
    verges: shapely.Geometry
    walks: tuple[Path, ...]


def footprint(plan: StreetPlan) -> Footprint:
    """Widen the streets of a plan."""
    corner = plan.corner_m
    lines = middle_lines(plan)
    drivable = _widened(plan, lines, lambda street: street.section.half_m, corner)
    drivable = shapely.segmentize(shapely.simplify(drivable, .015), KERB_STEP_M)
    drivable = shapely.normalize(drivable)
    walk_m = max(street.section.sidewalk_m for street in plan.streets)
    paved = _widened(
        plan, lines, lambda s: s.section.half_m + s.section.sidewalk_m, max(corner - walk_m, 1.0))
    between = _widened(
        plan, lines, lambda s: s.section.half_m + s.section.sidewalk_m / 2,
        max(corner - walk_m / 2, 1.0))
    verges = shapely.union_all([
        shapely.buffer(_part(street), street.section.half_m + _VERGE_M, cap_style='flat')
        for street in plan.streets if street.section.is_rural])
    paved = shapely.difference(paved, shapely.union(verges, drivable))
    walked = shapely.intersection(between.boundary, shapely.buffer(paved, -_WALK_CLEAR_M))
    return Footprint(drivable, paved, verges, _walks(walked))


def middle_lines(plan: StreetPlan) -> list[shapely.LineString]:
    """Give the middles of all streets as lines."""
    return [shapely.LineString(street.middle.at(_ways(0.0, street.middle.length_m)).positions)
            for street in plan.streets]


def _ways(start_m: float, end_m: float) -> NDArray[np.float64]:
    return np.linspace(start_m, end_m, max(int((end_m - start_m) / _STEP_M), 1) + 1)


def _part(street: Street) -> shapely.LineString:
    """Give the middle without what crosses the junctions."""
    return shapely.LineString(street.middle.at(_ways(*street.span_m)).positions)


def _widened(
    plan: StreetPlan, lines: list[shapely.LineString], half_m: Callable[[Street], float],
    corner_m: float,
) -> shapely.Geometry:
    """Join all streets, each with its width, and round the corners between them."""
    widths = [half_m(street) for street in plan.streets]
    area = shapely.union_all(shapely.buffer(lines, widths, cap_style='flat'))
    area = shapely.buffer(shapely.buffer(area, corner_m), -corner_m)
    return shapely.buffer(shapely.buffer(area, -_CONVEX_M), _CONVEX_M)


def _walks(lines: shapely.Geometry) -> tuple[Path, ...]:
    """Make paths of lines; a ring ends where it begins."""
    merged = shapely.get_parts(shapely.line_merge(lines))
    walks = []
    for line in merged[shapely.length(merged) > _SHORTEST_WALK_M]:
        corners = shapely.get_coordinates(line)
        way = np.concatenate(
            [[0.0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
        even = np.linspace(0.0, way[-1], int(way[-1] / _WALK_STEP_M) + 1)
        walks.append(Path(np.stack([np.interp(even, way, axis) for axis in corners.T], axis=1)))
    return tuple(walks)

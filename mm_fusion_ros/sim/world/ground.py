# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The ground as a surface: carriageways with crown, kerbs around them, sidewalks and lots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import Delaunay
import shapely

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.world.street_plan import KERB_RADIUS_M
from mm_fusion_ros.sim.world.terrain import KERB_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.street_plan import StreetPlan
    from mm_fusion_ros.sim.world.terrain import Terrain

_EDGE_STEP_M = 1.5
_ROAD_STEP_M, _LOT_STEP_M, _FAR_STEP_M = 3.0, 7.0, 45.0
_FAR_REACH_M = 600.0
_KERB_COLOR = (150, 148, 144)
_GROUND_COLOR = (120, 120, 120)  # not seen: the map of the ground says it


@dataclass(frozen=True, slots=True, eq=False)
class Plots:
    """
    What the plan is divided into.

    Attributes
    ----------
    carriageway, sidewalk : shapely geometry
        Where one drives and walks, m.

    """

    carriageway: shapely.Geometry
    sidewalk: shapely.Geometry


def plots(plan: StreetPlan) -> Plots:
    """Give the outlines of a plan, with rounded kerbs at the corners."""
    lines = [shapely.LineString(street.middle.at(
        np.linspace(0.0, street.middle.length_m, 60)).positions) for street in plan.streets]
    drive = shapely.union_all([
        line.buffer(street.profile.half_m) for line, street in zip(lines, plan.streets,
                                                                   strict=True)])
    drive = drive.buffer(KERB_RADIUS_M).buffer(-KERB_RADIUS_M)
    walk = shapely.union_all([
        line.buffer(street.profile.half_m + street.profile.sidewalk_m)
        for line, street in zip(lines, plan.streets, strict=True) if street.profile.sidewalk_m
    ] or [shapely.Polygon()])
    walk = walk.buffer(KERB_RADIUS_M * .6).buffer(-KERB_RADIUS_M * .6)
    shapely.prepare(drive)
    sidewalk = shapely.difference(walk, drive)
    shapely.prepare(sidewalk)
    return Plots(drive, sidewalk)


class Ground:
    """
    Heights and meshes of the ground.

    Parameters
    ----------
    terrain : Terrain
        Heights of carriageways.
    carriageway : shapely geometry
        Where they are; all else is as high as a kerb above.

    """

    def __init__(self, terrain: Terrain, carriageway: shapely.Geometry) -> None:
        self._terrain = terrain
        self._carriageway = carriageway
        self._edges = [_sampled(ring) for ring in _rings(carriageway)]

    def height(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the height (N,), m, at places (N, 2)."""
        drivable = shapely.contains_xy(self._carriageway, xy[:, 0], xy[:, 1])
        return self._terrain.carriageway(xy) + np.where(drivable, 0.0, KERB_M)

    def mesh_around(self, center: NDArray[np.float64], radius_m: float) -> Mesh:
        """Give the surface near a place (2,), and coarsely far beyond, in the world."""
        edges = [ring[np.linalg.norm(ring - center, axis=1) < radius_m + 20.0]
                 for ring in self._edges]
        on_edge = np.concatenate([np.empty((0, 2)), *edges])
        points = np.concatenate([on_edge, self._inner_points(center, radius_m, on_edge),
                                 _lattice(center, _FAR_REACH_M, _FAR_STEP_M, radius_m + 25.0)])
        faces = Delaunay(points - center).simplices.astype(np.int32)
        corners = points[faces]
        across = np.cross(
            np.pad(corners[:, 1] - corners[:, 0], ((0, 0), (0, 1))),
            np.pad(corners[:, 2] - corners[:, 0], ((0, 0), (0, 1))))[:, 2]
        faces[across < 0.0] = faces[across < 0.0][:, ::-1]
        middles = corners.mean(axis=1)
        is_road = shapely.contains_xy(self._carriageway, middles[:, 0], middles[:, 1])
        faces[~is_road] += len(points)  # the same places, a kerb higher
        low = np.column_stack([points, self._terrain.carriageway(points)])
        vertices = np.concatenate([low, low + np.array([0.0, 0.0, KERB_M])])
        surface = Mesh.of_one(vertices, faces, Material.GROUND, _GROUND_COLOR)
        return merge([surface, self._kerbs(center, radius_m)])

    def _inner_points(
        self, center: NDArray[np.float64], radius_m: float, on_edge: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        fine = _lattice(center, radius_m, _ROAD_STEP_M, 0.0)
        fine = fine[shapely.contains_xy(self._carriageway, fine[:, 0], fine[:, 1])]
        coarse = _lattice(center, radius_m, _LOT_STEP_M, 0.0)
        coarse = coarse[~shapely.contains_xy(self._carriageway, coarse[:, 0], coarse[:, 1])]
        inner = np.concatenate([fine, coarse])
        if not len(on_edge):
            return inner
        # Points close to the kerb would cut its edge out of the triangulation.
        cells = np.unique(np.floor(on_edge / 1.2).astype(np.int64) @ np.array([1, 1 << 24]))
        near = np.zeros(len(inner), np.bool_)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                own = np.floor(inner / 1.2).astype(np.int64) + np.array([dx, dy])
                near |= np.isin(own @ np.array([1, 1 << 24]), cells)
        return inner[~near]

    def _kerbs(self, center: NDArray[np.float64], radius_m: float) -> Mesh:
        """Give the upright faces of the kerbs."""
        parts = []
        for ring in self._edges:
            after = np.roll(ring, -1, axis=0)
            near = np.linalg.norm(ring - center, axis=1) < radius_m
            a, b = ring[near], after[near]
            if not len(a):
                continue
            za, zb = self._terrain.carriageway(a), self._terrain.carriageway(b)
            count = len(a)
            vertices = np.concatenate([
                np.column_stack([a, za]), np.column_stack([b, zb]),
                np.column_stack([b, zb + KERB_M]), np.column_stack([a, za + KERB_M])])
            row = np.arange(count)
            faces = np.concatenate([
                np.stack([row, row + count, row + 2 * count], axis=1),
                np.stack([row, row + 2 * count, row + 3 * count], axis=1)])
            parts.append(Mesh.of_one(vertices, faces, Material.CONCRETE, _KERB_COLOR))
        return merge(parts)


def _rings(area: shapely.Geometry) -> list[shapely.LinearRing]:
    rings = []
    for polygon in shapely.get_parts(area):
        rings += [polygon.exterior, *polygon.interiors]
    return rings


def ring_points(area: shapely.Geometry) -> list[NDArray[np.float64]]:
    """Give the corners (N, 2) of all outlines of an area, m."""
    return [shapely.get_coordinates(ring) for ring in _rings(area)]


def _sampled(ring: shapely.LinearRing) -> NDArray[np.float64]:
    count = max(int(ring.length / _EDGE_STEP_M), 3)
    along = np.linspace(0.0, ring.length, count, endpoint=False)
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(ring, along)))


def _lattice(
    center: NDArray[np.float64], reach_m: float, step_m: float, hole_m: float
) -> NDArray[np.float64]:
    """Give points of a grid that lies still in the world, within a ring about a place."""
    low = np.floor((center - reach_m) / step_m).astype(int)
    high = np.ceil((center + reach_m) / step_m).astype(int)
    x, y = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
    # Every other row is shifted: no four points on a circle, so the triangles are defined.
    points = np.stack([x + .5 * (y % 2) + .013 * (y % 7), y + .017 * (x % 5)], axis=-1) * step_m
    points = points.reshape(-1, 2)
    away = np.linalg.norm(points - center, axis=1)
    return points[(away <= reach_m) & (away >= hole_m)]

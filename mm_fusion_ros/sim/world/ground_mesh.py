# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Triangles of the ground: one triangulation of a whole site, torn along the kerbs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree, Delaunay
import shapely

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.world.ground import DITCH_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.footprint import Footprint
    from mm_fusion_ros.sim.world.ground import Ground
    from mm_fusion_ros.sim.world.street_plan import Junction, Street, StreetPlan

_ROAD_STEP_M = 2.9
_VERGE_STEP_M = 1.6  # so that triangles do not jump a row
_LAND_STEP_M = 8.7
_BESIDE_M = 175.0  # of land around the streets
_KERB_CLEAR_M = 1.0  # no other corner is nearer to a kerb
_LAND_CLEAR_M = 2.2
_TEAR_M = 1e-3  # lower steps get no wall
_GREY, _KERB_COLOR = (128, 128, 128), (158, 156, 150)
_FAR_RINGS = np.array([(-14.0, -0.8), (14.0, -0.4), (120.0, 0.0), (700.0, 0.0)])  # m: way, lift
_FAR_SECTORS = 64


class GroundMesh:
    """
    The ground of a site as triangles.

    Parameters
    ----------
    ground : Ground
        The surface.
    plan : StreetPlan
        The streets.
    footprint : Footprint
        Their areas.

    """

    def __init__(self, ground: Ground, plan: StreetPlan, footprint: Footprint) -> None:
        self._ground = ground
        corners = _corners(ground, plan, footprint)
        triangles = Delaunay(corners)
        faces = triangles.simplices.astype(np.int64)
        centers = corners[faces].mean(axis=1)
        is_road = shapely.contains_xy(footprint.drivable, centers[:, 0], centers[:, 1])
        on = ground.on_street(corners)
        count = len(corners)
        heights = np.concatenate(
            [ground.side_height(corners, on), ground.road_height(corners, on)])
        walls = _walls(faces, triangles.neighbors, is_road, heights, count)
        self._vertices = np.column_stack([np.tile(corners, (2, 1)), heights])
        self._faces = np.concatenate([faces + count * is_road[:, None], walls])
        self._centers = self._vertices[self._faces, :2].mean(axis=1)
        self._materials = np.full(len(self._faces), Material.GROUND, np.uint8)
        self._materials[len(faces):] = Material.CONCRETE
        self._colors = np.tile(np.array(_GREY, np.uint8), (len(self._faces), 1))
        self._colors[len(faces):] = _KERB_COLOR

    def around(self, center: NDArray[np.float64], radius_m: float) -> Mesh:
        """Give the ground within a radius of a place (2,), and coarsely what is beyond."""
        gap = self._centers - center
        chosen = np.flatnonzero(np.einsum('ni,ni->n', gap, gap) < radius_m**2)
        used, faces = np.unique(self._faces[chosen], return_inverse=True)
        near = Mesh(
            self._vertices[used].astype(np.float32),
            faces.reshape(-1, 3).astype(np.int32),
            self._materials[chosen],
            self._colors[chosen],
            np.ones(len(chosen), np.bool_),
        )
        return merge([near, self._far(center, radius_m)])

    def _far(self, center: NDArray[np.float64], radius_m: float) -> Mesh:
        """Make rings to the horizon; the first lies below the edge of what is near."""
        ways, lifts = (radius_m + _FAR_RINGS[:, 0]), _FAR_RINGS[:, 1]
        angles = np.linspace(0.0, 2 * np.pi, _FAR_SECTORS, endpoint=False)
        round_ = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        xy = (center + ways[:, None, None] * round_).reshape(-1, 2)
        on = self._ground.on_street(xy)
        z = self._ground.side_height(xy, on) + np.repeat(lifts, _FAR_SECTORS)
        a = np.arange((len(ways) - 1) * _FAR_SECTORS)
        b = a // _FAR_SECTORS * _FAR_SECTORS + (a + 1) % _FAR_SECTORS
        c, d = a + _FAR_SECTORS, b + _FAR_SECTORS
        faces = np.concatenate([np.stack([a, c, d], axis=1), np.stack([a, d, b], axis=1)])
        return Mesh.of_one(np.column_stack([xy, z]), faces, Material.GROUND, _GREY)


def _corners(ground: Ground, plan: StreetPlan, footprint: Footprint) -> NDArray[np.float64]:
    """Give the corners (N, 2) of all triangles."""
    kerbs = np.concatenate([
        shapely.get_coordinates(ring)[:-1]
        for ring in shapely.get_rings(shapely.get_parts(footprint.drivable))])
    roads = [_rows(street) for street in plan.streets]
    roads += [_crossing_grid(ground, junction, plan.streets, footprint)
              for junction in plan.junctions if not junction.is_bend]
    road = np.concatenate(roads)
    verge = np.concatenate([_verge_rows(ground, index, street)
                            for index, street in enumerate(plan.streets)])
    land = _land(ground, plan, kerbs)
    inner = np.concatenate([road, verge, land])
    clear = np.repeat([_KERB_CLEAR_M, _KERB_CLEAR_M * .8, _LAND_CLEAR_M],
                      [len(road), len(verge), len(land)])
    distance, _ = cKDTree(kerbs).query(inner)
    return np.concatenate([kerbs, inner[distance > clear]])


def _rows(street: Street) -> NDArray[np.float64]:
    """Give places along a carriageway, a row of them along its middle."""
    low, high = street.run_m
    half = street.section.half_m
    each = max(int(half / _ROAD_STEP_M), 1)
    offsets = np.arange(-each, each + 1) * (half / (each + .5))
    way = np.linspace(low, high, max(int((high - low) / _ROAD_STEP_M), 1) + 1)
    return street.at(np.repeat(way, len(offsets)), np.tile(offsets, len(way)))


def _verge_rows(ground: Ground, index: int, street: Street) -> NDArray[np.float64]:
    """Give places along the edges of the ditches."""
    if not street.section.is_rural:
        return np.empty((0, 2))
    beside = street.section.half_m + DITCH_M
    offsets = np.concatenate([-beside[::-1], beside])
    low, high = street.run_m
    way = np.linspace(low, high, max(int((high - low) / _VERGE_STEP_M), 1) + 1)
    places = street.at(np.repeat(way, len(offsets)), np.tile(offsets, len(way)))
    on = ground.on_street(places)
    off = np.abs(on.distance_m - np.tile(np.abs(offsets), len(way)))
    return np.asarray(places[(on.street == index) & (off < .2)])


def _crossing_grid(
    ground: Ground, junction: Junction, streets: tuple[Street, ...], footprint: Footprint
) -> NDArray[np.float64]:
    """Give places on a junction, where no lane is."""
    reach = max(streets[arm.street].trims_m[arm.end] for arm in junction.arms)
    steps = np.arange(-reach, reach, _ROAD_STEP_M)
    places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2) + junction.position
    places = places[shapely.contains_xy(footprint.drivable, places[:, 0], places[:, 1])]
    on = ground.on_street(places)
    spans = np.array([street.span_m for street in streets])[on.street]
    is_between = (on.way_m > spans[:, 0] - 1.0) & (on.way_m < spans[:, 1] + 1.0)
    return np.asarray(places[~is_between])


def _land(ground: Ground, plan: StreetPlan, kerbs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give places off the streets."""
    low, high = kerbs.min(axis=0) - _BESIDE_M, kerbs.max(axis=0) + _BESIDE_M
    x, y = (np.arange(a, b, _LAND_STEP_M) for a, b in zip(low, high, strict=True))
    places = np.stack(np.meshgrid(x, y), axis=-1)
    places[::2, :, 0] += _LAND_STEP_M / 2
    places = places.reshape(-1, 2)
    on = ground.on_street(places)
    halves = np.array([street.section.half_m + street.section.is_rural * (DITCH_M[-1] + 1.0)
                       for street in plan.streets])
    return places[(on.distance_m > halves[on.street] + 1.0) & (on.distance_m < _BESIDE_M)]


def _walls(
    faces: NDArray[np.int64], neighbors: NDArray[np.int32], is_road: NDArray[np.bool_],
    heights: NDArray[np.float64], count: int,
) -> NDArray[np.int64]:
    """Stand faces along the kerbs; they look towards the road."""
    beside = np.where(neighbors >= 0, is_road[neighbors], True)
    face, corner = np.nonzero(is_road[:, None] & ~beside)
    a, b = faces[face, (corner + 1) % 3], faces[face, (corner + 2) % 3]
    step = np.maximum(heights[a] - heights[a + count], heights[b] - heights[b + count])
    a, b = a[step > _TEAR_M], b[step > _TEAR_M]
    return np.concatenate([
        np.stack([b + count, a + count, a], axis=1), np.stack([b + count, a, b], axis=1)])

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A LiDAR in a world of boxes, compared with geometry worked out here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.lidar_world import block, make_world, Void

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.render.rays import NO_ACTOR
from mm_fusion_ros.sim.render.scene import Scene
from mm_fusion_ros.sim.sensors.lidar import Lidar
from mm_fusion_ros.sim.sensors.lidar_returns import Air
from mm_fusion_ros.sim.sensors.lidar_settings import LidarSettings

SETTINGS = LidarSettings(azimuth_steps=720, x_m=1.0, y_m=0.2, yaw_deg=3.0, center_height_m=0.1)
CLEAR = Air()
WALLS = (block((0, 20, 2), (60, 0.5, 4.0)), block((30, 0, 1), (0.5, 6, 8.0)))


def sweep(world, settings=SETTINGS, air=CLEAR, seed=None, start_s=1.0):
    """Turn once; without a seed, without noise."""
    lidar = Lidar(settings, np.random.default_rng(7))
    rng = None if seed is None else np.random.default_rng(seed)
    return lidar.sweep(Scene(world), world.drive, start_s, air, rng)


def exact(settings):
    return replace(settings, beam_elevation_error_deg=0.0)


def T_world_lidar(world, settings, times_s):
    mount = transforms.from_euler(
        np.array([settings.x_m, settings.y_m, settings.z_m]),
        *np.deg2rad([settings.roll_deg, settings.pitch_deg, settings.yaw_deg]))
    return world.drive.T_world_base(times_s) @ mount


def in_world(world, settings, found):
    T = T_world_lidar(world, settings, found.times_s)
    return np.einsum('nij,nj->ni', T[:, :3, :3], found.points.astype(float)) + T[:, :3, 3]


def gap_to(mesh, points):
    """Give the distance of each point to the nearest triangle whose prism holds it, m."""
    nearest = np.full(len(points), np.inf)
    for a, b, c in mesh.vertices[mesh.faces].astype(float):
        normal = np.cross(b - a, c - a)
        normal /= np.linalg.norm(normal)
        share = np.linalg.solve(np.stack([b - a, c - a, normal], axis=1), (points - a).T)
        inside = (share[0] > -1e-3) & (share[1] > -1e-3) & (share[0] + share[1] < 1.001)
        nearest = np.where(inside, np.minimum(nearest, np.abs(share[2])), nearest)
    return nearest


def in_actor(actor, points, times_s):
    T = np.linalg.inv(actor.motion.at(times_s).T_world)
    return np.einsum('nij,nj->ni', T[:, :3, :3], points) + T[:, :3, 3]


def busy_world():
    cars = ((-4, 5, 0, 12.0), (34, -4, 180, 14.0), (12, 9, 60, 0.0), (-10, -8, 15, 9.0))
    return make_world(*cars, scenery=WALLS, slope=0.04, speed_mps=15.0)


def test_without_noise_every_point_lies_on_a_surface_within_a_millimetre():
    world = busy_world()
    found = sweep(world)
    points = in_world(world, SETTINGS, found)
    still = found.actors == NO_ACTOR
    assert gap_to(world.site.mesh_around(np.zeros(2), 130.0), points[still]).max() < 1e-3
    assert still.sum() > 1000
    for index, actor in enumerate(world.actors):
        rows = np.flatnonzero(found.actors == index)
        assert len(rows) > 20
        there = in_actor(actor, points[rows], found.times_s[rows])
        assert gap_to(actor.model.phases[0], there).max() < 1e-3


def test_a_box_holds_all_points_of_its_body_at_their_own_times_and_not_the_mirrors():
    world = busy_world()
    found = sweep(world)
    points = in_world(world, SETTINGS, found)
    mirrors = 0
    for index, actor in enumerate(world.actors):
        rows = np.flatnonzero(found.actors == index)
        there = in_actor(actor, points[rows], found.times_s[rows])
        inside = ((there > actor.model.minimum - 1e-3)
                  & (there < actor.model.maximum + 1e-3)).all(axis=1)
        assert (inside == found.is_body[rows]).all()
        mirrors += np.count_nonzero(~inside)
    assert mirrors > 0


@pytest.mark.parametrize('clockwise', [True, False])
def test_points_come_in_the_order_of_the_spin_over_the_whole_period(clockwise):
    settings = replace(SETTINGS, clockwise=clockwise, start_azimuth_deg=70.0)
    found = sweep(make_world(), settings)
    turned = np.unwrap(np.arctan2(found.points[:, 1], found.points[:, 0]).astype(float))
    assert turned[0] == pytest.approx(np.deg2rad(70.0), abs=1e-5)
    step = np.diff(turned) * (-1.0 if clockwise else 1.0)
    assert step.min() > -1e-5
    assert abs(turned[-1] - turned[0]) == pytest.approx(2.0 * np.pi * 719 / 720, abs=1e-4)
    assert (np.diff(found.times_s) >= 0.0).all()
    assert np.ptp(found.times_s) >= 0.95 * settings.period_s
    assert found.times_s[0] == found.start_s == 1.0


@pytest.mark.parametrize(('stamp_is', 'stamp_s'), [('start', 1.0), ('middle', 1.05),
                                                   ('end', 1.1)])
def test_the_stamp_is_the_instant_asked_for(stamp_is, stamp_s):
    found = sweep(make_world(), replace(SETTINGS, stamp_is=stamp_is))
    assert found.stamp_s == pytest.approx(stamp_s)
    assert found.end_s == pytest.approx(1.1)


def test_a_wall_seen_at_15_mps_is_thin_once_deskewed_and_not_before():
    wall = block((25, 0, 0), (0.4, 200, 10.0))
    world = make_world(scenery=[wall], speed_mps=15.0, site=Void)
    found = sweep(world, SETTINGS, start_s=0.0)
    wall_x = in_world(world, SETTINGS, found)[:, 0]
    assert len(wall_x) > 1000
    assert np.ptp(wall_x) <= 0.01
    T = T_world_lidar(world, SETTINGS, np.zeros(1))[0]
    assert np.ptp(transforms.apply(T, found.points)[:, 0]) > 0.5


def test_the_same_seeds_give_the_same_bytes_and_others_do_not():
    first, again, other = (sweep(busy_world(), air=Air(5.0, 300.0), seed=s) for s in (3, 3, 4))
    for name in ('points', 'intensity', 'ring', 'times_s', 'actors', 'is_body'):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    assert first.points.tobytes() != other.points.tobytes()


def test_columns_have_the_types_that_are_promised():
    found = sweep(busy_world(), seed=1)
    assert [column.dtype for column in (
        found.points, found.intensity, found.ring, found.times_s, found.actors, found.is_body,
    )] == [np.float32, np.float32, np.uint16, np.float64, np.int32, np.bool_]
    assert len(found) == len(found.points)


@pytest.mark.parametrize('seed', [None, 1])
def test_an_empty_world_gives_an_empty_sweep(seed):
    found = sweep(make_world(site=Void), seed=seed)
    assert len(found) == 0
    assert found.points.shape == (0, 3)


def test_the_ring_is_the_row_of_the_elevation():
    settings = exact(replace(SETTINGS, elevations_deg=(-5.0, -20.0, -10.0)))
    found = sweep(make_world(), settings)
    x, y, z = (found.points - (0.0, 0.0, settings.center_height_m)).T
    elevations = np.rad2deg(np.arctan2(z, np.hypot(x, y)))
    np.testing.assert_allclose(elevations, np.array(settings.elevations_deg)[found.ring],
                               atol=1e-4)
    assert found.ring[:6].tolist() == [0, 1, 2, 0, 1, 2]


def test_fog_loses_far_points_and_adds_near_ones_in_the_air():
    world = make_world(scenery=WALLS)
    clear, fog = (sweep(world, air=air, seed=1) for air in (CLEAR, Air(visibility_m=60.0)))
    far, near = (30.0, 100.0), (0.0, 3.0)
    counts = [[np.histogram(np.linalg.norm(found.points, axis=1), edges)[0][0]
               for edges in (far, near)] for found in (clear, fog)]
    assert counts[1][0] < 0.2 * counts[0][0]
    assert counts[0][1] == 0
    assert counts[1][1] > 50
    assert (np.diff(fog.times_s) >= 0.0).all()


def test_rain_loses_far_points_of_the_ground_and_adds_drops():
    world = make_world()
    dry, wet = (sweep(world, air=air, seed=1) for air in (CLEAR, Air(20.0, visibility_m=1400.0)))
    dry_m, wet_m = (np.linalg.norm(found.points, axis=1) for found in (dry, wet))
    assert (wet_m > 30.0).sum() < 0.8 * (dry_m > 30.0).sum()
    assert dry_m.min() > 3.0
    assert 20 < (wet_m < 3.0).sum() < 2000
    assert not wet.is_body[wet_m < 3.0].any()


def test_a_sign_blinds_where_a_wall_does_not():
    sign = block((15, 0, 2.5), (0.05, 2.0, 2.0), Material.RETROREFLECTOR)
    wall = block((15, 8, 2.5), (0.05, 2.0, 2.0), Material.PLASTER)
    found = sweep(make_world(scenery=[sign, wall]), exact(SETTINGS), seed=1)
    points = in_world(make_world(), SETTINGS, found)
    at = np.abs(points[:, 0] - 15.0) < 0.2
    on_sign = at & (np.abs(points[:, 1]) < 1.0)
    on_wall = at & (np.abs(points[:, 1] - 8.0) < 1.0)
    assert (found.intensity[on_sign] == SETTINGS.intensity_max).all()
    assert found.intensity[on_wall].max() < SETTINGS.intensity_max
    assert min(on_sign.sum(), on_wall.sum()) > 10


def test_paint_on_the_road_is_brighter_than_the_road():
    found = sweep(make_world(), seed=1)
    points = in_world(make_world(), SETTINGS, found)
    near = np.abs(points[:, 0]) < 15.0
    line, road = (near & (np.abs(points[:, 1] - y) < 0.06) for y in (3.7, 3.0))
    assert np.median(found.intensity[line]) > 1.5 * np.median(found.intensity[road])


def test_glass_loses_most_pulses_and_paint_few():
    pane = block((10, 0, 2.5), (0.05, 6.0, 3.0), Material.GLASS)
    hood = block((-10, 0, 2.5), (0.05, 6.0, 3.0), Material.CAR_PAINT, (200, 200, 200))
    world = make_world(scenery=[pane, hood], site=Void)
    shares = [np.bincount((found.points[:, 0] > 0.0).astype(int)) for found in
              (sweep(world), sweep(world, seed=1))]
    lost = 1.0 - shares[1] / shares[0]
    assert lost[1] > 0.5
    assert lost[0] < 0.1


def test_what_is_too_near_or_too_far_is_not_reported():
    found = sweep(busy_world(), replace(SETTINGS, min_range_m=6.0, max_range_m=20.0))
    distances = np.linalg.norm(found.points - (0.0, 0.0, SETTINGS.center_height_m), axis=1)
    assert distances.min() >= 6.0
    assert distances.max() <= 20.0


def test_the_own_roof_hides_what_is_below_it_and_nothing_else():
    settings = exact(replace(SETTINGS, blocked_deg=(170.2, -160.2, -15.0)))
    everything = sweep(make_world(), replace(settings, blocked_deg=()))
    seen = sweep(make_world(), settings)
    azimuths = np.rad2deg(np.arctan2(*everything.points[:, 1::-1].T))
    low = np.array(settings.elevations_deg)[everything.ring] < -15.0
    hidden = low & ((azimuths > 170.2) | (azimuths < -160.2))
    assert hidden.sum() > 0
    assert len(seen) == len(everything) - hidden.sum()


def test_errors_of_a_beam_stay_and_those_of_a_point_do_not():
    settings = replace(SETTINGS, range_noise_m=0.002, beam_bias_m=0.05, dropout=0.0,
                       center_height_m=0.0, beam_elevation_error_deg=0.0)
    world = make_world(scenery=[block((0, 0, 0), (300, 300, 0.01), Material.CONCRETE)])
    true, measured = sweep(world, settings), sweep(world, settings, seed=1)
    rows = np.lexsort((true.ring, true.times_s))
    keys = [found.ring + 100 * np.rint((found.times_s - 1.0) * 7200.0) for found in
            (true, measured)]
    _, ours, theirs = np.intersect1d(*keys, return_indices=True)
    errors = (np.linalg.norm(measured.points[theirs], axis=1)
              - np.linalg.norm(true.points[ours], axis=1))
    rings = true.ring[ours]
    biases = [errors[rings == ring].mean() for ring in np.unique(rings)]
    assert len(rows) > 0
    assert 0.02 < np.std(biases) < 0.1
    assert max(errors[rings == ring].std() for ring in np.unique(rings)) < 0.01


def test_readings_come_in_steps_and_stay_in_range():
    settings = replace(SETTINGS, intensity_scale=255.0, intensity_max=255.0, intensity_step=1.0)
    found = sweep(busy_world(), settings, seed=1)
    assert (found.intensity == np.rint(found.intensity)).all()
    assert found.intensity.min() >= 0.0
    assert found.intensity.max() <= 255.0


@pytest.mark.parametrize(('change', 'text'), [
    ({'elevations_deg': ()}, 'elevations_deg: expected a beam or more'),
    ({'blocked_deg': (1.0, 2.0)}, 'blocked_deg: expected triples, got 2 numbers'),
    ({'min_range_m': 100.0}, 'min_range_m: expected less than max_range_m'),
])
def test_settings_that_contradict_themselves_are_refused(change, text):
    with pytest.raises(ConfigError, match=text):
        replace(SETTINGS, **change)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a small world against its geometry."""

from dataclasses import replace

import numpy as np
import pytest
from support import sim_world
from support.sim_world import pose, standing

from mm_fusion_ros.config import build
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.render.rays import NO_ACTOR
from mm_fusion_ros.sim.render.scene import Scene
from mm_fusion_ros.sim.render.weather import weather_named
from mm_fusion_ros.sim.sensors.camera import Camera, CameraSettings

SMALL = CameraSettings(width=160, height=96, hfov_deg=70.0, noise=0.0, blur_px=0.0)
NOON = replace(
    weather_named('clear', np.random.default_rng(1)), to_sun=(0.0, .6, .8), sun=(1.0, .95, .9),
    exposure_error_ev=0.0)
RED = (200, 20, 20)


def block(length, width, height, material=Material.PLASTER, color=(180, 180, 180)):
    """Make a block that stands on the ground, around the origin."""
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (length / 2, width / 2)
    low, high = (np.column_stack([square, np.full(4, z)]) for z in (0.0, height))
    sides = [((k + 1) % 4, k, k + 4) for k in range(4)]
    faces = [(b, a + 4, a) for b, a, _ in sides] + [(b, b + 4, a + 4) for b, a, _ in sides]
    faces += [(4, 5, 6), (4, 6, 7)]
    return Mesh.of_one(np.concatenate([low, high]), np.array(faces), material, color)


def shoot(world, weather=NOON, settings=SMALL, seed: int | None = 0, time_s=0.0, y_m=0.0):
    scene = Scene(world)
    camera = Camera(settings)
    T_world_camera = pose(0.0, y_m) @ camera.T_base_camera
    scene.move_to(T_world_camera[:3, 3])
    rng = None if seed is None else np.random.default_rng(seed)
    return camera.render(scene, T_world_camera, time_s, weather, rng)


def pixel_of(point, settings=SMALL):
    """Give row and column that show a place in base_link."""
    T = transforms.inverse(settings.T_base_camera())
    shown = settings.model().project(transforms.apply(T, np.array([point], float)))
    assert shown.visible.all()
    column, row = np.rint(shown.pixels[0]).astype(int)
    return row, column


def car(x_m, y_m, yaw_deg=0.0):
    body = block(4.0, 1.8, 1.4, Material.CAR_PAINT, RED)
    return standing(ActorModel('block', ObjectClass.CAR, (body,)), x_m, y_m, yaw_deg)


def test_the_same_seed_gives_the_same_bytes_and_another_one_other_noise():
    world = sim_world.make(block(4, 4, 5).moved(pose(20, 9)), [car(12, 1)])
    weather = weather_named('rain', np.random.default_rng(5))
    noisy = replace(SMALL, noise=1.0)
    one, same, other = (shoot(world, weather, noisy, seed) for seed in (3, 3, 4))
    assert one.pixels.tobytes() == same.pixels.tobytes()
    assert one.depth_m.tobytes() == same.depth_m.tobytes()
    assert one.pixels.tobytes() != other.pixels.tobytes()


def test_what_was_rendered_before_does_not_change_a_picture():
    world = sim_world.make(block(4, 4, 5).moved(pose(20, 9)), [car(12, 1)])
    fresh = shoot(world)
    scene, camera = Scene(world), Camera(SMALL)
    for x in (60.0, 0.0):
        T_world_camera = pose(x, 0.0) @ camera.T_base_camera
        scene.move_to(T_world_camera[:3, 3])
        again = camera.render(scene, T_world_camera, 0.0, NOON, np.random.default_rng(0))
    assert again.pixels.tobytes() == fresh.pixels.tobytes()


def test_a_lens_without_noise_draws_nothing():
    world = sim_world.make()
    assert (shoot(world, seed=1).pixels == shoot(world, seed=2).pixels).all()


@pytest.mark.parametrize(('model', 'distortion'), [
    ('none', ()), ('plumb_bob', (-.3, .1, .001, -.001, 0.0)),
    ('rational_polynomial', (.4, -.1, .0004, -.0006, .01, .75, -.05, .02)),
    ('equidistant', (-.02, .004, 0.0, 0.0))])
def test_depth_is_that_of_the_geometry_at_every_pixel(model, distortion):
    settings = replace(SMALL, distortion_model=model, distortion=distortion, pitch_deg=6.0)
    shot = shoot(sim_world.make(block(1, 60, 40).moved(pose(30, 0))), settings=settings)
    assert np.isfinite(shot.depth_m).mean() > .9
    camera = Camera(settings)
    T_base_camera = settings.T_base_camera()
    # Where the pixels look, meets the ground (z = 0) or the wall (x = 29.5).
    rays = camera._rays.directions.astype(float) @ T_base_camera[:3, :3].T
    start = T_base_camera[:3, 3]
    with np.errstate(divide='ignore'):
        to_ground = np.where(rays[:, 2] < 0, -start[2] / rays[:, 2], np.inf)
        to_wall = np.where(rays[:, 0] > 0, (29.5 - start[0]) / rays[:, 0], np.inf)
    way = np.minimum(to_ground, to_wall)
    wanted = way * camera._rays.directions[:, 2]
    found = shot.depth_m.ravel()[camera._rays.pixels]
    inside = np.isfinite(found) & (np.abs(to_ground - to_wall) > .5)
    np.testing.assert_allclose(found[inside], wanted[inside], rtol=1e-3)
    points = start + rays * way[:, None]
    shown = settings.model().project(
        transforms.apply(transforms.inverse(T_base_camera), points[inside]))
    row, column = np.divmod(camera._rays.pixels[inside], SMALL.width)
    assert np.abs(shown.pixels - np.column_stack([column, row])).max() < .5


def test_actors_are_named_where_they_are_and_only_there():
    shot = shoot(sim_world.make(actors=[car(40, 3), car(12, 0)]))
    assert shot.actors[pixel_of((10.0, 0.0, .7))] == 1
    assert shot.actors[pixel_of((8.0, 0.0, 0.0))] == NO_ACTOR
    assert shot.depth_m[pixel_of((10.0, 0.0, .7))] == pytest.approx(10.0 - SMALL.x_m, rel=1e-3)
    assert set(np.unique(shot.actors)) == {NO_ACTOR, 0, 1}
    assert (shot.pixels[pixel_of((10.0, 0.0, .7))][0]
            > 2 * shot.pixels[pixel_of((10.0, 0.0, .7))][2])


def test_a_shadow_falls_away_from_the_sun():
    wall = block(6.0, .5, 3.0).moved(pose(12.0, 0.0))
    shot = shoot(sim_world.make(wall))  # sun at the left: a shadow 2.25 m long at the right
    light = shot.pixels.astype(int).sum(axis=2)
    shaded, lit = pixel_of((12.0, -1.2, 0.0)), pixel_of((12.0, -3.2, 0.0))
    assert light[shaded] < .6 * light[lit]


def test_the_ground_beside_a_car_is_darker_than_in_the_open_even_without_sun():
    weather = replace(NOON, sun=(0.0, 0.0, 0.0), clouds=1.0)
    shot = shoot(sim_world.make(actors=[car(12, 0)]), weather)
    light = shot.pixels.astype(int).sum(axis=2)
    near, far = pixel_of((9.85, .5, 0.0)), pixel_of((7.5, .5, 0.0))
    assert light[near] < .75 * light[far]


def test_the_sky_is_infinitely_far_and_brighter_than_the_road():
    shot = shoot(sim_world.make())
    assert np.isinf(shot.depth_m[:30]).all()
    assert shot.pixels[:30].mean() > 1.4 * shot.pixels[70:].mean()


def test_at_night_headlights_show_the_road_ahead_and_nothing_beside():
    night = replace(weather_named('night', np.random.default_rng(2)), exposure_error_ev=0.0,
                    wetness=0.0)
    wide = replace(SMALL, hfov_deg=120.0)
    shot = shoot(sim_world.make(), night, wide)
    light = shot.pixels.astype(int).sum(axis=2)
    ahead, beside = pixel_of((12.0, 1.0, 0.0), wide), pixel_of((5.0, 6.5, 0.0), wide)
    assert light[ahead] > 4 * light[beside]
    assert np.median(shot.pixels[:30]) < 60


def test_a_street_lamp_lights_the_ground_below_it():
    night = replace(weather_named('night', np.random.default_rng(2)), wetness=0.0)
    dark, lit = (shoot(sim_world.make(lamps=lamps), night, replace(SMALL, yaw_deg=60.0))
                 for lamps in (np.empty((0, 3)), np.array([(6.0, 6.0, 7.0)])))
    below = pixel_of((6.0, 6.0, 0.0), replace(SMALL, yaw_deg=60.0))
    assert int(lit.pixels[below].sum()) > 2 * int(dark.pixels[below].sum()) + 30


def test_fog_hides_a_far_wall_and_leaves_a_near_one():
    fog = replace(weather_named('fog', np.random.default_rng(2)), visibility_m=80.0,
                  are_lights_on=False)
    black = (5, 5, 5)
    near = block(1, 4, 6, color=black).moved(pose(10, 5))
    far = block(1, 12, 12, color=black).moved(pose(120, -9))
    shot = shoot(sim_world.make(merge([near, far])), fog)
    light = shot.pixels.astype(int).sum(axis=2)
    seen_far = pixel_of((119.5, -9.0, 6.0))
    sky = light[seen_far[0], seen_far[1] + 30]
    assert abs(light[seen_far] - sky) < .06 * sky
    assert light[pixel_of((9.5, 5.0, 2.0))] < .75 * sky


def test_rain_makes_a_picture_of_its_own():
    rain = weather_named('rain', np.random.default_rng(2))
    dry = replace(rain, rain_mmph=0.0)
    assert (shoot(sim_world.make(), rain).pixels != shoot(sim_world.make(), dry).pixels).any()


def test_white_paint_is_brighter_than_asphalt_and_grass_is_green():
    shot = shoot(sim_world.make(), y_m=-2.0)
    line, road = pixel_of((12.0, 2.0 - 2.0 - 1.7, 0.0)), pixel_of((12.0, .5, 0.0))
    assert shot.pixels[line].mean() > 1.25 * shot.pixels[road].mean()
    grass = shot.pixels[pixel_of((22.0, 10.0, 0.0))].astype(int)
    assert grass[1] > 1.2 * grass[2]


def test_a_poster_shows_a_picture():
    poster = Mesh.of_one(
        np.array([(12, 1.8, .8), (12, -1.8, .8), (12, -1.8, 3.2), (12, 1.8, 3.2)]),
        np.array([(0, 1, 2), (0, 2, 3)]), Material.POSTER, (220, 220, 220))
    shot = shoot(sim_world.make(poster))
    row, column = pixel_of((12.0, 1.6, 3.0))
    low, right = pixel_of((12.0, -1.6, 1.0))
    assert shot.pixels[row:low, column:right].std() > 20


def test_a_pixel_without_ray_is_black_and_infinitely_far():
    settings = replace(
        SMALL, hfov_deg=110.0, distortion_model='plumb_bob', distortion=(-.5, 0, 0, 0, 0))
    shot = shoot(sim_world.make(), settings=settings)
    assert (shot.pixels[0, 0] < 3).all()
    assert np.isinf(shot.depth_m[0, 0])
    assert shot.actors[0, 0] == NO_ACTOR


def test_a_positive_exposure_is_brighter():
    dark, bright = (shoot(sim_world.make(), settings=replace(SMALL, exposure_ev=ev))
                    for ev in (-1.0, 1.0))
    assert bright.pixels.mean() > 1.4 * dark.pixels.mean()


def test_a_camera_is_built_from_parameters():
    settings = build(CameraSettings, {'width': 320, 'height': 100, 'fx_px': 200.0})
    assert settings.model().matrix.tolist() == [
        [200.0, 0.0, 159.5], [0.0, 200.0, 49.5], [0.0, 0.0, 1.0]]


def test_a_mount_looks_where_it_is_turned():
    left = replace(SMALL, yaw_deg=90.0, pitch_deg=0.0).T_base_camera()
    np.testing.assert_allclose(left[:3, 2], (0.0, 1.0, 0.0), atol=1e-12)
    np.testing.assert_allclose(left[:3, 1], (0.0, 0.0, -1.0), atol=1e-12)
    down = replace(SMALL, pitch_deg=10.0).T_base_camera()
    assert down[2, 2] < -.1


def test_a_lens_that_cannot_be_is_refused():
    with pytest.raises(ConfigError, match=r'camera: expected a lens that can be, got .*at most 5'):
        replace(SMALL, distortion_model='plumb_bob', distortion=(0, 0, 0, 0, 0, 0, .1))


@pytest.mark.parametrize('field', ['width', 'height'])
def test_an_image_of_a_few_pixels_is_refused(field):
    with pytest.raises(ConfigError, match=f'parameter {field}: expected 16 to 8192 px, got 1'):
        build(CameraSettings, {field: 1})


def test_the_smallest_image_there_may_be_is_taken():
    tiny = CameraSettings(width=16, height=16, chromatic_px=1.0)
    weather = weather_named('rainy_night', np.random.default_rng(0))
    shot = shoot(sim_world.make(actors=[car(10.0, 0.0)]), weather, tiny)
    assert shot.pixels.shape == (16, 16, 3)


def test_without_chance_there_is_no_noise_and_no_drop_on_the_lens():
    world, noisy = sim_world.make(actors=[car(10.0, 0.0)]), replace(SMALL, noise=4.0)
    perfect = shoot(world, settings=noisy, seed=None).pixels
    assert (perfect == shoot(world).pixels).all()
    assert (perfect != shoot(world, settings=noisy).pixels).mean() > 0.2
    rain = weather_named('rain', np.random.default_rng(0))
    dry = replace(rain, rain_mmph=0.0)
    assert (shoot(world, rain, seed=None).pixels == shoot(world, dry).pixels).all()

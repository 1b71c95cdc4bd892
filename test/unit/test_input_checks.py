# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Sensors that speak but do not see are noticed, and those that see are not."""

from dataclasses import fields
import re

import cv2
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.data_types import CameraImage, LidarSweep
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.input_checks import InputCheckSettings, moved, SensorCheck
from mm_fusion_ros.input_checks.sweep import texture_of
from mm_fusion_ros.input_checks.usual import Usual
from mm_fusion_ros.stamps import NS_PER_MS

PERIOD_NS = 100 * NS_PER_MS
DELAY_NS = 5 * NS_PER_MS
RINGS, AZIMUTHS = 32, 720
LATE_NS = 700 * NS_PER_MS
LEARNED = 12  # messages after which it is known what is usual


def picture(index):
    """Make what a camera sees that drives along, (96, 160, 3) uint8: sun and scene vary."""
    coarse, fine = (
        cv2.resize(np.random.default_rng(size).normal(0.0, 30.0, (96 // size, 480 // size)),
                   (480, 96), interpolation=cv2.INTER_NEAREST) for size in (12, 2))
    seen = (120.0 + coarse + fine)[:, index % 300:index % 300 + 160]
    light = 1.0 + 0.2 * np.sin(index / 7.0)
    noise = np.random.default_rng(index).normal(0.0, 2.0, seen.shape)
    grey = np.clip(seen * light + noise, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def scene(index):
    """Give ranges (RINGS, AZIMUTHS) of a LiDAR that drives between walls and parked cars."""
    azimuths = np.radians(np.arange(AZIMUTHS) / 2.0 + 0.25)
    walls = 15.0 + 5.0 * np.sin(3.0 * azimuths + index / 20.0)
    cars = np.where(np.sin(11.0 * azimuths + index / 5.0) > 0.8, 7.0, np.inf)
    heights = np.linspace(0.0, 2.0, RINGS)[:, None]
    noise = np.random.default_rng(index).normal(0.0, 0.01, (RINGS, AZIMUTHS))
    return np.minimum(walls, cars) + heights + noise


def sweep(ranges, kept=None, ring=True):
    """Make a sweep of ranges (RINGS, AZIMUTHS), or of some of them."""
    azimuths = np.radians(np.arange(AZIMUTHS) / 2.0 + 0.25)
    elevations = np.radians(np.linspace(-15.0, 5.0, RINGS))[:, None]
    points = ranges[..., None] * np.stack(np.broadcast_arrays(
        np.cos(elevations) * np.cos(azimuths), np.cos(elevations) * np.sin(azimuths),
        np.sin(elevations)), axis=-1)
    rings = np.repeat(np.arange(RINGS, dtype=np.uint16), AZIMUTHS)
    rows = np.arange(rings.size) if kept is None else np.flatnonzero(kept)
    return LidarSweep(
        0, 'lidar', points.reshape(-1, 3)[rows].astype(np.float32),
        ring=rings[rows] if ring else None)


both_sensors = pytest.mark.parametrize(
    'make', [picture, lambda index: sweep(scene(index))], ids=['camera', 'lidar'])


class Watched:
    """A sensor that is watched, and what comes of it next."""

    def __init__(self, **settings):
        self.check = SensorCheck(InputCheckSettings(**settings))
        self.count = 0

    def see(self, shown, stamp_error_ns=0, delay_ns=DELAY_NS):
        """Take the next message, a picture or a sweep."""
        self.count += 1
        at_ns = self.count * PERIOD_NS
        stamp_ns, arrival_ns = at_ns + stamp_error_ns, at_ns + delay_ns
        if isinstance(shown, LidarSweep):
            return self.check.sweep(stamp_ns, arrival_ns, shown)
        return self.check.picture(stamp_ns, arrival_ns, CameraImage(stamp_ns, 'camera', shown))

    def learn(self, make):
        for index in range(LEARNED):
            assert self.see(make(index)) == ()
        return self


def camera(**settings):
    return Watched(**settings).learn(picture)


def lidar(**settings):
    return Watched(**settings).learn(lambda index: sweep(scene(index)))


def test_a_camera_that_drives_along_is_never_unusual():
    watched = Watched()
    assert [watched.see(picture(index)) for index in range(250)] == [()] * 250


@pytest.mark.parametrize('ring', [True, False])
def test_a_lidar_that_drives_along_is_never_unusual(ring):
    watched = Watched()
    assert [watched.see(sweep(scene(index), ring=ring)) for index in range(120)] == [()] * 120


def lighter(image):
    return np.clip(image.astype(float) * 4.0, 0, 255).astype(np.uint8)


def paler(image):
    return (150 + 0.2 * (image.astype(float) - 150.0)).astype(np.uint8)


@pytest.mark.parametrize(('change', 'text'), [
    (lambda image: image // 4, r'dark: 2\d% of its usual brightness'),
    (paler, r'pale: 2\d% of its usual contrast'),
    (lambda image: cv2.GaussianBlur(image, (0, 0), 4.0), r'blurred: \d+% of its usual sharpness'),
    (lighter, r'overexposed: [4-9]\d% of the picture are white'),
    (lambda image: np.full_like(image, 12), 'shows nothing: brightness 12, contrast 0.0'),
    (lambda image: image // 32, r'shows nothing: brightness \d, contrast \d\.\d'),
])
def test_a_picture_that_shows_too_little_is_named_for_what_it_lacks(change, text):
    watched = camera()
    found = watched.see(change(picture(LEARNED)))
    assert any(re.fullmatch(text, item) for item in found), found
    assert watched.see(picture(LEARNED + 1)) == ()


@pytest.mark.parametrize('change', [
    lambda image: image // 2, lambda image: np.minimum(image, 150),
    lambda image: cv2.GaussianBlur(image, (0, 0), 0.7),
    lambda image: np.clip(image.astype(int) * 3 // 2, 0, 255).astype(np.uint8)])
def test_a_picture_that_is_a_little_worse_is_not_unusual(change):
    assert camera().see(change(picture(LEARNED))) == ()


def test_a_white_picture_and_an_empty_one_are_unusual_from_the_first():
    half = np.zeros((96, 160, 3), np.uint8)
    half[:, :80] = 255
    assert Watched().see(half) == ('overexposed: 50% of the picture are white',)
    assert Watched().see(half * 0) == ('shows nothing: brightness 0, contrast 0.0',)


def test_a_dark_camera_that_was_never_bright_is_usual():
    Watched().learn(lambda index: picture(index) // 4)


def test_a_camera_that_stays_dark_stays_unusual_for_a_while_and_not_for_ever():
    watched = camera()
    dark = [bool(watched.see(picture(index) // 4)) for index in range(400)]
    assert all(dark[:100])
    assert not any(dark[-50:])


@both_sensors
def test_what_is_shown_again_under_a_new_stamp_is_frozen(make):
    watched = Watched().learn(make)
    frozen = 'shows the same as before, under a new stamp: frozen'
    seen = [watched.see(make(index)) for index in (40, 40, 40, 41)]
    assert seen == [(), (frozen,), (frozen,), ()]


@both_sensors
def test_a_message_that_serves_two_frames_is_judged_once(make):
    watched = Watched().learn(make)
    shown, other = make(20), make(21)
    assert watched.see(shown) == ()
    watched.count -= 1
    assert watched.see(other, delay_ns=LATE_NS) == ()  # of the same stamp: it is not looked at
    late = watched.see(other, delay_ns=LATE_NS)
    watched.count -= 1
    assert watched.see(shown) == late != ()


@both_sensors
@pytest.mark.parametrize(('stamp_error_ms', 'delay_ms', 'text'), [
    (0, 305, 'came 305 ms after its stamp, usually 5 ms'),
    (500, 5, 'came -495 ms after its stamp, usually 5 ms'),
    (-200, 5, 'came 205 ms after its stamp, usually 5 ms'),
    (0, 106, 'came 106 ms after its stamp, usually 5 ms'),
    (0, 105, None), (100, 5, None)])
def test_a_message_that_comes_at_an_unusual_time_after_its_stamp(
    make, stamp_error_ms, delay_ms, text
):
    watched = Watched().learn(make)
    found = watched.see(make(40), stamp_error_ms * NS_PER_MS, delay_ms * NS_PER_MS)
    assert found == (() if text is None else (text,))


def test_a_sensor_that_is_always_late_is_usual():
    watched = Watched()
    for index in range(30):
        assert watched.see(picture(index), delay_ns=LATE_NS) == ()


def keep(share):
    return np.random.default_rng(3).random(RINGS * AZIMUTHS) < share


@pytest.mark.parametrize(('share', 'is_unusual'), [(0.7, False), (0.5, True), (0.02, True)])
def test_a_sweep_that_has_lost_points(share, is_unusual):
    found = lidar().see(sweep(scene(LEARNED), keep(share)))
    text = f'{keep(share).sum()} points, usually 23040'
    assert (text in found) == is_unusual


def outside(begin_deg, end_deg):
    """Say which points are not in a sector."""
    azimuths = np.tile(np.arange(AZIMUTHS) / 2.0 + 0.25, RINGS)
    return (azimuths - begin_deg) % 360.0 > end_deg - begin_deg


@pytest.mark.parametrize(('begin_deg', 'end_deg', 'text'), [
    (-30.0, 30.0, 'nothing returns from 60 deg, from -30 deg on'),
    (90.0, 115.0, 'nothing returns from 25 deg, from 90 deg on'),
    (150.0, 200.0, 'nothing returns from 50 deg, from 150 deg on'),
    (90.0, 110.0, None)])
def test_a_blocked_sector_is_named_by_where_it_is(begin_deg, end_deg, text):
    watched = lidar()
    found = watched.see(sweep(scene(LEARNED), outside(begin_deg, end_deg)))
    assert found == (() if text is None else (text,))
    assert watched.see(sweep(scene(LEARNED + 1))) == ()


def test_a_sector_that_is_always_empty_is_usual():
    ahead = outside(90.0, 180.0)
    watched = Watched().learn(lambda index: sweep(scene(index), ahead))
    assert watched.see(sweep(scene(LEARNED), ahead)) == ()
    found = watched.see(sweep(scene(LEARNED + 1), ahead & outside(-60.0, -20.0)))
    assert found == ('nothing returns from 40 deg, from -60 deg on',)


def test_a_sweep_that_shows_but_one_point_is_blocked_all_around():
    few = np.arange(RINGS * AZIMUTHS) == 0
    assert lidar().see(sweep(scene(LEARNED), few)) == (
        '1 points, usually 23040', 'nothing returns from 360 deg, from -180 deg on')


def spoiled(share, ranges_m):
    """Give ranges of which a share comes from somewhere between two others."""
    rng = np.random.default_rng(4)
    ranges = scene(LEARNED)
    is_spoiled = rng.random(ranges.shape) < share
    ranges[is_spoiled] = rng.uniform(*ranges_m, is_spoiled.sum())
    return sweep(ranges)


def test_ranges_that_differ_from_their_neighbours_are_noisy():
    noise = np.random.default_rng(5).normal(0.0, 0.3, (RINGS, AZIMUTHS))
    (found,) = lidar().see(sweep(scene(LEARNED) + noise))
    assert re.fullmatch(
        r'noisy: ranges differ by 0\.2\d m from their neighbours, usually 0\.0\d m', found)


def test_points_that_stand_alone_are_ghosts():
    (found,) = lidar().see(spoiled(0.03, (2.0, 60.0)))
    assert found.startswith('ghost points: ')
    assert found.endswith('% stand alone, usually 0.0%')


def test_few_points_that_stand_alone_nearby_are_fog():
    (found,) = lidar().see(spoiled(0.006, (1.0, 4.0)))
    assert found.startswith('fog, rain or spray: 0.')
    assert found.endswith('% of the points stand alone nearby, usually 0.00%')


def test_few_points_that_stand_alone_far_away_are_usual():
    assert lidar().see(spoiled(0.006, (30.0, 60.0))) == ()


def test_nothing_of_a_lidar_is_unusual_before_it_is_known_what_is_usual():
    watched = Watched()
    for index in range(9):
        assert watched.see(sweep(scene(index))) == ()
    assert watched.see(sweep(scene(9), keep(0.1))) == ()


def test_checks_that_are_off_say_nothing():
    watched = Watched(enabled=False)
    for index in range(LEARNED):
        watched.see(picture(index))
    assert watched.see(picture(0) * 0) == ()
    assert watched.see(picture(0) * 0) == ()
    assert watched.see(sweep(scene(0), keep(0.01)), delay_ns=10**10) == ()


@pytest.mark.parametrize(('settings', 'make', 'shown'), [
    ({'min_contrast': 0.0}, picture, np.full((96, 160, 3), 12, np.uint8)),
    ({'max_white': 1.0, 'min_picture': 0.0}, picture, lighter(picture(LEARNED))),
    ({'min_picture': 0.0}, picture, picture(LEARNED) // 4),
    ({'min_points': 0.0, 'max_noise': 1000.0}, None, sweep(scene(LEARNED), keep(0.5))),
    ({'max_gap_deg': 360.0, 'min_points': 0.0}, None,
     sweep(scene(LEARNED), outside(-30.0, 30.0))),
    ({'max_specks': 1.0, 'max_near_specks': 1.0}, None, spoiled(0.03, (2.0, 60.0))),
    ({'max_near_specks': 1.0}, None, spoiled(0.006, (1.0, 4.0))),
])
def test_each_limit_can_be_moved(settings, make, shown):
    usual = make or (lambda index: sweep(scene(index)))
    assert Watched().learn(usual).see(shown) != ()
    if 'min_contrast' in settings:
        settings = {**settings, 'min_picture': 0.0}
    assert Watched(**settings).learn(usual).see(shown) == ()


def test_the_delay_that_may_change_can_be_moved():
    watched = camera(max_delay_change_ms=400.0)
    assert watched.see(picture(40), delay_ns=400 * NS_PER_MS) == ()
    assert watched.see(picture(41), delay_ns=500 * NS_PER_MS) != ()


def test_every_limit_is_tried_here():
    assert {field.name for field in fields(InputCheckSettings)} == {
        'enabled', 'min_contrast', 'max_white', 'min_picture', 'min_points', 'max_gap_deg',
        'max_noise', 'max_specks', 'max_near_specks', 'max_delay_change_ms'}


@given(
    points=st.lists(
        st.tuples(*[st.floats(-(2.0**120), 2.0**120, width=32)] * 3), min_size=1, max_size=40),
    rings=st.booleans(), seed=st.integers(0, 9))
def test_any_sweep_can_be_judged(points, rings, seed):
    array = np.array(points, np.float32)
    ring = np.random.default_rng(seed).integers(0, 65536, len(array)).astype(np.uint16)
    one = LidarSweep(0, 'lidar', array, ring=ring if rings else None)
    watched = Watched()
    for _ in range(LEARNED):
        assert watched.see(one) is not None
    assert np.isfinite(texture_of(one)).all()


@pytest.mark.parametrize('shape', [(1, 1), (1, 9), (9, 1), (33, 2)])
def test_pictures_of_any_size_can_be_judged(shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    watched = Watched()
    for _ in range(LEARNED):
        watched.see(pixels)


def test_what_is_usual_is_the_mean_of_what_came():
    usual = Usual()
    values = np.random.default_rng(0).normal(5.0, 1.0, (150, 3))
    for count, row in enumerate(values):
        assert (usual.values is None) == (count < 10)
        usual.learn(row, is_unusual=False)
    np.testing.assert_allclose(usual.values, values.mean(axis=0))


def test_what_is_unusual_is_learned_slowly():
    usual = Usual()
    for value in [1.0] * 20 + [0.0]:
        usual.learn(np.array([value]), is_unusual=value == 0.0)
    assert usual.values[0] == pytest.approx(1.0 - 1.0 / 200.0)


def test_a_sensor_that_moves_on_the_vehicle_is_told_by_how_much():
    before = from_euler((1.0, 2.0, 3.0), 0.1, 0.2, 0.3)
    shifted = from_euler((1.0, 2.0, 3.5), 0.1, 0.2, 0.3)
    assert moved(before, shifted) == ('its transform has changed, by 0.50 m and 0.0 deg',)
    turned = before @ from_euler((0.0, 0.0, 0.0), 0.0, 0.0, np.radians(5.0))
    assert moved(before, turned) == ('its transform has changed, by 0.00 m and 5.0 deg',)
    opposite = before @ from_euler((0.0, 0.0, 0.0), np.pi, 0.0, 0.0)
    assert moved(before, opposite) == ('its transform has changed, by 0.00 m and 180.0 deg',)


def test_rounding_is_no_move():
    before = from_euler((1.0, 2.0, 3.0), 0.1, 0.2, 0.3)
    assert moved(before, before) == ()
    assert moved(before, from_euler((1.0, 2.0, 3.0005), 0.1, 0.2, 0.30005)) == ()

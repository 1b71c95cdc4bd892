# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.sim.materials import Surface
from mm_fusion_ros.sim.world.streets import Turn


def along(path, step_m=1.0):
    return path.at(np.linspace(0.0, path.length_m, max(int(path.length_m / step_m), 2)))


def test_a_lane_goes_on_where_it_ends_without_a_bend(place):
    lanes = place.site.streets.lanes
    for lane in lanes:
        end = lane.path.at(np.array([lane.path.length_m]))
        assert lane.followers
        for follower in lane.followers:
            start = lanes[follower].path.at(np.zeros(1))
            assert np.linalg.norm(start.positions - end.positions) < 0.05
            assert abs(wrap_angle(start.headings - end.headings)) < np.radians(2.0)


def test_every_lane_can_be_reached(place):
    lanes = place.site.streets.lanes
    seen, front = set(), [0]
    while front:
        lane = front.pop()
        if lane not in seen:
            seen.add(lane)
            front += lanes[lane].followers
    # An inner lane may begin in the middle of nowhere: one would change to it.
    starts = np.concatenate([lane.path.at(np.zeros(1)).positions for lane in lanes])
    for index in set(range(len(lanes))) - seen:
        gaps = np.linalg.norm(starts[sorted(seen)] - starts[index], axis=1)
        assert gaps.min() == pytest.approx(lanes[index].width_m, abs=0.01)


def test_lanes_lie_on_carriageways(place):
    positions = np.concatenate([along(lane.path).positions for lane in place.site.streets.lanes])
    assert (place.whole.is_drivable.ravel()[place.whole.cells(positions)] == 255).all()


def test_a_car_keeps_off_the_kerb_in_every_lane(place):
    for lane in place.site.streets.lanes:
        on = along(lane.path)
        left = np.stack([-np.sin(on.headings), np.cos(on.headings)], axis=1)
        for side in (-1.0, 1.0):
            cells = place.whole.cells(on.positions + side * left)
            assert (place.whole.is_drivable.ravel()[cells] == 255).all()


def test_turns_are_as_wide_as_a_car_needs(place):
    for lane in place.site.streets.lanes:
        if lane.junction >= 0:
            bend = np.abs(along(lane.path, 0.5).curvatures).max()
            assert 1.0 / bend > (5.0 if lane.turn == Turn.RIGHT else 6.0)
            turned = wrap_angle(np.diff(along(lane.path).headings)).sum()
            assert lane.turn == Turn.STRAIGHT or (turned > 0) == (lane.turn == Turn.LEFT)
            assert lane.speed_mps**2 * bend < 3.0


def test_people_walk_on_sidewalks(place):
    positions = np.concatenate([along(walk).positions for walk in place.site.streets.walks])
    surface = place.whole.surface.ravel()[place.whole.cells(positions)]
    assert np.isin(surface, [Surface.SIDEWALK, Surface.KERB, Surface.SOIL]).all()


def test_a_crosswalk_leads_from_kerb_to_kerb(place):
    for crossing in place.site.streets.crossings:
        length = crossing.path.length_m
        within = place.whole.cells(
            crossing.path.at(np.linspace(0.4, length - 0.4, 12)).positions)
        assert (place.whole.is_drivable.ravel()[within] == 255).all()
        assert (place.whole.is_crosswalk.ravel()[within] == 255).all()
        beyond = place.whole.cells(crossing.path.at(np.array([-0.5, length + 0.5])).positions)
        assert (place.whole.is_drivable.ravel()[beyond] == 0).all()


def test_lanes_end_before_the_crosswalk(place):
    ends = np.concatenate([
        lane.path.at(np.array([lane.path.length_m])).positions
        for lane in place.site.streets.lanes if lane.junction < 0])
    assert not place.whole.is_crosswalk.ravel()[place.whole.cells(ends)].any()


def test_streets_that_cross_are_never_green_together(place):
    streets = place.site.streets
    for junction in {lane.junction for lane in streets.lanes} - {-1}:
        arrivals = [lane for lane in streets.lanes if lane.signal >= 0 and any(
            streets.lanes[after].junction == junction for after in lane.followers)]
        signals = {lane.signal: streets.signals[lane.signal] for lane in arrivals}
        for time_s in np.arange(0.0, 120.0, 0.7):
            headings = [s.heading_rad for s in signals.values() if s.may_go(time_s)]
            assert all(abs(np.sin(a - b)) < 0.8 for a in headings for b in headings)


def test_a_signal_stands_to_the_right_of_its_lane_and_looks_back(place):
    streets = place.site.streets
    for lane in streets.lanes:
        if lane.signal >= 0:
            signal = streets.signals[lane.signal]
            end = lane.path.at(np.array([lane.path.length_m]))
            offset = signal.position[:2] - end.positions[0]
            left = np.array([-np.sin(end.headings[0]), np.cos(end.headings[0])])
            assert -12.0 < offset @ left < -1.5
            assert abs(wrap_angle(signal.heading_rad - end.headings[0])) < 0.3
            ground = place.site.height(signal.position[None, :2])[0]
            assert 2.5 < signal.position[2] - ground < 3.5


def test_one_parks_beside_the_lanes(place):
    streets = place.site.streets
    if not streets.parking:
        pytest.skip('this site has no parking lanes')
    spaces = np.array([space.position for space in streets.parking])
    assert (place.whole.is_drivable.ravel()[place.whole.cells(spaces)] == 255).all()
    for lane in streets.lanes:
        middle = along(lane.path).positions
        gaps = np.linalg.norm(spaces[:, None] - middle, axis=2)
        assert gaps.min() > lane.width_m / 2 + 0.8

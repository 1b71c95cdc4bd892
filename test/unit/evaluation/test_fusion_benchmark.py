# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of the fusion network: who answers what, who is compared, what is aimed at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support import small_model
from support.benchmark_modules import imported
from support.detections import boxes

from mm_fusion_ros.detection.detections import Detections
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.evaluation.held_out import CONDITIONS, HeldOutFrame
from mm_fusion_ros.model.card import ModelCard
from mm_fusion_ros.sim.truth import MapTruth

PLACES = [(12, 3), (-20, 8), (30, -15), (5, -9)]
DRAWS = 20


@pytest.fixture(scope='module')
def bench():
    with imported('_held_out_runs', '_fusion_targets', 'fusion') as modules:
        yield modules


class Detector:
    """Finds the first so many of the objects."""

    looks_at = ('lidar', 'camera')

    def __init__(self, finds):
        self.finds, self.resets = finds, 0

    def reset(self):
        self.resets += 1

    def detect(self, frame):
        found = boxes(PLACES, scores=0.9)[:self.finds]
        return Detections(found, np.zeros((len(found), 3), np.float32))


def network(bench, name, finds=4, *, trained=100, lidar=True, cameras=True):
    settings = replace(small_model.NETWORK, uses_lidar=lidar, uses_cameras=cameras)
    card = ModelCard(name=name, checkpoint='a.safetensors', sha256='0' * 64,
                     trained_frames=trained,
                     grid=small_model.GRID, network=settings)
    return bench.held_out_runs.Network(name, card, Detector(finds))


def frames():
    unmarked = np.zeros((20, 20), np.bool_)
    ground = MapTruth(1.0, 10.0, unmarked, unmarked, unmarked)
    truth = boxes(PLACES)
    return [HeldOutFrame(small_model.frame(number=number), truth, np.ones(4, np.bool_),
                         np.zeros(4, np.int8), ground, f'scene {number // 2}')
            for number in range(4)]


def runs_of(bench, networks, conditions=('full', 'no camera', 'no LiDAR')):
    return {(run.network, name): run for name in conditions
            for run in bench.held_out_runs.run_condition(name, frames(), networks, DRAWS)}


def test_each_scene_is_answered_afresh(bench):
    one = network(bench, 'one')
    run, = bench.held_out_runs.run_condition('full', frames(), [one], DRAWS)
    assert one.detector.resets == 2
    assert run.mean_ap == pytest.approx(1.0)
    assert run.matches[0].scenes == ('scene 0', 'scene 1')
    assert run.maps.coverage == pytest.approx([0, 0, 0])  # it says nothing of the ground
    night, = bench.held_out_runs.run_condition('night', frames(), [one], DRAWS)
    assert night.maps is None


def test_a_network_is_compared_with_the_fusion_that_was_trained_as_long(bench):
    short, long = (network(bench, name, trained=count) for name, count in (('s', 50), ('l', 900)))
    single = network(bench, 'lidar', trained=50, cameras=False)
    compared = bench.fusion_targets.compared
    assert compared(single, [long, single, short]) is short
    assert compared(single, [long, single]) is long
    assert compared(single, [single]) is None


def test_fusion_is_aimed_above_its_parts_and_as_good_as_them_where_the_other_is_gone(bench):
    networks = [network(bench, 'both', 3), network(bench, 'lidar', 2, cameras=False),
                network(bench, 'camera', 4, lidar=False)]
    found = bench.fusion_targets.targets(networks, runs_of(bench, networks), DRAWS)
    by_name = {target.what: target for target in found}
    assert by_name['mAP, all sensors'].is_met
    assert by_name['both, full, mAP above the LiDAR-only lidar'].is_met
    assert by_name['both, no camera, mAP above the LiDAR-only lidar'].is_met
    assert not by_name['both, full, mAP above the camera-only camera'].is_met
    assert not by_name['both, no LiDAR, mAP above the camera-only camera'].is_met
    assert by_name['AP of car'].is_met
    assert not by_name['AP of bus'].is_met  # there is none


def test_what_a_fault_costs_is_a_share(bench):
    good = network(bench, 'both', 4)
    late = 'cameras 80 ms late, stamps true'
    runs = runs_of(bench, [good], ('full',))
    run, = bench.held_out_runs.run_condition(late, frames(), [network(bench, 'both', 2)], DRAWS)
    (cost,) = [target for target in bench.fusion_targets.targets(
        [good], runs | {('both', late): run}, DRAWS) if 'lost' in target.what]
    assert cost.value == pytest.approx(1.0 - run.mean_ap)
    assert not cost.is_met


def test_conditions_of_the_targets_exist(bench):
    names = {condition.name for condition in CONDITIONS}
    assert {*bench.fusion_targets.MOST_COST, *bench.fusion_targets.MOST_LOSS,
            *bench.held_out_runs.WITH_MAPS} <= names


def test_conditions_are_chosen_by_name(bench):
    chosen = bench.fusion.chosen_conditions
    assert chosen([]) == CONDITIONS
    assert [each.name for each in chosen(['fog'])] == ['fog']
    with pytest.raises(ConfigError, match=r"condition: expected one of full, .*, got 'snow'"):
        chosen(['snow'])


def test_a_table_tells_of_network_maps_and_slices(bench, capsys):
    one = network(bench, 'one', 3)
    runs = runs_of(bench, [one], ('full', 'no LiDAR'))
    assert bench.fusion.print_objects(list(runs.values()), 2)['car']['all'] == 16
    table = bench.fusion.print_network(one, list(runs.values()))
    assert [(row.condition, row.slice) for row in table.rows] == [
        ('full', 'all'), ('full', '0-20 m'), ('full', '20-35 m'), ('full', '35-51 m'),
        ('full', 'in view'), ('no LiDAR', 'all')]
    said = capsys.readouterr().out
    assert 'one: attention of lidar and camera, 100 frames of training' in said
    assert 'map IoU, no LiDAR' in said

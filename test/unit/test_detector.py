# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The network as a detector: what it answers, and what it refuses."""

from dataclasses import replace
import itertools

import numpy as np
import pytest
from support.small_model import camera, frame, GRID, lidar, moving, network_of, small_card
import torch
from torch.utils import _pytree as pytree

from mm_fusion_ros.data_types import LidarInput, ObjectClass
from mm_fusion_ros.detection.detector import FusionDetector
from mm_fusion_ros.detection.ground_check import ground_height
from mm_fusion_ros.detection.inference_weights import fold_normalisations, prepare_weights
from mm_fusion_ros.detection.settings import DetectorSettings
from mm_fusion_ros.detection.staging import InputStaging
from mm_fusion_ros.errors import CheckpointError, ConfigError
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.model.decode import decode
from mm_fusion_ros.model.inputs import Memory
from mm_fusion_ros.model.suppression import suppression_limits
from mm_fusion_ros.preprocess.collate import collate
from mm_fusion_ros.preprocess.frame_arrays import FramePreparation

SURE = DetectorSettings(device='cpu', min_score=0.0, max_boxes=50, threads=1)
BOTH = frame(lidars=[lidar()], cameras=[camera(), camera('left', 1.5, 1)])
CPU = torch.device('cpu')


@pytest.fixture(scope='module')
def card(tmp_path_factory):
    return small_card(tmp_path_factory.mktemp('model'))


def detector(card, settings=SURE, cameras=2):
    ticks = itertools.count(0, 1_000_000)
    return FusionDetector(settings, card, cameras, lambda: next(ticks))


def found_the_same(a, b, atol=1e-4):
    return (
        len(a.boxes) == len(b.boxes)
        and np.array_equal(a.boxes.classes, b.boxes.classes)
        and all(np.allclose(getattr(a.boxes, name), getattr(b.boxes, name), atol=atol)
                for name in ('centers', 'sizes', 'scores', 'velocities'))
        and np.allclose(a.shares, b.shares, atol=atol)
        and np.allclose(a.ground.layers, b.ground.layers, atol=atol))


def is_answer(found):
    return np.isfinite(found.boxes.centers).all() and np.isfinite(found.ground.layers).all()


def test_an_answer_holds_boxes_velocities_shares_and_the_ground(card):
    found = detector(card).detect(BOTH)
    assert 0 < len(found.boxes) <= 50
    assert found.boxes.velocities.shape == (len(found.boxes), 3)
    assert set(found.boxes.classes) <= {each for each in ObjectClass if each}
    assert (np.diff(found.boxes.scores) <= 0).all()
    assert found.shares.shape == (len(found.boxes), 3)
    assert found.shares.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert found.ground.layers.shape == (3, GRID.size, GRID.size)
    assert (found.ground.layers >= 0).all()
    assert (found.ground.layers <= 1).all()
    assert found.warnings == ()
    assert [(each.stage, each.elapsed_ms) for each in found.timings_ms] == [
        ('prepare', 1.0), ('upload', 1.0), ('network', 1.0), ('decode', 1.0)]


def test_what_it_is_not_sure_of_is_not_reported(card):
    all_scores = detector(card).detect(BOTH).boxes.scores
    least = float(np.sort(all_scores)[len(all_scores) // 2])
    found = detector(card, replace(SURE, min_score=least)).detect(BOTH)
    np.testing.assert_array_equal(found.boxes.scores, all_scores[all_scores >= least])
    assert len(detector(card, replace(SURE, max_boxes=3)).detect(BOTH).boxes) <= 3


def test_classes_are_those_of_the_card_in_its_order(tmp_path):
    card = small_card(tmp_path, classes=('pedestrian', 'bus'))
    found = detector(card).detect(BOTH)
    assert set(found.boxes.classes) == {ObjectClass.PEDESTRIAN, ObjectClass.BUS}


@pytest.mark.parametrize('seen', [
    frame(lidars=[lidar()]), frame(cameras=[camera()]),
    frame(lidars=[lidar(count=0)], cameras=[camera()]),
], ids=['no camera', 'no LiDAR', 'an empty sweep'])
def test_any_part_of_the_sensors_gets_an_answer_in_which_the_others_have_no_share(card, seen):
    found = detector(card).detect(seen)
    assert is_answer(found)
    absent = [index for index, is_there in enumerate(
        (any(len(each.sweep) for each in seen.lidars), bool(seen.cameras), False))
        if not is_there]
    assert (found.shares[:, absent] == 0).all()


@pytest.mark.parametrize('seen', [frame(), frame(lidars=[lidar(count=0)])])
def test_nothing_at_all_is_an_empty_answer_that_says_so(card, seen, monkeypatch):
    blind = detector(card)
    monkeypatch.setattr(blind, '_answer', None)  # the network is not asked
    found = blind.detect(seen)
    assert (len(found.boxes), found.shares.shape, found.ground) == (0, (0, 3), None)
    assert found.warnings == ('no LiDAR and no camera in this frame: nothing was looked at',)


def test_a_network_without_cameras_does_not_look_at_them(tmp_path):
    card = small_card(tmp_path)
    card = small_card(tmp_path, network=replace(card.network, uses_cameras=False))
    lidar_only = detector(card)
    assert lidar_only.looks_at == ('lidar',)
    assert found_the_same(
        lidar_only.detect(BOTH), detector(card).detect(replace(BOTH, cameras=())), atol=0)
    assert lidar_only.detect(frame(cameras=[camera()])).warnings == (
        'no LiDAR in this frame: nothing was looked at',)


def test_the_order_of_cameras_changes_nothing(card):
    turned = replace(BOTH, cameras=BOTH.cameras[::-1])
    assert found_the_same(detector(card).detect(BOTH), detector(card).detect(turned))


def test_what_absent_slots_hold_changes_nothing(card):
    """Slots that an earlier frame filled, on the way of a GPU, and the plain way of a CPU."""
    network = prepare_weights(network_of(card), CPU, torch.float32)
    preparation = FramePreparation(card.image_width_px, card.image_height_px)
    staging = InputStaging(CPU, (card.image_width_px, card.image_height_px), 2)
    wild = frame(lidars=[lidar(9, 40_000)], cameras=[
        camera('front', 0.5, 5), camera('left', 2.0, 6), camera('right', 4.0, 7)],
        ego=moving(0.0, 1e4))
    for seen in (BOTH, frame(lidars=[lidar()]), frame(cameras=[camera()])):
        arrays = preparation.arrays(seen)
        staging.upload(preparation.arrays(wild))
        given = staging.upload(arrays)
        given.points[len(arrays.points):] = float('nan')
        given.projections[:, len(arrays.images):] = float('nan')
        with torch.inference_mode():
            there, here = network(given), network(collate([arrays]))
        for a, b in zip(there.heads, here.heads, strict=True):
            torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-3)
        torch.testing.assert_close(there.shares, here.shares, atol=1e-4, rtol=1e-3)


def test_slots_keep_their_place_until_there_are_too_few(card):
    preparation = FramePreparation(card.image_width_px, card.image_height_px)
    staging = InputStaging(CPU, (card.image_width_px, card.image_height_px), 1)
    one = preparation.arrays(frame(lidars=[lidar()], cameras=[camera()]))
    first, second = staging.upload(one), staging.upload(one)
    assert [a.data_ptr() for a in first] == [b.data_ptr() for b in second]
    more = staging.upload(preparation.arrays(
        frame(lidars=[lidar(0, 140_000)], cameras=[camera(), camera('left')])))
    assert len(more.points) == 262_144
    assert more.has_camera.tolist() == [[True, True]]
    assert int((more.point_frames == 0).sum()) == 140_000


@pytest.mark.parametrize('fusion', ['attention', 'concat'])
def test_folding_normalisations_changes_no_answer(card, fusion):
    card = replace(card, network=replace(card.network, fusion=fusion))
    preparation = FramePreparation(card.image_width_px, card.image_height_px)
    given = collate([preparation.arrays(BOTH)])
    network = network_of(card)
    with torch.inference_mode():
        before = network(given)
    count = sum(isinstance(each, torch.nn.BatchNorm2d) for each in network.modules())
    fold_normalisations(network)
    left = sum(isinstance(each, torch.nn.BatchNorm2d) for each in network.modules())
    assert left < count / 4
    with torch.inference_mode():
        after = network(given)
    for a, b in zip(before.heads, after.heads, strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(before.shares, after.shares, atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize(('precision', 'atol'), [('bfloat16', 0.08), ('float16', 0.01)])
def test_fewer_bits_say_nearly_the_same(card, precision, atol):
    exact = detector(card).detect(BOTH)
    narrow = detector(card, replace(SURE, precision=precision)).detect(BOTH)
    assert narrow.warnings == ()
    np.testing.assert_allclose(narrow.ground.layers, exact.ground.layers, atol=atol)
    np.testing.assert_allclose(
        np.sort(narrow.boxes.scores)[-20:], np.sort(exact.boxes.scores)[-20:], atol=atol)


def test_numbers_that_are_none_are_left_out_and_said(card):
    broken = detector(card)
    answer = broken._answer

    def nonsense(given, memory):
        output = answer(given, memory)
        heat = output.heads.heat.clone()
        heat[:, 0, 3, 4] = float('nan')
        return output._replace(heads=output.heads._replace(heat=heat))

    broken._answer = nonsense
    found = broken.detect(BOTH)
    assert is_answer(found)
    assert found.warnings == (
        'the network gave no numbers with float32: its answer is incomplete',)


def test_warming_up_leaves_answers_as_they_are(card):
    warm = detector(card)
    warm.warm_up()
    seen = replace(BOTH, ego=moving(0.0))
    assert found_the_same(warm.detect(seen), detector(card).detect(seen), atol=0)


def test_the_same_frames_get_the_same_answers(card):
    seen = [replace(BOTH, stamp_ns=BOTH.stamp_ns + n, ego=moving(n * 1e-7)) for n in range(3)]
    first, second = detector(card), detector(card)
    for each in seen:
        assert found_the_same(first.detect(each), second.detect(each), atol=0)


def test_ground_that_is_elsewhere_is_said_once_a_second(card):
    high = from_euler((0.0, 0.0, 0.0), 0.0, 0.0, 0.0)  # as if the base frame were on the roof
    seen = LidarInput('top', lidar().sweep, high)
    told = detector(card)
    warnings = [told.detect(frame(lidars=[seen], number=n)).warnings for n in range(41)]
    assert [n for n, texts in enumerate(warnings) if texts] == [20, 30, 40]
    assert 'the ground appears to be at z = -1.8 m' in warnings[20][0]
    usual = detector(card)
    assert not any(
        usual.detect(frame(lidars=[lidar()], number=10 * n)).warnings for n in range(4))


@pytest.mark.parametrize(('changes', 'text'), [
    ({'device': 'cuda'}, 'parameter detector.device: expected cpu, or a GPU'),
    ({'accelerate': 'cuda_graph'}, 'parameter detector.accelerate: expected none or compile'),
])
@pytest.mark.skipif(torch.cuda.is_available(), reason='here is a GPU')
def test_what_the_machine_cannot_do_is_refused(card, changes, text):
    with pytest.raises(ConfigError, match=text):
        detector(card, replace(SURE, **changes))


def test_a_card_for_other_pixels_is_refused(card):
    with pytest.raises(ConfigError, match='image_mean, image_scale of model card small'):
        detector(replace(card, image_mean=0.0))


def test_weights_that_are_missing_or_others_are_refused_with_the_remedy(card, tmp_path):
    with pytest.raises(CheckpointError, match='reinstall mm_fusion_ros'):
        detector(replace(card, path=tmp_path / 'small.yaml'))
    with pytest.raises(CheckpointError, match='those with the SHA-256'):
        detector(replace(card, sha256='0' * 64))
    with pytest.raises(CheckpointError, match='the model card must be the one'):
        detector(replace(card, network=replace(card.network, bev_channels=16)))


def test_off_the_cpu_no_number_is_read_back(card):
    """So that CUDA graphs can hold it; without numbers a read raises."""
    def away(tensors):
        return pytree.tree_map_only(torch.Tensor, lambda each: each.to('meta'), tensors)

    network = network_of(card).to('meta')
    arrays = FramePreparation(card.image_width_px, card.image_height_px).arrays(BOTH)
    given = away(collate([arrays]))
    memory = away(Memory(
        torch.zeros(1, 8, GRID.size, GRID.size), torch.eye(3)[None], torch.ones(1) > 0))
    limits = away(suppression_limits(card.object_classes))
    with torch.inference_mode():
        decoded = decode(network(given, memory), GRID, limits, 50)
    assert decoded.boxes.shape == (1, 50, 7)


def test_a_compiled_network_says_the_same(card, monkeypatch):
    """On slots that keep their place; the compiler itself takes minutes."""
    compiled = []
    monkeypatch.setattr(torch, 'compile', lambda function, dynamic: compiled.append(
        function) or function)
    fast, plain = detector(card, replace(SURE, accelerate='compile')), detector(card)
    assert len(compiled) == 1
    for number in range(2):
        seen = replace(frame(lidars=[lidar(number)], cameras=[camera()], number=number),
                       ego=moving(0.8 * number))
        assert found_the_same(fast.detect(seen), plain.detect(seen))


def test_where_nothing_can_be_compiled_the_reason_is_given(card, monkeypatch):
    def without_compiler(*arguments):
        raise RuntimeError('no C++ compiler\nand more of it')

    monkeypatch.setattr(torch, 'compile', lambda function, dynamic: without_compiler)
    with pytest.raises(ConfigError, match=r'accelerate: .*, got compile: no C\+\+ compiler$'):
        detector(card, replace(SURE, accelerate='compile')).warm_up()


def test_a_layer_of_ground_is_needed_to_tell_where_it_is():
    rng = np.random.default_rng(0)
    places = rng.uniform(-8.0, 8.0, (4000, 2))
    wall = np.column_stack([places, rng.uniform(0.0, 4.0, 4000)]).astype(np.float32)
    assert ground_height(wall) is None
    assert ground_height(wall[:100]) is None
    floor = np.column_stack([places, rng.normal(-0.7, 0.02, 4000)]).astype(np.float32)
    assert ground_height(np.concatenate([floor, wall])) == pytest.approx(-0.7, abs=0.1)

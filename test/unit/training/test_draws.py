# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Which sample comes when follows from the seed and the number of the draw alone."""

from __future__ import annotations

import numpy as np
import pytest
from support.small_recipe import small_recipe
from support.training_batch import moved_on, near_sample
import torch
from torch.utils.data import DataLoader

from mm_fusion_ros.training import draws
from mm_fusion_ros.training.augment.dropout import with_cameras
from mm_fusion_ros.training.batch import batched
from mm_fusion_ros.training.draws import DrawnSamples, DrawNumbers


class NumberedSource:
    """Samples that can be told apart, and a note of what was asked for."""

    def __init__(self, first: int, count: int) -> None:
        self._first, self._count = first, count
        self.asked = []

    def __len__(self):
        return self._count

    def sample(self, number, choice, remembers):
        cameras = choice(2)
        self.asked.append((self._first + number, cameras, remembers))
        before = with_cameras(near_sample(self._first + number), cameras)
        return moved_on(before), before if remembers else None


@pytest.fixture
def sources(monkeypatch):
    made = (NumberedSource(0, 3), NumberedSource(3, 4))
    monkeypatch.setattr(draws, 'sample_sources', lambda settings, cache: made)
    return made


def drawn(tmp_path, **changes):
    return DrawnSamples(small_recipe(tmp_path, **changes), tmp_path)


def equal(one, other) -> bool:
    def arrays(part):
        if isinstance(part, tuple):
            return [array for each in part for array in arrays(each)]
        if hasattr(part, '__slots__'):
            return [np.asarray(getattr(part, name)) for name in part.__slots__]
        return [] if part is None else [np.asarray(part)]

    left, right = arrays(one), arrays(other)
    return len(left) == len(right) and all(map(np.array_equal, left, right))


def test_every_frame_comes_once_before_any_comes_again(tmp_path, sources):
    samples = drawn(tmp_path)
    assert len(samples) == 7
    for first in (0, 7, 14):
        for source in sources:
            source.asked.clear()
        for draw in range(first, first + 7):
            samples[draw]
        asked = [each[0] for source in sources for each in source.asked]
        assert sorted(asked) == list(range(7))
    orders = [draws._order(0, number, 7).tolist() for number in range(3)]
    assert orders[0] != orders[1] != orders[2]


def test_a_draw_is_the_same_whenever_it_is_drawn(tmp_path, sources):
    samples = drawn(tmp_path)
    forward = [samples[draw] for draw in range(10)]
    again = drawn(tmp_path)
    assert all(equal(again[draw], forward[draw]) for draw in reversed(range(10)))
    assert not equal(forward[0], forward[7])
    other = drawn(tmp_path, schedule__seed=1)
    assert not any(equal(other[draw], forward[draw]) for draw in range(10))


def test_as_many_cameras_and_lidars_are_there_as_the_recipe_says(tmp_path, sources):
    samples = drawn(tmp_path, data__camera_shares=(0.2, 0.5, 0.3), data__lidar_share=0.5)
    seen = [samples[draw].frame for draw in range(80)]
    counts = np.bincount([len(frame.images) for frame in seen], minlength=3) / len(seen)
    np.testing.assert_allclose(counts, (0.2, 0.5, 0.3), atol=0.15)
    with_camera = [frame.has_lidar for frame in seen if len(frame.images)]
    assert 0.35 < np.mean(with_camera) < 0.65
    assert all(frame.has_lidar for frame in seen if not len(frame.images))
    for source in sources:
        assert {0, 1} == {each for _, chosen, _ in source.asked for each in chosen}


def test_who_asks_for_more_cameras_than_there_are_gets_all(tmp_path, sources):
    samples = drawn(tmp_path, data__camera_shares=(0.0, 0.0, 0.0, 1.0))
    assert {len(samples[draw].frame.images) for draw in range(4)} == {2}


def test_the_frame_before_is_remembered_as_often_as_the_recipe_says(tmp_path, sources):
    samples = drawn(tmp_path, data__memory_share=0.3)
    drawn_ = [samples[draw] for draw in range(40)]
    remembered = [each for each in drawn_ if each.previous is not None]
    assert 5 <= len(remembered) <= 20
    for each in remembered:
        # Mirrored and turned alike, and of the same sensors.
        assert each.previous.has_lidar == each.frame.has_lidar
        assert len(each.previous.images) == len(each.frame.images)
        assert np.linalg.norm(each.T_previous_base[:2, 3]) == pytest.approx(
            np.hypot(0.9, 0.2), rel=0.11)
    never = drawn(tmp_path, data__memory_share=0.0)
    assert all(never[draw].previous is None for draw in range(20))


def test_workers_give_the_same_batches_in_the_same_order(tmp_path, sources):
    recipe_samples = drawn(tmp_path)

    def batches(workers):
        loader = DataLoader(recipe_samples, batch_size=2, sampler=DrawNumbers(0, 3, 2),
                            collate_fn=batched, num_workers=workers)
        return [batch.given.points for batch in loader]

    alone, shared = batches(0), batches(2)
    assert len(alone) == 3
    for one, other in zip(alone, shared, strict=True):
        assert torch.equal(one, other)


def test_processes_share_the_draws_of_each_step():
    numbers = [list(DrawNumbers(0, 3, 2, rank, 2)) for rank in range(2)]
    assert numbers == [[0, 1, 4, 5, 8, 9], [2, 3, 6, 7, 10, 11]]
    assert list(DrawNumbers(0, 3, 4)) == sorted(numbers[0] + numbers[1])
    assert len(DrawNumbers(0, 3, 2, 1, 2)) == 6


def test_going_on_from_a_step_draws_what_would_have_come():
    assert list(DrawNumbers(0, 2, 3)) + list(DrawNumbers(2, 4, 3)) == list(DrawNumbers(0, 4, 3))
    assert list(DrawNumbers(4, 4, 3)) == []

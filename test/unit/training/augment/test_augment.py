# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""All changes at once: by chance that can be repeated, and without touching what was given."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.training_sample import base_points, small_sample

from mm_fusion_ros.config import build, walk
from mm_fusion_ros.data_types import Boxes3D, SensorFrame
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.geometry.transforms import inverse
from mm_fusion_ros.training.augment.augment import augment
from mm_fusion_ros.training.augment.settings import (
    AugmentSettings,
    MountingSettings,
    PictureSettings,
    SweepSettings,
    WeatherSettings,
    WorldSettings,
)
from mm_fusion_ros.training.sample import TrainingSample

SAMPLE = small_sample(has_area=True)
EVERYTHING = AugmentSettings(
    sweep=SweepSettings(thinning_share=1.0, short_range_share=1.0),
    picture=PictureSettings(noise_share=1.0, blur_share=1.0, jpeg_share=1.0),
    weather=WeatherSettings(fog_share=1.0, dark_share=1.0, rain_share=1.0),
)


def arrays(part, path=''):
    """Yield all arrays and numbers of nested dataclasses and tuples with their names."""
    if is_dataclass(part):
        for item in fields(part):
            yield from arrays(getattr(part, item.name), f'{path}.{item.name}')
    elif isinstance(part, tuple):
        for number, item in enumerate(part):
            yield from arrays(item, f'{path}.{number}')
    else:
        yield path, part


def assert_equal(one, other):
    left, right = dict(arrays(one)), dict(arrays(other))
    assert left.keys() == right.keys()
    for name, value in left.items():
        np.testing.assert_array_equal(value, right[name], name)


def off() -> AugmentSettings:
    """Give settings that are 0 where they may be."""
    return build(AugmentSettings, {
        item.name: type(item.default)(0) for item in walk(AugmentSettings)
        if not item.minimum})


def test_settings_of_zero_change_nothing():
    assert_equal(augment(SAMPLE, off(), np.random.default_rng(0)), SAMPLE)


@given(st.integers(0, 2**32))
@settings(max_examples=15)
def test_the_same_chance_gives_the_same_sample_and_leaves_the_given_one_alone(seed):
    sample = small_sample()
    for _, value in arrays(sample):
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    one, other = (augment(sample, EVERYTHING, np.random.default_rng(seed)) for _ in range(2))
    assert_equal(one, other)
    assert_equal(sample, small_sample())


@given(st.integers(0, 2**32))
@settings(max_examples=15)
def test_boxes_count_the_points_that_are_left_in_them(seed):
    chosen = replace(EVERYTHING, mounting=MountingSettings(lidar_turn_deg=0.0, lidar_shift_m=0.0))
    after = augment(SAMPLE, chosen, np.random.default_rng(seed))
    if after.frame.lidars:
        counts = count_points(base_points(after), after.boxes)
        assert np.abs(counts - after.boxes.num_points).max() <= 1  # rounding at a face


def test_the_frame_before_a_frame_stays_that():
    step = np.eye(4)
    step[:3, 3] = (0.8, 0.0, 0.0)
    ego = SAMPLE.frame.ego
    before = replace(small_sample(1), frame=replace(
        small_sample(1).frame, ego=replace(ego, T_odom_base=ego.T_odom_base @ inverse(step))))
    only_world = replace(off(), world=WorldSettings(scale_spread=0.0))
    for seed in range(8):
        now, then = (augment(each, only_world, np.random.default_rng(seed))
                     for each in (SAMPLE, before))
        np.testing.assert_array_equal(
            now.frame.lidars[0].T_base_lidar, then.frame.lidars[0].T_base_lidar)
        motion = inverse(then.frame.ego.T_odom_base) @ now.frame.ego.T_odom_base
        np.testing.assert_allclose(motion[:3, 3] / 0.1, now.frame.ego.twist[:3], atol=0.15)
        assert np.linalg.norm(motion[:3, 3]) == pytest.approx(0.8)


def test_a_sample_of_nothing_is_augmented():
    sample = TrainingSample(SensorFrame(0, 'base_link'), Boxes3D.empty(), np.empty(0, np.bool_))
    after = augment(sample, EVERYTHING, np.random.default_rng(0))
    assert len(after.boxes) == 0
    assert after.frame.cameras == after.frame.lidars == ()


def test_settings_are_parameters_that_refuse_what_is_out_of_range():
    assert len({item.name for item in walk(AugmentSettings)}) > 25
    assert build(AugmentSettings, {'world.mirror_share': 0}).world.mirror_share == 0.0
    with pytest.raises(ConfigError, match=r'parameter sweep\.max_loss'):
        build(AugmentSettings, {'sweep.max_loss': 1.5})

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Frames for training: each once, the same from any number of workers, and from the cache."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from torch.utils.data import DataLoader

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.sim.dataset import FrameSource, SimulatedFrames

SOURCE = FrameSource('demo', first_seed=4, worlds=2, frames_per_world=2, world_s=4.0)


@pytest.fixture(scope='module')
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp('frames')


@pytest.fixture(scope='module')
def rendered(cache):
    return list(SimulatedFrames(SOURCE, cache))


def fingerprint(labelled):
    frame = labelled.frame
    return (frame.stamp_ns, frame.lidars[0].sweep.points.tobytes(),
            frame.cameras[0].image.pixels.tobytes(), labelled.boxes.centers.tobytes(),
            labelled.ground.is_lane_line.tobytes(), frame.lidars[0].T_base_lidar.tobytes())


def test_every_frame_comes_once_with_its_labels(rendered):
    assert len(rendered) == len(SimulatedFrames(SOURCE)) == 4
    assert len({fingerprint(frame) for frame in rendered}) == 4
    for labelled in rendered:
        assert labelled.visible_px.shape == (1, len(labelled.boxes))
        assert np.isfinite(labelled.twist).all()


def test_vehicles_carry_the_rig_in_their_own_way(rendered):
    heights = [frame.frame.lidars[0].T_base_lidar[2, 3] for frame in rendered]
    assert heights[0] == heights[1] != heights[2]


def test_workers_render_the_same_frames(rendered):
    loader = DataLoader(SimulatedFrames(SOURCE), batch_size=None, num_workers=2)
    assert {fingerprint(frame) for frame in loader} == {fingerprint(frame) for frame in rendered}


def test_the_cache_gives_the_same_frames(rendered, cache):
    files = {path: path.stat().st_mtime_ns for path in cache.rglob('*.npz')}
    assert len(files) == 4
    again = list(SimulatedFrames(SOURCE, cache))
    assert list(map(fingerprint, again)) == list(map(fingerprint, rendered))
    assert files == {path: path.stat().st_mtime_ns for path in cache.rglob('*.npz')}


def test_another_source_does_not_take_what_is_cached(cache):
    fewer = FrameSource('demo', first_seed=4, worlds=1, frames_per_world=1, world_s=3.0)
    frames = list(SimulatedFrames(fewer, cache))
    assert len(frames) == 1
    assert len(list(cache.iterdir())) == 2


def test_frames_are_of_different_measurements_however_many():
    source = FrameSource('demo', first_seed=4, worlds=1, frames_per_world=10, world_s=3.0)
    stamps = [frame.frame.stamp_ns for frame in SimulatedFrames(source)]
    assert stamps == sorted(set(stamps))
    assert len(stamps) == 10


def test_bursts_follow_each_other_closely_and_do_not_overlap():
    source = FrameSource('demo', first_seed=4, worlds=1, frames_per_world=6, world_s=4.0, burst=3)
    stamps = np.array([frame.frame.stamp_ns for frame in SimulatedFrames(source)]).reshape(2, 3)
    gaps = np.diff(stamps, axis=1) / 1e8
    assert ((gaps > 0.9) & (gaps < 3.1)).all()
    assert stamps[1, 0] > stamps[0, -1]
    with pytest.raises(ConfigError, match='frames_per_world: expected up to 6 in 4 s, got 15'):
        SimulatedFrames(FrameSource('demo', frames_per_world=15, world_s=4.0, burst=3))


def test_the_same_instants_are_seen_in_any_weather(rendered):
    night = list(SimulatedFrames(replace(SOURCE, worlds=1, weather='night')))
    for dark, usual in zip(night, rendered, strict=False):
        assert dark.frame.stamp_ns == usual.frame.stamp_ns
        assert (dark.boxes.centers == usual.boxes.centers).all()
        assert (dark.frame.cameras[0].image.pixels != usual.frame.cameras[0].image.pixels).any()


def test_more_frames_than_there_are_measurements_are_refused():
    with pytest.raises(ConfigError, match='frames_per_world: expected up to 10 in 3 s, got 11'):
        SimulatedFrames(FrameSource('demo', frames_per_world=11, world_s=3.0))


def test_a_wrong_rig_is_told_at_once():
    with pytest.raises(ConfigError, match='rig: expected one of'):
        SimulatedFrames(FrameSource('nothing'))


@pytest.mark.parametrize(('values', 'text'), [
    ({'worlds': -3}, 'worlds: expected 1 or more, got -3'),
    ({'frames_per_world': 0}, 'frames_per_world: expected 1 or more, got 0'),
    ({'burst': 0}, 'burst: expected 1 or more, got 0'),
    ({'burst': 3}, 'frames_per_world: expected a multiple of burst 3, got 20'),
    ({'first_seed': -1}, 'first_seed: expected 0 or more, got -1'),
    ({'world_s': 1.0}, 'world_s: expected more than 2 s, got 1.0'),
    ({'world_s': float('nan')}, 'world_s: expected more than 2 s, got nan'),
    ({'weather': 'snow'}, "weather: expected one of .*, got 'snow'"),
])
def test_a_source_without_frames_is_refused(values, text):
    with pytest.raises(ConfigError, match=text):
        FrameSource('demo', **values)

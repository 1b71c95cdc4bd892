# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Frames survive the way into a file and back, whole; what is no frame is refused."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from mm_fusion_ros.data_types import (
    Boxes3D,
    CameraImage,
    CameraInput,
    LidarInput,
    LidarSweep,
    SensorFrame,
    SensorState,
)
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.sim.frame_files import load_frame, save_frame
from mm_fusion_ros.sim.frames import LabelledFrame
from mm_fusion_ros.sim.truth import MapTruth


def labelled_frame(boxes: int = 3) -> LabelledFrame:
    rng = np.random.default_rng(boxes)
    sweep = LidarSweep(
        5, 'lidar_top', rng.normal(size=(7, 3)).astype(np.float32),
        rng.random(7).astype(np.float32), np.arange(7, dtype=np.uint16),
        np.arange(7, dtype=np.int32))
    image = CameraImage(
        6, 'camera_front_optical', rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    model = CameraModel(8, 6, np.eye(3, 4), 'plumb_bob', np.full(5, 0.01))
    T = np.eye(4)
    return LabelledFrame(
        SensorFrame(
            5, 'base_link', (LidarInput('top', sweep, T),),
            (CameraInput('front', image, model, T),),
            (SensorState('top', 'lidar', True), SensorState('front', 'camera', True))),
        Boxes3D(
            rng.normal(size=(boxes, 3)), rng.uniform(1, 2, (boxes, 3)), rng.normal(size=boxes),
            np.ones(boxes, np.float32), np.ones(boxes, np.int8),
            rng.normal(size=(boxes, 3)).astype(np.float32), np.arange(boxes),
            np.arange(boxes, dtype=np.int32)),
        np.arange(boxes, dtype=np.int32)[None], rng.random((1, boxes)).astype(np.float32),
        (np.where(np.eye(6, 8), np.inf, 7.25).astype(np.float32),),
        MapTruth(0.5, 1.0, *rng.random((3, 4, 4)).round().astype(np.bool_)), T, np.arange(6.0),
        np.arange(2), np.stack([T, T]))


def assert_same(a, b):
    if hasattr(a, '__dataclass_fields__'):
        for item in fields(a):
            assert_same(getattr(a, item.name), getattr(b, item.name))
    elif isinstance(a, tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert_same(one, other)
    else:
        np.testing.assert_array_equal(a, b)
        assert np.asarray(a).dtype == np.asarray(b).dtype


@pytest.mark.parametrize('boxes', [0, 3])
def test_a_frame_is_read_as_it_was_written(tmp_path, boxes):
    frame = labelled_frame(boxes)
    save_frame(frame, tmp_path / 'new' / 'frame.npz')
    assert_same(frame, load_frame(tmp_path / 'new' / 'frame.npz'))
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['frame.npz']


def test_depth_is_kept_within_a_thousandth(tmp_path):
    depth_m = np.linspace(0.5, 900.0, 48, dtype=np.float32).reshape(6, 8)
    save_frame(replace(labelled_frame(), depths_m=(depth_m,)), tmp_path / 'frame.npz')
    np.testing.assert_allclose(load_frame(tmp_path / 'frame.npz').depths_m[0], depth_m, rtol=1e-3)


@pytest.mark.parametrize('content', [b'', b'nonsense', b'PK\x03\x04nonsense'])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / 'frame.npz').write_bytes(content)
    with pytest.raises(BagError, match=r'frame file .*frame\.npz: expected a labelled frame'):
        load_frame(tmp_path / 'frame.npz')


def test_an_archive_of_something_else_is_refused(tmp_path):
    np.savez(tmp_path / 'frame.npz', a=np.zeros(3))
    with pytest.raises(BagError, match='expected a labelled frame'):
        load_frame(tmp_path / 'frame.npz')

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Frames of any number of points and cameras fit into one batch, and into slots."""

from __future__ import annotations

import numpy as np
import torch

from mm_fusion_ros.preprocess.collate import collate
from mm_fusion_ros.preprocess.frame_arrays import FrameArrays


def arrays(points, cameras, seed=0, *, has_lidar=True):
    rng = np.random.default_rng(seed)
    return FrameArrays(
        rng.random((points, 5), np.float32), has_lidar,
        rng.integers(0, 256, (cameras, 4, 6, 3), np.uint8),
        rng.random((cameras, 3, 4), np.float32), rng.random(4, np.float32))


def test_what_a_frame_lacks_is_an_empty_slot():
    frames = [arrays(5, 2), arrays(0, 0, 1, has_lidar=False), arrays(3, 3, 2)]
    given = collate(frames)
    assert given.points.shape == (8, 5)
    assert given.point_frames.tolist() == [0] * 5 + [2] * 3
    assert given.has_lidar.tolist() == [True, False, True]
    assert given.images.shape == (3, 3, 3, 4, 6)
    assert given.has_camera.tolist() == [
        [True, True, False], [False, False, False], [True, True, True]]
    np.testing.assert_array_equal(
        given.images[0, 1].permute(1, 2, 0), frames[0].images[1])
    np.testing.assert_array_equal(given.projections[2], frames[2].projections)
    assert given.images[1].max() == given.projections[1].abs().max() == 0
    np.testing.assert_array_equal(given.ego[1], frames[1].ego)
    assert [each.dtype for each in given] == [
        torch.float32, torch.int64, torch.bool, torch.uint8, torch.float32, torch.bool,
        torch.float32]


def test_no_camera_anywhere_is_no_slot():
    given = collate([arrays(5, 0)])
    assert given.images.shape == (1, 0, 3, 4, 6)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Bins of depth: even in its logarithm, and the same for whatever looks the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.small_network import looking
import torch

from mm_fusion_ros.model.depth_bins import depth_position, focal_lengths


def position(depth_m, focal_px=355.0, bins=40):
    return float(depth_position(torch.tensor(float(depth_m)), torch.tensor(focal_px), bins))


def test_the_first_bin_is_the_nearest_and_the_last_the_farthest():
    assert position(2.0) == pytest.approx(0.0, abs=1e-5)
    assert position(70.0) == pytest.approx(39.0, abs=1e-4)
    assert position(math.sqrt(2.0 * 70.0)) == pytest.approx(19.5, abs=1e-4)
    assert position(1.0) < 0.0
    assert position(100.0) > 39.0


def test_equal_ratios_are_equally_many_bins():
    steps = [position(2.0 * 1.3**power) for power in range(8)]
    np.testing.assert_allclose(np.diff(steps), np.diff(steps)[0], rtol=1e-3)


def test_twice_as_far_at_twice_the_focal_length_is_the_same():
    assert position(20.0, 355.0) == pytest.approx(position(40.0, 710.0), abs=1e-5)
    assert position(20.0, 355.0) > position(20.0, 710.0)


@pytest.mark.parametrize('depth', [0.0, -5.0])
def test_what_is_not_ahead_is_the_nearest_there_is(depth):
    assert math.isfinite(position(depth))
    assert position(depth) < 0.0


@pytest.mark.parametrize('focal_px', [36.0, 500.0])
def test_the_focal_length_is_told_by_any_projection(focal_px):
    P = torch.tensor(np.stack([looking(yaw, focal_px) for yaw in (0.0, 77.0, -140.0)]))
    np.testing.assert_allclose(focal_lengths(P), focal_px)
    assert focal_lengths(P[None]).shape == (1, 3)
    assert focal_lengths(torch.zeros(1, 3, 4)).item() == 0.0

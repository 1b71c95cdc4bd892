# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.sim.world.path import Path
from mm_fusion_ros.sim.world.streets import Turn
from mm_fusion_ros.sim.world.turning import turning


def lane(start, heading_rad, length_m=30.0) -> Path:
    along = np.array([np.cos(heading_rad), np.sin(heading_rad)])
    return Path(np.asarray(start) + np.linspace(0, length_m, 11)[:, None] * along)


@given(st.floats(1.0, 2.1), st.sampled_from([Turn.LEFT, Turn.RIGHT]))
def test_a_turn_leaves_and_joins_lanes_in_their_direction(angle, turn):
    sign = 1.0 if turn == Turn.LEFT else -1.0
    source = lane((-48.0, 0.0), 0.0)  # ends at (-18, 0), the lanes meet at the origin
    away = np.array([np.cos(sign * angle), np.sin(sign * angle)])
    target = lane(18.0 * away, sign * angle)
    path = turning(source, target, turn, 6.0, 1.9)
    ends = path.at(np.array([0.0, path.length_m]))
    np.testing.assert_allclose(ends.positions, [(-18.0, 0.0), 18.0 * away], atol=1e-9)
    assert abs(wrap_angle(ends.headings - np.array([0.0, sign * angle]))).max() < 0.03
    bends = path.at(np.linspace(0, path.length_m, 50)).curvatures
    assert 1.0 / np.abs(bends).max() > 5.0


def test_a_turn_to_the_right_clears_the_corner_of_the_kerb():
    corner, beside = 6.0, 1.9
    path = turning(lane((-48.0, 0.0), 0.0), lane((0.0, -18.0), -np.pi / 2), Turn.RIGHT, corner,
                   beside)
    center = np.array([-beside - corner, -beside - corner])  # of the round kerb
    positions = path.at(np.linspace(0, path.length_m, 200)).positions
    assert np.linalg.norm(positions - center, axis=1).min() - corner == pytest.approx(1.9, abs=.1)


def test_a_way_straight_on_moves_over_smoothly():
    path = turning(lane((-30.0, 0.0), 0.0), lane((30.0, 3.0), 0.0), Turn.STRAIGHT, 6.0, 2.0)
    on = path.at(np.array([0.0, path.length_m / 2, path.length_m]))
    np.testing.assert_allclose(on.positions, [(0, 0), (15, 1.5), (30, 3)], atol=1e-6)
    np.testing.assert_allclose(on.headings[[0, 2]], 0.0, atol=0.01)

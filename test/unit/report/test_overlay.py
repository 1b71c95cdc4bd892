# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Boxes drawn into images.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mm_fusion_ros.class_colors import CLASS_COLORS
from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.report.overlay import draw_boxes, project_edges

# A camera at the origin that looks along x, as the boxes see it.
T_CAMERA_BASE = np.array(
    [(0.0, -1.0, 0.0, 0.0), (0.0, 0.0, -1.0, 0.0), (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)]
)
MODEL = CameraModel(
    width=200,
    height=100,
    projection=np.array([(100.0, 0, 100, 0), (0, 100.0, 50, 0), (0, 0, 1.0, 0)]),
)
BLACK = np.zeros((100, 200, 3), np.uint8)


def box(x: float, y: float = 0.0, length: float = 2.0) -> Boxes3D:
    return Boxes3D(
        centers=np.array([(x, y, 0.0)]),
        sizes=np.array([(length, 2.0, 2.0)]),
        yaws=np.zeros(1),
        scores=np.ones(1, np.float32),
        classes=np.array([ObjectClass.CAR], np.int8),
    )


def test_the_corners_fall_where_the_pinhole_puts_them() -> None:
    lines, owners = project_edges(MODEL, T_CAMERA_BASE, box(11.0))
    assert len(lines) == 14
    assert set(owners) == {0}
    ends = lines.reshape(-1, 2)
    # The near face is 10 m away, the far one 12 m: 100 px * 1 m / 10 m and / 12 m.
    assert {tuple(end) for end in (ends - (100.0, 50.0)).round(6).tolist()} == {
        (sx * d, sy * d) for d in (10.0, round(100 / 12, 6)) for sx in (-1, 1) for sy in (-1, 1)
    }


def test_lines_have_the_color_of_the_class_and_the_input_is_left_alone() -> None:
    drawn = draw_boxes(BLACK, MODEL, T_CAMERA_BASE, box(11.0), thickness_px=1)
    assert not BLACK.any()
    bottom_of_near_face = drawn[60, 100].astype(int)
    np.testing.assert_allclose(bottom_of_near_face, CLASS_COLORS[ObjectClass.CAR], atol=25)
    assert not drawn[:30].any()


def test_a_box_around_the_camera_shows_the_part_that_is_ahead() -> None:
    lines, _ = project_edges(MODEL, T_CAMERA_BASE, box(0.0, length=20.0))
    assert np.isfinite(lines).all()
    # The far face, 10 m ahead, and the four long edges that run out of the picture.
    assert len(lines) == 4 + 4 + 2
    drawn = draw_boxes(BLACK, MODEL, T_CAMERA_BASE, box(0.0, length=20.0))
    assert drawn[60, 100].any()
    assert drawn[98, 148:152].any()  # on the edge that comes towards the camera


@pytest.mark.parametrize('x', [-10.0, 10.0])
def test_what_is_behind_or_beside_the_picture_draws_nothing(x: float) -> None:
    y = 0.0 if x < 0 else 50.0
    assert not draw_boxes(BLACK, MODEL, T_CAMERA_BASE, box(x, y)).any()
    assert not draw_boxes(BLACK, MODEL, T_CAMERA_BASE, Boxes3D.empty()).any()


def test_a_lens_bends_the_edges_and_hides_what_it_cannot_see() -> None:
    lens = replace(
        MODEL, distortion_model='plumb_bob', distortion=np.array([-0.3, 0.05, 0.0, 0.0, 0.0])
    )
    near = box(2.5, 0.0)
    straight, _ = project_edges(MODEL, T_CAMERA_BASE, near)
    bent, owners = project_edges(lens, T_CAMERA_BASE, near)
    assert len(bent) == len(owners) > len(straight)
    assert np.isfinite(bent).all()
    assert np.abs(bent - (100, 50)).max() < np.abs(straight - (100, 50)).max()

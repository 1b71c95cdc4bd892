# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What a point is seen as in the view lies where the view's projection puts the point."""

from __future__ import annotations

import numpy as np
import pytest

from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.preprocess.camera_view import CameraView

LENSES = {
    'none': (),
    'plumb_bob': (-0.25, 0.06, 0.002, -0.003, 0.0),
    'equidistant': (0.02, -0.005, 0.0, 0.0),
}
VIEW = (160, 48)


def model_of(lens, width=320, height=180, shift=0.0):
    P = np.array([
        [0.55 * width, 0.0, 0.48 * width, 12.0 * shift],
        [0.0, 0.56 * width, 0.53 * height, -7.0 * shift],
        [0.0, 0.0, 1.0, 0.02 * shift]])
    return CameraModel(width, height, P, lens, np.array(LENSES[lens]))


def points_in(view, count, seed):
    """Draw points (N, 3) that are seen well within the view."""
    rng = np.random.default_rng(seed)
    width, height = VIEW
    rays = np.linalg.solve(view.projection[:, :3], np.stack([
        rng.uniform(6, width - 7, count), rng.uniform(6, height - 7, count), np.ones(count)]))
    shift = np.linalg.solve(view.projection[:, :3], view.projection[:, 3])
    return (rays * rng.uniform(4.0, 40.0, count) - shift[:, None]).T


def spot(model, point):
    """Paint a soft spot (H, W) where a point is seen, 0 to 1."""
    (u, v), = model.project(point[None]).pixels
    x, y = np.meshgrid(np.arange(model.width) - u, np.arange(model.height) - v)
    return np.exp(-(x**2 + y**2) / (2.0 * (model.width / 80.0)**2))


def middle(weights):
    """Give u and v of the middle of what is bright."""
    v, u = np.mgrid[:weights.shape[0], :weights.shape[1]]
    return np.array([(u * weights).sum(), (v * weights).sum()]) / weights.sum()


@pytest.mark.parametrize('lens', LENSES)
@pytest.mark.parametrize('size', [(320, 180), (160, 90), (100, 60), (641, 211)])
@pytest.mark.parametrize('shift', [0.0, 1.0])
def test_a_point_is_seen_where_the_projection_of_the_view_puts_it(lens, size, shift):
    model = model_of(lens, *size, shift)
    view = CameraView(model, *VIEW)
    for point in points_in(view, 4, 1):
        pixels = np.repeat(np.rint(255 * spot(model, point))[..., None], 3, 2).astype(np.uint8)
        u, v, w = view.projection @ (*point, 1.0)
        seen = view.picture(pixels)
        assert seen.shape == (48, 160, 3)
        assert seen.max() > 100
        np.testing.assert_allclose(middle(seen[..., 0].astype(float)), (u / w, v / w), atol=0.3)


@pytest.mark.parametrize('lens', LENSES)
@pytest.mark.parametrize('size', [(160, 90), (480, 270), (641, 211)])
def test_depth_is_seen_where_the_picture_is(lens, size):
    model = model_of(lens, *size)
    view = CameraView(model, *VIEW)
    shown = []
    for point in points_in(view, 30, 2):
        depth = np.where(spot(model, point) > 0.3, 7.0, 0.0).astype(np.float32)
        u, v, w = view.projection @ (*point, 1.0)
        seen = view.depth(depth)
        assert set(np.unique(seen)) <= {0.0, 7.0}
        shown.append(middle(seen) - (u / w, v / w))
    # Single pixels are rounded either way.
    assert np.abs(np.mean(shown, axis=0)).max() < 0.2


@pytest.mark.parametrize('lens', LENSES)
def test_a_low_image_is_put_between_black_rows(lens):
    model = model_of(lens, 320, 64)
    view = CameraView(model, *VIEW)
    seen = view.picture(np.full((64, 320, 3), 200, np.uint8))
    assert seen[:7, 60:100].max() == seen[-7:, 60:100].max() == 0
    assert seen[18:30, 60:100].min() == 200
    assert view.depth(np.full((64, 320), 5.0, np.float32))[[0, -1], 80].max() == 0.0


def test_the_rows_around_the_optical_axis_are_taken_as_far_as_there_are_any():
    rows = np.repeat(np.arange(90, dtype=np.uint8)[:, None], 160, axis=1)
    for center, first in ((45.5, 22), (10.0, 0), (80.0, 42)):
        P = np.array([[90.0, 0, 79.5, 0], [0, 90.0, center, 0], [0, 0, 1, 0]])
        view = CameraView(CameraModel(160, 90, P), *VIEW)
        assert view.picture(np.repeat(rows[..., None], 3, 2))[:, 5, 0].tolist() == list(
            range(first, first + 48))
        assert view.projection[1, 2] == pytest.approx(center - first)


def test_beyond_where_a_lens_can_be_believed_there_is_nothing():
    bent = CameraModel(
        320, 180, np.array([[110.0, 0, 160, 0], [0, 110.0, 90, 0], [0, 0, 1, 0]]), 'plumb_bob',
        np.array([-0.35, 0.0, 0.0, 0.0, 0.0]))
    seen = CameraView(bent, *VIEW).picture(np.full((180, 320, 3), 200, np.uint8))
    assert seen[24, 80].min() == 200
    assert seen[24, [0, -1]].max() == 0

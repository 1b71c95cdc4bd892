# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Rays of pixels against the projection that they turn back."""

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.sim.sensors.pixel_rays import MAX_ERROR_PX, pixel_rays

MODELS = {
    'none': (),
    'plumb_bob': (-.36, .17, .0011, -.0008, -.03),
    'rational_polynomial': (.4, -.1, .0004, -.0006, .01, .75, -.05, .02),
    'equidistant': (-.02, .004, -.003, .0006),
}


def camera(model, coefficients, width=160, height=96, focal=115.0):
    projection = np.zeros((3, 4))
    projection[0, 0], projection[1, 1], projection[2, 2] = focal, 1.02 * focal, 1.0
    projection[:2, 2] = width / 2 + 1.3, height / 2 - 2.1
    return CameraModel(width, height, projection, model, np.array(coefficients))


@pytest.mark.parametrize('name', MODELS)
def test_every_ray_is_projected_onto_the_middle_of_its_pixel(name):
    model = camera(name, MODELS[name])
    rays = pixel_rays(model)
    assert len(rays.pixels) == 160 * 96
    shown = model.project(rays.directions.astype(float) * 7.0)
    row, column = np.divmod(rays.pixels, 160)
    assert np.abs(shown.pixels - np.column_stack([column, row])).max() < MAX_ERROR_PX
    np.testing.assert_allclose(np.linalg.norm(rays.directions, axis=1), 1.0, atol=1e-6)


def test_pixels_beyond_the_end_of_a_lens_have_no_ray():
    model = camera('plumb_bob', (-.5, 0.0, 0.0, 0.0, 0.0), focal=80.0)
    # It folds at a slope of 0.816, which it shows at 0.544.
    rays = pixel_rays(model)
    row, column = np.divmod(np.arange(160 * 96), 160)
    (fx, _, cx), (_, fy, cy) = model.matrix[:2]
    radius = np.hypot((column - cx) / fx, (row - cy) / fy)
    has_ray = np.isin(np.arange(160 * 96), rays.pixels)
    assert has_ray[radius < .53].all()
    assert not has_ray[radius > .55].any()


@settings(max_examples=25, deadline=None)
@given(st.floats(-.4, .3), st.floats(-.1, .2), st.floats(-.003, .003), st.floats(-.003, .003))
def test_a_ray_that_is_given_is_right_whatever_the_lens(k1, k2, p1, p2):
    model = camera('plumb_bob', (k1, k2, p1, p2), 40, 24, 20.0)
    rays = pixel_rays(model)
    assert len(rays.pixels) > 100
    row, column = np.divmod(rays.pixels, 40)
    shown = model.project(rays.directions.astype(float)).pixels
    assert np.abs(shown - np.column_stack([column, row])).max() < MAX_ERROR_PX

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Plots of a drive show what is known of it, and nothing else, each in its color."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.trajectories import off_by, START_NS, winding_drive

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.report.trajectory_plots import draw_drive, DrivePlot, Fixes

NS = 1_000_000_000
BLUE, RED, ORANGE = (31, 119, 180), (214, 39, 40), (255, 127, 14)
BAND, TRUTH, SHADE = (210, 228, 240), (198, 198, 198), (249, 229, 229)
# The least share of a picture that tells a color from the edges of lines of other colors.
LEAST = {BLUE: 5e-4, RED: 5e-4, ORANGE: 1e-4, TRUTH: 1e-3, BAND: 0.1, SHADE: 0.01}
OUTAGES = ((START_NS + 10 * NS, START_NS + 20 * NS),)
SIGMA_M = 0.5


@pytest.fixture
def drawn(tmp_path):
    def draw(**plot):
        path = tmp_path / 'new' / 'drive.png'
        draw_drive(DrivePlot(**plot), path)
        return cv2.imread(str(path))[..., ::-1].astype(int)

    return draw


def estimate(size=1.0):
    """Give a drive whose errors are as large as its covariances say, times `size`."""
    truth = winding_drive()
    deviations = np.repeat((SIGMA_M, 0.01, 0.1), 3)
    errors = size * np.random.default_rng(0).normal(size=(len(truth), 9)) * deviations
    return off_by(truth, errors, np.tile(np.diag(deviations**2), (len(truth), 1, 1)))


def fixes():
    truth = winding_drive()[::5]
    noise = np.random.default_rng(1).normal(size=(len(truth), 3))
    return Fixes(truth.stamps_ns, truth.positions + noise)


def share(picture, color):
    """Give the share of a picture that has nearly a color."""
    return (np.abs(picture - color).max(axis=-1) <= 3).mean()


def shows(picture, color):
    return share(picture, color) > LEAST[color]


def halves(picture):
    middle = picture.shape[1] // 2
    return picture[:, :middle], picture[:, middle:]


def test_the_way_shows_truth_fixes_estimate_and_outage(drawn):
    way, over_time = halves(drawn(
        estimate=estimate(), truth=winding_drive(), fixes=fixes(), outages_ns=OUTAGES))
    for color in (TRUTH, ORANGE, BLUE, RED):
        assert shows(way, color)
    for color in (BAND, BLUE, SHADE):
        assert shows(over_time, color)


def test_what_is_not_given_is_not_drawn(drawn):
    way, over_time = halves(drawn(
        estimate=replace(estimate(), covariances=None), truth=winding_drive()))
    for color in (ORANGE, RED, SHADE, BAND):
        assert not shows(way, color)
        assert not shows(over_time, color)
    assert shows(over_time, BLUE)


def test_without_truth_only_the_deviations_are_drawn_over_time(drawn):
    way, over_time = halves(drawn(estimate=estimate(), fixes=fixes()))
    assert not shows(way, TRUTH)
    assert shows(over_time, BAND)
    assert not shows(over_time, BLUE)


def test_with_nothing_to_draw_over_time_the_way_stands_alone(drawn):
    alone = drawn(estimate=replace(estimate(), covariances=None))
    assert alone.shape[1] * 2 == drawn(estimate=estimate()).shape[1]
    assert shows(alone, BLUE)


def test_bands_follow_the_heading_where_errors_do(drawn):
    plot = {'estimate': estimate(), 'truth': winding_drive()}
    plot['estimate'].covariances[:, 0, 0] *= 9.0  # less sure of east: both along and across
    assert np.abs(
        drawn(**plot, follows_heading=True) - drawn(**plot, follows_heading=False)).max() > 50


def test_a_huge_error_at_the_start_leaves_the_rest_to_be_seen(drawn):
    truth, plain = winding_drive(), estimate()
    lost = replace(plain, T=plain.T.copy())
    lost.T[:5, :3, 3] += 1000.0
    height = drawn(estimate=plain, truth=truth).shape[0]
    panel = slice(height // 10, height // 5)
    kept, cut = (halves(drawn(estimate=each, truth=truth))[1][panel] for each in (plain, lost))
    assert share(cut, BAND) > 0.5 * share(kept, BAND)


def test_a_long_narrow_drive_is_not_drawn_to_scale(drawn):
    straight = winding_drive()
    straight.T[:, 1, 3] *= 0.01
    assert np.ptp(straight.positions[:, 0]) > 50.0 * np.ptp(straight.positions[:, 1])
    way, _ = halves(drawn(estimate=replace(straight, velocities_mps=None), truth=straight))
    columns = (np.abs(way - TRUTH).max(axis=-1) <= 3).any(axis=1).nonzero()[0]
    assert np.ptp(columns) > 0.6 * way.shape[0]


def test_a_truth_of_another_time_is_refused(tmp_path):
    truth = winding_drive()
    late = replace(truth, stamps_ns=truth.stamps_ns + 3600 * NS)
    with pytest.raises(InvalidMessageError, match='stamps of the estimate'):
        draw_drive(DrivePlot(estimate(), late), tmp_path / 'drive.png')

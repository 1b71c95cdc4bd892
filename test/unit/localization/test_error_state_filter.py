# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What the filter believes goes the way of its covariance."""

from __future__ import annotations

import numpy as np
import pytest
from support.state_errors import DEVIATIONS, some_state

from mm_fusion_ros.localization.error_covariance import NoiseDensities
from mm_fusion_ros.localization.error_state_filter import ErrorStateFilter, Snapshot
from mm_fusion_ros.localization.settings import MotionSettings
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

NOISE = NoiseDensities(1e-3, 1e-2, 1e-5, 1e-4, 1e-4, drift_time_s=60.0)
DOWN = np.array([0.0, 0.0, -9.8])


@pytest.fixture
def ego():
    return ErrorStateFilter(
        Snapshot(NS_PER_S, some_state(), np.diag(DEVIATIONS**2)), NOISE, MotionSettings(), DOWN)


def test_what_lingers_in_fixes_fades_while_the_imu_leads(ego):
    begun = ego.state.gnss_error
    for number in range(1, 301):
        ego.move(NS_PER_S + number * 100 * NS_PER_MS, np.zeros(3), -DOWN)
    np.testing.assert_allclose(ego.snapshot().state.gnss_error, begun * np.exp(-0.5))


def test_what_lingers_in_fixes_fades_while_nothing_leads(ego):
    begun = ego.state.gnss_error
    ego.coast(31 * NS_PER_S)
    np.testing.assert_allclose(ego.state.gnss_error, begun * np.exp(-0.5))

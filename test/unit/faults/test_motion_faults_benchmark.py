# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What the benchmark of faults makes of poses and of what was said."""

import importlib
from pathlib import Path
import sys

import numpy as np
import pytest

from mm_fusion_ros.faults.kinds import FaultKind

FOLDER = Path(__file__).parents[3] / 'benchmarks'
START_NS = 1_700_000_000_000_000_000
S = 1_000_000_000
STAMPS_NS = START_NS + np.arange(0, 26 * S, S // 10)


@pytest.fixture(scope='module')
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield importlib.import_module('_motion_faults')
    del sys.modules['_motion_faults']


def told(bench, off_m=lambda at_s: 0.0, said=()):
    places = np.array([(off_m((stamp - START_NS) / S), 0.0, 0.0) for stamp in STAMPS_NS.tolist()])
    return bench.Told(STAMPS_NS + 1, STAMPS_NS, places, list(said))


def test_a_fault_that_changes_nothing_is_back_at_once(bench):
    row = bench.motion_row(FaultKind.DROP, 'imu', told(bench), told(bench))
    assert (row.answers, row.expected, row.off_m, row.back_s, row.said) == (50, 50, 0.0, 0.0, '')


def test_how_far_off_it_led_and_when_it_was_back(bench):
    found = told(bench, lambda at_s: 2.0 if 9.0 <= at_s <= 15.0 else 0.0)
    row = bench.motion_row(FaultKind.GNSS_JUMP, 'gnss', told(bench), found)
    assert (row.off_m, row.back_s) == (2.0, pytest.approx(2.0))


def test_what_stays_astray_is_never_back(bench):
    found = told(bench, lambda at_s: 2.0 if at_s >= 9.0 else 0.0)
    assert np.isnan(bench.motion_row(FaultKind.DROP, 'imu', told(bench), found).back_s)


def test_only_what_is_said_of_the_sensor_while_it_lasts_counts(bench):
    said = [(START_NS + 5 * S, ('wheels: silent for 2 s',)),
            (START_NS + 10 * S, ('no inertial measurements: constant velocity is assumed',)),
            (START_NS + 11 * S, ('wheels: silent for 3 s', 'imu: late'))]
    row = bench.motion_row(FaultKind.DROP, 'wheels', told(bench), told(bench, said=said))
    assert (row.said, row.said_after_s) == ('wheels: silent for 3 s', pytest.approx(3.0))
    assert 'wheels: silent for 3 s' in str(row)
    row = bench.motion_row(FaultKind.DROP, 'gnss', told(bench), told(bench, said=said))
    assert row.said == ''
    assert np.isnan(row.said_after_s)


def test_every_kind_that_fits_is_tried(bench):
    cases = bench.motion_cases()
    assert (FaultKind.GNSS_JUMP, 'gnss') in cases
    assert (FaultKind.IMU_BIAS_STEP, 'imu') in cases
    assert (FaultKind.EXTRINSICS_ROTATED, 'wheels') not in cases
    assert not any(kind is FaultKind.BLUR for kind, _ in cases)

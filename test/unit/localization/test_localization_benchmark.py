# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A short drive of the benchmark holds its targets; the alternatives do what they are said to."""

from __future__ import annotations

import importlib
from pathlib import Path
import sys

import numpy as np
import pytest

FOLDER = Path(__file__).parents[3] / 'benchmarks'
MODULES = ('_planar_filter', '_localization_drives', 'localization')
SEED = 4


@pytest.fixture(scope='module')
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        planar, drives, figures = (importlib.import_module(name) for name in MODULES)
        patch.setattr(drives, 'DRIVE_S', 26.0)
        patch.setattr(drives, 'OUTAGE_S', (16.0, 22.0))
        patch.setattr(figures, 'OUTAGE_S', (16.0, 22.0))
        outage = drives.Case(outage_s=drives.OUTAGE_S)
        patch.setattr(drives, 'CASES', {
            name: outage if name == 'outage' else drives.CASES[name]
            for name in ('usual', 'white', 'outage')})
        patch.setattr(figures, 'CASES', drives.CASES)
        yield planar, drives, figures
    for name in MODULES:
        del sys.modules[name]


@pytest.fixture(scope='module')
def results(bench):
    return [bench[1].run_seed(SEED)]


def test_raw_fixes_are_as_noisy_as_they_are_made(results):
    errors = results[0]['raw']['white'][:, :2]
    assert np.sqrt((errors**2).mean()) == pytest.approx(1.0, rel=0.2)


def test_a_short_drive_is_nearer_to_the_truth_than_its_fixes(bench, results):
    targets = {item.what: item for item in bench[2].beside_raw(results)}
    assert not targets['position, white and lingering errors, ours over raw'].is_missed
    assert targets['position, white errors only'].value < 0.5


def test_an_outage_is_as_long_as_it_says_and_counted_against_the_way(bench, results):
    (target,) = bench[2].without_fixes(results)
    within = bench[2].during(results[0]['runs']['outage'], *bench[1].OUTAGE_S)
    assert (within.truth.stamps_ns[-1] - within.truth.stamps_ns[0]) * 1e-9 == pytest.approx(6.0)
    added, _ = bench[2].outage_percent(results[0]['runs']['outage'])
    assert target.value == pytest.approx(added)


def test_a_figure_that_is_not_a_number_misses_its_target(bench):
    assert bench[2].Target('any', float('nan'), 1.0, 'm').is_missed
    assert not bench[2].Target('any', 1.0, 1.0, 'm').is_missed


def test_workers_give_results_in_order(bench):
    assert list(bench[1].in_parallel(abs, range(-5, 0), 2)) == [5, 4, 3, 2, 1]


def test_the_filter_on_the_plane_drives_an_arc_and_goes_to_a_sure_fix(bench):
    ego = bench[0].PlanarFilter(np.zeros(3))
    for _ in range(100):
        ego.move(10.0, 0.5, 0.01)
    np.testing.assert_allclose(ego.state, [20 * np.sin(0.5), 20 * (1 - np.cos(0.5)), 0.5],
                               atol=1e-3)
    ego.correct(np.array([9.0, 2.0]), 1e-9)
    np.testing.assert_allclose(ego.state[:2], [9.0, 2.0], atol=1e-6)

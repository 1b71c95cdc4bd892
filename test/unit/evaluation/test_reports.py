# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What the reports of a run say together."""

import pytest
from support.run import answered_drive

from mm_fusion_ros.data_types import FrameReport, StageTiming
from mm_fusion_ros.evaluation.reports import read_reports, summarise_reports


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    return answered_drive(tmp_path_factory.mktemp('run'))


def report(*stages, warnings=()):
    timings = tuple(StageTiming(name, elapsed_ms) for name, elapsed_ms in stages)
    return FrameReport(0, 'base_link', (), timings, 0, warnings)


def test_percentiles_are_over_the_answers_that_have_the_stage():
    reports = [report(('convert', n), *([('wait', 5.0)] if n == 1 else [])) for n in range(101)]
    stages = {item.stage: item for item in summarise_reports(reports).stages}
    assert (stages['convert'].p50_ms, stages['convert'].p90_ms) == (50.0, 90.0)
    assert stages['convert'].p99_ms == 99.0
    assert stages['wait'].p50_ms == stages['wait'].p99_ms == 5.0


def test_no_reports_sum_up_to_nothing():
    figures = summarise_reports([])
    assert (figures.answers, figures.complete, figures.partial, figures.stages) == (0, 0, 0, ())


def test_the_reports_of_a_run_are_read_back(run):
    reports = read_reports(run[0])
    assert [item.num_boxes for item in reports] == [1] * 5
    figures = summarise_reports(reports)
    assert (figures.answers, figures.complete, figures.partial) == (5, 5, 0)
    assert 'sync_wait' in {item.stage for item in figures.stages}

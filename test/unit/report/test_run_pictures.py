# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a recorded run."""

import pytest
from support.run import answered_drive

from mm_fusion_ros.report.run_pictures import write_pictures


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    return answered_drive(tmp_path_factory.mktemp('run'))


def test_pictures_of_a_run_are_written(run, tmp_path):
    written = write_pictures(*run, tmp_path / 'pictures', count=2)
    assert sorted(path.name for path in written) == [
        'bev_0.png', 'bev_1.png', 'overlay_front_0.png', 'overlay_front_1.png']
    assert all(path.stat().st_size > 1000 for path in written)


def test_pictures_need_no_labels(run, tmp_path):
    output, labels = run
    with_truth = write_pictures(output, labels, tmp_path / 'a', count=1)
    without = write_pictures(output, None, tmp_path / 'b', count=1)
    assert [path.name for path in with_truth] == [path.name for path in without]
    pictures = [
        {path.name: path.read_bytes() for path in files} for files in (with_truth, without)]
    assert pictures[0]['bev_0.png'] != pictures[1]['bev_0.png']
    assert pictures[0]['overlay_front_0.png'] == pictures[1]['overlay_front_0.png']

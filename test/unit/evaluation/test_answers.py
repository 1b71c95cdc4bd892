# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How many labelled vehicles a run found."""

import math

import pytest
from support import drive
from support.run import answered_drive

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.evaluation.answers import evaluate_answers
from mm_fusion_ros.messages.convert_out import from_boxes


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    return answered_drive(tmp_path_factory.mktemp('run'))


def test_the_one_labelled_car_is_found_in_each_answer(run):
    figures = evaluate_answers(*run)
    assert (figures.answers, figures.labelled, figures.vehicles) == (5, 5, 5)
    assert (figures.within_1m, figures.within_2m, figures.boxes_per_answer) == (1.0, 1.0, 1.0)
    assert figures.median_error_m < 0.5
    assert 'within 1 m 100.0%' in str(figures)
    assert figures.as_dict()['vehicles'] == 5


def test_a_bag_without_labels_is_refused(run):
    with pytest.raises(BagError, match='expected messages on /ground_truth/detections, got none'):
        evaluate_answers(run[0], run[0])


def write_empty_labels(path, stamp_ns):
    with BagWriter(path) as bag:
        truth = from_boxes(Boxes3D.empty(), stamp_ns, 'base_link', BAG_TYPES)
        bag.write('/ground_truth/detections', truth, stamp_ns)
    return path


def test_labels_of_other_instants_are_refused(run, tmp_path):
    labels = write_empty_labels(tmp_path / 'labels', drive.START_NS + 1)
    with pytest.raises(BagError, match='labels of equal stamps, got 5 and 1'):
        evaluate_answers(run[0], labels)


def test_without_a_vehicle_there_is_no_share(run, tmp_path):
    figures = evaluate_answers(run[0], write_empty_labels(tmp_path / 'labels', drive.START_NS))
    assert (figures.labelled, figures.vehicles) == (1, 0)
    assert math.isnan(figures.within_1m)

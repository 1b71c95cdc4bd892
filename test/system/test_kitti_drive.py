# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A real drive, offline and through DDS between processes."""

import itertools

import numpy as np
import pytest

from mm_fusion_ros import share
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.evaluation.answers import evaluate_answers
from mm_fusion_ros.messages.convert_in import to_boxes
from mm_fusion_ros.offline import process
from mm_fusion_ros.perception_config import load_perception_config

pytestmark = [pytest.mark.real_data, pytest.mark.system]


def ignore(done, total):
    pass


@pytest.fixture(scope='module')
def config():
    return load_perception_config(share.perception_parameters(), share.vehicle_file('kitti'))


@pytest.fixture(scope='module')
def offline(kitti_bag, config, tmp_path_factory):
    folder = tmp_path_factory.mktemp('offline') / 'a' / 'answers'
    ticks = itertools.count()
    process(kitti_bag, config, folder, lambda: next(ticks), ignore)
    return folder


def boxes_by_stamp(bag):
    with BagReader(bag) as reader:
        found = (to_boxes(m.message) for m in reader.messages(['/mm_fusion/detections']))
        return {item.stamp_ns: item.boxes for item in found}


def test_the_same_drive_gives_the_same_bytes(kitti_bag, config, offline, tmp_path):
    process(kitti_bag, config, tmp_path / 'answers', lambda: 0, ignore)
    for name in ('answers.mcap', 'metadata.yaml'):
        assert (tmp_path / 'answers' / name).read_bytes() == (offline / name).read_bytes()


def test_labelled_vehicles_are_found_near_where_they_are(kitti_bag, offline):
    figures = evaluate_answers(offline, kitti_bag)
    assert figures.answers == 60
    assert figures.vehicles == 137
    assert figures.within_1m >= 0.90
    assert figures.within_2m >= 0.98
    assert figures.boxes_per_answer <= 25.0


def test_through_dds_between_processes_the_answers_are_the_same(kitti_bag, offline, tmp_path):
    pytest.importorskip('rclpy')
    from mm_fusion_ros.demo import demo

    figures = demo(kitti_bag, 'kitti', None, tmp_path, ignore, has_localization=False)
    live, expected = boxes_by_stamp(tmp_path / 'output'), boxes_by_stamp(offline)
    # On an idle machine none is lost; on a loaded one frames are overtaken by newer ones.
    assert len(live) >= 45
    for stamp_ns, boxes in live.items():
        np.testing.assert_allclose(boxes.centers, expected[stamp_ns].centers, atol=1e-6)
        np.testing.assert_allclose(boxes.sizes, expected[stamp_ns].sizes, atol=1e-6)
        np.testing.assert_allclose(boxes.yaws, expected[stamp_ns].yaws, atol=1e-6)
    assert figures.reports.partial <= 5
    assert all(cost.exit_code == 0 for cost in figures.costs.values())
    pictures = {path.name for path in (tmp_path / 'pictures').iterdir()}
    assert {'bev_0.png', 'overlay_front_0.png'} <= pictures
    assert (tmp_path / 'figures.json').is_file()

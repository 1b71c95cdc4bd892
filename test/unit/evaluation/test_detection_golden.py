# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The nuScenes metrics are those of nuScenes' own tools, on made-up detections."""

import json
from pathlib import Path

import numpy as np
import pytest

from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.evaluation.detection_frame import FrameDetections
from mm_fusion_ros.evaluation.detection_scores import evaluate_detections

GOLDEN = Path(__file__).parents[2] / 'golden' / 'nuscenes_detection'
NAMES = {'trans_err': 'translation_m', 'scale_err': 'scale', 'orient_err': 'orientation_rad',
         'vel_err': 'velocity_mps'}


def read_boxes(rows):
    numbers = np.array([row[1:10] for row in rows], np.float64).reshape(-1, 9)
    velocities = np.zeros((len(rows), 3), np.float32)
    velocities[:, :2] = numbers[:, 7:]
    return Boxes3D(
        centers=numbers[:, :3], sizes=numbers[:, 3:6], yaws=numbers[:, 6],
        scores=np.array([row[10] if len(row) > 10 else 1.0 for row in rows], np.float32),
        classes=np.array([ObjectClass.from_label(row[0]) for row in rows], np.int8),
        velocities=velocities)


def read_case(name):
    content = json.loads((GOLDEN / f'{name}.json').read_text(encoding='utf-8'))
    frames = [FrameDetections(read_boxes(each['answers']), read_boxes(each['truth']), str(row))
              for row, each in enumerate(content['frames'])]
    return frames, content['devkit']


def plain(errors):
    return {name: getattr(errors, attribute) for name, attribute in NAMES.items()}


@pytest.mark.parametrize('name', ['usual', 'ties_and_gaps', 'few'])
def test_figures_are_those_of_the_devkit(name):
    frames, devkit = read_case(name)
    scores = evaluate_detections(frames)
    assert scores.mean_ap == pytest.approx(devkit['mean_ap'], abs=1e-6)
    assert scores.nds == pytest.approx(devkit['nds'], abs=1e-6)
    assert plain(scores.errors) == pytest.approx(devkit['errors'], abs=1e-6)
    found = {each.name: each for each in scores.categories if each.num_truth}
    assert found.keys() == devkit['classes'].keys()
    for label, wanted in devkit['classes'].items():
        assert found[label].ap_by_distance == pytest.approx(wanted['ap'], abs=1e-6)
        errors = {key: np.nan if wanted[key] is None else wanted[key] for key in NAMES}
        assert plain(found[label].errors) == pytest.approx(errors, abs=1e-6, nan_ok=True)

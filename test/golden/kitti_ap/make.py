# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Writes made-up labels and answers beside this file, and what a known tool says of them.

The tool is traveller59/kitti-object-eval-python, the development kit of KITTI in Python, whose
overlap of rectangles on the GPU is replaced by shapely's. Run it in an environment of its own:

    python -m venv kit && kit/bin/pip install numba scipy shapely
    kit/bin/python test/golden/kitti_ap/make.py CHECKOUT_OF_THE_TOOL [DRIVE]

With the folder of KITTI's raw drive 0013 (labels of the tracking benchmark, and answers of a
public detector in `pointrcnn_reference`) it measures these too, and writes the figures alone.
Every change of a file has its line in LEDGER.md.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
import sys
import types

import numpy as np
from shapely import affinity, geometry

CLASSES = {'Car': (3.9, 1.6, 1.5), 'Pedestrian': (0.8, 0.6, 1.75), 'Cyclist': (1.8, 0.6, 1.7),
           'Van': (5.0, 1.9, 2.2), 'Person_sitting': (0.8, 0.6, 1.3), 'Truck': (8.0, 2.5, 3.2)}
MEASURED = ('Car', 'Pedestrian', 'Cyclist')
IOUS = {'Car': 0.7, 'Pedestrian': 0.5, 'Cyclist': 0.5}
DISTANCES_M = (1.0, 2.0)


def overlap(boxes, others, criterion=-1):
    """Do what the tool does on the GPU: boxes of x, z, length, width, angle about y."""
    result = np.zeros((len(boxes), len(others)))
    shapes = [[affinity.translate(affinity.rotate(
        geometry.box(-each[2] / 2.0, -each[3] / 2.0, each[2] / 2.0, each[3] / 2.0), -each[4],
        origin=(0.0, 0.0), use_radians=True), each[0], each[1]) for each in group]
        for group in (boxes, others)]
    for row, one in enumerate(shapes[0]):
        for column, other in enumerate(shapes[1]):
            if one.distance(other) == 0.0:
                common = one.intersection(other).area
                union = one.area + other.area - common
                result[row, column] = common if criterion == 2 else common / union
    return result


def nearness(boxes, others, *_, **__):
    """Stand in for the overlap in space: 1 at no distance, a half at 1 m."""
    gaps = np.linalg.norm(boxes[:, None, [0, 2]] - others[None, :, [0, 2]], axis=2)
    return 1.0 / (1.0 + gaps)


def load_tool(checkout):
    """Import the tool with the overlap replaced."""
    for name in ('second', 'second.core', 'second.core.non_max_suppression'):
        sys.modules[name] = types.ModuleType(name)
    stand_in = types.ModuleType('nms_gpu')
    stand_in.rotate_iou_gpu_eval = overlap
    sys.modules['second.core.non_max_suppression.nms_gpu'] = stand_in
    sys.path.insert(0, str(checkout))
    import eval as tool

    return tool


def make_frame(rng):
    """Make a frame of labels, and of answers near them and elsewhere."""
    truth, answers = [], []
    for _ in range(int(rng.integers(0, 9))):
        name = str(rng.choice(list(CLASSES), p=(0.4, 0.2, 0.15, 0.1, 0.05, 0.1)))
        box = [*rng.uniform((5, -15, 0.5), (60, 15, 1.0)),
               *np.array(CLASSES[name]) * rng.uniform(0.9, 1.1, 3), rng.uniform(-3.1, 3.1)]
        height = 1800.0 / box[0] * rng.uniform(0.8, 1.2)
        truth.append([name, int(rng.choice(4, p=(0.7, 0.15, 0.1, 0.05))),
                      *rounded([rng.choice((0.0, 0.0, 0.0, 0.1, 0.25, 0.4, 0.7)), height, *box])])
        for _ in range(int(rng.choice(3, p=(0.1, 0.75, 0.15)))):
            scale = rng.choice((0.3, 0.3, 1.0, 4.0))
            near = np.array(box) + rng.normal(0.0, scale, 7) * (.2, .15, .1, .1, .05, .05, .05)
            near[3:6] = np.maximum(near[3:6], 0.4)
            guess = name if name in MEASURED else str(rng.choice(('Car', 'Pedestrian')))
            answers.append([guess, *rounded([height * rng.uniform(0.9, 1.1), *near]),
                            score(rng, 0.3)])
    for _ in range(int(rng.integers(0, 4))):
        name = str(rng.choice(MEASURED))
        box = [*rng.uniform((5, -15, 0.5), (60, 15, 1.0)), *CLASSES[name],
               rng.uniform(-3.1, 3.1)]
        answers.append([name, *rounded([1200.0 / box[0], *box]), score(rng, 0.0) / 2.0])
    return {'truth': truth, 'answers': answers}


def rounded(numbers):
    return [round(float(number), 3) for number in numbers]


def score(rng, least):
    return int(rng.integers(int(least * 1024) + 1, 1024)) / 1024


def annotations(rows, is_answer):
    """Give rows of boxes, z up and x ahead, as the tool wants them: the camera's z ahead."""
    numbers = np.array([row[2:10] if is_answer else row[4:] for row in rows], np.float64)
    numbers = np.column_stack([[row[1] if is_answer else row[3] for row in rows], numbers[:, :7]]
                              ) if len(rows) else np.zeros((0, 8))
    heights, x, y, z, length, width, height, yaw = numbers.T
    zero = np.zeros(len(rows))
    return {
        'name': np.array([row[0] for row in rows], dtype='<U16'),
        'occluded': np.array([0 if is_answer else row[1] for row in rows], np.int64),
        'truncated': np.array([0.0 if is_answer else row[2] for row in rows], np.float64),
        'alpha': zero, 'bbox': np.stack([zero, zero, zero + 50.0, heights], axis=1),
        'location': np.stack([-y, height / 2.0 - z, x], axis=1),
        'dimensions': np.stack([length, height, width], axis=1),
        'rotation_y': -yaw - math.pi / 2.0,
        'score': np.array([row[-1] if is_answer else 0.0 for row in rows], np.float64)}


def drive_annotations(drive):
    """Read labels and answers of a drive, which have the columns of KITTI's files."""
    labels = {}
    for line in (drive / 'tracking_label_02_0003.txt').read_text().splitlines():
        frame, _, *columns = line.split()
        labels.setdefault(int(frame), []).append(columns)
    truth, answers = [], []
    for frame, path in enumerate(sorted((drive / 'pointrcnn_reference').glob('*.txt'))):
        truth.append(_columns(labels.get(frame, [])))
        answers.append(_columns([line.split() for line in path.read_text().splitlines()]))
    return truth, answers


def _columns(rows):
    numbers = np.array([row[1:15] + (row[15:] or ['0']) for row in rows],
                       np.float64).reshape(-1, 15)
    return {
        'name': np.array([row[0] for row in rows], dtype='<U16'),
        'truncated': numbers[:, 0], 'occluded': numbers[:, 1].astype(np.int64),
        'alpha': numbers[:, 2], 'bbox': numbers[:, 3:7], 'dimensions': numbers[:, [9, 7, 8]],
        'location': numbers[:, 10:13], 'rotation_y': numbers[:, 13], 'score': numbers[:, 14]}


def figures(tool, truth, answers):
    """Give AP at 40 recalls by class, criterion and difficulty."""
    result = {}
    in_space = tool.d3_box_overlap
    for row, name in enumerate(MEASURED):
        cases = [('bev', 1, IOUS[name], in_space), ('3d', 2, IOUS[name], in_space),
                 *((f'{d:g} m', 2, 1.0 / (1.0 + d), nearness) for d in DISTANCES_M)]
        for criterion, metric, limit, measure in cases:
            tool.d3_box_overlap = measure
            found = tool.eval_class(
                truth, answers, [row], (0, 1, 2), metric, np.full((1, 3, 1), limit))
            result[f'{name} {criterion}'] = [
                float(np.mean(each[0, 1:])) for each in found['precision'][0]]
    tool.d3_box_overlap = in_space
    return result


def main():
    """Write the case, and the figures of the drive."""
    tool = load_tool(Path(sys.argv[1]))
    rng = np.random.default_rng(4)
    frames = [make_frame(rng) for _ in range(50)]
    found = figures(tool, [annotations(each['truth'], False) for each in frames],
                    [annotations(each['answers'], True) for each in frames])
    text = json.dumps({'frames': frames, 'tool': found}, allow_nan=False)
    path = Path(__file__).with_name('made_up.json')
    path.write_text(text.replace('], [', '],\n[') + '\n', encoding='utf-8')
    if len(sys.argv) > 2:
        found = figures(tool, *drive_annotations(Path(sys.argv[2])))
        cars = {key: value for key, value in found.items() if key.startswith('Car')}
        path = Path(__file__).with_name('drive_0013.json')
        path.write_text(json.dumps(cars, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()

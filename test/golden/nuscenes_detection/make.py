# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Writes made-up detections beside this file, and what the tools of nuScenes say of them.

Run it where nuscenes-devkit 1.2.0 is installed, in an environment of its own (it wants numpy < 2):

    python -m venv devkit && devkit/bin/pip install nuscenes-devkit==1.2.0
    devkit/bin/python test/golden/nuscenes_detection/make.py

Every change of a file has its line in LEDGER.md.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
from nuscenes.eval.common.data_classes import EvalBoxes
from nuscenes.eval.common.utils import center_distance
from nuscenes.eval.detection.algo import accumulate, calc_ap, calc_tp
from nuscenes.eval.detection.data_classes import DetectionBox

CLASSES = ('car', 'truck', 'bus', 'cyclist', 'pedestrian', 'barrier')
DEVKIT_NAMES = {'cyclist': 'bicycle'}
SIZES = {
    'car': (4.5, 1.9, 1.6), 'truck': (8.0, 2.5, 3.0), 'bus': (11.0, 2.9, 3.3),
    'cyclist': (1.8, 0.6, 1.7), 'pedestrian': (0.7, 0.7, 1.75), 'barrier': (0.5, 2.4, 1.0)}
DISTANCES_M = (0.5, 1.0, 2.0, 4.0)
ERRORS = ('trans_err', 'scale_err', 'orient_err', 'vel_err')
MIN_RECALL = MIN_PRECISION = 0.1
CASES = {  # seed, frames, classes with truth, classes with answers, steps of scores
    'usual': (1, 30, CLASSES, CLASSES, 4096),
    'ties_and_gaps': (2, 16, CLASSES[:2] + CLASSES[3:], CLASSES[:3] + CLASSES[4:], 16),
    'few': (3, 3, CLASSES[:1] + CLASSES[5:], CLASSES[:1] + CLASSES[5:], 8),
}


def row(rng, name, place, yaw, velocity):
    """Give one box as it stands in the file; None is NaN."""
    size = np.array(SIZES[name]) * rng.uniform(0.8, 1.25, 3)
    numbers = [*(float(v) for v in np.round([*place, *size, yaw], 3)),
               *(float(v) for v in np.round(np.asarray(velocity) * 64.0) / 64.0)]
    return [name, *(None if math.isnan(v) else v for v in numbers)]


def make_frame(rng, truth_classes, answer_classes, steps):
    """Make a frame: truth, and answers near it, twice on it, far from it and of other classes."""
    truth, answers = [], []
    for _ in range(int(rng.integers(0, 16))):
        name = str(rng.choice(truth_classes))
        place, yaw = rng.uniform(-50.0, 50.0, 3) * (1, 1, 0.02), rng.uniform(-3.1, 3.1)
        velocity = rng.normal(0.0, 3.0, 2) if rng.random() < 0.85 else (math.nan, math.nan)
        truth.append(row(rng, name, place, yaw, velocity))
        for _ in range(int(rng.choice(4, p=(0.15, 0.6, 0.2, 0.05)))):
            guess = name if rng.random() < 0.85 else str(rng.choice(CLASSES))
            if guess in answer_classes:
                flip = math.pi if rng.random() < 0.1 else 0.0
                # Heading within (-pi, pi], as a reader of the file may ask for it.
                near_yaw = math.remainder(yaw + flip + rng.normal(0.0, 0.2), 2.0 * math.pi)
                near = place + rng.normal(0.0, 1.0, 3) * rng.choice((0.2, 1.0, 2.5))
                moving = np.nan_to_num(velocity) + rng.normal(0.0, 1.0, 2)
                score = int(rng.integers(steps // 3, steps)) / steps
                answers.append([*row(rng, guess, near, near_yaw, moving), score])
    for _ in range(int(rng.integers(0, 12))):
        place, yaw = rng.uniform(-50.0, 50.0, 3) * (1, 1, 0.02), rng.uniform(-3.1, 3.1)
        score = int(rng.integers(1, max(steps // 2, 2))) / steps
        name = str(rng.choice(answer_classes))
        answers.append([*row(rng, name, place, yaw, rng.normal(0.0, 3.0, 2)), score])
    if rng.random() < 0.1:
        truth = []
    if rng.random() < 0.1:
        answers = []
    return {'truth': truth, 'answers': answers}


def devkit_boxes(frames, key):
    """Give the boxes as the devkit wants them."""
    boxes = EvalBoxes()
    for number, frame in enumerate(frames):
        boxes.add_boxes(str(number), [_devkit_box(str(number), each) for each in frame[key]])
    return boxes


def _devkit_box(token, columns):
    name, x, y, z, length, width, height, yaw, vx, vy, *score = columns
    return DetectionBox(
        sample_token=token, translation=(x, y, z), size=(width, length, height),
        rotation=(math.cos(yaw / 2.0), 0.0, 0.0, math.sin(yaw / 2.0)),
        velocity=tuple(math.nan if v is None else v for v in (vx, vy)),
        detection_name=DEVKIT_NAMES.get(name, name),
        detection_score=score[0] if score else -1.0)


def figures(frames):
    """Give what the devkit says: of each class, and over the classes that have truth."""
    truth, answers = devkit_boxes(frames, 'truth'), devkit_boxes(frames, 'answers')
    by_class = {}
    for name in CLASSES:
        devkit_name = DEVKIT_NAMES.get(name, name)
        if not any(box.detection_name == devkit_name for box in truth.all):
            continue
        curves = {d: accumulate(truth, answers, devkit_name, center_distance, d)
                  for d in DISTANCES_M}
        errors = {key: calc_tp(curves[2.0], MIN_RECALL, key) for key in ERRORS}
        if name == 'barrier':
            errors['vel_err'] = None  # nuScenes leaves it out
        by_class[name] = {
            'ap': [calc_ap(curves[d], MIN_RECALL, MIN_PRECISION) for d in DISTANCES_M], **errors}
    mean_ap = float(np.mean([np.mean(each['ap']) for each in by_class.values()]))
    errors = {key: float(np.mean([each[key] for each in by_class.values()
                                  if each[key] is not None])) for key in ERRORS}
    goodness = [max(0.0, 1.0 - error) for error in errors.values()]
    nds = (5.0 * mean_ap + sum(goodness)) / 9.0  # the devkit's formula less the attributes
    return {'classes': by_class, 'mean_ap': mean_ap, 'errors': errors, 'nds': nds}


def main():
    """Write all cases."""
    for name, (seed, count, truth_classes, answer_classes, steps) in CASES.items():
        rng = np.random.default_rng(seed)
        frames = [make_frame(rng, truth_classes, answer_classes, steps) for _ in range(count)]
        path = Path(__file__).with_name(f'{name}.json')
        content = {'frames': frames, 'devkit': figures(frames)}
        text = json.dumps(content, allow_nan=False)
        # A box a line: what changed can be seen.
        path.write_text(text.replace('], [', '],\n[') + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()

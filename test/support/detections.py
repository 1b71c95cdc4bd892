# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Boxes and frames to measure."""

import numpy as np

from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.evaluation.detection_frame import FrameDetections

CAR = ObjectClass.CAR


def boxes(places, scores=1.0, classes=CAR, *, yaws=0.0, size=(4.0, 2.0, 1.5), **columns):
    """Build boxes at places (N, 2), the rest the same for all or one for each."""
    xy = np.asarray(places, np.float64).reshape(-1, 2)
    n = len(xy)
    return Boxes3D(
        centers=np.column_stack([xy, np.zeros(n)]),
        sizes=np.broadcast_to(np.asarray(size, np.float64), (n, 3)).copy(),
        yaws=np.broadcast_to(np.asarray(yaws, np.float64), n).copy(),
        scores=np.broadcast_to(np.asarray(scores, np.float32), n).copy(),
        classes=np.broadcast_to(np.asarray(classes, np.int8), n).copy(),
        **columns)


def random_frames(rng, count, *, scenes=3, sure=0.5):
    """Make frames of a few cars and pedestrians, most found, some twice, and false answers."""
    frames = []
    for number in range(count):
        n, false = int(rng.integers(0, 8)), int(rng.integers(0, 6))
        classes = rng.choice([ObjectClass.CAR, ObjectClass.PEDESTRIAN], n)
        truth = boxes(rng.uniform(-40, 40, (n, 2)), classes=classes, yaws=rng.uniform(-3, 3, n),
                      velocities=rng.normal(0, 3, (n, 3)).astype(np.float32),
                      ids=np.arange(n) + 10 * (number // scenes))
        again = rng.choice(n, int(rng.integers(0, n + 3))) if n else np.empty(0, np.intp)
        places = np.concatenate([
            truth.centers[again, :2] + rng.normal(0, 1, (len(again), 2)),
            rng.uniform(-40, 40, (false, 2))])
        total = len(again) + false
        answers = boxes(
            places, scores=rng.permutation(4096)[:total] / 4096 + sure * (
                np.arange(total) < len(again)),
            classes=np.concatenate([classes[again], rng.choice([1, 5], false)]),
            yaws=rng.uniform(-3, 3, total),
            velocities=rng.normal(0, 3, (total, 3)).astype(np.float32))
        frames.append(FrameDetections(answers, truth, f'scene {number % scenes}', number))
    return frames

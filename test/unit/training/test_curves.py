# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of steps are kept, drawn, and forgotten from where a run goes on."""

from __future__ import annotations

import cv2
import pytest

from mm_fusion_ros.training.curves import CurveLog, draw_curves, read_curves

FIGURES = dict.fromkeys(
    ('heat', 'box', 'velocity', 'quality', 'ground', 'depth', 'total'), 0.123456789)


def test_going_on_from_a_step_forgets_what_came_after_it(tmp_path):
    path = tmp_path / 'curves.jsonl'
    assert read_curves(path) == []
    log = CurveLog(path, 0)
    for step in (1, 2, 3):
        log.add(step, FIGURES)
    assert read_curves(path)[0] == {'step': 1} | dict.fromkeys(FIGURES, 0.12346)
    CurveLog(path, 2).add(3, FIGURES | {'total': 9.0})
    assert [(row['step'], row['total']) for row in read_curves(path)] == [
        (1, 0.12346), (2, 0.12346), (3, 9.0)]


def test_a_line_that_was_cut_off_is_forgotten(tmp_path):
    path = tmp_path / 'curves.jsonl'
    CurveLog(path, 0).add(1, FIGURES)
    with path.open('a') as file:
        file.write('{"step": 2, "he')
    assert [row['step'] for row in read_curves(path)] == [1]
    CurveLog(path, 1).add(2, FIGURES)
    assert [row['step'] for row in read_curves(path)] == [1, 2]


@pytest.mark.parametrize('count', [1, 120])
def test_curves_are_drawn(tmp_path, count):
    rows = [{'step': step + 1} | FIGURES for step in range(count)]
    draw_curves(rows, tmp_path / 'curves.png')
    picture = cv2.imread(str(tmp_path / 'curves.png'))
    assert picture.shape[0] > 300
    assert picture.std() > 5.0

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Plots of detection scores: precision over recall, by range, and under conditions."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from matplotlib.figure import Figure
import numpy as np

from mm_fusion_ros.evaluation.detection_scores import (
    average_precision,
    precision_curve,
    RECALLS,
)
from mm_fusion_ros.evaluation.detection_slices import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mm_fusion_ros.evaluation.detection_matching import CategoryMatches
    from mm_fusion_ros.evaluation.score_table import ScoreRow, ScoreTable

_COLORS = ('tab:blue', 'tab:orange', 'tab:green', 'tab:red', 'tab:purple', 'tab:brown',
           'tab:pink', 'tab:gray')
_COLUMNS = 3


def draw_precision(matches: Sequence[CategoryMatches], path: Path, title: str = '') -> None:
    """Draw precision over recall: a panel for each category with truth, a line a distance."""
    shown = [each for each in matches if each.num_truth]
    rows = max(-(-len(shown) // _COLUMNS), 1)
    figure = Figure(figsize=(4.2 * _COLUMNS, 3.4 * rows), layout='constrained')
    figure.suptitle(title)
    panels = figure.subplots(rows, _COLUMNS, squeeze=False, sharex=True, sharey=True).ravel()
    for panel, each in zip(panels, shown, strict=False):
        for distance_m, color in zip(each.distances_m, _COLORS, strict=False):
            curve = precision_curve(each, distance_m)
            panel.plot(RECALLS, curve.precisions, color=color, lw=1.4,
                       label=f'{distance_m:g} m: AP {average_precision(curve):.3f}')
        panel.set_title(f'{each.category.name}, {each.num_truth} objects', fontsize=10)
        panel.set(xlim=(0.0, 1.0), ylim=(0.0, 1.02), xlabel='recall', ylabel='precision')
        panel.grid(alpha=0.3)
        panel.legend(fontsize=8, loc='lower left')
    for panel in panels[len(shown):]:
        panel.set_visible(False)
    _save(figure, path)


def draw_slices(table: ScoreTable, path: Path, title: str = '') -> None:
    """Draw AP of each category by range and occlusion: a panel a condition."""
    conditions = list(dict.fromkeys(row.condition for row in table.rows))
    figure = Figure(figsize=(7.0, 3.4 * max(len(conditions), 1)), layout='constrained')
    figure.suptitle(title)
    panels = figure.subplots(max(len(conditions), 1), 1, squeeze=False, sharey=True)[:, 0]
    for panel, condition in zip(panels, conditions, strict=False):
        _draw_slices(panel, [row for row in table.rows if row.condition == condition])
        panel.set_title(condition, fontsize=10, loc='left')
    _save(figure, path)


def draw_conditions(table: ScoreTable, path: Path, title: str = '') -> None:
    """Draw mAP of all objects under each condition, with its interval where there is one."""
    rows = [row for row in table.rows if row.slice == ALL]
    figure = Figure(figsize=(7.5, 1.2 + 0.36 * len(rows)), layout='constrained')
    figure.suptitle(title)
    panel = figure.subplots()
    values = [np.nan_to_num(row.scores.mean_ap) for row in rows]
    places = np.arange(len(rows))[::-1]  # the first on top
    panel.barh(places, values, color=_COLORS[0], alpha=0.75, height=0.7)
    for place, value, row in zip(places, values, rows, strict=True):
        end = value
        if row.mean_ap is not None and np.isfinite(row.mean_ap.high):
            panel.plot([row.mean_ap.low, row.mean_ap.high], [place, place], color='black', lw=1.4)
            end = max(value, row.mean_ap.high)
        panel.text(end + 0.01, place, f'{value:.3f}', va='center', fontsize=9)
    panel.set_yticks(places, [row.condition for row in rows])
    panel.set(xlim=(0.0, 1.0), xlabel='mAP')
    panel.grid(alpha=0.3, axis='x')
    _save(figure, path)


def _draw_slices(panel: Any, rows: Sequence[ScoreRow]) -> None:
    categories = [each.name for each in rows[0].scores.categories if each.num_truth]
    width = 0.8 / max(len(categories), 1)
    for number, (name, color) in enumerate(zip(categories, _COLORS, strict=False)):
        heights = [
            next(each.ap for each in row.scores.categories if each.name == name) for row in rows]
        panel.bar(np.arange(len(rows)) - 0.4 + (number + 0.5) * width, np.nan_to_num(heights),
                  width, color=color, label=name)
    panel.set_xticks(np.arange(len(rows)), [row.slice for row in rows], fontsize=9)
    panel.set(ylim=(0.0, 1.02), ylabel='AP')
    panel.grid(alpha=0.3, axis='y')
    if categories:
        panel.legend(fontsize=8, ncols=3, loc='lower right', bbox_to_anchor=(1.0, 1.0))


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)

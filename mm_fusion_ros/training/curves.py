# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How wrong the network was after each step: kept as lines of JSON, drawn as a picture.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

_SMOOTHED = 50  # steps
_PARTS = ('heat', 'box', 'velocity', 'quality', 'ground', 'depth')


class CurveLog:
    """
    A file of figures by step; going on from a step drops what was written after it.

    Parameters
    ----------
    path : Path
        Of the file.
    first_step : int
        The step that comes next.

    """

    def __init__(self, path: Path, first_step: int) -> None:
        kept = [row for row in read_curves(path) if row['step'] <= first_step]
        path.write_text(''.join(json.dumps(row) + '\n' for row in kept), encoding='utf-8')
        self._path = path

    def add(self, step: int, figures: dict[str, float]) -> None:
        """Write the figures of a step."""
        row = {'step': step} | {name: round(value, 5) for name, value in figures.items()}
        with self._path.open('a', encoding='utf-8') as file:
            file.write(json.dumps(row) + '\n')


def read_curves(path: Path) -> list[dict[str, float]]:
    """Give the figures by step; none if there is no file. A line that was cut off is left out."""
    if not path.is_file():
        return []
    *lines, _ = path.read_text(encoding='utf-8').split('\n')
    return [json.loads(line) for line in lines]


def draw_curves(rows: list[dict[str, float]], path: Path) -> None:
    """Draw the losses by step, as running means."""
    from matplotlib.figure import Figure  # takes a second to load

    steps = np.array([row['step'] for row in rows])
    figure = Figure(figsize=(9.0, 5.0), layout='constrained')
    axes = figure.add_subplot()
    width = min(_SMOOTHED, len(rows))
    for name in ('total', *_PARTS):
        values = np.array([row[name] for row in rows])
        mean = np.convolve(values, np.ones(width) / width, mode='valid')
        axes.plot(steps[width - 1:], mean, label=name, linewidth=2.0 if name == 'total' else 1.0)
    axes.set(xlabel='step', ylabel=f'loss, mean of {width} steps', yscale='log')
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=110)

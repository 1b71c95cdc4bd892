# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the verb `train` does: a segment of a run, watched, with its card and its curves.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
import time
from typing import TYPE_CHECKING

import torch
import yaml

from mm_fusion_ros import share
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.model.card import ModelCard, save_card
from mm_fusion_ros.training.curves import draw_curves, read_curves
from mm_fusion_ros.training.recipe import load_recipe
from mm_fusion_ros.training.run import CURVES, RunState, Segment, train
from mm_fusion_ros.training.source_commit import source_commit

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from torch.utils.tensorboard import SummaryWriter

    from mm_fusion_ros.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """
    What a segment came to.

    Attributes
    ----------
    state : RunState
        Where the run is.
    steps : int
        Where it ends.
    minutes : float
        Of the segment.
    folder : Path
        Where everything is.

    """

    state: RunState
    steps: int
    minutes: float
    folder: Path

    def __str__(self) -> str:
        """Say it."""
        losses = ', '.join(f'{name} {value:.3f}' for name, value in self.state.figures.items())
        step = self.state.step
        outlook = 'complete' if step >= self.steps else 'the same command goes on'
        return (f'step {step} of {self.steps} ({outlook}), {self.minutes:.1f} min\n{losses}\n'
                f'weights, card and curves: {self.folder}')


def train_segment(
    arguments: Namespace, progress: Callable[[int, int], None],
    timer: Callable[[], float] = time.monotonic,
) -> TrainingSummary:
    """
    Train as the command line says.

    Parameters
    ----------
    arguments : Namespace
        recipe, changes, output, cache, device, workers, minutes.
    progress : callable
        Is told (step, steps).
    timer : callable
        Gives a monotonic time, s.

    """
    path = share.recipe_file(arguments.recipe)
    recipe = load_recipe(path, dict(map(_change, arguments.changes)))
    start_s = timer()
    end_s = start_s + 60.0 * arguments.minutes
    segment = Segment(arguments.output, arguments.cache, arguments.device, arguments.workers,
                      _weights(path), lambda: timer() > end_s)
    board = _Board(arguments.output / 'tensorboard')

    def report(step: int, figures: dict[str, float]) -> None:
        progress(step, recipe.schedule.steps)
        board.add(step, figures)

    with closing(board):
        state = train(recipe, segment, report)
    if state.sha256:
        draw_curves(read_curves(arguments.output / CURVES), arguments.output / 'curves.png')
        save_card(_card(recipe, path, state), arguments.output / f'{path.stem}.yaml')
    return TrainingSummary(
        state, recipe.schedule.steps, (timer() - start_s) / 60.0, arguments.output)


def _weights(recipe: Path) -> str:
    return f'{recipe.stem}.safetensors'


def _card(recipe: Recipe, path: Path, state: RunState) -> ModelCard:
    return ModelCard(
        name=path.stem,
        checkpoint=_weights(path),
        sha256=state.sha256,
        classes=recipe.classes,
        image_width_px=recipe.image_width,
        image_height_px=recipe.image_height,
        uses_memory=recipe.data.memory_share > 0.0,
        recipe=path.stem,
        commit=source_commit(share.share_dir()),
        trained_frames=state.frames,
        trained_on=_device_name(state.device),
        grid=recipe.grid,
        network=recipe.network,
    )


def _change(text: str) -> tuple[str, object]:
    """Read NAME=VALUE, the value as in YAML."""
    name, sign, value = text.partition('=')
    if not sign:
        raise ConfigError('change of the recipe', 'NAME=VALUE', repr(text))
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError as err:
        raise ConfigError('change of the recipe', 'NAME=VALUE', repr(text)) from err
    if isinstance(parsed, str):
        with suppress(ValueError):
            parsed = float(parsed)  # 2e-3 is a string to YAML
    return name, tuple(parsed) if isinstance(parsed, list) else parsed


def _device_name(device: torch.device) -> str:
    if device.type == 'cuda':
        return torch.cuda.get_device_name(device)
    return f'CPU, {torch.get_num_threads()} threads'


class _Board:
    """A log for TensorBoard, where that is installed; opened by the process that reports."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: SummaryWriter | None = None
        self._is_installed = find_spec('tensorboard') is not None

    def add(self, step: int, figures: dict[str, float]) -> None:
        """Write the figures of a step."""
        if not self._is_installed:
            return
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(self._folder)
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Write what is still kept back."""
        if self._writer is not None:
            self._writer.close()

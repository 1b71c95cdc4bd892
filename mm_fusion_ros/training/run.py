# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A training run from its recipe to its weights, in as many segments as it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import torch
from torch.utils.data import DataLoader

from mm_fusion_ros.errors import CheckpointError
from mm_fusion_ros.model.checkpoint import save_weights
from mm_fusion_ros.training.batch import batched
from mm_fusion_ros.training.curves import CurveLog
from mm_fusion_ros.training.draws import DrawnSamples, DrawNumbers
from mm_fusion_ros.training.pretrained import load_image_weights
from mm_fusion_ros.training.processes import any_of, joined, leave, shared
from mm_fusion_ros.training.recipe import Recipe
from mm_fusion_ros.training.trainer import LearningNetwork, new_network, Trainer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STATE, CURVES = 'state.pt', 'curves.jsonl'
_SAVED_EVERY = 500  # steps


@dataclass(frozen=True, slots=True)
class Segment:
    """
    A part of a run.

    Attributes
    ----------
    folder : Path
        Where its state, curves and weights are kept; a run goes on from what is there.
    cache : Path
        Where rendered frames are kept.
    device : str
        cpu, cuda or auto.
    workers : int
        Processes that make samples.
    weights : str
        Name of the file of the weights.
    is_over : callable
        Tells after each step whether the segment ends, though the run does not.

    """

    folder: Path
    cache: Path
    device: str
    workers: int
    weights: str
    is_over: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class RunState:
    """
    Where a run is after a segment.

    Attributes
    ----------
    step : int
        Batches learned from.
    frames : int
        Frames in them, of all processes.
    device : torch.device
        Where this process computes.
    figures : dict
        Of the last batch; empty if the segment had none.
    sha256 : str
        Of the weights that were written; empty in processes that wrote none.

    """

    step: int
    frames: int
    device: torch.device
    figures: dict[str, float]
    sha256: str


def train(
    recipe: Recipe, segment: Segment, report: Callable[[int, dict[str, float]], None]
) -> RunState:
    """
    Go on with a run.

    Parameters
    ----------
    recipe : Recipe
        Of the run.
    segment : Segment
        How far to go now, and where.
    report : callable
        Is told the number of each step and its figures, by the first of several processes.

    Returns
    -------
    RunState
        After the segment.

    Raises
    ------
    CheckpointError
        If the state in the folder is none of this recipe.

    """
    share = joined(segment.device)
    segment.folder.mkdir(parents=True, exist_ok=True)
    network = new_network(recipe)
    if network.camera is not None:
        load_image_weights(network.camera.backbone)
    network = network.to(share.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    trainer = Trainer(network, recipe, shared(LearningNetwork(network), share))
    state_path = segment.folder / STATE
    if state_path.is_file():
        trainer.resume(_read_state(state_path, recipe))
    curves = CurveLog(segment.folder / CURVES, trainer.step_number) if share.is_first else None
    schedule = recipe.schedule
    loader = DataLoader(
        DrawnSamples(recipe, segment.cache), batch_size=schedule.batch_size,
        sampler=DrawNumbers(trainer.step_number, schedule.steps, schedule.batch_size,
                            share.rank, share.processes),
        collate_fn=batched, num_workers=segment.workers, pin_memory=share.device.type == 'cuda')
    figures: dict[str, float] = {}
    for batch in loader:
        figures = trainer.step(batch.to(share.device))
        if curves is not None:
            curves.add(trainer.step_number, figures)
            report(trainer.step_number, figures)
            if trainer.step_number % _SAVED_EVERY == 0:
                _save_state(trainer, recipe, state_path)
        if any_of(share, segment.is_over()):
            break
    digest = ''
    if share.is_first:
        _save_state(trainer, recipe, state_path)
        digest = save_weights(
            trainer.average.weights, segment.folder / segment.weights, torch.float16)
    leave(share)
    frames = trainer.step_number * schedule.batch_size * share.processes
    return RunState(trainer.step_number, frames, share.device, figures, digest)


def _save_state(trainer: Trainer, recipe: Recipe, path: Path) -> None:
    partial = path.with_suffix('.partial')
    torch.save(trainer.state() | {'recipe': recipe.values()}, partial)
    partial.rename(path)


def _read_state(path: Path, recipe: Recipe) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location='cpu')
    except (OSError, RuntimeError, EOFError, ValueError) as err:
        raise CheckpointError(f'state of the run {path}', 'one that was saved', err) from err
    if not isinstance(state.get('recipe'), dict):
        raise CheckpointError(f'state of the run {path}', 'one that was saved', 'another file')
    before = Recipe().values() | state['recipe']  # what is new since then had its default
    for name, value in recipe.values().items():
        if before[name] != value:
            raise CheckpointError(f'state of the run {path}', f'{name} {value}', before[name])
    return state

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One step of learning after the other.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from mm_fusion_ros.model.inputs import Memory
from mm_fusion_ros.model.network import FusionNetwork
from mm_fusion_ros.training.average import WeightAverage
from mm_fusion_ros.training.losses import Losses, losses

if TYPE_CHECKING:
    from mm_fusion_ros.model.inputs import FusionOutput
    from mm_fusion_ros.training.batch import Batch
    from mm_fusion_ros.training.recipe import Recipe

_LAST_SHARE = 0.01  # of the highest learning rate, at the end
_PRECISIONS = {'bfloat16': torch.bfloat16, 'float16': torch.float16}


def new_network(recipe: Recipe) -> FusionNetwork:
    """Make the network of a recipe, its weights drawn from the seed."""
    torch.manual_seed(recipe.schedule.seed)
    network = FusionNetwork(
        recipe.network, recipe.grid, len(recipe.classes),
        (recipe.image_width, recipe.image_height))
    if network.camera is not None:
        network.camera.backbone.requires_grad_(recipe.schedule.trains_image_backbone)
    return network


class LearningNetwork(nn.Module):
    """
    The network with its losses, as one module: what DistributedDataParallel can wrap.
    """

    def __init__(self, network: FusionNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Batch) -> Losses:
        """Answer a batch, and tell how wrong that is."""
        output = self.network(batch.given, self._memory(batch))
        return losses(output.heads, output.depth, batch.targets, self.network.grid.cell_m)

    def _memory(self, batch: Batch) -> Memory | None:
        if batch.previous is None:
            return None
        with torch.no_grad():
            before: FusionOutput = self.network(batch.previous)
        return Memory(before.features.detach(), batch.T_previous_base, batch.has_previous)


class Trainer:
    """
    Changes a network's weights so that it is less wrong.

    Parameters
    ----------
    network : FusionNetwork
        On the device where it learns.
    recipe : Recipe
        How.
    wrapped : Module, optional
        The `LearningNetwork` as several processes share it; None if this is the only one.

    """

    def __init__(
        self, network: FusionNetwork, recipe: Recipe, wrapped: nn.Module | None = None
    ) -> None:
        schedule = recipe.schedule
        self._network = network
        self._schedule = schedule
        self._learning = wrapped or LearningNetwork(network)
        self._parameters = [each for each in network.parameters() if each.requires_grad]
        groups: list[dict[str, Any]] = [
            {'params': [each for each in self._parameters if each.ndim > 1]},
            {'params': [each for each in self._parameters if each.ndim <= 1], 'weight_decay': 0.0},
        ]
        self._optimizer = torch.optim.AdamW(
            groups, lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
        self._device = self._parameters[0].device
        self._scaler = torch.amp.GradScaler(
            self._device.type, enabled=schedule.precision == 'float16')
        self.average = WeightAverage(network, schedule.average_decay)
        self.step_number = 0

    def step(self, batch: Batch) -> dict[str, float]:
        """
        Learn from a batch on the device.

        Returns
        -------
        dict
            Losses by name, their total, the learning rate and the length of the gradient.

        """
        rate = self._learning_rate()
        for group in self._optimizer.param_groups:
            group['lr'] = rate
        self._learning.train()
        dtype = _PRECISIONS.get(self._schedule.precision)
        with torch.autocast(self._device.type, dtype or torch.bfloat16, enabled=dtype is not None):
            found: Losses = self._learning(batch)
        self._optimizer.zero_grad(set_to_none=True)
        self._scaler.scale(found.total).backward()  # type: ignore[no-untyped-call]
        self._scaler.unscale_(self._optimizer)
        length = nn.utils.clip_grad_norm_(self._parameters, self._schedule.max_gradient)
        if torch.isfinite(length):
            self._scaler.step(self._optimizer)
        self._scaler.update()
        self.step_number += 1
        self.average.update(self._network, self.step_number)
        figures = {name: float(value.detach()) for name, value in found._asdict().items()}
        return figures | {
            'total': sum(figures.values()), 'learning_rate': rate, 'gradient': float(length)}

    def state(self) -> dict[str, Any]:
        """Give everything that going on from here takes."""
        return {
            'step': self.step_number, 'network': self._network.state_dict(),
            'average': self.average.weights, 'optimizer': self._optimizer.state_dict(),
            'scaler': self._scaler.state_dict()}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.step_number = state['step']
        self._network.load_state_dict(state['network'])
        self.average.weights = {
            name: value.to(self._device) for name, value in state['average'].items()}
        self._optimizer.load_state_dict(state['optimizer'])
        self._scaler.load_state_dict(state['scaler'])

    def _learning_rate(self) -> float:
        schedule = self._schedule
        if self.step_number < schedule.warmup_steps:
            share = (1 + self.step_number) / schedule.warmup_steps
        else:
            done = (self.step_number - schedule.warmup_steps) / max(
                schedule.steps - schedule.warmup_steps, 1)
            share = _LAST_SHARE + (1.0 - _LAST_SHARE) * 0.5 * (1.0 + np.cos(np.pi * min(done, 1)))
        return float(schedule.learning_rate * share)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A moving average of the weights: what a network that still changes is best judged and kept by.

Source: Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import nn, Tensor


class WeightAverage:
    """
    The average of a network's weights; statistics of normalisation go along.

    Parameters
    ----------
    network : Module
        Whose weights.
    decay : float
        Share of the past after each step, once there were many; less at first.

    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        self.weights: dict[str, Tensor] = {
            name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in the weights after a step."""
        decay = min(self._decay, (1.0 + step) / (10.0 + step))
        for name, value in network.state_dict().items():
            if value.dtype.is_floating_point:
                self.weights[name].lerp_(value, 1.0 - decay)
            else:
                self.weights[name].copy_(value)

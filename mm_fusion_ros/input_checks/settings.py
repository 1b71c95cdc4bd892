# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is called unusual.
"""

from __future__ import annotations

from dataclasses import dataclass

from mm_fusion_ros.config import parameter


@dataclass(frozen=True, slots=True)
class InputCheckSettings:
    """Limits beyond which a sensor that speaks is said not to see."""

    enabled: bool = parameter(
        True, 'Warn of frozen, covered, dark, blurred, blocked, noisy, moved and late sensors.')
    min_contrast: float = parameter(
        4.0, 'A picture whose brightness deviates less shows nothing.', 'grey levels',
        minimum=0.0, maximum=255.0)
    max_white: float = parameter(
        0.4, 'A picture with a larger share of white pixels is overexposed.',
        minimum=0.0, maximum=1.0)
    min_picture: float = parameter(
        0.4, 'A picture with less than this share of its usual brightness, contrast or sharpness '
        'is dark, pale or blurred.', minimum=0.0, maximum=1.0)
    min_points: float = parameter(
        0.6, 'A sweep with less than this share of its usual points has lost some.',
        minimum=0.0, maximum=1.0)
    max_gap_deg: float = parameter(
        20.0, 'A wider sector without the points it usually has is blocked.', 'deg',
        minimum=5.0, maximum=360.0)
    max_noise: float = parameter(
        3.0, 'Ranges that differ from their neighbours by more than so many times what is usual '
        'are noisy.', minimum=1.0, maximum=1000.0)
    max_specks: float = parameter(
        0.01, 'More points than usual that stand alone, by more than this share, are ghosts.',
        minimum=0.0, maximum=1.0)
    max_near_specks: float = parameter(
        0.001, 'The same for those within 5 m: returns from fog, rain or spray.',
        minimum=0.0, maximum=1.0)
    max_delay_change_ms: float = parameter(
        100.0, 'A message that comes later or earlier after its stamp than usual, by more, is '
        'mis-stamped or late.', 'ms', minimum=0.0, maximum=10000.0)

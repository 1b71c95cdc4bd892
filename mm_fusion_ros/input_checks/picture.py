# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is unusual about a picture: brightness, contrast, sharpness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.input_checks.usual import Usual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.input_checks.settings import InputCheckSettings

_WHITE = 250
_WORDS = (('dark', 'brightness'), ('pale', 'contrast'), ('blurred', 'sharpness'))


class PictureCheck:
    """Compares the pictures of one camera with each other."""

    def __init__(self, settings: InputCheckSettings) -> None:
        self._settings = settings
        self._usual = Usual()

    def judge(self, rows: NDArray[np.uint8]) -> tuple[str, ...]:
        """Say what is unusual about a picture of which these rows (N, W), uint8, are known."""
        brightness, contrast = float(rows.mean()), float(rows.std())
        steps = np.abs(np.diff(rows.astype(np.int16), axis=1))
        sharpness = float(steps.mean()) / (contrast + 1.0) if steps.size else 0.0
        seen = np.array([brightness, contrast, sharpness])
        found = self._unusual(seen, float((rows >= _WHITE).mean()))
        self._usual.learn(seen, is_unusual=bool(found))
        return found

    def _unusual(self, seen: NDArray[np.float64], white: float) -> tuple[str, ...]:
        settings, usual = self._settings, self._usual.values
        if seen[1] < settings.min_contrast:
            return (f'shows nothing: brightness {seen[0]:.0f}, contrast {seen[1]:.1f}',)
        found = []
        if white > settings.max_white:
            found.append(f'overexposed: {white:.0%} of the picture are white')
        if usual is not None:
            shares = seen / np.maximum(usual, 1e-9)
            found += [
                f'{word}: {share:.0%} of its usual {quantity}'
                for (word, quantity), share in zip(_WORDS, shares.tolist(), strict=True)
                if share < settings.min_picture]
        return tuple(found)

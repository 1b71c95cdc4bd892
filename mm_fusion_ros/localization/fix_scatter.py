# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How far fixes scatter from one to the next, beside what their receiver says.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_REMEMBERED = 20
_FEWEST = 10
_USUAL = 1.386  # median of chi-square of two degrees of freedom
_NOTABLE = 2.0  # a smaller excess may be chance
_USELESS_M2 = 10.0**2  # fixes that scatter farther are not believed to be fixes


class FixScatter(NamedTuple):
    """
    The newest steps between residuals of fixes on the plan.

    A jump is a single step, and so does not count as scatter.

    Attributes
    ----------
    residual : (2,) float64, optional
        Of the last fix, m.
    steps : tuple of float
        Squared, over the variance that is expected.
    variance_m2 : float
        Of one axis of the last fix.

    """

    residual: NDArray[np.float64] | None = None
    steps: tuple[float, ...] = ()
    variance_m2: float = 0.0

    def after(self, residual: NDArray[np.float64], variance: NDArray[np.float64]) -> FixScatter:
        """Take in the residual (2,), m, of a fix whose axes vary so much (2,), m^2."""
        steps = self.steps
        if self.residual is not None:
            step = residual - self.residual
            steps = (*steps, float(step @ (step / variance)) / 2.0)[-_REMEMBERED:]
        return FixScatter(residual, steps, float(variance.mean()))

    @property
    def excess(self) -> float:
        """By how much variances have to be multiplied to explain the scatter; 1 or more."""
        found = excess_of(self.steps)
        return found if found * self.variance_m2 < _USELESS_M2 else 1.0


def excess_of(steps: Sequence[float]) -> float:
    """
    Give by how much a variance is too small, from squared differences on the plan over it.

    1 where it is large enough, or differences are too few to tell.
    """
    if len(steps) < _FEWEST:
        return 1.0
    ratio = float(np.median(steps)) / _USUAL
    return ratio if ratio > _NOTABLE else 1.0

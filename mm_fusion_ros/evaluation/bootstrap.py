# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How sure a figure is: scenes are drawn again and again, with replacement, and it is taken of each.

Frames of a scene resemble each other, so scenes are drawn, not frames. Two systems measured on
the same scenes are compared on the same draws: what is hard in a scene is hard for both.

Source: Efron and Tibshirani, An introduction to the bootstrap, 1993: percentile intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TYPE_CHECKING, TypeVar

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_LEVEL = 0.95
_T = TypeVar('_T', bound='DrawnByScene')


class DrawnByScene(Protocol):
    """What was counted on S scenes, from which figures are made."""

    @property
    def scenes(self) -> tuple[str, ...]:
        """Give their names, sorted."""

    def resampled(self: _T, counts: NDArray[np.int64]) -> _T:
        """Count each scene (S,) so many times."""


@dataclass(frozen=True, slots=True)
class Interval:
    """
    A figure and between which values 95 % of the draws lie; NaN where there is none.

    Attributes
    ----------
    value : float
        Of all scenes, each once.
    low, high : float
        The 2.5 % and 97.5 % quantiles over draws; draws without a figure are left out.

    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Say it in a line."""
        return f'{self.value:.3f} ({self.low:.3f} to {self.high:.3f})'


def interval_of(
    counted: Sequence[_T], metric: Callable[[Sequence[_T]], float], rng: np.random.Generator,
    draws: int = 1000,
) -> Interval:
    """
    Give a figure of one system and how sure it is.

    Parameters
    ----------
    counted : sequence of DrawnByScene
        Such as the `CategoryMatches` of some categories, of the same scenes.
    metric : callable
        Such as `mean_average_precision`.
    rng : Generator
        All randomness.
    draws : int
        How often scenes are drawn.

    Raises
    ------
    InvalidMessageError
        If there is no scene, or not all are of the same scenes.

    """
    counts = _draw(rng, draws, _num_scenes(counted))
    return _interval(metric(counted), np.array([_drawn(counted, metric, row) for row in counts]))


def difference_of(
    counted: Sequence[_T], others: Sequence[_T], metric: Callable[[Sequence[_T]], float],
    rng: np.random.Generator, draws: int = 1000,
) -> Interval:
    """
    Give by how much a figure of one system exceeds that of another, and how sure that is.

    Parameters
    ----------
    counted, others : sequence of DrawnByScene
        Of the one and the other, on the same scenes.
    metric, rng, draws :
        As for `interval_of`.

    Raises
    ------
    InvalidMessageError
        If there is no scene, or the scenes differ.

    """
    counts = _draw(rng, draws, _num_scenes([*counted, *others]))
    differences = [_drawn(counted, metric, row) - _drawn(others, metric, row) for row in counts]
    return _interval(metric(counted) - metric(others), np.array(differences))


def _num_scenes(counted: Sequence[DrawnByScene]) -> int:
    """Count the scenes, which have to be the same in all."""
    scenes = counted[0].scenes if counted else ()
    if not scenes:
        raise InvalidMessageError('scenes', 'at least one', 'none')
    for each in counted:
        apart = sorted(set(each.scenes) ^ set(scenes))
        if apart:
            raise InvalidMessageError(
                'scenes', 'the same for all', f'{len(apart)} of some only, such as {apart[0]}')
    return len(scenes)


def _draw(rng: np.random.Generator, draws: int, scenes: int) -> NDArray[np.int64]:
    """Give how often each scene is drawn (draws, S)."""
    return rng.multinomial(scenes, np.full(scenes, 1.0 / scenes), size=draws)


def _drawn(
    counted: Sequence[_T], metric: Callable[[Sequence[_T]], float], counts: NDArray[np.int64]
) -> float:
    return metric([each.resampled(counts) for each in counted])


def _interval(value: float, drawn: NDArray[np.float64]) -> Interval:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return Interval(value, float('nan'), float('nan'))
    low, high = np.quantile(known, ((1.0 - _LEVEL) / 2.0, (1.0 + _LEVEL) / 2.0))
    return Interval(value, float(low), float(high))

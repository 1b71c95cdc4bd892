# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether errors are as large as the covariances say: NEES of states, NIS of innovations.

Source: Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation,
2001, section 5.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.trajectory_errors import trajectory_errors

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from mm_fusion_ros.evaluation.trajectory_association import Associated

_PROBABILITY = 0.95


class Block(Enum):
    """A part of the error of position, attitude and velocity."""

    POSITION = (0, 3)
    ATTITUDE = (3, 6)
    VELOCITY = (6, 9)
    POSE = (0, 6)
    ALL = (0, 9)

    @property
    def dof(self) -> int:
        """How many numbers it has."""
        first, last = self.value
        return last - first


@dataclass(frozen=True, slots=True, eq=False)
class Consistency:
    """
    Mean squares of normalised errors over M runs, beside where they belong.

    Attributes
    ----------
    means : (N,) float64
        Mean over the runs at each instant.
    lower, upper : (N,) float64
        Bounds that a consistent filter keeps with `probability` at each instant.
    dof : float
        Mean degrees of freedom: what the means should be on average.
    runs : int
        M.
    probability : float
        Of the bounds.

    """

    means: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    dof: float
    runs: int
    probability: float

    @property
    def mean(self) -> float:
        """Mean over all instants and runs."""
        return float(self.means.mean())

    @property
    def share_inside(self) -> float:
        """Share of the instants whose mean is within the bounds."""
        return float(((self.means >= self.lower) & (self.means <= self.upper)).mean())

    @property
    def share_above(self) -> float:
        """Share of the instants at which errors are larger than the covariance says."""
        return float((self.means > self.upper).mean())

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f'mean {self.mean:.2f} (consistent: {self.dof:.2f}), {self.share_inside:.1%} of '
            f'{len(self.means)} instants inside the {self.probability:.0%} bounds of {self.runs} '
            f'runs, {self.share_above:.1%} above'
        )


def nees(pair: Associated, block: Block) -> NDArray[np.float64]:
    """
    Give the squares (N,) of an estimate's errors normalised by its covariances.

    Raises
    ------
    InvalidMessageError
        If the estimate has no covariances, or a velocity is needed and not known, or a covariance
        is singular.

    """
    errors, covariances = trajectory_errors(pair), pair.estimate.covariances
    if covariances is None:
        raise InvalidMessageError('estimate', 'covariances', 'none')
    first, last = block.value
    velocity = errors.velocity_mps
    if velocity is None:
        if last > Block.POSE.value[1]:
            raise InvalidMessageError('estimate and truth', 'velocities', 'none')
        velocity = np.zeros((len(pair.truth), 3))
    deviations = np.concatenate([errors.position_m, errors.attitude_rad, velocity], axis=1)
    return normalised_squares(
        deviations[:, first:last], covariances[:, first:last, first:last])


def normalised_squares(
    errors: NDArray[np.float64], covariances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Give `e @ inv(P) @ e` (N,) of errors (N, K) and covariances (N, K, K).

    Raises
    ------
    InvalidMessageError
        If a covariance is singular.

    """
    try:
        weighted = np.linalg.solve(covariances, errors[:, :, None])
    except np.linalg.LinAlgError as err:
        raise InvalidMessageError('covariance', 'one that can be inverted', err) from err
    squares: NDArray[np.float64] = np.einsum('nk,nk->n', errors, weighted[:, :, 0])
    return squares


def consistency(
    squares: ArrayLike, dof: ArrayLike, probability: float = _PROBABILITY
) -> Consistency:
    """
    Compare normalised squares with what chance allows.

    Parameters
    ----------
    squares : (M, N) or (N,) array
        NEES of M runs at the same N instants, or the squares of N innovations of one run (NIS).
    dof : int or (N,) array
        Degrees of freedom, of all or of each instant.
    probability : float
        That the mean of a consistent filter is within the bounds of an instant.

    Raises
    ------
    InvalidMessageError
        If there are none.

    """
    by_run = np.atleast_2d(np.asarray(squares, np.float64))
    if not by_run.size:
        raise InvalidMessageError('normalised squares', 'one or more', 'none')
    runs, instants = by_run.shape
    all_dof = np.broadcast_to(np.asarray(dof, np.float64), (instants,))
    lower, upper = (
        chi2.ppf(0.5 + side * probability / 2.0, runs * all_dof) / runs for side in (-1.0, 1.0))
    return Consistency(
        by_run.mean(axis=0), lower, upper, float(all_dof.mean()), runs, probability)

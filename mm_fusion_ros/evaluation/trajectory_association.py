# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The truth at the instants of an estimate, and the two frames brought together."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import NamedTuple, TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.trajectory import Trajectory
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.stamps import from_seconds, to_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Alignment(Enum):
    """What of an unknown difference between two fixed frames is taken out of an estimate."""

    NONE = 'none'
    TRANSLATION = 'translation'  # the mean offset
    YAW = 'yaw'  # a turn about the vertical, and a translation
    RIGID = 'rigid'  # any turn, and a translation


class Associated(NamedTuple):
    """An estimate and the truth at its stamps, of equal length."""

    truth: Trajectory
    estimate: Trajectory

    def between(self, start_ns: int, end_ns: int) -> Associated:
        """Keep the instants from `start_ns` on and before `end_ns`."""
        first, last = np.searchsorted(self.truth.stamps_ns, (start_ns, end_ns))
        return Associated(self.truth[first:last], self.estimate[first:last])


def associate(truth: Trajectory, estimate: Trajectory, max_gap_s: float = 1.0) -> Associated:
    """
    Interpolate the truth at the stamps of an estimate.

    Positions and velocities go straight from one true pose to the next, the attitude turns at a
    constant rate. Estimates outside the span of the truth, or in a gap of it that is longer than
    `max_gap_s`, are left out.

    Raises
    ------
    InvalidMessageError
        If no estimate is left.

    """
    stamps_ns, at_ns = truth.stamps_ns, estimate.stamps_ns
    if len(truth) < 2:
        raise InvalidMessageError('truth', '2 poses or more', len(truth))
    later = np.clip(np.searchsorted(stamps_ns, at_ns), 1, len(truth) - 1)
    steps_ns = stamps_ns[later] - stamps_ns[later - 1]
    known = (at_ns >= stamps_ns[0]) & (at_ns <= stamps_ns[-1])
    known &= steps_ns <= from_seconds(max_gap_s)
    if not known.any():
        raise InvalidMessageError(
            'stamps of the estimate', f'some in those of the truth, {_span(truth)}',
            _span(estimate))
    estimate, later, at_ns = estimate[known], later[known], at_ns[known]
    fraction = ((at_ns - stamps_ns[later - 1]) / steps_ns[known])[:, None]
    T = np.tile(np.eye(4), (len(at_ns), 1, 1))
    turns = Slerp(stamps_ns - stamps_ns[0], Rotation.from_matrix(truth.T[:, :3, :3]))
    T[:, :3, :3] = turns(at_ns - stamps_ns[0]).as_matrix()
    T[:, :3, 3] = _between(truth.positions, later, fraction)
    velocities = truth.velocities_mps
    if velocities is not None:
        velocities = _between(velocities, later, fraction)
    return Associated(Trajectory(at_ns, T, velocities), estimate)


def _span(trajectory: Trajectory) -> str:
    if not len(trajectory):
        return 'none'
    first_s, last_s = (to_seconds(int(trajectory.stamps_ns[row])) for row in (0, -1))
    return f'{first_s:.3f} to {last_s:.3f} s'


def _between(
    values: NDArray[np.float64], later: NDArray[np.intp], fraction: NDArray[np.float64]
) -> NDArray[np.float64]:
    return values[later - 1] * (1.0 - fraction) + values[later] * fraction


def align(pair: Associated, alignment: Alignment) -> Associated:
    """Move the estimate as a whole so that its positions fit the truth best."""
    T = _fit(pair.truth.positions, pair.estimate.positions, alignment)
    return Associated(pair.truth, moved(pair.estimate, T))


def moved(trajectory: Trajectory, T: NDArray[np.float64]) -> Trajectory:
    """Give a trajectory in another fixed frame: `T_other_fixed` (4, 4)."""
    R = T[:3, :3]
    velocities, covariances = trajectory.velocities_mps, trajectory.covariances
    if velocities is not None:
        velocities = velocities @ R.T
    if covariances is not None:
        turn = np.kron(np.eye(3), R)
        covariances = turn @ covariances @ turn.T
    return replace(
        trajectory, T=T @ trajectory.T, velocities_mps=velocities, covariances=covariances)


def _fit(
    truth: NDArray[np.float64], estimate: NDArray[np.float64], alignment: Alignment
) -> NDArray[np.float64]:
    """
    Find the motion that brings positions (N, 3) nearest to the true ones in the square mean.

    Source: Umeyama, Least-squares estimation of transformation parameters between two point
    patterns, 1991, without the scale.
    """
    T = np.eye(4)
    if alignment is Alignment.NONE:
        return T
    true_center, center = truth.mean(axis=0), estimate.mean(axis=0)
    products = (truth - true_center).T @ (estimate - center)
    if alignment is Alignment.YAW:
        sine, cosine = products[1, 0] - products[0, 1], products[0, 0] + products[1, 1]
        T = from_euler(np.zeros(3), 0.0, 0.0, float(np.arctan2(sine, cosine)))
    elif alignment is Alignment.RIGID:
        u, _, vt = np.linalg.svd(products)
        handed = np.sign(np.linalg.det(u) * np.linalg.det(vt))
        T[:3, :3] = u @ np.diag((1.0, 1.0, handed)) @ vt
    T[:3, 3] = true_center - T[:3, :3] @ center
    return T

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Relative pose errors: how far an estimate drifts over a given distance or time.

A common offset of the whole trajectory does not matter here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.trajectory_errors import rms
from mm_fusion_ros.geometry.transforms import inverse
from mm_fusion_ros.stamps import from_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.evaluation.trajectory_association import Associated


@dataclass(frozen=True, slots=True)
class RelativeFigures:
    """
    The errors of M pieces of a drive.

    Attributes
    ----------
    delta : str
        How long a piece is, with its unit.
    pieces : int
        How many there are; they overlap.
    translation_rmse_m, rotation_rmse_deg : float
        Root mean square of the error of a piece's motion.
    translation_percent, rotation_deg_per_m : float
        Mean error as a share of the piece's length; NaN if a piece has none.

    """

    delta: str
    pieces: int
    translation_rmse_m: float
    rotation_rmse_deg: float
    translation_percent: float
    rotation_deg_per_m: float

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f'over {self.delta} ({self.pieces} pieces): RMSE {self.translation_rmse_m:.3f} m '
            f'and {self.rotation_rmse_deg:.3f} deg, mean {self.translation_percent:.2f} % '
            f'and {self.rotation_deg_per_m:.4f} deg/m'
        )


def errors_over_distance(pair: Associated, distance_m: float) -> RelativeFigures:
    """
    Compare the motions over pieces of a distance, m; one begins with each instant.

    Source: Geiger et al., Are we ready for autonomous driving?, 2012, section 3.1.

    Raises
    ------
    InvalidMessageError
        If the drive is shorter.

    """
    way = pair.truth.distances_m
    return _figures(pair, np.searchsorted(way, way + distance_m), f'{distance_m:g} m')


def errors_over_time(pair: Associated, duration_s: float) -> RelativeFigures:
    """
    Compare the motions over pieces of a duration, s; one begins with each instant.

    Source: Sturm et al., A benchmark for the evaluation of RGB-D SLAM systems, 2012, section IV.

    Raises
    ------
    InvalidMessageError
        If the drive is shorter.

    """
    stamps_ns = pair.truth.stamps_ns
    ends = np.searchsorted(stamps_ns, stamps_ns + from_seconds(duration_s))
    return _figures(pair, ends, f'{duration_s:g} s')


def _figures(pair: Associated, ends: NDArray[np.intp], delta: str) -> RelativeFigures:
    starts = np.flatnonzero(ends < len(pair.truth))
    if not len(starts):
        raise InvalidMessageError('drive', f'{delta} or more', 'less')
    ends = ends[starts]
    true_motions, motions = (inverse(each.T[starts]) @ each.T[ends] for each in pair)
    errors = inverse(true_motions) @ motions
    shift_m = np.linalg.norm(errors[:, :3, 3], axis=1)
    turn_deg = np.degrees(Rotation.from_matrix(errors[:, :3, :3]).magnitude())
    lengths_m = pair.truth.distances_m[ends] - pair.truth.distances_m[starts]
    moves = bool((lengths_m > 0.0).all())
    return RelativeFigures(
        delta=delta,
        pieces=len(starts),
        translation_rmse_m=rms(shift_m),
        rotation_rmse_deg=rms(turn_deg),
        translation_percent=float(100.0 * (shift_m / lengths_m).mean()) if moves else np.nan,
        rotation_deg_per_m=float((turn_deg / lengths_m).mean()) if moves else np.nan,
    )

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How far an estimate is from the truth: at each instant, and in figures of a whole drive."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.stamps import to_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.evaluation.trajectory_association import Associated


@dataclass(frozen=True, slots=True, eq=False)
class TrajectoryErrors:
    """
    Estimate less truth at N instants, in the fixed frame's axes.

    Attributes
    ----------
    stamps_ns : (N,) int64
        When.
    position_m : (N, 3) float64
        Difference of the positions.
    along_across_m : (N, 2) float64
        The same seen from above, along the true heading and to the left of it.
    attitude_rad : (N, 3) float64
        Rotation vector that leads from the true attitude to the estimated one.
    yaw_rad : (N,) float64
        Difference of the headings, in [-pi, pi).
    velocity_mps : (N, 3) float64, optional
        Difference of the velocities; None if one of them is not known.

    """

    stamps_ns: NDArray[np.int64]
    position_m: NDArray[np.float64]
    along_across_m: NDArray[np.float64]
    attitude_rad: NDArray[np.float64]
    yaw_rad: NDArray[np.float64]
    velocity_mps: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class TrajectoryFigures:
    """
    The errors of a drive in a few figures.

    Attributes
    ----------
    poses : int
        Instants compared.
    duration_s, distance_m : float
        Of the true drive between the first and the last of them.
    ate_3d_m, ate_2d_m : float
        Absolute trajectory error: root mean square of the positions' errors, in space and seen
        from above.
    offset_m : (float, float, float)
        Mean error of the position.
    end_error_m, end_error_percent : float
        Error of the last position, and its share of the distance driven, seen in space; NaN for
        a vehicle that did not move.
    yaw_median_deg, yaw_rmse_deg, yaw_max_deg : float
        Of the heading's absolute error.
    speed_rmse_mps : float, optional
        Root mean square error of the length of the velocity.

    """

    poses: int
    duration_s: float
    distance_m: float
    ate_3d_m: float
    ate_2d_m: float
    offset_m: tuple[float, float, float]
    end_error_m: float
    end_error_percent: float
    yaw_median_deg: float
    yaw_rmse_deg: float
    yaw_max_deg: float
    speed_rmse_mps: float | None = None

    def __str__(self) -> str:
        """Say it in four lines."""
        east, north, up = self.offset_m
        lines = [
            f'{self.poses} poses, {self.duration_s:.1f} s, {self.distance_m:.1f} m',
            f'position RMSE {self.ate_3d_m:.3f} m, from above {self.ate_2d_m:.3f} m, '
            f'mean error {east:+.3f} {north:+.3f} {up:+.3f} m',
            f'at the end {self.end_error_m:.3f} m, {self.end_error_percent:.2f} % of the distance',
            f'yaw median {self.yaw_median_deg:.3f}, RMSE {self.yaw_rmse_deg:.3f}, '
            f'max {self.yaw_max_deg:.3f} deg',
        ]
        if self.speed_rmse_mps is not None:
            lines.append(f'speed RMSE {self.speed_rmse_mps:.3f} m/s')
        return '\n'.join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Give name and value of each figure."""
        return asdict(self)


def trajectory_errors(pair: Associated) -> TrajectoryErrors:
    """Compare instant by instant."""
    truth, estimate = pair
    position = estimate.positions - truth.positions
    yaw = truth.yaws_rad
    ahead = np.stack([np.cos(yaw), np.sin(yaw)], axis=-1)
    left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1)
    along_across = np.stack(
        [(position[:, :2] * axis).sum(axis=1) for axis in (ahead, left)], axis=-1)
    turns = estimate.T[:, :3, :3] @ truth.T[:, :3, :3].swapaxes(1, 2)
    velocity = None
    if truth.velocities_mps is not None and estimate.velocities_mps is not None:
        velocity = estimate.velocities_mps - truth.velocities_mps
    return TrajectoryErrors(
        stamps_ns=truth.stamps_ns,
        position_m=position,
        along_across_m=along_across,
        attitude_rad=Rotation.from_matrix(turns).as_rotvec().reshape(-1, 3),
        yaw_rad=wrap_angle(estimate.yaws_rad - yaw),
        velocity_mps=velocity,
    )


def trajectory_figures(pair: Associated) -> TrajectoryFigures:
    """Sum up the errors of a drive, or of the part of it that `between` gives."""
    truth, estimate = pair
    errors = trajectory_errors(pair)
    distance_m = float(truth.distances_m[-1])
    end_m = float(np.linalg.norm(errors.position_m[-1]))
    yaw_deg = np.degrees(np.abs(errors.yaw_rad))
    east, north, up = errors.position_m.mean(axis=0).tolist()
    speed_rmse = None
    if truth.velocities_mps is not None and estimate.velocities_mps is not None:
        speed_rmse = rms(
            np.linalg.norm(estimate.velocities_mps, axis=1)
            - np.linalg.norm(truth.velocities_mps, axis=1))
    return TrajectoryFigures(
        poses=len(truth),
        duration_s=to_seconds(int(truth.stamps_ns[-1] - truth.stamps_ns[0])),
        distance_m=distance_m,
        ate_3d_m=rms(np.linalg.norm(errors.position_m, axis=1)),
        ate_2d_m=rms(np.linalg.norm(errors.position_m[:, :2], axis=1)),
        offset_m=(east, north, up),
        end_error_m=end_m,
        end_error_percent=100.0 * end_m / distance_m if distance_m > 0.0 else float('nan'),
        yaw_median_deg=float(np.median(yaw_deg)),
        yaw_rmse_deg=rms(yaw_deg),
        yaw_max_deg=float(yaw_deg.max()),
        speed_rmse_mps=speed_rmse,
    )


def rms(values: NDArray[np.float64]) -> float:
    """Give the root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))

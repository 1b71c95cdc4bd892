# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A drive as arrays: poses by stamp, with velocities and covariances where they are known."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import EgoPose


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """
    N poses of the vehicle in one fixed frame, in the order of time.

    Attributes
    ----------
    stamps_ns : (N,) int64
        Each later than the one before.
    T : (N, 4, 4) float64
        `T_fixed_vehicle`.
    velocities_mps : (N, 3) float64, optional
        In the fixed frame's axes.
    covariances : (N, 9, 9) float64, optional
        Of position, m, attitude, rad, and velocity, m/s, in the fixed frame's axes. The error of
        the attitude is the rotation vector theta of `R_true = exp(theta) @ R`.

    """

    stamps_ns: NDArray[np.int64]
    T: NDArray[np.float64]
    velocities_mps: NDArray[np.float64] | None = None
    covariances: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Check that the columns fit each other, and that time goes on."""
        n = len(self.stamps_ns)
        shapes = {'stamps_ns': (n,), 'T': (n, 4, 4), 'velocities_mps': (n, 3),
                  'covariances': (n, 9, 9)}
        for name, shape in shapes.items():
            column = getattr(self, name)
            if column is not None and column.shape != shape:
                raise InvalidMessageError(f'trajectory {name}', f'shape {shape}', column.shape)
        backward = np.flatnonzero(np.diff(self.stamps_ns) <= 0)
        if len(backward):
            before, after = self.stamps_ns[backward[0] : backward[0] + 2].tolist()
            raise InvalidMessageError('trajectory stamps', f'more than {before} ns', after)

    def __len__(self) -> int:
        """Count the poses."""
        return len(self.stamps_ns)

    def __getitem__(self, rows: Any) -> Trajectory:
        """Pick poses by mask or slice, all columns together."""
        picked = {item.name: getattr(self, item.name) for item in fields(self)}
        return replace(self, **{
            name: column[rows] for name, column in picked.items() if column is not None})

    @property
    def positions(self) -> NDArray[np.float64]:
        """(N, 3), m."""
        return self.T[:, :3, 3]

    @property
    def yaws_rad(self) -> NDArray[np.float64]:
        """Heading (N,) of the vehicle's x axis about +z, rad."""
        yaws: NDArray[np.float64] = np.arctan2(self.T[:, 1, 0], self.T[:, 0, 0])
        return yaws

    @property
    def distances_m(self) -> NDArray[np.float64]:
        """How far (N,) the vehicle has come since the first pose, m."""
        steps = np.linalg.norm(np.diff(self.positions, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])[: len(self)]


def from_ego_poses(poses: Sequence[EgoPose]) -> Trajectory:
    """
    Bring poses, such as those read from Odometry messages, into arrays.

    Velocities are turned into the fixed frame. Covariances are given if every pose brings both of
    its own. In a message the velocity is along the vehicle's axes; how its error there hangs
    together with the others is not in it, and so is taken as not at all: in the fixed frame the
    velocity then errs with the attitude.
    """
    T = np.array([pose.T_frame_child for pose in poses]).reshape(-1, 4, 4)
    R = T[:, :3, :3]
    linear = np.array([pose.linear_mps for pose in poses]).reshape(-1, 3)
    velocities = np.einsum('nij,nj->ni', R, linear)
    pose_covariances = [p.pose_covariance for p in poses if p.pose_covariance is not None]
    twist_covariances = [p.twist_covariance for p in poses if p.twist_covariance is not None]
    covariances = None
    if len(poses) == len(pose_covariances) == len(twist_covariances):
        covariances = np.zeros((len(poses), 9, 9))
        covariances[:, :6, :6] = np.reshape(pose_covariances, (-1, 6, 6))
        covariances[:, 6:, 6:] = np.reshape(twist_covariances, (-1, 6, 6))[:, :3, :3]
        H = np.tile(np.eye(9), (len(poses), 1, 1))
        H[:, 6:, 6:] = R
        for axis, turned in enumerate(np.eye(3)):
            H[:, 6:, 3 + axis] = np.cross(turned, velocities)
        covariances = H @ covariances @ H.swapaxes(1, 2)
    return Trajectory(
        stamps_ns=np.array([pose.stamp_ns for pose in poses], np.int64),
        T=T,
        velocities_mps=velocities,
        covariances=covariances,
    )

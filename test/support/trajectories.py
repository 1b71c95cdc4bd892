# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A winding drive as a trajectory, and estimates of it that are off by what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.evaluation.trajectory import Trajectory

if TYPE_CHECKING:
    from numpy.typing import NDArray

START_NS = 1_700_000_000_000_000_000
_SPEED_MPS = 8.0


def winding_drive(duration_s: float = 30.0, rate_hz: float = 10.0) -> Trajectory:
    """Drive at 8 m/s through bends and over hills, heading along the velocity."""
    time_s = np.arange(round(duration_s * rate_hz) + 1) / rate_hz
    yaw = 0.8 * np.sin(0.3 * time_s) + 0.1 * time_s
    pitch = 0.05 * np.sin(0.2 * time_s)
    attitude = Rotation.from_euler('zyx', np.stack([yaw, -pitch, 0.0 * yaw], axis=-1))
    velocities = attitude.apply((_SPEED_MPS, 0.0, 0.0))
    steps = (velocities[1:] + velocities[:-1]) / 2.0 / rate_hz
    T = np.tile(np.eye(4), (len(time_s), 1, 1))
    T[:, :3, :3] = attitude.as_matrix()
    T[1:, :3, 3] = np.cumsum(steps, axis=0)
    stamps_ns = START_NS + np.round(time_s * 1e9).astype(np.int64)
    return Trajectory(stamps_ns, T, velocities)


def off_by(
    truth: Trajectory,
    errors: NDArray[np.float64],
    covariances: NDArray[np.float64] | None = None,
) -> Trajectory:
    """Give an estimate with errors (N, 9) of position, attitude (rotation vector), velocity."""
    T = truth.T.copy()
    T[:, :3, 3] += errors[:, :3]
    T[:, :3, :3] = Rotation.from_rotvec(errors[:, 3:6]).as_matrix() @ T[:, :3, :3]
    assert truth.velocities_mps is not None
    return Trajectory(truth.stamps_ns, T, truth.velocities_mps + errors[:, 6:], covariances)

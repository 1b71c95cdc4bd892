# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The ego vehicle's motion, smooth enough for an IMU: four times differentiable splines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.path import Path

_KNOT_S = 0.05
_MARGIN_S = 1.0  # before time 0 and after the end, where sensors may still look
_SMOOTHING_S = 0.25
_REAR_AXLE_M = 1.35  # behind the middle of the vehicle
_WHEELBASE_M, _TRACK_M = 2.7, 1.55
_PITCH_RAD_PER_MPS2, _ROLL_RAD_PER_MPS2 = 0.0055, 0.0045
_STEP_S = 1e-4


class EgoDrive:
    """
    A drive along a path.

    Parameters
    ----------
    path : Path
        Of the middle of the vehicle, m.
    way : callable
        Gives the way along it, m, at times (N,), s.
    height : callable
        Gives the height of the ground, m, at places (N, 2).
    duration_s : float
        s.
    rng : Generator, optional
        Unevenness of the road; none without it.

    """

    def __init__(
        self,
        path: Path,
        way: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        height: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        duration_s: float,
        rng: np.random.Generator | None,
    ) -> None:
        self.duration_s = duration_s
        times = np.arange(-_MARGIN_S, duration_s + _MARGIN_S + _KNOT_S, _KNOT_S)
        smooth = gaussian_filter1d(way(times), _SMOOTHING_S / _KNOT_S, mode='nearest')
        rear = path.at(smooth - _REAR_AXLE_M)
        yaws = np.unwrap(rear.headings)
        speeds = np.gradient(smooth, _KNOT_S)
        ground, climb, fall = _ground(rear.positions, yaws, height)
        soft = _SMOOTHING_S / _KNOT_S
        pitch = gaussian_filter1d(
            -climb - _PITCH_RAD_PER_MPS2 * np.gradient(speeds, _KNOT_S), soft, mode='nearest')
        roll = gaussian_filter1d(
            fall + _ROLL_RAD_PER_MPS2 * speeds * np.gradient(yaws, _KNOT_S), soft,
            mode='nearest')
        heave = gaussian_filter1d(ground, soft, mode='nearest')
        if rng is not None:
            shaking = np.clip(speeds / 10.0, 0.0, 1.5)
            noise = gaussian_filter1d(rng.standard_normal((3, len(times))), 2.0, axis=1)
            pitch += 0.0012 * shaking * noise[0]
            roll += 0.0012 * shaking * noise[1]
            heave += 0.006 * shaking * noise[2]
        self._position = make_interp_spline(
            times, np.column_stack([rear.positions, heave]), k=5)
        self._angles = make_interp_spline(times, np.column_stack([yaws, pitch, roll]), k=5)

    def T_world_base(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the poses (N, 4, 4) at times (N,), s."""
        T = np.zeros((len(times_s), 4, 4))
        T[:, :3, :3] = self._turns(times_s)
        T[:, :3, 3] = self._position(times_s)
        T[:, 3, 3] = 1.0
        return T

    def twist(
        self, times_s: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give linear (N, 3) m/s and angular (N, 3) rad/s velocity, both in base_link."""
        velocity = self._position(times_s, 1)
        linear = np.einsum('nij,ni->nj', self._turns(times_s), velocity)
        return linear, self._angular(times_s)

    def acceleration(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the second derivative (N, 3) of the position, in the world, m/s^2."""
        return np.asarray(self._position(times_s, 2))

    def angular_acceleration(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the derivative (N, 3) of the angular velocity, in base_link, rad/s^2."""
        after, before = self._angular(times_s + _STEP_S), self._angular(times_s - _STEP_S)
        return (after - before) / (2.0 * _STEP_S)

    def _turns(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(Rotation.from_euler('ZYX', self._angles(times_s)).as_matrix())

    def _angular(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn rates of yaw, pitch and roll into the vehicle's frame (Diebel, 2006, eq. 71)."""
        _, pitch, roll = self._angles(times_s).T
        yaw_rate, pitch_rate, roll_rate = self._angles(times_s, 1).T
        return np.stack([
            roll_rate - yaw_rate * np.sin(pitch),
            pitch_rate * np.cos(roll) + yaw_rate * np.sin(roll) * np.cos(pitch),
            yaw_rate * np.cos(roll) * np.cos(pitch) - pitch_rate * np.sin(roll),
        ], axis=1)


def _ground(
    rear: NDArray[np.float64], yaws: NDArray[np.float64],
    height: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give height, climb and fall to the right of the plane on which the wheels stand."""
    ahead = np.stack([np.cos(yaws), np.sin(yaws)], axis=1)
    left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    corners = [height(rear + x * ahead + y * left)
               for x in (0.0, _WHEELBASE_M) for y in (-_TRACK_M / 2.0, _TRACK_M / 2.0)]
    rear_right, rear_left, front_right, front_left = corners
    level = (rear_right + rear_left) / 2.0
    climb = ((front_right + front_left) / 2.0 - level) / _WHEELBASE_M
    fall = (rear_left + front_left - rear_right - front_right) / (2.0 * _TRACK_M)
    return level, climb, fall

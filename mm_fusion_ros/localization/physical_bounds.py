# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What no sensor on a vehicle can measure: such a message is broken, whatever came before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import ImuSample, Twist

MAX_TURN_RADPS = 100.0  # gyros end at 35 rad/s, or 70
MAX_FORCE_MPS2 = 200.0  # accelerometers at 160 m/s^2, 16 times gravity
MAX_SPEED_MPS = 1000.0


def check_inertial(sample: ImuSample) -> None:
    """
    Refuse what no inertial sensor measures.

    Raises
    ------
    InvalidMessageError
        If a turn rate or a force is beyond all bounds.

    """
    _check('imu angular_velocity', sample.angular_velocity_radps, MAX_TURN_RADPS, 'rad/s')
    _check('imu linear_acceleration', sample.linear_acceleration_mps2, MAX_FORCE_MPS2, 'm/s^2')


def check_twist(twist: Twist) -> None:
    """
    Refuse what no vehicle does.

    Raises
    ------
    InvalidMessageError
        If a speed or a turn rate is beyond all bounds.

    """
    _check('twist linear', twist.linear_mps, MAX_SPEED_MPS, 'm/s')
    _check('twist angular', twist.angular_radps, MAX_TURN_RADPS, 'rad/s')


def _check(what: str, vector: NDArray[np.float64], most: float, unit: str) -> None:
    largest = max(map(abs, vector.tolist()))  # of three numbers faster than by NumPy
    if largest > most:
        raise InvalidMessageError(what, f'at most {most:.0f} {unit}', f'{largest:.4g}')

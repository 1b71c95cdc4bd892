# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What an IMU, a GNSS receiver and whoever measures velocities deliver.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mm_fusion_ros.messages.convert_in import to_gnss_fix, to_imu_sample, to_twist

_STANDING_MPS, _TURNING_RADPS = 0.05, 0.2
_FEWEST_TURNS = 3


class ImuContents:
    """
    Learns from sampled Imu messages of one topic.

    Attributes
    ----------
    accelerations_mps2 : list of float
        Length of the acceleration.
    fastest_radps : float
        Largest turn rate about any axis.
    without_orientation, with_sure_orientation : int
        Messages that have none, and those that say how good theirs is.

    """

    def __init__(self) -> None:
        self.accelerations_mps2: list[float] = []
        self.fastest_radps = 0.0
        self.without_orientation = 0
        self.with_sure_orientation = 0
        self._force = np.zeros(3)

    @property
    def layout(self) -> str:
        """
        What there is beyond rates and accelerations.
        """
        if self.without_orientation:
            return 'without orientation'
        covariance = '' if self.with_sure_orientation else ', its covariance unknown'
        return f'with orientation{covariance}'

    @property
    def tilt_deg(self) -> tuple[float, float]:
        """
        Roll and pitch of its mounting, by gravity, in a vehicle that stands level on average.
        """
        x, y, z = self._force
        roll, pitch = np.arctan2(y, z), np.arctan2(-x, np.hypot(y, z))
        return float(np.degrees(roll)), float(np.degrees(pitch))

    def add(self, message: Any) -> None:
        """
        Look at one message; InvalidMessageError if it cannot be used.
        """
        sample = to_imu_sample(message)
        self.accelerations_mps2.append(float(np.linalg.norm(sample.linear_acceleration_mps2)))
        self.fastest_radps = max(
            self.fastest_radps, float(np.abs(sample.angular_velocity_radps).max()))
        self._force += sample.linear_acceleration_mps2
        self.without_orientation += sample.orientation is None
        self.with_sure_orientation += sample.orientation_covariance is not None


class GnssContents:
    """
    Learns from sampled NavSatFix messages of one topic.

    Attributes
    ----------
    fixes, without_fix, without_covariance : int
        Messages with a fix, without one, and with a fix of unknown covariance.

    """

    def __init__(self) -> None:
        self.fixes = 0
        self.without_fix = 0
        self.without_covariance = 0

    @property
    def layout(self) -> str:
        """
        How many of the sample have a fix.
        """
        covariance = ', covariance unknown' if self.without_covariance else ''
        return f'fix in {self.fixes} of {self.fixes + self.without_fix}{covariance}'

    def add(self, message: Any) -> None:
        """
        Look at one message; InvalidMessageError if it cannot be used.
        """
        fix = to_gnss_fix(message)
        self.fixes += fix.has_fix
        self.without_fix += not fix.has_fix
        self.without_covariance += fix.has_fix and fix.covariance_enu is None


class TwistContents:
    """
    Learns from sampled messages that hold a velocity.

    Attributes
    ----------
    frame_ids : dict
        Frames in which velocities are told; an ordered set.
    turns_on_the_spot : bool
        Whether the vehicle turned where it stood, as no car can.

    """

    def __init__(self) -> None:
        self.frame_ids: dict[str, None] = {}
        self._fastest_mps = 0.0
        self._sure = self._turns = 0

    @property
    def turns_on_the_spot(self) -> bool:
        """
        Whether it was seen several times.
        """
        return self._turns >= _FEWEST_TURNS

    @property
    def layout(self) -> str:
        """
        How fast it gets, and whether it says how sure it is.
        """
        covariance = 'known' if self._sure else 'unknown'
        of = f' of {", ".join(filter(None, self.frame_ids))}' if any(self.frame_ids) else ''
        return f'velocity{of} up to {self._fastest_mps:.1f} m/s, covariance {covariance}'

    def add(self, message: Any) -> None:
        """
        Look at one message; InvalidMessageError if it cannot be used.
        """
        twist = to_twist(message)
        self.frame_ids[twist.frame_id] = None
        speed_mps = float(np.linalg.norm(twist.linear_mps))
        self._fastest_mps = max(self._fastest_mps, speed_mps)
        self._sure += twist.covariance is not None
        self._turns += (
            speed_mps < _STANDING_MPS and abs(float(twist.angular_radps[2])) > _TURNING_RADPS)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What an IMU and a GNSS receiver deliver.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mm_fusion_ros.messages.convert_in import to_gnss_fix, to_imu_sample


class ImuContents:
    """
    Learns from sampled Imu messages of one topic.

    Attributes
    ----------
    accelerations_mps2 : list of float
        Length of the acceleration.
    without_orientation : int
        Messages that have none.

    """

    def __init__(self) -> None:
        self.accelerations_mps2: list[float] = []
        self.without_orientation = 0

    @property
    def layout(self) -> str:
        """
        What there is beyond rates and accelerations.
        """
        return 'without orientation' if self.without_orientation else 'with orientation'

    def add(self, message: Any) -> None:
        """
        Look at one message; InvalidMessageError if it cannot be used.
        """
        sample = to_imu_sample(message)
        self.accelerations_mps2.append(float(np.linalg.norm(sample.linear_acceleration_mps2)))
        self.without_orientation += sample.orientation is None


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
        return f'fix in {self.fixes} of {self.fixes + self.without_fix}'

    def add(self, message: Any) -> None:
        """
        Look at one message; InvalidMessageError if it cannot be used.
        """
        fix = to_gnss_fix(message)
        self.fixes += fix.has_fix
        self.without_fix += not fix.has_fix
        self.without_covariance += fix.has_fix and fix.covariance_enu is None

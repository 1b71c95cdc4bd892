# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One answer of the localization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import EgoPose, GnssFix
from mm_fusion_ros.geometry import transforms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.geometry.geodesy import LocalEnu
    from mm_fusion_ros.localization.ego_state import EgoState
    from mm_fusion_ros.localization.odom_frame import OdomFrame
    from mm_fusion_ros.localization_config import LocalizationConfig


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """
    Where the vehicle is at one instant.

    Attributes
    ----------
    stamp_ns : int
        The instant, ns.
    odometry : EgoPose
        The base frame in `odom`, which never jumps.
    map_pose : EgoPose
        The base frame in the map.
    T_map_odom : (4, 4) float64
        What joins the two.
    fix : GnssFix, optional
        The same on the earth; None without a datum, or while the direction is not known.

    """

    stamp_ns: int
    odometry: EgoPose
    map_pose: EgoPose
    T_map_odom: NDArray[np.float64]
    fix: GnssFix | None = None


def located_at(
    state: EgoState, odom: OdomFrame, ground: LocalEnu | None, config: LocalizationConfig
) -> Located:
    """Bring a state into the frames that are published; `odom` stands where the state does."""
    R = state.T_map_base[:3, :3]
    velocity = R.T @ state.velocity_mps
    of_twist = np.zeros((6, 6))
    of_twist[:3, :3] = state.velocity_covariance_base
    of_twist[3:, 3:] = state.rates_variance * np.eye(3)
    T_odom_base = odom.T_odom_base.copy()
    odometry = EgoPose(
        state.stamp_ns, config.odom_frame, config.base_frame, T_odom_base, velocity,
        state.rates_radps, odom.covariance.copy(), of_twist)
    map_pose = EgoPose(
        state.stamp_ns, config.map_frame, config.base_frame, state.T_map_base, velocity,
        state.rates_radps, state.covariance[:6, :6], of_twist)
    fix = None
    if ground is not None:
        latitude_deg, longitude_deg, altitude_m = ground.to_geodetic(
            state.T_map_base[None, :3, 3])[0].tolist()
        fix = GnssFix(
            state.stamp_ns, config.base_frame, latitude_deg, longitude_deg, altitude_m,
            has_fix=True, covariance_enu=state.covariance[:3, :3])
    return Located(
        state.stamp_ns, odometry, map_pose,
        state.T_map_base @ transforms.inverse(T_odom_base), fix)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds NavSatFix and TwistStamped; of ego poses Odometry, a pose with covariance and Path."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from mm_fusion_ros.messages.convert_out.common import covariance, header, pose, vector

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import EgoPose, GnssFix, Twist
    from mm_fusion_ros.messages.message_types import MessageTypes

# Constants of NavSatStatus and NavSatFix.
NO_FIX, FIX, GROUND_BASED_FIX = -1, 0, 2
_SERVICE_GPS = 1
_UNKNOWN, _APPROXIMATED = 0, 1


def from_gnss_fix(fix: GnssFix, types: MessageTypes, status: int = FIX) -> Any:
    """
    Build a NavSatFix, its covariance (if any) called approximated.

    Parameters
    ----------
    fix : GnssFix
        Where the antenna is.
    types :
        As everywhere.
    status : int
        How good a fix it is, as NavSatStatus says it; not used without a fix.

    """
    return types.NavSatFix(
        header=header(fix.stamp_ns, fix.frame_id, types),
        status=types.NavSatStatus(
            status=status if fix.has_fix else NO_FIX, service=_SERVICE_GPS
        ),
        latitude=fix.latitude_deg,
        longitude=fix.longitude_deg,
        altitude=fix.altitude_m,
        position_covariance=covariance(fix.covariance_enu, 3),
        position_covariance_type=_UNKNOWN if fix.covariance_enu is None else _APPROXIMATED,
    )


def from_twist(twist: Twist, types: MessageTypes) -> Any:
    """Build a TwistStamped, which has no place for a covariance."""
    return types.TwistStamped(
        header=header(twist.stamp_ns, twist.frame_id, types),
        twist=_twist(twist.linear_mps, twist.angular_radps, types),
    )


def sure_twist_from_twist(twist: Twist, types: MessageTypes) -> Any:
    """Build a TwistWithCovarianceStamped; an unknown covariance is all zero."""
    return types.TwistWithCovarianceStamped(
        header=header(twist.stamp_ns, twist.frame_id, types),
        twist=types.TwistWithCovariance(
            twist=_twist(twist.linear_mps, twist.angular_radps, types),
            covariance=covariance(twist.covariance, 6),
        ),
    )


def from_ego_pose(ego: EgoPose, types: MessageTypes) -> Any:
    """Build an Odometry; unknown covariances are all zero."""
    twist = _twist(ego.linear_mps, ego.angular_radps, types)
    return types.Odometry(
        header=header(ego.stamp_ns, ego.frame_id, types),
        child_frame_id=ego.child_frame_id,
        pose=_pose_with_covariance(ego, types),
        twist=types.TwistWithCovariance(
            twist=twist, covariance=covariance(ego.twist_covariance, 6)
        ),
    )


def pose_from_ego_pose(ego: EgoPose, types: MessageTypes) -> Any:
    """Build a PoseWithCovarianceStamped; an unknown covariance is all zero."""
    return types.PoseWithCovarianceStamped(
        header=header(ego.stamp_ns, ego.frame_id, types), pose=_pose_with_covariance(ego, types)
    )


def pose_stamped_from_ego_pose(ego: EgoPose, types: MessageTypes) -> Any:
    """Build a PoseStamped, of which a Path is made."""
    return types.PoseStamped(
        header=header(ego.stamp_ns, ego.frame_id, types), pose=pose(ego.T_frame_child, types)
    )


def path_from_poses(
    poses: Iterable[Any], stamp_ns: int, frame_id: str, types: MessageTypes
) -> Any:
    """Build a Path of PoseStamped messages, which all are in its frame."""
    return types.Path(header=header(stamp_ns, frame_id, types), poses=list(poses))


def _pose_with_covariance(ego: EgoPose, types: MessageTypes) -> Any:
    return types.PoseWithCovariance(
        pose=pose(ego.T_frame_child, types), covariance=covariance(ego.pose_covariance, 6)
    )


def _twist(
    linear_mps: NDArray[np.float64], angular_radps: NDArray[np.float64], types: MessageTypes
) -> Any:
    return types.Twist(linear=vector(linear_mps, types), angular=vector(angular_radps, types))

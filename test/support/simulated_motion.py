# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What IMU, GNSS and wheels of a simulated drive say, as a network brings it, and the true motion.
"""

from __future__ import annotations

from dataclasses import dataclass
import functools

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.messages.convert_in import to_ego_pose
from mm_fusion_ros.messages.convert_out import from_transforms
from mm_fusion_ros.sim.motion_recordings import motion_recordings
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.world.make_world import make_world

SEED = 3


@dataclass(frozen=True)
class Sent:
    """One message on its way."""

    arrival_ns: int
    topic: str
    raw: bytes


@dataclass(frozen=True)
class SimulatedMotion:
    """A drive: the mounting of its sensors, what they say in order of arrival, and the truth."""

    mounting: bytes
    sent: tuple[Sent, ...]
    truth: tuple[EgoPose, ...]


@functools.cache
def simulated_motion(seconds: float) -> SimulatedMotion:
    """Drive through a town, at 6 to 12 m/s and round a corner."""
    rig = load_rig('demo')
    world = make_world(SEED, seconds)
    recordings = sorted(motion_recordings(world, rig, SEED), key=lambda item: item.log_time_ns)
    mounts = {names.IMU_FRAME: rig.imu.settings.T_base_mount,
              names.GNSS_FRAME: rig.gnss.settings.T_base_mount}
    mounting = from_transforms(mounts, recordings[0].log_time_ns, names.BASE_FRAME, BAG_TYPES)
    sensors = (names.IMU, names.GNSS_FIX, names.GNSS_VELOCITY, names.VEHICLE_TWIST)
    return SimulatedMotion(
        serialised(mounting),
        tuple(Sent(item.log_time_ns, item.topic, serialised(item.build()))
              for item in recordings if item.topic in sensors),
        tuple(to_ego_pose(item.build()) for item in recordings
              if item.topic == names.TRUE_ODOMETRY))


def serialised(message) -> bytes:
    """Give a message's bytes."""
    return bytes(TYPESTORE.serialize_cdr(message, message.__msgtype__))

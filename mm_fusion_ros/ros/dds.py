# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The environment in which images and point clouds of megabytes cross between processes.

Needs no ROS: launch files and process starters call it before anything of ROS runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.share import dds_profile

if TYPE_CHECKING:
    from collections.abc import Mapping

# Humble and Jazzy read the first name, Kilted and later the second.
_PROFILE_NAMES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')

# glibc maps and unmaps each large buffer anew unless told to keep them: 10 ms of page faults
# for every 1080p image.
_MALLOC = {
    'MALLOC_MMAP_THRESHOLD_': str(1 << 30),
    'MALLOC_TRIM_THRESHOLD_': str(1 << 31),
    'MALLOC_TOP_PAD_': str(1 << 26),
}


def large_message_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """
    Return the variables to add to the environment of a process that sends or takes sensor data.

    They act when the process starts: give them to children, setting them in oneself is too late.

    Parameters
    ----------
    environ : mapping of str to str
        The environment as it is. What the user set there stays; a profile under either of its
        names counts as set.

    Returns
    -------
    dict of str to str
        The variables that are missing.

    """
    added = {name: value for name, value in _MALLOC.items() if name not in environ}
    if not any(name in environ for name in _PROFILE_NAMES):
        added |= dict.fromkeys(_PROFILE_NAMES, str(dds_profile()))
    return added

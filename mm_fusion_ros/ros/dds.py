# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The environment in which images and point clouds of megabytes cross between processes.

Needs no ROS: launch files and process starters call it before anything of ROS runs.
"""

from __future__ import annotations

from contextlib import suppress
import fcntl
from pathlib import Path
import re
import time
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
_TIME_TO_LOCK_S = 1.0
_SEGMENT = re.compile(r'fast(rtps|dds)_[0-9a-f]+')


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


def remove_stale_segments(folder: Path = Path('/dev/shm')) -> int:
    """
    Remove the shared memory that killed processes left behind; return how many bytes.

    Each segment has a lock file that its process holds as long as it lives, so one whose lock is
    free belongs to nobody. Ports are left alone: they are small, shared, and mended by Fast DDS.
    """
    removed = 0
    for segment in folder.glob('fast*'):
        lock = segment.with_name(f'{segment.name}_el')
        if not _SEGMENT.fullmatch(segment.name) or _is_new(segment):
            continue
        with suppress(OSError), lock.open('rb') as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            size = segment.stat().st_size
            segment.unlink()
            lock.unlink()
            removed += size
    return removed


def _is_new(segment: Path) -> bool:
    """Tell whether its process may not have come to take the lock yet."""
    with suppress(OSError):
        return time.time() - segment.stat().st_mtime < _TIME_TO_LOCK_S
    return True

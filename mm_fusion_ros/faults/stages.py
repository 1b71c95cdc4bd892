# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One fault at work on a stream: which messages it breaks, and by which family of changes.
"""

from __future__ import annotations

from typing import Protocol, TYPE_CHECKING

from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.calibration import Extrinsics, scale_camera_info
from mm_fusion_ros.faults.clouds import break_cloud
from mm_fusion_ros.faults.draw import Draw
from mm_fusion_ros.faults.images import break_image
from mm_fusion_ros.faults.kinds import FaultKind, MOVES_TRANSFORMS
from mm_fusion_ros.faults.navigation import break_motion
from mm_fusion_ros.faults.serialized import decode, encode, stamp_of
from mm_fusion_ros.faults.timing import break_passage, Freeze, Jitter, OutOfOrder
from mm_fusion_ros.stamps import to_seconds

if TYPE_CHECKING:
    from mm_fusion_ros.faults.serialized import Passing
    from mm_fusion_ros.faults.spec import Fault

_PASSAGE = (
    FaultKind.DROP, FaultKind.INTERMITTENT_DROP, FaultKind.DELAY, FaultKind.DUPLICATE,
    FaultKind.RESTAMP_OFFSET, FaultKind.RESTAMP_DRIFT, FaultKind.CORRUPT_BYTES,
    FaultKind.TRUNCATED,
)
_CONTENT = {
    kinds.IMAGE: break_image,
    kinds.COMPRESSED_IMAGE: break_image,
    kinds.POINTS: break_cloud,
    kinds.IMU: break_motion,
    kinds.FIX: break_motion,
    kinds.TWIST: break_motion,
    kinds.CAMERA_INFO: scale_camera_info,
}


class _Stage(Protocol):
    def take(self, message: Passing, draw: Draw | None) -> list[Passing]:
        """Let a message pass, or break it if there is a draw."""
        ...


class _Passage:
    """Changes that need no memory and do not look at the content."""

    def take(self, message: Passing, draw: Draw | None) -> list[Passing]:
        return [message] if draw is None else break_passage(message, draw)


class _Content:
    """Changes of the decoded message."""

    def take(self, message: Passing, draw: Draw | None) -> list[Passing]:
        if draw is None:
            return [message]
        content = decode(message.raw, message.type)
        _CONTENT[message.type](content, draw)
        return [message._replace(raw=encode(content, message.type))]


def _stage(fault: Fault) -> _Stage:
    match fault.what:
        case FaultKind.FREEZE:
            return Freeze()
        case FaultKind.JITTER:
            return Jitter()
        case FaultKind.OUT_OF_ORDER:
            return OutOfOrder()
        case kind if kind in MOVES_TRANSFORMS:
            return Extrinsics(fault)
        case kind if kind in _PASSAGE:
            return _Passage()
    return _Content()


class FaultAtWork:
    """
    Breaks what one fault breaks.

    Parameters
    ----------
    fault : Fault
        Of which topic, when, and how.

    """

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._stage = _stage(fault)
        self._first_stamp_ns: int | None = None
        self._count = 0

    def take(
        self, message: Passing, elapsed_s: float
    ) -> tuple[list[Passing], MmFusionError | None]:
        """
        Give what becomes of a message, and why it could not be broken if so: then it passes.

        Parameters
        ----------
        message : Passing
            Of any topic.
        elapsed_s : float
            From the first message of any sensor with a fault to this one.

        Raises
        ------
        ConfigError
            If messages of this type cannot be broken so.

        """
        if message.topic not in self.fault.topics:
            return [message], None
        is_of_sensor = message.topic == self.fault.topic
        if is_of_sensor:
            self.fault.check_fits(message.type)
        is_on = is_of_sensor and self.fault.start_s <= elapsed_s < self.fault.end_s
        try:
            return self._stage.take(message, self._draw(message) if is_on else None), None
        except MmFusionError as err:
            return [message], err

    def _draw(self, message: Passing) -> Draw:
        stamp_ns = stamp_of(message.raw)
        if self._first_stamp_ns is None:
            self._first_stamp_ns = stamp_ns
        self._count += 1
        elapsed_s = to_seconds(stamp_ns - self._first_stamp_ns)
        return Draw(self.fault, stamp_ns or self._count, elapsed_s)

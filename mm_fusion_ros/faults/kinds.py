# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Every kind of fault: what messages it fits, what its magnitude means, and what it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mm_fusion_ros.config import Parameter

IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
POINTS = 'sensor_msgs/msg/PointCloud2'
IMU = 'sensor_msgs/msg/Imu'
FIX = 'sensor_msgs/msg/NavSatFix'
TWIST = 'geometry_msgs/msg/TwistStamped'
ODOMETRY = 'nav_msgs/msg/Odometry'
TRANSFORMS = 'tf2_msgs/msg/TFMessage'

CONTRAST_SEEN = 0.05  # what is left of contrast where one ceases to see in fog (Koschmieder)

_CAMERA = (IMAGE, COMPRESSED_IMAGE)
_LIDAR = (POINTS,)
_IMU = (IMU,)
_GNSS = (FIX,)
_STAMPED = (*_CAMERA, *_LIDAR, *_IMU, *_GNSS, CAMERA_INFO, TWIST, ODOMETRY)


def _magnitude(
    default: float, doc: str, unit: str = '', minimum: float = 0.0, maximum: float = 1e6
) -> Parameter:
    return Parameter('magnitude', float, default, doc, unit, minimum, maximum)


def _count(default: int, doc: str, minimum: float = 0.0, maximum: float = 1e7) -> Parameter:
    return Parameter('magnitude', int, default, f'{doc}, a whole number', '', minimum, maximum)


def _share(default: float, doc: str) -> Parameter:
    return _magnitude(default, doc, maximum=1.0)


@dataclass(frozen=True, slots=True)
class KindInfo:
    """
    What is known about a kind.

    Attributes
    ----------
    fits : tuple of str
        Types of messages that it can break.
    doc : str
        What it does.
    magnitude : Parameter, optional
        How much; None where there is no more and less.
    options : tuple of str
        The fields of `Fault` that only some kinds have.

    """

    fits: tuple[str, ...]
    doc: str
    magnitude: Parameter | None = None
    options: tuple[str, ...] = ()


class FaultKind(Enum):
    """One kind; its name in lower case is how files call it."""

    DROP = KindInfo(_STAMPED, 'no message comes')
    INTERMITTENT_DROP = KindInfo(
        _STAMPED, 'single messages do not come', _share(0.5, 'probability of each'))
    DELAY = KindInfo(
        _STAMPED, 'messages come later', _magnitude(0.2, 'delay', 's', maximum=60.0))
    JITTER = KindInfo(
        _STAMPED, 'messages come later, each by another time, in their order',
        _magnitude(0.05, 'deviation', 's', maximum=60.0))
    FREEZE = KindInfo(_STAMPED, 'the last content again and again, under new stamps')
    RESTAMP_OFFSET = KindInfo(
        _STAMPED, 'stamps are off by a constant',
        _magnitude(0.2, 'added to the stamp', 's', minimum=-1e6))
    RESTAMP_DRIFT = KindInfo(
        _STAMPED, 'stamps go astray, from right ones on',
        _magnitude(0.1, 'rate of the error', 's/s', minimum=-1.0, maximum=10.0))
    DUPLICATE = KindInfo(
        _STAMPED, 'each message comes more than once',
        _count(1, 'further copies', minimum=1.0, maximum=100.0))
    OUT_OF_ORDER = KindInfo(
        _STAMPED, 'a message comes after the next one',
        _share(1.0, 'probability for each but the one it is swapped with'))
    BLUR = KindInfo(
        _CAMERA, 'the picture is out of focus',
        _magnitude(8.0, 'deviation of the Gaussian', 'px', maximum=200.0))
    DARKEN = KindInfo(_CAMERA, 'little light comes in', _share(0.95, 'share of the light lost'))
    OVEREXPOSE = KindInfo(
        _CAMERA, 'too much light comes in, bright areas clip',
        _magnitude(16.0, 'times the light', minimum=1.0))
    RAIN_DROPS = KindInfo(
        _CAMERA, 'drops on the lens', _count(60, 'drops', maximum=1000.0))
    FOG = KindInfo(
        (*_CAMERA, *_LIDAR),
        'images pale towards the horizon; far returns are lost, some come from the fog itself',
        _magnitude(50.0, 'how far one sees', 'm', minimum=1.0))
    LENS_BLOCKED = KindInfo(
        _CAMERA, 'something dark covers the lens from the left',
        _share(1.0, 'share of the width covered'))
    BEAMS_LOST = KindInfo(_LIDAR, 'some beams are dead', _share(0.5, 'share of the beams'))
    SECTOR_BLOCKED = KindInfo(
        _LIDAR, 'nothing returns from a sector around direction_deg',
        _magnitude(60.0, 'width of the sector', 'deg', maximum=360.0), ('direction_deg',))
    THINNED = KindInfo(_LIDAR, 'single returns are missing', _share(0.5, 'share of the points'))
    RANGE_NOISE = KindInfo(
        _LIDAR, 'ranges are noisy', _magnitude(0.3, 'deviation', 'm', maximum=100.0))
    GHOST_POINTS = KindInfo(
        _LIDAR, 'some returns come from a random range',
        _count(3000, 'points'))
    GNSS_OUTAGE = KindInfo(_GNSS, 'the receiver says NO_FIX (a silent one: drop)')
    GNSS_JUMP = KindInfo(
        _GNSS, 'the position is off by a constant, towards direction_deg (0 east, 90 north)',
        _magnitude(10.0, 'distance', 'm'), ('direction_deg',))
    GNSS_DRIFT = KindInfo(
        _GNSS, 'the position goes astray, from the right one on, towards direction_deg',
        _magnitude(0.5, 'speed', 'm/s', maximum=1000.0), ('direction_deg',))
    COVARIANCE_LIE = KindInfo(
        _GNSS, 'the covariance is said to be another; below 1 too good',
        _magnitude(0.01, 'factor', maximum=1e9))
    IMU_BIAS_STEP = KindInfo(
        _IMU, 'quantity (acceleration or rotation) has a bias along axis',
        _magnitude(0.5, 'bias', 'm/s^2 or rad/s', minimum=-1e3, maximum=1e3),
        ('axis', 'quantity'))
    IMU_SATURATION = KindInfo(
        _IMU, 'quantity (acceleration or rotation) clips',
        _magnitude(5.0, 'largest value', 'm/s^2 or rad/s'), ('quantity',))
    EXTRINSICS_ROTATED = KindInfo(
        _STAMPED, 'its transform in /tf_static is turned about axis of the parent frame',
        _magnitude(5.0, 'angle', 'deg', minimum=-180.0, maximum=180.0), ('axis',))
    EXTRINSICS_SHIFTED = KindInfo(
        _STAMPED, 'its transform in /tf_static is moved along axis of the parent frame',
        _magnitude(0.5, 'distance', 'm', minimum=-1e3, maximum=1e3), ('axis',))
    CAMERA_INFO_SCALED = KindInfo(
        (CAMERA_INFO,), 'the calibration is that of another resolution',
        _magnitude(0.5, 'factor on focal lengths and centre', minimum=0.01, maximum=100.0))
    CORRUPT_BYTES = KindInfo(
        _STAMPED, 'some bytes of the serialised message are others',
        _count(100, 'bytes', minimum=1.0))
    TRUNCATED = KindInfo(
        _STAMPED, 'the end of the serialised message is missing', _share(0.5, 'share missing'))
    NAN = KindInfo(
        (*_LIDAR, *_IMU, *_GNSS, TWIST), 'numbers are NaN: of points, position, motion',
        _share(0.5, 'share of the points; all of other messages'))

    @property
    def label(self) -> str:
        """How files call it."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> FaultKind:
        """Find a kind by what files call it; KeyError if there is none."""
        return cls[label.upper()]


MOVES_TRANSFORMS = (FaultKind.EXTRINSICS_ROTATED, FaultKind.EXTRINSICS_SHIFTED)

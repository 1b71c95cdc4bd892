# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The vocabulary: what travels between the stages, each a frozen struct of arrays checked once.

Everything else in the package speaks in these types. Frames and units are in the field docs.
What holds arrays is equal to itself alone: arrays have no single answer to `==`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any, TYPE_CHECKING, TypeVar

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.geometry.projection import CameraModel

_T = TypeVar('_T')


class ObjectClass(IntEnum):
    """What a box is around. OBSTACLE is anything that geometry found and no class covers."""

    OBSTACLE = 0
    CAR = 1
    TRUCK = 2
    BUS = 3
    CYCLIST = 4
    PEDESTRIAN = 5
    BARRIER = 6

    @property
    def label(self) -> str:
        """The name used in messages and files."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> ObjectClass:
        """
        Find the class of a name used in messages and files.

        Raises
        ------
        InvalidMessageError
            If no class has that name.

        """
        try:
            return cls[label.upper()]
        except KeyError:
            known = ', '.join(member.label for member in cls)
            raise InvalidMessageError('class name', f'one of {known}', repr(label)) from None


class PointLabel(IntEnum):
    """What one LiDAR point is on."""

    UNKNOWN = 0
    GROUND = 1
    OBSTACLE = 2  # above ground, in no box
    BOX = 3  # inside a reported box


def _check(what: str, array: NDArray[Any], shape: tuple[int | None, ...], dtype: object) -> None:
    matches = array.ndim == len(shape) and all(
        wanted is None or wanted == found for wanted, found in zip(shape, array.shape, strict=True)
    )
    if not matches or array.dtype != dtype:
        text = '(' + ', '.join('N' if n is None else str(n) for n in shape) + ')'
        raise InvalidMessageError(
            what, f'{np.dtype(dtype).name} {text}', f'{array.dtype} {array.shape}'  # type: ignore[call-overload]
        )


def _take(columns: _T, rows: Any) -> _T:
    """Index every array column of a struct of arrays together."""
    picked = {
        item.name: getattr(columns, item.name)[rows]
        for item in fields(columns)  # type: ignore[arg-type]
        if isinstance(getattr(columns, item.name), np.ndarray)
    }
    return replace(columns, **picked)  # type: ignore[type-var]


@dataclass(frozen=True, slots=True, eq=False)
class Boxes3D:
    """
    N oriented boxes in one frame.

    Attributes
    ----------
    centers : (N, 3) float64
        Centre, m.
    sizes : (N, 3) float64
        Length along x, width along y, height along z of the box, m, > 0.
    yaws : (N,) float64
        Heading about +z, 0 = +x, rad, in [-pi, pi).
    scores : (N,) float32
        Confidence, 0 to 1.
    classes : (N,) int8
        Values of `ObjectClass`.
    velocities : (N, 3) float32, optional
        Velocity of the centre in the same frame, m/s; NaN where unknown.
    ids : (N,) int64, optional
        Track or truth identity.
    num_points : (N,) int32, optional
        LiDAR points inside.

    """

    centers: NDArray[np.float64]
    sizes: NDArray[np.float64]
    yaws: NDArray[np.float64]
    scores: NDArray[np.float32]
    classes: NDArray[np.int8]
    velocities: NDArray[np.float32] | None = None
    ids: NDArray[np.int64] | None = None
    num_points: NDArray[np.int32] | None = None

    def __post_init__(self) -> None:
        """Check that the columns fit each other."""
        n = len(self.centers)
        _check('box centers', self.centers, (n, 3), np.float64)
        _check('box sizes', self.sizes, (n, 3), np.float64)
        is_solid = ((self.sizes > 0.0) & np.isfinite(self.sizes)).all(axis=1)
        if not is_solid.all():
            wrong = self.sizes[~is_solid][0]
            raise InvalidMessageError('box sizes', 'finite numbers above 0 m', wrong)
        _check('box yaws', self.yaws, (n,), np.float64)
        _check('box scores', self.scores, (n,), np.float32)
        _check('box classes', self.classes, (n,), np.int8)
        if self.velocities is not None:
            _check('box velocities', self.velocities, (n, 3), np.float32)
        if self.ids is not None:
            _check('box ids', self.ids, (n,), np.int64)
        if self.num_points is not None:
            _check('box num_points', self.num_points, (n,), np.int32)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.centers)

    def __getitem__(self, rows: Any) -> Boxes3D:
        """Pick boxes by mask, slice or indices, all columns together."""
        return _take(self, rows)

    @classmethod
    def empty(cls) -> Boxes3D:
        """No boxes."""
        return cls(
            centers=np.empty((0, 3)),
            sizes=np.empty((0, 3)),
            yaws=np.empty(0),
            scores=np.empty(0, np.float32),
            classes=np.empty(0, np.int8),
        )


@dataclass(frozen=True, slots=True, eq=False)
class LidarSweep:
    """
    One sweep of one LiDAR, N points that are finite and not at the sensor's origin.

    Attributes
    ----------
    stamp_ns : int
        Header stamp, ns.
    frame_id : str
        Frame of `points`.
    points : (N, 3) float32
        x y z, m.
    intensity : (N,) float32, optional
        As the sensor gives it, unscaled.
    ring : (N,) uint16, optional
        Beam index.
    time_offset_ns : (N,) int32, optional
        When each point was measured, relative to `stamp_ns`.
    num_dropped : int
        Points of the message that were NaN, infinite or at range zero.

    """

    stamp_ns: int
    frame_id: str
    points: NDArray[np.float32]
    intensity: NDArray[np.float32] | None = None
    ring: NDArray[np.uint16] | None = None
    time_offset_ns: NDArray[np.int32] | None = None
    num_dropped: int = 0

    def __post_init__(self) -> None:
        """Check that the columns fit each other."""
        n = len(self.points)
        _check('sweep points', self.points, (n, 3), np.float32)
        if self.intensity is not None:
            _check('sweep intensity', self.intensity, (n,), np.float32)
        if self.ring is not None:
            _check('sweep ring', self.ring, (n,), np.uint16)
        if self.time_offset_ns is not None:
            _check('sweep time_offset_ns', self.time_offset_ns, (n,), np.int32)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.points)

    def __getitem__(self, rows: Any) -> LidarSweep:
        """Pick points by mask, slice or indices, all columns together."""
        return _take(self, rows)


@dataclass(frozen=True, slots=True, eq=False)
class CameraImage:
    """
    One image of one camera.

    Attributes
    ----------
    stamp_ns : int
        Header stamp, ns.
    frame_id : str
        Optical frame: z forward, x right, y down.
    pixels : (H, W, 3) uint8
        RGB; may be a strided view on the message (read only).

    """

    stamp_ns: int
    frame_id: str
    pixels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Check that the columns fit each other."""
        _check('image pixels', self.pixels, (None, None, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class ImuSample:
    """
    One inertial measurement, in the sensor's frame.

    Attributes
    ----------
    stamp_ns : int
        Header stamp, ns.
    frame_id : str
        Frame of all vectors.
    angular_velocity_radps : (3,) float64
        rad/s.
    linear_acceleration_mps2 : (3,) float64
        Specific force, +g upwards at rest, m/s^2.
    orientation : (4,) float64, optional
        Unit quaternion x y z w of the sensor in the world; None where the message has none.
    angular_velocity_covariance, linear_acceleration_covariance, orientation_covariance :
        (3, 3) float64, optional; None where the message leaves them unknown (all zero).

    """

    stamp_ns: int
    frame_id: str
    angular_velocity_radps: NDArray[np.float64]
    linear_acceleration_mps2: NDArray[np.float64]
    orientation: NDArray[np.float64] | None = None
    angular_velocity_covariance: NDArray[np.float64] | None = None
    linear_acceleration_covariance: NDArray[np.float64] | None = None
    orientation_covariance: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GnssFix:
    """
    One position by satellite.

    Attributes
    ----------
    stamp_ns : int
        Header stamp, ns.
    frame_id : str
        Frame of the antenna.
    latitude_deg, longitude_deg, altitude_m : float
        WGS 84, altitude above the ellipsoid.
    has_fix : bool
        False where the receiver says NO_FIX.
    covariance_enu : (3, 3) float64, optional
        Position covariance east, north, up, m^2; None where its type is unknown.

    """

    stamp_ns: int
    frame_id: str
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    has_fix: bool
    covariance_enu: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Twist:
    """
    One velocity measurement.

    Attributes
    ----------
    stamp_ns : int
        Header stamp, ns.
    frame_id : str
        Frame of both vectors.
    linear_mps, angular_radps : (3,) float64
        m/s and rad/s.
    covariance : (6, 6) float64, optional
        Linear then angular; None where unknown.

    """

    stamp_ns: int
    frame_id: str
    linear_mps: NDArray[np.float64]
    angular_radps: NDArray[np.float64]
    covariance: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class EgoPose:
    """
    Pose and velocity of the vehicle in a fixed frame.

    Attributes
    ----------
    stamp_ns : int
        ns.
    frame_id, child_frame_id : str
        The fixed frame and the vehicle's frame.
    T_frame_child : (4, 4) float64
        p_frame = T @ p_child.
    linear_mps, angular_radps : (3,) float64
        In the child frame.
    pose_covariance : (6, 6) float64, optional
        Of position, m^2, then rotation about the axes of the fixed frame, rad^2; None if unknown.
    twist_covariance : (6, 6) float64, optional
        Of `linear_mps`, then `angular_radps`; None if unknown.

    """

    stamp_ns: int
    frame_id: str
    child_frame_id: str
    T_frame_child: NDArray[np.float64]
    linear_mps: NDArray[np.float64]
    angular_radps: NDArray[np.float64]
    pose_covariance: NDArray[np.float64] | None = None
    twist_covariance: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class SensorState:
    """
    How one configured sensor stood behind one answer.

    Attributes
    ----------
    name : str
        As configured.
    kind : str
        'lidar' or 'camera'.
    present : bool
        Its message is in the frame.
    offset_ns : int
        Its stamp less the frame's stamp (0 if absent).
    age_ns : int
        Age of its newest message when the frame was closed (-1 if none was ever received).
    problem : str
        Why it is absent or unusable; empty if all is well.
    ego_motion : str
        How good the ego poses were by which it was moved to the frame's stamp: 'interpolated',
        'predicted' or 'static'; empty where it was not moved.

    """

    name: str
    kind: str
    present: bool
    offset_ns: int = 0
    age_ns: int = -1
    problem: str = ''
    ego_motion: str = ''


@dataclass(frozen=True, slots=True, eq=False)
class LidarInput:
    """
    A sweep and where its sensor sits: `T_base_lidar` (4, 4) float64.

    Its points are where they would have been seen at the stamp of the frame, as far as ego motion
    is known; its stamp and times tell when they were measured.
    """

    name: str
    sweep: LidarSweep
    T_base_lidar: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CameraInput:
    """
    An image, its camera model, and where the camera was: `T_base_camera` (4, 4) float64.

    That is where it was when it took the image, seen from where the base frame was at the stamp
    of the frame: whatever is known of that instant is projected by it to where the image shows it.
    """

    name: str
    image: CameraImage
    model: CameraModel
    T_base_camera: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class EgoMotion:
    """
    How the vehicle moved at the stamp of a frame.

    Attributes
    ----------
    T_odom_base : (4, 4) float64
        Where the base frame was, in the fixed frame of the ego poses.
    twist : (6,) float64
        Linear m/s and angular rad/s velocity, in the base frame.
    acceleration_mps2 : float
        Change of the speed ahead.

    """

    T_odom_base: NDArray[np.float64]
    twist: NDArray[np.float64]
    acceleration_mps2: float


@dataclass(frozen=True, slots=True, eq=False)
class SensorFrame:
    """
    What one answer is made from: the converted content of one match.

    Attributes
    ----------
    stamp_ns : int
        Stamp of the reference sensor, ns.
    frame_id : str
        The vehicle's base frame, in which results are given.
    lidars, cameras : tuple
        The sensors present, in configured order.
    sensors : tuple of SensorState
        Every configured sensor, present or not.
    warnings : tuple of str
        What went wrong before or during conversion.
    ego : EgoMotion, optional
        How the vehicle moved; None where no ego poses tell.

    """

    stamp_ns: int
    frame_id: str
    lidars: tuple[LidarInput, ...] = ()
    cameras: tuple[CameraInput, ...] = ()
    sensors: tuple[SensorState, ...] = ()
    warnings: tuple[str, ...] = ()
    ego: EgoMotion | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPoints:
    """
    The points of all LiDARs of a frame in the base frame, with what each is on.

    Attributes
    ----------
    points : (N, 3) float32
        x y z in the base frame, m.
    labels : (N,) uint8
        Values of `PointLabel`.

    """

    points: NDArray[np.float32]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Check that the columns fit each other."""
        _check('labelled points', self.points, (len(self.points), 3), np.float32)
        _check('point labels', self.labels, (len(self.points),), np.uint8)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.points)


@dataclass(frozen=True, slots=True)
class StageTiming:
    """How long one named stage took, ms."""

    stage: str
    elapsed_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class StepResult:
    """
    One answer.

    Attributes
    ----------
    stamp_ns, frame_id :
        Those of the frame.
    boxes : Boxes3D
        What was found, in `frame_id`.
    points : LabelledPoints
        The points it was found in.
    timings_ms : tuple of StageTiming
        Stages in the order they ran; measured by the injected timer.
    warnings : tuple of str
        Everything a user should know about this answer.
    shares : (N, 3) float32, optional
        How much LiDAR, cameras and memory stand behind each box, 0 to 1; NaN for boxes that a
        network did not find; None without a network.
    looks_at : tuple of str
        Kinds of sensors in whose data objects are looked for: 'lidar', 'camera'.

    """

    stamp_ns: int
    frame_id: str
    boxes: Boxes3D
    points: LabelledPoints
    timings_ms: tuple[StageTiming, ...] = ()
    warnings: tuple[str, ...] = ()
    shares: NDArray[np.float32] | None = None
    looks_at: tuple[str, ...] = ('lidar',)

    def __post_init__(self) -> None:
        """Check that shares are those of the boxes."""
        if self.shares is not None:
            _check('shares', self.shares, (len(self.boxes), 3), np.float32)


@dataclass(frozen=True, slots=True)
class FrameReport:
    """
    What stood behind one answer, and how long it took.

    Attributes
    ----------
    stamp_ns, frame_id :
        Those of the answer.
    sensors : tuple of SensorState
        Every configured sensor.
    stages : tuple of StageTiming
        Parts of the way from stamp to publication.
    num_boxes : int
        Boxes in the answer.
    warnings : tuple of str
        Those of the answer.
    looks_at : tuple of str
        Kinds of sensors in whose data objects are looked for: 'lidar', 'camera'.
    counts : tuple of (str, int)
        Boxes of each class there is, by its label.
    shares : tuple of tuple of float, optional
        How much LiDAR, cameras and memory stand behind each box, 0 to 1, in the order of the
        answer; empty for a box that no network found. None without a network.

    """

    stamp_ns: int
    frame_id: str
    sensors: tuple[SensorState, ...]
    stages: tuple[StageTiming, ...]
    num_boxes: int
    warnings: tuple[str, ...] = ()
    looks_at: tuple[str, ...] = ('lidar',)
    counts: tuple[tuple[str, int], ...] = ()
    shares: tuple[tuple[float, ...], ...] | None = None

    @property
    def is_partial(self) -> bool:
        """Whether a sensor is missing."""
        return not all(sensor.present for sensor in self.sensors)

    @property
    def is_blind(self) -> bool:
        """Whether nothing was looked at: no boxes then does not mean a free road."""
        return not any(sensor.present and sensor.kind in self.looks_at for sensor in self.sensors)

    @property
    def mean_shares(self) -> tuple[float, ...] | None:
        """The mean over the boxes that a network found; None where it found none."""
        found = [each for each in self.shares or () if each]
        if not found:
            return None
        return tuple(float(value) for value in np.mean(found, axis=0))

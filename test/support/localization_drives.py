# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Short winding drives, what IMU, GNSS and wheels say of them, and the localization led along."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import GnssFix, ImuSample, Twist
from mm_fusion_ros.localization import readings
from mm_fusion_ros.localization.datum import Datum
from mm_fusion_ros.localization.estimator import EgoEstimator
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.settings import EstimatorSettings
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.messages.convert_out import (
    from_gnss_fix,
    from_imu_sample,
    from_transforms,
    from_twist,
)
from mm_fusion_ros.sim.sensors.gnss import GnssSettings, simulate_gnss
from mm_fusion_ros.sim.sensors.imu import ImuSettings, simulate_imu
from mm_fusion_ros.sim.sensors.wheels import simulate_wheels, WheelSettings
from mm_fusion_ros.sim.world.ego_drive import EgoDrive
from mm_fusion_ros.sim.world.path import Path
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from mm_fusion_ros.localization.located import Located

START_NS = 1_700_000_000 * NS_PER_S
ALL = (Source.IMU, Source.FIX, Source.GNSS_VELOCITY, Source.WHEELS)
_DELAYS_NS = {Source.IMU: 2, Source.WHEELS: 5, Source.FIX: 80, Source.GNSS_VELOCITY: 80}  # ms
_BUILD = {Source.IMU: from_imu_sample, Source.FIX: from_gnss_fix,
          Source.GNSS_VELOCITY: from_twist, Source.WHEELS: from_twist}
_GNSS, _IMU = GnssSettings(jumps_per_hour=0.0), ImuSettings(rate_hz=100.0)


class Said(NamedTuple):
    """What a sensor said, and when that arrives."""

    arrival_ns: int
    source: Source
    data: Any

    @property
    def time_s(self) -> float:
        """Of the arrival, since the drive began."""
        return (self.arrival_ns - START_NS) / NS_PER_S

    def message(self) -> Any:
        """Build it anew."""
        return _BUILD[self.source](self.data, BAG_TYPES)


@dataclass(frozen=True)
class Ride:
    """A drive and what is said of it, in order of arrival."""

    drive: EgoDrive
    datum: tuple[float, float, float]
    said: tuple[Said, ...]
    mounts: dict[str, np.ndarray] = field(default_factory=dict)

    def truth(self, stamp_ns: int) -> tuple[np.ndarray, np.ndarray]:
        """Give T_map_base (4, 4) and velocity (3,) on the map at a stamp."""
        time = np.array([(stamp_ns - START_NS) / NS_PER_S])
        T = self.drive.T_world_base(time)[0]
        return T, T[:3, :3] @ self.drive.twist(time)[0][0]

    def errors(self, state: Any) -> np.ndarray:
        """Give the errors (9,) of an EgoState as its covariance means them."""
        T, velocity = self.truth(state.stamp_ns)
        turn = Rotation.from_matrix(T[:3, :3] @ state.T_map_base[:3, :3].T).as_rotvec()
        return np.concatenate([
            T[:3, 3] - state.T_map_base[:3, 3], turn, velocity - state.velocity_mps])

    def only(self, *sources: Source) -> Ride:
        """Leave the other sensors out."""
        return self.with_said(item for item in self.said if item.source in sources)

    def with_said(self, said: Iterable[Said]) -> Ride:
        """Give another ride of which that is said."""
        return replace(self, said=tuple(sorted(said, key=lambda item: item.arrival_ns)))


@dataclass(frozen=True)
class SpeedProfile:
    """Stands, then speeds up evenly; with neither, it drives from the first moment on."""

    speed_mps: float
    stand_s: float = 0.0
    rise_s: float = 0.0

    def __call__(self, times_s: np.ndarray) -> np.ndarray:
        """Give the way at times (N,), m."""
        if not self.stand_s and not self.rise_s:
            return times_s * self.speed_mps
        moving = np.maximum(times_s - self.stand_s, 0.0)
        rising = np.minimum(moving, self.rise_s)
        return self.speed_mps * (
            rising**2 / (2.0 * max(self.rise_s, 1e-6)) + moving - rising)


def winding_road(bend_rad: float = 0.9, heading_rad: float = 0.4) -> Path:
    """Lay 2 km of road that swings to both sides every 120 m."""
    way = np.arange(-100.0, 2000.0, 2.0)
    heading = heading_rad + bend_rad * np.sin(way * (2.0 * np.pi / 120.0))
    steps = 2.0 * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    points = np.cumsum(steps, axis=0)
    return Path(points - points[50])


@dataclass(frozen=True)
class Course:
    """What is driven, by default at 9 m/s from the first moment on, and by what it is measured."""

    seconds: float = 20.0
    seed: int = 0
    way: SpeedProfile = SpeedProfile(9.0)
    slope: float = 0.0
    bend_rad: float = 0.9
    is_rough: bool = True
    gnss: GnssSettings = _GNSS
    imu: ImuSettings = _IMU
    datum: tuple[float, float, float] = (49.0, 8.4, 115.0)


def ride(seconds: float = 20.0, seed: int = 0, **course: Any) -> Ride:
    """Drive a `Course`, and measure it."""
    return _ride(Course(seconds, seed, **course))


def standing(seconds: float = 6.0, seed: int = 0, **course: Any) -> Ride:
    """Stand."""
    return ride(seconds, seed, way=_STANDING, **course)


@cache
def _ride(course: Course) -> Ride:
    rng = np.random.default_rng([course.seed, 77])
    drive = EgoDrive(
        winding_road(course.bend_rad), course.way, lambda places: course.slope * places[:, 0],
        course.seconds, rng if course.is_rough else None)
    return Ride(drive, course.datum, _measured(drive, course, rng), {
        names.IMU_FRAME: course.imu.T_base_mount, names.GNSS_FRAME: course.gnss.T_base_mount})


def _measured(
    drive: EgoDrive, course: Course, rng: np.random.Generator
) -> tuple[Said, ...]:
    latitude_deg, longitude_deg, altitude_m = course.datum
    world = SimpleNamespace(
        drive=drive, latitude_deg=latitude_deg, longitude_deg=longitude_deg,
        altitude_m=altitude_m)
    inertial = simulate_imu(drive, course.imu, latitude_deg, altitude_m, rng)
    fixes = simulate_gnss(world, course.gnss, rng)
    wheels = simulate_wheels(drive, WheelSettings(), rng)
    said = [
        _said(Source.IMU, ImuSample(_stamp(time), names.IMU_FRAME, gyro, accel))
        for time, gyro, accel in zip(
            inertial.times_s, inertial.angular_velocity_radps, inertial.linear_acceleration_mps2,
            strict=True)]
    for row in np.flatnonzero(fixes.has_fix).tolist():
        stamp_ns = _stamp(fixes.times_s[row])
        said.append(_said(Source.FIX, GnssFix(
            stamp_ns, names.GNSS_FRAME, *fixes.geodetic[row].tolist(), has_fix=True,
            covariance_enu=np.diag(fixes.variances_enu_m2))))
        said.append(_said(Source.GNSS_VELOCITY, Twist(
            stamp_ns, names.GNSS_FRAME, fixes.velocities_enu_mps[row], np.zeros(3))))
    said += [
        _said(Source.WHEELS, Twist(
            _stamp(time), names.BASE_FRAME, np.array([forward, 0.0, 0.0]),
            np.array([0.0, 0.0, turn])))
        for time, forward, turn in zip(
            wheels.times_s, wheels.forward_mps, wheels.turn_radps, strict=True)]
    return tuple(sorted(said, key=lambda item: item.arrival_ns))


def _said(source: Source, data: Any) -> Said:
    return Said(data.stamp_ns + _DELAYS_NS[source] * NS_PER_MS, source, data)


def _stamp(time_s: float) -> int:
    return START_NS + round(float(time_s) * NS_PER_S)


def take(estimator: EgoEstimator, said: Said, mounts: dict[str, np.ndarray]) -> None:
    """Hand over what was said, seen from the base frame."""
    data, T = said.data, mounts.get(said.data.frame_id, np.eye(4))
    if said.source is Source.IMU:
        estimator.add_imu(readings.inertial(data, data.stamp_ns, T[:3, :3]), T[:3, 3])
        seen = readings.compass(data, data.stamp_ns, T[:3, :3])
        if seen is not None:
            estimator.add_yaw(seen)
    elif said.source is Source.FIX:
        estimator.add_fix(data, T[:3, 3])
    elif said.source is Source.GNSS_VELOCITY:
        estimator.add_gnss_velocity(data, T[:3, 3])
    elif said.source is Source.WHEELS:
        estimator.add_wheels(data)
    else:
        estimator.add_velocity(data, T)


def estimated(
    ridden: Ride, settings: EstimatorSettings | None = None,
    until: Callable[[EgoEstimator], bool] = lambda estimator: False,
) -> EgoEstimator:
    """Lead an estimator along a ride, to its end or until something holds."""
    estimator = EgoEstimator(settings or EstimatorSettings(), Datum(ridden.datum))
    for said in ridden.said:
        take(estimator, said, ridden.mounts)
        if until(estimator):
            break
    return estimator


def with_compass(ridden: Ride, off_rad: float = 0.0, deviation_rad: float = 0.05) -> Ride:
    """Let the IMU tell its orientation, off by so much."""
    T_base_imu = ridden.mounts[names.IMU_FRAME]
    turn = Rotation.from_rotvec((0.0, 0.0, off_rad))
    covariance = np.diag((0.01, 0.01, deviation_rad**2))

    def turned(said: Said) -> Said:
        if said.source is not Source.IMU:
            return said
        T, _ = ridden.truth(said.data.stamp_ns)
        seen = turn * Rotation.from_matrix(T[:3, :3] @ T_base_imu[:3, :3])
        return said._replace(data=replace(
            said.data, orientation=seen.as_quat(), orientation_covariance=covariance))

    return ridden.with_said(map(turned, ridden.said))


@dataclass
class Run:
    """A localizer that was led along a ride by messages, and what it answered."""

    localizer: Localizer
    answers: list[Located]

    @property
    def problems(self) -> str:
        """What a user reads, one a line."""
        return '\n'.join(self.localizer.health().problems)

    def rates_hz(self) -> np.ndarray:
        """Count the answers of each whole second between the first and the last."""
        seconds = np.array([item.stamp_ns - self.answers[0].stamp_ns for item in self.answers])
        return np.bincount(seconds // NS_PER_S)[:-1]


def localized(
    ridden: Ride, change: Callable[[Said], Iterable[tuple[int, Any]]] | None = None, *,
    mounts: dict[str, np.ndarray] | None = None, quiet: Collection[Source] = (),
    **parameters: Any,
) -> Run:
    """
    Lead a localizer along a ride.

    `change` gives the (arrival, message) pairs that come instead of one; `quiet` sources are
    configured, but say nothing; `mounts` replaces the transforms; parameters have __ for dots.
    """
    values = {'datum': ridden.datum, **{
        name.replace('__', '.'): value for name, value in parameters.items()}}
    localizer = Localizer(localization_config(values))
    localizer.add_transforms(from_transforms(
        ridden.mounts if mounts is None else mounts, START_NS, names.BASE_FRAME, BAG_TYPES),
        is_static=True)
    answers: list[Located] = []
    sent: list[tuple[int, Source, Any]] = []
    for said in ridden.said:
        if said.source in quiet:
            continue
        pairs = [(said.arrival_ns, said.message())] if change is None else change(said)
        sent += [(arrival_ns, said.source, message) for arrival_ns, message in pairs]
    for arrival_ns, source, message in sent:
        answers += localizer.receive(source, message, arrival_ns)
    return Run(localizer, answers)


_STANDING = SpeedProfile(0.0, stand_s=1e6)

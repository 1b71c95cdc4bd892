# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What can be set about the estimator: how good each sensor is, and what is believed of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mm_fusion_ros.config import parameter
from mm_fusion_ros.errors import ConfigError

_MOUNTING = (
    'Where it sits in the base frame: x, y, z (m), roll, pitch, yaw (deg); empty: by transforms.')


def _mounting() -> tuple[float, ...]:
    mounting: tuple[float, ...] = parameter((), _MOUNTING)
    return mounting


def _check_mounting(name: str, values: tuple[float, ...]) -> None:
    if len(values) not in (0, 6):
        raise ConfigError(f'parameter {name}.mounting', '6 numbers or none', len(values))


@dataclass(frozen=True, slots=True)
class InputSettings:
    """What all inputs have."""

    topic: str = ''
    stamp_source: str = parameter(
        'header', 'Clock that stamps the data.', choices=('header', 'arrival'))
    offset_ms: float = parameter(
        0.0, 'Added to every header stamp: a constant error of the sensor clock.', 'ms',
        minimum=-1000.0, maximum=1000.0)


@dataclass(frozen=True, slots=True)
class ImuSettings(InputSettings):
    """The inertial sensor; what messages tell of its noise is often wrong, and not used."""

    topic: str = parameter('/sensing/imu/data', 'Imu topic; empty for none.')
    mounting: tuple[float, ...] = _mounting()
    gyro_noise: float = parameter(
        5e-4, 'Noise density of turn rates.', 'rad/s/sqrt(Hz)', minimum=1e-7, maximum=1.0)
    accel_noise: float = parameter(
        2e-2, 'Noise density of forces, vibration included.', 'm/s^2/sqrt(Hz)',
        minimum=1e-6, maximum=10.0)
    gyro_walk: float = parameter(
        4e-5, 'Random walk of the bias.', 'rad/s^2/sqrt(Hz)', minimum=0.0, maximum=1.0)
    accel_walk: float = parameter(
        6e-4, 'Random walk of the bias.', 'm/s^3/sqrt(Hz)', minimum=0.0, maximum=1.0)
    gyro_bias: float = parameter(
        6e-3, 'Deviation of the first bias.', 'rad/s', minimum=0.0, maximum=1.0)
    accel_bias: float = parameter(
        0.1, 'Deviation of the first bias.', 'm/s^2', minimum=0.0, maximum=5.0)
    max_gap_ms: float = parameter(
        200.0, 'Over a longer gap the motion is taken for constant.', 'ms',
        minimum=5.0, maximum=1000.0)

    def __post_init__(self) -> None:
        """Check the mounting."""
        _check_mounting('imu', self.mounting)


@dataclass(frozen=True, slots=True)
class GnssSettings(InputSettings):
    """The satellite receiver."""

    topic: str = parameter('/sensing/gnss/fix', 'NavSatFix topic; empty for none.')
    velocity_topic: str = parameter(
        '/sensing/gnss/vel', 'Topic of its velocity east, north, up; empty for none.')
    mounting: tuple[float, ...] = _mounting()
    deviation_m: float = parameter(
        3.0, 'Of a position whose message tells none.', 'm', minimum=0.001, maximum=1000.0)
    min_deviation_m: float = parameter(
        0.05, 'A smaller one is not believed.', 'm', minimum=0.001, maximum=100.0)
    drift_share: float = parameter(
        0.5, 'Part of the variance that stays for a while instead of changing with each fix.',
        minimum=0.0, maximum=0.95)
    drift_time_s: float = parameter(
        60.0, 'For how long it stays.', 's', minimum=1.0, maximum=10000.0)
    velocity_deviation_mps: float = parameter(
        0.1, 'Of a velocity whose message tells none; up 1.8 times as much.', 'm/s',
        minimum=0.001, maximum=10.0)
    delay_deviation_ms: float = parameter(
        30.0, 'Of the constant error of its stamps, which is then found out.', 'ms',
        minimum=0.0, maximum=500.0)
    reacquire_s: float = parameter(
        10.0, 'Fixes that contradict the motion for so long are believed.', 's',
        minimum=1.0, maximum=600.0)

    def __post_init__(self) -> None:
        """Check the mounting."""
        _check_mounting('gnss', self.mounting)


@dataclass(frozen=True, slots=True)
class WheelSettings(InputSettings):
    """Speed and turn rate by the wheels."""

    topic: str = parameter(
        '/vehicle/twist', 'Topic (TwistStamped, TwistWithCovarianceStamped or Odometry); '
        'empty for none.')
    deviation_mps: float = parameter(
        0.05, 'Of the speed, where the message tells none larger.', 'm/s',
        minimum=0.001, maximum=10.0)
    scale_deviation: float = parameter(
        0.02, 'Of the scale: tyres wear.', minimum=0.0, maximum=0.5)
    turn_deviation_radps: float = parameter(
        0.05, 'Of the turn rate; used while there is no IMU.', 'rad/s',
        minimum=0.0001, maximum=10.0)


@dataclass(frozen=True, slots=True)
class VelocitySettings(InputSettings):
    """Another source of the vehicle's velocity, such as LiDAR odometry."""

    topic: str = parameter(
        '', 'Topic (TwistStamped, TwistWithCovarianceStamped or Odometry); empty for none.')
    deviation_mps: float = parameter(
        0.1, 'Where the message tells none larger.', 'm/s', minimum=0.001, maximum=10.0)
    turn_deviation_radps: float = parameter(
        0.02, 'Where the message tells none larger.', 'rad/s', minimum=0.0001, maximum=10.0)


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """How the vehicle can move."""

    is_car: bool = parameter(
        True, 'The base frame, at the rear axle, moves neither sideways nor up.')
    sideways_mps: float = parameter(
        0.1, 'How far that is from true sideways.', 'm/s', minimum=0.001, maximum=10.0)
    sideways_share: float = parameter(
        0.01, 'The same, growing with speed.', minimum=0.0, maximum=1.0)
    upwards_mps: float = parameter(
        0.2, 'How far that is from true upwards.', 'm/s', minimum=0.001, maximum=10.0)
    upwards_share: float = parameter(
        0.02, 'The same, growing with speed.', minimum=0.0, maximum=1.0)
    acceleration: float = parameter(
        1.5, 'How much velocity changes where there is no IMU.', 'm/s^2/sqrt(Hz)',
        minimum=0.01, maximum=100.0)
    turning: float = parameter(
        0.3, 'How much the direction changes where nothing measures it.', 'rad/sqrt(s)',
        minimum=0.001, maximum=10.0)


@dataclass(frozen=True, slots=True)
class EstimatorSettings:
    """Everything that the estimator believes beforehand."""

    imu: ImuSettings = field(default_factory=ImuSettings)
    gnss: GnssSettings = field(default_factory=GnssSettings)
    wheels: WheelSettings = field(default_factory=WheelSettings)
    velocity: VelocitySettings = field(default_factory=VelocitySettings)
    motion: MotionSettings = field(default_factory=MotionSettings)
    history_s: float = parameter(
        2.0, 'Measurements that come later than this are not used.', 's',
        minimum=1.0, maximum=20.0)
    max_yaw_deg: float = parameter(
        5.0, 'How well the direction must be known before positions are believed.', 'deg',
        minimum=0.5, maximum=20.0)

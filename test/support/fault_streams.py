# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Streams of every sensor's messages to break, made with the classes of either library."""

from __future__ import annotations

from dataclasses import replace

import cv2
from message_samples import BAG_SAMPLES, lidar_points
import numpy as np

from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import encode, Passing
from mm_fusion_ros.faults.spec import Fault
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S, split

START_NS = 1_700_000_000 * NS_PER_S
PERIOD_NS = 100 * NS_PER_MS
TOPICS = {
    kinds.POINTS: '/points', kinds.IMAGE: '/image', kinds.COMPRESSED_IMAGE: '/image/compressed',
    kinds.CAMERA_INFO: '/camera_info', kinds.IMU: '/imu', kinds.FIX: '/fix',
    kinds.TWIST: '/twist', kinds.ODOMETRY: '/odometry',
}
HEIGHT, WIDTH = 48, 64


def pixels(index: int) -> np.ndarray:
    """Make a picture with texture, of bgr8."""
    random = np.random.default_rng(index)
    small = random.integers(40, 220, (HEIGHT // 4, WIDTH // 4, 3), dtype=np.uint8)
    return cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def content(kind: str, index: int, samples=BAG_SAMPLES):
    """Make the message of a type that comes as number `index`."""
    picture = pixels(index)
    make = {
        kinds.POINTS: lambda: samples.cloud(lidar_points(400, index)),
        kinds.IMAGE: lambda: samples.image(
            picture.reshape(HEIGHT, -1), 'bgr8', WIDTH, HEIGHT),
        kinds.COMPRESSED_IMAGE: lambda: samples.compressed(
            cv2.imencode('.jpg', picture)[1].tobytes()),
        kinds.CAMERA_INFO: samples.camera_info,
        kinds.IMU: samples.imu,
        kinds.FIX: samples.fix,
        kinds.TWIST: samples.twist,
        kinds.ODOMETRY: samples.odometry,
    }
    message = make[kind]()
    stamp_ns = START_NS + index * PERIOD_NS
    message.header.stamp.sec, message.header.stamp.nanosec = split(stamp_ns)
    return message


def transforms(samples=BAG_SAMPLES):
    """Make the TFMessage that says where all of them are."""
    frames = ('sensor', 'lidar', 'imu', 'gnss', 'odom', 'base_link')
    return samples.types.TFMessage(
        transforms=[samples.transform('map', frame) for frame in frames])


def stream(kind: str, count: int = 10, samples=BAG_SAMPLES, serialise=encode) -> list[Passing]:
    """Make a stream of one sensor, after the transforms."""
    raw = serialise(transforms(samples), kinds.TRANSFORMS)
    messages = [Passing('/tf_static', kinds.TRANSFORMS, raw, START_NS - PERIOD_NS)]
    for index in range(count):
        raw = serialise(content(kind, index, samples), kind)
        messages.append(
            Passing(TOPICS[kind], kind, raw, START_NS + index * PERIOD_NS + 5 * NS_PER_MS))
    return messages


def fault(kind: FaultKind, message_type: str, **changes) -> Fault:
    """Make a fault from the third message to the sixth, of default magnitude."""
    declared = kind.value.magnitude
    made = Fault(
        sensor=TOPICS[message_type], kind=kind.label, start_s=0.25, end_s=0.65,
        magnitude=declared.default if declared else 0.0, topic=TOPICS[message_type])
    return replace(made, **changes)


FAULTY = range(3, 7)  # which messages that is


def run(messages: list[Passing], *faults: Fault) -> list[Passing]:
    """Break a stream."""
    injector = FaultInjector(faults)
    broken = [out for message in messages for out in injector.apply(message)]
    assert not injector.problems, injector.problems
    return broken + injector.flush()


PAIRS = [(kind, message_type) for kind in FaultKind for message_type in kind.value.fits]
PAIR_IDS = [f'{kind.label}-{message_type.rpartition("/")[2]}' for kind, message_type in PAIRS]

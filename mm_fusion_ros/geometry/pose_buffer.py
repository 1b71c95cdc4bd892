# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Ego poses at any stamps, many at once, from a short memory of recent ones.

Between two poses, and up to a limit beyond them, the vehicle moves on with a constant twist.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.errors import TransformError
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.stamps import from_seconds, NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import EgoPose

_JUMP_NS = NS_PER_S  # a pose older than the newest by more is a new run, not a late pose
_SERIES_TOLERANCE = 1e-10  # m and rad
_SHORT_RUN = 100  # sorting costs less than products this short
_LONG_RUN = 2048  # BLAS would share longer ones among threads, and wait for a busy core


class PoseQuality(IntEnum):
    """How a pose was found; a higher value is less sure."""

    INTERPOLATED = 0
    PREDICTED = 1  # moved on with constant velocity from the nearest pose
    STATIC = 2  # held at the end of the prediction, or identity where there is no pose at all


@dataclass(frozen=True, slots=True, eq=False)
class PosesAt:
    """
    Poses at N stamps.

    Attributes
    ----------
    T : (N, 4, 4) float64
        `T_frame_child` of the poses that were added.
    quality : (N,) int8
        Values of `PoseQuality`.

    """

    T: NDArray[np.float64]
    quality: NDArray[np.int8]


class PoseBuffer:
    """
    Remembers recent poses of one frame in another.

    Safe to fill from one thread and read from another.

    Parameters
    ----------
    span_s : float
        How long poses are kept, s.
    max_prediction_s : float
        How far from the nearest pose velocity is trusted, s.

    """

    def __init__(self, span_s: float = 10.0, max_prediction_s: float = 0.2) -> None:
        self._span_ns = from_seconds(span_s)
        self._reach_ns = from_seconds(max_prediction_s)
        self._stamps_ns: list[int] = []  # sorted
        self._poses: list[EgoPose] = []
        self._lock = Lock()

    @property
    def newest_ns(self) -> int | None:
        """Stamp of the newest pose; None without any."""
        with self._lock:
            return self._stamps_ns[-1] if self._stamps_ns else None

    def clear(self) -> None:
        """Forget all poses and their frames."""
        with self._lock:
            self._clear()

    def add(self, pose: EgoPose) -> None:
        """
        Add a pose; late ones are put in order, and the last of equal stamps counts.

        A pose more than 1 s older than the newest (a bag that starts again) clears the others.

        Raises
        ------
        InvalidMessageError
            If the pose is not a finite rigid transform.
        TransformError
            If its frames are not those of the poses before it.

        """
        transforms.check_transform('ego pose', pose.T_frame_child)
        with self._lock:
            if self._stamps_ns and pose.stamp_ns < self._stamps_ns[-1] - _JUMP_NS:
                self._clear()
            if self._poses and _frames(pose) != _frames(self._poses[-1]):
                raise TransformError('ego pose', _frames(self._poses[-1]), _frames(pose))
            index = bisect_left(self._stamps_ns, pose.stamp_ns)
            replaced = bisect_right(self._stamps_ns, pose.stamp_ns)
            self._stamps_ns[index:replaced] = [pose.stamp_ns]
            self._poses[index:replaced] = [pose]
            expired = bisect_left(self._stamps_ns, self._stamps_ns[-1] - self._span_ns)
            del self._stamps_ns[:expired], self._poses[:expired]

    def poses_at(self, stamps_ns: NDArray[np.int64]) -> PosesAt:
        """
        Give the pose at each stamp (N,), in any order.

        Between poses the twist is constant (a screw motion); before the first and after the last
        it is the one that the pose brings, or if that is zero or NaN the mean twist near it. From
        `max_prediction_s` on the vehicle stands still.
        """
        poses = self._around(stamps_ns)
        if not poses:
            T = np.broadcast_to(np.eye(4), (len(stamps_ns), 4, 4)).copy()
            return PosesAt(T, np.full(len(stamps_ns), PoseQuality.STATIC, np.int8))
        knots = np.array([pose.stamp_ns for pose in poses])
        reached = np.clip(stamps_ns, knots[0] - self._reach_ns, knots[-1] + self._reach_ns)
        quality = np.full(len(stamps_ns), PoseQuality.INTERPOLATED, np.int8)
        quality[(stamps_ns < knots[0]) | (stamps_ns > knots[-1])] = PoseQuality.PREDICTED
        quality[stamps_ns != reached] = PoseQuality.STATIC

        # Segment 0 lies before the first pose, 1 between the first two, and so on.
        segment = np.searchsorted(knots, reached, side='right')
        start = np.maximum(np.arange(len(knots) + 1) - 1, 0)
        durations = np.concatenate([[self._reach_ns], np.diff(knots), [self._reach_ns]])
        T_knots = np.array([pose.T_frame_child for pose in poses])
        motions = np.concatenate([
            [self._predicted(poses[0], poses)],
            motions_between(T_knots[:-1], T_knots[1:]),
            [self._predicted(poses[-1], poses[::-1])],
        ])
        fractions = (reached - knots[start][segment]) / durations[segment]
        return PosesAt(_move(T_knots[start], motions, segment, fractions), quality)

    def _clear(self) -> None:
        self._stamps_ns.clear()
        self._poses.clear()

    def _around(self, stamps_ns: NDArray[np.int64]) -> list[EgoPose]:
        """Give the poses around the stamps, and as many more as a mean twist needs."""
        with self._lock:
            if not self._poses or not len(stamps_ns):
                return []
            low = min(int(stamps_ns.min()), self._stamps_ns[-1]) - self._reach_ns
            high = max(int(stamps_ns.max()), self._stamps_ns[0]) + self._reach_ns
            first = max(bisect_right(self._stamps_ns, low) - 1, 0)
            return self._poses[first : bisect_left(self._stamps_ns, high) + 1]

    def _predicted(self, pose: EgoPose, inwards: list[EgoPose]) -> NDArray[np.float64]:
        """Give the motion (6,) over the time of reach from the first of the poses `inwards`."""
        reach_s = self._reach_ns / NS_PER_S
        twist = np.concatenate([pose.linear_mps, pose.angular_radps])
        if np.isfinite(twist).all() and twist.any():
            return twist * reach_s
        far = next(
            (p for p in inwards if abs(p.stamp_ns - pose.stamp_ns) >= self._reach_ns), inwards[-1]
        )
        if far is pose:
            return np.zeros(6)
        motions = motions_between(pose.T_frame_child[None], far.T_frame_child[None])
        return motions.ravel() * (self._reach_ns / (far.stamp_ns - pose.stamp_ns))


def motions_between(
    T_a: NDArray[np.float64], T_b: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Give the constant twists (S, 6), linear then angular, that lead from a to b in unit time.

    Source: Barfoot, State Estimation for Robotics (2017), the logarithm of SE(3).
    """
    T_a_b = transforms.inverse(T_a) @ T_b
    if not len(T_a):
        return np.empty((0, 6))
    turns: NDArray[np.float64] = Rotation.from_matrix(T_a_b[:, :3, :3]).as_rotvec()
    angles = np.linalg.norm(turns, axis=1)
    small = angles < 1e-3
    half = np.where(small, 1.0, angles) / 2.0
    closed = (1.0 - half / np.tan(half)) / (2.0 * half) ** 2
    weight = np.where(small, 1.0 / 12.0 + angles**2 / 720.0, closed)[:, None]
    shift = T_a_b[:, :3, 3]
    sideways = np.cross(turns, shift)
    linear = shift - sideways / 2.0 + weight * np.cross(turns, sideways)
    return np.concatenate([linear, turns], axis=1)


def _frames(pose: EgoPose) -> str:
    return f'{pose.child_frame_id} in {pose.frame_id}'


def _move(
    T_start: NDArray[np.float64],
    motions: NDArray[np.float64],
    segment: NDArray[np.intp],
    fractions: NDArray[np.float64],
) -> NDArray[np.float64]:
    """
    Move by a fraction of a segment's motion from its start: (N, 4, 4).

    Stamps come in runs of one segment (a beam after the other, or in the order of time), each a
    product of matrices; only where they are shuffled they are sorted first.
    """
    N = len(fractions)
    ends = np.flatnonzero(segment[1:] != segment[:-1]) + 1
    if len(ends) > max(len(motions), N // _SHORT_RUN):
        order = np.argsort(segment.astype(np.uint16), kind='stable')
        rank = np.empty_like(order)
        rank[order] = np.arange(N)
        in_order = _move(T_start, motions, segment[order], fractions[order])
        return np.take(in_order, rank, axis=0)
    series = _series(T_start, motions)
    powers = np.ones((series.shape[1], N))
    for exponent in range(1, len(powers)):
        np.multiply(powers[exponent - 1], fractions, out=powers[exponent])
    T = np.empty((N, 16))
    bounds = np.union1d(ends, np.append(np.arange(0, N, _LONG_RUN), N))
    numbers = segment[bounds[:-1]].tolist()
    for number, (first, last) in zip(numbers, pairwise(bounds.tolist()), strict=True):
        np.matmul(powers[:, first:last].T, series[number], out=T[first:last])
    return T.reshape(N, 4, 4)


def _series(
    T_start: NDArray[np.float64], motions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Give `T_start @ exp(fraction * motion)` as a power series in the fraction: (S, K, 16).

    Its K terms are the same for all stamps of a segment.
    """
    generator = np.zeros((len(motions), 4, 4))
    generator[:, [2, 0, 1], [1, 2, 0]] = motions[:, 3:]
    generator[:, [1, 2, 0], [2, 0, 1]] = -motions[:, 3:]
    generator[:, :3, 3] = motions[:, :3]
    terms = [T_start]
    while np.abs(terms[-1][:, :3] @ generator).max() > _SERIES_TOLERANCE:
        terms.append(terms[-1] @ generator / len(terms))
    return np.stack(terms, axis=1).reshape(len(motions), len(terms), 16)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The tree of frames that /tf_static and /tf describe, without ROS.

Dynamic edges are interpolated between the two nearest samples.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import TransformError
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.stamps import from_seconds, to_seconds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(slots=True)
class _Edge:
    """From a child to its parent: one static transform, or samples sorted by stamp."""

    parent: str
    static: bool
    stamps_ns: list[int] = field(default_factory=list)
    T_parent_child: list[NDArray[np.float64]] = field(default_factory=list)

    def insert(self, stamp_ns: int, T: NDArray[np.float64], span_ns: int) -> None:
        """Add a sample in order, replace one of the same stamp, drop those older than the span."""
        index = bisect_left(self.stamps_ns, stamp_ns)
        replaced = index + (self.stamps_ns[index : index + 1] == [stamp_ns])
        self.stamps_ns[index:replaced] = [stamp_ns]
        self.T_parent_child[index:replaced] = [T]
        expired = bisect_left(self.stamps_ns, self.stamps_ns[-1] - span_ns)
        del self.stamps_ns[:expired], self.T_parent_child[:expired]

    def at(self, stamp_ns: int) -> NDArray[np.float64]:
        """
        Interpolate at a stamp not before the first sample.

        Beyond the newest sample the motion continues, as it was over a time as long as the reach.
        """
        if len(self.stamps_ns) == 1:
            return self.T_parent_child[0]
        after = min(max(bisect_left(self.stamps_ns, stamp_ns), 1), len(self.stamps_ns) - 1)
        reach_ns = max(stamp_ns - self.stamps_ns[after], 0)
        before = max(bisect_right(self.stamps_ns, self.stamps_ns[after] - reach_ns, hi=after), 1)
        start_ns, end_ns = self.stamps_ns[before - 1], self.stamps_ns[after]
        return transforms.interpolate(
            self.T_parent_child[before - 1],
            self.T_parent_child[after],
            (stamp_ns - start_ns) / (end_ns - start_ns),
        )


class TransformTree:
    """
    Frames, each with at most one parent, and the transforms between them.

    Safe to fill from one thread and read from another. A leading '/' of a name is ignored.

    Parameters
    ----------
    buffer_s : float
        How long samples of dynamic transforms are kept, s.
    max_extrapolation_s : float
        How far beyond its newest sample a dynamic transform is still given, s.

    """

    def __init__(self, buffer_s: float = 10.0, max_extrapolation_s: float = 0.1) -> None:
        self._buffer_ns = from_seconds(buffer_s)
        self._max_extrapolation_ns = from_seconds(max_extrapolation_s)
        self._edges: dict[str, _Edge] = {}  # by child
        self._conflicts: dict[str, None] = {}  # an ordered set
        self._version = 0
        self._lock = Lock()

    @property
    def version(self) -> int:
        """A number that changes whenever a static transform appears, changes or is replaced."""
        return self._version

    @property
    def frames(self) -> tuple[str, ...]:
        """All frame names, sorted."""
        with self._lock:
            parents = {edge.parent for edge in self._edges.values()}
            return tuple(sorted(parents | self._edges.keys()))

    @property
    def conflicts(self) -> tuple[str, ...]:
        """One text for each frame that was given two parents, or both kinds of transform."""
        with self._lock:
            return tuple(self._conflicts)

    def set_static(self, parent: str, child: str, T_parent_child: ArrayLike) -> None:
        """
        Set a transform that holds at all times.

        Raises
        ------
        InvalidMessageError
            If it is not a finite rigid transform (4, 4).
        TransformError
            If it would close a loop.

        """
        self._insert(parent, child, None, T_parent_child)

    def add(self, parent: str, child: str, stamp_ns: int, T_parent_child: ArrayLike) -> None:
        """
        Add one sample of a transform that changes; any order, the last of equal stamps counts.

        Raises
        ------
        InvalidMessageError
            If it is not a finite rigid transform (4, 4).
        TransformError
            If it would close a loop.

        """
        self._insert(parent, child, stamp_ns, T_parent_child)

    def clear_dynamic(self) -> None:
        """Forget all samples, as after a backward jump of time; static transforms stay."""
        with self._lock:
            self._edges = {child: edge for child, edge in self._edges.items() if edge.static}

    def lookup(
        self, target: str, source: str, stamp_ns: int | None = None
    ) -> NDArray[np.float64]:
        """
        Give `T_target_source` (4, 4) at a stamp; None: the newest that all its samples reach.

        Raises
        ------
        TransformError
            If no chain of frames joins the two, or a link has no samples around the stamp.

        """
        target, source = target.lstrip('/'), source.lstrip('/')
        what = f'transform from {source} to {target}'
        with self._lock:
            up, down = self._edges_between(what, source, target)
            if stamp_ns is None:
                newest = (edge.stamps_ns[-1] for _, edge in up + down if not edge.static)
                stamp_ns = min(newest, default=0)
            T_common_source = self._compose(what, up, stamp_ns)
            T_common_target = self._compose(what, down, stamp_ns)
        return transforms.inverse(T_common_target) @ T_common_source

    def _insert(
        self, parent: str, child: str, stamp_ns: int | None, T_parent_child: ArrayLike
    ) -> None:
        parent, child = parent.lstrip('/'), child.lstrip('/')
        what = f'transform from {child} to {parent}'
        T = transforms.check_transform(what, T_parent_child)
        static = stamp_ns is None
        with self._lock:
            above = self._chain(parent)
            if child in above:
                way = ' in '.join(above[: above.index(child) + 1])
                raise TransformError(what, 'a tree of frames', f'a loop with {way}')
            edge = old = self._edges.get(child)
            if edge is None or edge.parent != parent or edge.static != static:
                edge = self._edges[child] = _Edge(parent, static)
            if old is not None and old is not edge:
                self._note_conflict(child, old, edge)
            known = old is edge and np.array_equal(edge.T_parent_child[-1], T)
            if not known and (static or (old is not edge and old is not None and old.static)):
                self._version += 1
            edge.insert(stamp_ns or 0, T, self._buffer_ns)

    def _note_conflict(self, child: str, old: _Edge, new: _Edge) -> None:
        if old.parent != new.parent:
            first, second = sorted((old.parent, new.parent))
            text = f'frame {child}: expected one parent, got {first} and {second}'
        else:
            text = f'frame {child}: expected a static or a changing transform, got both'
        self._conflicts[text] = None

    def _chain(self, frame: str) -> list[str]:
        """List a frame and all above it, up to the root."""
        chain = [frame]
        while chain[-1] in self._edges:
            chain.append(self._edges[chain[-1]].parent)
        return chain

    def _edges_between(
        self, what: str, source: str, target: str
    ) -> tuple[list[tuple[str, _Edge]], list[tuple[str, _Edge]]]:
        """Give the edges from source and from target up to their first common frame."""
        up, down = self._chain(source), self._chain(target)
        if up[-1] != down[-1]:
            roots = f'no parent for {up[-1]}, nor for {down[-1]}'
            raise TransformError(what, 'a chain of frames', roots)
        while up and down and up[-1] == down[-1]:
            up.pop()
            down.pop()
        return [(f, self._edges[f]) for f in up], [(f, self._edges[f]) for f in down]

    def _compose(
        self, what: str, edges: list[tuple[str, _Edge]], stamp_ns: int
    ) -> NDArray[np.float64]:
        """Multiply the transforms of a chain at a stamp."""
        T = np.eye(4)
        for child, edge in edges:
            first_ns, last_ns = edge.stamps_ns[0], edge.stamps_ns[-1]
            if not edge.static and not (
                first_ns <= stamp_ns <= last_ns + self._max_extrapolation_ns
            ):
                raise TransformError(
                    what,
                    f'{child} in {edge.parent} at {to_seconds(stamp_ns):.3f} s',
                    f'samples from {to_seconds(first_ns):.3f} s to {to_seconds(last_ns):.3f} s',
                )
            T = edge.at(stamp_ns) @ T
        return T

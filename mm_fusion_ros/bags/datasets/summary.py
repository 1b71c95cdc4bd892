# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What a conversion tells about its result, and the writing of messages in log-time order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.bags.read import TopicInfo


@dataclass(frozen=True, slots=True)
class ConversionSummary:
    """
    What was written.

    Attributes
    ----------
    topics : tuple of TopicInfo
        Names, types and counts.
    duration_ns : int
        Of the bag.
    size_bytes : int
        Of its files.
    num_labels : int
        Labelled boxes written.
    center_error_px, outline_error_px : float, optional
        Mean distance of the 2D labels' centres to the projected 3D centres, and to the centres of
        the projected boxes' outlines, over labels that are whole and in view; None without any.

    """

    topics: tuple[TopicInfo, ...]
    duration_ns: int
    size_bytes: int
    num_labels: int
    center_error_px: float | None = None
    outline_error_px: float | None = None

    def __str__(self) -> str:
        """List topics and counts, then how well the labels fit."""
        lines = [f'{info.count:6d}  {info.name}  ({info.type})' for info in self.topics]
        size_mb, duration_s = self.size_bytes / 1e6, self.duration_ns / NS_PER_S
        lines.append(f'{size_mb:.0f} MB, {duration_s:.1f} s, {self.num_labels} labelled boxes')
        if self.center_error_px is not None and self.outline_error_px is not None:
            lines.append(
                f'projected 3D labels against 2D labels, mean distance: of their centres '
                f'{self.center_error_px:.2f} px, of their outlines {self.outline_error_px:.2f} px')
        return '\n'.join(lines)


class Recording(NamedTuple):
    """A message still to be built: when it is logged, on which topic, and what builds it."""

    log_time_ns: int
    topic: str
    build: Callable[[], Any]
    transient_local: bool = False


def write_recordings(
    recordings: Sequence[Recording], output: Path, progress: Callable[[int, int], None]
) -> None:
    """Build and write messages one after the other in the order of their log times."""
    in_order = sorted(recordings, key=lambda recording: recording.log_time_ns)
    with BagWriter(output) as bag:
        for done, (log_time_ns, topic, build, transient_local) in enumerate(in_order):
            progress(done, len(in_order))
            bag.write(topic, build(), log_time_ns, transient_local)
        progress(len(in_order), len(in_order))


def summarise(
    output: Path, num_labels: int, label_errors_px: Sequence[NDArray[np.float64]] = ()
) -> ConversionSummary:
    """Read back what a written bag holds; errors are (M, 2): of centres and of outlines."""
    errors = np.concatenate([np.empty((0, 2)), *label_errors_px])
    means = errors.mean(axis=0) if len(errors) else (None, None)
    with BagReader(output) as bag:
        return ConversionSummary(
            topics=bag.topics,
            duration_ns=bag.duration_ns,
            size_bytes=sum(file.stat().st_size for file in output.iterdir()),
            num_labels=num_labels,
            center_error_px=means[0],
            outline_error_px=means[1],
        )


def require(path: Path, what: str) -> Path:
    """
    Return a path that has to be there.

    Raises
    ------
    BagError
        If it is not.

    """
    if not path.exists():
        raise BagError(f'data set file {path}', what, 'no such path')
    return path


def load_text(path: Path, what: str) -> str:
    """
    Read a text file that has to be there.

    Raises
    ------
    BagError
        If it is missing or no text.

    """
    try:
        return require(path, what).read_text('utf-8')
    except (OSError, UnicodeDecodeError) as err:
        raise BagError(f'data set file {path}', what, err) from err

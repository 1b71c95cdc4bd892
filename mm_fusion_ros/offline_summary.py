# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What one run over a bag did, in numbers and in words.
"""

from __future__ import annotations

from dataclasses import dataclass
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mm_fusion_ros.data_types import StageTiming

_NUMBER = re.compile(r'-?\d+(\.\d+)?')


@dataclass(frozen=True, slots=True)
class ProcessSummary:
    """
    What one run over a bag did.

    Attributes
    ----------
    answers, complete : int
        Answers of perception written, and those with every sensor.
    boxes : int
        Boxes in all answers.
    poses : int
        Poses written by the localization.
    bag_s, elapsed_s : float
        Length of the bag, and how long the run took, s.
    median_ms : tuple of StageTiming
        Median of each stage.
    warnings : tuple of str
        Each kind of warning once.

    """

    answers: int
    complete: int
    boxes: int
    poses: int
    bag_s: float
    elapsed_s: float
    median_ms: tuple[StageTiming, ...]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a few lines."""
        stages = ', '.join(f'{item.stage} {item.elapsed_ms:.1f}' for item in self.median_ms)
        poses = f', poses {self.poses}' if self.poses else ''
        lines = [
            f'answers {self.answers} (complete {self.complete}), boxes {self.boxes}{poses}',
            f'{self.bag_s:.1f} s of bag in {self.elapsed_s:.1f} s: '
            f'{self.bag_s / self.elapsed_s:.1f}x real time',
            *([f'median ms: {stages}'] if stages else []),
            *(f'warning: {text}' for text in self.warnings),
        ]
        return '\n'.join(lines)


class WarningsOnce:
    """
    Keeps the first text of each kind; the same complaint with another number is no news.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def add(self, texts: Iterable[str]) -> None:
        """Remember what to tell."""
        for text in texts:
            self._texts.setdefault(_NUMBER.sub('#', text), text)

    @property
    def texts(self) -> tuple[str, ...]:
        """What was said, in order of appearance."""
        return tuple(self._texts.values())


class ProblemsOverTime:
    """
    Keeps what was found wrong at regular instants, the last text of each kind, and how often.
    """

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, int]] = {}
        self._looks = 0

    def add(self, texts: Iterable[str]) -> None:
        """Take in what is wrong at one instant."""
        self._looks += 1
        for text in texts:
            kind = _NUMBER.sub('#', text)
            _, count = self._found.get(kind, ('', 0))
            self._found[kind] = text, count + 1

    @property
    def texts(self) -> tuple[str, ...]:
        """What was wrong, in order of appearance; looked at once a second."""
        return tuple(
            text if count == self._looks else f'{text} (in {count} of {self._looks} s)'
            for text, count in self._found.values())

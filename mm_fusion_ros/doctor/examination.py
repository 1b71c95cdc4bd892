# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What an examination of a bag results in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mm_fusion_ros.doctor.findings import Finding
    from mm_fusion_ros.doctor.ground import GroundPlane
    from mm_fusion_ros.doctor.motion_proposal import MotionProposal
    from mm_fusion_ros.doctor.proposal import Proposal
    from mm_fusion_ros.doctor.stream_statistics import StreamStatistics
    from mm_fusion_ros.perception_config import PerceptionConfig


@dataclass(frozen=True, slots=True)
class TopicReport:
    """
    One topic that means something to this package.

    Attributes
    ----------
    topic, type : str
        Name, and type as `package/msg/Name`.
    count : int
        Messages.
    sensor : str
        Name in the configuration; empty where it is not used by perception.
    frame_ids : tuple of str
        Frames its headers name.
    layout : str
        Fields, encoding or the like, in one line.
    statistics : StreamStatistics, optional
        None without messages.
    ground : GroundPlane, optional
        In the base frame, of a LiDAR that can see it.

    """

    topic: str
    type: str
    count: int
    sensor: str
    frame_ids: tuple[str, ...]
    layout: str
    statistics: StreamStatistics | None
    ground: GroundPlane | None = None


@dataclass(frozen=True, slots=True)
class SensorOutlook:
    """
    How often a configured sensor would stand behind an answer: `present` of all answers.
    """

    name: str
    kind: str
    usable: bool
    present: int


@dataclass(frozen=True, slots=True)
class Examination:
    """
    Everything the doctor found out.

    Attributes
    ----------
    bag : Path
        What was read.
    duration_s : float
        From the first to the last message.
    config : PerceptionConfig, optional
        What was checked: the one given, else the proposal; None where there are no sensors.
    config_is_given : bool
        Whether it was given.
    topics : tuple of TopicReport
        Sensors first.
    other_topics : tuple of str
        Topics of which only the name was looked at.
    frames : tuple of str
        Frames that the transforms join.
    findings : tuple of Finding
        Worst first.
    outlook : tuple of SensorOutlook
        In configured order.
    num_answers : int
        Answers that perception would give on this bag.
    answer_hz : float
        At which rate; NaN for less than two.
    silent_because : str
        Why there would be none; empty if there are answers.
    proposal : Proposal
        For a vehicle file.
    motion : MotionProposal
        For its part on the localization.
    sources : dict of str to str
        What the localization would read: name of each source to its topic.

    """

    bag: Path
    duration_s: float
    config: PerceptionConfig | None
    config_is_given: bool
    topics: tuple[TopicReport, ...]
    other_topics: tuple[str, ...]
    frames: tuple[str, ...]
    findings: tuple[Finding, ...]
    outlook: tuple[SensorOutlook, ...]
    num_answers: int
    answer_hz: float
    silent_because: str
    proposal: Proposal
    motion: MotionProposal
    sources: dict[str, str]

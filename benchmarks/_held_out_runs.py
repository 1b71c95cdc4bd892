# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Answers of trained networks to the held-out scenes, and what they come to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
import time
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.detection.detector import FusionDetector
from mm_fusion_ros.detection.settings import DetectorSettings
from mm_fusion_ros.evaluation.bootstrap import interval_of
from mm_fusion_ros.evaluation.detection_frame import FrameDetections
from mm_fusion_ros.evaluation.detection_matching import CategoryMatches, match_frames
from mm_fusion_ros.evaluation.detection_scores import mean_average_precision, score_detections
from mm_fusion_ros.evaluation.detection_slices import ALL
from mm_fusion_ros.evaluation.ground_layers import frame_map, true_layers
from mm_fusion_ros.evaluation.map_iou import map_overlaps, MapOverlaps
from mm_fusion_ros.evaluation.score_table import score_slices, ScoreRow
from mm_fusion_ros.model.card import load_card, ModelCard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mm_fusion_ros.evaluation.held_out import HeldOutFrame
    from mm_fusion_ros.evaluation.map_iou import FrameMap

CAMERAS = 6  # of the rig
MIN_SCORE = 0.02  # below, answers change no figure but cost time
FULL, NO_CAMERA, NO_LIDAR = 'full', 'no camera', 'no LiDAR'
WITH_MAPS = (FULL, NO_CAMERA, NO_LIDAR)
SEED = 5


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network at work."""

    name: str
    card: ModelCard
    detector: Any

    @property
    def is_fusion(self) -> bool:
        """Whether it looks at LiDARs and cameras."""
        return self.card.network.uses_lidar and self.card.network.uses_cameras


@dataclass(frozen=True, eq=False)
class Run:
    """What one network answered under one condition."""

    network: str
    condition: str
    frames: tuple[FrameDetections, ...]
    matches: tuple[CategoryMatches, ...]
    maps: MapOverlaps | None = None
    row: ScoreRow | None = None

    @property
    def scored(self) -> ScoreRow:
        """Give the scores of all objects."""
        assert self.row is not None
        return self.row

    @property
    def mean_ap(self) -> float:
        """Give mAP."""
        return self.scored.scores.mean_ap


@dataclass(eq=False)
class _Answers:
    frames: list[FrameDetections] = field(default_factory=list)
    maps: list[FrameMap] = field(default_factory=list)


def load_networks(models: Sequence[str], device: str) -> list[Network]:
    """Load networks by name or path of their cards; names that come twice are told apart."""
    networks: list[Network] = []
    settings = DetectorSettings(device=device, min_score=MIN_SCORE)
    for model in models:
        card = load_card(model)
        taken = [each.card.name for each in networks].count(card.name)
        detector = FusionDetector(settings, card, CAMERAS, time.perf_counter_ns)
        networks.append(Network(card.name + (f' {taken + 1}' if taken else ''), card, detector))
    return networks


def run_condition(
    condition: str, frames: Iterable[HeldOutFrame], networks: Sequence[Network], draws: int,
    tell: Callable[[], object] = lambda: None,
) -> list[Run]:
    """Let all networks answer the frames of a condition, and score the answers."""
    answers = [_Answers() for _ in networks]
    scene = None
    for held_out in frames:
        if held_out.scene != scene:
            for network in networks:
                network.detector.reset()
            scene = held_out.scene
        for network, mine in zip(networks, answers, strict=True):
            found = network.detector.detect(held_out.frame)
            mine.frames.append(held_out.with_answers(found.boxes))
            if condition in WITH_MAPS:
                truth = true_layers(held_out.frame, held_out.ground, network.card.grid)
                mine.maps.append(frame_map(found.ground, truth, held_out.scene))
        tell()
    return [_run(network.name, condition, mine, draws)
            for network, mine in zip(networks, answers, strict=True)]


def _run(network: str, condition: str, answers: _Answers, draws: int) -> Run:
    matches = match_frames(answers.frames)
    interval = interval_of(
        matches, mean_average_precision, np.random.default_rng(SEED), draws)
    return Run(
        network, condition, tuple(answers.frames), matches,
        map_overlaps(answers.maps) if answers.maps else None,
        ScoreRow(condition, ALL, score_detections(matches), interval))


def slice_rows(run: Run) -> list[ScoreRow]:
    """Score near and far, seen and hidden objects apart."""
    return [row for row in score_slices(run.condition, run.frames) if row.slice != ALL]

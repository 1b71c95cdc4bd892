# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is aimed at on the held-out scenes, and how far it was reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from _held_out_runs import FULL, NO_CAMERA, NO_LIDAR, SEED
import numpy as np

from mm_fusion_ros.evaluation.bootstrap import difference_of, Interval
from mm_fusion_ros.evaluation.detection_scores import mean_average_precision
from mm_fusion_ros.evaluation.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from _held_out_runs import Network, Run

LEAST_MAP, LEAST_AP = 0.60, 0.20
LEAST_GAIN = 0.03  # of all sensors over one kind
MOST_LOSS = {NO_CAMERA: 0.02, NO_LIDAR: 0.03}  # against a network that knows the other kind only
MOST_COST = {'cameras 80 ms late, stamps true': 0.03, 'cameras turned by 1 deg': 0.10}


def compared(single: Network, networks: Sequence[Network]) -> Network | None:
    """
    Choose the network that one of a single kind of sensor is compared with.

    That is the first fusion that was trained as long; where there is none, the first of all.
    """
    fusions = [network for network in networks if network.is_fusion]
    equals = [network for network in fusions
              if network.card.trained_frames == single.card.trained_frames]
    return next(iter([*equals, *fusions]), None)


def targets(
    networks: Sequence[Network], runs: Mapping[tuple[str, str], Run], draws: int
) -> list[Target]:
    """Give all that can be told of the runs there are, by name of network and condition."""
    found: list[Target] = []
    main = next((network for network in networks if network.is_fusion), None)
    if main is not None and (full := runs.get((main.name, FULL))):
        found += _of_full(full)
        found += _costs(full, runs, draws)
    for single in networks:
        rival = compared(single, networks)
        if single.is_fusion or rival is None:
            continue
        lost = NO_CAMERA if single.card.network.uses_lidar else NO_LIDAR
        of_kind = 'LiDAR-only' if lost == NO_CAMERA else 'camera-only'
        theirs = runs.get((single.name, FULL))
        for condition, limit in ((FULL, LEAST_GAIN), (lost, -MOST_LOSS[lost])):
            ours = runs.get((rival.name, condition))
            if ours is not None and theirs is not None:
                gap = _difference(ours, theirs, draws)
                found.append(Target(
                    f'{rival.name}, {condition}, mAP above the {of_kind} {single.name}',
                    gap.value, limit, interval=gap))
    return found


def _of_full(full: Run) -> Iterator[Target]:
    scores = full.scored
    yield Target('mAP, all sensors', full.mean_ap, LEAST_MAP, interval=scores.mean_ap)
    for each in scores.scores.categories:
        yield Target(f'AP of {each.name}', each.ap, LEAST_AP)


def _costs(
    full: Run, runs: Mapping[tuple[str, str], Run], draws: int
) -> Iterator[Target]:
    """Give the shares of mAP that faults cost."""
    for condition, limit in MOST_COST.items():
        run = runs.get((full.network, condition))
        if run is not None and full.mean_ap > 0.0:
            gap = _difference(full, run, draws)
            share = Interval(*(
                value / full.mean_ap for value in (gap.value, gap.low, gap.high)))
            yield Target(f'share of mAP lost with {condition}', share.value, limit,
                         is_ceiling=True, interval=share)


def _difference(ours: Run, theirs: Run, draws: int) -> Interval:
    return difference_of(
        ours.matches, theirs.matches, mean_average_precision, np.random.default_rng(SEED), draws)

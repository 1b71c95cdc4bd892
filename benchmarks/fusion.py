# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The fusion network on simulated scenes that it never saw: whole, and with sensors gone or wrong.

Several model cards are compared on the same frames: fusions of different kinds, and networks that
were trained on LiDAR or cameras alone.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
import sys
from typing import TYPE_CHECKING

from _fusion_targets import targets
from _held_out_runs import load_networks, run_condition, slice_rows
from tqdm import tqdm

from mm_fusion_ros.errors import ConfigError, MmFusionError
from mm_fusion_ros.evaluation.held_out import (
    CONDITIONS,
    FRAMES_PER_SCENE,
    FULL,
    held_out_frames,
    SCENES,
)
from mm_fusion_ros.evaluation.held_out_quotas import shortfalls
from mm_fusion_ros.evaluation.map_iou import LAYERS
from mm_fusion_ros.evaluation.object_counts import count_objects
from mm_fusion_ros.evaluation.score_table import ScoreTable
from mm_fusion_ros.evaluation.strict_json import strict_json
from mm_fusion_ros.report.detection_plots import draw_conditions, draw_precision, draw_slices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _held_out_runs import Network, Run

    from mm_fusion_ros.evaluation.held_out import Condition

DRAWS = 500


def chosen_conditions(names: Sequence[str]) -> tuple[Condition, ...]:
    """
    Find conditions by their names, all for none.

    Raises
    ------
    ConfigError
        If there is no such condition.

    """
    known = {each.name: each for each in CONDITIONS}
    for name in names:
        if name not in known:
            raise ConfigError('condition', f'one of {", ".join(known)}', repr(name))
    return tuple(known[name] for name in names or known)


def answer(
    networks: Sequence[Network], conditions: Sequence[Condition], cache: Path, scenes: int
) -> dict[tuple[str, str], Run]:
    """Let all networks answer all conditions; by name of network and condition."""
    runs: dict[tuple[str, str], Run] = {}
    with tqdm(total=len(conditions) * scenes * FRAMES_PER_SCENE, desc='fusion', unit=' frames',
              leave=False, disable=None) as bar:
        for condition in conditions:
            for run in run_condition(
                    condition.name, held_out_frames(condition, cache, scenes), networks, DRAWS,
                    bar.update):
                runs[run.network, condition.name] = run
    return runs


def print_network(network: Network, runs: Sequence[Run]) -> ScoreTable:
    """Print what a network came to under each condition; returns the table."""
    settings, card = network.card.network, network.card
    looks_at = ' and '.join(network.detector.looks_at)
    print(f'\n{network.name}: {settings.fusion} of {looks_at}, {card.trained_frames} frames of '
          f'training, commit {card.commit[:12] or "unknown"}, weights {card.sha256[:12]}')
    table = ScoreTable(tuple(
        row for run in runs for row in (
            run.scored, *(slice_rows(run) if run.condition == FULL.name else ()))))
    print(table)
    for run in runs:
        if run.maps is not None:
            print(f'map IoU, {run.condition}: ' + ', '.join(
                f'{layer} {iou:.3f} of {share:.0%}' for layer, iou, share in zip(
                    LAYERS, run.maps.ious, run.maps.coverage, strict=True)))
    return table


def print_objects(runs: Sequence[Run], scenes: int) -> dict[str, object]:
    """Print what the scenes hold, and whether that is enough; returns the counts."""
    counts = count_objects(runs[0].frames)
    print(f'{scenes} held-out scenes, {len(runs[0].frames)} frames')
    print(counts)
    if scenes == SCENES:
        for line in shortfalls(counts) or ('all quotas are met',):
            print(line)
    return counts.as_dict()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description='The fusion network on held-out scenes.')
    parser.add_argument('--cards', nargs='+', default=['tiny'], metavar='NAME|PATH',
                        help='model cards; the first that fuses is the one that targets are of')
    parser.add_argument('--scenes', type=int, default=SCENES, metavar='N', choices=range(
        1, SCENES + 1), help='how many of the scenes')
    parser.add_argument('--conditions', nargs='+', default=[], metavar='NAME',
                        help='such as full, night, "no LiDAR"; default: all')
    parser.add_argument('--cache', type=Path, default=Path('out/frames'), metavar='DIR',
                        help='where rendered frames are kept')
    parser.add_argument('--device', default='auto', choices=('auto', 'cpu', 'cuda'))
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    parser.add_argument('--plots', type=Path, metavar='DIR', help='also draw them here')
    arguments = parser.parse_args(argv)
    try:
        conditions = chosen_conditions(arguments.conditions)
        networks = load_networks(arguments.cards, arguments.device)
        runs = answer(networks, conditions, arguments.cache, arguments.scenes)
    except MmFusionError as err:
        print(f'fusion: {err}', file=sys.stderr)
        return 2
    content: dict[str, object] = {
        'objects': print_objects(list(runs.values()), arguments.scenes)}
    for network in networks:
        mine = [runs[network.name, condition.name] for condition in conditions]
        table = print_network(network, mine)
        maps = {run.condition: dict(zip(LAYERS, run.maps.ious.tolist(), strict=True))
                for run in mine if run.maps is not None}
        content[network.name] = {**table.as_dict(), 'map_iou': maps}
        if arguments.plots:
            draw(network, mine, table, arguments.plots)
    reached = targets(networks, runs, DRAWS)
    print('\ntargets')
    for target in reached:
        print(target)
    if arguments.json:
        content['targets'] = [{**asdict(each), 'is_met': each.is_met} for each in reached]
        arguments.json.write_text(strict_json(content), encoding='utf-8')
    return 0


def draw(network: Network, runs: Sequence[Run], table: ScoreTable, folder: Path) -> None:
    """Draw mAP under all conditions, and precision and slices of the whole sensors."""
    draw_conditions(table, folder / f'{network.name}_conditions.png', network.name)
    for run in runs:
        if run.condition == FULL.name:
            rows = tuple(row for row in table.rows if row.condition == FULL.name)
            draw_precision(run.matches, folder / f'{network.name}_precision.png', network.name)
            draw_slices(ScoreTable(rows), folder / f'{network.name}_slices.png', network.name)


if __name__ == '__main__':
    raise SystemExit(main())

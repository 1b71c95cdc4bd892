# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The simulator: frames a second on one core for three rigs, with the share of casting rays.

Also how much faster two processes are, whether memory grows, and what the frames show.
"""

from __future__ import annotations

import argparse
from collections import Counter
from contextlib import contextmanager
import os
from pathlib import Path
import resource
import time
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.boxes import corners
from mm_fusion_ros.sim.dataset import FrameSource, render_world
from mm_fusion_ros.sim.frames import render_frame
from mm_fusion_ros.sim.preview import write_sheet
from mm_fusion_ros.sim.render.solid import Solid
from mm_fusion_ros.sim.render.weather import weather_named
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.shot_workers import make_shots
from mm_fusion_ros.sim.shots import Conditions, schedule, Studio
from mm_fusion_ros.sim.worker_process import settle
from mm_fusion_ros.sim.world.make_world import make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mm_fusion_ros.sim.frames import LabelledFrame

RIGS = ('demo', 'kitti', 'nuscenes')
SEED, WORLD_S = 2, 20.0
SCENES = 24
RANGES_M = (0, 10, 20, 30, 50, 80)
RECTANGLE = 1.4  # times as large as what is in it, if nothing is hidden
HIDDEN = (0.0, 0.25, 0.5, 0.75, 1.01)


@contextmanager
def metered(owner: type, names: tuple[str, ...]) -> Iterator[list[float]]:
    """Note how long each call of some methods of a class takes, s."""
    spent_s: list[float] = []

    def measured(method: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            began = time.perf_counter()
            try:
                return method(*arguments)
            finally:
                spent_s.append(time.perf_counter() - began)

        return call

    kept = {name: getattr(owner, name) for name in names}
    for name, method in kept.items():
        setattr(owner, name, measured(method))
    try:
        yield spent_s
    finally:
        for name, method in kept.items():
            setattr(owner, name, method)


def speed(rig_name: str, frames: int) -> None:
    """Print how fast a rig's frames are made, the gathering of surroundings included."""
    rig = load_rig(rig_name)
    world = make_world(SEED, WORLD_S)
    weather = weather_named('clear', np.random.default_rng(0))
    studio = Studio(world, rig, Conditions(SEED, weather))
    render_frame(world, rig, studio, 1.0)
    times_s = 1.0 + np.arange(1, frames + 1) / 10.0
    wall, cpu = time.perf_counter(), time.process_time()
    with metered(Solid, ('nearest', 'blocks')) as spent_s:
        for time_s in times_s:
            render_frame(world, rig, studio, float(time_s))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    pixels = sum(camera.settings.width * camera.settings.height for camera in rig.cameras)
    rays = sum(len(lidar.settings.elevations_deg) * lidar.settings.azimuth_steps
               for lidar in rig.lidars)
    print(f'{rig_name:<10} {pixels / 1e3:7.0f} kpx {rays / 1e3:6.0f} krays  '
          f'{frames / cpu:6.2f} frames/s per core ({frames / wall:.2f} by the clock), '
          f'casting rays {sum(spent_s) / wall:.0%}')


def scaling(seconds: float) -> None:
    """Print how much faster two processes are, their start left out."""
    rig = load_rig('demo')
    conditions = Conditions(SEED, weather_named('clear', np.random.default_rng(0)))
    world = make_world(SEED, seconds)
    rates = []
    for workers in (1, 2):
        shots = schedule(rig, seconds)
        results = make_shots(world, rig, conditions, shots, workers=workers)
        skipped = 20 * workers
        for _ in range(skipped):
            next(results)
        began = time.perf_counter()
        left = sum(1 for _ in results)
        rates.append(left / (time.perf_counter() - began))
    print(f'two workers: {rates[1] / rates[0]:.2f}x ({rates[0]:.1f} and {rates[1]:.1f} '
          'measurements/s)')


def growth(frames: int) -> None:
    """Print the memory in use after each quarter of many frames."""
    source = FrameSource('demo', first_seed=100, worlds=frames, frames_per_world=50)
    told = []
    for number, _ in enumerate(_stream(source, frames), 1):
        if number % (frames // 4) == 0:
            told.append(_resident_mib())
    print(f'memory over {frames} frames of {-(-frames // 50)} worlds: '
          + ', '.join(f'{value:.0f}' for value in told) + ' MiB '
          f'(peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f})')


def _stream(source: FrameSource, frames: int) -> Iterator[LabelledFrame]:
    count = 0
    for number in range(source.worlds):
        for frame in render_world(source, source.first_seed + number):
            yield frame
            count += 1
            if count == frames:
                return


def _resident_mib() -> float:
    pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 2**20


def scenes(folder: Path) -> None:
    """Draw a frame of each of many worlds, and print what is in them."""
    source = FrameSource('demo', worlds=SCENES, frames_per_world=3)
    classes: Counter[str] = Counter()
    ranges, hidden, frames = [], [], []
    for seed in range(SCENES):
        for number, frame in enumerate(render_world(source, seed)):
            if number == 1:
                frames.append(frame)
            seen = (frame.boxes.num_points > 0) | (frame.visible_px > 0).any(axis=0)
            boxes = frame.boxes[seen]
            classes.update(ObjectClass(value).label for value in boxes.classes)
            ranges.append(np.linalg.norm(boxes.centers[:, :2], axis=1))
            hidden.append(_hidden(frame)[seen])
    write_sheet(frames, folder / 'scenes.png', columns=4)
    print(f'objects seen in {3 * SCENES} frames of {SCENES} worlds: '
          + ', '.join(f'{count} {name}' for name, count in classes.most_common()))
    _histogram('distance, m', np.concatenate(ranges), RANGES_M)
    known = np.concatenate(hidden)
    _histogram('share hidden or beyond the image', known[np.isfinite(known)], HIDDEN)
    print(f'pictures: {folder / "scenes.png"}')


def _hidden(frame: LabelledFrame) -> np.ndarray:
    """Compare the pixels that show each box with those of its rectangle; NaN beside and behind."""
    camera = frame.frame.cameras[0]
    seen = camera.model.project(transforms.apply(
        transforms.inverse(camera.T_base_camera), corners(frame.boxes).reshape(-1, 3)))
    area = np.ptp(seen.pixels.reshape(-1, 8, 2), axis=1).prod(axis=1)
    is_ahead = seen.depths.reshape(-1, 8).min(axis=1) > 0.5
    is_shown = is_ahead & (area > 4.0) & (frame.truncations[0] < 1.0)
    shares = 1.0 - RECTANGLE * frame.visible_px[0] / np.maximum(area, 1.0)
    return np.where(is_shown, np.clip(shares, 0.0, 1.0), np.nan)


def _histogram(what: str, values: np.ndarray, edges: Sequence[float]) -> None:
    counts, _ = np.histogram(values, edges)
    parts = (f'{low:g}-{min(high, 1.0) if edges[-1] < 2 else high:g}: {count}'
             for low, high, count in zip(edges, edges[1:], counts, strict=False))
    print(f'  {what}: ' + ', '.join(parts))


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog='benchmark sim')
    parser.add_argument('--frames', type=int, default=40)
    parser.add_argument('--soak', type=int, default=1000, help='frames for the memory; 0 for none')
    parser.add_argument('--pictures', type=Path, default=Path('out/sim'))
    arguments = parser.parse_args(argv)
    settle()
    for rig in RIGS:
        speed(rig, arguments.frames)
    scaling(12.0)
    scenes(arguments.pictures)
    if arguments.soak:
        growth(arguments.soak)
    return 0


if __name__ == '__main__':
    raise SystemExit(main([]))

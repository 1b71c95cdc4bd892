# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The fusion network at work: from the arrays of the sensors to boxes, stage by stage.

One image as KITTI's and a sweep of 120 k points on two cores of a CPU; one and six images on a GPU
if there is one. Conversion of points and images and drawing points into pillars count. Speed does
not depend on what the weights are: without trained ones others serve.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from functools import cache
import json
from pathlib import Path
import sys
import tempfile
import time
from typing import Any, TYPE_CHECKING

import cv2
import numpy as np
from obstacles import street as cast_street
import torch
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from mm_fusion_ros.data_types import (
    CameraImage,
    CameraInput,
    EgoMotion,
    LidarInput,
    LidarSweep,
    SensorFrame,
)
from mm_fusion_ros.detection.detector import FusionDetector
from mm_fusion_ros.detection.settings import DetectorSettings
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import apply, from_euler, inverse
from mm_fusion_ros.model.card import load_card, ModelCard
from mm_fusion_ros.model.checkpoint import load_weights, save_weights
from mm_fusion_ros.model.decode import decode
from mm_fusion_ros.model.network import FusionNetwork
from mm_fusion_ros.model.suppression import suppression_limits
from mm_fusion_ros.obstacles.detector import ObstacleDetector
from mm_fusion_ros.obstacles.settings import ObstacleSettings
from mm_fusion_ros.preprocess.collate import collate
from mm_fusion_ros.preprocess.frame_arrays import FramePreparation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

THREADS = 2
WARM_UPS = 5
WIDTH, HEIGHT, FOCAL_PX = 1242, 375, 721.0  # KITTI's
T_BASE_LIDAR = from_euler((0.0, 0.0, 1.8), 0.0, 0.0, 0.0)
STAMP_NS, PERIOD_NS = 10**18, 10**8
# Half precision without sparsity, and memory, as their makers say: operations/s and bytes/s.
GPUS = {'H100': (989e12, 3.35e12), 'H200': (989e12, 4.8e12), 'A100': (312e12, 2.0e12)}


@dataclass(frozen=True, slots=True)
class Row:
    """How long one way from arrays to boxes takes, and of that each stage."""

    name: str
    p50_ms: float
    p99_ms: float
    stages_ms: dict[str, float]

    def __str__(self) -> str:
        """Draw it."""
        stages = ', '.join(f'{name} {ms:.1f}' for name, ms in self.stages_ms.items())
        return f'{self.name:44}{self.p50_ms:8.1f}{self.p99_ms:8.1f}  {stages}'


@dataclass(frozen=True, slots=True)
class Size:
    """How large the network is, in all and by its parts."""

    parameters: int
    gmac: float
    parts: dict[str, tuple[int, float]]


@cache
def street() -> NDArray[np.float32]:
    """Cast the sweep once."""
    return cast_street()


def frames(cameras: int, count: int) -> list[SensorFrame]:
    """Make frames of a drive; only stamps and poses differ."""
    points = apply(inverse(T_BASE_LIDAR), street())
    rng = np.random.default_rng(0)
    sweep = LidarSweep(STAMP_NS, 'lidar', points, rng.uniform(0, 255, len(points)).astype('f4'))
    lidars = (LidarInput('top', sweep, T_BASE_LIDAR),)
    P = np.array([[FOCAL_PX, 0, 609.6, 0], [0, FOCAL_PX, 172.9, 0], [0, 0, 1, 0]])
    model = CameraModel(WIDTH, HEIGHT, P)
    T_optical = np.eye(4)
    T_optical[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    seen = tuple(
        CameraInput(
            f'camera_{index}',
            CameraImage(STAMP_NS, 'c', rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)),
            model,
            from_euler((0.3, 0.0, 1.6), 0, 0, 2.0 * np.pi * index / max(cameras, 1)) @ T_optical)
        for index in range(cameras))
    return [
        SensorFrame(
            STAMP_NS + n * PERIOD_NS, 'base_link', lidars, seen,
            ego=EgoMotion(from_euler((n, 0, 0), 0, 0, 0), np.array([10.0, 0, 0, 0, 0, 0]), 0.0))
        for n in range(count)]


def timed(name: str, detector: FusionDetector, cameras: int, count: int) -> Row:
    """Let a detector answer a drive."""
    detector.warm_up()
    found = [detector.detect(each) for each in frames(cameras, count + WARM_UPS)][WARM_UPS:]
    stages: dict[str, list[float]] = defaultdict(list)
    for each in found:
        for timing in each.timings_ms:
            stages[timing.stage].append(timing.elapsed_ms)
    total = np.sum(list(stages.values()), axis=0)
    return Row(name, *(float(p) for p in np.percentile(total, (50, 99))),
               {stage: float(np.median(values)) for stage, values in stages.items()})


def timed_work(name: str, work: Callable[[], object], count: int) -> Row:
    """Time some work."""
    elapsed_ms = []
    for _ in range(count):
        start_s = time.perf_counter()
        work()
        elapsed_ms.append((time.perf_counter() - start_s) * 1e3)
    return Row(name, *(float(p) for p in np.percentile(elapsed_ms, (50, 99))), {})


def network_of(card: ModelCard) -> FusionNetwork:
    """Make the network of a card, without its weights."""
    torch.manual_seed(0)
    return FusionNetwork(card.network, card.grid, len(card.classes),
                         (card.image_width_px, card.image_height_px)).eval()


def card_of(model: str, folder: Path) -> ModelCard:
    """Load a card; if it does not ship, make one with weights that have learned nothing."""
    try:
        return load_card(model)
    except ConfigError as err:
        print(f'model: {err}; measured with weights that have learned nothing')
    card = ModelCard(
        name='fresh', checkpoint='fresh.safetensors', sha256='0' * 64, path=folder / 'fresh.yaml')
    digest = save_weights(network_of(card).state_dict(), folder / card.checkpoint)
    return replace(card, sha256=digest)


def on_cpu(card: ModelCard, count: int) -> Iterator[Row]:
    """Yield one camera and a sweep on a CPU, and what else one could do."""
    settings = DetectorSettings(device='cpu', threads=THREADS)

    def detector(**changes: Any) -> FusionDetector:
        return FusionDetector(replace(settings, **changes), card, 1, time.perf_counter_ns)

    yield timed('float32', detector(), 1, count)
    yield timed('float32, LiDAR alone', detector(), 0, count)
    yield timed('bfloat16', detector(precision='bfloat16'), 1, count)
    (frame,) = frames(1, 1)
    yield timed_work('PyTorch as it is: nothing folded, NCHW', eager(card, frame), count)
    points, obstacles = street(), ObstacleDetector(ObstacleSettings())
    yield timed_work(
        'obstacle detector, LiDAR alone, no classes', lambda: obstacles.detect(points),
        count)


def eager(card: ModelCard, frame: SensorFrame) -> Callable[[], object]:
    """Give what one would write first: modules as they are trained, called one after the other."""
    network = network_of(card)
    network.load_state_dict(load_weights(card.weights_file, network.state_dict(), card.sha256))
    preparation = FramePreparation(card.image_width_px, card.image_height_px)
    limits = suppression_limits(card.object_classes)

    def work() -> object:
        with torch.no_grad():
            output = network(collate([preparation.arrays(frame)]))
            return [each.numpy() for each in decode(output, card.grid, limits)]

    work()
    return work


def on_gpu(card: ModelCard, count: int) -> Iterator[Row]:
    """Yield one and six cameras on a GPU."""
    for cameras in (1, 6):
        for accelerate in ('none', 'cuda_graph'):
            settings = DetectorSettings(device='cuda', accelerate=accelerate)
            name = f'{cameras} cameras, float16, {accelerate}'
            yield timed(name, FusionDetector(settings, card, cameras, time.perf_counter_ns),
                        cameras, count)


def size_of(card: ModelCard, cameras: int) -> Size:
    """Count parameters and multiplications of the network, by its parts."""
    network = network_of(card)
    given = collate([
        FramePreparation(card.image_width_px, card.image_height_px).arrays(frames(cameras, 1)[0])])
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        network(given)
    flops = {name: sum(kinds.values()) for name, kinds in counter.get_flop_counts().items()}
    prefix = type(network).__name__
    parts = {}
    for name in ('lidar', 'camera.backbone', 'camera.neck', 'camera.flatten', 'fusion', 'backbone',
                 'heads'):
        module = network.get_submodule(name)
        parts[name] = (sum(each.numel() for each in module.parameters()),
                       flops.get(f'{prefix}.{name}', 0) / 2e9)
    return Size(sum(each.numel() for each in network.parameters()),
                counter.get_total_flops() / 2e9, parts)


class Traffic(TorchDispatchMode):
    """Adds up the bytes that every operation reads and writes once."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Count one operation; those that only look at memory in another way move none."""
        result = func(*args, **(kwargs or {}))
        if not func.is_view:
            self.total += sum(
                each.nbytes for each in pytree.tree_leaves((args, kwargs, result))
                if isinstance(each, torch.Tensor))
        return result


def roofline(card: ModelCard, cameras: int, gmac: float) -> str:
    """Estimate what a GPU could do at best, by what it moves and multiplies in half precision."""
    name = torch.cuda.get_device_name()
    peak = next((figures for kind, figures in GPUS.items() if kind in name), None)
    if peak is None:
        return f'no figures of {name} for an estimate'
    given = collate([
        FramePreparation(card.image_width_px, card.image_height_px).arrays(frames(cameras, 1)[0])])
    with Traffic() as traffic, torch.no_grad():
        network_of(card)(given)
    multiply_ms, move_ms = 2e12 * gmac / peak[0], traffic.total / 2.0 / peak[1] * 1e3
    return (f'{cameras} cameras on {name}: {multiply_ms:.2f} ms to multiply, {move_ms:.2f} ms to '
            f'move {traffic.total / 2e6:.0f} MB, if every operation waits for memory')


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description='The fusion network: its size and its cost.')
    parser.add_argument('--model', default='tiny', metavar='NAME|PATH', help='model card')
    parser.add_argument('--frames', type=int, default=100, metavar='N', help='timed of each row')
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    arguments = parser.parse_args(argv)
    threads = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(THREADS)
    cv2.setNumThreads(THREADS)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        card = card_of(arguments.model, Path(folder))
        size = size_of(card, 1)
        print(f'{card.name}: {size.parameters:,} parameters, {size.gmac:.2f} GMAC with one camera '
              f'of {card.image_width_px}x{card.image_height_px}')
        for part, (parameters, gmac) in size.parts.items():
            print(f'  {part:18}{parameters:>10,}{gmac:8.3f} GMAC')
        print(f'{"":44}{"p50 ms":>8}{"p99 ms":>8}  stages, median ms')
        print(f'CPU, {THREADS} threads, {len(street())} points, one camera {WIDTH}x{HEIGHT}')
        for row in on_cpu(card, arguments.frames):
            rows.append(row)
            print(f'  {row}')
        if torch.cuda.is_available():
            print(f'GPU, {torch.cuda.get_device_name()}, the same points')
            for row in on_gpu(card, arguments.frames):
                rows.append(row)
                print(f'  {row}')
            for cameras in (1, 6):
                print(f'  {roofline(card, cameras, size_of(card, cameras).gmac)}')
    torch.set_num_threads(threads[0])
    cv2.setNumThreads(threads[1])
    if arguments.json:
        arguments.json.write_text(json.dumps(
            {'size': asdict(size), 'rows': [asdict(row) for row in rows]}, indent=2) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())

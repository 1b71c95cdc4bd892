# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Labelled frames for training, rendered by the loader's workers or read from a cache.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np
from torch.utils.data import get_worker_info, IterableDataset

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.sim.cache_key import cache_key
from mm_fusion_ros.sim.frame_files import load_frame, save_frame
from mm_fusion_ros.sim.frames import LabelledFrame, render_frame
from mm_fusion_ros.sim.render.weather import weather_from_seed, weather_named
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.shots import Conditions, Studio
from mm_fusion_ros.sim.worker_process import settle
from mm_fusion_ros.sim.world.make_world import make_world

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.rig import Rig

_DATASET = 30  # apart from the numbers of other random streams
_LONGEST_GAP = 3  # measurements of the first sensor between frames of a burst
_LONGEST_LAG_MS = 150.0  # within the way that frames know
_FIRST_S = 1.0  # frames before would show traffic that has just been set down


@dataclass(frozen=True, slots=True)
class FrameSource:
    """
    Which frames.

    Attributes
    ----------
    rig : str
        Name or path.
    first_seed, worlds : int
        The worlds.
    frames_per_world : int
        At different random measurements of the first sensor in each, in order of time.
    world_s : float
        Length of each world's drive, s.
    weather : str
        Its name, empty for any.
    varies_mounting : bool
        Whether each world's vehicle carries the rig a little otherwise.
    burst : int
        So many frames each follow each other within one to three measurements.
    camera_lag_ms : float
        How much before the others cameras measure, ms.

    """

    rig: str
    first_seed: int = 0
    worlds: int = 1000
    frames_per_world: int = 20
    world_s: float = 20.0
    weather: str = ''
    varies_mounting: bool = True
    burst: int = 1
    camera_lag_ms: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what would not give frames."""
        for name, least in (('first_seed', 0), ('worlds', 1), ('frames_per_world', 1),
                            ('burst', 1)):
            if getattr(self, name) < least:
                raise ConfigError(name, f'{least} or more', getattr(self, name))
        if self.frames_per_world % self.burst:
            raise ConfigError(
                'frames_per_world', f'a multiple of burst {self.burst}', self.frames_per_world)
        if not 2.0 * _FIRST_S < self.world_s < np.inf:
            raise ConfigError('world_s', f'more than {2.0 * _FIRST_S:g} s', self.world_s)
        if not 0.0 <= self.camera_lag_ms <= _LONGEST_LAG_MS:
            raise ConfigError(
                'camera_lag_ms', f'0 to {_LONGEST_LAG_MS:g} ms', self.camera_lag_ms)
        if self.weather:
            weather_named(self.weather, np.random.default_rng(0))


class SimulatedFrames(IterableDataset[LabelledFrame]):
    """
    All frames of a source, once; each worker of a DataLoader takes worlds of its own.

    Parameters
    ----------
    source : FrameSource
        Which frames.
    cache : Path, optional
        Folder that keeps every frame once it was rendered; workers may share it.

    """

    def __init__(self, source: FrameSource, cache: Path | None = None) -> None:
        super().__init__()
        rig = load_rig(source.rig)  # a wrong name is told here, not by a worker
        instants = len(_beginnings(source, _instants_s(rig, source.world_s))) * source.burst
        if instants < source.frames_per_world:
            raise ConfigError(
                'frames_per_world', f'up to {instants} in {source.world_s:g} s',
                source.frames_per_world)
        self._source = source
        self._folder = None if cache is None else cache / cache_key(rig, astuple(source)[3:])

    def __len__(self) -> int:
        return self._source.worlds * self._source.frames_per_world

    def __iter__(self) -> Iterator[LabelledFrame]:
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        if worker:
            settle()
        for number in range(first, self._source.worlds, step):
            yield from self.world(self._source.first_seed + number)

    def world(self, seed: int) -> Iterator[LabelledFrame]:
        """Give the frames of one world."""
        files = [self._file(seed, number) for number in range(self._source.frames_per_world)]
        if all(file is not None and file.is_file() for file in files):
            yield from map(load_frame, filter(None, files))
            return
        for file, frame in zip(files, render_world(self._source, seed), strict=True):
            if file is not None:
                save_frame(frame, file)
            yield frame

    def kept(
        self, seed: int, number: int, cameras: Collection[int] | None = None
    ) -> LabelledFrame:
        """
        Give one frame of a world from the cache; the whole world is rendered if it is not there.

        Parameters
        ----------
        seed, number : int
            Of the world, and of the frame in it.
        cameras : collection of int, optional
            Numbers of the cameras that are read; None for all.

        """
        file = self._file(seed, number)
        if file is None:
            raise ConfigError('cache', 'a folder', 'none')
        if not file.is_file():
            for _ in self.world(seed):
                pass
        return load_frame(file, cameras)

    def _file(self, seed: int, number: int) -> Path | None:
        return None if self._folder is None else self._folder / f'{seed}_{number}.npz'


def render_world(source: FrameSource, seed: int) -> Iterator[LabelledFrame]:
    """Render the frames of one world, in the order of their times."""
    rng = np.random.default_rng([seed, _DATASET])
    world = make_world(seed, source.world_s)
    weather = weather_from_seed(rng)
    if source.weather:  # of numbers of its own: the same instants are seen in any weather
        weather = weather_named(source.weather, np.random.default_rng([seed, _DATASET, 1]))
    rig = load_rig(source.rig, seed if source.varies_mounting else None)
    studio = Studio(world, rig, Conditions(seed, weather))
    instants_s = _instants_s(rig, source.world_s)
    first = rng.choice(_beginnings(source, instants_s), source.frames_per_world // source.burst,
                       replace=False)
    gaps = rng.integers(1, _LONGEST_GAP + 1, (len(first), source.burst))
    gaps[:, 0] = 0
    for time_s in np.sort(instants_s[first[:, None] + gaps.cumsum(axis=1)], axis=None):
        yield render_frame(world, rig, studio, float(time_s), source.camera_lag_ms / 1e3)


def _beginnings(source: FrameSource, instants_s: NDArray[np.float64]) -> NDArray[np.intp]:
    """Give where bursts may begin, so that they do not overlap."""
    span = 1 + _LONGEST_GAP * (source.burst - 1)
    return np.arange(0, len(instants_s) - span + 1, span)


def _instants_s(rig: Rig, world_s: float) -> NDArray[np.float64]:
    """Give when the first sensor measures, but at the beginning and the end."""
    settings = (*rig.lidars, *rig.cameras)[0].settings
    count = int((world_s - _FIRST_S) * settings.rate_hz)
    instants: NDArray[np.float64] = settings.phase_ms / 1e3 + np.arange(count) / settings.rate_hz
    return instants[instants >= _FIRST_S]

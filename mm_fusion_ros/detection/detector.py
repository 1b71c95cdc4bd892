# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The fusion network as a detector: frames in, boxes with classes out.

It owns the device, the precision, the memory and the warm-up; the network sees tensors only.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, TYPE_CHECKING

import numpy as np
import torch

from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.detection.acceleration import Compiled, Recorded
from mm_fusion_ros.detection.bev_memory import BevMemory
from mm_fusion_ros.detection.detections import Detections, GroundLayers
from mm_fusion_ros.detection.ground_check import GroundCheck
from mm_fusion_ros.detection.hardware import chosen_device, chosen_dtype
from mm_fusion_ros.detection.inference_weights import prepare_weights
from mm_fusion_ros.detection.staging import InputStaging
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.model import image_backbone
from mm_fusion_ros.model.checkpoint import load_weights
from mm_fusion_ros.model.decode import decode, DecodedBoxes
from mm_fusion_ros.model.inputs import FusionInput, FusionOutput, Memory, MODALITIES
from mm_fusion_ros.model.memory import plane_motion
from mm_fusion_ros.model.network import FusionNetwork
from mm_fusion_ros.model.suppression import suppression_limits
from mm_fusion_ros.preprocess.collate import collate
from mm_fusion_ros.preprocess.frame_arrays import FrameArrays, FramePreparation
from mm_fusion_ros.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import SensorFrame
    from mm_fusion_ros.detection.settings import DetectorSettings
    from mm_fusion_ros.model.card import ModelCard

_NAMES = {'lidar': 'LiDAR', 'camera': 'camera'}
_WARM_UP_POINTS = 20_000


class FusionDetector:
    """
    Finds objects in the frames of a drive, one after the other.

    Parameters
    ----------
    settings : DetectorSettings
        Where and how it runs; its `model` was read already.
    card : ModelCard
        The trained network.
    cameras : int
        How many there usually are.
    timer : callable
        Returns a monotonic time, ns; only `Detections.timings_ms` depends on it.

    Raises
    ------
    ConfigError
        If the device cannot do what the settings ask, or the card is for another backbone.
    CheckpointError
        If the weights are missing, damaged, or of another network.

    """

    def __init__(
        self, settings: DetectorSettings, card: ModelCard, cameras: int, timer: Callable[[], int]
    ) -> None:
        _check_pixels(card)
        self._settings = settings
        self._card = card
        self._timer = timer
        self._classes = np.array(card.object_classes, np.int8)
        self._device = chosen_device(settings)
        self._dtype = chosen_dtype(settings, self._device)
        if settings.threads:
            torch.set_num_threads(settings.threads)
        image_px = card.image_width_px, card.image_height_px
        network = FusionNetwork(card.network, card.grid, len(card.classes), image_px)
        network.load_state_dict(
            load_weights(card.weights_file, network.state_dict(), card.sha256))
        self._limits = suppression_limits(card.object_classes, self._device)
        self._answer, self._decode = self._accelerated(
            prepare_weights(network, self._device, self._dtype))
        self._preparation = FramePreparation(*image_px)
        needs_places = settings.accelerate != 'none' or self._device.type != 'cpu'
        self._staging = InputStaging(self._device, image_px, cameras) if needs_places else None
        self._uses_memory = settings.use_memory and card.uses_memory
        self._memory = BevMemory()
        self._remembered: Memory | None = self._blank_memory() if self._uses_memory else None
        self._ground = GroundCheck(card.ground_z_m)
        self._cameras = cameras

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Kinds of sensors that it finds objects with: 'lidar', 'camera'."""
        network = self._card.network
        uses = (network.uses_lidar, network.uses_cameras)
        return tuple(kind for kind, is_used in zip(MODALITIES, uses, strict=False) if is_used)

    def reset(self) -> None:
        """Forget what was seen, as after time began anew."""
        self._memory.forget()
        self._ground.forget()

    def warm_up(self) -> None:
        """Answer a made-up frame, so that the first real one pays for no caches or compilers."""
        width, height = self._card.image_width_px, self._card.image_height_px
        rng = np.random.default_rng(0)
        points = np.zeros((_WARM_UP_POINTS, 5), np.float32)
        points[:, :3] = rng.uniform(-20.0, 20.0, (_WARM_UP_POINTS, 3))
        arrays = FrameArrays(
            points, True, np.zeros((self._cameras, height, width, 3), np.uint8),
            np.zeros((self._cameras, 3, 4), np.float32), np.zeros(4, np.float32))
        for _ in range(2):  # some take their time at the second run too
            with torch.inference_mode(), self._narrowed():
                self._read(*self._found(arrays, None, Stopwatch(self._timer)))

    def detect(self, frame: SensorFrame) -> Detections:
        """
        Find the objects of a frame; no sensors at all is an answer too, with a warning.

        Parameters
        ----------
        frame : SensorFrame
            Of a later stamp than the one before; else all is forgotten.

        """
        stopwatch = Stopwatch(self._timer)
        arrays = self._arrays(frame)
        stopwatch.lap('prepare')
        if not arrays.has_lidar and not len(arrays.images):
            return Detections(
                Boxes3D.empty(), np.empty((0, len(MODALITIES)), np.float32),
                timings_ms=stopwatch.laps, warnings=(self._sees_nothing,))
        warnings = self._ground.look(frame.stamp_ns, arrays.points)
        motion = self._memory.motion_since(frame) if self._uses_memory else None
        with torch.inference_mode(), self._narrowed():
            output, decoded = self._found(arrays, motion, stopwatch)
            if self._uses_memory:
                self._memory.remember(frame, output.features)
            found = self._read(output, decoded)
        stopwatch.lap('decode')
        return replace(
            found, timings_ms=stopwatch.laps, warnings=(*warnings, *found.warnings))

    def _arrays(self, frame: SensorFrame) -> FrameArrays:
        """Give the arrays of a frame as far as the network looks at them."""
        network = self._card.network
        seen = replace(
            frame,
            lidars=frame.lidars if network.uses_lidar else (),
            cameras=frame.cameras if network.uses_cameras else ())
        arrays = self._preparation.arrays(seen)
        # An empty sweep is a LiDAR that sees nothing, and no sign of empty streets.
        return replace(arrays, has_lidar=len(arrays.points) > 0)

    def _found(
        self, arrays: FrameArrays, motion: NDArray[np.float64] | None, stopwatch: Stopwatch
    ) -> tuple[FusionOutput, DecodedBoxes]:
        given = self._uploaded(arrays)
        memory = self._recalled(motion)
        self._lap(stopwatch, 'upload')
        output = self._answer(given, memory)
        self._lap(stopwatch, 'network')
        return output, self._decode(output)

    def _uploaded(self, arrays: FrameArrays) -> FusionInput:
        return collate([arrays]) if self._staging is None else self._staging.upload(arrays)

    def _recalled(self, motion: NDArray[np.float64] | None) -> Memory | None:
        """Give what is remembered; where tensors need places, also if that is nothing."""
        blank = self._remembered
        if blank is None or (motion is None and self._staging is None):
            return None
        blank.is_known.fill_(motion is not None)
        if motion is not None:
            assert self._memory.features is not None
            blank.features.copy_(self._memory.features)
            blank.T_previous_base.copy_(plane_motion(torch.from_numpy(motion[None]).float()))
        return blank

    def _blank_memory(self) -> Memory:
        size, width = self._card.grid.size, self._card.network.bev_channels
        return Memory(
            torch.zeros(1, width, size, size, device=self._device),
            torch.eye(3, device=self._device)[None].clone(),
            torch.zeros(1, dtype=torch.bool, device=self._device))

    def _read(self, output: FusionOutput, decoded: DecodedBoxes) -> Detections:
        """Bring the answer of the network to the host."""
        boxes, velocities, scores, labels, shares = (
            each[0].float().cpu().numpy() if each.is_floating_point() else each[0].cpu().numpy()
            for each in decoded)
        ground = GroundLayers(output.heads.ground[0].sigmoid().cpu().numpy(), self._card.grid)
        is_number = np.isfinite(boxes).all(axis=1) & np.isfinite(scores)
        # One number tells of all cells: that of which there is none would be no peak either.
        is_whole = is_number.all() and bool(torch.isfinite(output.heads.heat.sum()))
        kept = is_number & (scores > 0.0) & (scores >= self._settings.min_score)
        return Detections(
            Boxes3D(
                centers=boxes[kept, :3].astype(np.float64),
                sizes=boxes[kept, 3:6].astype(np.float64),
                yaws=wrap_angle(boxes[kept, 6]),
                scores=scores[kept].astype(np.float32),
                classes=self._classes[labels[kept]],
                velocities=np.pad(velocities[kept], ((0, 0), (0, 1))).astype(np.float32)),
            shares[kept].astype(np.float32),
            ground,
            warnings=() if is_whole else (
                f'the network gave no numbers with {self._precision}: its answer is incomplete',))

    @property
    def _sees_nothing(self) -> str:
        missing = ' and no '.join(_NAMES[kind] for kind in self.looks_at)
        return f'no {missing} in this frame: nothing was looked at'

    @property
    def _precision(self) -> str:
        return str(self._dtype).removeprefix('torch.')

    def _narrowed(self) -> AbstractContextManager[Any]:
        if self._dtype is torch.float32:
            return nullcontext()
        # Weights are narrow already: there is nothing to keep.
        return torch.autocast(self._device.type, self._dtype, cache_enabled=False)

    def _lap(self, stopwatch: Stopwatch, stage: str) -> None:
        if self._device.type == 'cuda':
            torch.cuda.synchronize(self._device)
        stopwatch.lap(stage)

    def _accelerated(
        self, network: FusionNetwork
    ) -> tuple[Callable[..., FusionOutput], Callable[[FusionOutput], DecodedBoxes]]:
        def decoded(output: FusionOutput) -> DecodedBoxes:
            return decode(output, self._card.grid, self._limits, self._settings.max_boxes)

        if self._settings.accelerate == 'compile':
            return Compiled(network), decoded
        if self._settings.accelerate == 'cuda_graph':
            return Recorded(network), Recorded(decoded)
        return network, decoded


def _check_pixels(card: ModelCard) -> None:
    expected = image_backbone.MEAN, image_backbone.SCALE
    if (card.image_mean, card.image_scale) != expected:
        raise ConfigError(
            f'image_mean, image_scale of model card {card.name}',
            f'{expected[0]:g}, {expected[1]:g}, which the image backbone was made for',
            f'{card.image_mean:g}, {card.image_scale:g}')

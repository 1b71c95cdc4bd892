# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the network learns from: a frame and its truth, whichever source they come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.sim.assembled import assembled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D, SensorFrame
    from mm_fusion_ros.sim.frames import LabelledFrame
    from mm_fusion_ros.sim.truth import MapTruth
    from mm_fusion_ros.training.sector import Sector


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSample:
    """
    A frame with its truth, of which a source may know only a part.

    Attributes
    ----------
    frame : SensorFrame
        As perception gets it: deskewed, each camera where it was at its own stamp, and how the
        vehicle moved if that is known. C cameras.
    boxes : Boxes3D
        N true boxes at the stamp of the frame, in `base_link`.
    is_ignored : (N,) bool
        A box that is neither an object nor background: nothing is learned where it stands.
    visible_px : (C, N) int32, optional
        Pixels of each camera's image that show each box.
    depths_m : tuple of (H, W) float32, optional
        Of each camera's pixels, along its axis; infinite where there is sky.
    ground : MapTruth, optional
        The map around the vehicle.
    is_ground_known : (H, W) bool, optional
        Which cells of the map are told; None for all.
    labelled_area : Sector, optional
        Where all objects have boxes: elsewhere nothing is background; None for everywhere.
    unlabelled : tuple of Sector
        Where, all the same, objects may stand that have no box.

    """

    frame: SensorFrame
    boxes: Boxes3D
    is_ignored: NDArray[np.bool_]
    visible_px: NDArray[np.int32] | None = None
    depths_m: tuple[NDArray[np.float32], ...] | None = None
    ground: MapTruth | None = None
    is_ground_known: NDArray[np.bool_] | None = None
    labelled_area: Sector | None = None
    unlabelled: tuple[Sector, ...] = ()

    def __post_init__(self) -> None:
        """Check that the parts fit each other."""
        cameras, N = self.frame.cameras, len(self.boxes)
        _check('is_ignored', self.is_ignored, np.bool_, (N,))
        _check('visible_px', self.visible_px, np.int32, (len(cameras), N))
        if self.depths_m is not None:
            if len(self.depths_m) != len(cameras):
                raise InvalidMessageError('depths_m', f'{len(cameras)} images', len(self.depths_m))
            for camera, depth_m in zip(cameras, self.depths_m, strict=True):
                _check(f'depth of {camera.name}', depth_m, np.float32,
                       camera.image.pixels.shape[:2])
        if self.is_ground_known is not None:
            shape = None if self.ground is None else self.ground.is_drivable.shape
            _check('is_ground_known', self.is_ground_known, np.bool_, shape)


def _check(
    what: str, array: NDArray[Any] | None, dtype: type, shape: tuple[int, ...] | None
) -> None:
    if array is not None and (array.dtype != dtype or array.shape != shape):
        raise InvalidMessageError(
            what, f'{dtype.__name__} {shape}', f'{array.dtype} {array.shape}')


def from_simulated(labelled: LabelledFrame) -> TrainingSample:
    """Give a simulated frame as the assembler would, with all that is true of it."""
    frame = assembled(labelled)
    return TrainingSample(
        frame=frame.frame,
        boxes=frame.boxes,
        is_ignored=np.zeros(len(frame.boxes), np.bool_),
        visible_px=frame.visible_px,
        depths_m=frame.depths_m,
        ground=frame.ground,
    )

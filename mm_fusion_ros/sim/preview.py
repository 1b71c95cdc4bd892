# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Contact sheets: images with true boxes, and sweeps from above with boxes and map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.data_types import LabelledPoints, PointLabel
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.report.bev_picture import BevCanvas
from mm_fusion_ros.report.overlay import draw_boxes
from mm_fusion_ros.sim.frames import render_frame
from mm_fusion_ros.sim.shots import Conditions, Studio
from mm_fusion_ros.sim.simulate import weather_of
from mm_fusion_ros.sim.world.make_world import make_world

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.frames import LabelledFrame
    from mm_fusion_ros.sim.simulate import Scenario

_SEEN_PX = 20
_TILE_PX = 640
_AHEAD_M, _ASIDE_M = (-20.0, 60.0), (-18.0, 18.0)
_GROUND_M = 0.3


def contact_sheet(frames: Sequence[LabelledFrame], columns: int = 2) -> NDArray[np.uint8]:
    """
    Draw frames side by side: RGB (H, W, 3) uint8.

    Parameters
    ----------
    frames : sequence of LabelledFrame
        Of one rig.
    columns : int
        Frames beside each other.

    """
    tiles = [_tile(frame) for frame in frames]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[first:first + columns]) for first in range(0, len(tiles), columns)]
    return np.vstack(rows)


def camera_picture(frame: LabelledFrame, camera: int) -> NDArray[np.uint8]:
    """Draw the boxes that a camera sees into its image."""
    view = frame.frame.cameras[camera]
    seen = frame.boxes[frame.visible_px[camera] >= _SEEN_PX]
    return draw_boxes(
        view.image.pixels, view.model, transforms.inverse(view.T_base_camera), seen, 1)


def bev_picture(frame: LabelledFrame) -> NDArray[np.uint8]:
    """Draw sweeps, boxes that were hit and the true map from above, ahead to the right."""
    canvas = BevCanvas(_AHEAD_M, _ASIDE_M, _TILE_PX / (_AHEAD_M[1] - _AHEAD_M[0]))
    canvas.draw_map(frame.ground)
    for lidar in frame.frame.lidars:
        points = transforms.apply(lidar.T_base_lidar, lidar.sweep.points)
        labels = np.where(points[:, 2] > _GROUND_M, PointLabel.OBSTACLE, PointLabel.GROUND)
        canvas.draw_points(LabelledPoints(points, labels.astype(np.uint8)))
    assert frame.boxes.num_points is not None
    canvas.draw_boxes(frame.boxes[frame.boxes.num_points > 0], is_truth=True)
    return np.ascontiguousarray(np.rot90(canvas.pixels, -1))


def drive_frames(scenario: Scenario, count: int = 8) -> list[LabelledFrame]:
    """Render frames spread over a drive."""
    world = make_world(scenario.seed, scenario.duration_s)
    studio = Studio(world, scenario.rig, Conditions(scenario.seed, weather_of(scenario)))
    times_s = (np.arange(count) + 0.5) * scenario.duration_s / count
    return [render_frame(world, scenario.rig, studio, float(time_s)) for time_s in times_s]


def write_sheet(frames: Sequence[LabelledFrame], path: Path, columns: int = 2) -> None:
    """Write a contact sheet, as the suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), contact_sheet(frames, columns)[..., ::-1])


def _tile(frame: LabelledFrame) -> NDArray[np.uint8]:
    """Set the images of a frame, and below them the view from above, over each other."""
    pictures = [_fitted(camera_picture(frame, camera), _TILE_PX)
                for camera in range(len(frame.frame.cameras))]
    return np.vstack([*pictures, bev_picture(frame)])


def _fitted(pixels: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    height = round(pixels.shape[0] * width / pixels.shape[1])
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

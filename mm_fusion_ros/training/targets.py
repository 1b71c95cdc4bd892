# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the heads should say of a frame, from its truth; the same for every source of truth.

Source: Zhou et al., "Objects as Points" (2019), for the heat; here the cells beside that of a
centre learn the box too, with less weight.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import cv2
import numpy as np
import torch
from torch import Tensor

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.geometry.boxes import bev_corners
from mm_fusion_ros.model.heads import BOX, MAP_LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.model.grid import BevGrid
    from mm_fusion_ros.sim.truth import MapTruth
    from mm_fusion_ros.training.sample import TrainingSample
    from mm_fusion_ros.training.sector import Sector

MIN_POINTS = 2  # of an object that can be told by its points, or
MIN_PIXELS = 20  # by its pixels in one image; others are neither objects nor background
_FAR = 3  # half the width, cells, of the square around a centre that the heat is drawn in
_SIGMA = (0.5, 0.35)  # least width of the heat, cells; and its share of the object's size
_MIN_WEIGHT = 0.3  # of heat, for a cell to learn the box
_KNOWN_SHARE = 0.99  # of a cell, for its part of the map to be known
# Of a cell, for it to be part of each of MAP_LAYERS; a hair less than what rounding misses.
_MARKED_SHARES = (0.4999, 0.2499, 0.4999)


class GridTargets(NamedTuple):
    """Of one frame, or of B with one more axis; float32 but for one. H goes with y, W with x."""

    heat: Tensor  # (K, H, W) 1 where a centre is, less around it
    heat_weight: Tensor  # (1, H, W) 0 where nothing is known
    box: Tensor  # (8, H, W) columns of BOX
    box_weight: Tensor  # (1, H, W)
    is_symmetric: Tensor  # (1, H, W) bool: where front and rear of the object are the same
    velocity: Tensor  # (2, H, W) m/s
    velocity_weight: Tensor  # (1, H, W)
    ground: Tensor  # (3, H, W) layers of MAP_LAYERS
    ground_weight: Tensor  # (1, H, W)


def grid_targets(
    sample: TrainingSample, grid: BevGrid, classes: tuple[int, ...]
) -> GridTargets:
    """
    Make the targets of a sample.

    Parameters
    ----------
    sample : TrainingSample
        As the network gets it, augmented.
    grid : BevGrid
        Of the network.
    classes : tuple of int
        Values of `ObjectClass` in the order of the network; others are background.

    """
    boxes = sample.boxes
    size = grid.size
    place = (boxes.centers[:, :2] + grid.reach_m) / grid.cell_m - 0.5
    channel = np.full(int(max(boxes.classes.max(initial=0), *classes)) + 1, -1)
    channel[list(classes)] = np.arange(len(classes))
    channels = channel[boxes.classes]
    inside = ((place > -0.5) & (place < size - 0.5)).all(axis=1) & (channels >= 0)
    is_learned = inside & is_evident(sample) & ~sample.is_ignored
    targets = _empty(size, len(classes))
    if sample.labelled_area is not None:
        targets.heat_weight[0] *= torch.from_numpy(_cells_in(sample.labelled_area, grid))
    for sector in sample.unlabelled:
        targets.heat_weight[0] *= torch.from_numpy(~_cells_in(sector, grid))
    _forget_boxes(targets.heat_weight[0].numpy(), boxes[inside & ~is_learned], grid)
    rows = np.flatnonzero(is_learned)
    _draw(targets, boxes[rows], place[rows], channels[rows], grid)
    if sample.ground is not None:
        _draw_ground(targets, sample.ground, sample.is_ground_known, grid)
    return targets


def is_evident(sample: TrainingSample) -> NDArray[np.bool_]:
    """Tell which boxes (N,) enough points or pixels of the sample are on."""
    boxes = sample.boxes
    evident = np.zeros(len(boxes), np.bool_)
    # Who has points is seen by cameras too, as far as anything is known of that.
    if boxes.num_points is not None and (sample.frame.lidars or sample.visible_px is None):
        evident |= boxes.num_points >= MIN_POINTS
    if sample.visible_px is not None and len(sample.visible_px):
        evident |= (sample.visible_px >= MIN_PIXELS).any(axis=0)
    if boxes.num_points is None and sample.visible_px is None:
        evident[:] = True
    return evident


def _empty(size: int, classes: int) -> GridTargets:
    def zeros(channels: int) -> Tensor:
        return torch.zeros(channels, size, size)

    return GridTargets(
        zeros(classes), torch.ones(1, size, size), zeros(len(BOX)), zeros(1),
        torch.zeros(1, size, size, dtype=torch.bool), zeros(2), zeros(1),
        zeros(len(MAP_LAYERS)), zeros(1))


def _cells_in(area: Sector, grid: BevGrid) -> NDArray[np.bool_]:
    across = (np.arange(grid.size) + 0.5) * grid.cell_m - grid.reach_m
    x, y = np.meshgrid(across, across)
    return area.contains(np.stack([x, y], axis=-1))


def _forget_boxes(weight: NDArray[np.float32], boxes: Boxes3D, grid: BevGrid) -> None:
    """Set the weight of the cells around boxes to 0."""
    for corners in (bev_corners(boxes) + grid.reach_m) / grid.cell_m - 0.5:
        cv2.fillConvexPoly(weight, np.rint(corners).astype(np.int32), 0.0)


def _draw(
    targets: GridTargets, boxes: Boxes3D, place: NDArray[np.float64],
    channels: NDArray[np.int64], grid: BevGrid,
) -> None:
    """Draw N objects; where two of them meet, the one with the stronger heat is learned."""
    if not len(boxes):
        return
    size = grid.size
    middle = np.rint(place).astype(np.intp)
    steps = np.arange(-_FAR, _FAR + 1)
    column = (middle[:, 0, None, None] + steps[None, None, :]) + 0 * steps[None, :, None]
    row = (middle[:, 1, None, None] + steps[None, :, None]) + 0 * steps[None, None, :]
    dx, dy = place[:, 0, None, None] - column, place[:, 1, None, None] - row
    sigma = np.maximum(
        _SIGMA[0], _SIGMA[1] * boxes.sizes[:, :2].min(axis=1) / grid.cell_m)[:, None, None]
    # The cell of the centre gets 1, wherever in it that is.
    from_middle = (column - middle[:, 0, None, None])**2 + (row - middle[:, 1, None, None])**2
    heat = np.exp(-from_middle / (2.0 * sigma**2))
    kept = (column >= 0) & (column < size) & (row >= 0) & (row < size)
    number, line, step = np.nonzero(kept)
    values = heat[number, line, step]
    rows, columns = row[number, line, step], column[number, line, step]
    np.maximum.at(
        targets.heat.numpy(), (channels[number], rows, columns), values.astype(np.float32))
    order = np.argsort(values, kind='stable')  # the strongest is written last, and stays
    order = order[values[order] >= _MIN_WEIGHT]
    number, line, step = number[order], line[order], step[order]
    rows, columns, values = rows[order], columns[order], values[order]
    size_log = np.log(boxes.sizes[number])
    targets.box.numpy()[:, rows, columns] = np.stack([
        dx[number, line, step], dy[number, line, step], boxes.centers[number, 2], *size_log.T,
        np.sin(boxes.yaws[number]), np.cos(boxes.yaws[number])])
    targets.box_weight.numpy()[0, rows, columns] = values
    targets.is_symmetric.numpy()[0, rows, columns] = (
        boxes.classes[number] == ObjectClass.BARRIER)
    if boxes.velocities is not None:
        velocities = boxes.velocities[number, :2].T
        known = np.isfinite(velocities).all(axis=0)
        targets.velocity.numpy()[:, rows, columns] = np.where(known, velocities, 0.0)
        targets.velocity_weight.numpy()[0, rows, columns] = values * known


def _draw_ground(
    targets: GridTargets, ground: MapTruth, is_known: NDArray[np.bool_] | None, grid: BevGrid
) -> None:
    """Bring the true map to the cells of the grid: by the share of each that is marked."""
    cells = len(ground.is_drivable)
    edges = np.arange(grid.size + 1) * grid.cell_m - grid.reach_m
    place = ((edges + ground.reach_m) / ground.cell_m).clip(0.0, cells)
    before = np.minimum(place.astype(np.intp), cells - 1)
    part = place - before

    def share(layer: NDArray[np.bool_]) -> NDArray[np.float64]:
        # Sums of all that is marked below and to the left of corners; between them it is linear.
        sums = cv2.integral(layer.astype(np.uint8))
        sums = sums[before] + part[:, None] * (sums[before + 1] - sums[before])
        sums = sums[:, before] + part * (sums[:, before + 1] - sums[:, before])
        marked: NDArray[np.float64] = np.diff(np.diff(sums, axis=0), axis=1)
        return marked * (ground.cell_m / grid.cell_m)**2

    known = np.ones_like(ground.is_drivable) if is_known is None else is_known
    targets.ground_weight.numpy()[0] = share(known) > _KNOWN_SHARE
    layers = (ground.is_drivable, ground.is_lane_line, ground.is_crosswalk)
    for channel, (layer, least) in enumerate(zip(layers, _MARKED_SHARES, strict=True)):
        targets.ground.numpy()[channel] = share(layer) >= least

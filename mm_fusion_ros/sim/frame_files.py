# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Labelled frames as files: arrays only, images as PNG, so that nothing in a file can run.
"""

from __future__ import annotations

import os
from typing import Any, TYPE_CHECKING
import zipfile

import cv2
import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.data_types import (
    Boxes3D,
    CameraImage,
    CameraInput,
    LidarInput,
    LidarSweep,
    SensorFrame,
    SensorState,
)
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.sim.frames import LabelledFrame
from mm_fusion_ros.sim.truth import MapTruth

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_PNG_FAST = [cv2.IMWRITE_PNG_COMPRESSION, 1]


def save_frame(labelled: LabelledFrame, path: Path) -> None:
    """Write a frame; the file appears complete or not at all."""
    frame, boxes, ground = labelled.frame, labelled.boxes, labelled.ground
    arrays: dict[str, Any] = {
        'stamp_ns': np.int64(frame.stamp_ns), 'frame_id': np.str_(frame.frame_id),
        'lidars': np.array([lidar.name for lidar in frame.lidars], np.str_),
        'cameras': np.array([camera.name for camera in frame.cameras], np.str_),
        'T_world_base': labelled.T_world_base, 'twist': labelled.twist,
        'way_ns': labelled.way_ns, 'T_world_way': labelled.T_world_way,
        'visible_px': labelled.visible_px, 'truncations': labelled.truncations,
        'cell_m': np.float64(ground.cell_m), 'reach_m': np.float64(ground.reach_m),
        'map_shape': np.array(ground.is_drivable.shape),
        'map': np.packbits([ground.is_drivable, ground.is_lane_line, ground.is_crosswalk]),
    }
    for name in ('centers', 'sizes', 'yaws', 'scores', 'classes', 'velocities', 'ids',
                 'num_points'):
        arrays[f'box_{name}'] = getattr(boxes, name)
    for lidar in frame.lidars:
        sweep = lidar.sweep
        arrays |= {
            f'{lidar.name}.points': sweep.points, f'{lidar.name}.intensity': sweep.intensity,
            f'{lidar.name}.ring': sweep.ring, f'{lidar.name}.time': sweep.time_offset_ns,
            f'{lidar.name}.stamp': np.int64(sweep.stamp_ns), f'{lidar.name}.T': lidar.T_base_lidar,
        }
    for camera, depth_m in zip(frame.cameras, labelled.depths_m, strict=True):
        model = camera.model
        _, png = cv2.imencode('.png', camera.image.pixels[..., ::-1], _PNG_FAST)
        arrays |= {
            f'{camera.name}.png': png, f'{camera.name}.stamp': np.int64(camera.image.stamp_ns),
            f'{camera.name}.T': camera.T_base_camera, f'{camera.name}.P': model.projection,
            f'{camera.name}.lens': np.str_(model.distortion_model),
            f'{camera.name}.D': model.distortion,
            f'{camera.name}.depth': depth_m.astype(np.float16),  # within 0.05 %
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'.{path.name}.{os.getpid()}')
    with partial.open('wb') as file:
        np.savez(file, allow_pickle=False, **arrays)
    partial.rename(path)


def load_frame(path: Path, cameras: Collection[int] | None = None) -> LabelledFrame:
    """
    Read a frame.

    Parameters
    ----------
    path : Path
        Its file.
    cameras : collection of int, optional
        Numbers of the cameras that are read; None for all. Images that are not cost nothing.

    Raises
    ------
    BagError
        If the file is none.

    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return _frame(file, cameras)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as err:
        raise BagError(f'frame file {path}', 'a labelled frame', err) from err


def _frame(file: Any, wanted: Collection[int] | None) -> LabelledFrame:
    lidars = tuple(_lidar(file, str(name)) for name in file['lidars'])
    numbers = [number for number in range(len(file['cameras']))
               if wanted is None or number in wanted]
    cameras = tuple(_camera(file, str(name)) for name in file['cameras'][numbers])
    states = [SensorState(lidar.name, 'lidar', present=True) for lidar in lidars]
    states += [SensorState(camera.name, 'camera', present=True) for camera in cameras]
    layers = np.unpackbits(file['map'])[:3 * file['map_shape'].prod()].astype(np.bool_)
    layers = layers.reshape(3, *file['map_shape'])
    boxes = Boxes3D(**{name: file[f'box_{name}'] for name in (
        'centers', 'sizes', 'yaws', 'scores', 'classes', 'velocities', 'ids', 'num_points')})
    return LabelledFrame(
        SensorFrame(int(file['stamp_ns']), str(file['frame_id']), lidars, cameras, tuple(states)),
        boxes, file['visible_px'][numbers], file['truncations'][numbers],
        tuple(file[f'{camera.name}.depth'].astype(np.float32) for camera in cameras),
        MapTruth(float(file['cell_m']), float(file['reach_m']), *layers),
        file['T_world_base'], file['twist'], file['way_ns'], file['T_world_way'])


def _lidar(file: Any, name: str) -> LidarInput:
    sweep = LidarSweep(
        int(file[f'{name}.stamp']), names.lidar_frame(name), file[f'{name}.points'],
        file[f'{name}.intensity'], file[f'{name}.ring'], file[f'{name}.time'])
    return LidarInput(name, sweep, file[f'{name}.T'])


def _camera(file: Any, name: str) -> CameraInput:
    bgr = cv2.imdecode(file[f'{name}.png'], cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError('no image')
    height, width, _ = bgr.shape
    image = CameraImage(
        int(file[f'{name}.stamp']), names.camera_frame(name),
        np.ascontiguousarray(bgr[..., ::-1]))
    model = CameraModel(
        width, height, file[f'{name}.P'], str(file[f'{name}.lens']), file[f'{name}.D'])
    return CameraInput(name, image, model, file[f'{name}.T'])

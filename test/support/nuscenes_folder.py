# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A made-up folder of nuScenes as the devkit expects it.
"""

from __future__ import annotations

import json
from typing import Any, TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

_US = 1_500_000_000_000_000
_LEVEL = [1.0, 0.0, 0.0, 0.0]
_LEFT = [np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)]  # w x y z: a quarter turn about z


def sweep_bytes() -> bytes:
    firings = np.zeros((4, 32, 5), np.float32)
    firings[..., 0] = 10.0
    firings[..., 3] = 17.0
    firings[..., 4] = np.arange(32)
    return firings.tobytes()


def make_devkit_folder(folder: Path) -> Path:
    """
    Make two scenes: of the first, two keyframes 1 s apart with a sweep between them.

    The vehicle drives with 10 m/s; a bus stands 20 m ahead of the second keyframe.
    """
    tables = folder / 'v1.0-mini'
    tables.mkdir(parents=True)
    (folder / 'samples').mkdir()
    rows: dict[str, list[dict[str, Any]]] = {
        'scene': [{'token': 's0', 'name': 'scene-0001'}, {'token': 's1', 'name': 'scene-0002'}],
        'sample': [
            {'token': 'a', 'scene_token': 's0'},
            {'token': 'b', 'scene_token': 's0'},
            {'token': 'c', 'scene_token': 's1'},
        ],
        'sensor': [
            {'token': name, 'channel': name}
            for name in ('LIDAR_TOP', 'CAM_BACK_LEFT', 'RADAR_FRONT')
        ],
        'calibrated_sensor': [
            {
                'token': f'calibrated {name}',
                'sensor_token': name,
                'translation': [1.0, 0.0, 1.5],
                'rotation': _LEVEL,
                'camera_intrinsic': matrix,
            }
            for name, matrix in (
                ('LIDAR_TOP', []),
                ('CAM_BACK_LEFT', [[50, 0, 20], [0, 50, 10], [0, 0, 1]]),
                ('RADAR_FRONT', []),
            )
        ],
        'ego_pose': [
            {'token': f'pose {i}', 'translation': [100.0, 5.0 * i, 0.0], 'rotation': _LEFT}
            for i in range(3)
        ],
        'sample_data': [],
        'category': [{'token': 'k', 'name': 'vehicle.bus.rigid'}],
        'instance': [{'token': token, 'category_token': 'k'} for token in ('other', 'i')],
        'sample_annotation': [
            {
                'sample_token': 'b',
                'instance_token': 'i',
                'translation': [100.0, 30.0, 1.0],
                'size': [2.5, 11.0, 3.5],
                'rotation': _LEFT,
            }
        ],
    }
    for i, sample in enumerate(('a', 'a', 'b')):
        for channel in ('LIDAR_TOP', 'CAM_BACK_LEFT', 'RADAR_FRONT'):
            suffix = {'L': 'bin', 'C': 'jpg', 'R': 'pcd'}[channel[0]]
            name = f'samples/{channel}_{i}.{suffix}'
            rows['sample_data'].append(
                {
                    'sample_token': sample,
                    'ego_pose_token': f'pose {i}',
                    'calibrated_sensor_token': f'calibrated {channel}',
                    'filename': name,
                    'timestamp': _US + i * 500_000 - (channel != 'LIDAR_TOP') * 20_000,
                    'is_key_frame': i != 1,
                }
            )
            if channel == 'LIDAR_TOP':
                (folder / name).write_bytes(sweep_bytes())
            elif suffix == 'jpg':
                cv2.imwrite(str(folder / name), np.zeros((20, 40, 3), np.uint8))
    for name, table in rows.items():
        (tables / f'{name}.json').write_text(json.dumps(table))
    return folder

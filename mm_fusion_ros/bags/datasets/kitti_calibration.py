# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads KITTI's calibration files, of raw drives and of the benchmarks, into one form.

`base_link` is on the ground below the IMU, which sits over the rear axle, with the IMU's axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.summary import load_text
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.transforms import inverse

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CAMERA = 'front'
_IMU_HEIGHT_M = 0.93  # above the ground; source: the set-up drawing of the KITTI car


@dataclass(frozen=True, slots=True)
class KittiCalibration:
    """
    Where the sensors of the KITTI car sit.

    Attributes
    ----------
    projection : (3, 4) float64
        P2: from the rectified frame of camera 0 into the image of camera 2. Its last column holds
        the baseline between the two.
    T_camera_lidar : (4, 4) float64
        Into the rectified frame of camera 0, which is the camera's frame here.
    T_base_lidar : (4, 4) float64
        Into `base_link`.

    """

    projection: NDArray[np.float64]
    T_camera_lidar: NDArray[np.float64]
    T_base_lidar: NDArray[np.float64]

    @property
    def T_base_camera(self) -> NDArray[np.float64]:
        """From the rectified frame of camera 0 into `base_link`."""
        return self.T_base_lidar @ inverse(self.T_camera_lidar)

    @property
    def static_transforms(self) -> dict[str, NDArray[np.float64]]:
        """`T_base_child` of every sensor frame."""
        return {
            names.IMU_FRAME: T_BASE_IMU,
            names.GNSS_FRAME: T_BASE_IMU,  # oxts positions are those of the IMU
            names.LIDAR_FRAME: self.T_base_lidar,
            names.camera_frame(CAMERA): self.T_base_camera,
        }


T_BASE_IMU = np.eye(4)
T_BASE_IMU[2, 3] = _IMU_HEIGHT_M


def read_raw_calibration(folder: Path) -> KittiCalibration:
    """
    Read the three files `calib_*.txt` of a recording day.

    Raises
    ------
    BagError
        If a file or a line is missing or is no calibration.

    """
    cameras = folder / 'calib_cam_to_cam.txt'
    return KittiCalibration(
        projection=_matrix(cameras, 'P_rect_02', (3, 4)),
        T_camera_lidar=_rotation(cameras, 'R_rect_00') @ _rigid(folder / 'calib_velo_to_cam.txt'),
        T_base_lidar=T_BASE_IMU @ inverse(_rigid(folder / 'calib_imu_to_velo.txt')),
    )


def read_object_calibration(file: Path) -> KittiCalibration:
    """
    Read the one file of a frame of the object benchmark.

    Raises
    ------
    BagError
        If the file or a line is missing or is no calibration.

    """
    return _of_one_file(file, 'Tr_velo_to_cam', 'R0_rect', 'Tr_imu_to_velo')


def read_tracking_calibration(file: Path) -> KittiCalibration:
    """
    Read the one file of a sequence of the tracking benchmark.

    Raises
    ------
    BagError
        If the file or a line is missing or is no calibration.

    """
    return _of_one_file(file, 'Tr_velo_cam', 'R_rect', 'Tr_imu_velo')


def _of_one_file(file: Path, lidar: str, rectification: str, imu: str) -> KittiCalibration:
    """Read a file by the names of its lines: LiDAR to camera, rectification, IMU to LiDAR."""
    T_camera0_lidar = _square(_matrix(file, lidar, (3, 4)))
    return KittiCalibration(
        projection=_matrix(file, 'P2', (3, 4)),
        T_camera_lidar=_rotation(file, rectification) @ T_camera0_lidar,
        T_base_lidar=T_BASE_IMU @ inverse(_square(_matrix(file, imu, (3, 4)))),
    )


def _matrix(file: Path, key: str, shape: tuple[int, int]) -> NDArray[np.float64]:
    lines = load_text(file, 'KITTI calibration').splitlines()
    # In files of the tracking benchmark some names have no colon.
    names_values = (line.replace(':', ' ', 1).partition(' ') for line in lines)
    values = next((rest for name, _, rest in names_values if name == key), '')
    try:
        return np.array(values.split(), np.float64).reshape(shape)
    except ValueError as err:
        expected = f'{shape[0]} x {shape[1]} numbers in a line {key}'
        raise BagError(f'calibration {file}', expected, repr(values)) from err


def _square(upper: NDArray[np.float64]) -> NDArray[np.float64]:
    T = np.eye(4)
    T[: upper.shape[0], : upper.shape[1]] = upper
    return T


def _rotation(file: Path, key: str) -> NDArray[np.float64]:
    return _square(_matrix(file, key, (3, 3)))


def _rigid(file: Path) -> NDArray[np.float64]:
    return _square(np.hstack([_matrix(file, 'R', (3, 3)), _matrix(file, 'T', (3, 1))]))

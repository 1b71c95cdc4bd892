# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads KITTI's velodyne files and derives what they leave out: beam index and time of each point.

The files are sorted by beam, from the top one down, and within a beam by azimuth, anticlockwise
from straight ahead. That is not the order in which the points were measured: the sensor turns
clockwise seen from above, and a sweep begins and ends straight behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import BagError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NUM_BEAMS = 64


def read_sweep(file: Path) -> NDArray[np.float32]:
    """
    Read x, y, z, m, and reflectance, 0 to 1, as (N, 4) float32.

    Raises
    ------
    BagError
        If the file is missing or no whole number of points long.

    """
    try:
        data = file.read_bytes()
    except OSError as err:
        raise BagError(f'sweep {file}', 'a velodyne file', err.strerror) from err
    if len(data) % 16:
        raise BagError(f'sweep {file}', 'a multiple of 16 bytes', f'{len(data)} bytes')
    return np.frombuffer(data, '<f4').reshape(-1, 4)


def azimuths(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give the direction of each point about +z, rad, in (-pi, pi], 0 straight ahead."""
    return np.arctan2(points[:, 1], points[:, 0], dtype=np.float64)


def rings(points: NDArray[np.float32]) -> NDArray[np.uint16] | None:
    """
    Give the beam of each point, 0 for the highest: the azimuth wraps in file order between beams.

    Returns
    -------
    (N,) uint16, optional
        None where the file is not sorted that way.

    """
    is_new_beam = np.diff(np.mod(azimuths(points), 2.0 * np.pi)) < -np.pi
    numbers = np.concatenate([np.zeros(min(len(points), 1), np.intp), np.cumsum(is_new_beam)])
    if len(points) and numbers[-1] >= NUM_BEAMS:
        return None
    return numbers.astype(np.uint16)


def point_times_s(
    points: NDArray[np.float32], start_ns: int, middle_ns: int, end_ns: int
) -> NDArray[np.float32]:
    """
    Derive when each point was measured, s relative to the middle of the sweep, as (N,) float32.

    Parameters
    ----------
    points : (N, 3 or more) float32
        In the sensor's frame, as measured.
    start_ns, middle_ns, end_ns : int
        Stamps of the sweep: the sensor looks straight back, ahead, back again.

    """
    turned = -azimuths(points) / np.pi  # -1 at the start, 0 straight ahead, 1 at the end
    before_s, after_s = (middle_ns - start_ns) * 1e-9, (end_ns - middle_ns) * 1e-9
    return (turned * np.where(turned < 0.0, before_s, after_s)).astype(np.float32)

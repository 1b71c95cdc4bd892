# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads KITTI's labels: of the tracking and object benchmarks, and the tracklets of raw drives.

In the benchmarks a box stands at the centre of its bottom, in the rectified frame of camera 0
(x right, y down, z forward), with its heading about y; a tracklet stands so in the LiDAR's frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
import xml.etree.ElementTree as ElementTree

import numpy as np

from mm_fusion_ros.bags.datasets.summary import load_text
from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.boxes import corners
from mm_fusion_ros.geometry.transforms import apply, inverse, wrap_angle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.bags.datasets.kitti_calibration import KittiCalibration
    from mm_fusion_ros.geometry.projection import CameraModel

_CLASSES = {
    'Car': ObjectClass.CAR,
    'Van': ObjectClass.CAR,
    'Truck': ObjectClass.TRUCK,
    'Tram': ObjectClass.BUS,
    'Cyclist': ObjectClass.CYCLIST,
    'Pedestrian': ObjectClass.PEDESTRIAN,
    'Person': ObjectClass.PEDESTRIAN,  # how the tracking benchmark calls one who sits
    'Person_sitting': ObjectClass.PEDESTRIAN,
    'Person (sitting)': ObjectClass.PEDESTRIAN,  # in tracklets
    'Misc': ObjectClass.OBSTACLE,
}
_UNLABELLED = 'DontCare'
_NUM_COLUMNS = 15  # of the object benchmark; tracking has two before them, results have one after


@dataclass(frozen=True, slots=True)
class KittiLabels:
    """
    The labels of one frame, in `base_link` and in the image.

    Attributes
    ----------
    boxes : Boxes3D
        In `base_link`; with ids if the data set has tracks. Scores are 1, or those of a file of
        results, on whatever scale.
    rectangles_px : (N, 4) float64
        Left, top, right, bottom of the same objects in the image.
    truncations : (N,) float64
        How much of the object is beyond the edge of the image: the share, or, in the tracking
        benchmark, 0, 1 or 2.
    occlusions : (N,) int8
        0 in view, 1 partly, 2 largely hidden, 3 unknown; -1 in files of results.
    types : tuple of str
        What KITTI calls each of the objects.
    unlabelled_px : (M, 4) float64
        Left, top, right, bottom of parts of the image whose objects are not labelled.

    """

    boxes: Boxes3D
    rectangles_px: NDArray[np.float64]
    truncations: NDArray[np.float64]
    occlusions: NDArray[np.int8]
    types: tuple[str, ...]
    unlabelled_px: NDArray[np.float64]

    @property
    def is_whole(self) -> NDArray[np.bool_]:
        """Tell which objects (N,) do not leave the image."""
        return self.truncations <= 0.0

    @classmethod
    def empty(cls) -> KittiLabels:
        """No objects."""
        none = np.empty((0, 4))
        return cls(Boxes3D.empty(), none, np.empty(0), np.empty(0, np.int8), (), none)


def read_object_labels(file: Path, calibration: KittiCalibration) -> KittiLabels:
    """
    Read the labels of one frame of the object benchmark, or results, which end in a score.

    Raises
    ------
    BagError
        If the file is missing or a line is no label.

    """
    return _to_labels([line.split() for line in _lines(file)], calibration, file)


def read_tracking_labels(file: Path, calibration: KittiCalibration) -> dict[int, KittiLabels]:
    """
    Read the labels of all frames of a drive, by frame number; frames without labels are absent.

    Raises
    ------
    BagError
        If the file is missing or a line is no label.

    """
    rows: dict[int, list[list[str]]] = {}
    for line in _lines(file):
        frame, *row = line.split()
        if not frame.isdigit():
            raise BagError(f'labels {file}', 'a frame number', repr(frame))
        rows.setdefault(int(frame), []).append(row)
    return {
        frame: _to_labels([row[1:] for row in group], calibration, file, [row[0] for row in group])
        for frame, group in rows.items()
    }


def label_errors_px(
    labels: KittiLabels, calibration: KittiCalibration, model: CameraModel
) -> NDArray[np.float64]:
    """
    Measure how far projected 3D labels are from 2D labels, for those that are whole and in view.

    Returns
    -------
    (M, 2) float64
        Distance of the 2D label's centre to the projected 3D centre, and to the centre of the
        projected box's outline, px. The first holds perspective: the middle of a near car is not
        seen in the middle of its outline.

    """
    T_camera_base = inverse(calibration.T_base_camera)
    centers = model.project(apply(T_camera_base, labels.boxes.centers))
    points = apply(T_camera_base, corners(labels.boxes).reshape(-1, 3))
    outlines = model.project(points).pixels.reshape(-1, 8, 2)
    size = (model.width, model.height)  # 2D labels end at the border of the image
    middles = sum(np.clip(end(outlines, axis=1), 0.0, size) for end in (np.min, np.max)) / 2.0
    wanted = (labels.rectangles_px[:, :2] + labels.rectangles_px[:, 2:]) / 2.0
    errors = np.stack(
        [np.linalg.norm(found - wanted, axis=1) for found in (centers.pixels, middles)], axis=1
    )
    return errors[labels.is_whole & centers.visible]


def _lines(file: Path) -> list[str]:
    return [line for line in load_text(file, 'KITTI labels').splitlines() if line.strip()]


def _to_labels(
    rows: list[list[str]],
    calibration: KittiCalibration,
    file: Path,
    track_ids: Sequence[str] | None = None,
) -> KittiLabels:
    try:
        keep = [i for i, row in enumerate(rows) if row[0] != _UNLABELLED]
        classes = np.array([_CLASSES[rows[i][0]] for i in keep], np.int8)
        numbers = np.array([rows[i][1:_NUM_COLUMNS] for i in keep], np.float64).reshape(-1, 14)
        scores = np.array([(rows[i][_NUM_COLUMNS:] or ['1'])[0] for i in keep], np.float32)
        unlabelled_px = np.array(
            [row[4:8] for row in rows if row[0] == _UNLABELLED], np.float64).reshape(-1, 4)
        ids = None if track_ids is None else np.array([int(track_ids[i]) for i in keep], np.int64)
    except (IndexError, KeyError, ValueError) as err:
        expected = 'lines of class, 14 numbers'
        raise BagError(f'labels {file}', expected, f'another line ({err})') from err
    height, width, length = numbers[:, 7], numbers[:, 8], numbers[:, 9]
    bottoms, headings = numbers[:, 10:13], numbers[:, 13]
    centers = bottoms - np.stack([0.0 * height, height / 2.0, 0.0 * height], axis=1)
    T_base_camera = calibration.T_base_camera
    forwards = np.stack([np.cos(headings), 0.0 * headings, -np.sin(headings)], axis=1)
    x, y, _ = (forwards @ T_base_camera[:3, :3].T).T
    boxes = Boxes3D(
        centers=apply(T_base_camera, centers),
        sizes=np.stack([length, width, height], axis=1),
        yaws=wrap_angle(np.arctan2(y, x)),
        scores=scores,
        classes=classes,
        ids=ids,
    )
    return KittiLabels(
        boxes=boxes,
        rectangles_px=numbers[:, 3:7],
        truncations=numbers[:, 0],
        occlusions=numbers[:, 1].astype(np.int8),
        types=tuple(rows[i][0] for i in keep),
        unlabelled_px=unlabelled_px,
    )


def read_tracklets(file: Path, calibration: KittiCalibration) -> dict[int, Boxes3D]:
    """
    Read `tracklet_labels.xml` of a raw drive: boxes in `base_link` by frame number.

    Raises
    ------
    BagError
        If the file is missing or something else.

    """
    T_base_lidar = calibration.T_base_lidar
    by_frame: dict[int, list[Boxes3D]] = {}
    try:
        # Nothing in the file can refer to another: this parser resolves no external entity.
        root = ElementTree.fromstring(load_text(file, 'tracklet labels'))
        for track_id, item in enumerate(root.findall('tracklets/item')):
            first = int(_number(item, 'first_frame'))
            boxes = _tracklet(item, track_id, T_base_lidar)
            for i in range(len(boxes)):
                by_frame.setdefault(first + i, []).append(boxes[i : i + 1])
    except (ElementTree.ParseError, KeyError, ValueError, AttributeError) as err:
        raise BagError(f'labels {file}', 'tracklets as in KITTI raw', err) from err
    return {frame: _concatenate(boxes) for frame, boxes in by_frame.items()}


def _number(item: ElementTree.Element, name: str) -> float:
    return float(item.findtext(name) or '')


def _tracklet(
    item: ElementTree.Element, track_id: int, T_base_lidar: NDArray[np.float64]
) -> Boxes3D:
    poses = np.array(
        [
            [_number(pose, name) for name in ('tx', 'ty', 'tz', 'rz')]
            for pose in item.findall('poses/item')
        ],
        np.float64,
    ).reshape(-1, 4)
    N = len(poses)
    size = np.array([_number(item, name) for name in 'lwh'])
    forwards = np.stack([np.cos(poses[:, 3]), np.sin(poses[:, 3]), np.zeros(N)], axis=1)
    x, y, _ = (forwards @ T_base_lidar[:3, :3].T).T
    return Boxes3D(
        centers=apply(T_base_lidar, poses[:, :3] + (0.0, 0.0, size[2] / 2.0)),
        sizes=np.tile(size, (N, 1)),
        yaws=wrap_angle(np.arctan2(y, x)),
        scores=np.ones(N, np.float32),
        classes=np.full(N, _CLASSES[item.findtext('objectType') or ''], np.int8),
        ids=np.full(N, track_id, np.int64),
    )


def _concatenate(parts: Sequence[Boxes3D]) -> Boxes3D:
    return Boxes3D(
        centers=np.concatenate([part.centers for part in parts]),
        sizes=np.concatenate([part.sizes for part in parts]),
        yaws=np.concatenate([part.yaws for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        classes=np.concatenate([part.classes for part in parts]),
        ids=np.concatenate([part.ids for part in parts if part.ids is not None]),
    )

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
nuScenes to bags, from the devkit's tables and from an info file.
"""

from __future__ import annotations

import pickle
from typing import Any, TYPE_CHECKING

import numpy as np
import pytest
from support.nuscenes_folder import make_devkit_folder

from mm_fusion_ros.bags.datasets.nuscenes import convert_nuscenes
from mm_fusion_ros.bags.datasets.nuscenes_drive import object_class
from mm_fusion_ros.bags.datasets.nuscenes_info import read_info
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.geometry.transforms import apply

if TYPE_CHECKING:
    from pathlib import Path


def none(done: int, total: int) -> None:
    """Take no note of progress."""


@pytest.fixture
def devkit_folder(tmp_path: Path) -> Path:
    return make_devkit_folder(tmp_path / 'nuscenes')


def messages(bag: Path, topic: str) -> list[Any]:
    with BagReader(bag) as reader:
        return [each.message for each in reader.messages([topic])]


def test_one_scene_of_the_tables_becomes_a_bag(devkit_folder: Path, tmp_path: Path) -> None:
    summary = convert_nuscenes(devkit_folder, tmp_path / 'bag', none)
    assert {topic.name: topic.count for topic in summary.topics} == {
        '/tf_static': 1,
        '/sensing/lidar/top/points': 3,
        '/sensing/camera/back_left/image_raw/compressed': 3,
        '/sensing/camera/back_left/camera_info': 3,
        '/ground_truth/detections': 2,
        '/ground_truth/odometry': 2,
    }
    first, second = messages(tmp_path / 'bag', '/ground_truth/detections')
    assert first.detections == []
    (bus,) = second.detections
    assert (bus.id, bus.results[0].hypothesis.class_id) == ('1', 'bus')
    # The map's +y is straight ahead of the vehicle, which has driven 10 m.
    place = bus.bbox.center.position
    np.testing.assert_allclose((place.x, place.y, place.z), (20.0, 0.0, 1.0), atol=1e-9)
    assert bus.bbox.center.orientation.w == pytest.approx(1.0)
    assert (bus.bbox.size.x, bus.bbox.size.y, bus.bbox.size.z) == (11.0, 2.5, 3.5)
    odometry = messages(tmp_path / 'bag', '/ground_truth/odometry')[0]
    assert odometry.twist.twist.linear.x == pytest.approx(10.0)
    assert odometry.header.stamp.sec == 1_500_000_000


def test_cameras_keep_their_jpeg_and_their_own_stamp(devkit_folder: Path, tmp_path: Path) -> None:
    convert_nuscenes(devkit_folder, tmp_path / 'bag', none)
    image = messages(tmp_path / 'bag', '/sensing/camera/back_left/image_raw/compressed')[1]
    info = messages(tmp_path / 'bag', '/sensing/camera/back_left/camera_info')[1]
    jpeg = (devkit_folder / 'samples/CAM_BACK_LEFT_1.jpg').read_bytes()
    assert image.data.tobytes() == jpeg
    assert image.header.stamp.nanosec == 480_000_000
    assert (info.width, info.height, info.k[0], info.p[2]) == (40, 20, 50.0, 20.0)


def test_no_times_are_written_of_points_whose_motion_was_taken_out(
    devkit_folder: Path, tmp_path: Path
) -> None:
    convert_nuscenes(devkit_folder, tmp_path / 'bag', none)
    cloud = messages(tmp_path / 'bag', '/sensing/lidar/top/points')[0]
    assert [field.name for field in cloud.fields] == ['x', 'y', 'z', 'intensity', 'ring']


def test_a_scene_can_be_named_and_an_unknown_one_is_refused(
    devkit_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(BagError, match='expected images or sweeps, got none'):
        convert_nuscenes(devkit_folder, tmp_path / 'bag', none, scene='scene-0002')
    with pytest.raises(BagError, match='expected the tables of nuScenes with scene scene-9'):
        convert_nuscenes(devkit_folder, tmp_path / 'bag', none, scene='scene-9')


@pytest.mark.parametrize(
    ('name', 'content', 'reason'),
    [
        ('v1.0-mini/ego_pose.json', None, 'expected a table of nuScenes, got no such path'),
        ('v1.0-mini/ego_pose.json', '[{', 'expected the tables of nuScenes .* JSONDecodeError'),
        ('v1.0-mini/sensor.json', '[]', 'expected the tables of nuScenes .* KeyError'),
        ('samples/LIDAR_TOP_1.bin', None, 'expected a file of LIDAR_TOP, got no such path'),
        ('samples/LIDAR_TOP_1.bin', 'torn', 'expected a multiple of 20 bytes'),
        ('samples/CAM_BACK_LEFT_2.jpg', 'x', 'expected a jpeg file'),
    ],
)
def test_a_damaged_folder_is_refused(
    devkit_folder: Path, tmp_path: Path, name: str, content: str | None, reason: str
) -> None:
    (devkit_folder / name).unlink()
    if content is not None:
        (devkit_folder / name).write_text(content)
    with pytest.raises(BagError, match=reason):
        convert_nuscenes(devkit_folder, tmp_path / 'bag', none)
    assert not (tmp_path / 'bag').exists()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BagError, match=r'a folder v1.0-\* of tables, or one .pkl file, got 0'):
        convert_nuscenes(tmp_path, tmp_path / 'bag', none)


class Attack:
    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return open, (str(self._marker), 'w')


def test_a_pickle_that_would_run_code_is_refused_before_it_does(tmp_path: Path) -> None:
    marker = tmp_path / 'was here'
    (tmp_path / 'info.pkl').write_bytes(pickle.dumps(Attack(marker)))
    with pytest.raises(BagError, match=r'UnpicklingError: .*open is not allowed'):
        read_info(tmp_path / 'info.pkl')
    assert not marker.exists()


@pytest.mark.parametrize('content', [b'', b'no pickle', pickle.dumps([1, 2]), pickle.dumps({})])
def test_a_foreign_info_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / 'info.pkl').write_bytes(content)
    with pytest.raises(BagError, match='expected an info file of mmdetection3d'):
        read_info(tmp_path / 'info.pkl')


@pytest.mark.parametrize(
    ('category', 'expected'),
    [
        ('vehicle.bus.rigid', ObjectClass.BUS),
        ('human.pedestrian.adult', ObjectClass.PEDESTRIAN),
        ('movable_object.trafficcone', ObjectClass.OBSTACLE),
        ('movable_object.barrier', ObjectClass.BARRIER),
        ('vehicle.construction', ObjectClass.TRUCK),
        ('construction_vehicle', ObjectClass.TRUCK),
        ('', ObjectClass.OBSTACLE),
    ],
)
def test_categories_map_to_classes(category: str, expected: ObjectClass) -> None:
    assert object_class(category) is expected


@pytest.mark.real_data
def test_the_real_frame_is_complete(
    data_dir: Path, tmp_path: Path
) -> None:
    summary = convert_nuscenes(data_dir / 'nuscenes_1frame', tmp_path / 'bag', none)
    assert {topic.count for topic in summary.topics} == {1}
    assert len(summary.topics) == 6 * 2 + 3
    assert summary.num_labels == 69


@pytest.mark.real_data
def test_the_real_boxes_hold_points(data_dir: Path) -> None:
    drive = read_info(next((data_dir / 'nuscenes_1frame').glob('*.pkl')))
    sweep = next(file for file in drive.files if file.channel == 'LIDAR_TOP')
    points = np.fromfile(sweep.path, np.float32).reshape(-1, 5)[:, :3]
    in_base = apply(drive.mountings['LIDAR_TOP'].T_base_sensor, points)
    counts = count_points(in_base, drive.labels[sweep.stamp_ns].boxes)
    assert (counts > 0).sum() >= 65

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
KITTI to bags: a made-up drive of two frames, and the real one for what only it can show.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import cv2
import numpy as np
import pytest

from mm_fusion_ros.bags.datasets.kitti_calibration import read_raw_calibration
from mm_fusion_ros.bags.datasets.kitti_labels import read_tracking_labels
from mm_fusion_ros.bags.datasets.kitti_object import convert_kitti_object
from mm_fusion_ros.bags.datasets.kitti_raw import convert_kitti_raw
from mm_fusion_ros.bags.datasets.kitti_sweep import read_sweep
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.geometry.transforms import apply

if TYPE_CHECKING:
    from pathlib import Path

_CAMERAS = """calib_time: 09-Jan-2012 13:57:47
R_rect_00: 1 0 0 0 1 0 0 0 1
P_rect_02: 100 0 50 6 0 100 20 0 0 0 1 0
"""
_LIDAR_TO_CAMERA = 'R: 0 -1 0 0 0 -1 1 0 0\nT: 0 -0.1 -0.3\n'
_IMU_TO_LIDAR = 'R: 1 0 0 0 1 0 0 0 1\nT: -0.8 0.3 -0.8\n'
# Heading: in rectified camera coordinates a yaw of -pi/2 about y looks along z, straight ahead.
_LABELS = """0 -1 DontCare -1 -1 -10 0 0 9 9 -1000 -1000 -1000 -10 -1 -1 -1
0 7 Van 0 0 0 45 15 65 35 1.5 1.6 4.0 0.5 1.6 10.0 -1.5707963
1 7 Van 1 0 0 45 15 65 35 1.5 1.6 4.0 0.5 1.6 8.0 0.0
1 9 Pedestrian 0 0 0 45 15 65 35 1.5 0.6 0.6 0.5 1.6 8.0 0.0
"""
_OXTS = (
    '49.0 8.4 114.0 0 0 0.5 6.0 8.0 10.0 0 0 0 0 9.8 0 0 9.8 '
    '0 0 0.1 0 0 0.1 0.15 0.1 4 8 4 4 0'
)
_TRACKLETS = """<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<boost_serialization version="9"><tracklets class_id="0"><count>1</count><item>
<objectType>Cyclist</objectType><h>1.7</h><w>0.6</w><l>1.8</l><first_frame>1</first_frame>
<poses><count>1</count><item><tx>12</tx><ty>2</ty><tz>-1.5</tz><rx>0</rx><ry>0</ry><rz>0.5</rz>
</item></poses></item></tracklets></boost_serialization>
"""


def none(done: int, total: int) -> None:
    """Take no note of progress."""


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """Make a drive of two frames."""
    folder = tmp_path / 'day' / 'drive'
    for sensor in ('image_02', 'velodyne_points', 'oxts'):
        (folder / sensor / 'data').mkdir(parents=True)
    (folder.parent / 'calib_cam_to_cam.txt').write_text(_CAMERAS)
    (folder.parent / 'calib_velo_to_cam.txt').write_text(_LIDAR_TO_CAMERA)
    (folder.parent / 'calib_imu_to_velo.txt').write_text(_IMU_TO_LIDAR)
    (folder / 'tracking_label_02_0000.txt').write_text(_LABELS)
    for name, offset in (
        ('image_02/timestamps', 60),
        ('oxts/timestamps', 55),
        ('velodyne_points/timestamps_start', 0),
        ('velodyne_points/timestamps', 50),
        ('velodyne_points/timestamps_end', 100),
    ):
        times = (f'2011-09-26 13:00:00.{100 * i + offset:03d}000001\n' for i in range(2))
        (folder / f'{name}.txt').write_text(''.join(times))
    pixels = np.arange(40 * 100 * 3, dtype=np.uint8).reshape(40, 100, 3)
    points = np.array([(10, 0, 0, 0.5), (0, 10, 0, 0.25), (-10, -0.01, 0, 1)], np.float32)
    for i in range(2):
        cv2.imwrite(str(folder / f'image_02/data/{i:010d}.png'), pixels)
        (folder / f'velodyne_points/data/{i:010d}.bin').write_bytes(points.tobytes())
        (folder / f'oxts/data/{i:010d}.txt').write_text(_OXTS)
    return folder


def messages(bag: Path, topic: str) -> list[Any]:
    with BagReader(bag) as reader:
        return [each.message for each in reader.messages([topic])]


def test_every_sensor_of_a_drive_is_in_the_bag(drive: Path, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    summary = convert_kitti_raw(drive, tmp_path / 'bag', lambda *call: calls.append(call))
    counts = {topic.name: topic.count for topic in summary.topics}
    assert counts.pop('/tf_static') == 1
    assert set(counts.values()) == {2}
    assert len(counts) == 9
    assert calls[-1] == (19, 19)
    assert summary.num_labels == 3
    assert summary.size_bytes == sum(f.stat().st_size for f in (tmp_path / 'bag').iterdir())


def test_a_sweep_is_stamped_with_its_middle_and_logged_after_its_end(
    drive: Path, tmp_path: Path
) -> None:
    convert_kitti_raw(drive, tmp_path / 'bag', none)
    with BagReader(tmp_path / 'bag') as bag:
        first = next(bag.messages(['/sensing/lidar/top/points']))
        image = next(bag.messages(['/sensing/camera/front/image_raw']))
    stamp = first.message.header.stamp
    assert (stamp.sec, stamp.nanosec) == (1_317_042_000, 50_000_001)
    assert first.log_time_ns >= 1_317_042_000_100_000_001
    assert image.message.header.stamp.nanosec == 60_000_001
    layout = [(field.name, field.offset, field.datatype) for field in first.message.fields]
    assert layout == [
        *(('x', 0, 7), ('y', 4, 7), ('z', 8, 7), ('intensity', 12, 7)),
        *(('ring', 16, 4), ('time', 18, 7)),
    ]
    points = first.message.data.reshape(3, 22)
    times = points[:, 18:].copy().view(np.float32)[:, 0]
    np.testing.assert_allclose(times, [0.0, -0.025, 0.05], atol=1e-4)


def test_images_keep_their_pixels_and_their_baseline(drive: Path, tmp_path: Path) -> None:
    convert_kitti_raw(drive, tmp_path / 'bag', none)
    image = messages(tmp_path / 'bag', '/sensing/camera/front/image_raw')[0]
    info = messages(tmp_path / 'bag', '/sensing/camera/front/camera_info')[0]
    np.testing.assert_array_equal(image.data, np.arange(40 * 100 * 3, dtype=np.uint8))
    assert (image.width, image.height, image.encoding, image.step) == (100, 40, 'bgr8', 300)
    assert (info.width, info.height, info.p[3]) == (100, 40, 6.0)
    assert str(info.header) == str(image.header)
    assert not info.d.any()


def test_the_sensors_sit_where_the_calibration_says(drive: Path, tmp_path: Path) -> None:
    convert_kitti_raw(drive, tmp_path / 'bag', none)
    transforms = messages(tmp_path / 'bag', '/tf_static')[0].transforms
    places = {
        each.child_frame_id: [
            getattr(each.transform.translation, axis) for axis in ('x', 'y', 'z')
        ]
        for each in transforms
    }
    assert {each.header.frame_id for each in transforms} == {'base_link'}
    np.testing.assert_allclose(places['imu_link'], [0.0, 0.0, 0.93])
    np.testing.assert_allclose(places['lidar_top'], [0.8, -0.3, 1.73])
    np.testing.assert_allclose(places['camera_front_optical'], [1.1, -0.3, 1.63])


def test_labels_become_boxes_on_the_ground_with_heading_class_and_track(
    drive: Path, tmp_path: Path
) -> None:
    convert_kitti_raw(drive, tmp_path / 'bag', none)
    first, second = messages(tmp_path / 'bag', '/ground_truth/detections')
    (van,) = first.detections
    assert first.header.frame_id == 'base_link'
    assert (van.id, van.results[0].hypothesis.class_id) == ('7', 'car')
    box = van.bbox
    assert (box.size.x, box.size.y, box.size.z) == (4.0, 1.6, 1.5)
    # 10 m ahead and 0.5 m right of the camera, 1.6 m down to the bottom, up by half the height.
    center = box.center.position
    np.testing.assert_allclose((center.x, center.y, center.z), (11.1, -0.8, 1.63 - 1.6 + 0.75))
    assert box.center.orientation.w == pytest.approx(1.0)
    assert van.results[0].pose.pose == box.center
    # A yaw of 0 looks along the camera's x axis: to the right.
    assert second.detections[0].bbox.center.orientation.z == pytest.approx(-np.sqrt(0.5))
    assert second.detections[1].results[0].hypothesis.class_id == 'pedestrian'


def test_tracklets_serve_where_there_are_no_tracking_labels(drive: Path, tmp_path: Path) -> None:
    (drive / 'tracking_label_02_0000.txt').unlink()
    (drive / 'tracklet_labels.xml').write_text(_TRACKLETS)
    summary = convert_kitti_raw(drive, tmp_path / 'bag', none)
    first, second = messages(tmp_path / 'bag', '/ground_truth/detections')
    assert first.detections == []
    box = second.detections[0].bbox
    center = box.center.position
    np.testing.assert_allclose((center.x, center.y, center.z), (12.8, 1.7, 1.73 - 1.5 + 0.85))
    assert box.center.orientation.z == pytest.approx(np.sin(0.25))
    assert (summary.num_labels, summary.center_error_px) == (1, None)


def test_a_drive_without_labels_has_no_topic_of_truth_boxes(drive: Path, tmp_path: Path) -> None:
    (drive / 'tracking_label_02_0000.txt').unlink()
    summary = convert_kitti_raw(drive, tmp_path / 'bag', none)
    assert '/ground_truth/detections' not in {topic.name for topic in summary.topics}


def test_navigation_data_are_in_their_frames(drive: Path, tmp_path: Path) -> None:
    convert_kitti_raw(drive, tmp_path / 'bag', none)
    bag = tmp_path / 'bag'
    imu = messages(bag, '/sensing/imu/data')[0]
    fix = messages(bag, '/sensing/gnss/fix')[0]
    velocity = messages(bag, '/sensing/gnss/vel')[0].twist.linear
    odometry = messages(bag, '/ground_truth/odometry')[0]
    assert imu.linear_acceleration.z == 9.8
    assert imu.angular_velocity.z == 0.1
    assert imu.orientation.z == pytest.approx(np.sin(0.25))
    assert (fix.latitude, fix.longitude, fix.altitude, fix.status.status) == (49.0, 8.4, 114.0, 2)
    np.testing.assert_allclose(fix.position_covariance, np.diag([0.0225] * 3).reshape(-1))
    assert (velocity.x, velocity.y) == (8.0, 6.0)  # east, north
    assert messages(bag, '/vehicle/twist')[0].twist.linear.x == 10.0
    assert odometry.pose.pose.position.z == pytest.approx(-0.93, abs=1e-6)
    forward = 8.0 * np.cos(0.5) + 6.0 * np.sin(0.5)
    assert odometry.twist.twist.linear.x == pytest.approx(forward)


def test_a_frame_that_a_sensor_lacks_is_left_out(drive: Path, tmp_path: Path) -> None:
    (drive / 'velodyne_points/data/0000000000.bin').unlink()
    summary = convert_kitti_raw(drive, tmp_path / 'bag', none)
    counts = {topic.name: topic.count for topic in summary.topics}
    assert counts['/sensing/lidar/top/points'] == counts['/ground_truth/detections'] == 1
    assert messages(tmp_path / 'bag', '/sensing/lidar/top/points')[0].header.stamp.nanosec > 1e8


@pytest.mark.parametrize(
    ('name', 'content', 'reason'),
    [
        ('../calib_velo_to_cam.txt', None, 'expected KITTI calibration, got no such path'),
        ('../calib_cam_to_cam.txt', 'S_00: 1', 'expected 3 x 4 numbers in a line P_rect_02'),
        ('oxts/timestamps.txt', 'yesterday', 'expected a date and time in each line'),
        ('oxts/timestamps.txt', '2011-09-26 13:00:00.1', 'a line for frame 1, got 1 lines'),
        ('oxts/data/0000000001.txt', '1 2 3', 'expected 30 finite numbers, got 3'),
        ('oxts/data/0000000001.txt', 'x', 'expected 30 numbers'),
        ('image_02/data/0000000001.png', 'x', 'expected a png file'),
        ('tracking_label_02_0000.txt', '0 1 Car 1', 'expected lines of class, 14 numbers'),
        ('tracking_label_02_0000.txt', _LABELS.replace('Van', 'Ufo'), 'another line .*Ufo'),
    ],
)
def test_a_damaged_drive_is_refused_and_leaves_no_bag(
    drive: Path, tmp_path: Path, name: str, content: str | None, reason: str
) -> None:
    (drive / name).unlink()
    if content is not None:
        (drive / name).write_text(content)
    with pytest.raises(BagError, match=reason):
        convert_kitti_raw(drive, tmp_path / 'out' / 'bag', none)
    assert not (tmp_path / 'out' / 'bag').exists()


def test_a_foreign_tracklet_file_is_refused(drive: Path, tmp_path: Path) -> None:
    (drive / 'tracking_label_02_0000.txt').unlink()
    for text in ('no xml', _TRACKLETS.replace('<tx>12</tx>', ''), _TRACKLETS.replace('Cy', 'X')):
        (drive / 'tracklet_labels.xml').write_text(text)
        with pytest.raises(BagError, match='expected tracklets as in KITTI raw'):
            convert_kitti_raw(drive, tmp_path / 'bag', none)


def test_an_empty_folder_of_the_object_benchmark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BagError, match=r'expected files velodyne/\*.bin, got none'):
        convert_kitti_object(tmp_path, tmp_path / 'bag', none)


@pytest.mark.real_data
def test_the_real_drive_is_complete_and_its_labels_sit_on_the_cars(
    kitti_drive: Path, tmp_path: Path
) -> None:
    summary = convert_kitti_raw(kitti_drive, tmp_path / 'bag', none)
    counts = {topic.name: topic.count for topic in summary.topics}
    assert counts.pop('/tf_static') == 1
    assert set(counts.values()) == {60}
    assert summary.num_labels == 153
    assert summary.outline_error_px is not None
    assert summary.outline_error_px < 0.5
    reader = pytest.importorskip('mcap_ros2.reader')
    read = list(reader.read_ros2_messages(str(tmp_path / 'bag' / 'bag.mcap')))
    assert len(read) == 60 * len(counts) + 1
    cloud = next(m.ros_msg for m in read if m.channel.topic == '/sensing/lidar/top/points')
    assert cloud.width > 110_000


@pytest.mark.real_data
def test_labelled_cars_hold_the_points_of_the_sweep(kitti_drive: Path) -> None:
    calibration = read_raw_calibration(kitti_drive.parent)
    labels = read_tracking_labels(kitti_drive / 'tracking_label_02_0003.txt', calibration)
    for frame in (0, 30, 50):
        sweep = read_sweep(kitti_drive / f'velodyne_points/data/{frame:010d}.bin')
        points = apply(calibration.T_base_lidar, sweep[:, :3])
        is_near = np.linalg.norm(labels[frame].boxes.centers, axis=1) < 30.0
        assert (count_points(points, labels[frame].boxes)[is_near] > 100).all()


@pytest.mark.real_data
def test_the_real_object_frames_are_complete(data_dir: Path, tmp_path: Path) -> None:
    summary = convert_kitti_object(data_dir / 'kitti_object', tmp_path / 'bag', none)
    assert {topic.count for topic in summary.topics} == {7}
    assert summary.outline_error_px is not None
    assert summary.outline_error_px < 0.5

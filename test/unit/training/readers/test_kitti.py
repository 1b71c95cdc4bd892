# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""KITTI's benchmarks as training samples: made-up folders, and real frames where they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.boxes import corners
from mm_fusion_ros.geometry.transforms import apply, inverse
from mm_fusion_ros.training.readers.image_sectors import columns_sector, rectangle_sector
from mm_fusion_ros.training.readers.kitti_object import KittiObject
from mm_fusion_ros.training.readers.kitti_tracking import KittiTracking

# The camera is 0.1 m below and 0.3 m ahead of the LiDAR, which is 0.8 m ahead of the IMU.
_OBJECT_CALIBRATION = """P2: 100 0 50 6 0 100 20 0 0 0 1 0
R0_rect: 1 0 0 0 1 0 0 0 1
Tr_velo_to_cam: 0 -1 0 0 0 0 -1 -0.1 1 0 0 -0.3
Tr_imu_to_velo: 1 0 0 -0.8 0 1 0 0 0 0 1 -0.8
"""
_TRACKING_CALIBRATION = _OBJECT_CALIBRATION.replace('R0_rect:', 'R_rect').replace(
    'Tr_velo_to_cam:', 'Tr_velo_cam').replace('Tr_imu_to_velo:', 'Tr_imu_velo')
_AHEAD = '-1.5707963'  # about the camera's y axis
_LABELS = f"""Van 0 0 0 45 15 65 35 1.5 1.6 4.0 0.0 1.6 10.0 {_AHEAD}
Misc 0 0 0 45 15 65 35 1.5 1.6 4.0 3.0 1.6 14.0 {_AHEAD}
Tram 0 0 0 45 15 65 35 3.5 2.6 14.0 -5.0 1.6 24.0 {_AHEAD}
Person_sitting 0 0 0 45 15 65 35 1.2 0.6 0.6 2.0 1.6 8.0 {_AHEAD}
Pedestrian 0 0 0 45 15 65 35 1.7 0.6 0.6 -2.0 1.6 8.0 {_AHEAD}
DontCare -1 -1 -10 10 0 20 24 -1 -1 -1 -1000 -1000 -1000 -10
DontCare -1 -1 -10 70 0 80 15 -1 -1 -1 -1000 -1000 -1000 -10
"""
_OXTS = ('49.0 {longitude} 114.0 0 0 0 0.0 10.0 10.0 0 0 0 0 9.8 0 0 9.8 '
         '0 0 0.0 0 0 0.0 0.15 0.1 4 8 4 4 0')
_IN_VAN = (9.2, 0.0, -0.8, 0.5)  # from the LiDAR


def _write_sensors(sweep, image):
    for path in (sweep, image):
        path.parent.mkdir(parents=True, exist_ok=True)
    rows = np.array([_IN_VAN, (0, 0, 0, 0), (np.nan, 1, 1, 0), (10, -5, -1, 0.25)], np.float32)
    sweep.write_bytes(rows.tobytes())
    pixels = np.zeros((40, 100, 3), np.uint8)
    pixels[..., 2] = 200  # red
    cv2.imwrite(str(image), pixels)


@pytest.fixture
def object_folder(tmp_path):
    for name in ('000003', '000007'):
        _write_sensors(tmp_path / 'velodyne' / f'{name}.bin', tmp_path / 'image_2' / f'{name}.png')
        for folder, text in (('calib', _OBJECT_CALIBRATION), ('label_2', _LABELS)):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / f'{name}.txt').write_text(text)
    return tmp_path


@pytest.fixture
def tracking_folder(tmp_path):
    for number in (0, 1, 3):  # the second sweep was lost
        _write_sensors(tmp_path / f'velodyne/0004/{number:06d}.bin',
                       tmp_path / f'image_02/0004/{number:06d}.png')
    labels = ''.join(f'1 {track} {line}\n' for track, line in enumerate(_LABELS.splitlines()))
    # 10 m/s to the east, where the vehicle looks: 1 m from one line to the next.
    degree_m = np.radians(1.0) * 6378137.0 * np.cos(np.radians(49.0)) * 1.00191
    oxts = ''.join(
        _OXTS.format(longitude=8.0 + number / degree_m) + '\n' for number in range(4))
    for folder, text in (
            ('calib', _TRACKING_CALIBRATION), ('label_02', labels), ('oxts', oxts)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / '0004.txt').write_text(text)
    return tmp_path


def test_a_frame_of_the_object_benchmark_is_a_sample(object_folder):
    dataset = KittiObject(object_folder)
    assert len(dataset) == 2
    sample = dataset[1]
    (lidar,), (camera,) = sample.frame.lidars, sample.frame.cameras
    assert len(lidar.sweep) == 2  # what is no return is left out
    assert camera.image.pixels.shape == (40, 100, 3)
    assert camera.image.pixels[0, 0].tolist() == [200, 0, 0]
    assert sample.boxes.classes.tolist()[::4] == [ObjectClass.CAR, ObjectClass.PEDESTRIAN]
    assert sample.is_ignored.tolist() == [False, True, True, True, False]
    np.testing.assert_allclose(sample.boxes.centers[0], (11.1, 0.0, 0.78), atol=1e-6)
    np.testing.assert_allclose(sample.boxes.yaws, 0.0, atol=1e-6)
    assert sample.boxes.num_points.tolist() == [1, 0, 0, 0, 0]
    assert sample.frame.ego is None
    assert sample.ground is None


def test_named_frames_are_read_in_their_order(object_folder):
    assert len(KittiObject(object_folder, ['000007'])) == 1
    with pytest.raises(BagError, match='000008'):
        KittiObject(object_folder, ['000008'])[0]


def test_what_the_image_does_not_show_is_not_background(object_folder):
    area = KittiObject(object_folder)[0].labelled_area
    np.testing.assert_allclose(area.apex, (1.1, 0.06), atol=1e-6)
    left, right = 20.0 * 50.5 / 100.0, 20.0 * 49.5 / 100.0
    points = np.array([(21.1, 0.06 + left - 0.1), (21.1, 0.06 + left + 0.1),
                       (21.1, 0.06 - right + 0.1), (21.1, 0.06 - right - 0.1), (-9.0, 0.0)])
    assert area.contains(points).tolist() == [True, False, True, False, False]


def test_where_a_part_of_the_image_is_unlabelled_nothing_is_background_from_the_ground_on(
    object_folder
):
    (sector,) = KittiObject(object_folder)[0].unlabelled  # the other one ends above the horizon
    # Row 24 is 4 px below the horizon: of a camera at 1.63 m it shows ground 40.75 m ahead.
    assert sector.nearest_m == pytest.approx(0.8 * 40.75 * np.hypot(1.0, 0.3), rel=1e-6)
    assert np.tan(sector.heading_rad) == pytest.approx(0.35, abs=0.01)


def test_a_frame_of_the_tracking_benchmark_moves_with_its_poses(tracking_folder):
    dataset = KittiTracking(tracking_folder)
    assert len(dataset) == 3
    first, second, last = dataset
    before, ego = first.frame.ego, second.frame.ego
    np.testing.assert_allclose(ego.twist, (10.0, 0.0, 0.0, 0.0, 0.0, 0.0), atol=1e-2)
    assert ego.acceleration_mps2 == pytest.approx(0.0, abs=0.01)
    motion = inverse(before.T_odom_base) @ ego.T_odom_base
    np.testing.assert_allclose(motion[:3, 3], (1.0, 0.0, 0.0), atol=0.01)
    assert len(first.boxes) == len(last.boxes) == 0
    assert second.boxes.ids.tolist() == [0, 1, 2, 3, 4]
    assert second.is_ignored.tolist() == [False, True, True, True, False]
    assert second.frame.stamp_ns - first.frame.stamp_ns == 100_000_000
    (lidar,) = second.frame.lidars
    # The point on the right was seen later than the one ahead, from farther on.
    late_s = 0.05 * np.arctan2(5.0, 10.0) / np.pi
    np.testing.assert_allclose(
        lidar.sweep.points[1], (10.0 + 10.0 * late_s, -5.0, -1.0), atol=1e-3)


def test_a_sequence_without_poses_is_read_as_it_stands(tracking_folder):
    (tracking_folder / 'oxts/0004.txt').unlink()
    sample = KittiTracking(tracking_folder, ['0004'])[1]
    assert sample.frame.ego is None
    np.testing.assert_array_equal(sample.frame.lidars[0].sweep.points[1], (10.0, -5.0, -1.0))


@pytest.mark.parametrize('reader', [KittiObject, KittiTracking])
def test_an_empty_folder_is_refused(tmp_path, reader):
    with pytest.raises(BagError, match='expected files velodyne'):
        reader(tmp_path)


@pytest.mark.parametrize(('name', 'content', 'reason'), [
    ('oxts/0004.txt', '', 'a line for each frame, got none'),
    ('oxts/0004.txt', '1 2 3\n', '30 finite numbers, got 3'),
    ('calib/0004.txt', 'P2: 1\n', 'numbers in a line'),
    ('label_02/0004.txt', '0 0 Unicorn 0\n', 'lines of class'),
])
def test_a_damaged_sequence_is_refused(tracking_folder, name, content, reason):
    (tracking_folder / name).write_text(content)
    with pytest.raises(BagError, match=reason):
        KittiTracking(tracking_folder)


def test_sectors_of_a_turned_camera_turn_with_it(object_folder):
    camera = KittiObject(object_folder)[0].frame.cameras[0]
    P, T = camera.model.projection, camera.T_base_camera
    quarter = np.eye(4)
    quarter[:2, :2] = [[0.0, -1.0], [1.0, 0.0]]
    for sector_of in (lambda T: columns_sector(P, T, 10.0, 90.0),
                      lambda T: rectangle_sector(P, T, np.array((10.0, 0.0, 20.0, 30.0)))):
        before, after = sector_of(T), sector_of(quarter @ T)
        assert after.heading_rad - before.heading_rad == pytest.approx(np.pi / 2.0)
        assert after.half_angle_rad == pytest.approx(before.half_angle_rad)
        assert after.nearest_m == pytest.approx(before.nearest_m)


@pytest.mark.real_data
def test_boxes_of_real_frames_hold_points_and_are_seen_where_the_labels_are_complete(data_dir):
    dataset = KittiObject(data_dir / 'kitti_object')
    assert len(dataset) == 7
    for sample in dataset:
        boxes = sample.boxes
        is_near = np.linalg.norm(boxes.centers[:, :2], axis=1) < 40.0
        assert (boxes.num_points[is_near] > 15).all()
        assert sample.labelled_area.contains(boxes.centers).all()
        assert (np.abs(boxes.centers[:, 2] - boxes.sizes[:, 2] / 2.0)[is_near] < 0.8).all()
        camera = sample.frame.cameras[0]
        seen = camera.model.project(
            apply(inverse(camera.T_base_camera), corners(boxes).reshape(-1, 3)))
        assert seen.visible.any()


@pytest.mark.real_data
def test_the_real_drive_as_a_sequence_holds_more_points_in_its_boxes_once_it_is_deskewed(
    kitti_drive, tmp_path
):
    _link_sequence(kitti_drive, tmp_path, frames=3)
    moved = KittiTracking(tmp_path)
    (tmp_path / 'oxts/0003.txt').unlink()
    still = KittiTracking(tmp_path)
    assert len(moved) == 3
    sample, as_measured = moved[1], still[1]
    assert np.linalg.norm(sample.frame.ego.twist[:3]) > 5.0
    assert (sample.boxes.num_points > 15).all()
    assert sample.boxes.num_points.sum() > as_measured.boxes.num_points.sum()


def _link_sequence(drive, folder, frames):
    """Lay out the first frames of a raw drive as a sequence of the tracking benchmark."""
    def lines(name):
        text = (drive.parent / name).read_text()
        return dict(line.split(': ', 1) for line in text.splitlines())

    def rigid(name):
        R, T = (np.array(lines(name)[key].split(), float) for key in 'RT')
        upper = np.column_stack([R.reshape(3, 3), T])
        return ' '.join(map(repr, upper.ravel().tolist()))

    cameras = lines('calib_cam_to_cam.txt')
    packets = [(drive / f'oxts/data/{k:010d}.txt').read_text().strip() for k in range(frames)]
    for name, text in (
        ('calib', f'P2: {cameras["P_rect_02"]}\nR_rect {cameras["R_rect_00"]}\n'
                  f'Tr_velo_cam {rigid("calib_velo_to_cam.txt")}\n'
                  f'Tr_imu_velo {rigid("calib_imu_to_velo.txt")}\n'),
        ('oxts', '\n'.join(packets)),
        ('label_02', (drive / 'tracking_label_02_0003.txt').read_text()),
    ):
        (folder / name).mkdir()
        (folder / name / '0003.txt').write_text(text)
    for name in ('velodyne', 'image_02'):
        (folder / name / '0003').mkdir(parents=True)
    for k in range(frames):
        (folder / f'velodyne/0003/{k:06d}.bin').symlink_to(
            drive / f'velodyne_points/data/{k:010d}.bin')
        (folder / f'image_02/0003/{k:06d}.png').symlink_to(drive / f'image_02/data/{k:010d}.png')

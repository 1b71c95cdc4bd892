# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""nuScenes as training samples: from the devkit's tables and from an info file."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support.nuscenes_folder import make_devkit_folder

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.transforms import apply, inverse
from mm_fusion_ros.training.readers.nuscenes import NuscenesFrames


@pytest.fixture
def folder(tmp_path):
    return make_devkit_folder(tmp_path / 'nuscenes')


def _table(folder, name, change):
    file = folder / 'v1.0-mini' / f'{name}.json'
    rows = json.loads(file.read_text())
    change(rows)
    file.write_text(json.dumps(rows))


def test_keyframes_of_the_tables_are_samples(folder):
    dataset = NuscenesFrames(folder)
    assert len(dataset) == 2  # the sweep between them is none
    first, second = dataset
    assert len(first.boxes) == 0
    assert second.boxes.classes.tolist() == [ObjectClass.BUS]
    assert second.is_ignored.tolist() == [False]
    np.testing.assert_allclose(second.boxes.centers, [(20.0, 0.0, 1.0)], atol=1e-9)
    assert second.labelled_area is None
    (lidar,) = second.frame.lidars
    assert lidar.sweep.ring.tolist() == [*range(32)] * 4
    assert [camera.name for camera in second.frame.cameras] == ['back_left']
    np.testing.assert_allclose(
        inverse(first.frame.ego.T_odom_base) @ second.frame.ego.T_odom_base @ (0.0, 0.0, 0.0, 1.0),
        (10.0, 0.0, 0.0, 1.0), atol=1e-9)


def test_an_image_is_seen_from_where_the_vehicle_was_when_it_was_taken(folder):
    def move(rows):
        camera = next(row for row in rows if row['filename'].endswith('CAM_BACK_LEFT_2.jpg'))
        camera['ego_pose_token'] = 'earlier'

    _table(folder, 'sample_data', move)
    _table(folder, 'ego_pose', lambda rows: rows.append(
        rows[-1] | {'token': 'earlier', 'translation': [100.0, 9.8, 0.0]}))
    sample = NuscenesFrames(folder)[1]
    (camera,) = sample.frame.cameras
    assert camera.image.stamp_ns - sample.frame.stamp_ns == -20_000_000
    np.testing.assert_allclose(camera.T_base_camera[:3, 3], (1.0 - 0.2, 0.0, 1.5), atol=1e-9)
    np.testing.assert_allclose(sample.frame.ego.twist, (10.0, 0.0, 0.0, 0.0, 0.0, 0.0), atol=1e-6)


def test_a_single_pose_tells_no_motion(folder):
    _table(folder, 'sample_data', lambda rows: rows.remove(
        next(row for row in rows if row['filename'].endswith('CAM_BACK_LEFT_2.jpg'))))
    sample = NuscenesFrames(folder)[1]
    assert sample.frame.ego is None


def test_velocities_come_from_where_an_object_is_before_and_after(folder):
    _table(folder, 'sample_annotation', lambda rows: rows.insert(
        0, rows[0] | {'sample_token': 'a', 'translation': [100.0, 26.0, 1.0]}))
    for sample in NuscenesFrames(folder):
        # 4 m north, which is ahead of the vehicle, in a second.
        np.testing.assert_allclose(sample.boxes.velocities, [(4.0, 0.0, 0.0)], atol=1e-6)


def test_an_object_that_is_labelled_once_has_no_known_velocity(folder):
    assert np.isnan(NuscenesFrames(folder)[1].boxes.velocities).all()


@pytest.mark.parametrize(('category', 'is_ignored', 'expected'), [
    ('vehicle.trailer', True, None),
    ('movable_object.trafficcone', True, None),
    ('human.pedestrian.wheelchair', True, None),
    ('static_object.bicycle_rack', True, None),
    ('human.pedestrian.adult', False, ObjectClass.PEDESTRIAN),
    ('vehicle.motorcycle', False, ObjectClass.CYCLIST),
    ('vehicle.construction', False, ObjectClass.TRUCK),
])
def test_what_is_none_of_the_classes_is_ignored(folder, category, is_ignored, expected):
    _table(folder, 'category', lambda rows: rows[0].update(name=category))
    sample = NuscenesFrames(folder)[1]
    assert sample.is_ignored.tolist() == [is_ignored]
    if expected is not None:
        assert sample.boxes.classes.tolist() == [expected]


def test_scenes_are_chosen_by_name(folder):
    assert len(NuscenesFrames(folder, ['scene-0001'])) == 2
    with pytest.raises(BagError, match='expected keyframes with a sweep, got none'):
        NuscenesFrames(folder, ['scene-0002'])
    with pytest.raises(BagError, match='with scene scene-0001, scene-7'):
        NuscenesFrames(folder, ['scene-0001', 'scene-7'])


def test_a_missing_image_is_told(folder):
    (folder / 'samples/CAM_BACK_LEFT_0.jpg').unlink()
    dataset = NuscenesFrames(folder)
    with pytest.raises(BagError, match='expected a jpeg file'):
        dataset[0]


@pytest.mark.real_data
def test_the_real_frame_of_an_info_file_is_a_sample(data_dir):
    folder = data_dir / 'nuscenes_1frame'
    with pytest.raises(BagError, match='expected tables'):
        NuscenesFrames(folder, ['scene-0061'])
    (sample,) = NuscenesFrames(folder)
    boxes = sample.boxes
    assert len(boxes) == 69
    assert (boxes.num_points > 0).sum() >= 65
    assert len(sample.frame.cameras) == 6
    assert 0 < sample.is_ignored.sum() < 20
    twist = sample.frame.ego.twist
    assert 8.0 < twist[0] < 10.0
    assert np.abs(twist[1:3]).max() < 0.5
    assert np.isfinite(boxes.velocities).any()
    near = np.linalg.norm(boxes.centers[:, :2], axis=1) < 40.0
    seen = np.zeros(len(boxes), int)
    for camera in sample.frame.cameras:
        seen += camera.model.project(
            apply(inverse(camera.T_base_camera), boxes.centers)).visible
    assert (seen[near] >= 1).mean() > 0.95

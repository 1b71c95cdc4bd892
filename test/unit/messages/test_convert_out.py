# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Images, clouds and reports that are built can be written, read back and believed."""

from __future__ import annotations

from dataclasses import replace

import cv2
from message_samples import BAG_SAMPLES, STAMP_NS
import numpy as np
import pytest

from mm_fusion_ros.bags.message_types import BAG_TYPES, constructor
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.data_types import FrameReport, LabelledPoints, SensorState, StageTiming
from mm_fusion_ros.health import EgoMotionHealth, NodeHealth, SensorHealth
from mm_fusion_ros.messages.convert_in import to_camera_image, to_lidar_sweep
from mm_fusion_ros.messages.convert_out import (
    compressed_from_pixels,
    from_depth,
    from_frame_report,
    from_grid,
    from_health,
    from_labelled_points,
    from_pixels,
    Grid,
)
from mm_fusion_ros.messages.convert_out.diagnostics import ERROR, OK, WARN
from mm_fusion_ros.stamps import ClockKind
from mm_fusion_ros.sync.counts import MessageCounts, SensorStatistics

RGB = cv2.resize(np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8), (80, 60))


def written(message, name: str):
    return TYPESTORE.deserialize_cdr(TYPESTORE.serialize_cdr(message, name), name)


@pytest.mark.parametrize(('pixels', 'encoding', 'is_view'), [
    (RGB, 'rgb8', True),
    (np.ascontiguousarray(RGB[:, :, ::-1])[:, :, ::-1], 'bgr8', True),
    (RGB[::2, ::2], 'rgb8', False),
    (np.broadcast_to(RGB[:, :, :1], RGB.shape), 'rgb8', False),
])
def test_pixels_survive_the_way_into_an_image_and_back(pixels, encoding, is_view):
    message = from_pixels(pixels, STAMP_NS, 'camera', BAG_TYPES)
    assert message.encoding == encoding
    assert np.shares_memory(message.data, pixels) == is_view
    image = to_camera_image(written(message, 'sensor_msgs/msg/Image'))
    np.testing.assert_array_equal(image.pixels, pixels)
    assert (image.stamp_ns, image.frame_id) == (STAMP_NS, 'camera')


def test_pixels_survive_as_jpeg():
    message = compressed_from_pixels(RGB, STAMP_NS, 'camera', 95, BAG_TYPES)
    pixels = to_camera_image(written(message, 'sensor_msgs/msg/CompressedImage')).pixels
    assert np.abs(pixels.astype(int) - RGB).mean() < 6
    smaller = compressed_from_pixels(RGB, STAMP_NS, 'camera', 20, BAG_TYPES)
    assert len(smaller.data) < len(message.data)


def test_a_depth_image_holds_metres_and_infinity():
    depth_m = np.array([[1.5, np.inf, 80.25], [0.0, 2.0, 3.0]], np.float32)
    message = written(from_depth(depth_m, STAMP_NS, 'camera', BAG_TYPES), 'sensor_msgs/msg/Image')
    assert (message.encoding, message.width, message.step) == ('32FC1', 3, 12)
    np.testing.assert_array_equal(message.data.view('<f4').reshape(2, 3), depth_m)


def test_a_grid_runs_along_x_first():
    grid = Grid(np.array([[-1, 0, 100], [1, 2, 3]], np.int8), 0.5, (-1.0, 2.0))
    message = written(
        from_grid(grid, STAMP_NS, 'base_link', BAG_TYPES), 'nav_msgs/msg/OccupancyGrid')
    assert (message.info.width, message.info.height, message.info.resolution) == (3, 2, 0.5)
    assert (message.info.origin.position.x, message.info.origin.position.y) == (-1.0, 2.0)
    assert message.info.origin.orientation.w == 1.0
    assert list(message.data) == [-1, 0, 100, 1, 2, 3]


@pytest.mark.parametrize('count', [0, 5])
def test_a_labelled_cloud_holds_points_colors_and_labels(count):
    rng = np.random.default_rng(0)
    points = LabelledPoints(
        rng.uniform(1, 9, (count, 3)).astype(np.float32), np.arange(count, dtype=np.uint8))
    colors = rng.integers(0, 256, (count, 3), dtype=np.uint8)
    message = from_labelled_points(points, colors, STAMP_NS, 'base_link', BAG_TYPES)
    message = written(message, 'sensor_msgs/msg/PointCloud2')
    np.testing.assert_array_equal(to_lidar_sweep(message).points, points.points)
    layout = {field.name: (field.offset, field.datatype) for field in message.fields}
    assert layout == {'x': (0, 7), 'y': (4, 7), 'z': (8, 7), 'rgb': (12, 7), 'label': (16, 2)}
    cells = message.data.reshape(count, message.point_step)
    np.testing.assert_array_equal(cells[:, 12:15][:, ::-1], colors)  # 0x00RRGGBB, little-endian
    np.testing.assert_array_equal(cells[:, 16], points.labels)


TOP = SensorState(
    'top', 'lidar', present=True, offset_ns=-1_500_000, age_ns=20_000_000,
    ego_motion='predicted')
FRONT = SensorState('front', 'camera', present=False, problem='no message yet')


def report(*sensors: SensorState, warnings: tuple[str, ...] = ()) -> FrameReport:
    stages = (StageTiming('convert', 1.25),)
    return FrameReport(STAMP_NS, 'base_link', sensors, stages, 3, warnings)


def values_of(status) -> dict[str, str]:
    return {item.key: item.value for item in status.values}


@pytest.mark.parametrize(('made', 'level', 'text'), [
    (report(TOP), OK, 'all 1 sensors'),
    (report(TOP, FRONT), WARN, '1 of 2 sensors, without front'),
    (report(TOP, warnings=('stamps are old',)), WARN, 'stamps are old'),
    (report(FRONT), ERROR, 'no sensor covered anything: that no box was found does not mean'),
    (report(), ERROR, 'no sensor covered anything'),
])
def test_the_frame_status_says_how_much_was_covered(made, level, text):
    message = written(from_frame_report(made, BAG_TYPES), 'diagnostic_msgs/msg/DiagnosticArray')
    frame = message.status[0]
    assert (frame.name, frame.level) == ('frame', level)
    assert frame.message.startswith(text)


def test_the_report_holds_stages_boxes_warnings_and_every_sensor():
    made = report(TOP, FRONT, warnings=('one', 'two'))
    message = from_frame_report(made, BAG_TYPES)
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == divmod(STAMP_NS, 10**9)
    frame, top, front = message.status
    assert values_of(frame) == {
        'latency_ms.convert': '1.250', 'boxes': '3', 'looks_at': 'lidar', 'warning.0': 'one',
        'warning.1': 'two'}
    assert (top.name, top.level) == ('top', OK)
    assert values_of(top) == {
        'kind': 'lidar', 'present': 'true', 'offset_ms': '-1.500', 'age_ms': '20.000',
        'problem': '', 'ego_motion': 'predicted'}
    assert (front.level, front.message) == (WARN, 'no message yet')
    assert values_of(front)['age_ms'] == 'never received'


def test_the_report_tells_of_the_classes_and_what_stands_behind_the_boxes():
    made = replace(
        report(TOP, FRONT), counts=(('obstacle', 1), ('car', 2)),
        shares=((0.5, 0.3, 0.2), (), (0.7, 0.3, 0.0)))
    values = values_of(from_frame_report(made, BAG_TYPES).status[0])
    assert {key: value for key, value in values.items() if 'boxes' in key or 'share' in key} == {
        'boxes': '3', 'boxes.obstacle': '1', 'boxes.car': '2', 'share.lidar': '0.600',
        'share.camera': '0.300', 'share.memory': '0.100', 'boxes.shares': '50/30/20 - 70/30/0'}
    nothing = values_of(from_frame_report(replace(made, shares=((),)), BAG_TYPES).status[0])
    assert 'share.lidar' not in nothing
    assert nothing['boxes.shares'] == '-'


def test_a_frame_of_cameras_alone_is_no_error_where_they_are_looked_at():
    made = replace(report(replace(FRONT, present=True)), looks_at=('lidar', 'camera'))
    assert from_frame_report(made, BAG_TYPES).status[0].level == OK
    assert from_frame_report(
        replace(made, looks_at=('lidar',)), BAG_TYPES).status[0].level == ERROR


def test_health_names_the_node_the_sensors_and_what_is_wrong():
    statistics = SensorStatistics(
        'top', received=2, pending=2, counts=MessageCounts(), period_ns=100_000_000,
        clock=ClockKind.SAME)
    silent = SensorHealth(statistics, '/points', publishers=0, reliability='reliable')
    well = SensorHealth(statistics, '/points', publishers=1, reliability='reliable')
    node, sensor = from_health(NodeHealth('/perception', (silent,)), STAMP_NS, BAG_TYPES).status
    assert (node.name, node.level, node.message) == (
        '/perception', WARN, 'top: no publisher on /points')
    assert values_of(node)['problem.0'] == 'top: no publisher on /points'
    assert (sensor.name, sensor.level) == ('/perception: top', WARN)
    assert values_of(sensor)['period_ms'] == '100.000'
    assert values_of(sensor)['delay_ms'] == 'unknown yet'
    message = from_health(NodeHealth('/perception', (well,)), STAMP_NS, BAG_TYPES)
    assert [status.level for status in message.status] == [OK, OK]


def test_health_tells_of_ego_poses_where_they_are_asked_for():
    motion = EgoMotionHealth('/odometry', received=0, publishers=2)
    message = from_health(NodeHealth('/perception', (), ego_motion=motion), STAMP_NS, BAG_TYPES)
    node, status = message.status
    assert node.message == status.message
    assert status.message.startswith('ego motion: no poses on /odometry: sweeps are not deskewed')
    assert (status.name, status.level) == ('/perception: ego motion', WARN)
    assert values_of(status) == {
        'source': '/odometry', 'publishers': '2', 'received': '0', 'rejected': '0'}


def test_messages_of_bags_share_no_defaults():
    first, second = (BAG_TYPES.Detection3D() for _ in range(2))
    first.bbox.size.x = 5.0
    first.results.append('anything')
    assert second.bbox.size.x == 0.0
    assert second.results == []


def test_every_known_type_can_be_made_empty_and_written():
    for name in sorted(TYPESTORE.types):
        if '/msg/' in name:
            TYPESTORE.serialize_cdr(constructor(name)(), name)


def test_an_unknown_field_is_an_error():
    with pytest.raises(TypeError, match='hue'):
        BAG_SAMPLES.types.Marker(hue=3)

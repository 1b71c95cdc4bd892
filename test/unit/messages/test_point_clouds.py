# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A PointCloud2 of any layout gives the points that were put in, or a refusal that names why."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from message_samples import BAG_SAMPLES, lidar_points, STAMP_NS
import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in import PointTimeSettings, to_lidar_sweep

FORMATS = {'i1': 1, 'u1': 2, 'i2': 3, 'u2': 4, 'i4': 5, 'u4': 6, 'f4': 7, 'f8': 8}


def xyz(points: np.ndarray) -> np.ndarray:
    return np.stack([points[axis] for axis in 'xyz'], 1).astype(np.float32)


def without(points: np.ndarray, *names: str) -> np.ndarray:
    kept = [name for name in points.dtype.names if name not in names]
    lean = np.empty(len(points), [(name, points.dtype[name]) for name in kept])
    for name in kept:
        lean[name] = points[name]
    return lean


def test_a_sweep_holds_every_column_of_the_message():
    points = lidar_points()
    sweep = to_lidar_sweep(BAG_SAMPLES.cloud(points))
    assert (sweep.stamp_ns, sweep.frame_id, sweep.num_dropped) == (STAMP_NS, 'lidar', 0)
    np.testing.assert_array_equal(sweep.points, xyz(points))
    np.testing.assert_array_equal(sweep.intensity, points['intensity'])
    np.testing.assert_array_equal(sweep.ring, points['ring'])
    np.testing.assert_array_equal(sweep.time_offset_ns, points['t'])


def test_only_coordinates_are_needed():
    points = without(lidar_points(), 'intensity', 'ring', 't')
    sweep = to_lidar_sweep(BAG_SAMPLES.cloud(points))
    assert sweep.intensity is None
    assert sweep.ring is None
    assert sweep.time_offset_ns is None
    np.testing.assert_array_equal(sweep.points, xyz(points))


def test_unusable_points_are_dropped_with_all_their_columns():
    points = lidar_points(8)
    points['x'][1], points['y'][2], points['z'][3] = np.nan, np.inf, -np.inf
    points[['x', 'y', 'z']][5] = 0.0, 0.0, 0.0
    for axis in 'xyz':
        points[axis][5] = 0.0
    sweep = to_lidar_sweep(BAG_SAMPLES.cloud(points))
    kept = [0, 4, 6, 7]
    assert sweep.num_dropped == 4
    np.testing.assert_array_equal(sweep.points, xyz(points[kept]))
    np.testing.assert_array_equal(sweep.intensity, points['intensity'][kept])
    np.testing.assert_array_equal(sweep.ring, points['ring'][kept])
    np.testing.assert_array_equal(sweep.time_offset_ns, points['t'][kept])


def test_a_sweep_without_a_single_usable_point_is_empty():
    points = lidar_points(5)
    points['x'] = np.nan
    sweep = to_lidar_sweep(BAG_SAMPLES.cloud(points))
    assert (len(sweep), sweep.num_dropped) == (0, 5)


def test_an_empty_cloud_is_an_empty_sweep():
    assert len(to_lidar_sweep(BAG_SAMPLES.cloud(lidar_points(0)))) == 0
    bare = BAG_SAMPLES.make('sensor_msgs/msg/PointCloud2', header=BAG_SAMPLES.header())
    assert len(to_lidar_sweep(bare)) == 0


def test_float64_coordinates_beyond_float32_are_dropped():
    points = lidar_points(3).astype([('x', 'f8'), ('y', 'f8'), ('z', 'f8'), ('intensity', 'f4'),
                                     ('ring', 'u2'), ('t', 'u4')])
    points['x'][1] = 1e300
    assert to_lidar_sweep(BAG_SAMPLES.cloud(points)).num_dropped == 1


def test_an_organised_cloud_is_read_without_the_padding_of_its_rows():
    points = lidar_points(12)
    rows = points.view(np.uint8).reshape(3, 4 * points.dtype.itemsize)
    message = BAG_SAMPLES.cloud(
        points, height=3, width=4, row_step=rows.shape[1] + 7,
        data=np.pad(rows, ((0, 0), (0, 7)), constant_values=255).reshape(-1))
    sweep = to_lidar_sweep(message)
    np.testing.assert_array_equal(sweep.points, xyz(points))
    np.testing.assert_array_equal(sweep.ring, points['ring'])


def test_big_endian_data_is_read():
    points = lidar_points()
    swapped = points.astype(points.dtype.newbyteorder('>'))
    sweep = to_lidar_sweep(BAG_SAMPLES.cloud(swapped, is_bigendian=True))
    np.testing.assert_array_equal(sweep.points, xyz(points))
    np.testing.assert_array_equal(sweep.time_offset_ns, points['t'])
    assert sweep.points.dtype.isnative


@pytest.mark.parametrize('name', ['intensity', 'i', 'reflectivity'])
@pytest.mark.parametrize('dtype', ['f4', 'u1', 'u2'])
def test_intensity_is_known_by_its_names_in_any_type(name, dtype):
    points = np.ones(3, [('x', 'f4'), ('y', 'f4'), ('z', 'f4'), (name, dtype)])
    points[name] = 7, 8, 200
    np.testing.assert_array_equal(to_lidar_sweep(BAG_SAMPLES.cloud(points)).intensity, [7, 8, 200])


@pytest.mark.parametrize('name', ['ring', 'channel', 'line'])
@pytest.mark.parametrize('dtype', ['u1', 'i1', 'u2', 'i4', 'u4'])
def test_ring_is_known_by_its_names_in_any_type(name, dtype):
    points = np.ones(3, [('x', 'f4'), ('y', 'f4'), ('z', 'f4'), (name, dtype)])
    points[name] = 0, 8, 127
    np.testing.assert_array_equal(to_lidar_sweep(BAG_SAMPLES.cloud(points)).ring, [0, 8, 127])


def test_a_negative_ring_is_refused():
    points = np.ones(2, [('x', 'f4'), ('y', 'f4'), ('z', 'f4'), ('ring', 'i2')])
    points['ring'] = -1
    with pytest.raises(InvalidMessageError, match='rings: expected 0 to 65535, got -1 to -1'):
        to_lidar_sweep(BAG_SAMPLES.cloud(points))


@given(data=st.data())
def test_fields_are_found_in_any_order_at_any_offset(data):
    names = data.draw(st.permutations(['x', 'y', 'z', 'intensity', 'ring', 'unused']))
    formats = [
        data.draw(st.sampled_from({'intensity': ['f4', 'u1', 'u2'], 'ring': ['u1', 'u2', 'i4'],
                                   'unused': list(FORMATS)}.get(name, ['f4', 'f8'])))
        for name in names
    ]
    gaps = data.draw(st.lists(st.integers(0, 5), min_size=7, max_size=7))
    offsets, end = [], 0
    for gap, fmt in zip(gaps, formats, strict=False):
        offsets.append(end + gap)
        end += gap + np.dtype(fmt).itemsize
    layout = np.dtype({'names': names, 'formats': formats, 'offsets': offsets,
                       'itemsize': end + gaps[-1]})
    source, points = lidar_points(9), np.zeros(9, layout)
    for name in names:
        points[name] = source['t'] % 100 if name == 'unused' else source[name]
    sweep = to_lidar_sweep(BAG_SAMPLES.cloud(points))
    np.testing.assert_array_equal(sweep.points, xyz(points))
    np.testing.assert_array_equal(sweep.intensity, points['intensity'].astype(np.float32))
    np.testing.assert_array_equal(sweep.ring, points['ring'])


def field(name: str, offset: int, datatype: int = 7, count: int = 1):
    return BAG_SAMPLES.types.PointField(name=name, offset=offset, datatype=datatype, count=count)


XYZ = [field('x', 0), field('y', 4), field('z', 8)]


def test_unused_fields_may_be_odd():
    padding = [field('_', 12, 2, 3), field('_', 15, 99, 0)]
    message = BAG_SAMPLES.cloud(lidar_points(4), fields=[*XYZ, *padding])
    assert len(to_lidar_sweep(message)) == 4


@pytest.mark.parametrize(('fields', 'text'), [
    ({'data': np.zeros(87, np.uint8)}, 'cloud data: expected 1 rows of 88 bytes, got 87 bytes'),
    ({'data': np.zeros(89, np.uint8)}, 'cloud data: expected 1 rows of 88 bytes, got 89 bytes'),
    ({'width': 4_000_000_000}, 'row_step: expected at least 4000000000 points of 22 bytes'),
    ({'height': 4_000_000_000}, 'expected 4000000000 rows of 88 bytes, got 88 bytes'),
    ({'row_step': 44, 'height': 2}, 'row_step: expected at least 4 points of 22 bytes, got 44'),
    ({'point_step': 0}, 'point_step: expected at least 1 byte, got 0'),
    ({'fields': XYZ[:2]}, "point field 'z': expected one among x, y, got 0"),
    ({'fields': [*XYZ, field('x', 12)]}, "point field 'x': expected one among x, y, z, x, got 2"),
    ({'fields': [field('x', 0, 7, 3), *XYZ[1:]]}, "'x': expected one number .* 3 of datatype 7"),
    ({'fields': [field('x', 0, 99), *XYZ[1:]]}, "'x': expected one number .* 1 of datatype 99"),
    ({'fields': [field('x', 0, 5), *XYZ[1:]]}, "'x': expected float32 or float64, got int32"),
    ({'fields': [*XYZ[:2], field('z', 19)]}, 'expected offsets within point_step 22'),
    ({'fields': [*XYZ[:2], field('z', 4_000_000_000)]}, 'expected offsets within point_step 22'),
    ({'fields': [*XYZ[:2], field('z', 6)]}, 'expected fields that do not overlap'),
])
def test_a_cloud_that_contradicts_itself_is_refused(fields, text):
    with pytest.raises(InvalidMessageError, match=text):
        to_lidar_sweep(BAG_SAMPLES.cloud(lidar_points(4), **fields))


def test_the_named_time_field_is_used():
    sweep = to_lidar_sweep(BAG_SAMPLES.cloud(lidar_points()), PointTimeSettings(field='none'))
    assert sweep.time_offset_ns is None
    with pytest.raises(InvalidMessageError, match=r"time_field: expected one of .* got 'when'"):
        to_lidar_sweep(BAG_SAMPLES.cloud(lidar_points()), PointTimeSettings(field='when'))

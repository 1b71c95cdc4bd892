# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What LiDARs return when they are broken, whatever the layout of their clouds."""

import warnings

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from message_samples import BAG_SAMPLES, lidar_points
import numpy as np
import pytest
from support.fault_streams import fault, run, START_NS

from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import decode, encode, Passing
from mm_fusion_ros.messages.convert_in.point_layout import read_layout

KINDS = [
    FaultKind.FOG, FaultKind.BEAMS_LOST, FaultKind.SECTOR_BLOCKED, FaultKind.THINNED,
    FaultKind.RANGE_NOISE, FaultKind.GHOST_POINTS, FaultKind.NAN]
LOSE = KINDS[:4]
MOVE = KINDS[4:]
COUNT = 640
every_kind = pytest.mark.parametrize('kind', KINDS, ids=lambda kind: kind.label)


def around(count=COUNT, seed=0):
    """Make points on all sides, whose time says which they are."""
    points = lidar_points(count, seed)
    for axis in 'xy':
        points[axis] *= np.random.default_rng(seed + 1).choice((-1.0, 1.0), count)
    points['z'] -= 20.0
    points['t'] = np.arange(count)
    return points


def with_dtype(dtype):
    points = np.zeros(COUNT, dtype)
    for name in points.dtype.names:
        points[name] = around()[name]
    return BAG_SAMPLES.cloud(points)


def big_endian():
    points = around()
    cloud = BAG_SAMPLES.cloud(points)
    cloud.is_bigendian = True
    cloud.data = points.astype(points.dtype.newbyteorder('>')).view(np.uint8)
    return cloud


def organised():
    """Make one of 4 rows, with 9 bytes after each."""
    points = around()
    cloud = BAG_SAMPLES.cloud(points)
    rows = np.pad(points.view(np.uint8).reshape(4, -1), ((0, 0), (0, 9)))
    cloud.height, cloud.width, cloud.row_step = 4, COUNT // 4, rows.shape[1]
    cloud.data = rows.reshape(-1)
    return cloud


LAYOUTS = {
    'packed': lambda: BAG_SAMPLES.cloud(around()),
    'float64': lambda: with_dtype([(axis, '<f8') for axis in 'xyz'] + [('t', '<u4')]),
    'other order': lambda: with_dtype(
        [('t', '<u4'), ('z', '<f4'), ('intensity', 'u1'), ('y', '<f4'), ('x', '<f4')]),
    'padded points': lambda: with_dtype({
        'names': ['x', 'y', 'z', 't'], 'formats': ['<f4', '<f4', '<f4', '<u4'],
        'offsets': [4, 8, 12, 21], 'itemsize': 32}),
    'big-endian': big_endian,
    'organised': organised,
}


def passing(cloud):
    return Passing('/points', kinds.POINTS, encode(cloud, kinds.POINTS), START_NS)


def broken(cloud, kind, **changes):
    changed = fault(kind, kinds.POINTS, start_s=0.0, **changes)
    (out,) = run([passing(cloud)], changed)
    return decode(out.raw, kinds.POINTS)


def columns(cloud):
    layout = read_layout(cloud)
    return layout.select(layout.names)


def xyz(cloud):
    fields = columns(cloud)
    return np.stack([fields[axis] for axis in 'xyz'], axis=1).astype(np.float64)


def ranges(cloud):
    return np.linalg.norm(xyz(cloud), axis=1)


def which(cloud):
    """Say which points of 'around' these are."""
    return columns(cloud)['t'].astype(int)


@every_kind
@pytest.mark.parametrize('layout', LAYOUTS)
def test_every_layout_keeps_its_form_and_all_but_the_coordinates(kind, layout):
    cloud = LAYOUTS[layout]()
    out = broken(cloud, kind)
    assert (out.header, out.fields, out.point_step, out.is_bigendian, out.height) == (
        cloud.header, cloud.fields, cloud.point_step, cloud.is_bigendian, cloud.height)
    if kind in MOVE or layout == 'organised':
        assert out.width == cloud.width
    else:
        assert out.width < cloud.width
    before, after = columns(cloud)[which(out)], columns(out)
    assert np.all(np.diff(which(out)) > 0)
    for name in {field.name for field in cloud.fields} - set('xyz'):
        np.testing.assert_array_equal(after[name], before[name])


@pytest.mark.parametrize('kind', LOSE, ids=lambda kind: kind.label)
@pytest.mark.parametrize('layout', LAYOUTS)
def test_points_are_taken_out_of_one_row_and_become_nan_in_several(kind, layout):
    cloud = LAYOUTS[layout]()
    out = broken(cloud, kind)
    lost = np.isnan(xyz(out)).all(axis=1)
    if layout == 'organised':
        assert 0 < lost.sum() < COUNT
        assert not out.is_dense
    else:
        assert not lost.any()
        assert out.is_dense
    if kind is not FaultKind.FOG:  # which moves some
        np.testing.assert_array_equal(xyz(out)[~lost], xyz(cloud)[which(out)][~lost])


@pytest.mark.parametrize(
    'kind', sorted(set(KINDS) - {FaultKind.BEAMS_LOST}, key=lambda kind: kind.label))
def test_layouts_do_not_change_what_happens(kind):
    outs = [broken(make(), kind) for make in LAYOUTS.values()]
    wanted = outs[0]
    for out in outs[1:]:
        kept = np.isfinite(xyz(out)).all(axis=1)
        rows = np.isfinite(xyz(wanted)).all(axis=1)
        np.testing.assert_array_equal(which(out)[kept], which(wanted)[rows])
        np.testing.assert_allclose(xyz(out)[kept], xyz(wanted)[rows], rtol=1e-5, atol=1e-5)


def test_a_share_of_the_beams_is_dead_and_they_stay_so():
    lost = []
    for seed in range(3):
        points = around(seed=seed)
        out = broken(BAG_SAMPLES.cloud(points), FaultKind.BEAMS_LOST, magnitude=0.25)
        there = set(columns(out)['ring'])
        lost.append(set(range(64)) - there)
        np.testing.assert_array_equal(
            which(out), np.flatnonzero(np.isin(points['ring'], list(there))))
    assert len(lost[0]) == 16
    assert lost[0] == lost[1] == lost[2]


@pytest.mark.parametrize(('share', 'left'), [(0.0, COUNT), (1.0, 0)])
def test_no_beams_or_all_of_them(share, left):
    out = broken(LAYOUTS['packed'](), FaultKind.BEAMS_LOST, magnitude=share)
    assert out.width == left


@pytest.mark.parametrize('lost', [1, 16, 32, 63])
def test_without_a_ring_beams_are_told_by_elevation(lost):
    elevations = np.radians(np.linspace(-25.0, 5.0, 64))
    azimuths = np.linspace(0.0, 6.0, 20)
    elevation, azimuth = np.meshgrid(elevations, azimuths, indexing='ij')
    directions = np.stack([np.cos(elevation) * np.cos(azimuth),
                           np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], axis=-1)
    points = np.zeros(64 * 20, [('x', '<f4'), ('y', '<f4'), ('z', '<f4'), ('t', '<u4')])
    distances = np.random.default_rng(0).uniform(2.0, 50.0, (64, 20, 1))
    for column, axis in enumerate('xyz'):
        points[axis] = (directions * distances).reshape(-1, 3)[:, column]
    points['t'] = np.arange(64 * 20)
    out = broken(BAG_SAMPLES.cloud(points), FaultKind.BEAMS_LOST, magnitude=lost / 64)
    left = np.bincount(which(out) // 20, minlength=64)
    assert sorted(left) == [0] * lost + [20] * (64 - lost)


@pytest.mark.parametrize(('centre_deg', 'width_deg'), [(0, 60), (90, 60), (180, 40), (-90, 10)])
def test_nothing_returns_from_a_sector(centre_deg, width_deg):
    cloud = LAYOUTS['packed']()
    out = broken(cloud, FaultKind.SECTOR_BLOCKED, magnitude=float(width_deg),
                 direction_deg=float(centre_deg))
    centre = np.radians(centre_deg)
    direction = np.array([np.cos(centre), np.sin(centre)])
    horizontal = xyz(cloud)[:, :2]
    cosines = horizontal @ direction / np.linalg.norm(horizontal, axis=1)
    outside = np.flatnonzero(np.degrees(np.arccos(cosines)) > width_deg / 2)
    assert 0 < len(outside) < COUNT
    np.testing.assert_array_equal(which(out), outside)


@pytest.mark.parametrize('share', [0.0, 0.3, 1.0])
def test_single_returns_are_missing(share):
    out = broken(LAYOUTS['packed'](), FaultKind.THINNED, magnitude=share)
    assert out.width == COUNT - round(share * COUNT)


def test_each_sweep_misses_others():
    cloud = LAYOUTS['packed']()
    first = passing(cloud)
    cloud.header.stamp.sec += 1
    outs = run([first, passing(cloud)], fault(FaultKind.THINNED, kinds.POINTS, start_s=0.0))
    one, other = (set(which(decode(out.raw, kinds.POINTS))) for out in outs)
    assert len(one) == len(other) == COUNT // 2
    assert len(one & other) == pytest.approx(COUNT / 4, rel=0.25)


def rays(cloud):
    return xyz(cloud) / ranges(cloud)[:, None]


@pytest.mark.parametrize('sigma_m', [0.1, 1.0])
def test_ranges_are_noisy_along_the_rays(sigma_m):
    cloud = BAG_SAMPLES.cloud(around(4000))
    out = broken(cloud, FaultKind.RANGE_NOISE, magnitude=sigma_m)
    errors = ranges(out) - ranges(cloud)
    assert errors.std() == pytest.approx(sigma_m, rel=0.06)
    assert errors.mean() == pytest.approx(0.0, abs=0.06 * sigma_m)
    np.testing.assert_allclose(rays(out), rays(cloud), atol=1e-5)
    assert not np.array_equal(errors[1:], errors[:-1])


def test_noise_brings_no_return_closer_than_a_tenth_of_a_metre():
    out = broken(BAG_SAMPLES.cloud(around()), FaultKind.RANGE_NOISE, magnitude=100.0)
    assert ranges(out).min() == pytest.approx(0.1, abs=1e-5)


def test_so_many_returns_come_from_a_random_range():
    cloud = LAYOUTS['packed']()
    out = broken(cloud, FaultKind.GHOST_POINTS, magnitude=200.0)
    is_ghost = np.any(xyz(out) != xyz(cloud), axis=1)
    assert is_ghost.sum() == 200
    ghosts = ranges(out)[is_ghost]
    assert 2.0 <= ghosts.min() < 5.0
    assert 55.0 < ghosts.max() <= 60.0
    np.testing.assert_allclose(rays(out), rays(cloud), atol=1e-5)


def test_no_more_ghosts_come_than_there_are_points():
    cloud = LAYOUTS['packed']()
    out = broken(cloud, FaultKind.GHOST_POINTS, magnitude=1e7)
    assert np.all(np.any(xyz(out) != xyz(cloud), axis=1))


def test_fog_takes_far_returns_and_returns_itself():
    cloud = BAG_SAMPLES.cloud(around(4000))
    out = broken(cloud, FaultKind.FOG, magnitude=60.0)
    before, after = ranges(cloud), ranges(out)
    kept = which(out)
    is_fog = after < before[kept] - 1e-3
    assert np.all(after <= before[kept] + 1e-3)
    assert after[is_fog].min() >= 0.5 - 1e-5
    assert np.median(after[is_fog]) < 6.0
    lost = 4000 - (len(kept) - is_fog.sum())
    assert is_fog.sum() / lost == pytest.approx(0.1, abs=0.03)
    # Of the light that comes back, by distance and by the way through the fog, half suffices.
    strengths = (120.0 / before)**2 * 0.05**(2.0 * before / 60.0)
    clear = np.isin(np.arange(4000), kept[~is_fog])
    for low in range(0, 60, 15):
        there = (before > low) & (before <= low + 15.0)
        wanted = np.minimum(strengths / 2.0, 1.0)[there].mean()
        assert clear[there].mean() == pytest.approx(wanted, abs=0.05)
    np.testing.assert_allclose(rays(out), rays(cloud)[kept], atol=1e-5)


def test_thicker_fog_leaves_less():
    cloud = LAYOUTS['packed']()
    left = [broken(cloud, FaultKind.FOG, magnitude=m).width for m in (5.0, 30.0, 100.0, 1e5)]
    assert left == sorted(left)
    assert left[0] < 0.3 * COUNT < 0.85 * COUNT < left[-1]


@pytest.mark.parametrize('share', [0.0, 0.5, 1.0])
def test_a_share_of_the_points_is_nan(share):
    cloud = LAYOUTS['packed']()
    out = broken(cloud, FaultKind.NAN, magnitude=share)
    is_nan = np.isnan(xyz(out))
    assert is_nan.all(axis=1).sum() == is_nan.any(axis=1).sum() == round(share * COUNT)
    assert not out.is_dense
    np.testing.assert_array_equal(xyz(out)[~is_nan], xyz(cloud)[~is_nan])


@every_kind
def test_an_empty_cloud_stays_empty(kind):
    assert broken(BAG_SAMPLES.cloud(around()[:0]), kind).width == 0


@every_kind
def test_points_that_are_no_returns_stay_so(kind):
    points = around()
    for axis in 'xyz':
        points[axis][::2] = 0.0
        points[axis][1::4] = np.nan
    out = broken(BAG_SAMPLES.cloud(points), kind)
    of_zero = which(out) % 2 == 0
    of_nan = which(out) % 4 == 1
    assert np.all((xyz(out)[of_zero] == 0.0) | np.isnan(xyz(out)[of_zero]))
    assert np.all(np.isnan(xyz(out)[of_nan]))


@given(
    kind=st.sampled_from(KINDS), height=st.sampled_from([1, 2]),
    numbers=arrays(np.float32, st.tuples(st.integers(0, 12).map(lambda n: 2 * n), st.just(3)),
                   elements=st.floats(width=32)))
def test_any_numbers_are_broken_without_an_error_or_a_warning(kind, height, numbers):
    points = np.zeros(len(numbers), [('x', '<f4'), ('y', '<f4'), ('z', '<f4'), ('t', '<u4')])
    for column, axis in enumerate('xyz'):
        points[axis] = numbers[:, column]
    cloud = BAG_SAMPLES.cloud(points)
    cloud.height, cloud.width = height, len(points) // height
    cloud.row_step = cloud.width * cloud.point_step
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        out = broken(cloud, kind)
    assert len(columns(out)) <= len(points)


def odd(**changes):
    cloud = LAYOUTS['packed']()
    for name, value in changes.items():
        setattr(cloud, name, value)
    return cloud


@pytest.mark.parametrize(('cloud', 'text'), [
    (odd(width=COUNT + 1), 'point cloud row_step: expected at least 641 points of 22 bytes'),
    (odd(fields=LAYOUTS['packed']().fields[1:]), "point field 'x': expected one among y, z"),
    (BAG_SAMPLES.cloud(np.zeros(3, [(axis, '<i4') for axis in 'xyz'])),
     'point fields x, y, z: expected float32 or float64, got integers'),
])
def test_a_cloud_that_cannot_be_read_passes_and_is_counted(cloud, text):
    entered = passing(cloud)
    injector = FaultInjector([fault(FaultKind.THINNED, kinds.POINTS, start_s=0.0)])
    assert injector.apply(entered)[0] is entered
    ((problem, count),) = injector.problems.items()
    assert problem.startswith(f'/points: no thinned ({text}')
    assert count == 1

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What cameras show when they are broken."""

from dataclasses import replace

import cv2
from message_samples import BAG_SAMPLES
import numpy as np
import pytest
from support.fault_streams import content, fault, pixels, run, START_NS

from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import decode, encode, Passing

KINDS = [kind for kind in FaultKind if kinds.IMAGE in kind.value.fits and len(kind.value.fits) < 8]
HEIGHT, WIDTH = 48, 64
GAMMA = 2.2
every_kind = pytest.mark.parametrize('kind', KINDS, ids=lambda kind: kind.label)


def broken(message, kind, **changes):
    """Break one message, Image or CompressedImage."""
    message_type = kinds.COMPRESSED_IMAGE if hasattr(message, 'format') else kinds.IMAGE
    changed = fault(kind, message_type, start_s=0.0, **changes)
    (out,) = run([Passing(changed.topic, message_type, encode(message, message_type), START_NS)],
                 changed)
    return decode(out.raw, message_type)


def image(picture, encoding='bgr8', padding=0):
    """Make an Image of (H, W, C), with so many bytes after each row."""
    height, width = picture.shape[:2]
    rows = np.full((height, picture[0].size + padding), 77, np.uint8)
    rows[:, :picture[0].size] = picture.reshape(height, -1)
    return BAG_SAMPLES.image(rows, encoding, width, height)


def seen(picture, kind, encoding='bgr8', **changes):
    """Give the picture (H, W, C) that comes of one."""
    return broken(image(picture, encoding), kind, **changes).data.reshape(picture.shape)


def grey(values, height=4):
    """Make a picture whose columns have these values."""
    return np.repeat(np.tile(np.asarray(values, np.uint8), (height, 1))[..., None], 3, axis=2)


def test_there_are_six_kinds():
    assert [kind.label for kind in KINDS] == [
        'blur', 'darken', 'overexpose', 'rain_drops', 'fog', 'lens_blocked']


@every_kind
@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'mono8', '8UC3', '8UC1'])
def test_only_the_pixels_change_whatever_the_encoding_and_the_padding(kind, encoding):
    picture = pixels(1)[..., :1 if encoding in ('mono8', '8UC1') else 3]
    before, after = image(picture, encoding, padding=5), broken(
        image(picture, encoding, padding=5), kind)
    used = picture[0].size
    rows_before, rows_after = (m.data.reshape(HEIGHT, used + 5) for m in (before, after))
    assert not np.array_equal(rows_after[:, :used], rows_before[:, :used])
    np.testing.assert_array_equal(rows_after[:, used:], 77)
    after.data = before.data
    assert encode(after, kinds.IMAGE) == encode(before, kinds.IMAGE)


@every_kind
def test_all_channels_are_broken_alike_in_any_order(kind):
    picture = pixels(2)
    as_bgr = seen(picture, kind)
    as_rgb = seen(np.ascontiguousarray(picture[..., ::-1]), kind, 'rgb8')[..., ::-1]
    np.testing.assert_array_equal(as_bgr, as_rgb)
    as_mono = seen(np.ascontiguousarray(picture[..., 1:2]), kind, 'mono8')
    np.testing.assert_array_equal(as_bgr[..., 1:2], as_mono)


@pytest.mark.parametrize(('kind', 'nothing'), [
    (FaultKind.BLUR, 0.0), (FaultKind.DARKEN, 0.0), (FaultKind.OVEREXPOSE, 1.0),
    (FaultKind.RAIN_DROPS, 0.0), (FaultKind.FOG, 1e6), (FaultKind.LENS_BLOCKED, 0.0)])
def test_with_no_magnitude_the_picture_stays(kind, nothing):
    picture = pixels(3)
    change = np.abs(seen(picture, kind, magnitude=nothing).astype(int) - picture)
    assert change.max() <= (1 if kind is FaultKind.FOG else 0)


@pytest.mark.parametrize('sigma_px', [2.0, 5.0])
def test_blur_spreads_an_edge_as_a_gaussian_of_that_deviation(sigma_px):
    values = np.where(np.arange(101) < 50, 20, 220)
    row = seen(grey(values), FaultKind.BLUR, magnitude=sigma_px)[2, :, 0].astype(float)
    spread = np.diff(row) / 200.0
    places = np.arange(100) - 49.0
    assert spread.sum() == pytest.approx(1.0, abs=0.01)
    assert (spread * places).sum() == pytest.approx(0.0, abs=0.05)
    assert np.sqrt((spread * places**2).sum()) == pytest.approx(sigma_px, rel=0.05)


@pytest.mark.parametrize('lost', [0.5, 0.95])
def test_darken_takes_a_share_of_the_light(lost):
    values = np.arange(256)
    row = seen(grey(values), FaultKind.DARKEN, magnitude=lost)[0, :, 0]
    light = (1.0 - lost) * (values / 255.0)**GAMMA
    np.testing.assert_allclose(row, 255.0 * light**(1.0 / GAMMA), atol=0.51)


def test_no_light_is_black():
    assert seen(pixels(0), FaultKind.DARKEN, magnitude=1.0).max() == 0


@pytest.mark.parametrize('times', [4.0, 16.0])
def test_overexpose_multiplies_the_light_and_clips(times):
    values = np.arange(256)
    row = seen(grey(values), FaultKind.OVEREXPOSE, magnitude=times)[0, :, 0]
    light = np.minimum(times * (values / 255.0)**GAMMA, 1.0)
    np.testing.assert_allclose(row, 255.0 * light**(1.0 / GAMMA), atol=0.51)
    assert (row[0], row[255]) == (0, 255)


def test_drops_stay_where_they_are_and_the_rest_is_clear():
    places = [np.any(seen(pixels(i), FaultKind.RAIN_DROPS, magnitude=15.0) != pixels(i), axis=2)
              for i in range(6)]
    ever, rare = np.any(places, axis=0), np.all(places, axis=0)
    assert 0.02 < ever.mean() < 0.6
    assert rare.sum() > 0.7 * ever.sum()


def test_more_drops_cover_more():
    covered = [(seen(pixels(1), FaultKind.RAIN_DROPS, magnitude=float(n)) != pixels(1)).mean()
               for n in (1, 10, 100, 1000)]
    assert covered == sorted(covered)
    assert 0.0 < covered[0] < 0.5 * covered[1] < covered[2]


def test_a_drop_is_round_and_shows_the_scene_upside_down():
    for axis in (0, 1):
        ramp = np.swapaxes(np.tile(np.linspace(0, 250, 200), (200, 1)), 1, axis).astype(np.uint8)
        picture = np.repeat(ramp[..., None], 3, axis=2)
        out = seen(picture, FaultKind.RAIN_DROPS, magnitude=1.0)
        change = np.swapaxes(out[..., 0].astype(int) - ramp, 0, axis)  # along the first axis
        rows, columns = (np.flatnonzero(np.any(change, axis=other)) for other in (1, 0))
        assert len(rows) == pytest.approx(len(columns), abs=2)
        middle = len(rows) // 2
        first, second = change[rows[:middle - 1]], change[rows[middle + 2:]]
        assert (first.min(), second.max()) == (0, 0)
        assert first.max() > 1
        assert second.min() < -1


def test_fog_leaves_a_twentieth_of_the_contrast_as_far_as_one_sees():
    height, width = 100, 100
    columns = grey(np.where(np.arange(width) % 2, 250, 50), height)
    depths = 1.6 * 0.8 * width / np.maximum(np.arange(height) + 0.5 - height / 2, 1e-9)
    for row in (60, 75, 99):
        out = seen(columns, FaultKind.FOG, magnitude=depths[row])[..., 0].astype(float)
        contrast = np.abs(out[:, 1::2] - out[:, ::2]).mean(axis=1) / 200.0
        assert contrast[row] == pytest.approx(0.05, abs=0.006)
        np.testing.assert_allclose(out[:50], 200.0)
        assert np.all(np.diff(contrast) >= 0.0)


@pytest.mark.parametrize('share', [0.25, 0.5, 0.9])
def test_a_share_of_the_width_is_covered_from_the_left(share):
    width = 200
    picture = np.full((8, width, 3), 180, np.uint8)
    out = seen(picture, FaultKind.LENS_BLOCKED, magnitude=share)
    edge = round(share * width)
    np.testing.assert_array_equal(out[:, :edge - 6], 12)
    np.testing.assert_array_equal(out[:, edge + 6:], 180)
    assert np.mean(out < 96) == pytest.approx(share, abs=0.005)
    assert np.all(np.diff(out[0, :, 0].astype(int)) >= 0)


def test_a_lens_that_is_blocked_shows_nothing():
    np.testing.assert_array_equal(seen(pixels(0), FaultKind.LENS_BLOCKED, magnitude=1.0), 12)


@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
@every_kind
def test_a_compressed_image_stays_a_file_of_its_kind_with_that_picture(kind, suffix):
    data = cv2.imencode(suffix, pixels(4))[1]
    message = BAG_SAMPLES.compressed(data.tobytes(), 'bgr8; as it was')
    out = broken(message, kind)
    assert out.format == 'bgr8; as it was'
    assert out.header == message.header
    assert bytes(out.data[:2]) == bytes(data[:2])
    picture = cv2.imdecode(out.data, cv2.IMREAD_COLOR)
    wanted = seen(cv2.imdecode(data, cv2.IMREAD_COLOR), kind)
    difference = np.abs(picture.astype(int) - wanted)
    assert difference.max() == 0 if suffix == '.png' else difference.mean() < 12


def refused(message, message_type=kinds.IMAGE):
    """Give the problem with a message that passes as it is."""
    entered = Passing('/image', message_type, encode(message, message_type), START_NS)
    injector = FaultInjector(
        [replace(fault(FaultKind.DARKEN, message_type, start_s=0.0), sensor='a', topic='/image')])
    assert injector.apply(entered)[0] is entered
    assert injector.apply(entered)[0] is entered
    ((problem, count),) = injector.problems.items()
    assert count == 2
    return problem


def test_an_image_of_another_encoding_passes_and_is_counted():
    message = content(kinds.IMAGE, 0)
    message.encoding = 'bayer_rggb8'
    assert refused(message) == (
        "a: no darken (image encoding: expected one of rgb8, bgr8, 8UC3, mono8, 8UC1, "
        "got 'bayer_rggb8')")


def test_an_image_that_contradicts_itself_passes_and_is_counted():
    message = content(kinds.IMAGE, 0)
    message.data = message.data[:-1]
    assert 'a: no darken (image data: expected' in refused(message)


def test_a_file_that_cannot_be_read_passes_and_is_counted():
    message = BAG_SAMPLES.compressed(b'\xff\xd8\xff no picture')
    assert 'a: no darken (' in refused(message, kinds.COMPRESSED_IMAGE)


@pytest.mark.parametrize('shape', [(1, 2**15 - 1), (2**15 - 1, 1)])
def test_an_image_that_is_too_large_to_be_warped_passes_and_is_counted(shape):
    message = image(np.zeros((*shape, 1), np.uint8), 'mono8')
    assert refused(message) == (
        f'a: no darken (image: expected sides of up to 32766 px, got {shape})')


@pytest.mark.parametrize('shape', [(1, 1), (1, 7), (7, 1)])
@every_kind
def test_the_smallest_pictures_are_broken_too(kind, shape):
    assert seen(np.full((*shape, 1), 90, np.uint8), kind, 'mono8').shape == (*shape, 1)


def test_a_grey_picture_file_stays_grey():
    data = cv2.imencode('.png', pixels(3)[..., 0])[1]
    out = broken(BAG_SAMPLES.compressed(data.tobytes(), 'mono8; png'), FaultKind.DARKEN)
    assert cv2.imdecode(np.asarray(out.data), cv2.IMREAD_UNCHANGED).ndim == 2


def test_a_picture_file_of_16_bits_passes_and_is_counted():
    data = cv2.imencode('.png', pixels(3).astype(np.uint16) * 200)[1]
    message = BAG_SAMPLES.compressed(data.tobytes(), 'rgb16; png')
    assert refused(message, kinds.COMPRESSED_IMAGE) == (
        'a: no darken (compressed image: expected 8 bits per channel, got uint16)')

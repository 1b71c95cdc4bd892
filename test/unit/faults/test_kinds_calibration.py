# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is said of where sensors sit and how lenses project, when it is wrong."""

from message_samples import BAG_SAMPLES
import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.fault_streams import content, fault, run, START_NS, stream, transforms

from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import decode, encode, Passing
from mm_fusion_ros.messages.convert_in import to_transform

KINDS = [FaultKind.EXTRINSICS_ROTATED, FaultKind.EXTRINSICS_SHIFTED]
TF = '/tf_static'


def said(message):
    """Give what a TFMessage says: 4x4 matrices by child frame."""
    edges = map(to_transform, decode(message.raw, kinds.TRANSFORMS).transforms)
    return {edge.child: edge.T_parent_child for edge in edges}


def tf(message, at_ns):
    return Passing(TF, kinds.TRANSFORMS, encode(message, kinds.TRANSFORMS), at_ns)


TRUE = said(stream(kinds.POINTS, 0)[0])['lidar']


@pytest.mark.parametrize('kind', KINDS)
def test_a_sensor_has_moved_just_before_its_first_message_and_back_after_its_last(kind):
    messages = stream(kinds.POINTS)
    out = run(messages, fault(kind, kinds.POINTS))
    assert [m.topic for m in out] == [TF, *['/points'] * 3, TF, *['/points'] * 4, TF,
                                      *['/points'] * 3]
    assert [m for m in out if m.topic == '/points'] == messages[1:]
    _, there, back = (m for m in out if m.topic == TF)
    assert (there.at_ns, back.at_ns) == (messages[4].at_ns, messages[8].at_ns)
    assert said(there).keys() == said(back).keys() == {'lidar'}
    assert not np.allclose(said(there)['lidar'], TRUE)
    np.testing.assert_allclose(said(back)['lidar'], TRUE)


def one_of(kind, **changes):
    out = run(stream(kinds.POINTS), fault(kind, kinds.POINTS, **changes))
    message = [m for m in out if m.topic == TF][1]
    (edge,) = decode(message.raw, kinds.TRANSFORMS).transforms
    assert (edge.header.frame_id, edge.child_frame_id) == ('map', 'lidar')
    return said(message)['lidar']


@pytest.mark.parametrize(('axis', 'shift'), [('x', (2, 0, 0)), ('y', (0, 2, 0)), ('z', (0, 0, 2))])
def test_a_shift_is_along_an_axis_of_the_parent(axis, shift):
    T = one_of(FaultKind.EXTRINSICS_SHIFTED, axis=axis, magnitude=2.0)
    np.testing.assert_allclose(T[:3, 3] - TRUE[:3, 3], shift)
    np.testing.assert_allclose(T[:3, :3], TRUE[:3, :3])


@pytest.mark.parametrize('axis', 'xyz')
@pytest.mark.parametrize('angle_deg', [5.0, -90.0])
def test_a_rotation_is_about_an_axis_of_the_parent_and_leaves_the_place(axis, angle_deg):
    T = one_of(FaultKind.EXTRINSICS_ROTATED, axis=axis, magnitude=angle_deg)
    turn = Rotation.from_euler(axis, angle_deg, degrees=True).as_matrix()
    np.testing.assert_allclose(T[:3, :3], turn @ TRUE[:3, :3], atol=1e-12)
    np.testing.assert_allclose(T[:3, 3], TRUE[:3, 3])


def test_transforms_that_come_meanwhile_are_changed_alike_and_others_are_not():
    messages = stream(kinds.POINTS)
    again = tf(transforms(), messages[5].at_ns + 1)
    other = tf(BAG_SAMPLES.types.TFMessage(
        transforms=[BAG_SAMPLES.transform('map', 'camera')]), messages[5].at_ns + 2)
    later = tf(transforms(), messages[8].at_ns + 1)
    messages[9:9] = [later]
    messages[6:6] = [again, other]
    out = run(messages, fault(FaultKind.EXTRINSICS_SHIFTED, kinds.POINTS, magnitude=2.0))
    _, there, meanwhile, passed, back, after = (m for m in out if m.topic == TF)
    assert passed is other
    assert after is later
    np.testing.assert_allclose(said(meanwhile)['lidar'], said(there)['lidar'])
    for child, T in said(again).items():
        if child != 'lidar':
            np.testing.assert_array_equal(said(meanwhile)[child], T)
    np.testing.assert_allclose(said(back)['lidar'], TRUE)


def test_a_sensor_that_is_moved_for_good_stays_so():
    out = run(stream(kinds.POINTS),
              fault(FaultKind.EXTRINSICS_SHIFTED, kinds.POINTS, end_s=np.inf))
    assert [m.topic for m in out].count(TF) == 2


def test_what_is_true_in_the_end_is_the_newest_that_was_said():
    messages = stream(kinds.POINTS)
    moved = BAG_SAMPLES.transform('map', 'lidar')
    moved.transform.translation.y = 7.0
    messages[6:6] = [tf(BAG_SAMPLES.types.TFMessage(transforms=[moved]), messages[5].at_ns + 1)]
    out = run(messages, fault(FaultKind.EXTRINSICS_SHIFTED, kinds.POINTS, axis='y', magnitude=1.0))
    places = [said(m)['lidar'][1, 3] for m in out if m.topic == TF]
    assert places == [2.0, 3.0, 8.0, 7.0]


def test_a_leading_slash_of_a_frame_does_not_matter():
    messages = stream(kinds.POINTS)
    slashed = BAG_SAMPLES.transform('/map', '/lidar')
    messages[0] = tf(BAG_SAMPLES.types.TFMessage(transforms=[slashed]), START_NS)
    out = run(messages, fault(FaultKind.EXTRINSICS_SHIFTED, kinds.POINTS))
    assert [m.topic for m in out].count(TF) == 3


def test_two_faults_of_one_sensor_add_up():
    shift = fault(FaultKind.EXTRINSICS_SHIFTED, kinds.POINTS, magnitude=1.0)
    out = run(stream(kinds.POINTS), shift, shift)
    heights = [said(m)['lidar'][2, 3] for m in out if m.topic == TF]
    assert heights[0] == heights[-1] == 3.0
    assert max(heights) == 5.0


def test_a_sensor_whose_transform_is_unknown_passes_and_is_counted():
    messages = stream(kinds.POINTS)[1:]
    injector = FaultInjector([fault(FaultKind.EXTRINSICS_ROTATED, kinds.POINTS)])
    out = [item for message in messages for item in injector.apply(message)]
    assert list(map(id, out)) == list(map(id, messages))
    text = ("/points: no extrinsics_rotated "
            "(/tf_static: expected a transform of 'lidar', got none)")
    assert injector.problems == {text: 4}


def test_a_sensor_moves_as_soon_as_its_transform_is_known():
    first, *messages = stream(kinds.POINTS)
    messages[5:5] = [first._replace(at_ns=messages[4].at_ns + 1)]
    injector = FaultInjector([fault(FaultKind.EXTRINSICS_SHIFTED, kinds.POINTS)])
    out = [item for message in messages for item in injector.apply(message)]
    assert [m.topic for m in out].count(TF) == 3
    assert list(injector.problems.values()) == [2]


@pytest.mark.parametrize('factor', [0.5, 3.0])
def test_focal_lengths_and_centre_are_scaled_and_nothing_else(factor):
    before = content(kinds.CAMERA_INFO, 3)
    scaled = fault(FaultKind.CAMERA_INFO_SCALED, kinds.CAMERA_INFO, magnitude=factor)
    info = decode(run(stream(kinds.CAMERA_INFO), scaled)[4].raw, kinds.CAMERA_INFO)
    k, p = before.k.reshape(3, 3), before.p.reshape(3, 4)
    scale = np.array([[factor], [factor], [1.0]])
    np.testing.assert_allclose(info.k.reshape(3, 3), scale * k)
    np.testing.assert_allclose(info.p.reshape(3, 4), scale * p)
    info.k, info.p = before.k, before.p
    assert encode(info, kinds.CAMERA_INFO) == encode(before, kinds.CAMERA_INFO)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Message packages built here talk to a real install: their type hashes agree.
"""
from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import rclpy
from rosbags.typesys import get_types_from_msg, get_typestore, Stores
from rosbags.typesys.store import Typestore

import mm_fusion_ros.messages

INTERFACES = Path(mm_fusion_ros.messages.__file__).parent / 'interfaces'
TEXTS = sorted(INTERFACES.glob('*/msg/*.msg'))
# As published on /tf and by detectors of installed Jazzy systems.
PUBLISHED = {
    'tf2_msgs/msg/TFMessage': 'e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087',
    'vision_msgs/msg/Detection3DArray':
        '793f5eab9595ac1c0da07873cc859db42eae51f0ee76056db8562515d830e018',
}  # fmt: skip


def type_name(path: Path) -> str:
    return f'{path.parts[-3]}/msg/{path.stem}'


@pytest.fixture(scope='module')
def typestore() -> Typestore:
    store = get_typestore(Stores.ROS2_JAZZY)
    types = {}
    for path in TEXTS:
        types.update(get_types_from_msg(path.read_text(), type_name(path)))
    store.register(types)
    return store


@pytest.fixture(scope='module')
def node():
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('hashes', context=context)
    yield node
    node.destroy_node()
    rclpy.shutdown(context=context)


@pytest.mark.parametrize('name', [type_name(path) for path in TEXTS])
def test_a_publisher_announces_the_hash_of_our_text(name, typestore, node):
    package, _, class_name = name.split('/')
    message_class = getattr(import_module(f'{package}.msg'), class_name)
    topic = f'/{package}_{class_name}'
    publisher = node.create_publisher(message_class, topic, 1)
    try:
        (info,) = node.get_publishers_info_by_topic(topic)
        if not hasattr(info, 'topic_type_hash'):
            pytest.skip('this ROS 2 knows no type hashes')
        assert str(info.topic_type_hash) == typestore.hash_rihs01(name)
    finally:
        node.destroy_publisher(publisher)


@pytest.mark.parametrize('name', PUBLISHED)
def test_our_text_has_the_hash_of_an_installed_system(name, typestore):
    assert typestore.hash_rihs01(name) == f'RIHS01_{PUBLISHED[name]}'


def test_the_texts_name_fields_in_the_order_of_the_installed_classes(typestore):
    for path in TEXTS:
        package, _, class_name = type_name(path).split('/')
        message_class = getattr(import_module(f'{package}.msg'), class_name)
        ours = [name for name, _ in typestore.fielddefs[type_name(path)][1]]
        assert list(message_class.get_fields_and_field_types()) == ours

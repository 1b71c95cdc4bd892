# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The DDS environment and what killed processes leave; no ROS needed.
"""

from __future__ import annotations

import fcntl
import os
from xml.etree import ElementTree

import pytest

from mm_fusion_ros import share
from mm_fusion_ros.ros.dds import large_message_environment, remove_stale_segments

PROFILES = {'FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE'}
MALLOC = {'MALLOC_MMAP_THRESHOLD_', 'MALLOC_TRIM_THRESHOLD_', 'MALLOC_TOP_PAD_'}


def test_an_empty_environment_gets_the_profile_and_the_malloc_settings():
    added = large_message_environment({})
    assert set(added) == PROFILES | MALLOC
    assert {added[name] for name in PROFILES} == {str(share.dds_profile())}


@pytest.mark.parametrize('name', sorted(PROFILES))
def test_a_profile_of_the_user_stays_under_either_name(name):
    assert set(large_message_environment({name: '/mine.xml'})) == MALLOC


def test_malloc_settings_of_the_user_stay():
    added = large_message_environment({'MALLOC_TOP_PAD_': '0'})
    assert 'MALLOC_TOP_PAD_' not in added
    assert MALLOC - set(added) == {'MALLOC_TOP_PAD_'}


def test_the_profile_is_the_default_and_holds_several_images():
    name = '{http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles}'
    root = ElementTree.parse(share.dds_profile()).getroot()
    participant = root.find(f'.//{name}participant')
    assert participant.attrib['is_default_profile'] == 'true'
    assert int(root.find(f'.//{name}segment_size').text) >= 4 * 1920 * 1080 * 3


@pytest.fixture
def segments(tmp_path):
    def make(name, age_s=60):
        path = tmp_path / name
        path.write_bytes(bytes(1000))
        path.with_name(f'{name}_el').touch()
        changed = path.stat().st_mtime - age_s
        os.utime(path, (changed, changed))
        return path

    return make


def test_only_segments_whose_process_is_gone_are_removed(segments, tmp_path):
    dead, alive = segments('fastrtps_00ff00ff00ff00ff'), segments('fastdds_1234567890abcdef')
    port, foreign = segments('fastrtps_port7411'), segments('somebody_else')
    with alive.with_name(f'{alive.name}_el').open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert remove_stale_segments(tmp_path) == 1000
    assert not dead.exists()
    assert all(path.exists() for path in (alive, port, foreign))


def test_a_segment_that_was_just_made_is_left_alone(segments, tmp_path):
    young = segments('fastrtps_00ff00ff00ff00ff', age_s=0)
    assert remove_stale_segments(tmp_path) == 0
    assert young.exists()


def test_a_system_without_shared_memory_has_nothing_to_remove(tmp_path):
    assert remove_stale_segments(tmp_path / 'shm') == 0

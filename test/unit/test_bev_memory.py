# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What the network saw a moment before: when it is looked at again, and where."""

from dataclasses import replace
import itertools

import numpy as np
import pytest
from support.small_model import frame, lidar, moving, small_card
import torch

from mm_fusion_ros.detection.bev_memory import BevMemory
from mm_fusion_ros.detection.detector import FusionDetector
from mm_fusion_ros.detection.settings import DetectorSettings
from mm_fusion_ros.geometry.transforms import from_euler, inverse

SETTINGS = DetectorSettings(device='cpu', min_score=0.0, threads=1)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('model')


def detector(card, **changes):
    return FusionDetector(replace(SETTINGS, **changes), card, 1, itertools.count().__next__)


def memory_after(first):
    memory = BevMemory()
    memory.remember(first, torch.zeros(1))
    return memory


def test_the_motion_is_from_now_to_then():
    there, here = from_euler((3.0, 2.0, 0.0), 0.0, 0.0, 0.3), from_euler((4, 2, 0), 0, 0, 0.4)
    memory = memory_after(frame(ego=replace(moving(0.0), T_odom_base=there)))
    T = memory.motion_since(frame(number=1, ego=replace(moving(0.0), T_odom_base=here)))
    np.testing.assert_allclose(T, inverse(there) @ here)


@pytest.mark.parametrize('second', [
    frame(number=1, ego=None), frame(number=6, ego=moving(1.0)), frame(number=0, ego=moving(1.0)),
    frame(number=-1, ego=moving(0.0)), frame(number=1, ego=moving(50.0)),
], ids=['no pose', 'a gap', 'no time', 'back in time', 'a jump'])
def test_what_cannot_be_followed_is_forgotten(second):
    memory = memory_after(frame(ego=moving(0.0)))
    assert memory.motion_since(second) is None
    assert memory.features is None


def test_a_frame_without_a_pose_is_not_remembered():
    assert memory_after(frame(ego=None)).features is None


def shares_of_memory(card, second, *, between=lambda eyes: None, **changes):
    eyes = detector(card, **changes)
    eyes.detect(frame(lidars=[lidar()], ego=moving(0.0)))
    between(eyes)
    return eyes.detect(second).shares[:, 2]


def test_memory_has_a_share_until_it_is_lost(folder):
    card = small_card(folder)
    second = frame(lidars=[lidar(1)], number=1, ego=moving(0.8))
    assert (shares_of_memory(card, second) > 0).mean() > 0.8
    assert (shares_of_memory(card, second, between=FusionDetector.reset) == 0).all()
    assert (shares_of_memory(card, replace(second, ego=None)) == 0).all()
    assert (shares_of_memory(card, second, use_memory=False) == 0).all()
    assert (shares_of_memory(replace(card, uses_memory=False), second) == 0).all()


def test_the_network_is_told_how_the_vehicle_moved_in_the_plane(folder):
    eyes, told = detector(small_card(folder)), []
    answer = eyes._answer

    def listening(given, memory):
        told.append(memory)
        return answer(given, memory)

    eyes._answer = listening
    eyes.detect(frame(lidars=[lidar()], ego=moving(0.0)))
    eyes.detect(frame(lidars=[lidar()], number=1, ego=moving(1.6)))
    assert told[0] is None
    assert told[1].is_known.tolist() == [True]
    np.testing.assert_allclose(
        told[1].T_previous_base[0], [[1, 0, 1.6], [0, 1, 0], [0, 0, 1]], atol=1e-6)

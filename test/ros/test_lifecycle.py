# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Transitions of the perception node, and how its process ends."""

import os
import signal
import subprocess
import sys
import time

import pytest
import rclpy
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from support import drive
from support.bench import assert_answers_well, Bench

from mm_fusion_ros.nodes import perception_node
from mm_fusion_ros.nodes.perception_node import PerceptionNode
from mm_fusion_ros.ros import managed_node

pytestmark = pytest.mark.system
COMMAND = [sys.executable, '-m', 'mm_fusion_ros.nodes.perception_node', '--ros-args',
           '-p', "detector.model:=''"]


def run(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, **options)


@pytest.mark.parametrize(('arguments', 'text'), [
    (['-p', 'sync.max_weight_ms:=5'], 'parameter sync.max_weight_ms: expected a declared'),
    (['-p', 'sync.max_wait_ms:=soon'], 'parameter sync.max_wait_ms: expected a number'),
    (['-p', 'sync.max_wait_ms:=-1'], 'parameter sync.max_wait_ms: expected 0 to 1000 ms'),
    (['-p', 'sync.max_wait_ms:=-5.0'], 'parameter sync.max_wait_ms: expected 0 to 1000 ms'),
    (['-p', 'front.topic:=bad topic'], 'parameter front.topic: expected the name of a topic'),
    (['-p', 'obstacles.ego_box.x_min_m:=9.0'], 'ego_box.x_min_m: expected less than 3.5 m'),
    (['-p', 'lidars:=[sync]'], 'sensor name: expected a unique word'),
    (['-p', 'detector.model:=no_such'], 'model: expected one of'),
    (['-p', 'top.stamp_is:=begin'], 'parameter top.stamp_is: expected one of start, middle, end'),
])
def test_a_bad_parameter_ends_the_process_with_the_text(arguments, text):
    result = run(*arguments)
    assert result.returncode != 0
    assert text in result.stderr
    assert 'Traceback' not in result.stderr


def test_the_policy_of_message_filters_without_them_ends_the_process_with_the_text():
    if subprocess.run([sys.executable, '-c', 'import message_filters'], check=False,
                      capture_output=True).returncode == 0:
        pytest.skip('message_filters is installed here')
    result = run('-p', 'sync.policy:=approximate')
    assert result.returncode != 0
    assert 'sync.policy: expected message_filters (part of a ROS 2 install)' in result.stderr


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_process_ends_cleanly(number):
    process = subprocess.Popen(COMMAND, stderr=subprocess.PIPE, text=True, env=os.environ)
    time.sleep(4.0)
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert 'Traceback' not in said


def test_without_autostart_the_node_waits_to_be_told():
    process = subprocess.Popen(
        [*COMMAND, '-p', 'autostart:=false'], stderr=subprocess.PIPE, text=True)
    time.sleep(4.0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert 'no publisher' not in said


def test_a_node_that_was_shut_down_by_a_service_still_ends_cleanly(monkeypatch):
    def shut_down_and_interrupt(node):
        node.trigger_shutdown()
        raise KeyboardInterrupt

    monkeypatch.setattr(managed_node, 'spin', shut_down_and_interrupt)
    assert perception_node.main([]) == 0


def test_a_failed_configure_can_be_mended_and_repeated():
    rclpy.init()
    node = PerceptionNode(parameter_overrides=[
        Parameter('sync.reference', value='rear'), Parameter('detector.model', value='')])
    try:
        assert node.trigger_configure() is TransitionCallbackReturn.FAILURE
        node.set_parameters([Parameter('sync.reference', value='front')])
        assert node.trigger_configure() is TransitionCallbackReturn.SUCCESS
    finally:
        node.destroy_node()
        rclpy.shutdown()


def test_a_node_answers_again_after_it_was_deactivated_and_cleaned_up():
    with Bench() as bench:
        bench.send_calibration()
        bench.report(bench.send_frame())
        assert_answers_well(bench)
        for transition in ('deactivate', 'cleanup', 'configure', 'activate'):
            assert bench.transition(transition).name == 'SUCCESS'
        bench.send(drive.CAMERA_INFO, drive.camera_info(time.time_ns()))
        time.sleep(0.5)
        bench.report(bench.send_frame())
        bench.send(drive.CAMERA_INFO, drive.camera_info(time.time_ns()))
        time.sleep(0.2)
        bench.report(bench.send_frame())
        assert_answers_well(bench)

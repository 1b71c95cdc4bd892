# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The perception node with a network: what it answers, and what keeps it from starting."""

import os
import subprocess
import sys

import pytest
import rclpy
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from support.bench import Bench
from support.small_model import write_model

from mm_fusion_ros.nodes import perception_node
from mm_fusion_ros.nodes.perception_node import PerceptionNode

pytestmark = pytest.mark.system


def test_whatever_sensors_there_are_the_network_looks_at_them(tmp_path):
    with Bench(
            detector__model=str(write_model(tmp_path)), detector__device='cpu',
            detector__threads=1, detector__min_score=0.4) as bench:
        bench.send_calibration()
        bench.report(bench.send_frame())
        stamp_ns = bench.send_frame()
        report, boxes = bench.report(stamp_ns), bench.boxes(stamp_ns)
        assert [item.stage for item in report.stages if 'perceive.' in item.stage] == [
            f'perceive.{stage}' for stage in (
                'prepare', 'upload', 'network', 'decode', 'merge', 'obstacles', 'join')]
        assert report.looks_at == ('lidar', 'camera')
        assert len(report.shares) == len(boxes) == sum(number for _, number in report.counts)
        assert any(report.shares)
        eyes = bench.report(bench.send_frame(cloud=None))
        assert not eyes.is_blind
        assert any('boxes come from cameras alone' in text for text in eyes.warnings)


def test_weights_that_are_missing_keep_the_node_from_starting_and_it_says_why(tmp_path, capfd):
    model = str(write_model(tmp_path))
    (tmp_path / 'small.safetensors').unlink()
    rclpy.init()
    node = PerceptionNode(parameter_overrides=[Parameter('detector.model', value=model)])
    try:
        assert node.trigger_configure() is TransitionCallbackReturn.FAILURE
        said = capfd.readouterr().err
        assert 'expected a file (reinstall mm_fusion_ros' in said
        assert 'Traceback' not in said
        node.set_parameters([Parameter('detector.model', value='')])
        assert node.trigger_configure() is TransitionCallbackReturn.SUCCESS
    finally:
        node.destroy_node()
        rclpy.shutdown()


@pytest.mark.parametrize(('given', 'kept'), [(None, 'passive'), ('active', 'active')])
def test_threads_that_wait_leave_the_cores_to_others_unless_told_otherwise(
        given, kept, monkeypatch):
    monkeypatch.setenv('OMP_WAIT_POLICY', given or '')
    if given is None:
        monkeypatch.delenv('OMP_WAIT_POLICY')
    monkeypatch.setattr(perception_node, 'run_managed', lambda *arguments: 0)
    assert perception_node.main([]) == 0
    assert os.environ['OMP_WAIT_POLICY'] == kept


def test_without_a_network_torch_is_not_loaded():
    code = ('import sys, mm_fusion_ros.nodes.perception_node as node; '
            'from mm_fusion_ros.perception_config import perception_config; '
            'node.PerceptionPipeline(perception_config({"detector.model": ""}), lambda: 0); '
            'sys.exit("torch" in sys.modules)')
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0

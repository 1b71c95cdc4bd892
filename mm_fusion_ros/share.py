# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Finds the files that travel beside the code: configuration, RViz layouts, DDS profiles, weights.

Nobody else in the package knows where these lie.
"""

from __future__ import annotations

import os
from pathlib import Path
import sys

from mm_fusion_ros.errors import ConfigError

_PACKAGE = 'mm_fusion_ros'


def share_dir() -> Path:
    """
    Locate the folder that holds `config/`: the source tree, or an installation's share folder.

    Raises
    ------
    ConfigError
        If neither is there.

    """
    source_tree = Path(__file__).resolve().parent.parent
    prefixes = [*os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep), sys.prefix]
    candidates = [source_tree, *(Path(p) / 'share' / _PACKAGE for p in prefixes if p)]
    for candidate in candidates:
        if (candidate / 'config' / 'perception.param.yaml').is_file():
            return candidate
    raise ConfigError('files of mm_fusion_ros', 'config/perception.param.yaml in an ament prefix '
                      'or the source tree', ', '.join(map(str, candidates)))


def perception_parameters() -> Path:
    """Locate the parameter file of perception under all vehicles."""
    return share_dir() / 'config' / 'perception.param.yaml'


def localization_parameters() -> Path:
    """Locate the parameter file of localization under all vehicles."""
    return share_dir() / 'config' / 'localization.param.yaml'


def vehicle_file(vehicle: str) -> Path:
    """
    Find a vehicle's parameter file by name, or take a path as it is.

    Raises
    ------
    ConfigError
        Naming the vehicles there are.

    """
    return _named_file('vehicle', 'vehicles', vehicle)


def rig_file(rig: str) -> Path:
    """
    Find a simulated vehicle's sensors by name, or take a path as it is.

    Raises
    ------
    ConfigError
        Naming the rigs there are.

    """
    return _named_file('rig', 'rigs', rig)


def fault_file(faults: str) -> Path:
    """
    Find a file of faults by name, or take a path as it is.

    Raises
    ------
    ConfigError
        Naming the files there are.

    """
    return _named_file('faults', 'faults', faults)


def model_card_file(model: str) -> Path:
    """
    Find a model card by name, or take a path as it is.

    Raises
    ------
    ConfigError
        Naming the models there are.

    """
    return _named_file('model', 'models', model)


def recipe_file(recipe: str) -> Path:
    """
    Find a training recipe by name, or take a path as it is.

    Raises
    ------
    ConfigError
        Naming the recipes there are.

    """
    return _named_file('recipe', 'training', recipe)


def weights_file(file_name: str) -> Path:
    """Say where trained weights of that name belong, whether they are there or not."""
    return share_dir() / 'weights' / file_name


def _named_file(what: str, subfolder: str, name: str) -> Path:
    folder = share_dir() / 'config' / subfolder
    for candidate in (folder / f'{name}.yaml', Path(name)):
        if candidate.is_file():
            return candidate
    known = ', '.join(sorted(path.stem for path in folder.glob('*.yaml')))
    raise ConfigError(what, f'one of {known} or the path of a file', repr(name))


def rviz_file() -> Path:
    """Locate the RViz layout."""
    return share_dir() / 'config' / 'rviz' / 'perception.rviz'


def dds_profile() -> Path:
    """Locate the Fast DDS profile for large messages."""
    return share_dir() / 'config' / 'dds' / 'fastdds_large_messages.xml'


def data_dir() -> Path:
    """
    Locate the folder of recorded drives: MM_FUSION_DATA, else `../shared/data` of the source tree.

    Raises
    ------
    ConfigError
        If it is not there.

    """
    default = share_dir().parent / 'shared' / 'data'
    folder = Path(os.environ.get('MM_FUSION_DATA', default))
    if not folder.is_dir():
        raise ConfigError(
            'recorded drives', f'a folder {folder} (or MM_FUSION_DATA)', 'none')
    return folder

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A world to drive in: streets, traffic and every sensor of a vehicle, with the truth about them.

`models` are the meshes, `world` is where they are and how they move, `render` casts rays into
them, `sensors` turns hits and motion into measurements. Deterministic from a seed; no ROS.
Importing it without the packages of the extra `sim` is a ConfigError that names them.
"""

from importlib.util import find_spec

from mm_fusion_ros.errors import ConfigError

_missing = [name for name in ('embreex', 'shapely') if find_spec(name) is None]
if _missing:
    raise ConfigError(
        'simulator', 'the packages embreex and shapely (pip install embreex shapely)',
        f'no {" and no ".join(_missing)}')

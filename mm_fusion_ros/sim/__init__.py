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

_NEEDED = ('embreex', 'shapely', 'threadpoolctl')
_missing = [name for name in _NEEDED if find_spec(name) is None]
if _missing:
    raise ConfigError(
        'simulator', f'packages that are extra (pip install {" ".join(_NEEDED)})',
        f'no {" and no ".join(_missing)}')

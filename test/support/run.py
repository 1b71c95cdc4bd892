# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A run to look at: the made-up drive, answered, and its labels."""

import itertools

from support import drive

from mm_fusion_ros.offline import process
from mm_fusion_ros.perception_config import perception_config


def answered_drive(folder):
    """Write the bags of answers and of labels, and give their paths."""
    drive.write_drive(folder / 'bag')
    drive.write_labels(folder / 'labels')
    ticks = itertools.count(0, 1_000_000)
    config = perception_config({'detector.model': '', 'front.rectified': True})
    process(folder / 'bag', config, folder / 'out', lambda: next(ticks), lambda done, total: None)
    return folder / 'out', folder / 'labels'

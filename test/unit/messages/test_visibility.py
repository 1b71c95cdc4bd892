# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How much a sensor saw of each object, written and read back."""

from dataclasses import replace

import numpy as np
import pytest
from support.detections import boxes

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in import to_visibility
from mm_fusion_ros.messages.convert_out import from_visibility

OBJECTS = replace(boxes([(0, 0), (5, 0)]), ids=np.array([3, 7]))


@pytest.mark.parametrize('columns', [
    {'points': np.array([0, 123456])},
    {'pixels': np.array([0, 123456]), 'truncation': np.array([1.0, 0.25])},
])
def test_what_is_written_is_read_back(columns):
    seen = to_visibility(from_visibility(OBJECTS, columns, 12, BAG_TYPES))
    assert (seen.stamp_ns, seen.ids.tolist(), seen.counts.tolist()) == (12, [3, 7], [0, 123456])


def test_nothing_around_is_read_back():
    seen = to_visibility(from_visibility(OBJECTS[:0], {'points': np.empty(0)}, 12, BAG_TYPES))
    assert (len(seen.ids), len(seen.counts)) == (0, 0)


@pytest.mark.parametrize('columns', [{'truncation': np.ones(2)}, {'points': np.full(2, np.nan)}])
def test_other_diagnostics_are_refused(columns):
    message = from_visibility(OBJECTS, columns, 12, BAG_TYPES)
    with pytest.raises(InvalidMessageError, match='expected points or pixels of objects'):
        to_visibility(message)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How many objects of which kind there are."""

from dataclasses import replace

import numpy as np
from support.detections import boxes

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.evaluation.detection_frame import FrameDetections
from mm_fusion_ros.evaluation.object_counts import count_objects

CAR, BUS = ObjectClass.CAR, ObjectClass.BUS


def frame(**changes):
    truth = boxes([(10, 0), (0, 25), (-30, 30), (60, 0), (15, 0)],
                  classes=[CAR, CAR, CAR, CAR, BUS],
                  ids=np.array([3, 3, 4, 5, 3]))
    whole = FrameDetections(boxes([(10, 0)]), truth, 'a', occlusions=np.array(
        [0, 2, -1, 0, 1], np.int8))
    return replace(whole, **changes)


def test_objects_are_counted_by_range_and_by_occlusion():
    counts = count_objects([frame(), frame(scene='b')])
    assert counts.scenes == 2
    car, bus = counts.as_dict()['car'], counts.as_dict()['bus']
    assert car == {'all': 6, '0-20 m': 2, '20-35 m': 2, '35-51 m': 2,
                   'in view': 2, 'partly hidden': 0, 'largely hidden': 2, 'different': 4}
    assert (bus['all'], bus['partly hidden']) == (2, 2)
    assert str(counts).splitlines()[1].split() == ['car', '6', '2', '2', '2', '2', '0', '2', '4']


def test_what_does_not_count_is_not_counted():
    ignored = np.array([True, False, False, False, True])
    counts = count_objects([frame(ignored=ignored, occlusions=None)])
    assert counts.as_dict()['car']['all'] == 2
    assert counts.as_dict()['bus']['all'] == 0
    assert counts.by_occlusion.sum() == 0

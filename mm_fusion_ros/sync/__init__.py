# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Synchronisation: which messages belong together, and when to stop waiting.
"""

from mm_fusion_ros.sync.counts import Fate, MessageCounts, SensorStatistics
from mm_fusion_ros.sync.frame_synchronizer import FrameSynchronizer
from mm_fusion_ros.sync.match import Match, MatchMember, Sample
from mm_fusion_ros.sync.settings import SensorKind, SensorSpec, SyncSettings
from mm_fusion_ros.sync.synchronizer import Synchronizer

__all__ = [
    'Fate', 'FrameSynchronizer', 'Match', 'MatchMember', 'MessageCounts', 'Sample', 'SensorKind',
    'SensorSpec', 'SensorStatistics', 'SyncSettings', 'Synchronizer',
]

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How well the surfaces of two clouds agree."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree


def surfaces_apart_m(reference: np.ndarray, moved: np.ndarray, heading: np.ndarray) -> float:
    """Compare clouds (N, 3) where surfaces face along the way (3,): median distance, m."""
    tree = cKDTree(reference)
    spread, neighbours = tree.query(reference, k=12)
    centred = reference[neighbours] - reference[neighbours].mean(axis=1, keepdims=True)
    variances, axes = np.linalg.eigh(np.einsum('nki,nkj->nij', centred, centred))
    normals = axes[:, :, 0]
    is_plane = (variances[:, 0] < 0.05 * variances[:, 1]) & (spread[:, -1] < 0.6)
    faces_along = is_plane & (np.abs(normals @ heading) > 0.5)
    distance, nearest = tree.query(moved, distance_upper_bound=0.7)
    is_usable = np.isfinite(distance)
    is_usable[is_usable] = faces_along[nearest[is_usable]]
    moved, nearest = moved[is_usable], nearest[is_usable]
    offsets = np.einsum('ni,ni->n', moved - reference[nearest], normals[nearest])
    return float(np.median(np.abs(offsets)))

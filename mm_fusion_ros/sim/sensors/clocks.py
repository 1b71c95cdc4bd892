# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a sensor's clock says of a measurement, and when its message arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.config import parameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_GAP_S = 1e-6


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """How a sensor tells time, and how its messages travel."""

    offset_ms: float = parameter(0.0, 'Constant error of its stamps.', 'ms')
    drift_ppm: float = parameter(0.0, 'How much too fast its clock runs.', 'ppm')
    jitter_ms: float = parameter(0.0, 'Standard deviation of its stamps.', 'ms', minimum=0.0)
    delay_ms: float = parameter(
        5.0, 'From the end of a measurement to the arrival of its message.', 'ms', minimum=0.0)
    delay_jitter_ms: float = parameter(
        1.0, 'Mean of an exponential delay on top.', 'ms', minimum=0.0)
    loss: float = parameter(
        0.0, 'Share of the messages that never arrive.', minimum=0.0, maximum=1.0)


class Timing(NamedTuple):
    """
    Of N measurements.

    Attributes
    ----------
    stamps_s : (N,) float64
        What the clock says, s since the world began.
    arrivals_s : (N,) float64
        True times of arrival, in the order of the measurements, s.
    is_lost : (N,) bool
        Never arrives.

    """

    stamps_s: NDArray[np.float64]
    arrivals_s: NDArray[np.float64]
    is_lost: NDArray[np.bool_]


def timing(
    settings: ClockSettings, times_s: NDArray[np.float64], ends_s: NDArray[np.float64],
    rng: np.random.Generator | None,
) -> Timing:
    """
    Work out stamps and arrivals.

    Parameters
    ----------
    settings : ClockSettings
        Of the sensor.
    times_s, ends_s : (N,) float64
        True instants that stamps mean, and at which measurements end, in order, s.
    rng : Generator, optional
        Jitter and loss; none without it.

    """
    count = len(times_s)
    stamps = times_s * (1.0 + settings.drift_ppm * 1e-6) + settings.offset_ms / 1e3
    arrivals = ends_s + settings.delay_ms / 1e3
    is_lost = np.zeros(count, np.bool_)
    if rng is not None:
        stamps = stamps + rng.normal(0.0, settings.jitter_ms / 1e3, count)
        arrivals = arrivals + rng.exponential(settings.delay_jitter_ms / 1e3, count)
        is_lost = rng.random(count) < settings.loss
    # One topic's messages do not overtake each other.
    order = np.arange(count) * _LEAST_GAP_S
    arrivals = np.maximum.accumulate(arrivals - order) + order
    return Timing(stamps, arrivals, is_lost)

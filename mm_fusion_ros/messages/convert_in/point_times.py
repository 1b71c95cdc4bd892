# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Finds out what the time of each point means, and gives it relative to the header stamp.

Drivers write ns, us, ms or s, since the epoch or since some instant of the sweep, as integers or
floats. The values tell which, because a sweep lasts about 0.1 s; where they do not, the error
names the parameter that does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIELD_NAMES = ('t', 'time', 'timestamp', 'time_stamp', 'offset_time', 'time_offset')
_UNITS_NS = {'ns': 1, 'us': 1_000, 'ms': 1_000_000, 's': 1_000_000_000}

# The two are a factor of 4000 apart, so that a span near either end fits two units.
_MIN_SWEEP_NS = 500_000
_MAX_SWEEP_NS = 2_000_000_000
_MAX_OFFSET_NS = 2_000_000_000  # from whatever the times count from; fits an int32

_MIN_STEPS = 64  # that a sweep's float32 times must resolve
_EPOCH_SIZED = 1e9


@dataclass(frozen=True, slots=True)
class PointTimeSettings:
    """
    What is known about the times of a LiDAR's points.

    Attributes
    ----------
    field : str
        Name of the field; 'auto' takes the one usual name that is there; 'none' ignores times.
    unit : str
        'auto', 'ns', 'us', 'ms' or 's'.
    reference : str
        'auto', 'relative' (to an instant of the sweep) or 'absolute' (on the header's clock).
    stamp_is : str
        Which instant of the sweep the header stamp is: 'start', 'middle' or 'end'. Relative times
        that count up from the start of the sweep are moved accordingly; those that count down to
        zero at its end fit 'end' and 'start' as they are. Absolute times need no such help.

    """

    field: str = 'auto'
    unit: str = 'auto'
    reference: str = 'auto'
    stamp_is: str = 'start'


def find_time_field(names: tuple[str, ...], settings: PointTimeSettings) -> str | None:
    """
    Pick the field that holds the times, or None where there is none.

    Raises
    ------
    InvalidMessageError
        If several fields could be meant, or the one that was named is not there.

    """
    if settings.field == 'none':
        return None
    if settings.field != 'auto':
        if settings.field not in names:
            raise InvalidMessageError(
                'time_field', f'one of {", ".join(names)}', repr(settings.field)
            )
        return settings.field
    found = [name for name in FIELD_NAMES if name in names]
    if len(found) > 1:
        raise InvalidMessageError(
            'point times', 'one time field, or time_field to name it', ' and '.join(found)
        )
    return found[0] if found else None


def to_time_offsets(
    values: NDArray[Any], stamp_ns: int, settings: PointTimeSettings
) -> NDArray[np.int32] | None:
    """
    Turn a column of times into ns relative to the header stamp.

    Parameters
    ----------
    values : (N,) any integer or float type
        As in the message.
    stamp_ns : int
        Header stamp.
    settings : PointTimeSettings
        What need not be detected.

    Returns
    -------
    (N,) int32, optional
        None where all values are the same: a field that the driver does not fill.

    Raises
    ------
    InvalidMessageError
        If a value is not finite, float32 is too coarse for them, or unit or reference are open;
        the text then names the parameter `time_unit` or `time_reference`.

    """
    if len(values) == 0:
        return None
    low, high = values.min().item(), values.max().item()
    if values.dtype.kind == 'f':
        _check_floats(values.dtype, low, high)
    if low == high:
        return None
    unit_ns, is_absolute = _detect(values.dtype, low, high, stamp_ns, settings)
    # By parts, because a float64 cannot hold ns since the epoch.
    low_ns = int(low) * unit_ns + round((low - int(low)) * unit_ns)
    span_ns = round((high - low) * unit_ns)
    if is_absolute:
        first_ns = low_ns - stamp_ns
    else:
        first_ns = _first_offset(low_ns, span_ns, settings.stamp_is)
    # Only differences, which are small, are ever scaled: 64 bit stamps stay exact.
    since_first = np.subtract(values, values.dtype.type(low), dtype=_wide(values.dtype))
    scaled = np.rint(since_first * unit_ns) if values.dtype.kind == 'f' else since_first * unit_ns
    offsets: NDArray[np.int64] = scaled.astype(np.int64) + first_ns
    return offsets.astype(np.int32)


def _check_floats(dtype: np.dtype[Any], low: float, high: float) -> None:
    largest = max(abs(low), abs(high))
    if not np.isfinite(largest):
        raise InvalidMessageError('point times', 'finite numbers', f'{low} to {high}')
    if dtype.itemsize > 4:
        return
    step = float(np.spacing(np.float32(largest)))
    if largest >= _EPOCH_SIZED or (high > low and step * _MIN_STEPS > high - low):
        raise InvalidMessageError(
            'point times',
            'times that float32 can resolve (set time_field to another field, or to none)',
            f'{low:.9g} to {high:.9g} in steps of {step:.3g}',
        )


def _wide(dtype: np.dtype[Any]) -> type[np.generic]:
    """Give a native type in which differences of the values are exact."""
    if dtype.kind == 'f':
        return np.float64
    return np.uint64 if dtype == np.uint64 else np.int64


def _detect(
    dtype: np.dtype[Any], low: float, high: float, stamp_ns: int, settings: PointTimeSettings
) -> tuple[int, bool]:
    """Give the unit, ns, and whether the values are absolute."""
    units = [
        unit
        for unit in _UNITS_NS
        if settings.unit == unit
        or (settings.unit == 'auto' and _lasts_a_sweep(dtype, unit, high - low))
    ]
    values = f'{dtype.name} {low:.17g} to {high:.17g}'
    if not units or (high - low) * _UNITS_NS[units[0]] > _MAX_SWEEP_NS:
        raise InvalidMessageError(
            'point times', 'a sweep of 0.5 ms to 2 s in ns, us, ms or s (set time_unit)', values
        )
    readings = [
        (_UNITS_NS[unit], reading == 'absolute')
        for unit in units
        if (reading := _reference(low, high, _UNITS_NS[unit], stamp_ns, settings.reference))
    ]
    if not readings:
        raise InvalidMessageError(
            'point times',
            f'times within 2 s of zero or of the header stamp, {stamp_ns} ns (set time_reference)',
            values,
        )
    if len(readings) > 1:
        raise InvalidMessageError(
            'point times', f'one unit, not {" or ".join(units)} (set time_unit)', values
        )
    return readings[0]


def _lasts_a_sweep(dtype: np.dtype[Any], unit: str, span: float) -> bool:
    if unit == 's' and dtype.kind != 'f':
        return False
    return _MIN_SWEEP_NS <= span * _UNITS_NS[unit] <= _MAX_SWEEP_NS


def _reference(low: float, high: float, unit_ns: int, stamp_ns: int, wanted: str) -> str | None:
    """Tell from where the values count: whichever of zero and the stamp is nearer to them."""
    if wanted == 'relative':
        return wanted  # even to an instant far away: then only differences count
    low_ns, high_ns = low * unit_ns, high * unit_ns
    from_zero = _distance(0, low_ns, high_ns)
    from_stamp = _distance(stamp_ns, low_ns, high_ns)
    nearer = 'relative' if wanted == 'auto' and from_zero <= from_stamp else 'absolute'
    origin_ns = 0 if nearer == 'relative' else stamp_ns
    is_near = max(origin_ns - low_ns, high_ns - origin_ns) <= _MAX_OFFSET_NS
    return nearer if is_near else None


def _distance(instant: float, low: float, high: float) -> float:
    return max(low - instant, instant - high, 0.0)


def _first_offset(low_ns: int, span_ns: int, stamp_is: str) -> int:
    """Give the offset of the earliest point from the stamp, for times that count relatively."""
    if max(-low_ns, low_ns + span_ns) > _MAX_OFFSET_NS:
        low_ns = 0  # counted from an instant that has nothing to do with this sweep
    start_ns, end_ns = min(low_ns, 0), max(low_ns + span_ns, 0)
    stamp_at_ns = {'start': 0, 'middle': (start_ns + end_ns) // 2, 'end': end_ns}[stamp_is]
    return low_ns - stamp_at_ns

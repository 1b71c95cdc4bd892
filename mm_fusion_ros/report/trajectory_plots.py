# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Plots of an estimated drive: the way from above, and how far it is from the truth over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TYPE_CHECKING

from matplotlib.figure import Figure
import numpy as np

from mm_fusion_ros.evaluation.trajectory_association import associate
from mm_fusion_ros.evaluation.trajectory_errors import rms, trajectory_errors
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.evaluation.trajectory import Trajectory

_TRUTH, _ESTIMATE, _FIXES, _OUTAGE = '0.25', 'tab:blue', 'tab:orange', 'tab:red'
_HEADROOM = 1.25
_USUAL_SHARE, _UNUSUAL = 90.0, 4.0  # what so few percent exceed by so many times is cut off
_NARROW = 6.0  # times as long as wide: drawn to scale, nothing could be seen


class Fixes(NamedTuple):
    """M positions of the vehicle by satellite: stamps (M,) int64, ns, and (M, 3), m."""

    stamps_ns: NDArray[np.int64]
    positions_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DrivePlot:
    """
    What is drawn of a drive, all in one fixed frame of east, north, up.

    Attributes
    ----------
    estimate : Trajectory
        With covariances if bands are wanted.
    truth : Trajectory, optional
        Without it only how sure the estimate is can be drawn.
    fixes : Fixes, optional
        As the receiver gave them, unless it was kept from the estimator.
    outages_ns : tuple of (int, int)
        First and last stamp of each time without fixes, ns.
    follows_heading : bool
        Errors along and across the true heading instead of east and north.
    title : str
        Above all.

    """

    estimate: Trajectory
    truth: Trajectory | None = None
    fixes: Fixes | None = None
    outages_ns: tuple[tuple[int, int], ...] = ()
    follows_heading: bool = False
    title: str = ''


class _Quantity(NamedTuple):
    """One number over time: its error if the truth is known, its deviation if that is told."""

    name: str
    unit: str
    errors: NDArray[np.float64] | None
    deviations: NDArray[np.float64] | None


def draw_drive(plot: DrivePlot, path: Path) -> None:
    """
    Draw the way from above beside errors and 3-sigma bands over time.

    Raises
    ------
    InvalidMessageError
        If the truth is of another time than the estimate.

    """
    quantities, times_s = _quantities(plot)
    figure = Figure(figsize=(14.0 if quantities else 7.0, 7.6), layout='constrained')
    figure.suptitle(plot.title)
    left, *right = figure.subfigures(1, 2 if quantities else 1, squeeze=False)[0]
    _draw_way(left.subplots(), plot)
    if quantities:
        panels = right[0].subplots(len(quantities), 1, sharex=True)
        for panel, quantity in zip(panels, quantities, strict=True):
            _draw_quantity(panel, times_s, quantity)
            _shade_outages(panel, plot)
        panels[0].legend(loc='lower right', bbox_to_anchor=(1.0, 1.0), fontsize=8, ncols=3)
        panels[-1].set_xlabel('time, s')
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def _draw_way(panel: Any, plot: DrivePlot) -> None:
    if plot.truth is not None:
        panel.plot(*plot.truth.positions[:, :2].T, color=_TRUTH, lw=4.0, alpha=0.3, label='truth')
    if plot.fixes is not None:
        panel.scatter(*plot.fixes.positions_m[:, :2].T, 6, _FIXES, label='fixes', lw=0)
    way = plot.estimate.positions[:, :2]
    panel.plot(*way.T, color=_ESTIMATE, lw=1.2, label='estimate')
    label = 'estimate without fixes'
    for start_ns, end_ns in plot.outages_ns:
        first, last = np.searchsorted(plot.estimate.stamps_ns, (start_ns, end_ns))
        panel.plot(*way[first : last + 1].T, color=_OUTAGE, lw=2.0, label=label)
        label = '_another'  # said once
    for row, marker, name in ((0, 'o', 'start'), (-1, 's', 'end')):
        panel.plot(*way[row], marker, color='black', mfc='white', ms=7, label=name)
    width, length = np.sort(np.ptp(way, axis=0)) + 1.0
    if length < _NARROW * width:
        panel.set_aspect('equal', adjustable='datalim')
    panel.set(xlabel='east, m', ylabel='north, m')
    panel.set_title('' if length < _NARROW * width else 'axes of different scale', fontsize=9)
    panel.grid(alpha=0.3)
    panel.legend(fontsize=9)


def _draw_quantity(panel: Any, times_s: NDArray[np.float64], quantity: _Quantity) -> None:
    name, unit, errors, deviations = quantity
    shown = [1e-6]
    if deviations is not None:
        lowest = -3.0 * deviations if errors is not None else 0.0
        panel.fill_between(times_s, lowest, 3.0 * deviations, color=_ESTIMATE, alpha=0.2, lw=0,
                           label='3 sigma')
        shown.append(_reach(3.0 * deviations))
    if errors is not None:
        panel.plot(times_s, errors, color=_ESTIMATE, lw=1.0, label='error')
        panel.axhline(0.0, color='black', lw=0.6)
        sizes = np.abs(errors)
        shown.append(_reach(sizes))
        panel.text(0.01, 0.96, f'RMSE {rms(errors):.3g}, max {sizes.max():.3g} {unit}',
                   transform=panel.transAxes, va='top', fontsize=8)
    limit = _HEADROOM * max(shown)
    panel.set_ylim(-limit if errors is not None else 0.0, limit)
    panel.set_ylabel(f'{name}, {unit}')
    panel.grid(alpha=0.3)


def _reach(sizes: NDArray[np.float64]) -> float:
    """Give how far a panel goes: before the heading is known, all is too large to see the rest."""
    usual, largest = float(np.percentile(sizes, _USUAL_SHARE)), float(sizes.max())
    return largest if largest < _UNUSUAL * usual else _UNUSUAL / 2.0 * usual


def _shade_outages(panel: Any, plot: DrivePlot) -> None:
    label = 'no fixes'
    for outage in plot.outages_ns:
        panel.axvspan(*_seconds(np.array(outage), plot), color=_OUTAGE, alpha=0.12, lw=0,
                      label=label)
        label = '_another'


def _seconds(stamps_ns: NDArray[np.int64], plot: DrivePlot) -> NDArray[np.float64]:
    times_s: NDArray[np.float64] = (stamps_ns - plot.estimate.stamps_ns[0]) / NS_PER_S
    return times_s


def _quantities(plot: DrivePlot) -> tuple[list[_Quantity], NDArray[np.float64]]:
    """Give what is drawn over time, and the times."""
    names = ('along', 'left', 'up') if plot.follows_heading else ('east', 'north', 'up')
    estimate, truth = plot.estimate, plot.truth
    errors: list[NDArray[np.float64] | None] = [None] * 4
    yaws = estimate.yaws_rad
    if truth is not None:
        pair = associate(truth, estimate)
        estimate, yaws = pair.estimate, pair.truth.yaws_rad
        found = trajectory_errors(pair)
        across = found.along_across_m if plot.follows_heading else found.position_m
        errors = [*across.T[:2], found.position_m[:, 2], np.degrees(found.yaw_rad)]
    deviations: list[NDArray[np.float64] | None] = [None] * 4
    if estimate.covariances is not None:
        covariances = estimate.covariances
        deviations = [
            *_deviations(covariances[:, :3, :3], yaws if plot.follows_heading else 0.0 * yaws),
            np.degrees(np.sqrt(covariances[:, 5, 5]))]
    prefix = 'error ' if truth is not None else '3 sigma '
    quantities = [
        _Quantity(prefix + name, unit, error, deviation)
        for name, unit, error, deviation in zip(
            (*names, 'yaw'), ('m', 'm', 'm', 'deg'), errors, deviations, strict=True)
        if error is not None or deviation is not None
    ]
    return quantities, _seconds(estimate.stamps_ns, plot)


def _deviations(
    covariances: NDArray[np.float64], yaws_rad: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Give the standard deviations of positions along three axes turned by the yaws."""
    sine, cosine, zero = np.sin(yaws_rad), np.cos(yaws_rad), np.zeros(len(yaws_rad))
    axes = np.stack([
        np.stack([cosine, sine, zero]), np.stack([-sine, cosine, zero]),
        np.stack([zero, zero, zero + 1.0])])  # (3 axes, 3, N)
    variances = np.einsum('ain,nij,ajn->an', axes, covariances, axes)
    return list(np.sqrt(variances))

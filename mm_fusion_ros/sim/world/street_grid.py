# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A grid of junctions, bent and with streets left out, and the curves between them.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mm_fusion_ros.sim.world.path import Path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.style import Style

_JITTER_M = 7.0
_WARP_M = 22.0


class StreetGrid(NamedTuple):
    """
    E streets between N junctions.

    Attributes
    ----------
    nodes : (N, 2) float64
        Junctions, m.
    ends : (E, 2) intp
        The junctions that each street joins.
    lines : (E,) intp
        Which line of streets, a row or a column of the grid, each belongs to.
    line_count : int
        How many lines there are.
    rim : tuple of int
        The four lines around the whole.
    middles : tuple of Path
        The curve of each street.

    """

    nodes: NDArray[np.float64]
    ends: NDArray[np.intp]
    lines: NDArray[np.intp]
    line_count: int
    rim: tuple[int, int, int, int]
    middles: tuple[Path, ...]


class _Edges(NamedTuple):
    """Pairs of nodes (E, 2); whether each runs across; the line (row or column) that it is of."""

    ends: NDArray[np.intp]
    is_across: NDArray[np.bool_]
    lines: NDArray[np.intp]


def street_grid(rng: np.random.Generator, style: Style) -> StreetGrid:
    """Draw a grid; lines that go on through a junction do so without a bend."""
    rows, columns = (int(n) for n in rng.integers(4, 6, 2))
    nodes = _nodes(rng, rows, columns, style)
    rim = (0, rows - 1, rows, rows + columns - 1)
    edges = _thinned(rng, _grid(rows, columns), rim, style.removed)
    return StreetGrid(
        nodes, edges.ends, edges.lines, rows + columns, rim, tuple(_middles(nodes, edges)))


def _nodes(
    rng: np.random.Generator, rows: int, columns: int, style: Style
) -> NDArray[np.float64]:
    """Give the middles (N, 2) of all junctions, row by row."""
    x = np.cumsum(rng.uniform(*style.spacing_m, columns))
    y = np.cumsum(rng.uniform(*style.spacing_m, rows))
    grid = np.stack(np.meshgrid(x - x.mean(), y - y.mean()), axis=-1).reshape(-1, 2)
    phases = rng.uniform(0, 2 * np.pi, 2)
    lengths = rng.uniform(350, 600, 2)
    warp = _WARP_M * np.sin(grid[:, ::-1] * (2 * np.pi / lengths) + phases)
    turn = rng.uniform(0, 2 * np.pi)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    jitter = rng.uniform(-_JITTER_M, _JITTER_M, grid.shape)
    return np.asarray((grid + warp + jitter) @ rotation.T)


def _grid(rows: int, columns: int) -> _Edges:
    """Join all neighbours; lines are the rows, then the columns."""
    index = np.arange(rows * columns).reshape(rows, columns)
    across = np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], axis=1)
    along = np.stack([index[:-1].ravel(), index[1:].ravel()], axis=1)
    ends = np.concatenate([across, along])
    is_across = np.arange(len(ends)) < len(across)
    lines = np.where(is_across, ends[:, 0] // columns, rows + ends[:, 0] % columns)
    return _Edges(ends, is_across, lines)


def _thinned(
    rng: np.random.Generator, edges: _Edges, rim: tuple[int, ...], share: float
) -> _Edges:
    """Leave out inner streets; all stay connected, nothing ends dead or bends sharply."""
    count = int(edges.ends.max()) + 1
    is_kept = np.ones(len(edges.ends), np.bool_)
    inner = np.flatnonzero(~np.isin(edges.lines, rim))
    wanted = round(share * len(inner))
    for edge in rng.permutation(inner):
        is_kept[edge] = False
        if not wanted or not _is_sound(edges, is_kept, count, edges.ends[edge]):
            is_kept[edge] = True
        else:
            wanted -= 1
    return _Edges(edges.ends[is_kept], edges.is_across[is_kept], edges.lines[is_kept])


def _is_sound(
    edges: _Edges, is_kept: NDArray[np.bool_], count: int, nodes: NDArray[np.intp]
) -> bool:
    for node in nodes:
        mine = is_kept & (edges.ends == node).any(axis=1)
        kinds = edges.is_across[mine]
        if len(kinds) < 2 or (len(kinds) == 2 and kinds[0] != kinds[1]):
            return False
    a, b = edges.ends[is_kept].T
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(count, count))
    return bool(connected_components(graph, directed=False)[0] == 1)


def _middles(nodes: NDArray[np.float64], edges: _Edges) -> list[Path]:
    """Lead streets through their junctions without a bend; give the curve of each."""
    towards = np.zeros((len(nodes), 2, 2))  # by node, and along or across
    degrees = np.zeros((len(nodes), 2), np.intp)
    steps = nodes[edges.ends[:, 1]] - nodes[edges.ends[:, 0]]
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    kinds = edges.is_across.astype(np.intp)
    for end in (0, 1):
        np.add.at(towards, (edges.ends[:, end], kinds), steps)
        np.add.at(degrees, (edges.ends[:, end], kinds), 1)
    _square(towards, degrees)
    is_corner = (degrees == 1).all(axis=1)
    towards /= np.maximum(np.linalg.norm(towards, axis=2, keepdims=True), 1e-9)
    middles = []
    for (a, b), kind in zip(edges.ends, kinds, strict=True):
        tangents = towards[[a, b], kind]
        for row, node in enumerate((a, b)):
            if is_corner[node]:
                tangents[row] = _through_corner(node, a, b, kind, nodes, edges)
        middles.append(_curve(nodes[a], nodes[b], tangents))
    return middles


def _square(towards: NDArray[np.float64], degrees: NDArray[np.intp]) -> None:
    """Turn a street that ends on another halfway to a right angle with it."""
    for kind in (0, 1):
        stems = np.flatnonzero((degrees[:, kind] == 1) & (degrees[:, 1 - kind] == 2))
        other = towards[stems, 1 - kind] / 2.0
        other /= np.linalg.norm(other, axis=1, keepdims=True)
        across = np.stack([-other[:, 1], other[:, 0]], axis=1)
        across *= np.sign((across * towards[stems, kind]).sum(axis=1, keepdims=True))
        towards[stems, kind] += across


def _through_corner(
    node: int, a: int, b: int, kind: int, nodes: NDArray[np.float64], edges: _Edges
) -> NDArray[np.float64]:
    """Give the direction of a street where it bends into another of the other kind."""
    mine = (edges.ends == node).any(axis=1) & (edges.is_across != bool(kind))
    other_end = int(edges.ends[mine].sum() - node)
    step = nodes[b] - nodes[other_end] if node == a else nodes[other_end] - nodes[a]
    return np.asarray(step / np.linalg.norm(step), np.float64)


def _curve(
    start: NDArray[np.float64], end: NDArray[np.float64], tangents: NDArray[np.float64]
) -> Path:
    """Draw a cubic from place to place; where it bends evenly it is as good as an arc."""
    length = float(np.linalg.norm(end - start))
    turns = tangents @ (end - start) / length  # cosines of the angles with the chord
    tangents = tangents * (2.0 / (1.0 + turns))[:, None]
    t = np.linspace(0.0, 1.0, max(int(length / 5.0), 4))[:, None]
    blend = t * t * (3.0 - 2.0 * t)
    return Path(start * (1.0 - blend) + end * blend + length * (
        tangents[0] * (t * (1.0 - t) ** 2) - tangents[1] * (t * t * (1.0 - t))))

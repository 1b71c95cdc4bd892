# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The network and its decoding as one call: as it is, compiled, or recorded as CUDA graphs.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import torch

from mm_fusion_ros.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

_WARM_UPS = 3


class Recorded:
    """
    A function of tensors that is recorded on the GPU once, and replayed.

    Its arguments have to lie where they lay, its result always lies in the same place. Others are
    recorded anew.

    Parameters
    ----------
    function : callable
        Of tuples of tensors, and None. Reads nothing back from the GPU.

    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._graph: Any = None
        self._places: tuple[int, ...] = ()
        self._result: Any = None

    def __call__(self, *arguments: Any) -> Any:
        """Give the result of the function."""
        places = tuple(_places(arguments))
        if self._graph is None or places != self._places:
            self._record(arguments)
            self._places = places
        self._graph.replay()
        return self._result

    def _record(self, arguments: tuple[Any, ...]) -> None:
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        try:
            with torch.cuda.stream(stream):
                for _ in range(_WARM_UPS):  # libraries choose their kernels and take their memory
                    self._function(*arguments)
            torch.cuda.current_stream().wait_stream(stream)
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._result = self._function(*arguments)
        except RuntimeError as err:
            raise _refused('cuda_graph', err) from err


class Compiled:
    """
    A function that torch.compile translates at its first call.

    Parameters
    ----------
    function : callable
        Of tensors of always the same shapes.

    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function: Callable[..., Any] = torch.compile(function, dynamic=False)
        self._is_translated = False

    def __call__(self, *arguments: Any) -> Any:
        """
        Give the result of the function.

        Raises
        ------
        ConfigError
            If it cannot be translated here.

        """
        if self._is_translated:
            return self._function(*arguments)
        try:
            result = self._function(*arguments)
        except (RuntimeError, OSError) as err:
            raise _refused('compile', err) from err
        self._is_translated = True
        return result


def _refused(way: str, error: Exception) -> ConfigError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return ConfigError(
        'parameter detector.accelerate', 'none where nothing else works', f'{way}: {reason}')


def _places(arguments: Any) -> list[int]:
    if isinstance(arguments, torch.Tensor):
        return [arguments.data_ptr()]
    return [place for each in arguments or () for place in _places(each)]

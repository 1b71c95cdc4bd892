# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Weights to and from a file that holds nothing but tensors, so that reading it executes nothing.

A file is trusted no further than its hash: sizes and shapes are compared before memory is
taken, and what does not fit is refused with what there is instead and what to do about it.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from safetensors import safe_open, SafetensorError
from safetensors.torch import save_file
import torch

from mm_fusion_ros.errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

_CHUNK_BYTES = 1 << 20
_NAMED = 4  # differing tensors that an error names
_REMEDY = 'reinstall mm_fusion_ros, or make them with `python -m mm_fusion_ros train`'


def save_weights(
    tensors: Mapping[str, Tensor], path: Path, dtype: torch.dtype | None = None
) -> str:
    """
    Write tensors as they are, or with fewer bits.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        A module's `state_dict()`, on any device.
    path : Path
        Where; what is there stays until the new file is complete.
    dtype : torch.dtype, optional
        What tensors of floating point are stored as.

    Returns
    -------
    str
        SHA-256 of the file, in hexadecimal digits; the same for the same tensors.

    Raises
    ------
    CheckpointError
        If a number is not finite, or not in `dtype`, or the file cannot be written.

    """
    stored = {}
    for name, tensor in tensors.items():
        narrowed = tensor.detach().to(
            'cpu', dtype if tensor.is_floating_point() else None, copy=True)
        stored[name] = narrowed.contiguous()
    _refuse_not_finite(stored, path)
    unfinished = path.with_name(f'.{path.name}.unfinished')
    try:
        save_file(stored, unfinished)
        digest = sha256_of(unfinished)
        os.replace(unfinished, path)
    except (OSError, SafetensorError) as err:
        unfinished.unlink(missing_ok=True)
        raise CheckpointError(f'weights {path}', 'a file that can be written', err) from err
    return digest


def load_weights(path: Path, like: Mapping[str, Tensor], sha256: str = '') -> dict[str, Tensor]:
    """
    Read the tensors of a module.

    Parameters
    ----------
    path : Path
        File that `save_weights` wrote.
    like : mapping of str to Tensor
        The module's own `state_dict()`: names, shapes and types that the file has to fit.
    sha256 : str
        Hash that the file has to have; empty for any.

    Returns
    -------
    dict of str to Tensor
        On the CPU, in the types of `like`, as `load_state_dict` takes it.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged, another one than the hash says, or of another network.

    """
    if not path.is_file():
        raise CheckpointError(f'weights {path}', f'a file ({_REMEDY})', 'none')
    try:
        with safe_open(path, framework='pt', device='cpu') as file:  # checks sizes, reads none
            if sha256:
                _check_hash(path, sha256)
            names = file.keys()
            found = {name: tuple(file.get_slice(name).get_shape()) for name in names}
            _check_shapes(path, found, {name: tuple(t.shape) for name, t in like.items()})
            tensors = {name: file.get_tensor(name) for name in like}
    except (OSError, SafetensorError) as err:
        raise CheckpointError(
            f'weights {path}', f'a complete safetensors file ({_REMEDY})', err) from err
    for name, tensor in tensors.items():
        if tensor.is_floating_point() != like[name].is_floating_point():
            raise CheckpointError(f'{name} of weights {path}', str(like[name].dtype), tensor.dtype)
    _refuse_not_finite(tensors, path)
    return {name: tensor.to(like[name].dtype) for name, tensor in tensors.items()}


def sha256_of(path: Path) -> str:
    """Hash a file's bytes, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open('rb') as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _check_hash(path: Path, expected: str) -> None:
    found = sha256_of(path)
    if found != expected:
        raise CheckpointError(
            f'weights {path}', f'those with the SHA-256 {expected} that the model card names '
            f'({_REMEDY})', f'others with {found}')


def _check_shapes(
    path: Path, found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]]
) -> None:
    differing = [
        *(f'{name} {found[name]} instead of {shape}' for name, shape in expected.items()
          if name in found and found[name] != shape),
        *(f'no {name} {shape}' for name, shape in expected.items() if name not in found),
        *(f'unknown {name} {shape}' for name, shape in found.items() if name not in expected),
    ]
    if differing:
        more = len(differing) - _NAMED
        named = '; '.join(differing[:_NAMED]) + (f'; and {more} more' if more > 0 else '')
        raise CheckpointError(
            f'weights {path}', f'the {len(expected)} tensors of this network (the model card must '
            'be the one that was written with them)', named)


def _refuse_not_finite(tensors: Mapping[str, Tensor], path: Path) -> None:
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(
                f'{name} of weights {path}', f'finite numbers of {tensor.dtype}',
                'infinite ones or none')

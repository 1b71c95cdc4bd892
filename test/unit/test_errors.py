# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Errors: one form of text, and their way across process borders."""

from __future__ import annotations

import pickle

import pytest

from mm_fusion_ros import errors

KINDS = [
    errors.ConfigError, errors.InvalidMessageError, errors.CheckpointError, errors.TransformError,
    errors.BagError,
]


@pytest.mark.parametrize('kind', KINDS)
def test_every_error_says_what_was_expected_and_what_came(kind: type) -> None:
    with pytest.raises(errors.MmFusionError) as caught:
        raise kind('rate', 'a positive number', -1)
    assert str(caught.value) == 'rate: expected a positive number, got -1'
    assert caught.value.actual == -1


@pytest.mark.parametrize('kind', KINDS)
def test_an_error_survives_pickling(kind: type) -> None:
    error = pickle.loads(pickle.dumps(kind('rate', 'a number', None)))
    assert type(error) is kind
    assert (error.what, error.expected, error.actual) == ('rate', 'a number', None)
    assert str(error) == 'rate: expected a number, got None'

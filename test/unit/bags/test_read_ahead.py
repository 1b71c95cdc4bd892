# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading ahead changes when items are taken, and nothing else."""

import threading

import pytest

from mm_fusion_ros.bags.read_ahead import read_ahead


def test_all_items_come_in_order():
    assert list(read_ahead(range(100))) == list(range(100))


def test_nothing_gives_nothing():
    assert list(read_ahead([])) == []


def test_items_are_taken_before_they_are_wanted():
    taken = threading.Event()

    def source():
        yield 1
        taken.set()
        yield 2

    items = read_ahead(source())
    assert next(items) == 1
    assert taken.wait(5.0)
    assert list(items) == [2]


def test_an_error_comes_after_the_items_before_it():
    def source():
        yield 1
        raise ValueError('torn')

    items = read_ahead(source())
    assert next(items) == 1
    with pytest.raises(ValueError, match='torn'):
        next(items)


def test_leaving_early_ends_the_thread():
    items = read_ahead(iter(range(1000)))
    next(items)
    items.close()
    assert not any(thread.name == 'read ahead' for thread in threading.enumerate())

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The mailbox of one and the thread that empties it."""

import threading

from mm_fusion_ros.runtime import Mailbox, Worker

WAIT_S = 5.0


def test_the_newest_item_displaces_the_one_that_waits_and_is_counted():
    mailbox = Mailbox()
    for item in (1, 2, 3):
        mailbox.put(item)
    assert mailbox.take() == 3
    assert mailbox.skipped == 2


def test_a_closed_mailbox_gives_nothing_even_if_something_waits():
    mailbox = Mailbox()
    mailbox.put(1)
    mailbox.close()
    assert mailbox.take() is None


def test_a_worker_handles_items_on_a_thread_of_its_own():
    done = threading.Event()
    seen = []

    def handle(item):
        seen.append((item, threading.current_thread() is not threading.main_thread()))
        done.set()

    worker = Worker(handle, on_error=seen.append)
    worker.start()
    worker.submit('a')
    assert done.wait(WAIT_S)
    worker.stop()
    assert seen == [('a', True)]
    assert worker.skipped == 0


def test_an_error_is_reported_and_the_next_item_is_handled():
    errors, handled, done = [], [], threading.Event()
    failed = threading.Event()

    def handle(item):
        if item == 'bad':
            raise ValueError(item)
        handled.append(item)
        done.set()

    def on_error(error):
        errors.append(error)
        failed.set()

    worker = Worker(handle, on_error)
    worker.start()
    worker.submit('bad')
    assert failed.wait(WAIT_S)
    worker.submit('good')
    assert done.wait(WAIT_S)
    worker.stop()
    assert [str(error) for error in errors] == ['bad']
    assert handled == ['good']


def test_while_one_item_is_handled_only_the_newest_of_the_others_waits():
    started, go_on, done = threading.Event(), threading.Event(), threading.Event()
    handled = []

    def handle(item):
        handled.append(item)
        started.set()
        assert go_on.wait(WAIT_S)
        if item == 4:
            done.set()

    worker = Worker(handle, on_error=lambda error: None)
    worker.start()
    worker.submit(1)
    assert started.wait(WAIT_S)
    assert not worker.is_behind
    for item in (2, 3, 4):
        worker.submit(item)
    assert worker.is_behind
    go_on.set()
    assert done.wait(WAIT_S)
    worker.stop()
    assert handled == [1, 4]
    assert worker.skipped == 2


def test_a_worker_that_never_started_can_be_stopped():
    Worker(print, print).stop()

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a node's process: from its arguments to an end in which it can still publish."""

from __future__ import annotations

from contextlib import contextmanager
import os
import signal
from typing import Any, TYPE_CHECKING

import rclpy
from rclpy.signals import SignalHandlerOptions

from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.memory import keep_large_buffers
from mm_fusion_ros.ros.dds import large_message_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rclpy.node import Node


@contextmanager
def ros_process(args: list[str] | None) -> Iterator[None]:
    """
    Bring ROS up, and down again on any way out; both Ctrl-C and SIGTERM are KeyboardInterrupt.

    rclpy's own handlers would end the context first, and with it the last transition or message.
    """
    keep_large_buffers()
    os.environ.update(large_message_environment(os.environ))  # before anything of DDS is made
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    # SIGINT too: a shell starts background processes with it ignored.
    previous = {number: signal.signal(number, signal.default_int_handler)
                for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        rclpy.try_shutdown()


def run_node(make: Callable[[], Node], run: Callable[[Any], None], args: list[str] | None) -> int:
    """
    Make a node and run it until it is done or interrupted.

    Returns
    -------
    int
        0, or 2 if it cannot do what it is told to; the log says why.

    """
    with ros_process(args):
        node = None
        try:
            node = make()
            run(node)
        except MmFusionError as err:
            logger = node.get_logger() if node else rclpy.logging.get_logger('mm_fusion')
            logger.error(str(err))
            return 2
        except KeyboardInterrupt:
            pass
        finally:
            if node is not None:
                node.destroy_node()
    return 0

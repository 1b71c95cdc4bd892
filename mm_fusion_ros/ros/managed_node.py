# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A lifecycle node that says why a transition failed, and starts itself unless told not to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
import time
import traceback
from typing import Any, TYPE_CHECKING

from rclpy.impl.implementation_singleton import rclpy_implementation as _rclpy
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.logging import get_logger

from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.ros.lifetime import ros_process
from mm_fusion_ros.ros.params import NodeParameters
from mm_fusion_ros.ros.resting_executor import RestingExecutor
from mm_fusion_ros.ros.throttled_warnings import ThrottledWarnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mm_fusion_ros.config import Parameter

_SUCCESS = TransitionCallbackReturn.SUCCESS
_FAILURE = TransitionCallbackReturn.FAILURE


class ManagedNode(LifecycleNode, ABC):
    """
    What perception and localization have in common as nodes.

    Attributes
    ----------
    look_period_s : float
        How long messages may gather before they are looked at, s.

    Parameters
    ----------
    name : str
        Of the node.
    declare, build : callable
        As for `NodeParameters`; `autostart` must be among the parameters.
    node_arguments :
        As for any node.

    Raises
    ------
    ConfigError
        If a parameter cannot be declared.

    """

    look_period_s = 0.0

    def __init__(
        self,
        name: str,
        declare: Callable[[Mapping[str, object]], Iterable[Parameter]],
        build: Callable[[Mapping[str, object]], Any],
        **node_arguments: object,
    ) -> None:
        super().__init__(name, **node_arguments)
        self._now_ns = time.monotonic_ns
        self._warn = ThrottledWarnings(self.get_logger(), self._now_ns)
        self._declared: NodeParameters[Any] = NodeParameters(self, declare, build)

    @abstractmethod
    def _configure(self, config: Any) -> None:
        """Make ready what does not need data."""

    @abstractmethod
    def _activate(self) -> None:
        """Begin to listen and to answer."""

    @abstractmethod
    def _stop(self) -> None:
        """Stop listening; finish the answer at hand."""

    @abstractmethod
    def _clean_up(self) -> None:
        """Take down what `_configure` made."""

    @property
    def autostart(self) -> bool:
        """Whether to configure and activate without being told to."""
        return bool(self.get_parameter('autostart').value)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Read the parameters and make ready."""
        del state
        return self._reporting(lambda: self._configure(self._declared.read()))

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to listen and to answer."""
        result = self._reporting(self._activate)
        return super().on_activate(state) if result is _SUCCESS else result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take down what `configure` made."""
        del state
        self._clean_up()
        return _SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End from any state."""
        if state.label == 'active':
            self._stop()
        return _SUCCESS

    def _reporting(self, transition: Callable[[], None]) -> TransitionCallbackReturn:
        """Run a transition; rclpy itself would not say why one failed."""
        try:
            transition()
        except MmFusionError as err:
            self.get_logger().error(str(err))
            return _FAILURE
        except Exception:
            self.get_logger().fatal(traceback.format_exc().rstrip())
            raise
        return _SUCCESS


def run_managed(make: Callable[[], ManagedNode], name: str, args: list[str] | None) -> int:
    """
    Run a node until told to stop.

    Returns
    -------
    int
        0, or 1 if it cannot be configured.

    """
    with ros_process(args):
        try:
            node = make()
        except MmFusionError as err:
            get_logger(name).error(str(err))
            return 1
        try:
            return spin(node)
        except KeyboardInterrupt:
            return 0
        finally:
            with suppress(_rclpy.RCLError):  # somebody shut it down before
                node.trigger_shutdown()
            node.destroy_node()


def spin(node: ManagedNode) -> int:
    """Start the node unless it waits to be told, and run it; 1 if it cannot be configured."""
    executor = RestingExecutor(node.look_period_s)
    executor.add_node(node)
    if node.autostart:
        for transition in (node.trigger_configure, node.trigger_activate):
            if transition() is not _SUCCESS:
                return 1
    while True:  # a wait without end would not notice an interrupt
        executor.spin_once(timeout_sec=0.2)

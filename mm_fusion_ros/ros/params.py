# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Declares a configuration as ROS parameters and reads it back.

What a parameter is lies in `perception_config` and `localization_config`; only the ROS form of it
lies here.
"""

from __future__ import annotations

from typing import Generic, TYPE_CHECKING, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)

from mm_fusion_ros.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rclpy.node import Node
    from rclpy.parameter import Parameter as RosParameter

    from mm_fusion_ros.config import Parameter


_C = TypeVar('_C')


class NodeParameters(Generic[_C]):
    """
    The parameters of one node.

    Parameters
    ----------
    node : rclpy Node
        Declares them; its overrides (files, command line) are taken over.
    declare : callable
        Lists the parameters there are, given the values known so far: some name others.
    build : callable
        Makes the configuration of all values.

    Raises
    ------
    ConfigError
        If values that name others cannot be used.

    """

    def __init__(
        self,
        node: Node,
        declare: Callable[[Mapping[str, object]], Iterable[Parameter]],
        build: Callable[[Mapping[str, object]], _C],
    ) -> None:
        self._node = node
        self._declare_of = declare
        self._build = build
        # rclpy has no public list of overrides: declaring them all fails on an empty list.
        self._overrides = node._parameter_overrides
        self._declared: dict[str, Parameter] = {}
        self._declare()
        node.add_on_set_parameters_callback(self._check)

    def read(self) -> _C:
        """
        Read and check every parameter; those named since are declared first.

        Raises
        ------
        ConfigError
            Naming the parameter, what was expected and what came.

        """
        self._declare()
        return self._build(self._values())

    def _declare(self) -> None:
        for declared in self._declare_of(self._values()):
            if declared.name not in self._declared:
                self._declared[declared.name] = declared
                if declared.name in self._overrides:
                    declared.check(self._value(declared.name))  # in our words, before rclpy's
                default = declared.default
                self._node.declare_parameter(
                    declared.name,
                    list(default) if isinstance(default, tuple) else default,
                    _descriptor(declared),
                )

    def _values(self) -> dict[str, object]:
        return {name: self._value(name) for name in (*self._overrides, *self._declared)}

    def _value(self, name: str) -> object:
        if self._node.has_parameter(name):
            value = self._node.get_parameter(name).value
        else:
            value = self._overrides[name].value
        if value is None:
            return ()  # how rcl reads the empty list of a parameter file
        return tuple(value) if isinstance(value, (list, tuple)) else value

    def _check(self, changed: list[RosParameter]) -> SetParametersResult:
        try:
            for ros_parameter in changed:
                if ros_parameter.name in self._declared:
                    self._declared[ros_parameter.name].check(ros_parameter.value)
        except ConfigError as err:
            return SetParametersResult(successful=False, reason=str(err))
        return SetParametersResult(successful=True)


def _descriptor(declared: Parameter) -> ParameterDescriptor:
    # Dynamic typing lets an integer stand for a number; the type is checked by `Parameter.check`.
    descriptor = ParameterDescriptor(description=declared.description, dynamic_typing=True)
    if declared.minimum is not None and declared.maximum is not None:
        if declared.type is int:
            descriptor.integer_range = [
                IntegerRange(from_value=int(declared.minimum), to_value=int(declared.maximum))]
        elif declared.type is float:
            descriptor.floating_point_range = [
                FloatingPointRange(from_value=declared.minimum, to_value=declared.maximum)]
    return descriptor

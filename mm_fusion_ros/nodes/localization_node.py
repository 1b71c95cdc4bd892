# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The localization node: wiring between subscriptions, the core, and publishers. No maths here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.own_transforms import OwnTransforms
from mm_fusion_ros.localization_config import (
    declared_parameters,
    localization_config,
    NODE_NAME,
)
from mm_fusion_ros.localization_node_health import AnswerLog
from mm_fusion_ros.localization_outputs import LocalizationOutputs
from mm_fusion_ros.localization_topics import localization_topics
from mm_fusion_ros.ros.localization_input import LocalizationInput
from mm_fusion_ros.ros.localization_watch import LocalizationWatch
from mm_fusion_ros.ros.managed_node import ManagedNode, run_managed
from mm_fusion_ros.ros.output_publisher import OutputPublisher
from mm_fusion_ros.ros.transform_listener import TransformListener

if TYPE_CHECKING:
    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.localization_config import LocalizationConfig

_DEPTH = 50  # a second of poses


class LocalizationNode(ManagedNode):
    """
    IMU, GNSS, wheels and other velocities in, the pose of the vehicle out.

    All is done in the executor's thread: a measurement costs less than its message.
    """

    look_period_s = 0.01

    def __init__(self, **node_arguments: object) -> None:
        """Declare the parameters; nothing else happens before `configure`."""
        super().__init__(
            NODE_NAME, lambda values: declared_parameters(), localization_config,
            **node_arguments)

    def _configure(self, config: LocalizationConfig) -> None:
        self._inputs = localization_topics(config)
        self._localizer = Localizer(config)
        self._own = OwnTransforms(config)
        self._outputs = LocalizationOutputs(config)
        self._topics = [
            OutputPublisher(self, output, _DEPTH) for output in self._outputs.all()]

    def _activate(self) -> None:
        self._answers = AnswerLog()
        self._transforms = TransformListener(self, self._localizer, self._own, self._warn)
        self._input = LocalizationInput(
            self, self._inputs, self._localizer,
            on_located=self._publish, on_problem=self._warn)
        self._watch = LocalizationWatch(
            self, self._input, self._transforms, self._localizer,
            warn=self._warn, answers=self._answers)

    def _stop(self) -> None:
        self._watch.destroy()
        self._input.destroy()
        self._transforms.destroy()
        self._localizer.reset()

    def _clean_up(self) -> None:
        for publisher in self._topics:
            publisher.destroy()

    def _publish(self, found: list[Located]) -> None:
        for located in found:
            self._own.published(located.stamp_ns)
            self._outputs.remember(located)
            for publisher in self._topics:
                publisher.publish(located)
            self._answers.add(located.stamp_ns, self.get_clock().now().nanoseconds)


def main(args: list[str] | None = None) -> int:
    """Run until told to stop; non-zero if it cannot be configured."""
    return run_managed(LocalizationNode, NODE_NAME, args)


if __name__ == '__main__':
    sys.exit(main())

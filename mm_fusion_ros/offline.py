# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Answers a bag in lock-step, as fast as it goes: the same bag gives the same bytes every time.

How long things took is written beside the output, never into it.
"""

from __future__ import annotations

from contextlib import closing
import json
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.read_ahead import read_ahead
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.faults.bag import broken, problems_of
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.spec import check_recorded
from mm_fusion_ros.intake import TF, TF_STATIC
from mm_fusion_ros.offline_inputs import bag_inputs
from mm_fusion_ros.offline_localization import BagLocalization
from mm_fusion_ros.offline_perception import BagPerception
from mm_fusion_ros.offline_summary import ProcessSummary, WarningsOnce
from mm_fusion_ros.offline_writer import OutputWriter
from mm_fusion_ros.output import absolute_topic
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mm_fusion_ros.bags.read import BagMessage
    from mm_fusion_ros.faults.spec import Fault
    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.localization_config import LocalizationConfig
    from mm_fusion_ros.offline_inputs import BagInputs
    from mm_fusion_ros.perception_config import PerceptionConfig


def process(  # noqa: PLR0913  what a run is made of
    bag: Path,
    config: PerceptionConfig,
    output: Path,
    timer: Callable[[], int],
    progress: Callable[[int, int], None],
    *,
    localization: LocalizationConfig | None = None,
    odometry_lidar: str = '',
    faults: Sequence[Fault] = (),
    overwrite: bool = False,
) -> ProcessSummary:
    """
    Answer every frame of a bag and write every output as a topic of another.

    Parameters
    ----------
    bag, output : Path
        What to read, and where to write; `output` with the suffix `.timings.json` is written too.
    config : PerceptionConfig
        As the node would have it.
    timer : callable
        Returns a monotonic time, ns; only the timings depend on it.
    progress : callable
        Told (messages done, messages in all).
    localization : LocalizationConfig, optional
        As its node would have it; None for no localization. It runs if the bag holds any of its
        topics, and gives perception its poses unless the bag holds those that are configured.
    odometry_lidar : str
        The LiDAR whose motion, by kiss-icp, is told to the localization; empty for none.
    faults : sequence of Fault
        What breaks on the way from the bag to perception and localization.
    overwrite : bool
        Replace an existing output.

    Raises
    ------
    BagError
        If the bag cannot be read, or has none of the sensors' topics.
    ConfigError
        If the configuration cannot be used without ROS, or a fault not with this bag.

    """
    injector = FaultInjector(faults)
    begin_ns = timer()
    with BagReader(bag) as reader:
        inputs = bag_inputs(
            reader.path, reader.topics, config, localization, odometry_lidar)
        check_recorded(faults, {info.name: info.type for info in reader.topics})
        wanted = inputs.topics | injector.topics
        total = sum(info.count for info in reader.topics if info.name in wanted)
        with (
            BagWriter(output, overwrite=overwrite) as bag_writer,
            OutputWriter(bag_writer, timer) as writer,
        ):
            run = _Run(inputs, config, localization, writer, timer)
            run.warnings.add((*reader.warnings, *inputs.warnings))
            with closing(read_ahead(reader.messages(wanted))) as messages:
                for done, recorded in enumerate(broken(messages, injector), 1):
                    run.take(recorded)
                    progress(min(done, total), total)
            run.finish()
            run.warnings.add(problems_of(injector))
        summary = run.summary(reader.duration_ns / NS_PER_S, (timer() - begin_ns) / NS_PER_S)
    output.with_name(f'{output.name}.timings.json').write_text(
        json.dumps(run.perception.timings, indent=1), encoding='utf-8')
    return summary


class _Run:
    """One pass over a bag."""

    def __init__(
        self,
        inputs: BagInputs,
        config: PerceptionConfig,
        localization: LocalizationConfig | None,
        writer: OutputWriter,
        timer: Callable[[], int],
    ) -> None:
        self._inputs = inputs
        self._writer = writer
        self.warnings = WarningsOnce()
        self.perception = BagPerception(config, writer, self.warnings, timer)
        self._localization = None
        if localization is not None and inputs.locates:
            self._localization = BagLocalization(
                localization, writer, self.warnings, self._pass_on, inputs.odometry_lidar)

    def take(self, recorded: BagMessage) -> None:
        """Handle one recorded message, as the nodes would on its arrival."""
        topic, at_ns = recorded.topic, recorded.log_time_ns
        if topic not in self._inputs.topics:
            return  # read only as a fault needs it
        if self._localization is not None:
            self._localization.advance(at_ns)
        item = self._inputs.perception.get(topic)
        try:
            message = recorded.message
        except InvalidMessageError as err:
            self._reject(topic, str(err), at_ns)
            return
        if self._localization is not None:
            self._locate(self._localization, topic, message, at_ns)
        if item is not None:
            self.perception.take(item, message, at_ns)

    def _reject(self, topic: str, problem: str, at_ns: int) -> None:
        self.warnings.add((problem,))
        self.perception.advance(at_ns)
        if topic in self._inputs.perception:
            self.perception.reject(self._inputs.perception[topic], problem)
        if self._localization is not None and topic in self._inputs.sources:
            self._localization.reject(self._inputs.sources[topic], problem, at_ns)

    def finish(self) -> None:
        """Answer what is still open, and have it written."""
        self.perception.finish()
        self._writer.finish()

    def summary(self, bag_s: float, elapsed_s: float) -> ProcessSummary:
        """Sum the run up."""
        perception, localization = self.perception, self._localization
        told = self.warnings.texts
        if localization is not None:
            told += tuple(f'localization: {text}' for text in localization.problems.texts)
        return ProcessSummary(
            answers=len(perception.timings), complete=perception.complete,
            boxes=perception.boxes, poses=localization.poses if localization else 0,
            bag_s=bag_s, elapsed_s=elapsed_s, median_ms=perception.median_ms, warnings=told)

    def _locate(
        self, localization: BagLocalization, topic: str, message: Any, at_ns: int
    ) -> None:
        lidar = self._inputs.odometry_lidar
        if topic in self._inputs.sources:
            localization.take(self._inputs.sources[topic], message, at_ns)
        if topic in (TF, TF_STATIC):
            localization.take_transforms(message, is_static=topic == TF_STATIC)
        if lidar is not None and topic == absolute_topic(lidar.topic):
            localization.take_sweep(message, at_ns)

    def _pass_on(self, located: Located, at_ns: int) -> None:
        """Give perception a pose, on the topic where it would hear of it."""
        item = self._inputs.poses
        if item is None or self._localization is None:
            return
        for output in self._localization.outputs:
            if output.type == item.type.value:
                message = output.build(located, BAG_TYPES)
                if message is not None:
                    self.perception.take(item, message, at_ns)

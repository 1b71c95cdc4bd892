# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Starts the nodes as processes of their own, and knows what they cost when they end."""

from __future__ import annotations

from dataclasses import dataclass
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from mm_fusion_ros.ros.dds import large_message_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessCost:
    """
    What a process used from start to end.

    Attributes
    ----------
    exit_code : int
        Negative if a signal ended it.
    cpu_s : float
        User and system time, s.
    peak_rss_mib : float
        Largest resident memory, MiB.

    """

    exit_code: int
    cpu_s: float
    peak_rss_mib: float


class NodeProcess:
    """
    One node in a process of its own, with the environment for large messages.

    Parameters
    ----------
    module : str
        Run as `python -m`.
    ros_arguments : sequence of str
        What follows `--ros-args`.
    log : Path
        Takes what it says.
    environ : mapping
        Environment of the caller.

    """

    def __init__(
        self, module: str, ros_arguments: Sequence[str], log: Path, environ: Mapping[str, str]
    ) -> None:
        self._log = log.open('w', encoding='utf-8')
        self._process = subprocess.Popen(
            [sys.executable, '-m', module, '--ros-args', *ros_arguments],
            env={**environ, **large_message_environment(environ)},
            stdout=self._log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self._cost: ProcessCost | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet; learns its cost if it has."""
        if self._cost is None:
            self._reap(os.WNOHANG)
        return self._cost is None

    def stop(self) -> ProcessCost:
        """Interrupt it as Ctrl-C would, wait for its end, and give what it used."""
        if self.is_running:
            self._process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> ProcessCost:
        """Wait for its end and give what it used."""
        if self._cost is None:
            self._reap(0)
        assert self._cost is not None
        return self._cost

    def _reap(self, flags: int) -> None:
        pid, status, usage = os.wait4(self._process.pid, flags)
        if pid:
            self._process.returncode = os.waitstatus_to_exitcode(status)
            cpu_s = usage.ru_utime + usage.ru_stime
            self._cost = ProcessCost(
                self._process.returncode, cpu_s, usage.ru_maxrss / 1024)
            self._log.close()

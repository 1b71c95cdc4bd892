# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the doctor has to say about one thing: what is wrong, how badly, and what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

# error: perception cannot use the topic. warning: answers get worse. info: good to know.
Severity: TypeAlias = Literal['error', 'warning', 'info']
SEVERITIES: tuple[Severity, ...] = ('error', 'warning', 'info')


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One finding.

    Attributes
    ----------
    severity : str
        'error', 'warning' or 'info'.
    topic : str
        The topic it is about; empty for the bag as a whole.
    text : str
        "what: expected …, got …".
    remedy : str
        One line that names the parameter or the action; empty where there is none.

    """

    severity: Severity
    topic: str
    text: str
    remedy: str = ''

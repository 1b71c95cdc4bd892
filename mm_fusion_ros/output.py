# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""One topic that is published, live or into a bag, and what builds its messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.messages.message_types import MessageTypes

OUTPUT_NAMESPACE = '/mm_fusion'  # where the launch files and `process` put them
_T = TypeVar('_T')


@dataclass(frozen=True, slots=True)
class Output(Generic[_T]):
    """
    One topic.

    Attributes
    ----------
    topic : str
        Relative name, but for the few that are absolute.
    type : str
        `package/msg/Name`.
    build : callable
        Makes the message of what is known; None where that has none, as an overlay of a camera
        that is absent.

    """

    topic: str
    type: str
    build: Callable[[_T, MessageTypes], Any]


def absolute_topic(topic: str) -> str:
    """Give the name that a topic has where the launch files and `process` put it."""
    return topic if topic.startswith('/') else f'{OUTPUT_NAMESPACE}/{topic}'

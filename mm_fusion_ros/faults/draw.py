# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where chance comes from: the seed, the fault and the message's stamp; never time or order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mm_fusion_ros.faults.spec import Fault

_POSITIVE = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Draw:
    """
    What a fault may look at, besides the message, when it breaks one.

    Attributes
    ----------
    fault : Fault
        The fault.
    key : int
        Tells the message from others: its stamp, or its count where the stamp is zero.
    elapsed_s : float
        From the first broken message's stamp to this one's, s.

    """

    fault: Fault
    key: int
    elapsed_s: float

    def of_message(self) -> np.random.Generator:
        """Give chance that is another for each message."""
        return np.random.default_rng(
            (self.fault.seed, self.fault.number, self.key & _POSITIVE))

    def of_fault(self) -> np.random.Generator:
        """Give chance that is the same for all messages."""
        return np.random.default_rng((self.fault.seed, self.fault.number))

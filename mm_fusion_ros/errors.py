# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Every error that this package raises on purpose.

The text is always "{what}: expected {expected}, got {actual}", so that it can be
shown to a user as it is.
"""


class MmFusionError(Exception):
    """
    Base of all errors raised on purpose.

    Parameters
    ----------
    what : str
        The thing that was wrong: a parameter, a field, a file.
    expected : str
        What would have been accepted.
    actual : object
        What came instead.

    """

    def __init__(self, what: str, expected: str, actual: object) -> None:
        super().__init__(f'{what}: expected {expected}, got {actual}')
        self.what = what
        self.expected = expected
        self.actual = actual

    def __reduce__(self) -> tuple[type['MmFusionError'], tuple[str, str, object]]:
        """Rebuild from the three parts, which lets the error cross process borders."""
        return type(self), (self.what, self.expected, self.actual)


class ConfigError(MmFusionError):
    """A parameter, parameter file or command-line argument cannot be used."""


class InvalidMessageError(MmFusionError):
    """A message, or a record of a data set, contradicts itself or its type."""


class CheckpointError(MmFusionError):
    """Model weights are missing, damaged or made for another model."""


class TransformError(MmFusionError):
    """No usable transform joins two frames at the time asked for."""


class BagError(MmFusionError):
    """A bag or data set folder is missing, truncated or of a foreign format."""

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Serialised messages (CDR): read and set the stamp without decoding, damage bytes, decode, encode.
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros import stamps
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

# Two bytes of representation, two of options; then the header's stamp, of every stamped message.
_ENCAPSULATION = 4
_STAMP_END = 12


class Passing(NamedTuple):
    """
    A message on its way.

    Attributes
    ----------
    topic, type : str
        `package/msg/Name`.
    raw : bytes
        CDR.
    at_ns : int
        When it comes, ns.

    """

    topic: str
    type: str
    raw: bytes
    at_ns: int


def stamp_of(raw: bytes) -> int:
    """Read the header stamp, ns; 0 if the bytes end before it."""
    if len(raw) < _STAMP_END:
        return 0
    return stamps.join(*struct.unpack_from(_stamp_format(raw), raw, _ENCAPSULATION))


def restamped(raw: bytes, stamp_ns: int) -> bytes:
    """
    Set the header stamp.

    Raises
    ------
    InvalidMessageError
        If there is no room for it in the bytes, or in its own 32 bits.

    """
    sec, nanosec = stamps.split(stamp_ns)
    if len(raw) < _STAMP_END or not -2**31 <= sec < 2**31:
        raise InvalidMessageError('stamp', 'one that fits the message', f'{sec} s')
    stamp = struct.pack(_stamp_format(raw), sec, nanosec)
    return raw[:_ENCAPSULATION] + stamp + raw[_STAMP_END:]


def corrupted(raw: bytes, count: int, rng: Generator) -> bytes:
    """Change so many bytes behind the encapsulation, each to another value."""
    data: NDArray[np.uint8] = np.frombuffer(raw, np.uint8).copy()
    body = data[_ENCAPSULATION:]
    places = rng.choice(len(body), min(count, len(body)), replace=False)
    body[places] ^= rng.integers(1, 256, len(places), dtype=np.uint8)
    return data.tobytes()


def truncated(raw: bytes, share: float) -> bytes:
    """Cut a share of the bytes behind the encapsulation off."""
    keep = round(max(len(raw) - _ENCAPSULATION, 0) * (1.0 - share))
    return raw[:_ENCAPSULATION + keep]


def decode(raw: bytes, kind: str) -> Any:
    """
    Deserialise.

    Raises
    ------
    InvalidMessageError
        If the bytes are not a message of the type.

    """
    try:
        return TYPESTORE.deserialize_cdr(raw, kind)
    except Exception as err:  # generated code meets foreign bytes: any error may come
        raise InvalidMessageError('message', kind, f'{len(raw)} bytes ({err})') from err


def encode(message: Any, kind: str) -> bytes:
    """Serialise."""
    return bytes(TYPESTORE.serialize_cdr(message, kind))


def _stamp_format(raw: bytes) -> str:
    return '<iI' if raw[1] & 1 else '>iI'

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Writes a rosbag2 folder: version 8, MCAP, chunks compressed with zstd.

The same messages give byte-identical files, and an aborted run leaves nothing behind.
"""

from __future__ import annotations

from functools import partial
import shutil
from typing import Any, cast, TYPE_CHECKING

from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.rosbag2.storage_mcap import McapWriter, zstd  # type: ignore[attr-defined]

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.errors import BagError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from rosbags.interfaces import Connection
    from typing_extensions import Self

_ZSTD_LEVEL = 1
_INFINITE = QosTime(9223372036, 854775807)  # what rmw calls an infinite duration


def _qos(transient_local: bool) -> Qos:
    return Qos(
        history=QosHistory.KEEP_LAST,
        depth=100 if transient_local else 10,
        reliability=QosReliability.RELIABLE,
        durability=QosDurability.TRANSIENT_LOCAL if transient_local else QosDurability.VOLATILE,
        deadline=_INFINITE,
        lifespan=_INFINITE,
        liveliness=QosLiveliness.AUTOMATIC,
        liveliness_lease_duration=_INFINITE,
        avoid_ros_namespace_conventions=False,
    )


class BagWriter:
    """
    A context manager that makes the folder appear, complete, when it is left without an error.

    Parameters
    ----------
    path : Path
        The folder to make.
    overwrite : bool
        Replace a bag that is there already. Anything but a bag is never replaced.

    Raises
    ------
    BagError
        If the path is taken or cannot be written.

    """

    def __init__(self, path: Path, overwrite: bool = False) -> None:
        if path.exists():
            if not overwrite:
                raise BagError(f'output {path}', 'a new path', 'one that exists already')
            if not (path / 'metadata.yaml').is_file():
                raise BagError(f'output {path}', 'a bag to overwrite', 'something else')
        self._path = path
        self._partial = path.with_name(f'.{path.name}.partial')
        # The library names the file after its folder, so the sibling holds a folder of that name.
        self._folder = self._partial / path.name
        self._connections: dict[str, tuple[Connection, bool]] = {}

    def __enter__(self) -> Self:
        """
        Open a temporary folder beside the path.
        """
        try:
            if self._partial.exists():  # of a run that was killed
                shutil.rmtree(self._partial)
            self._writer = Writer(
                self._folder, version=8, storage_plugin=StoragePlugin.MCAP
            )
            self._writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
            self._writer.open()
            # A hundredth larger and twice as fast as the library's level, on clouds and images.
            storage = cast('McapWriter', self._writer.storage)
            storage.compressor = partial(zstd.compress, level=_ZSTD_LEVEL)
        except OSError as err:
            raise BagError(f'output {self._path}', 'a writable path', err.strerror) from err
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """
        Finish the bag and move it to its path; after an error remove all of it instead.
        """
        try:
            if kind is None:
                self._writer.close()
                if self._path.exists():
                    shutil.rmtree(self._path)
                self._folder.rename(self._path)
            else:
                self._writer.abort()
        finally:
            shutil.rmtree(self._partial)

    def write(
        self, topic: str, message: Any, log_time_ns: int, transient_local: bool = False
    ) -> None:
        """
        Append one message.

        Parameters
        ----------
        topic : str
            Absolute name.
        message : object
            Of a class of `TYPESTORE.types`.
        log_time_ns : int
            When it was received, ns.
        transient_local : bool
            Late subscribers get it too; the same for all messages of a topic.

        Raises
        ------
        BagError
            If the topic was begun with another type or durability.

        """
        kind = message.__msgtype__
        raw = TYPESTORE.serialize_cdr(message, kind)
        self.write_raw(topic, kind, raw, log_time_ns, transient_local)

    def write_raw(
        self,
        topic: str,
        kind: str,
        raw: bytes | memoryview,
        log_time_ns: int,
        transient_local: bool = False,
    ) -> None:
        """
        Append one message that is serialised (CDR) already; otherwise like `write`.
        """
        if topic not in self._connections:
            connection = self._writer.add_connection(
                topic, kind, typestore=TYPESTORE, offered_qos_profiles=[_qos(transient_local)]
            )
            self._connections[topic] = connection, transient_local
        connection, begun_transient = self._connections[topic]
        if (connection.msgtype, begun_transient) != (kind, transient_local):
            raise BagError(
                f'topic {topic}',
                f'{connection.msgtype}, transient-local {begun_transient}',
                f'{kind}, transient-local {transient_local}',
            )
        self._writer.write(connection, log_time_ns, raw)

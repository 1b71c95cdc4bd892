# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads a rosbag2 folder, a single .mcap or .db3, or a ROS 1 .bag, all the same way.

Messages come in the order of their log times; ROS 1 messages come as their ROS 2 types.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast, TYPE_CHECKING

from rosbags.convert.converter import is_same_wireformat, migrate_message
from rosbags.highlevel import AnyReader
from rosbags.interfaces import ConnectionExtRosbag1, QosDurability, QosReliability

from mm_fusion_ros.bags.torn_mcap import is_torn, TornMcap
from mm_fusion_ros.bags.typestore import load_typestore, TYPESTORE
from mm_fusion_ros.errors import BagError, InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path
    from types import TracebackType

    from rosbags.interfaces import Connection
    from rosbags.interfaces.typing import RPath
    from rosbags.typesys.store import Typestore
    from typing_extensions import Self

_EXPECTED = 'a rosbag2 folder, .mcap, .db3 or ROS 1 .bag'
_FILE_SUFFIXES = ('.mcap', '.db3', '.bag')
_RENAMED = {'tf/msg/tfMessage': 'tf2_msgs/msg/TFMessage'}


@dataclass(frozen=True, slots=True)
class TopicInfo:
    """
    One topic of a bag: name, type as `package/msg/Name`, how many messages, and its QoS.

    `transient_local` and `best_effort` are true if any of its publishers was.
    """

    name: str
    type: str
    count: int
    transient_local: bool = False
    best_effort: bool = False


@dataclass(frozen=True, slots=True)
class BagMessage:
    """
    One recorded message, not deserialised until asked.

    Attributes
    ----------
    topic, type : str
        `package/msg/Name`.
    log_time_ns : int
        When it was recorded, ns.
    raw : bytes
        CDR, ready to be published.

    """

    topic: str
    type: str
    log_time_ns: int
    raw: bytes = field(repr=False)
    _decode: Callable[[], Any] = field(repr=False, compare=False)

    @property
    def message(self) -> Any:
        """
        Deserialise the message, anew at each access.

        Raises
        ------
        InvalidMessageError
            If the bytes are not a message of the type.

        """
        try:
            return self._decode()
        except Exception as err:  # generated code meets foreign bytes: any error may come
            raise InvalidMessageError(f'message on {self.topic}', self.type, err) from err


def _storage_paths(path: Path) -> tuple[list[RPath], tuple[str, ...]]:
    """
    Find what to open for a path, and say what had to be mended.
    """
    if not path.exists():
        raise BagError(f'bag {path}', _EXPECTED, 'no such path')
    if path.is_dir():
        if (path / 'metadata.yaml').is_file() and not any(map(is_torn, path.glob('*.mcap'))):
            return [path], ()
        # The recorder crashed before it wrote the index, or only the storage was copied.
        files = [p for suffix in ('.mcap', '.db3') for p in sorted(path.glob(f'*{suffix}'))]
        if not files:
            raise BagError(f'bag {path}', _EXPECTED, 'a folder without metadata.yaml or storage')
    elif path.suffix in _FILE_SUFFIXES:
        files = [path]
    else:
        raise BagError(f'bag {path}', _EXPECTED, f'a file named {path.suffix or "without suffix"}')
    torn = [file for file in files if is_torn(file)]
    warnings = tuple(
        f'{file.name}: expected an index at the end, got none; read up to the last whole record'
        for file in torn
    )
    return [cast('RPath', TornMcap(file) if file in torn else file) for file in files], warnings


class BagReader:
    """
    A context manager on one recording.

    Parameters
    ----------
    path : Path
        rosbag2 folder (also one that lacks metadata.yaml), single storage file, or ROS 1 bag.

    Attributes
    ----------
    warnings : tuple of str
        What had to be mended to read it, such as a file that a crashed recorder left.

    Raises
    ------
    BagError
        On opening or while reading, if it is missing, damaged or something else.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        paths, self.warnings = _storage_paths(path)
        try:
            self._reader = AnyReader(paths, default_typestore=TYPESTORE)
        except Exception as err:  # foreign bytes through a library: any error may come
            raise self._error(err) from err

    def _error(self, err: Exception) -> BagError:
        text = ' '.join(str(err).split()) or type(err).__name__
        return BagError(f'bag {self.path}', _EXPECTED, f'unreadable content ({text.rstrip(".")})')

    def __enter__(self) -> Self:
        """
        Open the files and read their index.
        """
        try:
            self._reader.open()
        except Exception as err:
            raise self._error(err) from err
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """
        Close the files.
        """
        self._reader.close()

    @property
    def topics(self) -> tuple[TopicInfo, ...]:
        """
        What the bag holds, sorted by name.
        """
        found: dict[tuple[str, str], TopicInfo] = {}
        for connection in self._reader.connections:
            kind = _RENAMED.get(connection.msgtype, connection.msgtype)
            info = found.get((connection.topic, kind), TopicInfo(connection.topic, kind, 0))
            found[connection.topic, kind] = replace(
                info,
                count=info.count + connection.msgcount,
                transient_local=info.transient_local or _is_transient_local(connection),
                best_effort=info.best_effort or _is_best_effort(connection),
            )
        return tuple(found[key] for key in sorted(found))

    @property
    def start_ns(self) -> int:
        """
        Log time of the first message, ns; 0 in an empty bag.
        """
        return self._reader.start_time if self._reader.message_count else 0

    @property
    def end_ns(self) -> int:
        """
        Log time of the last message, ns; 0 in an empty bag.
        """
        return self._reader.end_time - 1 if self._reader.message_count else 0

    @property
    def duration_ns(self) -> int:
        """
        From the first to the last message, ns.
        """
        return self.end_ns - self.start_ns

    def messages(
        self,
        topics: Collection[str] | None = None,
        start_ns: int | None = None,
        stop_ns: int | None = None,
    ) -> Iterator[BagMessage]:
        """
        Iterate over messages by log time.

        Parameters
        ----------
        topics : collection of str, optional
            Only these; all if None.
        start_ns, stop_ns : int, optional
            Only log times from start (inclusive) to stop (exclusive), ns.

        Yields
        ------
        BagMessage

        """
        wanted = [
            connection
            for connection in self._reader.connections
            if topics is None or connection.topic in topics
        ]
        if not wanted:
            return
        decoders = {connection.msgtype: self._decoder(connection.msgtype) for connection in wanted}
        recorded = self._reader.messages(wanted, start_ns, stop_ns)
        while True:
            try:
                connection, log_time_ns, raw = next(recorded)
                message = decoders[connection.msgtype](connection.topic, log_time_ns, raw)
            except StopIteration:
                return
            except Exception as err:
                raise self._error(err) from err
            yield message

    def _decoder(self, kind: str) -> Callable[[str, int, bytes], BagMessage]:
        """
        Choose how messages of one recorded type are decoded.
        """
        own, target = self._reader.typestore, _RENAMED.get(kind, kind)
        convert: Callable[[bytes], bytes] = bytes
        if self._reader.is2:
            store = own if kind in own.fielddefs else TYPESTORE
        else:
            store = _with_types_of(own)
            convert = _ros1_to_cdr(own, store, kind, target)

        def decoder(topic: str, log_time_ns: int, recorded: bytes) -> BagMessage:
            raw = convert(recorded)
            return BagMessage(
                topic, target, log_time_ns, raw, partial(store.deserialize_cdr, raw, target)
            )

        return decoder


def _with_types_of(own: Typestore) -> Typestore:
    """
    Add the types that only this bag knows to those of ROS 2.
    """
    store = load_typestore()
    store.register({name: own.fielddefs[name] for name in own.fielddefs - store.fielddefs.keys()})
    return store


def _ros1_to_cdr(
    own: Typestore, store: Typestore, kind: str, target: str
) -> Callable[[bytes], bytes]:
    """
    Choose the short way for types that ROS 2 left alone, the long one for those it changed.
    """
    if is_same_wireformat(own, store, kind, target):
        return lambda recorded: bytes(store.ros1_to_cdr(recorded, target))
    cache: dict[str, object] = {}

    def migrate(recorded: bytes) -> bytes:
        old = own.deserialize_ros1(recorded, kind)
        new = migrate_message(own, store, kind, target, cache, old)
        return bytes(store.serialize_cdr(new, target))

    return migrate


def _is_transient_local(connection: Connection) -> bool:
    if isinstance(connection.ext, ConnectionExtRosbag1):
        return bool(connection.ext.latching)
    return any(
        qos.durability is QosDurability.TRANSIENT_LOCAL
        for qos in connection.ext.offered_qos_profiles
    )


def _is_best_effort(connection: Connection) -> bool:
    return not isinstance(connection.ext, ConnectionExtRosbag1) and any(
        qos.reliability is QosReliability.BEST_EFFORT
        for qos in connection.ext.offered_qos_profiles
    )

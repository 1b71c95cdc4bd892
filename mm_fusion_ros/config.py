# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How a frozen dataclass becomes parameters: declared once, checked once, from ROS or from a file.

A field made with `parameter` carries its doc, unit and range; a field holding another such
dataclass is a section, whose name becomes a prefix.
"""

from __future__ import annotations

from dataclasses import dataclass, Field, field, fields, is_dataclass
import difflib
import fnmatch
import math
import typing
from typing import Any, TYPE_CHECKING, TypeAlias, TypeVar

import yaml

from mm_fusion_ros.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Value: TypeAlias = bool | int | float | str | tuple[str, ...] | tuple[float, ...]
_C = TypeVar('_C')

# Declared by rclpy itself, or about the machine and not about the node.
_FOREIGN = ('use_sim_time', 'start_type_description_service')
_FOREIGN_PREFIX = 'qos_overrides.'
_TYPE_NAMES = {
    bool: 'a boolean',
    int: 'an integer',
    float: 'a number',
    str: 'a string',
    tuple[str, ...]: 'a list of strings',
    tuple[float, ...]: 'a list of numbers',
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    One parameter as declared.

    Attributes
    ----------
    name : str
        Dotted name.
    type : type
        bool, int, float, str, tuple[str, ...] or tuple[float, ...].
    default : Value
        Used where no value is given.
    doc, unit : str
        For people.
    minimum, maximum : float, optional
        Inclusive range of a number (of each number of a list).
    choices : tuple of str
        The only strings accepted; empty for any.

    """

    name: str
    type: Any
    default: Value
    doc: str
    unit: str = ''
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """The doc with unit and accepted values, in one line."""
        extra = [f'Unit: {self.unit}.'] if self.unit else []
        if self.choices:
            extra.append(f'One of {", ".join(self.choices)}.')
        return ' '.join([self.doc, *extra])

    def check(self, value: object) -> Value:
        """
        Return the value in the declared type.

        Raises
        ------
        ConfigError
            If type, range or choice does not fit.

        """
        typed = _as_type(self.type, value)
        if typed is None:
            raise ConfigError(f'parameter {self.name}', _TYPE_NAMES[self.type], repr(value))
        if self.choices and typed not in self.choices:
            raise ConfigError(
                f'parameter {self.name}', f'one of {", ".join(self.choices)}', repr(value)
            )
        for number in _numbers(typed):
            self._check_range(number)
        return typing.cast('Value', typed)

    def _check_range(self, number: float) -> None:
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= number <= high:
            unit = f' {self.unit}' if self.unit else ''
            raise ConfigError(f'parameter {self.name}', f'{low:g} to {high:g}{unit}', number)


def parameter(
    default: Any,
    doc: str,
    unit: str = '',
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """
    Make a dataclass field that is a parameter.

    Parameters
    ----------
    default : Value
        Its default.
    doc, unit : str
        What it does, and in which unit it is.
    minimum, maximum : float, optional
        Inclusive range.
    choices : tuple of str
        The only strings accepted.

    """
    return field(
        default=default,
        metadata={
            'doc': doc,
            'unit': unit,
            'minimum': minimum,
            'maximum': maximum,
            'choices': choices,
        },
    )


def walk(config_class: type, prefix: str = '') -> Iterator[Parameter]:
    """Yield every parameter of a config dataclass, sections included, in order of declaration."""
    hints = typing.get_type_hints(config_class)
    for item in fields(config_class):
        if 'doc' in item.metadata:
            yield _declared(prefix + item.name, hints[item.name], item)
        elif is_dataclass(hints[item.name]):
            yield from walk(hints[item.name], f'{prefix}{item.name}.')


def build(config_class: type[_C], values: Mapping[str, object], prefix: str = '') -> _C:
    """
    Make a config from dotted names to values; names that are missing take their defaults.

    Raises
    ------
    ConfigError
        If a value does not fit its parameter.

    """
    hints = typing.get_type_hints(config_class)
    built: dict[str, object] = {}
    for item in fields(config_class):  # type: ignore[arg-type]
        name = prefix + item.name
        if 'doc' in item.metadata:
            declared = _declared(name, hints[item.name], item)
            built[item.name] = declared.check(values.get(name, declared.default))
        elif is_dataclass(hints[item.name]):
            section = typing.cast('type[Any]', hints[item.name])
            built[item.name] = build(section, values, f'{name}.')
    return config_class(**built)


def refuse_unknown(values: Iterable[str], known: Iterable[str]) -> None:
    """
    Raise for the first name that is neither declared nor one that any ROS node may be given.

    Raises
    ------
    ConfigError
        Naming the closest declared parameter.

    """
    names = list(known)
    for name in values:
        if name not in (*names, *_FOREIGN) and not name.startswith(_FOREIGN_PREFIX):
            close = difflib.get_close_matches(name, names, n=1)
            hint = f'a declared parameter (close to it: {close[0]})' if close else (
                'a declared parameter')
            raise ConfigError(f'parameter {name}', hint, 'an unknown name')


def load_parameter_file(path: Path, node_name: str) -> dict[str, Value]:
    """
    Read what a ROS 2 parameter file says to one node.

    Parameters
    ----------
    path : Path
        YAML as given to `--params-file`: node names (wildcards allowed) over `ros__parameters`.
    node_name : str
        Name of the node, without namespace.

    Returns
    -------
    dict
        Dotted names to values; later sections of the file win.

    Raises
    ------
    ConfigError
        If the file cannot be read or is no parameter file.

    """
    document = read_yaml(path, 'parameter file')
    values: dict[str, Value] = {}
    for pattern, content in document.items():
        if not isinstance(content, dict) or not isinstance(content.get('ros__parameters'), dict):
            wanted = f'ros__parameters under {pattern}'
            raise ConfigError(f'parameter file {path}', wanted, content)
        if fnmatch.fnmatch(node_name, str(pattern).rstrip('/').rsplit('/', 1)[-1]):
            values.update(flatten(content['ros__parameters']))
    return values


def read_yaml(path: Path, what: str) -> dict[Any, Any]:
    """
    Read a file whose top level maps names.

    Raises
    ------
    ConfigError
        If the file cannot be read or is something else.

    """
    try:
        document = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as err:
        raise ConfigError(f'{what} {path}', 'readable YAML', _one_line(err)) from err
    if not isinstance(document, dict):
        raise ConfigError(f'{what} {path}', 'names at the top', type(document))
    return document


def _declared(name: str, kind: Any, item: Field[Any]) -> Parameter:
    default = typing.cast('Value', item.default)
    return Parameter(name, kind, default, **item.metadata)


def _one_line(error: Exception) -> str:
    return ' '.join(str(error).split())


def flatten(tree: Mapping[Any, Any], prefix: str = '') -> Iterator[tuple[str, Value]]:
    """Yield dotted names and values of a tree of names."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flatten(value, f'{prefix}{key}.')
        else:
            yield f'{prefix}{key}', tuple(value) if isinstance(value, list) else value


def _numbers(value: Value) -> tuple[float, ...]:
    if isinstance(value, (bool, str)):
        return ()
    if isinstance(value, tuple):
        return tuple(item for item in value if not isinstance(item, str))
    return (value,)


def _as_type(wanted: Any, value: object) -> Any:
    """Return the value as the wanted type, or None where it is of another one."""
    if wanted is float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return float(typing.cast('float', value)) if is_number else None
    if wanted in (bool, int, str):
        fits = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
        return value if fits else None
    if isinstance(value, (str, bytes)) or not hasattr(value, '__iter__'):
        return None
    kind = typing.get_args(wanted)[0]
    items = [_as_type(kind, item) for item in typing.cast('Iterable[object]', value)]
    return None if any(item is None for item in items) else tuple(items)

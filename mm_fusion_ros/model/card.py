# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What must be known about trained weights to use them, and to judge them: one YAML file for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
import math
from pathlib import Path
import re
import textwrap
from typing import Any

import yaml

from mm_fusion_ros import share
from mm_fusion_ros.config import build, flatten, parameter, read_yaml, refuse_unknown, walk
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import ConfigError, InvalidMessageError
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.settings import NetworkSettings

_SCORES = 'scores'
_WIDTH = 99


@dataclass(frozen=True, slots=True)
class ModelCard:
    """
    One trained network.

    Attributes
    ----------
    scores : mapping of str to float
        What it reached on which test; dotted names.
    path : Path, optional
        The file that this was read from.

    """

    name: str = parameter('', 'Name of the model.')
    checkpoint: str = parameter('', 'File of the weights, beside the card or in weights/.')
    sha256: str = parameter('', 'Hash of that file, in hexadecimal digits.')
    classes: tuple[str, ...] = parameter(
        tuple(member.label for member in ObjectClass if member is not ObjectClass.OBSTACLE),
        'Labels of what it tells apart, in the order of its answer.')
    image_width_px: int = parameter(
        640, 'Images are brought to this width.', 'px', minimum=32, maximum=8192)
    image_height_px: int = parameter(
        192, 'Images are brought to this height.', 'px', minimum=32, maximum=8192)
    image_mean: float = parameter(
        127.0, 'Subtracted from pixel values.', minimum=0.0, maximum=255.0)
    image_scale: float = parameter(
        128.0, 'Pixel values are then divided by this.', minimum=1e-3, maximum=255.0)
    ground_z_m: float = parameter(
        0.0, 'Where the ground is in base_link.', 'm', minimum=-10.0, maximum=10.0)
    uses_memory: bool = parameter(
        False, 'It has learned to look at what was seen a moment before.')
    recipe: str = parameter('', 'Recipe in config/training that it was trained by.')
    commit: str = parameter('', 'Commit of the code that trained it.')
    trained_frames: int = parameter(
        0, 'Frames that it saw in training, repeated ones counted each time.', 'frames',
        minimum=0, maximum=2**62)
    trained_on: str = parameter('', 'Device that it was trained on.')
    trained_hours: float = parameter(
        0.0, 'How long that took.', 'h', minimum=0.0, maximum=1e5)
    known_limits: tuple[str, ...] = parameter((), 'What it is known to do badly.')
    grid: BevGrid = field(default_factory=BevGrid)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    scores: Mapping[str, float] = field(default_factory=dict)
    path: Path | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be the name, the file, the hash or the classes of a model."""
        if not self.name.strip():
            raise ConfigError('parameter name', 'a name', repr(self.name))
        # A card that somebody else wrote must not point out of the folders of weights.
        if not re.fullmatch(r'\w[\w.-]*\.safetensors', self.checkpoint, re.ASCII):
            raise ConfigError(
                'parameter checkpoint', 'the name of a .safetensors file without folders',
                repr(self.checkpoint))
        if not re.fullmatch(r'[0-9a-f]{64}', self.sha256):
            raise ConfigError(
                'parameter sha256', '64 hexadecimal digits in lower case', repr(self.sha256))
        if not self.classes or len(set(self.classes)) < len(self.classes):
            raise ConfigError(
                'parameter classes', 'at least one label, each once', list(self.classes))
        if ObjectClass.OBSTACLE in self.object_classes:
            raise ConfigError('parameter classes', 'things that have a class', 'obstacle')
        for name, score in self.scores.items():
            is_number = isinstance(score, (int, float)) and not isinstance(score, bool)
            if not is_number or not math.isfinite(score):
                raise ConfigError(f'parameter {_SCORES}.{name}', 'a finite number', repr(score))

    @property
    def object_classes(self) -> tuple[ObjectClass, ...]:
        """What it tells apart, in the order of its answer."""
        try:
            return tuple(map(ObjectClass.from_label, self.classes))
        except InvalidMessageError as err:
            raise ConfigError('parameter classes', err.expected, err.actual) from err

    @property
    def weights_file(self) -> Path:
        """Where its weights should be: beside the card that was read, else with the package's."""
        beside = None if self.path is None else self.path.parent / self.checkpoint
        return beside if beside and beside.is_file() else share.weights_file(self.checkpoint)


def load_card(model: str) -> ModelCard:
    """
    Read a model card by its name in config/models, or from a file.

    Raises
    ------
    ConfigError
        If there is no such card, or it lacks a key, has an unknown one or a value that does
        not fit.

    """
    path = share.model_card_file(model)
    values: dict[str, Any] = dict(flatten(read_yaml(path, 'model card')))
    prefix = f'{_SCORES}.'
    scores = {key.removeprefix(prefix): values.pop(key)
              for key in list(values) if key.startswith(prefix)}
    known = [declared.name for declared in walk(ModelCard)]
    try:
        refuse_unknown(values, known)
        for name in known:
            if name not in values:
                raise ConfigError(f'parameter {name}', 'a value', 'none')
        return replace(build(ModelCard, values), scores=scores, path=path)
    except ConfigError as err:
        raise ConfigError(f'{err.what} of model card {path}', err.expected, err.actual) from err


def save_card(card: ModelCard, path: Path) -> None:
    """Write a card as a file that `load_card` reads, each value under what it means."""
    path.write_text('\n'.join(_lines(card)) + '\n', encoding='utf-8')


def _lines(card: ModelCard) -> Iterator[str]:
    section = ''
    for declared in walk(ModelCard):
        inside, _, key = declared.name.rpartition('.')
        if inside != section:
            yield f'{inside}:'
            section = inside
        indent = '  ' if inside else ''
        yield from textwrap.wrap(
            declared.description, _WIDTH, initial_indent=f'{indent}# ',
            subsequent_indent=f'{indent}# ')
        value = getattr(getattr(card, inside) if inside else card, key)
        yield from _entry(key, list(value) if isinstance(value, tuple) else value, indent)
    if card.scores:
        yield '# What it reached on which test.'
        yield from _entry(_SCORES, dict(card.scores), '')


def _entry(key: str, value: object, indent: str) -> list[str]:
    text = yaml.safe_dump(
        {key: value}, sort_keys=False, allow_unicode=True, width=_WIDTH - len(indent))
    return textwrap.indent(text, indent).splitlines()

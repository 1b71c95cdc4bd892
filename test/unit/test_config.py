# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How dataclass fields become parameters."""

from dataclasses import dataclass

import pytest

from mm_fusion_ros.config import build, load_parameter_file, parameter, refuse_unknown, walk
from mm_fusion_ros.errors import ConfigError


@dataclass(frozen=True)
class Inner:
    gain: float = parameter(1.0, 'A gain.', 'm', minimum=0.0, maximum=2.0)


@dataclass(frozen=True)
class Outer:
    names: tuple[str, ...] = parameter(('a',), 'Names.')
    weights: tuple[float, ...] = parameter((), 'Weights.', minimum=0.0, maximum=1.0)
    count: int = parameter(3, 'A count.', minimum=1, maximum=9)
    mode: str = parameter('slow', 'A mode.', choices=('slow', 'fast'))
    on: bool = parameter(True, 'A switch.')
    inner: Inner = Inner()


def test_walking_gives_dotted_names_in_order_of_declaration():
    names = [declared.name for declared in walk(Outer)]
    assert names == ['names', 'weights', 'count', 'mode', 'on', 'inner.gain']


def test_a_description_holds_unit_and_choices():
    described = {declared.name: declared.description for declared in walk(Outer)}
    assert described['inner.gain'] == 'A gain. Unit: m.'
    assert described['mode'] == 'A mode. One of slow, fast.'


def test_what_is_not_given_takes_its_default():
    assert build(Outer, {}) == Outer()


def test_values_reach_sections_and_integers_serve_as_numbers():
    built = build(Outer, {'inner.gain': 2, 'names': ['x', 'y'], 'weights': (0, 1)})
    assert built.inner.gain == 2.0
    assert isinstance(built.inner.gain, float)
    assert built.names == ('x', 'y')
    assert built.weights == (0.0, 1.0)


@pytest.mark.parametrize(('name', 'value', 'text'), [
    ('count', 'x', 'parameter count: expected an integer'),
    ('count', True, 'parameter count: expected an integer'),
    ('count', 10, 'parameter count: expected 1 to 9, got 10'),
    ('inner.gain', -1.0, 'parameter inner.gain: expected 0 to 2 m, got -1.0'),
    ('inner.gain', float('nan'), 'parameter inner.gain: expected 0 to 2 m, got nan'),
    ('inner.gain', True, 'parameter inner.gain: expected a number'),
    ('mode', 'medium', 'parameter mode: expected one of slow, fast'),
    ('names', 'abc', 'parameter names: expected a list of strings'),
    ('names', [1], 'parameter names: expected a list of strings'),
    ('weights', [2.0], 'parameter weights: expected 0 to 1, got 2.0'),
    ('on', 1, 'parameter on: expected a boolean'),
    ('on', None, 'parameter on: expected a boolean'),
])
def test_a_value_that_does_not_fit_is_refused_by_name(name, value, text):
    with pytest.raises(ConfigError, match=text):
        build(Outer, {name: value})


def test_an_unknown_name_is_refused_with_the_closest_one():
    with pytest.raises(ConfigError, match=r'close to it: inner\.gain'):
        refuse_unknown(['inner.gian'], ['count', 'inner.gain'])
    with pytest.raises(ConfigError, match='an unknown name'):
        refuse_unknown(['zzz'], ['count'])


def test_a_parameter_file_speaks_to_the_nodes_its_patterns_name(tmp_path):
    path = tmp_path / 'p.yaml'
    path.write_text(
        '/**:\n  ros__parameters:\n    count: 1\n    inner:\n      gain: 0.5\n'
        '/mm/node:\n  ros__parameters:\n    count: 2\n    names: []\n'
        '/**/other:\n  ros__parameters:\n    count: 3\n')
    assert load_parameter_file(path, 'node') == {'count': 2, 'inner.gain': 0.5, 'names': ()}


@pytest.mark.parametrize(('content', 'text'), [
    ('a: [', 'expected readable YAML'),
    ('- a', 'expected names at the top'),
    ('node:\n  count: 1', 'expected ros__parameters under node'),
    ('node:\n  ros__parameters: 3', 'expected ros__parameters under node'),
])
def test_a_file_that_is_no_parameter_file_is_refused(tmp_path, content, text):
    path = tmp_path / 'p.yaml'
    path.write_text(content)
    with pytest.raises(ConfigError, match=text):
        load_parameter_file(path, 'node')


def test_a_missing_parameter_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r'expected readable YAML, got .*No such file'):
        load_parameter_file(tmp_path / 'none.yaml', 'node')

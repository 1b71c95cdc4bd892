# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Weights come back as they were saved, or not at all."""

import hashlib
import json
import pickle
import re

import pytest
import torch
from torch import nn

from mm_fusion_ros.errors import CheckpointError
from mm_fusion_ros.model.checkpoint import load_weights, save_weights, sha256_of


def network(width=3, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(2, width, 3), nn.BatchNorm2d(width), nn.Linear(width, 1))


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'w.safetensors'


def test_weights_come_back_bit_for_bit(path):
    saved, other = network(seed=1), network(seed=2)
    digest = save_weights(saved.state_dict(), path)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest() == sha256_of(path)
    other.load_state_dict(load_weights(path, other.state_dict(), digest))
    for name, tensor in saved.state_dict().items():
        assert torch.equal(other.state_dict()[name], tensor)
    assert list(path.parent.iterdir()) == [path]


def test_the_same_weights_are_the_same_bytes(path):
    tensors = network().state_dict()
    backwards = dict(reversed(list(tensors.items())))
    assert save_weights(tensors, path) == save_weights(backwards, path)


def test_weights_stored_in_half_are_loaded_as_the_network_has_them(path):
    tensors = network().state_dict()
    save_weights(tensors, path)
    whole_bytes = path.stat().st_size
    save_weights(tensors, path, torch.float16)
    assert path.stat().st_size < whole_bytes
    loaded = load_weights(path, tensors)
    assert loaded['0.weight'].dtype == torch.float32
    torch.testing.assert_close(loaded['0.weight'], tensors['0.weight'].half().float())
    assert loaded['1.num_batches_tracked'].dtype == torch.int64


def test_views_and_shared_tensors_are_saved_each_on_its_own(path):
    whole = torch.arange(12.0).reshape(3, 4)
    tensors = {'a': whole.T, 'b': whole[:, 1], 'c': whole, 'd': whole}
    save_weights(tensors, path)
    loaded = load_weights(path, tensors)
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)
    loaded['c'][0] = 7.0
    assert torch.equal(loaded['d'], whole)


def test_numbers_that_are_not_finite_are_not_saved(path):
    save_weights({'a': torch.tensor([70000.0])}, path)
    before = path.read_bytes()
    text = f'a of weights {path}: expected finite numbers of torch.float16, got infinite'
    with pytest.raises(CheckpointError, match=re.escape(text)):
        save_weights({'a': torch.tensor([70000.0])}, path, torch.float16)
    with pytest.raises(CheckpointError, match=r'expected finite numbers of torch\.float32'):
        save_weights({'a': torch.tensor([float('nan')])}, path)
    assert path.read_bytes() == before


def test_weights_that_cannot_be_written_are_an_error(tmp_path):
    with pytest.raises(CheckpointError, match='expected a file that can be written'):
        save_weights(network().state_dict(), tmp_path / 'absent' / 'w.safetensors')


def test_a_missing_file_is_refused_with_the_remedy(path):
    text = f'weights {path}: expected a file (reinstall mm_fusion_ros, or make them with `python'
    with pytest.raises(CheckpointError, match=re.escape(text)):
        load_weights(path, network().state_dict())


def header_of(claimed):
    text = json.dumps(claimed).encode()
    return len(text).to_bytes(8, 'little') + text


HUGE = {'a': {'dtype': 'F32', 'shape': [1 << 40], 'data_offsets': [0, 4 << 40]}}
WRONG = {'a': {'dtype': 'F32', 'shape': [3], 'data_offsets': [0, 8]}}
DAMAGED = {
    'empty': b'',
    'text': b'version https://example.org/spec\n' * 3,
    'a pickle': pickle.dumps({'a': print}),
    'a header longer than the file': (1 << 40).to_bytes(8, 'little') + b'{}',
    'a tensor longer than the file': header_of(HUGE),
    'a shape that its bytes contradict': header_of(WRONG) + bytes(8),
    'bytes of no tensor': header_of({}) + bytes(5),
}


@pytest.mark.parametrize('kind', DAMAGED)
def test_a_file_that_is_no_checkpoint_is_refused_with_the_remedy(path, kind):
    path.write_bytes(DAMAGED[kind])
    with pytest.raises(CheckpointError, match=r'expected a complete safetensors file \(reinstall'):
        load_weights(path, {'a': torch.zeros(3)})


def test_a_truncated_file_is_refused(path):
    digest = save_weights(network().state_dict(), path)
    whole = path.read_bytes()
    for length in (4, 40, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match='expected a complete safetensors file'):
            load_weights(path, network().state_dict(), digest)


def test_a_file_of_another_hash_is_refused(path):
    digest = save_weights(network().state_dict(), path)
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    text = f'expected those with the SHA-256 {digest} that the model card names (reinstall'
    with pytest.raises(CheckpointError, match=re.escape(text)):
        load_weights(path, network().state_dict(), digest)


def test_the_weights_of_another_network_are_told_apart_by_shape(path):
    save_weights(network(width=4).state_dict(), path)
    text = ('expected the 9 tensors of this network (the model card must be the one that was '
            'written with them), got 0.weight (4, 2, 3, 3) instead of (3, 2, 3, 3); '
            '0.bias (4,) instead of (3,); ')
    with pytest.raises(CheckpointError, match=re.escape(text) + r'.*; and 3 more$'):
        load_weights(path, network().state_dict())


def test_missing_and_unknown_tensors_are_named(path):
    save_weights({'a': torch.zeros(2), 'c': torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match=r'got no b \(3, 1\); unknown c \(1,\)$'):
        load_weights(path, {'a': torch.zeros(2), 'b': torch.zeros(3, 1)})


def test_integers_do_not_pass_for_weights(path):
    save_weights({'a': torch.zeros(2, dtype=torch.int64)}, path)
    with pytest.raises(CheckpointError, match=r'a of weights .*: expected torch\.float32, got'):
        load_weights(path, {'a': torch.zeros(2)})


def test_a_file_with_numbers_that_are_not_finite_is_refused(path):
    tensors = {'a': torch.tensor([1.0, 2.0])}
    save_weights(tensors, path)
    content = bytearray(path.read_bytes())
    content[-4:] = b'\x00\x00\x80\x7f'  # infinity
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r'a of weights .*: expected finite numbers'):
        load_weights(path, tensors)

# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A source tree tells its commit, and whether it is that; others tell none."""

from __future__ import annotations

import re
import subprocess

from mm_fusion_ros.training.source_commit import source_commit


def test_a_commit_is_told_and_marked_if_files_differ(tmp_path):
    def git(*arguments):
        subprocess.run(
            ['git', '-C', tmp_path, '-c', 'user.name=x', '-c', 'user.email=x@x', *arguments],
            check=True, capture_output=True)

    git('init')
    (tmp_path / 'file').write_text('one')
    git('add', 'file')
    git('commit', '-m', 'One')
    commit = source_commit(tmp_path)
    assert re.fullmatch('[0-9a-f]{12}', commit)
    (tmp_path / 'file').write_text('two')
    assert source_commit(tmp_path) == f'{commit}-dirty'


def test_elsewhere_there_is_none(tmp_path):
    assert source_commit(tmp_path / 'nowhere') == ''


def test_without_git_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv('PATH', '')
    assert source_commit(tmp_path) == ''

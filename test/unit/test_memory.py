# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Large buffers are kept."""

import platform
import subprocess
import sys

import pytest

COUNT_FAULTS = """
import resource, sys
import numpy as np
from mm_fusion_ros.memory import keep_large_buffers
if sys.argv[1] == 'keep':
    assert keep_large_buffers()
for _ in range(20):
    np.ones(4_000_000, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(4_000_000, np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='tunes glibc')
def test_a_buffer_of_megabytes_is_reused_without_page_faults():
    result = subprocess.run(
        [sys.executable, '-c', COUNT_FAULTS, 'keep'], capture_output=True, text=True, check=True)
    assert int(result.stdout) < 500  # one pass over 20 buffers would be 20,000

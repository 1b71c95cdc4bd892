# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m mm_fusion_ros`."""

import sys

from mm_fusion_ros.cli import main

sys.exit(main())

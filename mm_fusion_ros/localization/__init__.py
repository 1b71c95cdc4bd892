# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where the vehicle is, at any nanosecond: an error-state Kalman filter over IMU, GNSS and wheels.

`localizer` turns messages into poses; `estimator` is the filter with its memory.
"""

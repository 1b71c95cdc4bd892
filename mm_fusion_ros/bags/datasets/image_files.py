# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads the images of data sets.
"""

from __future__ import annotations

from typing import cast, TYPE_CHECKING

import cv2

from mm_fusion_ros.errors import BagError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


def read_image(file: Path) -> NDArray[np.uint8]:
    """
    Read RGB pixels (H, W, 3), a reversed view on blue, green, red.

    Raises
    ------
    BagError
        If the file is missing or is no image.

    """
    pixels = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if pixels is None:
        kind = {'.png': 'png', '.jpg': 'jpeg'}.get(file.suffix, 'image')
        raise BagError(f'image {file}', f'a {kind} file', 'something else or nothing')
    return cast('NDArray[np.uint8]', pixels[:, :, ::-1])

"""The two kinds of vector that the encoders make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SparseVector:
    """Token ids (unsigned 32-bit, ascending, unique) and their weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]

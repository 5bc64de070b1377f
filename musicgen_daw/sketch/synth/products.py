"""Products of matrices on one thread.

BLAS takes several threads for large products only. Small ones are not worth the wait for others,
and what is made of them does not depend on the number of processors.
"""

from __future__ import annotations

from musicgen_daw.audio import Samples

__all__ = ["LARGEST_PRODUCT", "rows_at_once"]

LARGEST_PRODUCT = 2**18
"""Multiplications up to which OpenBLAS stays on one thread."""


def rows_at_once(matrix: Samples) -> int:
    """Return how many rows may be multiplied with a matrix in one product, at least one."""
    return max(1, LARGEST_PRODUCT // matrix.size)

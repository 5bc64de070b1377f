"""A recursive filter as states of equal size, so that single precision will do to run it.

The states of the textbook, past outputs, grow at 38 Hz and high sample rates so large and so much
alike that neither single precision holds them nor double precision tells them apart: they are
brought to another base in sixty digits, which takes a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["balanced_states"]

_DIGITS = 60
_NOTHING = Decimal("1e-40")

_Matrix = NDArray[np.float64]
_Exact = NDArray[Any]
"""Of decimals."""


def balanced_states(
    numerator: Sequence[float] | _Matrix, denominator: Sequence[float] | _Matrix
) -> tuple[_Matrix, _Matrix, _Matrix, float]:
    """Return a stable filter as ``s' = feed s + into x``, ``y = out s + through x``.

    White noise gives each state unit power, and no two of them are correlated. Both polynomials
    are as long, and the denominator begins with 1.
    """
    order = len(denominator) - 1
    with localcontext() as context:
        context.prec = _DIGITS
        above, below = (
            np.array([Decimal(float(c)) for c in row]) for row in (numerator, denominator)
        )
        feed = np.full((order, order), Decimal(0))
        feed[:, 0] = -below[1:]
        for state in range(order - 1):
            feed[state, state + 1] = Decimal(1)
        into = above[1:] - below[1:] * above[0]
        root = _root(_covariance(feed, into))
        inverse = _inverse(root)
        return (
            _in_double(inverse @ feed @ root),
            _in_double(inverse @ into),
            _in_double(root[0]),  # the first state of the textbook is what comes out
            float(numerator[0]),
        )


def _covariance(feed: _Exact, into: _Exact) -> _Exact:
    """Return the powers of the states for white noise: a sum without end, doubled each turn."""
    power, total = feed, np.outer(into, into)
    while max(abs(value) for value in power.flat) > _NOTHING:
        total = total + power @ total @ power.T
        power = power @ power
    return total


def _root(covariance: _Exact) -> _Exact:
    """Return the triangular matrix whose square it is, by Cholesky's way."""
    order = len(covariance)
    root = np.full((order, order), Decimal(0))
    for row in range(order):
        for column in range(row + 1):
            rest = covariance[row, column] - root[row, :column] @ root[column, :column]
            root[row, column] = rest.sqrt() if row == column else rest / root[column, column]
    return root


def _inverse(root: _Exact) -> _Exact:
    """Return the inverse of a triangular matrix."""
    order = len(root)
    inverse = np.full((order, order), Decimal(0))
    for row in range(order):
        inverse[row, row] = 1 / root[row, row]
        for column in range(row):
            inverse[row, column] = -(root[row, :row] @ inverse[:row, column]) / root[row, row]
    return inverse


def _in_double(exact: _Exact) -> _Matrix:
    return exact.astype(np.float64)

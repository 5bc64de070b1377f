"""The chance in a composition: named streams, so that one decision never shifts another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np

__all__ = ["Dice"]

T = TypeVar("T")


class Dice:
    """A stream of chance that is the same for the same seed and path of names everywhere.

    Only uniform doubles are drawn from the generator: numpy promises PCG64's bits for ever, but
    not the results of its higher distributions.
    """

    def __init__(self, *path: object) -> None:
        self._path = path

    def child(self, *names: object) -> Dice:
        """Return the stream of a named decision, independent of what was drawn from this one."""
        return Dice(*self._path, *names)

    @cached_property
    def _generator(self) -> np.random.Generator:
        """The stream itself, made at the first draw: many are only asked for their children."""
        name = "\x1f".join(str(step) for step in self._path)
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
        return np.random.Generator(np.random.PCG64(seed))

    def share(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        return self._generator.random()

    def chance(self, probability: float) -> bool:
        """Return true with a probability."""
        return self.share() < probability

    def between(self, low: float, high: float) -> float:
        """Return a number from ``low`` to ``high``."""
        return low + (high - low) * self.share()

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[int(self.share() * len(choices))]

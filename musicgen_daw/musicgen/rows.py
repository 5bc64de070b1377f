"""The cues of a batch: the memory of each one's branches, and whose is which row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Rows", "Slot", "TextMemory"]


@dataclass(frozen=True, slots=True)
class TextMemory:
    """What cross-attention looks at: keys and values, ``(layers, heads, tokens, head width)``."""

    keys: Tensor
    values: Tensor


@dataclass(slots=True)
class Slot:
    """A cue's place in the batch: the memory of its branches, and how far it has come.

    ``keys`` and ``values`` are ``(layers, branches, heads, positions, head width)``. ``texts`` has
    for each branch the memory of its text, or ``None`` for a branch without.
    """

    keys: Tensor
    values: Tensor
    texts: tuple[TextMemory | None, ...]
    position: int = 0

    @property
    def branches(self) -> int:
        """How many rows of a batch the cue has."""
        return len(self.texts)


class Rows:
    """Which rows of a batch are whose: those with a text come first, so that they are together.

    ``places`` are each slot's rows, ``slot_of_row`` the slots of the rows, ``texts`` the texts of
    the first rows.
    """

    def __init__(self, slots: Sequence[Slot]) -> None:
        branches = [
            (text is None, index, text) for index, slot in enumerate(slots) for text in slot.texts
        ]
        branches.sort(key=lambda branch: branch[0])  # stable: a slot's own keep their order
        rows: list[list[int]] = [[] for _ in slots]
        for row, (_, index, _) in enumerate(branches):
            rows[index].append(row)
        self.slots = slots
        self.places = [slice(own[0], own[-1] + 1, max(1, own[-1] - own[0])) for own in rows]
        self.slot_of_row = torch.tensor([index for _, index, _ in branches])
        self.texts = [text for _, _, text in branches if text is not None]

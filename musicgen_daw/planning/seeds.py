"""Seeds: told by the sheet, or derived from what stays when a cue is renamed or moved."""

from __future__ import annotations

import hashlib

from musicgen_daw.planning.request import Capabilities

__all__ = ["clip_seed", "derived_seed", "seed_fits"]


def derived_seed(sheet_seed: int, identity: str, low: int = 0, high: int = 2**31 - 1) -> int:
    """Return a seed from ``low`` to ``high`` that only these arguments decide."""
    digest = hashlib.sha256(f"{sheet_seed}\n{identity}".encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)


def seed_fits(seed: int, generator: Capabilities) -> bool:
    """Tell whether a generator takes a seed as it is."""
    return generator.min_seed <= seed <= generator.max_seed


def clip_seed(base: int, take: int, part: int, parts: int, generator: Capabilities) -> int:
    """Return the seed of one part of a take; takes count from 1, parts from 0.

    Seeds count up from ``base`` and wrap within the generator's range, so that those of a cue are
    distinct, and a take keeps its seeds when others are added.
    """
    count = generator.max_seed - generator.min_seed + 1
    offset = base - generator.min_seed + (take - 1) * parts + part
    return generator.min_seed + offset % count

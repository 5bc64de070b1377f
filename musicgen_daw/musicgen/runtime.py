"""How torch is loaded: two of its settings are read once, at that moment.

    OMP_WAIT_POLICY          threads that wait for each other sleep. By default they spin, and
                             where another program wants a core as well each of the thousand
                             waits of a second then lasts until the system steps in: a step of a
                             tenth of a second becomes one of a second.
    THP_MEM_ALLOC_ENABLE     large blocks lie in huge pages (Linux): all weights are read at every
                             step, in order, and are found faster.

What the user has set stays, and what is set here is taken back: no other program sees it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

__all__ = ["load_torch"]

_SETTINGS = {"OMP_WAIT_POLICY": "PASSIVE", "THP_MEM_ALLOC_ENABLE": "1"}


def load_torch() -> None:
    """Load torch with the settings above; where it is loaded already they come too late."""
    if "torch" in sys.modules:
        return
    with _environment(_SETTINGS):
        import torch

        torch.empty(1).add(1)  # the allocator reads its setting at its first use


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Set what is not set, for a moment."""
    missing = [name for name in settings if name not in os.environ]
    os.environ.update({name: settings[name] for name in missing})
    try:
        yield
    finally:
        for name in missing:
            os.environ.pop(name, None)

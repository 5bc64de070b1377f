"""From generated clips, or any sound, to finished samples.

Names are resolved when they are first used: a plain gain needs neither presets nor effects.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from musicgen_daw.mastering.chain import check_chain, check_effects, run_chain
    from musicgen_daw.mastering.fitting import check_fitting
    from musicgen_daw.mastering.master import MIX, MasteredCue, hear_cue, master_cue

__all__ = [
    "MIX",
    "MasteredCue",
    "check_chain",
    "check_effects",
    "check_fitting",
    "hear_cue",
    "master_cue",
    "run_chain",
]

_HOMES = {
    "MIX": "master",
    "MasteredCue": "master",
    "check_chain": "chain",
    "check_effects": "chain",
    "check_fitting": "fitting",
    "hear_cue": "master",
    "master_cue": "master",
    "run_chain": "chain",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

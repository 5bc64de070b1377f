"""The verbs that the command line calls: read, plan, render, verify, judge, master.

What touches sound is imported when there is sound: to open and to plan stays light. Nor does
mastering a file load what understands cue sheets: names are resolved when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from musicgen_daw.project.project import Project
    from musicgen_daw.project.rendered import RenderedStem

__all__ = ["Project", "RenderedStem"]

_HOMES = {"Project": "project", "RenderedStem": "rendered"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

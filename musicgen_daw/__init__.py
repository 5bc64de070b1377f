"""Cue sheets and prompt presets in, mastered stems in the right place out.

>>> from musicgen_daw import Project
>>> project = Project.open("chase.mid", output="build")
>>> plan = project.plan(preset="tense-strings")
>>> for stem in project.render(plan):
...     print(stem.cue, stem.name, stem.loudness_lufs)

Importing this package loads nothing heavy: names are resolved when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from musicgen_daw.audio import Audio
    from musicgen_daw.cuesheets import read as read_cue_sheet
    from musicgen_daw.errors import MusicgenDawError
    from musicgen_daw.planning import Plan
    from musicgen_daw.presets import Preset, PresetLibrary
    from musicgen_daw.project import Project, RenderedStem
    from musicgen_daw.timeline import Cue, CueSheet, TempoMap, Timecode

__all__ = [
    "Audio",
    "Cue",
    "CueSheet",
    "MusicgenDawError",
    "Plan",
    "Preset",
    "PresetLibrary",
    "Project",
    "RenderedStem",
    "TempoMap",
    "Timecode",
    "read_cue_sheet",
]

_HOMES = {
    "Audio": "audio",
    "Cue": "timeline",
    "CueSheet": "timeline",
    "MusicgenDawError": "errors",
    "Plan": "planning",
    "Preset": "presets",
    "PresetLibrary": "presets",
    "Project": "project",
    "RenderedStem": "project",
    "TempoMap": "timeline",
    "Timecode": "timeline",
    "read_cue_sheet": "cuesheets",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    return getattr(module, "read" if name == "read_cue_sheet" else name)


def __dir__() -> list[str]:
    return __all__

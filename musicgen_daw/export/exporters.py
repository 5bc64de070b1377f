"""The table of exporters.

An exporter is a pure function from a session to files. The built-in ones stand in one table;
others enter by the entry point group ``musicgen_daw.exporters``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from types import MappingProxyType

from musicgen_daw.errors import ExportError, did_you_mean
from musicgen_daw.export import manifest, markers, midi
from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.game import fmod, godot, unity, unreal, wwise
from musicgen_daw.export.game import manifest as game_manifest
from musicgen_daw.export.names import distinct_names, safe_name
from musicgen_daw.session import Session

__all__ = ["DEFAULT_EXPORTERS", "EXPORTERS", "Exporter", "export", "exporter_names"]

ENTRY_POINT_GROUP = "musicgen_daw.exporters"


Exporter = Callable[[Session], Sequence[ExportFile]]


def _manifest(session: Session) -> list[ExportFile]:
    return [ExportFile("manifest.json", manifest.encode(session).encode("ascii"))]


def _markers(session: Session) -> list[ExportFile]:
    return [ExportFile("markers.csv", markers.encode(session).encode("utf-8"))]


def _midi(session: Session) -> list[ExportFile]:
    """One file of the timeline; the cues of a list, which stand alone, get one each."""
    if not session.sheet.is_list:
        return [ExportFile(f"{safe_name(session.title)}.mid", midi.encode(session))]
    chosen = session.chosen()
    names = distinct_names(placed.name for placed in chosen)
    return [
        ExportFile(f"midi/{name}.mid", midi.encode_cue(session, placed))
        for name, placed in zip(names, chosen, strict=True)
    ]


EXPORTERS: Mapping[str, Exporter] = MappingProxyType(
    {
        "manifest": _manifest,
        "markers": _markers,
        "midi": _midi,
        "game": game_manifest.files,
        "wwise": wwise.files,
        "fmod": fmod.files,
        "unreal": unreal.files,
        "unity": unity.files,
        "godot": godot.files,
    }
)
"""The built-in exporters by name."""

DEFAULT_EXPORTERS = ("manifest", "markers", "midi")
"""What is handed over where nothing else is asked for."""


def exporter_names() -> list[str]:
    """Return the names of all exporters, built-in and installed."""
    return sorted({*EXPORTERS, *entry_points(group=ENTRY_POINT_GROUP).names})


def export(session: Session, name: str) -> Sequence[ExportFile]:
    """Return the files of one exporter; a built-in one wins over an installed one of its name.

    Raises:
        ExportError: for a name that no exporter has, or an installed one that can't be loaded.
    """
    return _exporter(name)(session)


def _exporter(name: str) -> Exporter:
    if name in EXPORTERS:
        return EXPORTERS[name]
    found = entry_points(group=ENTRY_POINT_GROUP, name=name)
    if not found:
        names = exporter_names()
        raise ExportError(
            f"there is no exporter {name!r}{did_you_mean(name, names)}:"
            f" use one of {', '.join(names)}"
        )
    try:
        installed: Exporter = next(iter(found)).load()
    except (ImportError, AttributeError) as error:
        raise ExportError(f"the installed exporter {name!r} can't be loaded: {error}") from error
    return installed

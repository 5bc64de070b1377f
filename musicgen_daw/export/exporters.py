"""The table of exporters.

An exporter is a pure function from a session to files. The built-in ones stand in one table;
others enter by the entry point group ``musicgen_daw.exporters``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint
from types import MappingProxyType

from musicgen_daw.added import added, imported
from musicgen_daw.errors import ExportError, UsageError, did_you_mean
from musicgen_daw.export import (
    aaf,
    ableton_set,
    ardour,
    copies,
    dawproject,
    guides,
    manifest,
    marker_files,
    markers,
    midi,
    reaper,
)
from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.game import fmod, godot, unity, unreal, wwise
from musicgen_daw.export.game import manifest as game_manifest
from musicgen_daw.export.names import distinct_names, safe_name
from musicgen_daw.session import Session

__all__ = [
    "DEFAULT_EXPORTERS",
    "EXPERIMENTAL",
    "EXPORTERS",
    "Exporter",
    "export",
    "exporter_names",
    "exporters_named",
]

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


def _reaper(session: Session) -> list[ExportFile]:
    path = f"{safe_name(session.title)}.rpp"
    text = reaper.encode(session)
    return [ExportFile(path, text.encode("utf-8"), reaper.losses(session))]


def _dawproject(session: Session) -> list[ExportFile]:
    path = f"{safe_name(session.title)}.dawproject"
    return [ExportFile(path, dawproject.archive(session), dawproject.losses(session))]


def _dawproject_nested(session: Session) -> list[ExportFile]:
    path = f"{safe_name(session.title)}_nested.dawproject"
    archive = dawproject.archive(session, nested=True)
    return [ExportFile(path, archive, dawproject.losses(session))]


EXPORTERS: Mapping[str, Exporter] = MappingProxyType(
    {
        "manifest": _manifest,
        "markers": _markers,
        "midi": _midi,
        "reaper": _reaper,
        "dawproject": _dawproject,
        "dawproject-nested": _dawproject_nested,
        "ardour": ardour.files,
        **marker_files.EXPORTERS,
        "aaf": aaf.files,
        "ableton-set": ableton_set.files,
        "protools": copies.for_protools,
        "ableton": copies.for_ableton,
        "guide": guides.files,
        "game": game_manifest.files,
        "wwise": wwise.files,
        "fmod": fmod.files,
        "unreal": unreal.files,
        "unity": unity.files,
        "godot": godot.files,
    }
)
"""The built-in exporters by name."""

EXPERIMENTAL = ("aaf", "ableton-set")
"""Hand-offs that no program that they are for has opened yet; each tells so when it is written."""

DEFAULT_EXPORTERS = ("manifest", "markers", "midi", "reaper")
"""What is handed over where nothing else is asked for."""


def exporter_names() -> list[str]:
    """Return the names of all exporters, built-in and installed."""
    return [*EXPORTERS, *sorted(_added().keys() - EXPORTERS.keys())]


def exporters_named(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as the exporters have them, each once; case does not count.

    Raises:
        UsageError: for a name that no exporter has.
        ExportError: for an installed exporter that can't be loaded, or an extra that is missing.
    """
    found = tuple(dict.fromkeys(map(_known, names)))
    for name in found:
        _exporter(name)
    if "aaf" in found:
        aaf.require()
    return found


def export(session: Session, name: str) -> Sequence[ExportFile]:
    """Return the files of one exporter; a built-in one wins over an installed one of its name.

    Raises:
        UsageError: for a name that no exporter has.
        ExportError: for an installed exporter that can't be loaded.
    """
    return _exporter(_known(name))(session)


def _known(name: str) -> str:
    """Return the name of an exporter as its table has it."""
    if name in EXPORTERS:
        return name
    names = exporter_names()
    as_meant = {known.casefold(): known for known in reversed(names)}
    try:
        return as_meant[name.casefold()]
    except KeyError:
        raise UsageError(
            f"there is no exporter {name!r}{did_you_mean(name.casefold(), names)}:"
            f" use one of {', '.join(names)}"
        ) from None


def _added() -> dict[str, EntryPoint]:
    """Return the installed exporters by name; of two of a name the one found first."""
    return {point.name: point for point in reversed(added(ENTRY_POINT_GROUP))}


def _exporter(name: str) -> Exporter:
    if name in EXPORTERS:
        return EXPORTERS[name]
    try:
        installed: Exporter = imported(_added()[name])
    except ImportError as error:
        raise ExportError(f"exporter {error}") from error
    return installed

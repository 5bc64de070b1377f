"""Hand-offs of an output folder from what is stored: nothing is generated, nothing mastered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from musicgen_daw.errors import OutputError
from musicgen_daw.events import Observer, Warned, ignore
from musicgen_daw.export import DEFAULT_EXPORTERS, exporter_names, exporters_named
from musicgen_daw.planning import Verdicts
from musicgen_daw.project.handing_over import DERIVED, hand_over
from musicgen_daw.project.session_record import (
    names_handed_over,
    read_session,
    write_names_handed_over,
)
from musicgen_daw.session import Session
from musicgen_daw.store import takes as takes_file
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.output import OutputFolder

__all__ = ["export_again", "names_to_hand_over"]


def names_to_hand_over(folder: Path, wished: Sequence[str]) -> tuple[str, ...]:
    """Return the hand-offs that a render writes: the wished ones, else those that are there.

    Raises:
        UsageError: for a wish that no exporter fulfils.
        ExportError: for one that needs an extra that is missing.
    """
    asked = exporters_named(wished)
    earlier = [] if asked else _known(names_handed_over(folder))
    return _with_manifest(asked or earlier or DEFAULT_EXPORTERS)


def export_again(
    path: Path, store: ClipStore, wished: Sequence[str] = (), observer: Observer = ignore
) -> list[Path]:
    """Write the wished hand-offs of a folder, or those that it has, and return their paths.

    Verdicts count as they are now. Later renders keep up what was handed over here, too, and try
    no more what was refused.

    Raises:
        UsageError: for a wish that no exporter fulfils.
        FolderBusy: where another run holds the folder.
        OutputError: where nothing was rendered there, a stem is missing, or a file can't be
            written.
        ExportError: where a hand-off can't hold the session at all; the others are written.
    """
    asked = exporters_named(wished)
    OutputFolder.records(path)  # which refuses any other folder, before it is held
    with OutputFolder.open(path, observer) as folder:
        session = read_session(path, store, _verdicts(path))
        _check_stems(session, folder, observer)
        earlier = _known(names_handed_over(path))
        names = asked or _with_manifest(earlier)
        done = hand_over(session, names, folder, observer)
        kept = [name for name in earlier if name not in done.refused_names]
        write_names_handed_over(folder, dict.fromkeys([*kept, *done.names]))
    if done.refused:
        raise done.refused
    return [path / name for name in done.paths]


def _verdicts(folder: Path) -> Verdicts:
    return takes_file.load(takes_file.beside(OutputFolder.sheet_of(folder)))


def _known(names: Iterable[str]) -> list[str]:
    """Leave out what was handed over by an exporter that is not installed any more."""
    known = exporter_names()
    return [name for name in names if name in known]


def _with_manifest(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*DERIVED, *names]))


def _check_stems(session: Session, folder: OutputFolder, observer: Observer) -> None:
    """Refuse a session whose stems are not there; warn of those whose size is another.

    ``verify`` looks closer.
    """
    missing = []
    for path in (stem.path for placed in session.cues for stem in placed.stems):
        size_bytes, record = folder.size_bytes(path), folder.record(path)
        if size_bytes is None:
            missing.append(path)
        elif record is None or record.size_bytes != size_bytes:
            observer(Warned(path, "was changed since it was written"))
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        reason = f"the stem {missing[0]!r}{more} is not there: run the render again to make it"
        raise OutputError(reason, path=folder.root)

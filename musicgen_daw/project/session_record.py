"""The session of an output folder, kept in it exactly: hand-offs are written again from this.

The manifest is for people and other programs, and rounds; here nothing is lost. The notes of a
take stay in the store, and verdicts beside the sheet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from musicgen_daw.errors import OutputError
from musicgen_daw.planning import Verdict, Verdicts
from musicgen_daw.project.exact_json import from_plain, to_plain
from musicgen_daw.session import PlacedCue, Session
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.output import OutputFolder
from musicgen_daw.timeline import Score

__all__ = [
    "names_handed_over",
    "read_score",
    "read_session",
    "verdict_words",
    "write_names_handed_over",
    "write_session",
]

FORMAT_VERSION = 1
"""Raised when a record of this version can't be read any more."""

_SESSION, _NAMES = "session.json", "exports"
_AGAIN = "run the render again, which makes nothing that is made already"


def write_session(folder: OutputFolder, session: Session) -> None:
    """Keep a session in its folder.

    Raises:
        OutputError: where it can't be written.
    """
    values = {"format_version": FORMAT_VERSION, "session": to_plain(session)}
    folder.write_note(_SESSION, json.dumps(values, allow_nan=False).encode("ascii"))


def read_session(folder: Path, store: ClipStore, verdicts: Verdicts) -> Session:
    """Return the session of a folder with the verdicts of now.

    Scores are read from the store when they are wanted.

    Raises:
        OutputError: where nothing was rendered there, or nobody understands what is kept.
    """
    content = OutputFolder.note(folder, _SESSION)
    if content is None:
        raise OutputError(f"keeps no session: {_AGAIN}", path=folder)
    try:
        session = _parsed(content)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        reason = f"what it keeps of its session can't be read ({error}): {_AGAIN}"
        raise OutputError(reason, path=folder) from None
    words = verdict_words(verdicts)
    return replace(session, cues=tuple(_alive(placed, store, words) for placed in session.cues))


def _parsed(content: bytes) -> Session:
    values = json.loads(content)
    if values["format_version"] != FORMAT_VERSION:
        raise ValueError("it is of another version")
    session: Session = from_plain(Session, values["session"])
    return session


def write_names_handed_over(folder: OutputFolder, names: Iterable[str]) -> None:
    """Note by which exporters the hand-offs of a folder were written.

    Raises:
        OutputError: where it can't be written.
    """
    folder.write_note(_NAMES, "\n".join(names).encode("utf-8"))


def names_handed_over(folder: Path) -> tuple[str, ...]:
    """Return by which exporters the hand-offs of a folder were written; none if there are none."""
    noted = OutputFolder.note(folder, _NAMES) or b""
    return tuple(noted.decode("utf-8", "replace").splitlines())


def verdict_words(verdicts: Verdicts) -> dict[tuple[str, int], Verdict]:
    """Return each verdict by cue and take."""
    return {
        (cue, verdict.take): verdict.verdict for cue, takes in verdicts.items() for verdict in takes
    }


def read_score(store: ClipStore, keys: Iterable[str]) -> Score | None:
    """Return the notes of a take that is one clip; segments and layers have none together."""
    first, *others = keys
    clip = None if others else store.get(first)
    return clip.score if clip else None


def _alive(
    placed: PlacedCue, store: ClipStore, words: Mapping[tuple[str, int], Verdict]
) -> PlacedCue:
    more: dict[str, Any] = {"verdict": words.get((placed.id, placed.take))}
    if placed.clips:
        keys = tuple(clip.key for clip in placed.clips)
        more["read_score"] = partial(read_score, store, keys)
    return replace(placed, **more)

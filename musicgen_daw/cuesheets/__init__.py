"""Files to cue sheets: MIDI markers, CSV and TSV tables, with an optional ``SHEET.toml`` beside.

A format is one module with a ``Reader``; ``READERS`` lists them, and the entry points of the group
``musicgen_daw.cuesheets`` add those of other packages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import entry_points
from itertools import chain
from pathlib import Path

from musicgen_daw.cuesheets import delimited, midi, sidecar
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.errors import CueSheetError, SettingsError
from musicgen_daw.settings import Settings
from musicgen_daw.timeline import CueSheet, FrameRate

__all__ = ["READERS", "Reader", "SheetOptions", "read"]

READERS: tuple[Reader, ...] = (midi.READER, delimited.READER)


def read(
    path: Path | str,
    *,
    frame_rate: FrameRate | None = None,
    start_timecode: str | None = None,
    charset: str | None = None,
    seed: int | None = None,
    settings: Settings = Settings(),
) -> CueSheet:
    """Read a cue sheet and the ``SHEET.toml`` beside it; what is said here rules over that file.

    ``start_timecode`` is the label of second 0, such as ``01:00:00:00``. ``settings`` are the
    user's: they speak where neither the sheet nor anybody else does.

    Raises:
        CueSheetError: when the file can't be read or says something impossible.
        SettingsError: when the ``SHEET.toml`` does.
    """
    path = Path(path)
    content = _content(path)
    options = _beside(path)
    options = replace(
        options,
        title=path.stem,
        frame_rate=frame_rate or options.frame_rate,
        start_timecode=start_timecode or options.start_timecode,
        charset=charset or options.charset,
        seed=options.seed if seed is None else seed,
        settings=settings,
    )
    try:
        return _reader_for(path, content).parse(content, options)
    except CueSheetError as error:
        raise CueSheetError(error.reason, path=path, place=error.place) from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise CueSheetError(f"can't be read: {reason}", path=path) from None


def _beside(path: Path) -> SheetOptions:
    beside = path.with_suffix(".toml")
    try:
        return sidecar.parse(beside.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return SheetOptions()
    except UnicodeError:
        raise SettingsError("no UTF-8 text: save it as UTF-8", path=beside) from None
    except OSError as error:
        raise SettingsError(f"can't be read: {error.strerror}", path=beside) from None
    except SettingsError as error:
        raise SettingsError(error.reason, path=beside, place=error.place) from None


def _reader_for(path: Path, content: bytes) -> Reader:
    """Choose by content, because suffixes lie; by suffix where the content tells nothing."""
    for reader in chain(READERS, _added_readers()):
        if reader.recognises(content):
            return reader
    for reader in chain(READERS, _added_readers()):
        if path.suffix.lower() in reader.suffixes:
            return reader
    known = ", ".join(s for reader in chain(READERS, _added_readers()) for s in reader.suffixes)
    raise CueSheetError(f"not a cue sheet in a known format ({known})", path=path)


def _added_readers() -> Iterator[Reader]:
    for entry_point in entry_points(group="musicgen_daw.cuesheets"):
        yield entry_point.load()

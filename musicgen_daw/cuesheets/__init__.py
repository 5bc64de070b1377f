"""Files to cue sheets: one format a module, with an optional ``SHEET.toml`` beside the file.

A format's module has a ``Reader``; ``readers`` loads them when the first sheet is read, and the
entry points of the group ``musicgen_daw.cuesheets`` add those of other packages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from musicgen_daw.added import added, imported
from musicgen_daw.cuesheets import sidecar
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.errors import CueSheetError, SettingsError
from musicgen_daw.settings import Settings
from musicgen_daw.small_files import open_at_once, read_small
from musicgen_daw.timeline import CueSheet, FrameRate

__all__ = ["GROUP", "Reader", "SheetOptions", "read", "readers"]

GROUP = "musicgen_daw.cuesheets"
"""An entry point of this group names a ``Reader``, which is asked after those of this package."""

_MODULES = (
    "midi",
    "reaper",
    "protools",
    "edl",
    "wav_cues",
    "aiff_markers",
    "dawproject",
    "ardour",
    "cubase",
    "otio",
    "logic",
    "audacity",
    "reaper_csv",
    "premiere",
    "resolve",
    "spotting",
    "delimited",
)
"""Each has a ``READER``. Of tables that look alike the one with the narrower header stands first:
any table with a column ``name`` is a CSV sheet."""

MAX_HELD_BYTES = 64 * 2**20
HEAD_BYTES = 2**16

_FOREIGN = {
    b"{\\rtf": "this is rich text; save it as plain text (in TextEdit: Format > Make Plain Text)",
    b"%PDF": "this is a PDF; export the list as CSV, TSV or XLSX",
    b"\xd0\xcf\x11\xe0": "this is an old Office file; save it as .xlsx or .csv",
}


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
    try:
        with _opened(path) as file:
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
            return _parsed(file, path.suffix.lower(), options)
    except OSError as error:
        raise CueSheetError(f"can't be read: {error.strerror or error}", path=path) from None
    except CueSheetError as error:
        raise CueSheetError(error.reason, path=path, place=error.place) from None


def _opened(path: Path) -> BinaryIO:
    try:
        return open_at_once(path)
    except ValueError as error:  # a NUL in the path
        raise CueSheetError(f"can't be read: {error}") from None


def _beside(path: Path) -> SheetOptions:
    beside = path.with_suffix(".toml")
    try:
        return sidecar.parse(read_small(beside, MAX_HELD_BYTES).decode("utf-8-sig"))
    except FileNotFoundError:
        return SheetOptions()
    except UnicodeError:
        raise SettingsError("no UTF-8 text: save it as UTF-8", path=beside) from None
    except OSError as error:
        raise SettingsError(f"can't be read: {error.strerror}", path=beside) from None
    except SettingsError as error:
        raise SettingsError(error.reason, path=beside, place=error.place) from None


def _parsed(file: BinaryIO, suffix: str, options: SheetOptions) -> CueSheet:
    content = file.read(MAX_HELD_BYTES + 1)
    if len(content) <= MAX_HELD_BYTES:
        return _reader_for(content, suffix).parse(content, options)
    reader = _reader_for(content[:HEAD_BYTES], suffix)
    del content
    if reader.parse_file is None or not file.seekable():
        raise CueSheetError(f"more than {MAX_HELD_BYTES} bytes are too many for a cue sheet")
    return reader.parse_file(file, options)


def _reader_for(content: bytes, suffix: str) -> Reader:
    """Choose by content, because suffixes lie; by suffix where the content tells nothing."""
    for reader in _known():
        if reader.recognises(content):
            return reader
    for beginning, hint in _FOREIGN.items():
        if content.startswith(beginning):
            raise CueSheetError(f"not a cue sheet: {hint}")
    for reader in _known():
        if suffix in reader.suffixes:
            return reader
    formats = ", ".join(" ".join((reader.name, *reader.suffixes)) for reader in _known())
    raise CueSheetError(f"not a cue sheet in a known format (known are {formats})")


@cache
def readers() -> tuple[Reader, ...]:
    """Return the readers of this package, in the order in which they look at a file's content."""
    return tuple(import_module(f"{__name__}.{module}").READER for module in _MODULES)


def _known() -> Iterator[Reader]:
    yield from readers()
    for point in added(GROUP):
        try:
            reader = imported(point)
        except ImportError as error:
            raise CueSheetError(f"reader {error}") from error
        if not isinstance(reader, Reader):
            raise CueSheetError(f"reader {point.name!r} ({point.value}) is no Reader")
        yield reader

"""Verdicts on takes beside the sheet: ``SHEET.takes.toml``, small, ordered, for people to edit.

    [[cue.1M1]]
    take = 2
    verdict = "lock"        # keep, lock or reject
    seed = 1234
    length_s = "11/2"       # of the cue when the take was made
    clips = [
        {start_s = "0", key = "3f9a…"},
    ]

Comments and the order of what stands there are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array

from musicgen_daw.errors import OutputError, SettingsError, UsageError, did_you_mean
from musicgen_daw.planning.takes import KeptClip, TakeVerdict, Verdict, Verdicts
from musicgen_daw.small_files import read_small
from musicgen_daw.store.atomic import write_whole
from musicgen_daw.store.exact import exact_seconds

__all__ = ["beside", "clear", "load", "parse", "set_verdict", "unlock"]

_WORDS: tuple[Verdict, ...] = get_args(Verdict)
_TAKE_KEYS = ("take", "verdict", "seed", "length_s", "clips")
_CLIP_KEYS = ("layer", "start_s", "key")
_HEADER = "Verdicts on takes, written by musicgen-daw; fit for editing and for version control."
_WHOLE_END = 2**63
_MOST_BYTES = 1 << 26
_CLIP_KEY = re.compile(r"[0-9a-f]{64}")


def beside(sheet: Path) -> Path:
    """Return the path of the verdicts on a sheet: ``chase.takes.toml`` beside ``chase.mid``."""
    return sheet.with_name(f"{sheet.stem}.takes.toml")


def load(path: Path) -> Verdicts:
    """Return the verdicts of a file; none where there is no file.

    Raises:
        SettingsError: naming the place, where the file can't be read or says something wrong.
    """
    return _verdicts(_document(path), path)


def parse(text: str) -> Verdicts:
    """Return the verdicts of a text.

    Raises:
        SettingsError: naming the place, where the text says something wrong.
    """
    return _verdicts(_parsed(text, None), None)


def set_verdict(path: Path, cue: str, verdict: TakeVerdict) -> None:
    """Write the verdict on a take of a cue, in place of an earlier one.

    Raises:
        UsageError: where the take is locked and the verdict is another.
        SettingsError: where the file says something wrong; it is left as it is.
        OutputError: where the file can't be written.
    """
    document = _document(path)
    earlier = _find(_verdicts(document, path), cue, verdict.take)
    if earlier is not None and verdict.verdict != "lock":
        _refuse_locked(earlier, cue, path)
    if "cue" not in document:
        document["cue"] = tomlkit.table(is_super_table=True)
    if cue not in document["cue"]:
        document["cue"][cue] = tomlkit.aot()
    _put(document["cue"][cue], verdict)
    _write(path, document)


def unlock(path: Path, cue: str, take: int) -> None:
    """Turn a locked take into a kept one.

    Raises:
        UsageError: where the take isn't locked.
        SettingsError, OutputError: as ``set_verdict``.
    """
    document = _document(path)
    earlier = _find(_verdicts(document, path), cue, take)
    if earlier is None or earlier.verdict != "lock":
        raise UsageError(f"take {take} of cue {cue!r} is not locked", path=path)
    for table in document["cue"][cue]:
        if table["take"] == take:
            table["verdict"] = "keep"
    _write(path, document)


def clear(path: Path, cue: str, take: int) -> None:
    """Take the verdict on a take back.

    Raises:
        UsageError: where there is none, or the take is locked.
        SettingsError, OutputError: as ``set_verdict``.
    """
    document = _document(path)
    earlier = _find(_verdicts(document, path), cue, take)
    if earlier is None:
        raise UsageError(f"take {take} of cue {cue!r} has no verdict", path=path)
    _refuse_locked(earlier, cue, path)
    tables = document["cue"][cue]
    del tables[[table["take"] for table in tables].index(take)]
    if not tables:
        del document["cue"][cue]
    _write(path, document)


# -- reading -----------------------------------------------------------------------------------


def _read_text(path: Path) -> str:
    return read_small(path, _MOST_BYTES).decode("utf-8-sig").replace("\r\n", "\n")


def _document(path: Path) -> tomlkit.TOMLDocument:
    try:
        return _parsed(_read_text(path), path)
    except FileNotFoundError:
        document = tomlkit.document()
        document.add(tomlkit.comment(_HEADER))
        document.add(tomlkit.nl())
        return document
    except UnicodeDecodeError as error:
        raise SettingsError("is not UTF-8", path=path, place=f"byte {error.start}") from error
    except OSError as error:
        raise SettingsError(f"can't be read: {error.strerror}", path=path) from error


def _parsed(text: str, path: Path | None) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise SettingsError(f"is no TOML: {error}", path=path) from error
    except (ValueError, RecursionError) as error:  # numbers and nestings beyond measure
        raise SettingsError("holds a number or a nesting that is too large", path=path) from error


def _verdicts(document: tomlkit.TOMLDocument, path: Path | None) -> Verdicts:
    values = document.unwrap()
    for key in values:
        if key != "cue":
            raise SettingsError(
                f"unknown key {key!r}{did_you_mean(key, ['cue'])}", path=path, place="top level"
            )
    cues = values.get("cue", {})
    if not isinstance(cues, dict) or not all(isinstance(takes, list) for takes in cues.values()):
        raise SettingsError("holds verdicts as tables [[cue.ID]]", path=path, place="cue")
    return {cue: _takes_of(cue, tables, path) for cue, tables in cues.items()}


def _takes_of(cue: str, tables: list[Any], path: Path | None) -> tuple[TakeVerdict, ...]:
    verdicts: list[TakeVerdict] = []
    for number, table in enumerate(tables, 1):
        place = f"[[cue.{cue}]] number {number}"
        try:
            verdict = _verdict(table)
        except (TypeError, ValueError) as error:
            raise SettingsError(str(error), path=path, place=place) from error
        if any(verdict.take == earlier.take for earlier in verdicts):
            raise SettingsError(
                f"take {verdict.take} has a verdict already", path=path, place=place
            )
        verdicts.append(verdict)
    return tuple(verdicts)


def _verdict(table: object) -> TakeVerdict:
    values = _checked(table, _TAKE_KEYS, required=_TAKE_KEYS)
    if values["verdict"] not in _WORDS:
        raise ValueError(f"the verdict is one of {', '.join(_WORDS)}, not {values['verdict']!r}")
    if not isinstance(values["clips"], list):
        raise TypeError("'clips' is a list of {start_s, key}")
    if not values["clips"]:
        raise ValueError("'clips' names no clip; a take has at least one")
    return TakeVerdict(
        take=_whole(values, "take"),
        verdict=values["verdict"],
        seed=_whole(values, "seed"),
        length_s=_fraction(values, "length_s"),
        clips=tuple(_clip(clip) for clip in values["clips"]),
    )


def _clip(table: object) -> KeptClip:
    values = _checked(table, _CLIP_KEYS, required=("start_s", "key"))
    layer, key = values.get("layer", ""), values["key"]
    if not isinstance(layer, str):
        raise TypeError(f"'layer' is the name of a layer, not {layer!r}")
    if not (isinstance(key, str) and _CLIP_KEY.fullmatch(key)):
        raise ValueError(f"'key' is the 64 hex digits of a stored clip, not {key!r}")
    return KeptClip(layer=layer, start_s=_fraction(values, "start_s"), key=key)


def _checked(table: object, known: tuple[str, ...], required: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise TypeError(f"is a table of {', '.join(known)}, not {table!r}")
    for key in table:
        if key not in known:
            raise ValueError(f"unknown key {key!r}{did_you_mean(key, known)}")
    for key in required:
        if key not in table:
            raise ValueError(f"{key!r} is missing")
    return table


def _whole(values: Mapping[str, Any], key: str) -> int:
    value = values[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _WHOLE_END:
        raise ValueError(f"{key!r} is a whole number from 0 on, not {value!r}")
    return value


def _fraction(values: Mapping[str, Any], key: str) -> Fraction:
    """Read exact seconds: ``"11/2"`` or a whole number; a decimal fraction is text, too."""
    value = values[key]
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError(f'{key!r} is exact seconds in quotes, such as "11/2", not {value!r}')
    try:
        return exact_seconds(str(value))
    except ValueError as error:
        raise ValueError(f"{key!r} {error}") from None


# -- writing -----------------------------------------------------------------------------------


def _find(verdicts: Verdicts, cue: str, take: int) -> TakeVerdict | None:
    return next((verdict for verdict in verdicts.get(cue, ()) if verdict.take == take), None)


def _refuse_locked(verdict: TakeVerdict, cue: str, path: Path) -> None:
    if verdict.verdict == "lock":
        raise UsageError(
            f"take {verdict.take} of cue {cue!r} is locked: unlock it first", path=path
        )


def _put(tables: AoT, verdict: TakeVerdict) -> None:
    """Write a verdict at its place in the order of takes; what doesn't change stays as it is."""
    table = next((table for table in tables if table["take"] == verdict.take), None)
    if table is None:
        table = tomlkit.table()
        later = sum(earlier["take"] < verdict.take for earlier in tables)
        tables.insert(later, table)
        table = tables[later]
    values = {
        "take": verdict.take,
        "verdict": verdict.verdict,
        "seed": verdict.seed,
        "length_s": str(verdict.length_s),
        "clips": _clips(verdict.clips),
    }
    for key, value in values.items():
        if key not in table or table[key] != value:
            table[key] = value


def _clips(clips: tuple[KeptClip, ...]) -> Array:
    array = tomlkit.array().multiline(multiline=True)
    for clip in clips:
        values = tomlkit.inline_table()
        if clip.layer:
            values["layer"] = clip.layer
        values["start_s"] = str(clip.start_s)
        values["key"] = clip.key
        array.append(values)
    return array


def _write(path: Path, document: tomlkit.TOMLDocument) -> None:
    try:
        write_whole(path, document.as_string().encode())
    except OSError as error:
        raise OutputError(
            f"can't be written: {error.strerror}; check space and rights", path=path
        ) from error

"""Presets by name, from the folders where a musician keeps them.

    sheet's folder/presets      first: what belongs to this score
    the user's own presets      then
    built-in presets            last

A preset that extends its own name builds on the one it hides. This is the only module of its
layer that touches files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musicgen_daw.errors import PresetError, did_you_mean
from musicgen_daw.home import in_home
from musicgen_daw.presets.parse import from_mapping, parse_tables
from musicgen_daw.presets.schema import Preset
from musicgen_daw.small_files import read_small

__all__ = ["PresetEntry", "PresetLibrary", "builtin_folder", "user_folder"]

_FILE_KEYS = ("audio_prompt", "melody", "soundfont")
_PLUGIN_KEYS = ("plugin", "state")

_TEMPLATE = """\
# A preset of musicgen-daw. Every line is optional; remove the "# " of what you want to set.
# `musicgen-daw presets check {name}` reads it, `musicgen-daw presets show {name}` tells the result.
extends = {extends}
title = {title}
# description = "What it sounds like, in a sentence"

# What a cue says goes in for {{prompt}}. Others: {{bpm}} {{key}} {{meter}} {{name}} {{style}}
# {{seconds}} {{intensity}}. What stands between two commas is dropped when its field has no value.
# prompt = "{{prompt}}, warm strings, {{bpm}} bpm, {{key}}"
# negative = "vocals"

[generation]
# backend = "sketch"
# takes = 2
# bpm = 96
# key = "D minor"
# meter = "4/4"
# style = "cinematic-tension"
# intensity = "0.3>0.9"

# Each layer is a clip of its own, and costs one.
# [layers]
# strings = "{{prompt}}, strings only"

# [stems.drums]
# gain_db = -3.0
# sends = {{ hall = -20 }}

[master]
# lufs = -18.0
# normalise = "cue"            # or "stem": each to lufs; "sheet": all cues together
# ceiling_dbtp = -1.0
# max_short_term_lufs = -12.0    # also max_momentary_lufs and lra_max
# fade_in_ms = 5
# fade_out_ms = 400
# end = "ring"                 # button, ring, fade, cut, loop
# For clips of generators that follow no tempo:
# trim_head = true             # silence at the head, head_threshold_db = -50 below the peak
# conform = "stretch"          # to the sheet's tempo, up to conform_max_percent = 3
# align = "downbeat"           # its first beat onto a bar line
# fit = "loop"                 # played again where it is too short; or "stretch", up to
#                              # fit_max_percent = 3; "trim" cuts it, or lets silence follow;
#                              # "bars" fades it out into the last bar line before its end

# Any pedalboard effect, by its own name and units; setting a chain replaces the inherited one.
# [[master.chain]]
# effect = "HighpassFilter"
# cutoff_frequency_hz = [["1|1", 30], ["9|1", 400]]     # or steady: 30; places may be seconds

# A plug-in of your own, by its path and the names that it shows.
# [[master.chain]]
# plugin = "Tape.vst3"
# state = "warm.vstpreset"
# parameters = {{ "Output Gain" = -3.0 }}

# A second way, added to the first; the drums have their own level of it, see above.
# [[master.sends]]
# name = "hall"
# level_db = -14
# chain = [{{ effect = "Reverb", wet_level = 1.0, dry_level = 0.0 }}]
"""


@dataclass(frozen=True, slots=True)
class PresetEntry:
    """A preset file that a library can see. ``origin`` is ``sheet``, ``user`` or ``built-in``."""

    name: str
    path: Path
    origin: str


class PresetLibrary:
    """Presets by name, with what they extend merged in.

    Args:
        user: The user's own folder; ``None`` for the usual place on this machine.
        sheet: The folder of the cue sheet, whose ``presets`` folder comes first.
        builtin: The built-in presets; ``None`` for those that come with the program.

    A folder that does not exist holds no presets.
    """

    def __init__(
        self,
        *,
        user: Path | None = None,
        sheet: Path | None = None,
        builtin: Path | None = None,
    ) -> None:
        own = builtin if builtin is not None else builtin_folder()
        beside = sheet / "presets" if sheet is not None else own
        self._folders = (
            # In a source checkout the folder beside a sheet may be the built-in one.
            *((("sheet", beside),) if beside.resolve() != own.resolve() else ()),
            ("user", user if user is not None else user_folder()),
            ("built-in", own),
        )

    def get(self, name: str) -> Preset:
        """Return the preset of a name, or of the path of a ``.toml`` file.

        Upper and lower case, spaces, ``-`` and ``_`` make no difference.

        Raises:
            PresetError: when there is none, or when it, or one that it extends, is wrong.
        """
        entry = self._find(name, ())
        return from_mapping(entry.name, self._resolved(entry, ()), entry.path)

    def list(self) -> tuple[PresetEntry, ...]:
        """Return the entries that ``get`` would return, sorted by name; hidden ones left out."""
        visible: dict[str, PresetEntry] = {}
        for entry in self._entries():
            visible.setdefault(_normal(entry.name), entry)
        return tuple(visible[name] for name in sorted(visible))

    def new(self, name: str, folder: Path | None = None, *, extends: str = "house") -> Path:
        """Write a commented preset to start from, and return its path.

        Args:
            name: The name of the preset; the file is called after it.
            folder: Where to write; ``None`` for the user's own folder.
            extends: The preset to build on.

        Raises:
            PresetError: when the name can't name a file, the file is there already, nothing is
                called ``extends``, or the folder can't be written.
        """
        leaf = _normal(name)
        if re.fullmatch(r"[a-z0-9][a-z0-9-]*", leaf) is None:
            raise PresetError(f"{name!r} can't name a preset: use letters, digits and -")
        self.get(extends)
        title = name.strip().replace("-", " ").replace("_", " ").capitalize()
        text = _TEMPLATE.format(name=leaf, extends=_quoted(extends), title=_quoted(title))
        target = (folder if folder is not None else dict(self._folders)["user"]) / f"{leaf}.toml"
        _write_new(target, text)
        return target

    def _resolved(self, entry: PresetEntry, below: tuple[PresetEntry, ...]) -> dict[str, Any]:
        """Return the tables of a file over those that it extends; ``below`` extend it."""
        chain = (*below, entry)
        tables = _anchored(parse_tables(_read_text(entry.path), entry.path), entry.path.parent)
        from_mapping(entry.name, tables, entry.path)  # so that a fault is told in its own file
        extends = tables.pop("extends", None)
        if extends is None:
            return tables
        if not isinstance(extends, str):
            raise PresetError("extends must be the name of a preset, in quotes", path=entry.path)
        base = self._find(extends, chain)
        if base.path in {link.path for link in chain}:
            names = " → ".join(link.name for link in (*chain, base))
            raise PresetError(f"presets extend each other in a circle: {names}", path=entry.path)
        return _merged(self._resolved(base, chain), tables)

    def _find(self, name: str, extending: tuple[PresetEntry, ...]) -> PresetEntry:
        """Return the entry of a name or path, for the last of ``extending`` if there are any."""
        if name.lower().endswith(".toml"):
            folder = extending[-1].path.parent if extending else Path()
            path = (folder / in_home(name)).resolve()
            return PresetEntry(path.stem, path, "file")
        wanted = _normal(name)
        # A preset that extends its own name means the one that it hides.
        hidden = {link.path for link in extending if _normal(link.name) == wanted}
        own_name = bool(extending) and _normal(extending[-1].name) == wanted
        for entry in self._entries():
            if _normal(entry.name) == wanted and not (own_name and entry.path in hidden):
                return entry
        if own_name:
            return extending[-1]  # nothing hidden: the circle is told by the caller
        source = extending[-1].path if extending else None
        names = [entry.name for entry in self._entries()]
        nearest = did_you_mean(wanted, names) or ": 'presets list' tells those there are"
        raise PresetError(f"there is no preset {name!r}{nearest}", path=source)

    def _entries(self) -> Iterator[PresetEntry]:
        for origin, folder in self._folders:
            for path in sorted(folder.glob("*.toml")):
                if path.is_file():
                    yield PresetEntry(path.stem, path.resolve(), origin)


def builtin_folder() -> Path:
    """Return the folder of the built-in presets: in a wheel, or at the top of a source tree."""
    packaged = Path(__file__).parent / "builtin"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "presets"


def user_folder() -> Path:
    """Return the folder where this machine's user keeps presets."""
    import platformdirs  # only where no folder is given

    return platformdirs.user_config_path("musicgen-daw", appauthor=False) / "presets"


def _normal(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", name.strip().casefold())


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``own`` over ``base``: tables are merged, everything else is replaced."""
    merged = dict(base)
    for key, value in own.items():
        inherited = merged.get(key)
        if isinstance(value, Mapping) and isinstance(inherited, Mapping):
            value = _merged(inherited, value)
        merged[key] = value
    return merged


def _anchored(tables: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the tables with the files they name counted from the preset's own folder."""

    def anchored(value: Any, keys: Sequence[str]) -> Any:
        if isinstance(value, list):
            return [anchored(entry, keys) for entry in value]
        if not isinstance(value, dict):
            return value
        files = {
            key: str(folder / in_home(path))
            for key, path in value.items()
            if key in keys and isinstance(path, str) and path.strip()
        }
        # Effects lie in chains, and those of a send one deeper.
        deeper = {key: anchored(value[key], keys) for key in ("chain", "sends") if key in value}
        return {**value, **files, **deeper}

    own = {"generation": _FILE_KEYS, "master": _PLUGIN_KEYS}
    return {key: anchored(value, own.get(key, ())) for key, value in tables.items()}


def _read_text(path: Path) -> str:
    try:
        return read_small(path).decode("utf-8")
    except UnicodeDecodeError as error:
        reason = "no UTF-8 text: save it as UTF-8"
        raise PresetError(reason, path=path, place=f"byte {error.start}") from None
    except OSError as error:
        raise PresetError(f"can't be read: {error.strerror}", path=path) from None


def _write_new(target: Path, text: str) -> None:
    """Write a file whole or not at all, and never over another."""
    part = target.with_suffix(".toml.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(exist_ok=False)  # claims the name: of two writers one is refused here
    except OSError as error:
        raise PresetError(f"can't be written: {error.strerror}", path=target) from None
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        raise PresetError(f"can't be written: {error.strerror}", path=target) from None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

r"""The text of a marker: what it says about a cue, a hit or an end.

1M1 Chase [action-hybrid]: brass stabs, relentless  seed=12 end=button
└ name ─┘ └─ preset ────┘  └─ prompt ────────────┘  └ key=value overrides

! the door opens  intensity=0.3 prompt=sparse strings
  └ name ──────┘  └ both of the cue from here on

An equals sign that is no override is written ``\=``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from musicgen_daw.cuesheets.keys import KEYS, settings_of
from musicgen_daw.errors import did_you_mean
from musicgen_daw.timeline import CueSettings

__all__ = ["CueText", "EndText", "HitText", "hit_of", "parse", "parse_hit", "tidy"]

_SETTING = re.compile(r"(?:^|\s)([A-Za-z][A-Za-z0-9_-]*)\s?=\s?")
# A colon between two digits belongs to a time: "10:30 Diner" is all name.
_HEAD = re.compile(
    r"(?P<name>(?:[^\[:]|(?<=\d):(?=\d))*)(?:\[(?P<preset>[^\]]*)\])?\s?(?P<colon>:)?(?P<prompt>.*)"
)
_HIT_SETTING = re.compile(r"(?:^|\s)(prompt|intensity)\s?=\s?", re.IGNORECASE)
_END = re.compile(r"=?end|\[end\]", re.IGNORECASE)
_NAMED_END = re.compile(r"(?P<name>[^\[:=]*[^\[:=\s])[\s_-](?:end|stop|out)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class CueText:
    """A cue begins. ``bare`` says that the text is neither preset nor prompt, only a name."""

    name: str
    settings: CueSettings
    bare: bool


@dataclass(frozen=True, slots=True)
class HitText:
    """A hit inside the running cue, and what rules from there on: words, levels of intensity."""

    name: str
    important: bool
    prompt: str = ""
    intensity: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class EndText:
    """The end of the cue called ``name``, or of whichever runs."""

    name: str = ""


def tidy(text: str) -> str:
    """Return a text with every run of blanks and control characters as one blank."""
    return _CONTROL.sub(" ", text).strip()


def parse(text: str) -> CueText | HitText | EndText:
    """Read the text of a marker.

    Raises:
        ValueError: when the text names no cue, or a key is unknown or its value impossible.
    """
    text = tidy(text)
    if text.startswith("!"):
        return parse_hit(text.lstrip("!"), important=text.startswith("!!"))
    if _END.fullmatch(text):
        return EndText()
    if named_end := _NAMED_END.fullmatch(text):
        return EndText(named_end["name"])
    head, settings = _parted(text, _SETTING)
    for key, _ in settings:
        if key not in KEYS:
            hint = did_you_mean(key, KEYS) or r" (write \= where the = is part of the text)"
            raise ValueError(f"unknown key {key!r}{hint}")
    return _cue(head, settings)


def parse_hit(text: str, *, important: bool) -> HitText:
    """Read the text of a hit without its exclamation marks.

    Raises:
        ValueError: when an intensity is impossible, or anything is said twice.
    """
    head, settings = _parted(text, _HIT_SETTING)
    return hit_of(_plain(head), settings_of(settings), important=important)


def hit_of(name: str, said: CueSettings, *, important: bool) -> HitText:
    """Return a hit with what settings say of it; what else they say is not for a hit."""
    levels = said.intensity.levels if said.intensity else ()
    return HitText(name, important, said.prompt or "", levels)


def _parted(text: str, setting: re.Pattern[str]) -> tuple[str, list[tuple[str, str]]]:
    """Return what stands before the first setting of a text, and the settings, key and value."""
    found = list(setting.finditer(text))
    ends = [*(match.start() for match in found), len(text)]
    return text[: ends[0]], [
        (match[1].lower().replace("-", "_"), _unquoted(text[match.end() : end]))
        for match, end in zip(found, ends[1:], strict=True)
    ]


def _cue(head: str, overrides: list[tuple[str, str]]) -> CueText:
    match = _HEAD.fullmatch(head)
    if match is None:  # nothing in the pattern can fail on a line of text
        raise ValueError(f"{head!r} can't be read")
    name, preset, prompt = (_plain(match[group] or "") for group in ("name", "preset", "prompt"))
    if preset == "" and prompt.startswith("["):
        raise ValueError("the [ before the preset's name has no ] after it")
    if not name:
        raise ValueError("a cue needs a name: NAME [preset]: prompt key=value")
    said = [(key, value) for key, value in (("preset", preset), ("prompt", prompt)) if value]
    bare = match["preset"] is None and match["colon"] is None
    return CueText(name, settings_of(said + overrides), bare)


def _plain(text: str) -> str:
    r"""Return a text as it is meant: ``\=`` is an equals sign that sets nothing."""
    return text.replace(r"\=", "=").strip()


def _unquoted(text: str) -> str:
    text = _plain(text)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text

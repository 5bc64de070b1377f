r"""The text of a marker: what it says about a cue, a hit or an end.

1M1 Chase [action-hybrid]: brass stabs, relentless  seed=12 end=button
└ name ─┘ └─ preset ────┘  └─ prompt ────────────┘  └ key=value overrides

! the door opens  prompt=sparse strings
  └ name ──────┘  └ words of the cue from here on

An equals sign that is no override is written ``\=``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from musicgen_daw.cuesheets.keys import KEYS, settings_of
from musicgen_daw.errors import did_you_mean
from musicgen_daw.timeline import CueSettings

__all__ = ["CueText", "EndText", "HitText", "hit_words", "parse", "tidy"]

_SETTING = re.compile(r"(?:^|\s)([A-Za-z][A-Za-z0-9_-]*)\s?=\s?")
# A colon between two digits belongs to a time: "10:30 Diner" is all name.
_HEAD = re.compile(
    r"(?P<name>(?:[^\[:]|(?<=\d):(?=\d))*)(?:\[(?P<preset>[^\]]*)\])?\s?(?P<colon>:)?(?P<prompt>.*)"
)
_HIT_PROMPT = re.compile(r"(?:^|\s)prompt\s?=\s?", re.IGNORECASE)
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
    """A hit inside the running cue, and the words that rule from there on, if it has any."""

    name: str
    important: bool
    prompt: str = ""


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
        name, prompt = hit_words(text.lstrip("!"))
        return HitText(name, text.startswith("!!"), prompt)
    if _END.fullmatch(text):
        return EndText()
    if named_end := _NAMED_END.fullmatch(text):
        return EndText(named_end["name"])
    settings = list(_SETTING.finditer(text))
    for key in map(_key, settings):
        if key not in KEYS:
            hint = did_you_mean(key, KEYS) or r" (write \= where the = is part of the text)"
            raise ValueError(f"unknown key {key!r}{hint}")
    ends = [*(match.start() for match in settings), len(text)]
    values = [
        _unquoted(text[match.end() : end]) for match, end in zip(settings, ends[1:], strict=True)
    ]
    return _cue(text[: ends[0]], list(zip(map(_key, settings), values, strict=True)))


def hit_words(text: str) -> tuple[str, str]:
    """Return the name of a hit, and the words after its ``prompt=``."""
    told = _HIT_PROMPT.search(text)
    if told is None:
        return _plain(text), ""
    return _plain(text[: told.start()]), _unquoted(text[told.end() :])


def _key(setting: re.Match[str]) -> str:
    return setting[1].lower().replace("-", "_")


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

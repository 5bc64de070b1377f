"""Words → key: the tonic and the mode that a prompt names, as people write them.

``D dorian``, ``F#m``, ``the key of B flat``, ``dorian in D``, ``strings in D``. A mode alone is a
word of the lexicon.
"""

from __future__ import annotations

import re

from musicgen_daw.sketch.scales import Scale
from musicgen_daw.timeline import MODES

__all__ = ["KEY_PATTERNS", "named_key"]

_MODES = "|".join((*MODES, "maj", "min", "aeolian", "ionian"))
_KIND = r"(?:natural|harmonic|melodic)[ -]"
_SIGN = r"[ -]?(?:[#♯♭]|(?i:sharp|flat)\b)"
_ACCIDENTAL = rf"(?P<accidental>{_SIGN}|-?b(?=m|[^A-Za-z]|$))?"
_KEY = (
    rf"(?P<letter>[A-Ga-g]){_ACCIDENTAL}"
    rf"(?:[ -]?(?P<mode>(?i:{_KIND})?(?i:{_MODES})\b)|(?P<short>m)\b)?(?![\w#])"
)
_LAST = r"(?=\s*(?:[,;:!?()\]\n]|\.(?!\w)|$))"

_NAMED = re.compile(rf"(?i:\b(?:(?:in )?the )?key of\s+|\bkey\s*[:=]\s*){_KEY}")
_FULL = re.compile(rf"(?<![\w']){_KEY}")
_AFTER_MODE = re.compile(
    rf"\b(?P<mode>(?i:{_KIND})?(?i:{_MODES}))(?i: mode| scale| key)? (?i:in|on) "
    rf"(?P<letter>[A-G]|[a-g](?={_SIGN}|b?{_LAST})){_ACCIDENTAL}(?![\w#'&])"
)
_TONIC = re.compile(
    rf"(?<![\w'])[Ii]n (?P<letter>[B-G]|[Ab-g](?={_SIGN}|b?{_LAST})){_ACCIDENTAL}"
    r"(?![\w#'&/-]|\.\w)"
)
KEY_PATTERNS = (_NAMED, _FULL, _AFTER_MODE, _TONIC)
"""What ``named_key`` reads the matches of, in this order."""


def named_key(match: re.Match[str]) -> tuple[int, str | None] | None:
    """Return the tonic and, where it is told, the mode of a match; ``None`` if it is no key.

    ``in a minor key`` and ``am`` are words, but what ends with ``in a minor`` has a tonic.
    """
    letter, accidental = match["letter"], match["accidental"] or ""
    named = match.groupdict()
    mode, short = named.get("mode"), named.get("short")
    if match.re is _FULL:
        is_name = letter.isupper() or accidental in ("#", "♯", "♭")
        if not mode and not (short and is_name):
            return None
        if letter == "a" and not accidental and not _is_said_last(match):
            return None
    key = Scale.parse(f"{letter}{accidental} {_plain(mode) or short or ''}")
    return key.tonic, key.mode if mode or short else None


def _plain(mode: str | None) -> str:
    return re.sub(_KIND, "", mode or "", flags=re.IGNORECASE)


def _is_said_last(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()], match.string[match.end() :]
    return bool(re.search(r"\bin $", before, re.IGNORECASE) and re.match(_LAST, after))

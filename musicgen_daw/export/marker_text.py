"""Cues and hits as the texts of markers, in the grammar that the readers of cue sheets know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.export.cue_fields import setting_texts
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.timeline import Cue, Hit, IntensityLane, in_time

__all__ = [
    "TextMarker",
    "cue_line",
    "cue_start",
    "hit_line",
    "hit_name",
    "hit_text",
    "marker_name",
    "marker_settings",
    "markers_of",
    "regions_of",
]

# In a name a colon would begin the prompt, but not between the digits of a time.
_COLON = re.compile(r"\s?(?:(?<!\d):|:(?!\d))")
_BRACKETS = str.maketrans({"[": "(", "]": ")"})
_HIT_SETTING = re.compile(r"(?:prompt|intensity)\s?=", re.IGNORECASE)
# A name with such an ending would close a cue.
_ENDS_LIKE_AN_END = re.compile(r"(?:.*[\s_-])?(?:end|stop|out)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextMarker:
    """A marker's text at a second of the timeline; with ``end_s`` it is a region."""

    at_s: Fraction
    text: str
    end_s: Fraction | None = None


def marker_name(cue: Cue) -> str:
    """Return the cue's name without anything that would read as a preset, prompt or setting."""
    name = _COLON.sub(" -", one_line(cue.name)).translate(_BRACKETS)
    return _escaped(name.lstrip("!- =")) or "cue"


def cue_start(cue: Cue) -> str:
    """Return the shortest marker that starts the cue: its name."""
    name = marker_name(cue)
    return f"{name}:" if _ENDS_LIKE_AN_END.fullmatch(name) else name


def cue_line(cue: Cue) -> str:
    """Return the whole marker of a cue: ``NAME [preset]: prompt  key=value``."""
    texts = marker_settings(cue)
    preset = texts.pop("preset", "")
    prompt = texts.pop("prompt", "")
    head = marker_name(cue)
    if preset:
        head += f" [{preset}]"
    # A name alone is the prompt as well, unless it reads as an end.
    is_prompt = prompt == _escaped(one_line(cue.name)) and not _ENDS_LIKE_AN_END.fullmatch(head)
    if not is_prompt or preset:
        head += f": {prompt}" if prompt else ":"
    settings = " ".join(f"{key}={text}" for key, text in texts.items())
    return f"{head}  {settings}" if settings else head


def marker_settings(cue: Cue) -> dict[str, str]:
    """Return what a cue sets for itself without anything that would read as something else."""
    texts = {key: _escaped(one_line(text)) for key, text in setting_texts(cue.settings).items()}
    if "preset" in texts:
        texts["preset"] = texts["preset"].translate(_BRACKETS)
    if texts.get("prompt", "").startswith("["):  # there a preset would be expected
        texts["prompt"] = texts["prompt"].translate(_BRACKETS)
    return texts


def _escaped(text: str) -> str:
    r"""Return a text whose equals signs set nothing: ``\=``."""
    return text.replace("=", r"\=")


def hit_name(hit: Hit) -> str:
    """Return the hit's name without anything that would read as its importance."""
    return one_line(hit.name).lstrip("! ")


def hit_text(hit: Hit) -> str:
    """Return a hit with what it sets: ``door slam  intensity=0.3 prompt=sparse strings``."""
    name = _escaped(hit.name) if _HIT_SETTING.search(hit.name) else hit.name
    settings = []
    if hit.intensity:
        settings.append(f"intensity={IntensityLane.even(hit.intensity)}")
    if hit.prompt:
        settings.append(f"prompt={_escaped(one_line(hit.prompt))}")
    return f"{name}  {' '.join(settings)}".strip() if settings else name


def hit_line(hit: Hit) -> str:
    """Return the marker of a hit: ``! door slam``, or ``!! door slam`` for an important one."""
    return f"{'!!' if hit.important else '!'} {hit_text(replace(hit, name=hit_name(hit)))}".rstrip()


def markers_of(cues: Sequence[Cue], start_text: Callable[[Cue], str]) -> list[TextMarker]:
    """Return starts, hits and ends of ``cues`` in the order of time.

    A cue that the next one follows at once needs no end; one that another overlaps is closed by
    name, any other by ``END``.
    """
    starts = [TextMarker(cue.start_s, start_text(cue)) for cue in cues]
    hits = [TextMarker(hit.at_s, hit_line(hit)) for cue in cues for hit in cue.hits]
    # Sorting is stable: at one moment a cue ends before the next one starts and is hit.
    return sorted([*_ends(cues), *starts, *hits], key=lambda marker: in_time(marker.at_s))


def regions_of(cues: Sequence[Cue], start_text: Callable[[Cue], str]) -> list[TextMarker]:
    """Return ``cues`` as regions and their hits as markers, in the order of time."""
    regions = [TextMarker(cue.start_s, start_text(cue), cue.end_s) for cue in cues]
    hits = [TextMarker(hit.at_s, hit_line(hit)) for cue in cues for hit in cue.hits]
    return sorted([*regions, *hits], key=lambda marker: in_time(marker.at_s))


def _ends(cues: Sequence[Cue]) -> Iterator[TextMarker]:
    starts_s = {cue.start_s for cue in cues}
    overlapped = _overlapped(cues)
    for cue in cues:
        if cue.id in overlapped:
            yield TextMarker(cue.end_s, f"{marker_name(cue)} end")
        elif cue.end_s not in starts_s:
            yield TextMarker(cue.end_s, "END")


def _overlapped(cues: Sequence[Cue]) -> set[str]:
    """Return the ids of all cues that sound together with another one."""
    overlapped: set[str] = set()
    longest: Cue | None = None  # of those that have started: the last one to end
    for cue in sorted(cues, key=lambda cue: in_time(cue.start_s)):
        if longest is not None and cue.start_s < longest.end_s:
            overlapped |= {longest.id, cue.id}
        if longest is None or cue.end_s > longest.end_s:
            longest = cue
    return overlapped

"""What is looked at in each directed cue before anything is made of it, and what afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import islice

from musicgen_daw.errors import PlanError, did_you_mean
from musicgen_daw.planning.blame import blamed
from musicgen_daw.planning.direction import Direction, Wishes
from musicgen_daw.planning.plan import Expectation
from musicgen_daw.planning.sections import sections
from musicgen_daw.timeline import Cue, CueSettings, SheetWarning, to_samples

__all__ = ["check_length", "check_style", "direction_warnings", "expectation"]

_LONGEST_SAMPLE_S = 1
"""A cue longer than this has a sample at any rate; nothing has to be counted then."""

_STYLES_TOLD = 6
"""So many are told where none is near: genres that mean a style are names of it, too."""

_ONLY_OF_CUES = {field.name for field in fields(CueSettings)} - {"prompt", "intensity"}
_SETTING = re.compile(rf"\b({'|'.join(sorted(_ONLY_OF_CUES))})\s?=")


def check_length(cue: Cue, sample_rate: int) -> None:
    """Refuse a cue of no sample.

    Raises:
        PlanError: for a cue that is shorter than one.
    """
    if cue.length_s > _LONGEST_SAMPLE_S:
        return
    if to_samples(cue.end_s, sample_rate) <= to_samples(cue.start_s, sample_rate):
        reason = f"cue {cue.name!r} is shorter than one sample at {sample_rate} Hz"
        raise PlanError(reason, place=cue.place or None)


def check_style(direction: Direction, wishes: Wishes) -> None:
    """Refuse a style that the generator does not know, where it tells which it knows.

    Raises:
        PlanError: where the cue asks for the style; PresetError and SettingsError where others do.
    """
    style, generator = direction.style, direction.generator
    known = generator.capabilities.styles
    if style is None or style in known or not known:
        return
    told = ", ".join(islice(known, _STYLES_TOLD))
    nearest = did_you_mean(style.strip().lower(), known) or f": use one of {told}"
    reason = f"{generator.name!r} knows no style {style!r}{nearest}"
    raise blamed("style", reason, direction.cue, direction.preset, wishes)


def direction_warnings(direction: Direction, wishes: Wishes) -> Iterator[SheetWarning]:
    """Yield what a cue, its preset or a flag asks for in vain."""
    generator = direction.generator
    if wishes.flags.negative_prompt and not generator.capabilities.obeys_negative:
        yield SheetWarning("", f"{generator.name!r} takes no negative prompt: it is not used")
    if not generator.capabilities.soundfont:
        yield from _unused_soundfont(direction, wishes)
    if sections(direction.cue) and not generator.capabilities.obeys_prompt_changes:
        message = f"{generator.name!r} reads one prompt a cue: those of its hits are not followed"
        yield SheetWarning(direction.cue.place, message)
    for hit in direction.cue.hits:
        if setting := _SETTING.search(hit.name):
            message = f"the hit {hit.name!r} sets no {setting[1]}: only a cue does"
            yield SheetWarning(direction.cue.place, message)
    stems = tuple(direction.words.layers) or generator.capabilities.stems
    for name in direction.preset.stems:
        if name not in stems:
            nearest = did_you_mean(name, stems) or f": its stems are {', '.join(stems)}"
            yield SheetWarning(
                f"preset {direction.preset.name!r} [stems.{name}]",
                f"{generator.name!r} makes no stem {name!r}{nearest}",
            )


def _unused_soundfont(direction: Direction, wishes: Wishes) -> Iterator[SheetWarning]:
    """Yield that a SoundFont plays nothing, where it was asked for more nearly than by settings."""
    for place, font in (
        (direction.cue.place, direction.cue.settings.soundfont),
        ("", wishes.flags.soundfont),
        (f"preset {direction.preset.name!r}", direction.preset.generation.soundfont),
        (f"{wishes.sheet.title}.toml", wishes.sheet.defaults.soundfont),
    ):
        if font is not None:
            message = f"{direction.generator.name!r} plays no SoundFont: {font} is not used"
            yield SheetWarning(place, message)
            return


def expectation(direction: Direction) -> Expectation:
    """Return what the clips of a cue have to hit, as far as a preset asks for it.

    A generator that plays in time is believed, and a tempo that changes can't be measured.
    """
    check, generator = direction.preset.generation.check, direction.generator.capabilities
    tempos = () if direction.tempo_map is None else direction.tempo_map.tempos
    is_steady = len({tempo.us_per_beat for tempo in tempos}) == 1
    return Expectation(
        bpm=tempos[0].bpm
        if is_steady and check in ("tempo", "both") and not generator.obeys_tempo
        else None,
        key=direction.key if check in ("key", "both") and not generator.obeys_key else None,
    )

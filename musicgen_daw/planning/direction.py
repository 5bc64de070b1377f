"""What is settled for one cue: sheet, preset, flags and settings brought together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from musicgen_daw.errors import PlanError
from musicgen_daw.planning.options import PlanOptions, settle
from musicgen_daw.planning.request import Choice, Generator
from musicgen_daw.planning.sections import marked, told_in_words
from musicgen_daw.planning.words import bpm_in, meter_in
from musicgen_daw.presets import Master, Preset, Words
from musicgen_daw.timeline import (
    FOUR_FOUR,
    Cue,
    CueSettings,
    CueSheet,
    IntensityLane,
    Meter,
    TempoMap,
)

__all__ = ["Direction", "Wishes", "backend_name", "choice_of", "direct", "preset_name"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that is said outside cues and presets: the sheet, the flags, the user's settings."""

    sheet: CueSheet
    flags: PlanOptions
    settings: PlanOptions

    @property
    def seed(self) -> int:
        """The seed of the whole sheet, from which those of its cues and themes come."""
        sheet = self.sheet
        return settle(
            flags=self.flags.seed,
            sheet=sheet.seed if sheet.seed is not None else sheet.defaults.seed,
            settings=self.settings.seed,
            built_in=0,
        )


@dataclass(frozen=True, slots=True)
class Direction:
    """One cue, fully told.

    ``tempo_map`` has beat 0 at the start of the cue; ``meter`` is told only where it is ``None``.
    ``words_later`` are those that follow ``words``, each with the second from which they rule.
    ``audio_prompt`` and ``melody`` are paths. ``guide`` is a count-in where there is no audio
    prompt. ``transition`` is how it takes over from the cue before, ``None`` where it doesn't;
    for ``overlap_s`` its music plays on under the next one.
    """

    cue: Cue
    preset: Preset
    generator: Generator
    words: Words
    words_later: tuple[tuple[Fraction, Words], ...]
    master: Master
    takes: int
    tail_s: Fraction
    tempo_map: TempoMap | None
    meter: Meter | None
    key: str | None
    style: str | None
    intensity: IntensityLane | None
    theme: str
    audio_prompt: str | None
    melody: str | None
    guide: str | None
    transition: str | None = None
    overlap_s: Fraction = Fraction(0)


def preset_name(cue: Cue, wishes: Wishes) -> str:
    """Return the name of a cue's preset."""
    # A flag that names a preset is meant for cues that name none: so it does not beat the cue.
    return settle(
        cue=cue.settings.preset,
        flags=wishes.flags.preset,
        sheet=wishes.sheet.defaults.preset,
        settings=wishes.settings.preset,
        built_in="house",
    )


def backend_name(cue: Cue, preset: Preset, wishes: Wishes) -> str:
    """Return the name of a cue's generator."""
    return settle(
        cue=cue.settings.backend,
        flags=wishes.flags.backend,
        preset=preset.generation.backend,
        sheet=wishes.sheet.defaults.backend,
        settings=wishes.settings.backend,
        built_in="sketch",
    )


def choice_of(cue: Cue, preset: Preset, wishes: Wishes) -> Choice:
    """Return the model that a cue's generator is to use, where it has several."""
    flags, settings = wishes.flags, wishes.settings
    return Choice(
        model=settle(
            flags=flags.model,
            preset=preset.generation.model,
            settings=settings.model,
            built_in=None,
        ),
        precision=settle(flags=flags.precision, settings=settings.precision, built_in=None),
        device=settle(flags=flags.device, settings=settings.device, built_in=None),
        batch=settle(flags=flags.batch, settings=settings.batch, built_in=None),
        soundfont=settle(
            cue=cue.settings.soundfont,
            flags=flags.soundfont,
            preset=preset.generation.soundfont,
            sheet=wishes.sheet.defaults.soundfont,
            settings=settings.soundfont,
            built_in=None,
        ),
    )


def direct(cue: Cue, preset: Preset, generator: Generator, wishes: Wishes) -> Direction:
    """Settle everything that one cue leaves open.

    Raises:
        PlanError: when cue, preset and flags together ask for something impossible.
    """
    try:
        return _direct(cue, preset, generator, wishes)
    except ValueError as error:
        raise PlanError(f"cue {cue.name!r}: {error}", place=cue.place or None) from None


def _direct(cue: Cue, preset: Preset, generator: Generator, wishes: Wishes) -> Direction:
    own, generation = cue.settings, preset.generation
    sheet, flags = wishes.sheet.defaults, wishes.flags
    key: str | None = settle(cue=own.key, preset=generation.key, sheet=sheet.key, built_in=None)
    style: str | None = settle(
        cue=own.style, preset=generation.style, sheet=sheet.style, built_in=None
    )
    intensity: IntensityLane | None = settle(
        cue=own.intensity, preset=generation.intensity, sheet=sheet.intensity, built_in=None
    )
    intensity = marked(cue, intensity)
    tempo_map, meter = _tempo_and_meter(cue, preset, wishes.sheet)
    master, tail_s = _master(own, preset, sheet)
    values = {
        "prompt": settle(cue=own.prompt, sheet=sheet.prompt, built_in=""),
        "bpm": "" if tempo_map is None else _number(tempo_map.tempos[0].bpm),
        "key": key or "",
        "meter": _meter_text(tempo_map, meter),
        "name": cue.name,
        "style": style or "",
        "seconds": _number(cue.length_s),
        "intensity": "" if intensity is None else str(intensity),
    }
    # A generator must be told something: a cue without any words has at least its name.
    told = [(Fraction(0), preset.words(values, fallback=cue.name))]
    if _hears_in_words(generator):
        told = told_in_words(cue, intensity, tempo_map, preset, values)
    if flags.negative_prompt is not None:
        told = [(at_s, replace(words, negative=flags.negative_prompt)) for at_s, words in told]
    return Direction(
        cue=cue,
        preset=preset,
        generator=generator,
        words=told[0][1],
        words_later=tuple(told[1:]),
        master=master,
        takes=_takes(own, preset, wishes),
        tail_s=tail_s,
        tempo_map=tempo_map,
        meter=meter,
        key=key,
        style=style,
        intensity=intensity,
        theme=settle(cue=own.theme, sheet=sheet.theme, built_in="main"),
        audio_prompt=settle(
            cue=own.audio_prompt,
            flags=flags.audio_prompt,
            preset=generation.audio_prompt,
            sheet=sheet.audio_prompt,
            built_in=None,
        ),
        melody=settle(
            cue=own.melody,
            flags=flags.melody,
            preset=generation.melody,
            sheet=sheet.melody,
            built_in=None,
        ),
        guide=None if generation.guide == "none" else generation.guide,
    )


def _takes(own: CueSettings, preset: Preset, wishes: Wishes) -> int:
    takes = settle(
        cue=own.takes,
        flags=wishes.flags.takes,
        preset=preset.generation.takes,
        sheet=wishes.sheet.defaults.takes,
        settings=wishes.settings.takes,
        built_in=1,
    )
    if takes < 1:
        raise ValueError(f"takes = {takes}: there must be at least one")
    return takes


# -- tempo -----------------------------------------------------------------------------------------


def _tempo_and_meter(
    cue: Cue, preset: Preset, sheet: CueSheet
) -> tuple[TempoMap | None, Meter | None]:
    """Return the cue's tempo map: the timeline's own, else one steady tempo that words tell.

    Where nobody tells a tempo there is no map, and the meter, if there is one, stands alone.
    """
    own, defaults = cue.settings, sheet.defaults
    meter = _meter(own, preset, defaults)
    timeline = sheet.tempo_map_of(cue)
    if timeline is not None:  # most sources of one can't tell how a bar is grouped
        return timeline.grouped(meter), None
    bpm: Fraction | float | None = settle(
        cue=own.bpm if own.bpm is not None else bpm_in(own.prompt),
        preset=preset.generation.bpm
        if preset.generation.bpm is not None
        else bpm_in(preset.prompt),
        sheet=defaults.bpm if defaults.bpm is not None else bpm_in(defaults.prompt),
        built_in=None,
    )
    return (None, meter) if bpm is None else (TempoMap.constant(bpm, *(meter or FOUR_FOUR)), None)


def _meter(own: CueSettings, preset: Preset, sheet: CueSettings) -> Meter | None:
    return settle(
        cue=own.meter or meter_in(own.prompt),
        preset=preset.generation.meter or meter_in(preset.prompt),
        sheet=sheet.meter or meter_in(sheet.prompt),
        built_in=None,
    )


# -- mastering -------------------------------------------------------------------------------------


def _master(own: CueSettings, preset: Preset, sheet: CueSettings) -> tuple[Master, Fraction]:
    """Return how the cue is mastered, and its tail, exactly."""
    master = preset.master
    tail_s = settle(
        cue=own.tail,
        preset=Fraction(str(master.tail_s)) if "master.tail_s" in preset.said else None,
        sheet=sheet.tail,
        built_in=Fraction(0),
    )
    cue_values, sheet_values = _mastering_values(own), _mastering_values(sheet)
    values: dict[str, Any] = {
        name: settle(
            cue=cue_values.get(name),
            preset=getattr(master, name) if f"master.{name}" in preset.said else None,
            sheet=sheet_values.get(name),
            built_in=getattr(master, name),
        )
        for name in cue_values.keys() | sheet_values.keys()
    }
    if own.loop is False and values.get("end", master.end) == "loop":
        values["end"] = "ring"
    if tail_s != 0 or master.tail_s:
        values["tail_s"] = float(tail_s)
    return replace(master, **values) if values else master, tail_s


def _mastering_values(settings: CueSettings) -> dict[str, Any]:
    """Return what the settings of a cue or sheet say about mastering, in a preset's terms."""
    values = {
        "lufs": settings.lufs,
        "fade_in_ms": None if settings.fade_in is None else float(settings.fade_in * 1000),
        "fade_out_ms": None if settings.fade_out is None else float(settings.fade_out * 1000),
        "end": _ending(settings),
    }
    return {name: value for name, value in values.items() if value is not None}


def _ending(settings: CueSettings) -> str | None:
    """Return the ending; ``loop=yes`` is another way to write ``end=loop``."""
    if settings.loop is None or settings.end is None:
        return "loop" if settings.loop else settings.end
    if settings.loop != (settings.end == "loop"):
        answer = "yes" if settings.loop else "no"
        raise ValueError(f"loop={answer} and end={settings.end} contradict each other")
    return settings.end


# -- words -----------------------------------------------------------------------------------------


def _hears_in_words(generator: Generator) -> bool:
    """Tell whether a generator is told the intensity in words, which may change on the way."""
    return generator.capabilities.obeys_prompt_changes and not generator.capabilities.obeys_tempo


def _meter_text(tempo_map: TempoMap | None, meter: Meter | None) -> str:
    if tempo_map is not None:
        return str(tempo_map.meters[0].meter)
    return "" if meter is None else str(meter)


def _number(value: Fraction) -> str:
    return f"{round(float(value), 2):g}"

"""MIDI files as cue sheets: markers and cue points, tempo, meter, SMPTE offset.

All of it is read by ``formats.smf``, which survives what real files do wrong and knows the byte
offset of everything, so that a message can tell where in the file a marker stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from musicgen_daw.cuesheets.assemble import DEFAULT_BPM, assemble
from musicgen_daw.cuesheets.encoding import decode
from musicgen_daw.cuesheets.events import SheetEvent
from musicgen_daw.cuesheets.marker import tidy
from musicgen_daw.cuesheets.marks import Mark, event_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import smf
from musicgen_daw.formats.smf import MetaEvent, Smf
from musicgen_daw.timeline import (
    FOUR_FOUR,
    CueSheet,
    FrameRate,
    MeterChange,
    SheetWarning,
    TempoChange,
    TempoMap,
    Timecode,
    us_per_beat,
)

__all__ = ["READER", "parse"]

_SMPTE_RATES = ("24", "25", "29.97df", "30")
"""The frame rates of an SMPTE offset, by the two bits that name them."""


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a Standard MIDI File of any format and division.

    Raises:
        CueSheetError: when the bytes are no MIDI file, a marker can't be understood, or there is
            no cue.
    """
    file = smf.parse(content)
    warnings = [SheetWarning(f"byte {fault.byte}", fault.message) for fault in file.faults]
    events, end_tick = _on_one_timeline(file)
    options, start_timecode = _started(events, options, warnings)
    tempo_map = _tempo_map(file, events, options, warnings)
    clock = _Clock(file, tempo_map)
    markers = list(_markers(events, clock, options.charset, warnings))
    if not markers:
        damage = f" (the file is damaged: {warnings[0]})" if file.faults else ""
        raise CueSheetError(
            "the MIDI file has no marker: name each cue with a marker where it begins, "
            f"and export the file again with markers{damage}"
        )
    sheet_map = None if file.ticks_per_beat is None else tempo_map
    cues, notes = assemble(markers, options, sheet_map, clock.seconds(end_tick))
    if not cues:
        raise CueSheetError("the MIDI file has markers, but none of them is a cue")
    return CueSheet(
        title=options.title,
        cues=cues,
        tempo_map=sheet_map,
        frame_rate=options.frame_rate,
        start_timecode=start_timecode,
        seed=options.seed,
        sample_rate=options.sample_rate,
        bit_depth=options.bit_depth,
        file_format=options.file_format,
        warnings=(*warnings, *notes),
        defaults=options.defaults,
    )


def _on_one_timeline(file: Smf) -> tuple[list[MetaEvent], int]:
    """Return all events in order of time, and the last tick.

    Tracks run side by side, but those of a file of format 2 follow one another.
    """
    if file.format == 2:
        ends = list(accumulate(file.track_ticks, initial=0))
        events = [replace(event, tick=ends[event.track] + event.tick) for event in file.events]
        return sorted(events, key=lambda event: event.tick), ends[-1]
    return sorted(file.events, key=lambda event: event.tick), max(file.track_ticks, default=0)


# -- time --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    """Ticks to seconds and to the words in which a message tells a place."""

    file: Smf
    tempo_map: TempoMap

    def seconds(self, tick: int) -> Fraction:
        if self.file.ticks_per_beat is None:
            return tick / (self.file.ticks_per_second or Fraction(1))
        return self.tempo_map.seconds_at(Fraction(tick, self.file.ticks_per_beat))

    def place(self, event: MetaEvent, text: str) -> str:
        text = text if len(text) <= 40 else f"{text[:39]}…"
        if self.file.ticks_per_beat is None:
            return f"marker {text!r} at byte {event.byte}"
        beats = Fraction(event.tick, self.file.ticks_per_beat)
        bar, beat = self.tempo_map.bar_at(beats)
        count = 1.0
        if beat:
            count += float(beat) * self.tempo_map.meter_at(beats).denominator / 4
        return f"marker {text!r} at {bar}|{count:g}, byte {event.byte}"


def _tempo_map(
    file: Smf, events: Sequence[MetaEvent], options: SheetOptions, warnings: list[SheetWarning]
) -> TempoMap:
    """Return the map of the file; where it has no tempo or meter, those of the sheet's TOML."""
    default_us = us_per_beat(options.defaults.bpm or DEFAULT_BPM)
    tempos = {0: TempoChange(Fraction(0), default_us)}
    meters = {0: MeterChange(Fraction(0), *(options.defaults.meter or FOUR_FOUR))}
    if file.ticks_per_beat is None:
        return TempoMap(tuple(tempos.values()), tuple(meters.values()))
    for event in events:
        read = _CHANGES.get(event.kind)
        if read is None:
            continue
        change = read(Fraction(event.tick, file.ticks_per_beat), event.payload)
        if isinstance(change, TempoChange):
            tempos[event.tick] = change
        elif isinstance(change, MeterChange):
            meters[event.tick] = change
        else:
            warnings.append(
                SheetWarning(
                    f"byte {event.byte}",
                    f"an impossible tempo or meter is skipped ({event.payload.hex(' ')})",
                )
            )
    return TempoMap(tuple(_changing(tempos.values())), tuple(meters.values()))


def _tempo_change(at_beats: Fraction, payload: bytes) -> TempoChange | None:
    us = int.from_bytes(payload)
    return TempoChange(at_beats, us) if len(payload) == 3 and us > 0 else None


def _meter_change(at_beats: Fraction, payload: bytes) -> MeterChange | None:
    if len(payload) < 2 or payload[0] == 0 or payload[1] > 6:
        return None
    return MeterChange(at_beats, payload[0], 2 ** payload[1])


_CHANGES: dict[int, Callable[[Fraction, bytes], TempoChange | MeterChange | None]] = {
    smf.SET_TEMPO: _tempo_change,
    smf.TIME_SIGNATURE: _meter_change,
}


def _changing(tempos: Iterable[TempoChange]) -> Iterator[TempoChange]:
    """Leave out steps that change nothing."""
    us = 0
    for tempo in tempos:
        if tempo.us_per_beat != us:
            yield tempo
        us = tempo.us_per_beat


def _started(
    events: Iterable[MetaEvent], options: SheetOptions, warnings: list[SheetWarning]
) -> tuple[SheetOptions, Timecode | None]:
    """Return the timecode of the start: what is said outside of the file, else its SMPTE offset.

    The frame rate of the offset holds for the sheet, unless another one is said.
    """
    for event in events:
        if event.kind != smf.SMPTE_OFFSET:
            continue
        try:
            offset = _smpte_offset(event.payload, options.frame_rate)
        except ValueError as error:
            warnings.append(SheetWarning(f"byte {event.byte}", f"SMPTE offset skipped: {error}"))
            continue
        options = replace(options, frame_rate=options.frame_rate or offset.rate)
        return options, options.started_at() or offset
    options = options.settled()
    return options, options.started_at()


def _smpte_offset(payload: bytes, rate: FrameRate | None) -> Timecode:
    if len(payload) < 4:
        raise ValueError("it is cut short")
    code, hours = divmod(payload[0], 32)
    rate = rate or FrameRate.named(_SMPTE_RATES[code % 4])
    return Timecode.from_fields(hours, payload[1], payload[2], payload[3], rate)


# -- markers -----------------------------------------------------------------------------------


def _markers(
    events: Iterable[MetaEvent],
    clock: _Clock,
    charset: str | None,
    warnings: list[SheetWarning],
) -> Iterator[SheetEvent]:
    guessed = {"ascii", "utf-8", charset}
    for event in events:
        if event.kind not in (smf.MARKER, smf.CUE_POINT):
            continue
        text, encoding = decode(event.payload, charset)
        text = tidy(text)
        if not text:
            continue
        place = clock.place(event, text)
        if encoding not in guessed:
            guessed.add(encoding)
            warnings.append(
                SheetWarning(place, f"read as {encoding}; if that is wrong, say the --charset")
            )
        yield event_of(Mark(clock.seconds(event.tick), text, place))


def _recognises(content: bytes) -> bool:
    return content.startswith(b"MThd") or (content[:4] == b"RIFF" and content[8:12] == b"RMID")


READER = Reader("MIDI", (".mid", ".midi", ".smf", ".kar", ".rmi"), _recognises, parse)

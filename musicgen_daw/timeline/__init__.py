"""When things happen: exact time, tempo, meter, timecode, cues. Standard library only."""

from musicgen_daw.timeline.cue import Cue, CueSettings, CueSheet, Hit, SheetWarning
from musicgen_daw.timeline.fitting import (
    HitMiss,
    TempoFit,
    fit_of_map,
    pulse_beats,
    rank_tempos,
)
from musicgen_daw.timeline.intensity import IntensityLane
from musicgen_daw.timeline.key import MODES, Key, parse_key
from musicgen_daw.timeline.meter import (
    FOUR_FOUR,
    GROUPED_METER,
    Meter,
    MeterChange,
    check_meter,
    parse_meter,
)
from musicgen_daw.timeline.places import BarBeat
from musicgen_daw.timeline.samples import Span, in_time, to_samples
from musicgen_daw.timeline.score import Note, Part, Score
from musicgen_daw.timeline.tempo import BarPosition, TempoChange, TempoMap, us_per_beat
from musicgen_daw.timeline.timecode import ASSUMED_FRAME_RATE, FRAME_RATES, FrameRate, Timecode

__all__ = [
    "ASSUMED_FRAME_RATE",
    "FOUR_FOUR",
    "FRAME_RATES",
    "GROUPED_METER",
    "MODES",
    "BarBeat",
    "BarPosition",
    "Cue",
    "CueSettings",
    "CueSheet",
    "FrameRate",
    "Hit",
    "HitMiss",
    "IntensityLane",
    "Key",
    "Meter",
    "MeterChange",
    "Note",
    "Part",
    "Score",
    "SheetWarning",
    "Span",
    "TempoChange",
    "TempoFit",
    "TempoMap",
    "Timecode",
    "check_meter",
    "fit_of_map",
    "in_time",
    "parse_key",
    "parse_meter",
    "pulse_beats",
    "rank_tempos",
    "to_samples",
    "us_per_beat",
]

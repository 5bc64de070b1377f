"""The session as a REAPER project: ``.rpp``.

Each cue is a folder of tracks, one a stem, and a region; each hit is a marker. All takes of a stem
are takes of one item, of which the chosen one plays. The mix is muted where the stems that it is
the sum of are there. Tracks and markers keep to time, so that an edit of the tempo moves nothing.

What the format can't carry: 30 frames a second that drop labels, which REAPER doesn't know, are
told as 30, and not every version knows 59.94 (the start is exact all the same). Fades are in the
sound itself, so items have none: another would fade twice. A loop's item repeats when it is drawn
longer, if the loop is the whole file.

Source: ``Breeder/BR_EnvelopeUtil.cpp`` of the SWS extension for the points of the tempo envelope;
"State Chunk Definitions" of the ReaTeam for tracks and items. Not opened in REAPER itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from posixpath import basename, splitext

from musicgen_daw.export.arrangement import LaidCue, LaidStem, lay_out
from musicgen_daw.export.marker_text import cue_start, hit_line
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.tempo_steps import tempo_steps
from musicgen_daw.formats import rpp
from musicgen_daw.formats.rpp import Block, Line, block, line
from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import FrameRate, Span, TempoMap

__all__ = ["encode", "frame_rate_line", "losses", "tempo_lines"]

_FOLDER_STARTS, _FOLDER_ENDS, _NO_FOLDER = (1, 1), (2, -1), (0, 0)
_STEPS = 1
"""The shape of an envelope whose points hold until the next one."""
_NEW_METER, _CUTS_BAR = 1, 4
_NO_DROP, _DROP, _PULLED_DOWN = 0, 1, 2
_DOUBTFUL_RATES = ("30df", "59.94", "59.94df")
_REGION = 1
_TIME = 0
"""The time base that a change of tempo doesn't touch."""

# What is the same in every track, item and take.
_PLAIN_TRACK = (
    line("BEAT", _TIME),
    line("VOLPAN", 1, 0, -1, -1, 1),
    line("NCHAN", 2),
    line("FX", 1),
)
_PLAIN_ITEM = (
    line("SNAPOFFS", 0),
    line("ALLTAKES", 0),
    line("FADEIN", 1, 0, 0),
    line("FADEOUT", 1, 0, 0),
    line("SEL", 0),
)
_PLAIN_TAKE = (
    line("VOLPAN", 1, 0, 1, -1),
    line("SOFFS", 0),
    line("PLAYRATE", 1, 1, 0, -1, 0, Fraction(1, 400)),
    line("CHANMODE", 0),
)

_SOURCES = {".flac": "FLAC", ".ogg": "VORBIS", ".mp3": "MP3"}
"""The kinds of source by suffix; WAV and AIFF are both WAVE."""


def encode(session: Session) -> str:
    """Return the project. Paths count from the folder that it is in, the output folder."""
    cues = lay_out(session)
    project = block(
        "REAPER_PROJECT",
        Fraction(1, 10),
        "7.0/musicgen_daw",
        0,
        entries=[
            line("PROJOFFS", session.start_timecode.seconds, 0, 0),
            frame_rate_line(session.frame_rate),
            line("TIMELOCKMODE", _TIME),
            line("SAMPLERATE", session.sample_rate, 1, 0),
            *tempo_lines(session.tempo_map),
            *_markers(session, cues),
            *(track for cue in cues for track in _tracks(session, cue)),
        ],
    )
    return rpp.dump(project)


def losses(session: Session) -> tuple[str, ...]:
    """Return what the project can't tell of this session, a sentence each."""
    rate = session.frame_rate
    if rate.name in _DOUBTFUL_RATES:
        return (f"REAPER may not know {rate} frames a second: it shows {rate.nominal} then",)
    return ()


def tempo_lines(tempo_map: TempoMap) -> list[Line | Block]:
    """Return the tempo and meter of the start, and the envelope with all steps of both."""
    steps = list(tempo_steps(tempo_map))
    meter = tempo_map.meters[0] if steps[0].meter is None else steps[0].meter
    points = []
    for step in steps:
        words: list[Fraction | int] = [step.at_s, step.bpm, _STEPS]
        if step.meter is not None:
            flags = _NEW_METER | (_CUTS_BAR if step.is_cut else 0)
            words += [step.meter.denominator << 16 | step.meter.numerator, 0, flags]
        points.append(line("PT", *words))
    envelope = [line("ACT", 1, -1), line("VIS", 0, 0, 1), line("DEFSHAPE", _STEPS, -1, -1), *points]
    return [
        line("TEMPO", steps[0].bpm, meter.numerator, meter.denominator),
        block("TEMPOENVEX", entries=envelope),
    ]


def frame_rate_line(rate: FrameRate) -> Line:
    """Return the line of the ruler, which tells the frame rate and how labels are dropped."""
    drop = _NO_DROP
    if rate.pulled_down:
        drop = _DROP if rate.drop_frame else _PULLED_DOWN
    bars_and_beats, timecode = 1, 5
    return line("TIMEMODE", bars_and_beats, timecode, -1, rate.nominal, drop, 0, -1)


# -- markers -----------------------------------------------------------------------------------


def _markers(session: Session, cues: Sequence[LaidCue]) -> Iterator[Line]:
    """Yield a region for each cue and a marker for each hit; each kind is numbered from 1 on."""
    hits = 0
    for number, laid in enumerate(cues, 1):
        identity = _guid(session, "region", laid.cue.id)
        name = cue_start(laid.cue)
        yield line("MARKER", number, laid.cue.start_s, name, _REGION, 0, 1, "R", identity)
        yield line("MARKER", number, laid.cue.end_s, "", _REGION)
        for hit in laid.cue.hits:
            hits += 1
            yield line("MARKER", hits, hit.at_s, hit_line(hit), 0)


# -- tracks ------------------------------------------------------------------------------------


def _tracks(session: Session, laid: LaidCue) -> Iterator[Block]:
    """Yield the folder of a cue and the tracks in it; none where nothing was made."""
    if not laid.stems:
        return
    name = one_line(laid.cue.name)
    yield _track(_guid(session, "folder", laid.cue.id), name, _FOLDER_STARTS)
    for stem in laid.stems:
        identity = _guid(session, "track", laid.cue.id, stem.name)
        folder = _FOLDER_ENDS if stem is laid.stems[-1] else _NO_FOLDER
        item = _item(session, laid, stem)
        yield _track(identity, one_line(stem.name), folder, stem.is_reference, [item])


def _track(
    identity: str,
    name: str,
    folder: tuple[int, int],
    is_muted: bool = False,
    items: Sequence[Block] = (),
) -> Block:
    return block(
        "TRACK",
        identity,
        entries=[
            line("NAME", name),
            line("MUTESOLO", int(is_muted), 0, 0),
            line("ISBUS", *folder),
            *_PLAIN_TRACK,
            line("TRACKID", identity),
            *items,
        ],
    )


def _item(session: Session, laid: LaidCue, stem: LaidStem) -> Block:
    """Return one item with all takes of a stem; one that the chosen take lacks is muted."""
    is_chosen = stem.of(laid.chosen) is not None
    active = laid.chosen if laid.chosen and is_chosen else stem.takes[0][0]
    whole = Span(0, active.span.length_samples)
    entries: list[Line | Block] = [
        line("POSITION", _seconds(session, laid.stem_start_samples(active))),
        line("LENGTH", _seconds(session, whole.length_samples)),
        line("LOOP", int(active.loop_samples == whole)),
        line("MUTE", int(not is_chosen), 0),
        *_PLAIN_ITEM,
        line("IGUID", _guid(session, "item", laid.cue.id, stem.name)),
    ]
    for number, (take, placed) in enumerate(stem.takes):
        if number:
            entries.append(line("TAKE", "SEL") if take is active else line("TAKE"))
        entries += _take(session, laid, take, placed)
    return block("ITEM", entries=entries)


def _take(
    session: Session, laid: LaidCue, take: PlacedCue, stem: PlacedStem
) -> Iterator[Line | Block]:
    yield line("NAME", basename(stem.path))
    yield from _PLAIN_TAKE
    yield line("GUID", _guid(session, "take", laid.cue.id, stem.name, str(take.take)))
    kind = _SOURCES.get(splitext(stem.path)[1].lower(), "WAVE")
    yield block("SOURCE", kind, entries=[line("FILE", stem.path)])


def _seconds(session: Session, samples: int) -> Fraction:
    return Fraction(samples, session.sample_rate)


def _guid(session: Session, *what: str) -> str:
    """Return an id in REAPER's form that is the same whenever the same thing is written."""
    told = "\0".join((session.title, *what)).encode("utf-8", "surrogatepass")
    digits = hashlib.sha256(told).hexdigest().upper()
    variant = "89AB"[int(digits[16], 16) % 4]  # of RFC 4122, as its version is 4
    parts = digits[:8], digits[8:12], f"4{digits[13:16]}", variant + digits[17:20], digits[20:32]
    return f"{{{'-'.join(parts)}}}"

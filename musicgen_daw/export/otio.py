"""OpenTimelineIO: a sheet's markers, or a session's stems as clips on tracks with its markers.

Every time is a whole number of samples over the sample rate, which its doubles hold exactly. The
files of stems are told by their paths from the output folder.

What the format can't carry: tempo, meters, loops, that labels of timecode are dropped, and other
takes.

Source: OpenTimelineIO's serialised schemas (Timeline.1, Stack.1, Track.1, Clip.1, Gap.1, Marker.2,
ExternalReference.1, RationalTime.1, TimeRange.1).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from musicgen_daw.export.arrangement import LaidClip, lanes, other_takes
from musicgen_daw.export.laid_sheet import laid_sheet
from musicgen_daw.export.marker_lists import ASSUMED_SAMPLE_RATE
from musicgen_daw.export.marker_text import cue_line, cue_start, regions_of
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.sheet import on_timeline
from musicgen_daw.session import PlacedCue, Session
from musicgen_daw.timeline import Cue, CueSheet, Timecode, to_samples

__all__ = ["encode", "encode_sheet", "losses"]

_Json = dict[str, Any]


def encode_sheet(sheet: CueSheet) -> bytes:
    """Return a timeline whose markers are the cues and hits of a sheet."""
    sheet = on_timeline(sheet)
    rate = sheet.sample_rate or ASSUMED_SAMPLE_RATE
    end_samples = max(to_samples(cue.end_s, rate) for cue in sheet.cues)
    track = _track("cues", [_gap(end_samples, rate)])
    return _timeline(
        sheet.title, sheet.start_timecode, [track], _markers(sheet.cues, rate, cue_line)
    )


def encode(session: Session) -> bytes:
    """Return a timeline of the chosen takes, their mixes disabled where their stems are there:
    both together would sound twice.

    A track holds the stems of one name; cues that overlap get one more.
    """
    rate = session.sample_rate
    start_samples = to_samples(session.start_timecode.seconds, rate)
    tracks = [
        _track(name, list(_clips(lane, rate, start_samples))) for name, lane in lanes(session)
    ]
    markers = _markers(laid_sheet(session).cues, rate, cue_start)
    return _timeline(session.title, session.start_timecode, tracks, markers)


def losses(session: Session) -> tuple[str, ...]:
    """Return what the timeline can't tell of this session, a sentence each."""
    start = session.start_timecode
    if not start.rate.drop_frame:
        return tuple(other_takes(session))
    dropped = f"OpenTimelineIO drops no labels: set the start timecode to {start} where it is read"
    return (dropped, *other_takes(session))


def _clips(lane: Iterable[LaidClip], rate: int, start_samples: int) -> Iterator[_Json]:
    reached = 0
    for placed in lane:
        if placed.start_samples > reached:
            yield _gap(placed.start_samples - reached, rate)
        # The media's own time begins at its time stamp, as in its bext chunk.
        span = placed.cue.span
        media_range = _range(start_samples + span.start_samples, span.length_samples, rate)
        yield {
            **_item("Clip.1", f"{placed.cue.name} - {placed.stem.name}", media_range),
            "enabled": not placed.is_reference,
            "metadata": {"musicgen_daw": _provenance(placed.cue)},
            "media_reference": {
                "OTIO_SCHEMA": "ExternalReference.1",
                "metadata": {},
                "name": placed.stem.path.rpartition("/")[2],
                "available_range": media_range,
                "target_url": quote(placed.stem.path),
            },
        }
        reached = placed.end_samples


def _provenance(cue: PlacedCue) -> _Json:
    return {
        "ai_generated": True,
        "generator": cue.backend,
        "seed": str(cue.seed),  # of up to 63 bits, which a double does not hold
        "prompt": one_line(cue.prompt),
        "licence": cue.licence,
        "cue": cue.id,
        "take": cue.take,
    }


def _markers(cues: Sequence[Cue], rate: int, cue_text: Callable[[Cue], str]) -> list[_Json]:
    marks = []
    for mark in regions_of(cues, cue_text):
        at = to_samples(mark.at_s, rate)
        length = 0 if mark.end_s is None else to_samples(mark.end_s, rate) - at
        marks.append(
            {
                "OTIO_SCHEMA": "Marker.2",
                "metadata": {},
                "name": mark.text,
                "color": "RED" if mark.end_s is None else "BLUE",
                "comment": "",
                "marked_range": _range(at, length, rate),
            }
        )
    return marks


def _timeline(
    title: str, start: Timecode | None, tracks: list[_Json], markers: list[_Json]
) -> bytes:
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": one_line(title),
        "global_start_time": None if start is None else _video_time(start),
        "tracks": {**_item("Stack.1", "tracks", None), "markers": markers, "children": tracks},
    }
    return (json.dumps(timeline, allow_nan=False) + "\n").encode("ascii")


def _track(name: str, children: list[_Json]) -> _Json:
    return {**_item("Track.1", name, None), "kind": "Audio", "children": children}


def _gap(length_samples: int, rate: int) -> _Json:
    return _item("Gap.1", "", _range(0, length_samples, rate))


def _item(schema: str, name: str, source_range: _Json | None) -> _Json:
    return {
        "OTIO_SCHEMA": schema,
        "metadata": {},
        "name": one_line(name),
        "source_range": source_range,
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _range(start_samples: int, length_samples: int, rate: int) -> _Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": _time(length_samples, float(rate)),
        "start_time": _time(start_samples, float(rate)),
    }


def _video_time(timecode: Timecode) -> _Json:
    return _time(timecode.video_frames, float(timecode.rate.fps))


def _time(value: int, rate: float) -> _Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}

"""Import guides: a page for each DAW with the session's own numbers and file names.

The programs were not at hand: only what Ardour's page tells was tried, by a script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

from musicgen_daw.export.arrangement import LaidCue, lay_out
from musicgen_daw.export.copies import bar_and_beat, start_timecode
from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.names import safe_name
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.session import Session
from musicgen_daw.timeline import TempoMap

__all__ = ["PROGRAMS", "files"]

MOST_ROWS = 40
"""A page is for reading; the tables beside it have all cues."""

_REAPER = (
    "Open `{name}.rpp` (`musicgen-daw export DIR --to reaper`): stems, tempo map, regions and hits "
    "are in place. It refers to the files in `stems/`, so keep both in one folder.",
    "Into a project that is there already: set its sample rate to {rate} Hz and its start to "
    "{start} (File > Project settings), insert the stems, select their items and run the action "
    "*Item: Move to source preferred position* (40299).",
    "Markers alone: View > Region/Marker Manager, right-click, Import, `{name}_reaper.csv` "
    "(`--to reaper-csv`). Tempo alone: insert {midi} and accept its tempo map.",
)
_PRO_TOOLS = (
    "Make a session of {rate} Hz, {fps} frames a second, and set its start to {start} "
    "(Setup > Session).",
    "File > Import > MIDI, {midi}, with its tempo map, meters and markers.",
    "File > Import > Audio, all files in `stems/`, to the clip list; do not convert the sample "
    "rate.",
    "Spot mode: drag each clip to a track and press the arrow beside *Original Time Stamp*: it "
    "lands on its sample. Names with the start timecode: `--to protools`.",
    "Or try File > Import > Session Data, `aaf/{name}.aaf` (`--to aaf`), which has clips, panning "
    "and markers in place but no tempo, and is experimental.",
)
_LOGIC = (
    "Set the project to {rate} Hz, and File > Project Settings > Synchronization to {fps} "
    "frames a second with *bar position 1 plays at SMPTE* {start} (Logic's own default is "
    "01:00:00:00).",
    "File > Import > MIDI File, {midi}, and accept its tempo and markers.",
    "Drag the files in `stems/` in, select the regions and choose Edit > Move > To Recorded "
    "Position: each goes to its time stamp.",
    "Markers alone come from the same MIDI file: Logic imports no list of them as text.",
)
_CUBASE = (
    "Project > Project Setup: {rate} Hz, {fps} frames a second, start {start}.",
    "Cubase and Nuendo 14 or later: File > Import > DAWproject, `{name}.dawproject` "
    "(`--to dawproject`).",
    "Earlier ones: File > Import > MIDI File, {midi}, then import the files in `stems/`, "
    "select them and choose Edit > Move to > Origin: each goes to its time stamp.",
    "Markers alone: File > Import > Track Archive, `{name}_cubase.xml` (`--to cubase`): cues are "
    "cycle markers, hits markers.",
)
_LIVE = (
    "Live reads neither time stamps nor markers of audio files, so their places are told in bars. "
    "`--to ableton` copies the stems to names that begin with theirs.",
    "In an empty set drag {midi} to the Arrangement and accept its tempo and time signature: "
    "{tempo}.",
    "Settings > Record, Warp & Launch: switch *Auto-Warp Long Samples* off, or Live stretches what "
    "is in time already.",
    "Drag each stem to a track of its own at the bar and beat of the table; all stems of a cue "
    "start at the same place.",
    "Or try `{name}.als` (`--to ableton-set`, Live 11 or later), which has all of that in place "
    "and is experimental.",
)
_STUDIO_ONE = (
    "File > Open, `{name}.dawproject` (`--to dawproject`; Studio One 6.5 or later).",
    "Without it: a song of {rate} Hz, {midi} dragged in for tempo and markers, then the files in "
    "`stems/`, selected, with Audio > Move to Origin.",
)
_BITWIG = (
    "File > Open, `{name}.dawproject` (`--to dawproject`; Bitwig 5.0.9 or later): tracks, tempo "
    "and markers are in place.",
    "Bitwig reads no time stamps: without the DAWproject place each stem at the bar and beat of "
    "the table, and switch stretching off (Raw).",
)
_ARDOUR = (
    "Open `ardour/{name}/{name}.ardour` (`--to ardour`; Ardour 7 or later).",
    "Into a session that is there already, of {rate} Hz and {fps} frames a second: Session > "
    "Import, all files in `stems/`, *insert at: file timestamp*; and {midi} with its tempo "
    "map.",
)
_RESOLVE = (
    "Set the project to {fps} frames a second before anything is in it, and the timeline's "
    "start timecode to {start}.",
    "File > Import > Timeline, `{name}.otio` (`--to otio`): stems on tracks, in place; the mixes "
    "are there and disabled.",
    "Markers alone: right-click the timeline, Timelines > Import > Timeline Markers from EDL, "
    "`{name}_resolve.edl` (`--to resolve`), rounded to video frames.",
)
_FL_STUDIO = (
    "Set the tempo to that of the first cue ({tempo}). FL Studio takes no tempo map from MIDI, "
    "and reads no time stamps.",
    "Drag each stem to the Playlist at the bar and beat of the table (`--to ableton` puts them "
    "into the names), with stretching off (*Resample* with no time).",
    "Loops tell their own tempo (acid chunk) and loop points, and can be dropped anywhere.",
)

PROGRAMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "REAPER": _REAPER,
        "Pro Tools": _PRO_TOOLS,
        "Logic Pro": _LOGIC,
        "Cubase and Nuendo": _CUBASE,
        "Ableton Live": _LIVE,
        "Studio One": _STUDIO_ONE,
        "Bitwig Studio": _BITWIG,
        "Ardour": _ARDOUR,
        "DaVinci Resolve": _RESOLVE,
        "FL Studio": _FL_STUDIO,
    }
)
"""The steps for each program, with the names of the session's numbers in braces."""


def files(session: Session) -> list[ExportFile]:
    """Return a page for each program, in Markdown, in ``guide/``."""
    cues = lay_out(session)
    shared = "\n".join([*_numbers(session, cues), "", *_table(session, cues)])
    return [
        ExportFile(f"guide/{safe_name(program)}.md", _page(program, session, shared))
        for program in PROGRAMS
    ]


def _page(program: str, session: Session, shared: str) -> bytes:
    told = {
        "name": safe_name(session.title),
        "rate": str(session.sample_rate),
        "start": str(session.start_timecode),
        "fps": str(session.frame_rate),
        "tempo": _tempo(session.tempo_map),
        "midi": _midi(session),
    }
    steps = [
        f"{number}. {step.format_map(told)}" for number, step in enumerate(PROGRAMS[program], 1)
    ]
    tried = (
        "A script does these steps with Ardour 7.3 when this program is tested. Ardour 8 and later "
        "read the sessions of 7, so they are expected to open this one; that was not tried. "
        "Ardour 6 and earlier refuse it."
        if program == "Ardour"
        else "These steps were not tried with the program: its menus may have other names today."
    )
    title = f"# {_plain(session.title)} in {program}"
    return "\n".join([title, "", *steps, "", tried, "", shared, ""]).encode("utf-8")


def _midi(session: Session) -> str:
    if session.sheet.is_list:
        return "the cue's own file in `midi/`"
    return f"`{safe_name(session.title)}.mid`"


def _numbers(session: Session, cues: tuple[LaidCue, ...]) -> Iterator[str]:
    made = [cue for cue in cues if cue.chosen]
    stems = sum(len(cue.chosen.stems) for cue in cues if cue.chosen)
    yield "## The numbers"
    yield f"- {session.sample_rate} Hz; every file has this rate, none may be converted."
    yield f"- The session starts at {session.start_timecode}, {session.frame_rate} frames a second."
    yield f"- Tempo: {_tempo(session.tempo_map)}."
    yield f"- {len(made)} cues with {stems} files in `stems/`. The mix of a cue is the sum of the"
    yield "  others: play it, or them."
    if session.sheet.is_list:
        yield "- The cues stand alone: the time stamp of each is the session's start. The places"
        yield "  below are those that they have in session files."


def _table(session: Session, cues: tuple[LaidCue, ...]) -> Iterator[str]:
    yield "| cue | timecode | sample | bar and beat | mix |"
    yield "| --- | --- | --- | --- | --- |"
    for cue in cues[:MOST_ROWS]:
        bar, beat = bar_and_beat(session, cue)
        path = cue.chosen.stems[-1].path if cue.chosen else ""
        yield (
            f"| {_plain(cue.cue.name)} | {start_timecode(session, cue)} | {cue.start_samples} "
            f"| {bar}, {decimal(beat, 3)} | {_plain(path)} |"
        )
    if len(cues) > MOST_ROWS:
        yield ""
        yield f"… and {len(cues) - MOST_ROWS} more cues: `markers.csv` has all of them."


def _tempo(tempo_map: TempoMap) -> str:
    meter, bpm = tempo_map.meters[0], decimal(Fraction(tempo_map.tempos[0].bpm), 3)
    told = f"{bpm} bpm in {meter.meter}"
    changes = len(tempo_map.tempos) + len(tempo_map.meters) - 2
    return f"{told} at the start, then {changes} changes" if changes else told


def _plain(text: str) -> str:
    """Return a text as one line in which Markdown sees no markup."""
    marked = "\\`*_{}[]<>#|"
    return "".join(f"\\{sign}" if sign in marked else sign for sign in one_line(text))

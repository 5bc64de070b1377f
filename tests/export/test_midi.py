"""The session as MIDI, read back by mido."""

import io
from dataclasses import replace
from fractions import Fraction

import mido
import pytest

from musicgen_daw.export import midi
from musicgen_daw.export.midi_conductor import smpte_offset
from musicgen_daw.export.midi_parts import PlacedScore, part_tracks
from musicgen_daw.export.midi_ticks import midi_file
from musicgen_daw.session import Session
from musicgen_daw.sketch import Commission, compose
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    MeterChange,
    Note,
    Part,
    Score,
    TempoMap,
    Timecode,
)


def read_back(content: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(content), charset="utf-8")


def absolute(track: mido.MidiTrack) -> list[tuple[int, mido.Message]]:
    ticks, events = 0, []
    for message in track:
        ticks += message.time
        events.append((ticks, message))
    return events


def of_type(track: mido.MidiTrack, kind: str) -> list[tuple[int, mido.Message]]:
    return [(ticks, message) for ticks, message in absolute(track) if message.type == kind]


def notes_of(track: mido.MidiTrack) -> list[tuple[int, str, int]]:
    return [
        (ticks, message.type, message.note)
        for ticks, message in absolute(track)
        if message.type.startswith("note_")
    ]


def tracks_of(*scores: tuple[int | Fraction, Score]) -> list[mido.MidiTrack]:
    placed = [PlacedScore(Fraction(start_s), score) for start_s, score in scores]
    return read_back(midi_file(part_tracks(placed, TempoMap.constant(120)))).tracks


def test_the_conductor_has_tempos_and_meters_at_their_ticks(session: Session) -> None:
    file = read_back(midi.encode(session))
    assert (file.type, file.ticks_per_beat) == (1, 960)
    tempos = [(at, message.tempo) for at, message in of_type(file.tracks[0], "set_tempo")]
    assert tempos == [(0, 500_000), (8 * 960, 666_667)]
    meters = [
        (at, message.numerator, message.denominator)
        for at, message in of_type(file.tracks[0], "time_signature")
    ]
    assert meters == [(0, 4, 4), (8 * 960, 3, 4)]


def test_markers_name_cues_hits_and_ends(session: Session) -> None:
    track = read_back(midi.encode(session)).tracks[0]
    assert [(at / 960, message.text) for at, message in of_type(track, "marker")] == [
        (0, "1M1 Chase"),
        (5, "!! door slam"),
        (8, "END"),
        (11, "1M2 Calm"),
        (12, "! look"),
        (17, "END"),
    ]


def test_the_start_timecode_is_the_smpte_offset(session: Session) -> None:
    track = read_back(midi.encode(session)).tracks[0]
    ((at, offset),) = of_type(track, "smpte_offset")
    assert at == 0
    assert (offset.frame_rate, offset.hours, offset.minutes) == (25, 10, 0)


@pytest.mark.parametrize(
    ("rate", "label", "told"),
    [
        ("23.976", "01:00:00:23", (24, 1, 23, 0)),
        ("24", "01:00:00:23", (24, 1, 23, 0)),
        ("29.97", "01:00:00:29", (30, 1, 29, 0)),
        ("29.97df", "01:01:00;02", (29.97, 1, 2, 0)),
        ("30df", "01:01:00;02", (29.97, 1, 2, 0)),
        ("50", "01:00:00:49", (25, 1, 24, 50)),
        ("59.94df", "01:01:00;04", (29.97, 1, 2, 0)),
        ("60", "23:00:00:01", (30, 23, 0, 50)),
    ],
)
def test_midi_tells_four_frame_rates(rate: str, label: str, told: tuple[float, ...]) -> None:
    offset = smpte_offset(Timecode.parse(label, FRAME_RATES[rate]))
    assert (offset.frame_rate, offset.hours, offset.frames, offset.sub_frames) == told


def test_parts_stand_at_their_beats_with_their_programs(session: Session) -> None:
    _, kit, bass = read_back(midi.encode(session)).tracks
    assert (kit.name, bass.name) == ("kit", "bass")
    assert notes_of(kit) == [(11 * 960, "note_on", 36), (11 * 960 + 240, "note_off", 36)]
    assert {message.channel for message in kit if not message.is_meta} == {9}
    ((at, program),) = of_type(bass, "program_change")
    assert (at, program.program, program.channel) == (11 * 960, 33, 0)


def test_a_key_struck_again_ends_the_note_before(session: Session) -> None:
    start = 11 * 960
    assert notes_of(read_back(midi.encode(session)).tracks[2]) == [
        (start, "note_on", 40),
        (start + 960, "note_off", 40),
        (start + 960, "note_on", 40),
        (start + 1280, "note_on", 43),
        (start + 1600, "note_off", 43),
        (start + 1920, "note_off", 40),
    ]


def test_a_cue_with_its_own_tempo_stands_where_it_sounds() -> None:
    score = Score(
        TempoMap.constant(60),
        (Part("lead", "lead", 80, (Note(Fraction(1), Fraction(1), 60, 64),)),),
    )
    (track,) = tracks_of((2, score))
    # Beat 1 at 60 bpm is second 1 of the cue, second 3 of the file: beat 6 at 120 bpm.
    assert notes_of(track) == [(6 * 960, "note_on", 60), (8 * 960, "note_off", 60)]


def score_of(*programs: int) -> Score:
    note = (Note(Fraction(0), Fraction(1), 60, 64),)
    parts = tuple(Part(f"p{program}", "mix", program, note) for program in programs)
    return Score(TempoMap.constant(120), parts)


def channels(tracks: list[mido.MidiTrack]) -> list[int]:
    return [message.channel for track in tracks for message in track if message.type == "note_on"]


def programs_of(track: mido.MidiTrack) -> list[tuple[int, int]]:
    return [(at, message.program) for at, message in of_type(track, "program_change")]


def test_a_part_of_several_cues_is_one_track_on_one_channel() -> None:
    first, second, third = tracks_of((0, score_of(5, 7)), (4, score_of(7, 8)))
    assert [track.name for track in (first, second, third)] == ["p5", "p7", "p8"]
    assert [at for at, kind, _ in notes_of(second) if kind == "note_on"] == [0, 8 * 960]
    assert channels([first, second, third]) == [0, 1, 1, 2]
    assert programs_of(second) == [(0, 7)]


@pytest.mark.parametrize(
    "change", [{"stem": "other"}, {"name": "other"}, {"program": 9}, {"drums": True}]
)
def test_parts_of_another_stem_name_or_instrument_are_other_tracks(
    change: dict[str, object],
) -> None:
    score = score_of(5)
    other = replace(score, parts=(replace(score.parts[0], **change),))
    assert len(tracks_of((0, score), (4, other))) == 2


def test_parts_have_channels_of_their_own_as_long_as_there_are() -> None:
    tracks = tracks_of((0, score_of(*range(15))))
    assert channels(tracks) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]


def test_more_parts_share_channels_and_each_cue_sets_its_program() -> None:
    tracks = tracks_of((0, score_of(*range(15))), (4, score_of(15)), (8, score_of(0, 1)))
    assert len(tracks) == 16
    assert channels([tracks[0], tracks[15]]) == [0, 0, 0]
    assert programs_of(tracks[0]) == [(0, 0), (16 * 960, 0)]
    assert programs_of(tracks[15]) == [(8 * 960, 15)]
    assert programs_of(tracks[1]) == [(0, 1)]


def ports_of(tracks: list[mido.MidiTrack]) -> list[list[tuple[int, int]]]:
    return [[(at, message.port) for at, message in of_type(track, "midi_port")] for track in tracks]


def test_parts_that_share_a_channel_are_on_ports_of_their_own() -> None:
    tracks = tracks_of((0, score_of(*range(32))))
    assert ports_of(tracks) == [[(0, number // 15)] for number in range(32)]
    assert [programs_of(track) for track in tracks] == [[(0, number)] for number in range(32)]
    assert len({(number // 15, channel) for number, channel in enumerate(channels(tracks))}) == 32


def test_a_file_of_one_port_names_none() -> None:
    assert ports_of(tracks_of((0, score_of(*range(15))))) == [[]] * 15


def test_a_new_port_gets_its_program_though_its_channel_had_it_on_another() -> None:
    same_sound = replace(score_of(0), parts=(replace(score_of(0).parts[0], name="other"),))
    tracks = tracks_of((0, score_of(*range(15))), (4, same_sound))
    assert ports_of(tracks)[15] == [(0, 1)]
    assert programs_of(tracks[15]) == [(8 * 960, 0)]


def test_drums_of_one_kit_share_a_port_and_another_kit_has_its_own() -> None:
    (part,) = score_of(0).parts
    drums = [("kit", 0), ("hit drums", 0), ("machine", 25), ("more machine", 25)]
    parts = tuple(replace(part, name=name, program=kit, drums=True) for name, kit in drums)
    tracks = tracks_of((0, Score(TempoMap.constant(120), parts)))
    assert set(channels(tracks)) == {9}
    assert ports_of(tracks) == [[(0, 0)], [(0, 0)], [(0, 1)], [(0, 1)]]


def test_a_reader_that_is_not_mido_hears_the_same(session: Session) -> None:
    symusic = pytest.importorskip("symusic")
    content = midi.encode(session)
    heard = symusic.Score.from_midi(content)
    assert heard.ticks_per_quarter == 960
    assert [(tempo.time, tempo.mspq) for tempo in heard.tempos] == [(0, 500_000), (7680, 666_667)]
    assert [
        (meter.time, meter.numerator, meter.denominator) for meter in heard.time_signatures
    ] == [
        (0, 4, 4),
        (7680, 3, 4),
    ]
    assert [marker.text for marker in heard.markers][:2] == ["1M1 Chase", "!! door slam"]
    kit, bass = heard.tracks
    assert [(track.name, track.program, track.is_drum) for track in (kit, bass)] == [
        ("kit", 0, True),
        ("bass", 33, False),
    ]
    assert [(note.time, note.pitch) for note in kit.notes] == [(11 * 960, 36)]


def test_a_reader_that_is_not_mido_keeps_forty_parts_apart() -> None:
    symusic = pytest.importorskip("symusic")
    placed = [PlacedScore(Fraction(0), score_of(*range(40)))]
    heard = symusic.Score.from_midi(midi_file(part_tracks(placed, TempoMap.constant(120))))
    assert [(track.name, track.program) for track in heard.tracks] == [
        (f"p{number}", number) for number in range(40)
    ]


def test_a_new_part_takes_no_channel_of_its_own_cue() -> None:
    tracks = tracks_of((0, score_of(*range(15))), (4, score_of(15, 16, 1, 0)))
    # Parts 0 and 1 keep their channels, so the new ones share with 2 and 3.
    assert channels(tracks[:2]) == [0, 0, 1, 1]
    assert [track.name for track in tracks[15:]] == ["p15", "p16"]
    assert channels(tracks[15:]) == [2, 3]


def test_a_note_that_rings_into_the_next_cue_ends_where_its_key_is_struck_again() -> None:
    score = score_of(5)
    (track,) = tracks_of((0, score), (Fraction(1, 4), score))
    assert notes_of(track) == [
        (0, "note_on", 60),
        (480, "note_off", 60),
        (480, "note_on", 60),
        (1440, "note_off", 60),
    ]


def test_thousands_of_cues_are_a_few_tracks() -> None:
    score = score_of(5, 7)
    chunks = part_tracks([PlacedScore(Fraction(n), score) for n in range(2_000)], TempoMap())
    assert len(chunks) == 2


@pytest.mark.parametrize("hours", [38, 39, 200])
def test_a_track_may_begin_days_after_the_file(hours: int) -> None:
    (track,) = tracks_of((hours * 3600, score_of(5)))
    assert notes_of(track)[0] == (hours * 3600 * 2 * 960, "note_on", 60)


def test_the_kept_take_gives_the_notes(session: Session, score: Score) -> None:
    one, two, calm = session.cues
    both = replace(session, cues=(replace(one, read_score=lambda: score), two, calm))
    # The score is that of take 1, and take 2 is kept: only the other cue has tracks.
    assert len(read_back(midi.encode(both)).tracks) == 3


def test_a_cue_of_its_own_starts_at_zero_in_its_own_tempo(session: Session) -> None:
    file = read_back(midi.encode_cue(session, session.cues[2]))
    assert [message.tempo for _, message in of_type(file.tracks[0], "set_tempo")] == [666_667]
    assert [(at / 960, m.text) for at, m in of_type(file.tracks[0], "marker")] == [
        (0, "1M2 Calm"),
        (1, "! look"),
        (6, "END"),
    ]
    assert notes_of(file.tracks[1])[0] == (0, "note_on", 36)


def test_a_pickup_becomes_a_bar_of_its_own(session: Session) -> None:
    pickup = TempoMap(meters=(MeterChange(Fraction(0), 4, 4),), pickup_beats=Fraction(3, 2))
    track = read_back(midi.encode(replace(session, tempo_map=pickup))).tracks[0]
    meters = [
        (at / 960, message.numerator, message.denominator)
        for at, message in of_type(track, "time_signature")
    ]
    assert meters == [(0, 3, 8), (1.5, 4, 4)]


def test_names_are_utf8_without_control_characters(session: Session) -> None:
    cue = replace(session.sheet.cues[0], name="Verfolgung\x1b[0m – Ü\ud800")
    sheet = replace(session.sheet, cues=(cue, session.sheet.cues[1]))
    track = read_back(midi.encode(replace(session, sheet=sheet))).tracks[0]
    assert of_type(track, "marker")[0][1].text == "Verfolgung(0m – Ü"


def test_overlapping_cues_are_closed_by_name(session: Session) -> None:
    first, second = session.sheet.cues
    longer = replace(first, end_s=second.start_s + 1)
    sheet = replace(session.sheet, cues=(longer, second))
    track = read_back(midi.encode(replace(session, sheet=sheet))).tracks[0]
    texts = [message.text for _, message in of_type(track, "marker")]
    assert texts == [
        "1M1 Chase",
        "!! door slam",
        "1M2 Calm",
        "! look",
        "1M1 Chase end",
        "1M2 Calm end",
    ]


def test_the_next_cue_ends_the_one_before(session: Session) -> None:
    cues = tuple(Cue(name, name, Fraction(n), Fraction(n + 1)) for n, name in enumerate("abc"))
    bare = replace(session, sheet=replace(session.sheet, cues=cues), cues=())
    track = read_back(midi.encode(bare)).tracks[0]
    assert [message.text for _, message in of_type(track, "marker")] == ["a", "b", "c", "END"]


def test_the_same_session_gives_the_same_bytes(session: Session) -> None:
    assert midi.encode(session) == midi.encode(replace(session))


# -- slides ----------------------------------------------------------------------------------------


def sliding(*pitches: int, length: Fraction = Fraction(1)) -> Score:
    """Notes of a beat that touch, at 120 bpm."""
    notes = (Note(n * length, length, pitch, 100) for n, pitch in enumerate(pitches))
    return Score(TempoMap.constant(120), (Part("808", "bass", 38, tuple(notes), slides=True),))


def heard(track: mido.MidiTrack) -> list[tuple[int, str, float]]:
    """Return note starts and bends with the pitch that a synthesiser of the told range sounds."""
    semitones, parameter, pitch, bend, told = 2.0, (127, 127), 0, 0, []
    for ticks, message in absolute(track):
        if message.type == "control_change":
            if message.control in (100, 101):
                index = 101 - message.control
                parameter = (*parameter[:index], message.value, *parameter[index + 1 :])
            elif message.control == 6:
                assert parameter == (0, 0)
                semitones = float(message.value)
        elif message.type == "pitchwheel":
            bend = message.pitch
            told.append((ticks, "bend", pitch + bend / 8192 * semitones))
        elif message.type == "note_on":
            pitch = message.note
            told.append((ticks, "note", pitch + bend / 8192 * semitones))
    assert (semitones, parameter, bend) == (2.0, (127, 127), 0)
    return told


def test_a_note_that_slides_begins_at_the_pitch_before_and_ends_at_its_own() -> None:
    (track,) = tracks_of((3, sliding(40, 47, 28)))
    start = 3 * 2 * 960
    told = heard(track)
    assert [(at - start, round(pitch)) for at, kind, pitch in told if kind == "note"] == [
        (0, 40),
        (960, 40),
        (1920, 47),
    ]
    up = [(at - start - 960, pitch) for at, kind, pitch in told if 960 <= at - start < 1920][1:]
    assert [pitch for _, pitch in up] == sorted(pitch for _, pitch in up)
    assert up[0][1] == pytest.approx(40, abs=0.3)
    assert up[-1] == (pytest.approx(0.11 * 2 * 960, abs=1), 47)
    assert abs(up[len(up) // 2][1] - 43.5) < 0.5
    assert told[-1][2] == 28


def test_a_slide_ends_with_a_note_that_is_shorter() -> None:
    (track,) = tracks_of((0, sliding(40, 45, 40, 45, length=Fraction(1, 64))))
    told = heard(track)
    assert [round(pitch, 1) for _, kind, pitch in told if kind == "note"] == [40, 40, 45, 40]
    assert max(at for at, _, _ in told) == 60


def test_what_does_not_slide_is_told_no_bends() -> None:
    score = sliding(40, 47)
    still = replace(score, parts=(replace(score.parts[0], slides=False),))
    apart = sliding(40, 40)
    for one in (still, apart):
        (track,) = tracks_of((0, one))
        assert {message.type for message in track} <= {
            "track_name", "program_change", "note_on", "note_off", "end_of_track",
        }  # fmt: skip


def test_each_cue_tells_the_bend_range_anew_and_the_last_note_gives_it_back() -> None:
    (track,) = tracks_of((0, sliding(40, 47)), (10, sliding(33, 45)))
    ranges = [(at, m.value) for at, m in of_type(track, "control_change") if m.control == 6]
    assert ranges == [(0, 24), (19_200, 24), (19_200 + 1920, 2)]


def test_the_808_of_a_composition_slides_in_midi_as_it_sounds() -> None:
    composition = compose(Commission("sliding 808s", Fraction(30), 3, style="trap"))
    score = Score(
        composition.score.tempo_map,
        tuple(part for part in composition.score.parts if part.name == "808"),
    )
    slid_from = score.parts[0].slid_from()
    assert len(slid_from) > 3
    track = tracks_of((0, score))[0]
    starts = [pitch for _, kind, pitch in heard(track) if kind == "note"]
    own = [note.pitch for note in score.parts[0].notes]
    wanted = [slid_from.get(number, pitch) for number, pitch in enumerate(own)]
    assert starts == pytest.approx(wanted, abs=0.01)

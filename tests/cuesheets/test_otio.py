import json
from fractions import Fraction

import opentimelineio as judge
import pytest

from musicgen_daw.cuesheets import SheetOptions, otio, read
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import FrameRate


def time(value, rate=25.0):
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def span(start, duration, rate=25.0):
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": time(start, rate),
        "duration": time(duration, rate),
    }


def marker(start, name, duration=0.0, rate=25.0):
    marked = span(start, duration, rate)
    return {"OTIO_SCHEMA": "Marker.2", "name": name, "color": "RED", "marked_range": marked}


def part(schema, *children, source=None, markers=(), **more):
    return {
        "OTIO_SCHEMA": f"{schema}.1",
        "name": more.pop("name", ""),
        "children": list(children),
        "source_range": source,
        "markers": list(markers),
        **more,
    }


def timeline(*tracks, start=None, **more):
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": "cut",
        "global_start_time": start,
        "tracks": part("Stack", *tracks, **more),
    }


def parse(read, **options):
    return otio.parse(json.dumps(read).encode(), SheetOptions(**options))


def test_markers_of_the_timeline_are_cues_and_regions(edges):
    found = [marker(25, "1M1: brass"), marker(100, "1M2", 50.0), marker(110, "door", 1.0)]
    sheet = parse(timeline(markers=found, start=time(90_000)))
    assert edges(sheet) == [("1M1", 1, 4), ("1M2", 4, 6)]
    assert [hit.name for hit in sheet.cues[1].hits] == ["door"]
    assert (str(sheet.frame_rate), str(sheet.start_timecode)) == ("25", "01:00:00:00")
    assert sheet.cues[0].place == "marker 1 on the timeline"


def test_a_marker_on_a_clip_is_carried_to_the_timeline(edges):
    clip = part("Clip", source=span(1000, 100), markers=[marker(1025, "A", 50.0)], name="shot")
    track = part(
        "Track",
        part("Gap", source=span(0, 50)),
        {"OTIO_SCHEMA": "Transition.1", "in_offset": time(5), "out_offset": time(5)},
        clip,
    )
    sheet = parse(timeline(part("Track"), track))
    assert edges(sheet) == [("A", 3, 5)]
    assert sheet.cues[0].place == "marker 1 on clip 3 'shot' of track 2"


def test_media_tell_the_range_of_a_clip_that_shows_all_of_it(edges):
    media = {"OTIO_SCHEMA": "ExternalReference.1", "available_range": span(500, 100)}
    old = part("Clip", markers=[marker(525, "A", 25.0)], media_reference=media)
    new = part(
        "Clip",
        markers=[marker(525, "B", 25.0)],
        media_references={"hi": media, "lo": None},
        active_media_reference_key="hi",
    )
    assert edges(parse(timeline(part("Track", old, new)))) == [("A", 1, 2), ("B", 5, 6)]


def test_nested_stacks_show_what_their_range_shows(edges, told):
    inner = part(
        "Track",
        part("Clip", source=span(0, 200), markers=[marker(10, "early", 25.0), marker(75, "A", 25)]),
    )
    stack = part("Stack", inner, source=span(50, 100), name="scene")
    sheet = parse(timeline(part("Track", part("Gap", source=span(0, 25)), stack)))
    assert edges(sheet) == [("A", 2, 3)]
    assert told(sheet)[0] == (
        "stack 2 'scene' of track 1: markers on what is cut away are left out (1)"
    )


def test_disabled_items_keep_their_place_and_show_no_markers(edges):
    off = part("Clip", source=span(0, 50), markers=[marker(0, "no", 25.0)], enabled=False)
    on = part("Clip", source=span(0, 50), markers=[marker(0, "A", 25.0)])
    assert edges(parse(timeline(part("Track", off, on)))) == [("A", 2, 3)]


def test_rates_that_are_rounded_are_the_exact_ones():
    for rate, name in [(23.976, "23.976"), (23.976023976023978, "23.976"), (29.97, "29.97")]:
        sheet = parse(timeline(markers=[marker(0, "A", 240.0, rate)]))
        assert sheet.frame_rate == FrameRate.named(name)
        assert sheet.cues[0].end_s == 240 / sheet.frame_rate.fps
    samples = parse(timeline(markers=[marker(24_000, "A", 1.5 * 48_000, 48_000)]))
    assert (samples.frame_rate, samples.cues[0].end_s) == (None, Fraction(2))


def test_the_timeline_ends_with_its_longest_track(edges):
    track = part("Track", part("Clip", source=span(0, 250)))
    assert edges(parse(timeline(track, markers=[marker(25, "A")]))) == [("A", 1, 10)]


def test_of_a_collection_the_first_timeline_is_read(told):
    both = [timeline(markers=[marker(0, name, 25.0)]) for name in ("A", "B")]
    sheet = parse({"OTIO_SCHEMA": "SerializableCollection.1", "children": both})
    assert [cue.name for cue in sheet.cues] == ["A"]
    assert "several timelines: 'cut' is read" in told(sheet)[0]


def test_markers_without_a_time_or_name_are_left_out(told):
    broken = {"OTIO_SCHEMA": "Marker.2", "name": "B", "marked_range": None}
    noted = {**marker(50, "", 25.0), "comment": "C: from the comment"}
    named = {**marker(75, "D", 25.0), "comment": "slow rain"}
    found = [
        marker(0, "A", 25.0),
        broken,
        "marker",
        noted,
        named,
        marker(5, None),
        marker("x", "D"),
    ]
    sheet = parse(timeline(markers=found))
    assert [cue.name for cue in sheet.cues] == ["A", "C", "D"]
    assert sheet.cues[2].settings.prompt == "slow rain"
    assert len([w for w in told(sheet) if "has no time" in w]) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"OTIO_SCHEMA": ', "no valid JSON"),
        (b'{"OTIO_SCHEMA": "Clip.2"}', "has no timeline"),
        (b'{"OTIO_SCHEMA": "Timeline.1"}', "has no tracks"),
        (b"[" * 100_000, "nested too deeply|no valid JSON"),
        (b'{"OTIO_SCHEMA": NaN}', "no valid JSON: 'NaN' is not a number"),
        (b'{"x": 1e999}', "no valid JSON"),
        (b'{"x": ' + b"9" * 5000 + b"}", "no valid JSON"),
        (b"\xff\xfe\xff", "no valid JSON"),
    ],
)
def test_what_is_no_timeline_is_refused(content, reason):
    with pytest.raises(CueSheetError, match=reason):
        otio.parse(content, SheetOptions())


def test_keys_and_numbers_of_the_wrong_kind_are_read_over():
    clip = part("Clip", media_references={"a": 1}, active_media_reference_key=[1])
    odd = [marker(10**20, "far"), marker(True, "A", 25.0), marker(0, "B", 25.0, "25")]
    assert [cue.name for cue in parse(timeline(part("Track", clip), markers=odd)).cues] == ["A"]


def test_a_timeline_of_countless_rates_is_refused():
    clips = [part("Clip", source=span(0, 7, 1000 + n)) for n in range(60)]
    with pytest.raises(CueSheetError, match="more than 50 rates"):
        parse(timeline(part("Track", *clips), markers=[marker(0, "A", 25.0)]))


def test_stacks_in_stacks_have_an_end():
    stack = part("Stack", markers=[marker(0, "A", 25.0)])
    for _ in range(40):
        stack = part("Stack", stack)
    with pytest.raises(CueSheetError, match="more than 32 deep"):
        parse(timeline(stack))


def test_files_and_archives_are_found_by_content(write_sheet, zip_of):
    content = json.dumps(timeline(markers=[marker(0, "A", 25.0)]))
    assert read(write_sheet(content, "cut.json")).cues[0].name == "A"
    archive = zip_of({"version.txt": "1.0", "content.otio": content, "media/a.wav": "x"})
    assert read(write_sheet(archive, "cut.zip")).cues[0].name == "A"


# -- somebody else's library -------------------------------------------------------------------


def judged_range(start, duration):
    start_time, length = (judge.opentime.RationalTime(value, 24) for value in (start, duration))
    return judge.opentime.TimeRange(start_time, length)


def judged(item, name, start):
    item.markers.append(judge.schema.Marker(name, judged_range(start, 24)))
    return item


def test_markers_lie_where_the_library_of_opentimelineio_has_them():
    cut = judged(judge.schema.Clip("c", source_range=judged_range(1000, 240)), "on a clip", 1024)
    media = judge.schema.ExternalReference("x", judged_range(500, 120))
    whole = judged(judge.schema.Clip("w", media_reference=media), "on a whole clip", 524)
    inner = judged(judge.schema.Track("in"), "on an inner track", 60)
    deep = judge.schema.Clip("d", source_range=judged_range(0, 300))
    inner.append(judged(deep, "deep inside", 100))
    nest = judged(judge.schema.Stack("n", source_range=judged_range(24, 200)), "on a nest", 30)
    nest.append(inner)
    dissolve = judge.schema.Transition(
        "t",
        judge.schema.TransitionTypes.SMPTE_Dissolve,
        judge.opentime.RationalTime(12, 24),
        judge.opentime.RationalTime(12, 24),
    )
    track = judged(judge.schema.Track("V1"), "on a track", 10)
    gap = judge.schema.Gap(source_range=judged_range(0, 48))
    track.extend([gap, cut, dissolve, whole, nest])
    edit = judge.schema.Timeline("edit")
    edit.tracks.append(track)
    judged(edit.tracks, "on the timeline", 5)

    items = [edit.tracks, *edit.tracks.find_children()]
    expected = {
        marker.name: item.transformed_time_range(marker.marked_range, edit.tracks)
        for item in items
        for marker in getattr(item, "markers", ())
    }
    sheet = otio.parse(edit.to_json_string().encode(), SheetOptions())
    assert len(expected) == 7
    assert {cue.name: (cue.start_s * 24, cue.end_s * 24) for cue in sheet.cues} == {
        name: (found.start_time.value, found.end_time_exclusive().value)
        for name, found in expected.items()
    }

from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.formats import edl
from musicgen_daw.formats.edl import Comment, Edl, Event, Locator, ResolveMarker

LIST = """TITLE: Reel 1\r
FCM: NON-DROP FRAME\r
\r
* made by hand\r
001  AX       V     C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\r
* FROM CLIP NAME: 1M1 Chase\r
 |C:ResolveColorBlue |M:1M1 Chase |D:96\r
\r
002  BL       AA/V  D    024 00:00:00:00 00:00:01:00 01:00:04:00 01:00:05:00\r
* LOC: 01:00:04:10 RED     door slam\r
\r
"""


def test_events_and_their_comments_are_read_with_their_lines():
    read = edl.parse(LIST)
    assert (read.title, read.drop_frame) == ("Reel 1", False)
    assert read.comments == (Comment("* made by hand", 4),)
    first, second = read.events
    assert (first.number, first.reel, first.track, first.transition) == (1, "AX", "V", "C")
    assert (first.record_in, first.record_out) == ("01:00:00:00", "01:00:04:00")
    assert (first.clip_name, first.line) == ("1M1 Chase", 5)
    assert (second.track, second.transition, second.line) == ("AA/V", "D 024", 9)


def test_what_was_read_is_written_again():
    read = edl.parse(LIST)
    assert edl.parse(edl.dump(read)) == read


def test_markers_of_resolve_and_of_avid_are_told_from_other_comments():
    found = [
        (ResolveMarker.of(comment), Locator.of(comment))
        for comment in edl.parse(LIST).all_comments()
    ]
    assert found == [
        (None, None),
        (None, None),
        (ResolveMarker("1M1 Chase", 96), None),
        (None, Locator("01:00:04:10", "door slam", "RED")),
    ]


def test_a_note_stands_before_the_marker():
    marker = ResolveMarker.of(Comment("brass, fast |C:ResolveColorRed |M:1M2 |D:1"))
    assert marker == ResolveMarker("1M2", 1, "ResolveColorRed", "brass, fast")


def test_a_locator_may_have_neither_colour_nor_name():
    assert Locator.of(Comment("*LOC: 01:00:00:00")) == Locator("01:00:00:00", "")
    assert Locator.of(Comment("* LOC: nowhere RED x")) is None


def test_drop_frame_is_what_the_line_above_says():
    read = edl.parse(
        "001 A V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\nFCM: DROP FRAME\n"
        "002 A V C 00:00:00;00 00:00:01;00 00:00:01;00 00:00:02;00\nFCM: FILM\n"
        "003 A V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n"
    )
    assert [event.drop_frame for event in read.events] == [None, True, False]
    assert read.drop_frame is True


def test_an_event_without_a_transition_or_track_is_read():
    (event,) = edl.parse("7 001 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00").events
    assert (event.number, event.reel, event.track, event.transition) == (7, "001", "", "")


def test_other_lines_are_comments():
    read = edl.parse("M2 AX 024.0 01:00:00:00\n001 AX V C 00:00:00:00\n>>> SOURCE X\n")
    assert read.events == ()
    assert len(read.comments) == 3


def test_long_lines_take_no_long_time():
    for line in (
        "1 " + " " * 200_000 + "x",
        "|M:" * 100_000,
        "* LOC:" + " " * 200_000,
        "1" * 10**6,
    ):
        assert len(edl.parse(line).comments) == 1
        assert Locator.of(Comment(line)) is None


names = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12)


@given(names, st.integers(1, 10**6), names)
def test_a_resolve_marker_comes_back(name, video_frames, note):
    marker = ResolveMarker(name, video_frames, note=note)
    event = Event(1, "001", "V", "C", *["00:00:00:00"] * 4, (marker.comment(),))
    (back,) = edl.parse(edl.dump(Edl("x", False, (event,)))).events
    read = ResolveMarker.of(back.comments[0])
    assert read is not None
    assert (read.name, read.video_frames) == (name.replace("|", "/").strip(), video_frames)


@given(
    st.lists(
        st.sampled_from(["001", "01:00:00:00 ", "|M:", "|D:", "|C:", "* LOC:", "\n", " ", "FCM:"])
    )
)
def test_any_text_is_a_list(pieces):
    read = edl.parse("".join(pieces))
    assert edl.parse(edl.dump(read)).events is not None

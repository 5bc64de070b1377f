"""Which markers a row of cues needs."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.export.marker_text import cue_line, cue_start, marker_settings, markers_of
from musicgen_daw.timeline import Cue, CueSettings

SPANS = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 5)), max_size=7)


def cues_of(spans: list[tuple[int, int]]) -> list[Cue]:
    return [
        Cue(str(n), f"c{n}", Fraction(start), Fraction(start + length))
        for n, (start, length) in enumerate(spans)
    ]


def ends_of(cues: list[Cue]) -> list[tuple[Fraction, str]]:
    """The rule, cue by cue against all others."""
    ends = []
    for cue in cues:
        others = [other for other in cues if other is not cue]
        if any(other.start_s < cue.end_s and cue.start_s < other.end_s for other in others):
            ends.append((cue.end_s, f"{cue.name} end"))
        elif all(other.start_s != cue.end_s for other in others):
            ends.append((cue.end_s, "END"))
    return sorted(ends, key=lambda end: end[0])


@given(SPANS)
def test_overlapped_cues_are_closed_by_name_and_others_where_none_follows(
    spans: list[tuple[int, int]],
) -> None:
    cues = cues_of(spans)
    markers = [(marker.at_s, marker.text) for marker in markers_of(cues, cue_start)]
    assert [marker for marker in markers if marker[1].lower().endswith("end")] == ends_of(cues)
    assert len(markers) == len(cues) + len(ends_of(cues))


def test_twenty_thousand_cues_are_marked() -> None:
    markers = markers_of(cues_of([(n, 1) for n in range(20_000)]), cue_start)
    assert [marker.text for marker in markers[-2:]] == ["c19999", "END"]


def test_a_prompt_that_begins_with_a_bracket_is_no_preset() -> None:
    cue = Cue("a", "a", Fraction(0), Fraction(1), CueSettings(prompt="[soft] pad"))
    assert cue_line(cue) == "a: (soft) pad"
    assert marker_settings(cue) == {"prompt": "(soft) pad"}

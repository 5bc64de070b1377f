"""Where every sound lies in a session for a DAW."""

from dataclasses import replace
from fractions import Fraction

from musicgen_daw.export.arrangement import lay_out
from musicgen_daw.session import Session
from musicgen_daw.timeline import Span


def test_the_cues_of_a_timeline_lie_where_they_belong(session: Session) -> None:
    chase, calm = lay_out(session)
    assert (chase.start_samples, chase.end_samples) == (0, 192_000)
    assert (calm.start_samples, calm.end_samples) == (288_000, 480_000)
    assert chase.chosen is not None
    assert chase.chosen.take == 2  # the kept one
    assert chase.stem_start_samples(chase.chosen) == 0


def test_the_cues_of_a_list_lie_one_after_another_on_whole_seconds(session: Session) -> None:
    cues = tuple(
        replace(cue, start_s=Fraction(0), end_s=length_s, hits=cue.hits[:0])
        for cue, length_s in zip(session.sheet.cues, (Fraction(4), Fraction(7, 2)), strict=True)
    )
    takes = (
        replace(session.cues[0], span=Span(0, 192_001), tail_samples=1),
        replace(session.cues[2], span=Span(0, 168_000)),
    )
    sheet = replace(session.sheet, cues=cues, is_list=True)
    first, second = lay_out(replace(session, sheet=sheet, cues=takes))
    assert (first.start_samples, first.last_samples) == (0, 192_001)
    assert (second.start_samples, second.end_samples) == (6 * 48_000, 6 * 48_000 + 168_000)
    assert second.cue.start_s == 6
    assert second.stem_start_samples(takes[1]) == 6 * 48_000


def test_a_mix_is_a_reference_only_beside_the_stems_that_it_is_made_of(session: Session) -> None:
    chase, _ = lay_out(session)
    assert {stem.name: stem.is_reference for stem in chase.stems} == {"mix": True, "drums": False}
    alone = tuple(replace(take, stems=take.stems[:1]) for take in session.cues)
    chase, _ = lay_out(replace(session, cues=alone))
    assert [stem.is_reference for stem in chase.stems] == [False]


def test_a_stem_knows_all_takes_that_have_it(session: Session) -> None:
    first, second, calm = session.cues
    without = replace(second, stems=second.stems[:1])
    chase, _ = lay_out(replace(session, cues=(first, without, calm)))
    mix, drums = chase.stems
    assert [take.take for take, _ in mix.takes] == [1, 2]
    assert [take.take for take, _ in drums.takes] == [1]
    assert drums.of(without) is None
    assert drums.of(first) is first.stems[1]


def test_a_cue_that_was_not_made_keeps_its_place(session: Session) -> None:
    chase, calm = lay_out(replace(session, cues=session.cues[2:]))
    assert (chase.chosen, chase.stems) == (None, ())
    assert (chase.start_samples, chase.end_samples) == (0, 192_000)
    assert calm.stems

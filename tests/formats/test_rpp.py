from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import rpp

PROJECT = """\
<REAPER_PROJECT 0.1 "7.09/linux-x86_64" 1700000000
  <NOTES 0 2
    |not <a block
    |>
  >
  TEMPO 120 4 4
  MARKER 1 2.5 "1M1 Chase" 0
  <TRACK {AAAA}
    NAME Strings
    <VST "VST: Synth" synth.dll 0
      ZXZhdxgAAA==
    >
  >
>
"""


def words(text):
    return rpp.Line(text).words


def test_blocks_lines_and_their_numbers_are_read():
    root = rpp.parse(PROJECT).root
    assert root.kind == "REAPER_PROJECT"
    assert root.head.words[2] == "7.09/linux-x86_64"
    (marker,) = root.lines("MARKER")
    assert (marker.words, marker.number) == (("MARKER", "1", "2.5", "1M1 Chase", "0"), 7)
    (track,) = root.blocks("TRACK")
    assert [synth.head.words[1] for synth in track.blocks("VST")] == ["VST: Synth"]
    (notes,) = root.blocks("NOTES")
    assert [entry.text for entry in notes.entries] == ["|not <a block", "|>"]


def test_what_was_read_is_written_again_to_the_letter():
    assert rpp.dump(rpp.parse(PROJECT).root) == PROJECT


def test_line_ends_and_indents_of_all_kinds_are_read():
    root = rpp.parse(PROJECT.replace("\n", "\r\n").replace("  ", "\t")).root
    assert [tempo.words for tempo in root.lines("TEMPO")] == [("TEMPO", "120", "4", "4")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('NAME "a b" c', ("NAME", "a b", "c")),
        ("NAME 'say \"x\"'", ("NAME", 'say "x"')),
        ('NAME `it\'s "x"`', ("NAME", 'it\'s "x"')),
        ('NAME ""', ("NAME", "")),
        ('NAME "no end', ("NAME", "no end")),
        ("NAME don't", ("NAME", "don't")),
        ("NAME", ("NAME",)),
    ],
)
def test_a_word_ends_at_the_quote_that_it_began_with(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Chase", "Chase"),
        ("don't", "don't"),
        ("", '""'),
        ("1M1 Chase", '"1M1 Chase"'),
        ('the "door"', "'the \"door\"'"),
        ('it\'s "x"', '`it\'s "x"`'),
        ('`it\'s "x"', "`'it's \"x\"`"),
        ("0\"'`", "0\"'`"),
        ("#1", '"#1"'),
        (">", '">"'),
        ("two\nlines", '"two lines"'),
    ],
)
def test_words_are_quoted_as_reaper_quotes_them(word, expected):
    assert rpp.line("NAME", word).text == f"NAME {expected}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (Fraction(1, 3), "0.33333333333333"),
        (Fraction(2, 3), "0.66666666666667"),
        (Fraction(-5, 2), "-2.5"),
        (100, "100"),
        (Fraction(1, 48_000), "0.00002083333333"),
        (Fraction(-1, 10**20), "0"),
    ],
)
def test_numbers_are_decimals_without_exponents(value, text):
    assert rpp.number(value) == text


def test_a_file_that_is_cut_short_is_read_with_a_fault():
    project = rpp.parse(PROJECT[: PROJECT.index("ZXZ")])
    assert [track.kind for track in project.root.blocks("TRACK")] == ["TRACK"]
    assert (project.faults[0].number, len(project.faults)) == (10, 1)


def test_what_follows_the_project_is_not_part_of_it():
    assert rpp.parse(PROJECT + "garbage\n<more").faults == ()


@pytest.mark.parametrize(("text", "place"), [("", "line 1"), ("\n\nTEMPO 1\n", "line 3")])
def test_what_does_not_begin_with_a_block_is_no_project(text, place):
    with pytest.raises(CueSheetError, match="not a REAPER project") as caught:
        rpp.parse(text)
    assert caught.value.place == place


def test_depth_and_lines_have_limits(monkeypatch):
    with pytest.raises(CueSheetError, match="100 deep"):
        rpp.parse("<A\n" * 101)
    monkeypatch.setattr(rpp, "MAX_LINES", 100)
    with pytest.raises(CueSheetError, match="too many"):
        rpp.parse("<A\n" + "\n" * 100)


texts = st.text(
    st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters="\u2028\u2029")
)


@given(st.lists(texts, min_size=1))
def test_words_come_back_unless_they_hold_all_three_quotes(given_words):
    back = words(rpp.line("NAME", *given_words).text)[1:]
    assert len(back) == len(given_words)
    for word, read in zip(given_words, back, strict=True):
        holds_all = set("\"'`") <= set(word)
        assert read in ([word, word.replace("`", "'")] if holds_all else [word])


lines = st.lists(texts, max_size=3).map(lambda given_words: rpp.line("X", *given_words))
trees = st.recursive(
    lines, lambda inner: st.lists(inner, max_size=4).map(lambda e: rpp.block("B", "b c", entries=e))
)


@given(st.lists(trees, max_size=5))
def test_what_is_written_reads_back(entries):
    text = rpp.dump(rpp.block("REAPER_PROJECT", entries=entries))
    assert rpp.dump(rpp.parse(text).root) == text
    assert rpp.parse(text).faults == ()


@given(
    st.lists(st.sampled_from(["<A", ">", "|", " ", "\n", "\r", '"', "'", "`", "x"])).map("".join)
)
def test_whatever_the_text_only_a_cue_sheet_error_comes_out(text):
    with suppress(CueSheetError):
        assert rpp.dump(rpp.parse(text).root).startswith("<")

"""Names of files that every system takes, whatever a cue is called."""

import ntpath
import pathlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.export.names import MAX_NAME_BYTES, distinct_names, safe_name, stem_path

# Text as users and attackers write it: all of Unicode, and what file systems stumble over.
AWKWARD = st.lists(
    st.one_of(
        st.characters(),
        st.sampled_from(
            [
                "..",
                "/",
                "\\",
                "CON",
                "nul",
                ".",
                " ",
                "\0",
                "\u202e",
                "é",
                "e\u0301",
                "A",
                "a",
                "_2",
            ]
        ),
    ),
    max_size=60,
).map("".join)
# Python 3.13 moved the question from pathlib to ntpath.
is_reserved = getattr(ntpath, "isreserved", None) or (
    lambda name: pathlib.PureWindowsPath(name).is_reserved()
)
FORBIDDEN = set('<>:"/\\|?*\0')


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1M1 Chase", "1M1_Chase"),
        ("../../etc/passwd", "etc_passwd"),
        ("CON", "x_CON"),
        ("nul.txt", "x_nul.txt"),
        ("com1", "x_com1"),
        ("LPT¹", "x_LPT¹"),
        ("COM10", "COM10"),
        ("trailing. . ", "trailing"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("a\0b\x1b[31m", "ab[31m"),
        ("\u202egpj.exe", "gpj.exe"),
        ("e\u0301", "é"),
        ("", "untitled"),
        ("???", "untitled"),
        ("殺陣 テーマ", "殺陣_テーマ"),
        ("x" * 300, "x" * MAX_NAME_BYTES),
        ("é" * 300, "é" * (MAX_NAME_BYTES // 2)),
    ],
)
def test_a_name_is_made_safe(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(AWKWARD)
def test_no_text_makes_an_unsafe_name(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode("utf-8")) <= MAX_NAME_BYTES
    assert not FORBIDDEN & set(name)
    assert not name.startswith((".", "-", "~"))
    assert not name.endswith((".", " "))
    assert all(unicodedata.category(character)[0] != "C" for character in name)
    assert unicodedata.is_normalized("NFC", name)
    assert not is_reserved(name)
    assert pathlib.PureWindowsPath(name).name == name


@given(AWKWARD)
def test_a_safe_name_stays_as_it_is(text: str) -> None:
    assert safe_name(safe_name(text)) == safe_name(text)


@given(st.lists(AWKWARD, max_size=12))
def test_no_two_names_are_one_on_any_file_system(texts: list[str]) -> None:
    names = distinct_names(texts)
    for form in ("NFC", "NFD", "NFKC"):
        folded = [unicodedata.normalize(form, name).casefold() for name in names]
        assert len(set(folded)) == len(texts)
    assert all(len(name.encode("utf-8")) <= MAX_NAME_BYTES for name in names)
    assert all(safe_name(name) == name for name in names)


@given(st.lists(AWKWARD, max_size=8), AWKWARD)
def test_a_later_cue_renames_no_earlier_one(texts: list[str], more: str) -> None:
    assert distinct_names([*texts, more])[:-1] == distinct_names(texts)


def test_twins_are_numbered() -> None:
    assert distinct_names(["Chase", "chase", "CHASE", "chase_2", "é", "E\u0301"]) == [
        "Chase",
        "chase_2",
        "CHASE_3",
        "chase_2_2",
        "é",
        "É_2",
    ]


def test_thousands_of_twins_are_numbered_through() -> None:
    names = distinct_names(["Chase", "chase"] * 2_500)
    assert names[-2:] == ["Chase_4999", "chase_5000"]


def test_a_number_that_a_name_has_already_is_passed_over() -> None:
    assert distinct_names(["a_2", "a", "A", "a_3", "a"]) == ["a_2", "a", "A_3", "a_3_2", "a_4"]


def test_long_twins_are_told_apart_at_their_end() -> None:
    first, second = distinct_names(["é" * 300, "é" * 301])
    assert second == first[:39] + "_2"


def test_a_stem_lies_in_the_folder_of_its_cue() -> None:
    assert stem_path("1M1_Chase", "mix", 1) == "stems/1M1_Chase/1M1_Chase_mix.wav"
    assert stem_path("1M1_Chase", "mix", 2) == "stems/1M1_Chase/1M1_Chase_t2_mix.wav"
    assert stem_path("A", "bass", 1, ".flac") == "stems/A/A_bass.flac"

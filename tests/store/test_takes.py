from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.errors import OutputError, SettingsError, UsageError
from musicgen_daw.planning.takes import KeptClip, TakeVerdict
from musicgen_daw.store import takes

KEY = "ab" * 32
KEPT = TakeVerdict(1, "keep", 11, Fraction(11, 2), (KeptClip("", Fraction(0), KEY),))
LOCKED = TakeVerdict(
    2,
    "lock",
    12,
    Fraction(1001, 30),
    (KeptClip("strings", Fraction(0), KEY), KeptClip("strings", Fraction(44, 3), "cd" * 32)),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chase.takes.toml"


def test_without_a_file_there_are_no_verdicts(path: Path) -> None:
    assert takes.load(path) == {}


def test_verdicts_come_back_exactly_in_the_order_of_takes(path: Path) -> None:
    takes.set_verdict(path, "1M1", LOCKED)
    takes.set_verdict(path, "2M1", KEPT)
    takes.set_verdict(path, "1M1", KEPT)
    assert takes.load(path) == {"1M1": (KEPT, LOCKED), "2M1": (KEPT,)}
    assert list(takes.load(path)) == ["1M1", "2M1"]


def test_the_file_is_small_and_made_for_people(path: Path) -> None:
    takes.set_verdict(path, "1M1", KEPT)
    assert path.read_text() == (
        "# Verdicts on takes, written by musicgen-daw; fit for editing and for version control.\n"
        "\n"
        "[[cue.1M1]]\n"
        "take = 1\n"
        'verdict = "keep"\n'
        "seed = 11\n"
        'length_s = "11/2"\n'
        "clips = [\n"
        f'    {{start_s = "0", key = "{KEY}"}},\n'
        "]\n"
    )


def test_what_people_wrote_around_a_verdict_stays(path: Path) -> None:
    takes.set_verdict(path, "1M1", KEPT)
    takes.set_verdict(path, "1M2", KEPT)
    edited = path.read_text().replace(
        'verdict = "keep"', 'verdict = "keep"  # the director likes it', 1
    )
    edited = edited.replace("[[cue.1M2]]", "# the quiet one\n[[cue.1M2]]")
    path.write_text(edited)

    takes.set_verdict(path, "1M1", replace(KEPT, verdict="lock"))
    assert path.read_text() == edited.replace('"keep"  # the', '"lock"  # the')
    takes.clear(path, "1M2", 1)
    takes.set_verdict(path, "1M1", LOCKED)
    assert "# the director likes it" in path.read_text()


def test_a_locked_take_is_neither_rejected_nor_cleared_before_it_is_unlocked(path: Path) -> None:
    takes.set_verdict(path, "1M1", LOCKED)
    before = path.read_text()
    with pytest.raises(UsageError, match="take 2 of cue '1M1' is locked: unlock it first"):
        takes.set_verdict(path, "1M1", replace(LOCKED, verdict="reject"))
    with pytest.raises(UsageError, match="is locked"):
        takes.clear(path, "1M1", 2)
    assert path.read_text() == before

    takes.unlock(path, "1M1", 2)
    assert takes.load(path) == {"1M1": (replace(LOCKED, verdict="keep"),)}
    takes.set_verdict(path, "1M1", replace(LOCKED, verdict="reject"))
    takes.clear(path, "1M1", 2)
    assert takes.load(path) == {}
    with pytest.raises(UsageError, match="not locked"):
        takes.unlock(path, "1M1", 2)


def test_clearing_what_has_no_verdict_is_a_mistake_that_changes_nothing(path: Path) -> None:
    with pytest.raises(UsageError, match="take 1 of cue '1M1' has no verdict"):
        takes.clear(path, "1M1", 1)
    assert not path.exists()


def test_the_verdicts_lie_beside_the_sheet_under_its_name() -> None:
    assert takes.beside(Path("reel/chase.v2.mid")) == Path("reel/chase.v2.takes.toml")


GOOD = f"""
[[cue.1M1]]
take = 1
verdict = "keep"
seed = 11
length_s = "11/2"
clips = [{{start_s = "0", key = "{KEY}"}}]
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[cue.1M1]]", "[[cue.1M1]", r"takes\.toml: is no TOML: .*line 2"),
        ("[[cue.1M1]]", "[[ceu.1M1]]", r"top level: unknown key 'ceu' \(did you mean 'cue'\?\)"),
        ("[[cue.1M1]]", "[cue.1M1]", r"as tables \[\[cue.ID\]\]"),
        ("verdict =", "verdikt =", r"\[\[cue.1M1\]\] number 1: unknown key 'verdikt' \(did you"),
        ('"keep"', '"love"', "keep, lock, reject, not 'love'"),
        ("seed = 11\n", "", "'seed' is missing"),
        ("take = 1", "take = true", "'take' is a whole number from 0 on, not True"),
        ("seed = 11", "seed = -1", "'seed' is a whole number"),
        ('"11/2"', "5.5", "exact seconds in quotes"),
        ('"11/2"', '"1/0"', "exact seconds from 0 on, such as"),
        ('"11/2"', '"-1"', "exact seconds from 0 on"),
        ('"11/2"', '"1e99999999"', "'length_s' is exact seconds"),
        ('"11/2"', '"' + "9" * 200 + '"', "'length_s' is exact seconds"),
        ('"0"', '"1e-99999999"', "'start_s' is exact seconds"),
        ("seed = 11", "seed = 1" + "0" * 40, "'seed' is a whole number"),
        ("seed = 11", "seed = 1" + "0" * 5000, "is no TOML: Invalid number"),
        ("seed = 11", "seed = " + "[" * 5000 + "]" * 5000, "is no TOML|too large"),
        (f'[{{start_s = "0", key = "{KEY}"}}]', "[]", "'clips' names no clip"),
        (KEY, "../../etc", "'key' is the 64 hex digits"),
        ("clips = [{", 'clips = ["x", {', "is a table of layer, start_s, key"),
        ("{start_s", "{layer = 3, start_s", "'layer' is the name of a layer"),
    ],
)
def test_a_mistake_is_told_with_its_place(path: Path, old: str, new: str, message: str) -> None:
    assert takes.parse(GOOD) == {"1M1": (KEPT,)}
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(SettingsError, match=message):
        takes.load(path)
    before = path.read_text()
    with pytest.raises(SettingsError):
        takes.set_verdict(path, "2M1", KEPT)
    assert path.read_text() == before


def test_two_verdicts_on_one_take_are_a_mistake() -> None:
    with pytest.raises(SettingsError, match="number 2: take 1 has a verdict already"):
        takes.parse(GOOD + GOOD)


def test_a_byte_order_mark_is_read_over_and_other_encodings_are_told(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert "1M1" in takes.load(path)
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(SettingsError, match="not UTF-8"):
        takes.load(path)


def test_a_file_that_can_not_be_written_stays_as_it_was(
    path: Path, disk_full_after: Callable[[int], AbstractContextManager[None]]
) -> None:
    takes.set_verdict(path, "1M1", KEPT)
    with disk_full_after(100), pytest.raises(OutputError, match="can't be written: File too large"):
        takes.set_verdict(path, "1M2", KEPT)
    assert list(path.parent.iterdir()) == [path]
    assert takes.load(path) == {"1M1": (KEPT,)}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8"), min_size=1), st.integers(0, 5)), max_size=8
    )
)
def test_any_cue_id_survives(written: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.takes.toml")
        expected: dict[str, set[int]] = {}
        for cue, take in written:
            takes.set_verdict(path, cue, replace(KEPT, take=take))
            expected.setdefault(cue, set()).add(take)
        verdicts = takes.load(path)
        assert {cue: [v.take for v in vs] for cue, vs in verdicts.items()} == {
            cue: sorted(numbers) for cue, numbers in expected.items()
        }

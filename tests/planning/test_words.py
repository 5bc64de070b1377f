"""Tempo and meter told in words."""

from __future__ import annotations

from fractions import Fraction

import pytest

from musicgen_daw.planning.words import bpm_in, key_in, meter_in, mode_in
from musicgen_daw.timeline import Meter


@pytest.mark.parametrize(
    ("text", "bpm"),
    [
        ("lofi, 82 bpm, dusty", Fraction(82)),
        ("at 97.5BPM", Fraction(195, 2)),
        ("a 120-bpm groove", Fraction(120)),
        ("house, 120-130 bpm", Fraction(125)),
        ("battle at 140 beats per minute", Fraction(140)),
        ("not 120 bpm, 96 bpm", Fraction(96)),
        ("500 bpm speedcore", None),
        ("0 bpm", None),
        ("1282 bpm", None),
        ("the year 1982", None),
        ("", None),
        (None, None),
    ],
)
def test_a_tempo_in_words(text: str | None, bpm: Fraction | None) -> None:
    assert bpm_in(text) == bpm


@pytest.mark.parametrize(
    ("text", "meter"),
    [
        ("waltz in 3/4", Meter(3, 4)),
        ("12/8 blues", Meter(12, 8)),
        ("7/8 (2+2+3), driving", Meter(7, 8, (2, 2, 3))),
        ("in 3+2/4 and later 4/4", Meter(5, 4, (3, 2))),
        ("4/4, not (2+2+3)/8", Meter(4, 4)),
        ("7/8 (2+2+2)", Meter(7, 8)),
        ("2+9/8, then 3/4", Meter(3, 4)),
        ("1/2 speed", None),
        ("24/7", None),
        ("2026/04/08", None),
        (None, None),
    ],
)
def test_a_meter_in_words(text: str | None, meter: Meter | None) -> None:
    assert meter_in(text) == meter


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("sad piano in F#m", "F# minor"),
        ("first D minor, then b flat major", "Bb major"),
        ("A harmonic minor", "A minor"),
        ("in a minor key", None),
        ("not C major", None),
        ("I am here", None),
        ("", None),
        (None, None),
    ],
)
def test_a_key_in_words(text: str | None, key: str | None) -> None:
    assert key_in(text) == key


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("dorian groove", "dorian"),
        ("strings, Phrygian", "phrygian"),
        ("in an aeolian mood", "minor"),
        ("not dorian, lydian", "lydian"),
        ("mixolydian", "mixolydian"),
        ("the Dorians", None),
        (None, None),
    ],
)
def test_a_mode_in_words(text: str | None, mode: str | None) -> None:
    assert mode_in(text) == mode

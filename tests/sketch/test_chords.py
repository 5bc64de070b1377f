import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from musicgen_daw.sketch.chords import diatonic, parse_chord, voice
from musicgen_daw.sketch.scales import Scale

C_MAJOR, C_MINOR = Scale(0, "major"), Scale(0, "minor")


@pytest.mark.parametrize(
    ("numeral", "key", "tones"),
    [
        ("I", C_MAJOR, (0, 4, 7)),
        ("ii7", C_MAJOR, (2, 5, 9, 0)),
        ("V7", C_MAJOR, (7, 11, 2, 5)),
        ("Imaj9", C_MAJOR, (0, 4, 7, 11, 2)),
        ("VI", C_MINOR, (8, 0, 3)),
        ("bVII", C_MAJOR, (10, 2, 5)),
        ("V7>ii", C_MAJOR, (9, 1, 4, 7)),
        ("iiø", C_MAJOR, None),
    ],
)
def test_a_numeral_is_read_in_its_key(
    numeral: str, key: Scale, tones: tuple[int, ...] | None
) -> None:
    if tones is None:
        with pytest.raises(ValueError, match="is no chord"):
            parse_chord(numeral, key)
    else:
        assert parse_chord(numeral, key).tones == tones


def test_an_inversion_puts_its_tone_in_the_bass() -> None:
    assert parse_chord("V/3", C_MAJOR).bass == 11


def test_a_chord_is_brought_into_the_scale() -> None:
    assert diatonic(parse_chord("V", C_MINOR), C_MINOR).classes == {7, 10, 2}


def test_voices_move_by_step_where_they_can() -> None:
    first = voice(parse_chord("I", C_MAJOR), (48, 72), 3)
    second = voice(parse_chord("vi", C_MAJOR), (48, 72), 3, first)
    assert sum(abs(b - a) for a, b in zip(first, second, strict=True)) <= 2


@given(
    st.sampled_from(["i", "iv9", "VImaj7", "v7", "i11", "VII/3", "i5"]),
    st.integers(30, 70),
    st.integers(12, 30),
    st.integers(1, 5),
    st.booleans(),
)
@example(numeral="i", low=30, width=25, voices=5, spread=True)
def test_a_voicing_stays_in_its_compass_and_in_its_chord(
    numeral: str, low: int, width: int, voices: int, spread: bool
) -> None:
    chord = parse_chord(numeral, C_MINOR)
    pitches = voice(chord, (low, low + width), voices, spread=spread)
    assert pitches
    assert list(pitches) == sorted(set(pitches))
    assert {pitch % 12 for pitch in pitches} <= chord.classes
    assert low <= pitches[0]
    assert pitches[-1] <= low + width


def test_deep_chords_keep_their_thirds_open() -> None:
    close = voice(parse_chord("I", C_MAJOR), (36, 60), 3)
    deep = voice(parse_chord("I", C_MAJOR), (36, 52), 3)
    for pitches in (close, deep):
        assert all(b - a > 4 for a, b in itertools.pairwise(pitches) if a < 48)

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.timeline import MODES, Key, parse_key


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("F minor", "F minor"),
        ("F#m", "F# minor"),
        ("C", "C major"),
        ("Bb dorian", "Bb dorian"),
        ("bb", "Bb major"),
        ("bm", "B minor"),
        ("b minor", "B minor"),
        ("A♭ Major", "Ab major"),
        ("C-sharp min", "C# minor"),
        ("E flat maj", "Eb major"),
        ("CM", "C major"),
        ("Cm", "C minor"),
        ("a-minor", "A minor"),
        ("G aeolian", "G minor"),
        ("Cb", "B major"),
        ("G# major", "Ab major"),
        ("Db minor", "C# minor"),
    ],
)
def test_keys_are_read_as_people_write_them(text, canonical):
    assert str(parse_key(text)) == canonical


@given(st.builds(Key, st.integers(0, 11), st.sampled_from(list(MODES))))
def test_the_name_of_a_key_is_read_back_as_that_key(key):
    assert parse_key(str(key)) == key


@pytest.mark.parametrize("text", ["", "H", "F minro", "sharp", "12", "F##", "C major minor"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="is no key"):
        parse_key(text)


@given(st.text(max_size=30))
def test_any_text_is_a_key_or_refused(text):
    with suppress(ValueError):
        assert parse_key(text).mode in MODES


def test_a_key_outside_the_octave_is_refused():
    with pytest.raises(ValueError, match="no key"):
        Key(12, "major")

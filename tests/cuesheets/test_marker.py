from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.cuesheets.marker import CueText, EndText, HitText, parse
from musicgen_daw.timeline import CueSettings, IntensityLane


def test_a_whole_marker_has_name_preset_prompt_and_settings():
    text = "1M1 Chase [action-hybrid]: brass stabs, relentless  seed=12 end=button"
    assert parse(text) == CueText(
        "1M1 Chase",
        CueSettings(
            preset="action-hybrid", prompt="brass stabs, relentless", seed=12, end="button"
        ),
        bare=False,
    )


@pytest.mark.parametrize(
    ("text", "name", "preset", "prompt", "bare"),
    [
        ("1M1 Chase", "1M1 Chase", None, None, True),
        ("1M1 Chase seed=3", "1M1 Chase", None, None, True),
        ("1M1 Chase: brass", "1M1 Chase", None, "brass", False),
        ("1M1 Chase:brass", "1M1 Chase", None, "brass", False),
        ("1M1 Chase [house]", "1M1 Chase", "house", None, False),
        ("1M1 Chase [house] brass: low", "1M1 Chase", "house", "brass: low", False),
        ("1M1 Chase []: brass", "1M1 Chase", None, "brass", False),
        ("10:30 Diner: jukebox", "10:30 Diner", None, "jukebox", False),
        ("Blendend hell", "Blendend hell", None, None, True),
        ("Backend", "Backend", None, None, True),
        ("Café\x00\r\n\x1b ☕\x07", "Café ☕", None, None, True),
    ],
)
def test_only_the_name_is_required(text, name, preset, prompt, bare):
    cue = parse(text)
    assert isinstance(cue, CueText)
    said = (cue.name, cue.settings.preset, cue.settings.prompt, cue.bare)
    assert said == (name, preset, prompt, bare)


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("! door slam", HitText("door slam", important=False)),
        ("!door slam", HitText("door slam", important=False)),
        ("!! bridge gone", HitText("bridge gone", important=True)),
        ("!", HitText("", important=False)),
        ("! duel  prompt=low strings", HitText("duel", important=False, prompt="low strings")),
        ('!! prompt = "2+2\\=4"', HitText("", important=True, prompt="2+2=4")),
        (r"! the prompt\=none", HitText("the prompt=none", important=False)),
        ("! up Intensity = 0.9", HitText("up", important=False, intensity=(0.9,))),
        (
            "!! intensity=0.2>0.9 prompt=low, key of C",
            HitText("", important=True, prompt="low, key of C", intensity=(0.2, 0.9)),
        ),
        ("! up prompt=low intensity=1", HitText("up", False, "low", (1.0,))),
        (r"! high intensity\=yes", HitText("high intensity=yes", important=False)),
        ("! up intensity=", HitText("up", important=False)),
    ],
)
def test_an_exclamation_mark_is_a_hit(text, hit):
    assert parse(text) == hit


@pytest.mark.parametrize("text", ["END", "end", "=END", "=end", "[end]", "[END]"])
def test_end_words_end_what_runs(text):
    assert parse(text) == EndText()


@pytest.mark.parametrize("text", ["1M1 end", "1M1 STOP", "1M1 out", "1M1_end", "1M1-stop"])
def test_a_name_with_an_end_word_ends_that_cue(text):
    assert parse(text) == EndText("1M1")


def test_a_text_with_an_end_word_and_a_prompt_is_a_cue():
    assert isinstance(parse("Time out [lofi-study]"), CueText)
    assert isinstance(parse("Time out: slow"), CueText)


def test_values_may_hold_blanks_and_quotes():
    cue = parse(
        "A: x key=F minor bpm = 92,5 style='lo fi' intensity=0.2>0.9 fade_out=400ms loop=no"
    )
    assert cue.settings == CueSettings(
        prompt="x",
        key="F minor",
        bpm=Fraction(185, 2),
        style="lo fi",
        intensity=IntensityLane.parse("0.2>0.9"),
        fade_out=Fraction(2, 5),
        loop=False,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A sead=3", r"unknown key 'sead' \(did you mean 'seed'\?\)"),
        ("A seed=3 seed=4", "seed is said twice"),
        ("A: x prompt=y", "prompt is said twice"),
        ("A bars=8 seconds=3", "bars and seconds give the length twice"),
        ("[tense-strings]: low", "a cue needs a name"),
        ("A [tense-strings: low", r"the \[ before the preset's name has no \]"),
        (": low", "a cue needs a name"),
        ("seed=4", "a cue needs a name"),
        ("A seed=-1", "seed: -1 is not from 0"),
        ("A seed=1.5", "seed: 1.5 is not a whole number"),
        ("A takes=65", "takes: 65 is not from 1 to 64"),
        ("A bpm=0", "bpm: 0 is not from 1 to 999"),
        ("A bpm=2", "bpm: .* outside what MIDI can hold"),
        ("A bpm=1e999999999", "bpm: '1e999999999' is not a number"),
        ("A seed=" + "9" * 26, f"seed: {'9' * 20}… has 26 digits, which is too large a number"),
        ("A bars=0", "bars: 0 is no length"),
        ("! up intensity=high", "intensity: intensity 'high' is neither a number"),
        ("! up prompt=a prompt=b", "prompt is said twice"),
        ("A beats=1/0", "beats: '1/0' is not a number"),
        ("A seconds=-3", "seconds: -3 is no length"),
        ("A tail=601", "tail: 601 is not from 0 to 600"),
        ("A lufs=3", "lufs: 3 is not from -70 to 0"),
        ("A key=H", "key: 'H' is no key"),
        ("A meter=4/3", "meter: '4/3' is no meter"),
        ("A meter=2+2+2+9/8", r"meter: '2\+2\+2\+9/8' is no meter: a group of 9 is heard as"),
        ("A meter=7/8 (2+2+2)", r"meter: .*2\+2\+2 is 6, not 7"),
        ("A meter=2+0/8", "meter: .*a group without a beat"),
        ("A meter=2+2/8 (2+2)", "meter: .* is no meter: write one such as"),
        ("A meter=four", "meter: 'four' is no meter"),
        ("A end=fad", r"end: 'fad' is no ending.*did you mean 'fade'"),
        ("A loop=perhaps", "loop: 'perhaps' is neither yes nor no"),
        ("A intensity=2", "intensity: "),
    ],
)
def test_what_can_not_be_meant_is_refused_with_the_reason(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse(text)


@given(st.text(max_size=200))
def test_any_text_is_a_cue_a_hit_an_end_or_refused(text):
    with suppress(ValueError):
        assert isinstance(parse(text), CueText | HitText | EndText)


@pytest.mark.parametrize("piece", ["a=", "[", ":", " ", "1:", "a b=c ", "=", "a ", "[]", "end "])
def test_a_marker_as_long_as_a_book_is_read_at_once(piece):
    with suppress(ValueError):
        parse("x" + piece * 50_000)


def test_an_escaped_equals_sign_is_text():
    cue = parse(r"Lab: E\=mc2, x \= y  seed=4 end=cut")
    assert cue.settings == CueSettings(prompt="E=mc2, x = y", seed=4, end="cut")


def test_an_unknown_key_tells_how_to_keep_it_as_text():
    with pytest.raises(ValueError, match=r"unknown key 'e' \(write \\= where"):
        parse("Lab: E=mc2")

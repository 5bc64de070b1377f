from fractions import Fraction

import pytest

from musicgen_daw.errors import PlanError
from musicgen_daw.sketch import Commission, compose, understand
from musicgen_daw.sketch.instruments import FAMILIES
from musicgen_daw.sketch.lexicon import _TABLE, LEXICON
from musicgen_daw.sketch.styles import DEFAULT_STYLE, STYLES
from musicgen_daw.timeline import MODES, Meter, TempoMap

PROMPTS = {
    "tense cinematic strings, low drones, 82 bpm, F minor": ("cinematic-tension", "minor"),
    "8-bit boss battle, fast, relentless": ("chiptune", "minor"),
    "lo-fi hip hop beats to study to, rainy night, rhodes": ("lofi", None),
    "dark ambient drone, no drums": ("ambient-drone", "minor"),
    "epic orchestral trailer with choir and taiko drums, building": ("action-hybrid", None),
    "sad solo piano in a minor key, slow": ("emotional-piano", "minor"),
    "happy chiptune platformer, 150 bpm, C major": ("chiptune", "major"),
    "emotional piano and strings, hopeful, 6/8": ("emotional-piano", "major"),
    "stealth, ticking clock, sparse, without piano": ("cinematic-tension", "minor"),
    "car chase, driving percussion, brass stabs": ("action-hybrid", "minor"),
    "peaceful meditation soundscape with bells": ("ambient-drone", None),
    "horror hallway, eerie strings": ("horror", "phrygian"),
    "jazzy chill beat with upright bass and vibraphone, 75bpm": ("lofi", None),
    "romantic waltz, felt piano": ("emotional-piano", None),
    "deep space, lonely, ethereal pads, Bb lydian": ("ambient-drone", "lydian"),
    "fight, F# minor, 140 BPM, no choir or brass": ("action-hybrid", "minor"),
    "a gentle lullaby on a music box": ("emotional-piano", "major"),
    "8-bit victory fanfare": ("chiptune", None),
    "mysterious forest at night, flute and harp": ("cinematic-tension", "minor"),
    "chillhop, nostalgic, D dorian": ("lofi", "dorian"),
    "swinging jazz trio in a hotel bar, walking bass, brushes": ("jazz-trio", None),
    "campfire folk, banjo and fiddle, cheerful": ("folk", "major"),
    "an irish jig in a tavern": ("folk", "dorian"),
    "swashbuckling pirate adventure, horns and timpani": ("orchestral-adventure", "mixolydian"),
    "uplifting corporate presentation, claps, inspiring": ("uplifting", "major"),
    "haunted asylum, jump scare": ("horror", "phrygian"),
    "liquid drum and bass, reese bass, soaring pads": ("drum-and-bass", "major"),
    "dark trap, sliding 808s, hi-hat rolls": ("trap", "minor"),
    "funky disco, slap bass, clavinet, brass stabs": ("funk-disco", "dorian"),
}


@pytest.mark.parametrize(("prompt", "meaning"), PROMPTS.items())
def test_a_direct_prompt_is_understood(prompt: str, meaning: tuple[str, str | None]) -> None:
    brief = understand(prompt)
    assert (brief.style, brief.mode) == meaning
    assert brief.understood
    assert not brief.ignored


def test_numbers_keys_and_meters_are_read() -> None:
    brief = understand("strings, 82.5 bpm, F# minor, 6/8")
    assert (brief.bpm, brief.tonic, brief.mode, brief.meter) == (82.5, 6, "minor", Meter(6, 8))


@pytest.mark.parametrize(
    ("prompt", "meter"),
    [
        ("folk, 7/8 (2+2+3), fast", Meter(7, 8, (2, 2, 3))),
        ("folk in 3+2/4, fast", Meter(5, 4, (3, 2))),
        ("folk in (3+3+2)/8, fast", Meter(8, 8, (3, 3, 2))),
    ],
)
def test_the_groups_of_a_meter_are_read(prompt: str, meter: Meter) -> None:
    brief = understand(prompt)
    assert brief.meter == meter
    assert f"meter {meter}" in brief.understood.values()
    assert not brief.ignored


def test_groups_that_no_bar_can_have_are_told() -> None:
    brief = understand("folk, 7/8 (2+2+2)")
    assert brief.meter == Meter(7, 8)
    assert brief.ignored == ("'7/8 (2+2+2)' is no meter: 2+2+2 is 6, not 7",)
    assert understand("folk, 2+9/8").meter is None


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("in Bbm", 10, "minor"),
        ("E flat major", 3, "major"),
        ("key of D", 2, None),
        ("c# dorian please", 1, "dorian"),
        ("in a minor key", None, "minor"),
        ("A minor", 9, "minor"),
        ("a bad idea", None, None),
        ("C# harmonic minor", 1, "minor"),
        ("E♭ natural-minor", 3, "minor"),
        ("strings, not A minor", None, None),
        ("strings, not a minor key", None, "major"),
        ("dorian in D", 2, "dorian"),
        ("phrygian mode in f#", 6, "phrygian"),
        ("dorian in a dark cave", None, "dorian"),
        ("lofi in a minor", 9, "minor"),
        ("in a b minor key", 11, "minor"),
        ("c#m", 1, "minor"),
        ("strings in Eb, slow", 3, None),
        ("STRINGS IN A FOREST", None, None),
        ("in d, dorian", 2, "dorian"),
        ("in E.T. style", None, None),
        ("in D&D style", None, None),
        ("E phrygian dominant", 4, "phrygian"),
    ],
)
def test_a_key_is_found_as_people_write_it(text: str, tonic: int | None, mode: str | None) -> None:
    brief = understand(text)
    assert (brief.tonic, brief.mode) == (tonic, mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_that_is_named_wins_whatever_mood_stands_beside_it(mode: str) -> None:
    moods = [phrase for phrase, sense in LEXICON.items() if sense.mode and not sense.named]
    assert len(moods) > 200
    for mood in moods:
        assert understand(f"{mood} {mode}").mode == mode
        assert understand(f"{mode}, {mood}").mode == mode
    assert understand(f"dark, happy, F# {mode}, magical").mode == mode
    for mood in ("dark", "happy"):
        assert f" {mode}" in compose(Commission(f"{mood} {mode}", Fraction(4), 1)).key


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("in a minor key but bright", "minor"),
        ("bright, but in a minor key", "minor"),
        ("sad, ionian", "major"),
        ("in a minor key, dark dorian", "dorian"),
        ("horror, not phrygian", "minor"),
        ("not minor, sad", "major"),
        ("no major key", "minor"),
        ("not too dark", "major"),
        ("not too dark, sad piano", "minor"),
        ("dorian, not minor", "dorian"),
    ],
)
def test_of_words_that_disagree_the_name_of_a_mode_wins(text: str, mode: str) -> None:
    assert understand(text).mode == mode


@pytest.mark.parametrize(
    ("text", "bpm"),
    [
        ("epic battle at 140 beats per minute", 140),
        ("♩ = 72, strings", 72),
        ("TEMPO: 90!!", 90),
        ("house, 124 to 128 BPM", 126),
        ("not 120 bpm", None),
    ],
)
def test_a_tempo_is_found_as_people_write_it(text: str, bpm: float | None) -> None:
    assert understand(text).bpm == bpm


@pytest.mark.parametrize(
    ("text", "meter"),
    [
        ("romantic waltz", Meter(3, 4)),
        ("an irish jig", Meter(6, 8)),
        ("in seven", Meter(7, 8)),
        ("twelve-eight ballad", Meter(12, 8)),
        ("alla breve, snare", Meter(2, 2)),
        ("waltz, 6/8", Meter(6, 8)),
    ],
)
def test_a_meter_in_words_is_obeyed_and_one_in_numbers_beats_it(text: str, meter: Meter) -> None:
    assert understand(text).meter == meter
    asked = Commission(text, Fraction(8), 3)
    first = compose(asked).score.tempo_map.meters[0]
    assert first.meter == meter


@pytest.mark.parametrize(
    ("prompt", "overruled"),
    [
        ("60 bpm, lofi, 200 bpm", {"60 bpm"}),
        ("75 bpm, lofi, 75 bpm", set()),
        ("5/4, folk, 7/8", {"5/4"}),
        ("F minor strings, C major", {"F minor"}),
        ("D minor, strings in D", set()),
    ],
)
def test_a_number_that_a_later_one_beats_is_told_as_overruled(
    prompt: str, overruled: set[str]
) -> None:
    understood = understand(prompt).understood
    assert {said for said, told in understood.items() if told.endswith("(overruled)")} == overruled


def test_numbers_that_the_timeline_or_a_field_beats_are_told_as_overruled() -> None:
    timeline = TempoMap.constant(97.3, 3, 4)
    told = understand("60 bpm, 7/8, in F", key="D minor", tempo_map=timeline).understood
    assert told == {
        "60 bpm": "tempo 60 bpm (overruled)",
        "7/8": "meter 7/8 (overruled)",
        "in F": "tonic F (overruled)",
    }
    told = understand("97.3 bpm, 3/4, in D", key="D minor", tempo_map=timeline).understood
    assert not any("overruled" in meaning for meaning in told.values())
    told = understand("5/4", meter=Meter(3, 4)).understood
    assert told == {"5/4": "meter 5/4 (overruled)"}
    assert understand("7/8", meter=Meter(7, 8, (2, 2, 3))).understood == {"7/8": "meter 7/8"}


def test_a_key_without_a_mode_is_told_as_a_tonic() -> None:
    assert understand("key of Bb").understood == {"key of Bb": "tonic Bb"}


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("150bpm CHIP-TUNE", {"150bpm", "chiptune"}),
        ("strings+brass", {"strings", "brass"}),
        ("quiet/loud", {"quiet", "loud"}),
        ("cinematic,dark,no_drums", {"cinematic", "dark", "no drums"}),
        ("Lofi?? RHODES!! (rainy)", {"lofi", "rhodes", "rainy"}),
        ("slow-burning tension", {"slow", "tension"}),
    ],
)
def test_odd_joints_case_and_punctuation_hide_no_word(text: str, phrases: set[str]) -> None:
    assert phrases <= set(understand(text).understood)


def test_a_range_of_tempi_means_its_middle() -> None:
    assert understand("chase, 120-130 bpm").bpm == 125


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("action, no drums", {"drums"}),
        ("action without any drums or bass", {"drums", "bass"}),
        ("action, no drums, piano", {"drums"}),
        ("drumless lofi", {"drums"}),
        ("no more brass and no choir please", {"brass", "choir"}),
        ("everything but drums", {"drums"}),
        ("hold the bass, please", {"bass"}),
        ("non-choral, skip the harp", {"choir", "harp"}),
    ],
)
def test_a_negation_reaches_as_far_as_its_list(text: str, unwanted: set[str]) -> None:
    assert set(understand(text).unwanted) == unwanted


def test_everything_in_the_negative_prompt_is_refused() -> None:
    brief = understand("orchestral action", "brass, vocals, drums")
    assert {"brass", "drums"} <= set(brief.unwanted)
    composition = compose(Commission("orchestral action", Fraction(20), 1, negative="brass, drums"))
    instruments = {voice.instrument for voice in composition.voices.values()}
    assert "brass" not in instruments
    assert not any(name.startswith("kit-") for name in instruments)


def test_a_refused_mood_turns_round() -> None:
    assert understand("thriller, not too fast").tempo < 0
    assert understand("thriller, not loud").intensity == pytest.approx(0.1)


def test_words_without_a_meaning_are_told() -> None:
    assert understand("zydeco strings with vocals").ignored == ("zydeco", "vocals")


def test_fields_beat_words() -> None:
    brief = understand("lofi in C major, 3/4", style="chiptune", key="F minor", meter=Meter(5, 4))
    assert (brief.style, brief.tonic, brief.mode, brief.meter) == (
        "chiptune",
        5,
        "minor",
        Meter(5, 4),
    )


def test_a_style_may_be_named_by_its_genre() -> None:
    assert understand("", style="Hip Hop").style == "lofi"


def test_every_genre_of_the_lexicon_is_a_style() -> None:
    assert {sense.style for sense in LEXICON.values() if sense.style} == set(STYLES)


def test_an_unknown_style_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(PlanError, match="did you mean 'chiptune'"):
        understand("", style="chiptunes")


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(PlanError, match="H minor"):
        understand("", key="H minor")


def test_a_prompt_that_says_nothing_gets_the_default_style() -> None:
    assert understand("").style == DEFAULT_STYLE


def test_no_phrase_has_two_meanings() -> None:
    phrases = [phrase.strip() for _, text in _TABLE for phrase in text.split(",")]
    assert sorted(phrases) == sorted(set(phrases))
    assert all(phrase and phrase == phrase.lower() for phrase in phrases)


def test_the_lexicon_names_only_styles_and_families_that_exist() -> None:
    for sense in LEXICON.values():
        assert sense.style is None or sense.style in STYLES
        assert {*sense.wanted, *sense.unwanted} <= set(FAMILIES)
        assert sense.solo is None or sense.solo in FAMILIES


def test_every_phrase_of_the_lexicon_is_found_in_a_prompt() -> None:
    lost = [phrase for phrase in LEXICON if phrase not in {*understand(phrase).understood,
                                                          *understand(phrase).ignored}]  # fmt: skip
    assert lost == []


SIXTEEN = {
    "tense cinematic tension": "cinematic-tension",
    "action hybrid": "action-hybrid",
    "emotional piano": "emotional-piano",
    "ambient drone": "ambient-drone",
    "chiptune": "chiptune",
    "lo-fi hip hop": "lofi",
    "80s synthwave": "synthwave",
    "deep house": "house",
    "liquid dnb": "drum-and-bass",
    "indie folk": "folk",
    "nu-disco": "funk-disco",
    "jazz trio in a smoky bar": "jazz-trio",
    "pirate orchestral adventure": "orchestral-adventure",
    "survival horror": "horror",
    "uplifting corporate": "uplifting",
    "dark trap beat": "trap",
}


@pytest.mark.parametrize(("prompt", "style"), SIXTEEN.items())
def test_every_genre_means_its_style_or_the_nearest_that_there_is(prompt: str, style: str) -> None:
    brief = understand(prompt)
    assert brief.style in STYLES
    assert brief.style == style or style not in STYLES
    assert not brief.ignored


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("1930s ballroom", "jazz-trio"),
        ("swinging sixties", "jazz-trio"),
        ("sixties", "funk-disco"),
        ("the 70s", "funk-disco"),
        ("made in the 1980s", "synthwave"),
        ("90s", "house"),
        ("90s hip hop", "lofi"),  # a genre speaks louder than its decade
        ("renaissance market", "folk"),
        ("baroque court", "orchestral-adventure"),
        ("victorian parlour", "emotional-piano"),
        ("viking raid", "action-hybrid"),
        ("heavy metal", "action-hybrid"),
        ("pop song", "uplifting"),
        ("reggae", "funk-disco"),
        ("dubstep", "drum-and-bass"),
        ("classical music", "emotional-piano"),
    ],
)
def test_eras_and_common_genres_mean_the_nearest_style(prompt: str, style: str) -> None:
    assert understand(prompt).style == style


def test_a_thousand_phrases_are_known() -> None:
    assert len(LEXICON) >= 1000

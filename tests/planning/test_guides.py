"""A count-in that a preset asks for: who hears it, and what it tells."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from musicgen_daw.errors import PresetError
from musicgen_daw.planning import Expectation
from musicgen_daw.presets import Generation, Preset
from musicgen_daw.presets.parse import from_mapping
from musicgen_daw.presets.show import to_toml
from musicgen_daw.timeline import TempoChange, TempoMap

TEMPO = TempoMap.constant(96)


def planned(studio: Any, guide: str, *, tempo_map: TempoMap | None = TEMPO, **settings: Any) -> Any:
    settings = {"backend": "sampler", "key": "D minor", **settings}
    sheet = studio.sheet(studio.cue(**settings), tempo_map=tempo_map)
    preset = Preset("house", generation=Generation(guide=guide))
    plan = studio.plan(sheet, preset, digests=lambda path: path)
    request = next(plan.cues[0].clips).request
    return request, [str(warning) for warning in plan.warnings]


def test_a_guide_tells_the_tempo_and_chords_the_key_too(studio: Any) -> None:
    clicks, told = planned(studio, "clicks")
    assert (clicks.guide, clicks.tempo_map, clicks.key_signature, told) == (
        "clicks",
        TEMPO,
        None,
        [],
    )
    chords, _ = planned(studio, "chords")
    assert (chords.guide, chords.tempo_map, chords.key_signature) == ("chords", TEMPO, "D minor")
    without, _ = planned(studio, "none")
    assert (without.guide, without.tempo_map, without.key_signature) == (None, None, None)


def test_a_sound_to_go_on_from_needs_no_count_in(studio: Any) -> None:
    request, told = planned(studio, "clicks", audio_prompt="a.wav")
    assert (request.audio_prompt, request.guide, told) == ("a.wav", None, [])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"backend": "hosted"}, "guide 'chords' is not used: 'hosted' takes no audio prompt"),
        ({"tempo_map": None}, "guide 'chords' is not used: no tempo is told"),
        ({"key": None}, "guide 'chords' is heard as clicks: no key is told"),
    ],
)
def test_a_guide_that_can_not_be_heard_is_told(studio, settings, message) -> None:
    request, told = planned(studio, "chords", **settings)
    assert request.guide == ("clicks" if "clicks" in message else None)
    assert told == [f"line 3: {message}"]


def test_a_preset_says_it_and_is_shown_with_it() -> None:
    preset = from_mapping("count", {"generation": {"guide": "chords"}}, "count.toml")
    assert preset.generation.guide == "chords"
    assert 'guide = "chords"' in to_toml(preset)
    with pytest.raises(
        PresetError, match=r"count\.toml \[generation\]: guide = 'click' is none of"
    ):
        from_mapping("count", {"generation": {"guide": "click"}}, "count.toml")


# -- what a clip has to hit ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("none", Expectation()),
        ("tempo", Expectation(TEMPO.tempos[0].bpm, None)),
        ("key", Expectation(None, "D minor")),
        ("both", Expectation(TEMPO.tempos[0].bpm, "D minor")),
    ],
)
def test_a_preset_tells_what_a_clip_has_to_hit(studio, check, expected) -> None:
    def cue(backend: str, tempo_map: TempoMap) -> Any:
        sheet = studio.sheet(studio.cue(backend=backend, key="D minor"), tempo_map=tempo_map)
        preset = Preset("house", generation=Generation(check=check))
        return studio.plan(sheet, preset).cues[0]

    asked = cue("sampler", TEMPO)
    assert asked.expected == expected
    assert cue("sketch", TEMPO).expected == Expectation()  # who plays in time is believed
    changes = TempoMap((*TEMPO.tempos, TempoChange(Fraction(8), 400_000)))
    assert cue("sampler", changes).expected.bpm is None


def test_what_a_clip_has_to_hit_is_no_part_of_its_key(studio: Any) -> None:
    sheet = studio.sheet(studio.cue(backend="sampler"), tempo_map=TEMPO)
    plans = [
        studio.plan(sheet, Preset("house", generation=Generation(check=check)))
        for check in ("none", "both")
    ]
    assert len({next(plan.cues[0].clips).key for plan in plans}) == 1

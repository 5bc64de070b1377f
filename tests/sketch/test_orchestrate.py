from fractions import Fraction

import pytest

from musicgen_daw.sketch import Commission, compose
from musicgen_daw.sketch.instruments import INSTRUMENTS
from musicgen_daw.sketch.styles import STYLES


def families(prompt: str, style: str, seed: int = 1) -> set[str]:
    composition = compose(Commission(prompt, Fraction(12), seed, style=style))
    return {INSTRUMENTS[voice.instrument].family for voice in composition.voices.values()}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("family", ["flute", "harp", "choir", "brass", "guitar", "drums", "bells"])
def test_a_wanted_instrument_plays_in_any_style(style: str, family: str) -> None:
    assert family in families(family, style)


@pytest.mark.parametrize("style", STYLES)
def test_no_drums_means_no_drums(style: str) -> None:
    for seed in range(4):
        assert "drums" not in families("loud, no drums", style, seed)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("family", ["piano", "guitar", "strings", "drums"])
def test_solo_is_alone(style: str, family: str) -> None:
    assert families(f"{family} only" if family != "guitar" else "solo guitar", style) == {family}


def test_a_style_without_everything_still_sounds() -> None:
    everything = "strings, piano, brass, choir, pads, drone, bass, drums, bells, flute, synth lead"
    composition = compose(
        Commission("", Fraction(20), 1, style="ambient-drone", negative=everything)
    )
    assert any(part.notes for part in composition.score.parts if part.stem != "fx")

"""The key of a request: what it counts, what it leaves out, and that it never changes."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from musicgen_daw.planning import ClipRequest
from musicgen_daw.timeline import Hit, IntensityLane, TempoMap

FULL = ClipRequest(
    backend="sketch",
    revision="1",
    prompt="tense strings – ♭6",
    length_s=Fraction(30030, 1000),
    seed=12,
    negative="vocals",
    tail_s=Fraction(4),
    tempo_map=TempoMap.constant(Fraction(92), 6, 8).window(Fraction(1, 3), 9),
    key_signature="D minor",
    hits=(Hit(Fraction(10, 3), "door", important=True),),
    intensity=IntensityLane.parse("0.2>0.9"),
    style="cinematic-tension",
    end="button",
    theme="main",
    theme_seed=7,
)


def test_the_key_of_a_pinned_request_is_pinned() -> None:
    """A change here orphans every clip that anybody has paid for: raise FORMAT_VERSION too."""
    plain = ClipRequest("hosted", "7", "calm", Fraction(10), 42)

    assert plain.key() == "56c5f501d3b6dd85095708ff115bf6d42e40357a172f5f3042ccabb4e6d50b50"
    assert FULL.key() == "8c9598abcb83ad6c6015211beabac9dca8c3d922f14cdbe0544f2ad8f973c254"


def test_the_canonical_request_tells_every_field_exactly() -> None:
    told = json.loads(FULL.canonical())

    assert set(told) == {*ClipRequest.__dataclass_fields__, "format_version"}
    assert told["length_s"] == "3003/100"
    assert told["hits"] == [["10/3", True]]
    assert told["tempo_map"]["pickup"].count("/") == 1
    assert FULL.canonical().isascii()


@pytest.mark.parametrize(
    "change",
    [
        {"backend": "other"},
        {"revision": "2"},
        {"prompt": "x"},
        {"length_s": Fraction(3003, 100) + Fraction(1, 10**9)},
        {"seed": 13},
        {"negative": ""},
        {"tail_s": Fraction(5)},
        {"tempo_map": None},
        {"meter": (3, 4)},
        {"key_signature": None},
        {"hits": ()},
        {"hits": (Hit(Fraction(10, 3), "door", important=False),)},
        {"intensity": None},
        {"style": None},
        {"end": "ring"},
        {"theme": "b"},
        {"theme_seed": 8},
        {"audio_prompt": "ab"},
        {"melody": "ab"},
        {"model": "small"},
        {"precision": "bf16"},
        {"guidance": 4.0},
        {"temperature": 0.5},
        {"top_k": 1},
        {"top_p": 0.5},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_that_decides_the_sound_changes_the_key(change: dict[str, object]) -> None:
    assert replace(FULL, **change).key() != FULL.key()  # type: ignore[arg-type]


def test_the_name_of_a_hit_is_for_people_only() -> None:
    renamed = replace(FULL, hits=(Hit(Fraction(10, 3), "gate", important=True),))

    assert renamed.key() == FULL.key()


def test_a_request_needs_a_length() -> None:
    with pytest.raises(ValueError, match="positive length"):
        replace(FULL, length_s=Fraction(0))

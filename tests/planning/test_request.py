"""The key of a request: what it counts, what it leaves out, and that it never changes."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.planning import ClipRequest
from musicgen_daw.timeline import Hit, IntensityLane, Meter, MeterChange, TempoChange, TempoMap

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


LATER = {
    *("prompt_changes", "continues", "guide", "fit_hits_percent", "leader", "transition"),
    *("kin_seed", "players", "leader_s", "mode", "continues_less_s", "continues_stretch"),
}
"""Fields that are told only where they say something, so that older clips keep their keys."""


def test_the_key_of_a_pinned_request_is_pinned() -> None:
    """A change here orphans every clip that anybody has paid for: raise FORMAT_VERSION too."""
    plain = ClipRequest("hosted", "7", "calm", Fraction(10), 42)

    assert plain.key() == "56c5f501d3b6dd85095708ff115bf6d42e40357a172f5f3042ccabb4e6d50b50"
    assert FULL.key() == "8c9598abcb83ad6c6015211beabac9dca8c3d922f14cdbe0544f2ad8f973c254"


def test_the_canonical_request_tells_every_field_exactly() -> None:
    told = json.loads(FULL.canonical())

    said = {field.name for field in fields(ClipRequest) if field.init}
    assert set(told) == {*said, "format_version"} - LATER
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
        {"meter": Meter(3, 4)},
        {"tempo_map": TempoMap.constant(90, 7, 8)},
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
        {"prompt_changes": ((Fraction(8), "loud"),)},
        {"continues": "ab"},
        {"continues_less_s": Fraction(1, 2)},
        {"continues_stretch": Fraction(4, 5)},
        {"guide": "clicks"},
        {"model": "small"},
        {"precision": "bf16"},
        {"guidance": 4.0},
        {"temperature": 0.5},
        {"top_k": 1},
        {"top_p": 0.5},
        {"fit_hits_percent": 3.0},
        {"leader": FULL},
        {"transition": "continue"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_that_decides_the_sound_changes_the_key(change: dict[str, object]) -> None:
    assert replace(FULL, **change).key() != FULL.key()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"tempo_map": None, "meter": Meter(7, 8, (2, 2, 3))},
        {"tempo_map": TempoMap.constant(90, 7, 8, (2, 2, 3))},
    ],
    ids=lambda change: "+".join(change),
)
def test_groups_of_a_meter_change_the_key_and_are_read_back(change: dict[str, Any]) -> None:
    plain = {"tempo_map": TempoMap.constant(90, 7, 8), "meter": Meter(7, 8)}
    request = replace(FULL, **change)
    other = replace(FULL, **{name: value and plain[name] for name, value in change.items()})

    assert request.key() != other.key()
    assert ClipRequest.from_canonical(request.canonical()).key() == request.key()
    assert "[2,2,3]" in request.canonical()
    assert "[]" not in other.canonical().replace('"hits":[]', "")


def test_the_name_of_a_hit_is_for_people_only() -> None:
    renamed = replace(FULL, hits=(Hit(Fraction(10, 3), "gate", important=True),))

    assert renamed.key() == FULL.key()


def test_a_request_needs_a_length() -> None:
    with pytest.raises(ValueError, match="positive length"):
        replace(FULL, length_s=Fraction(0))
    with pytest.raises(ValueError, match="before its end"):
        replace(FULL, continues_stretch=Fraction(0))


# -- reading back ------------------------------------------------------------------------------

FRACTIONS = st.fractions(min_value=0, max_value=10**6)
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=20)  # halves of characters, too
NUMBERS = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers())


@st.composite
def tempo_maps(draw: st.DrawFn) -> TempoMap:
    def places() -> list[Fraction]:
        return [Fraction(0), *sorted(draw(st.sets(FRACTIONS.filter(bool), max_size=3)))]

    tempos = [TempoChange(at, draw(st.integers(1, 0xFFFFFF))) for at in places()]
    meters = [
        MeterChange(at, draw(st.integers(1, 255)), 2 ** draw(st.integers(0, 6))) for at in places()
    ]
    longest = min([meters[0].bar_beats, *(meter.at_beats for meter in meters[1:2])])
    share = draw(st.fractions(min_value=0, max_value=Fraction(99, 100)))
    return TempoMap(tuple(tempos), tuple(meters), longest * share)


@st.composite
def lanes(draw: st.DrawFn) -> IntensityLane:
    share = st.floats(0, 1)
    positions = sorted(draw(st.lists(share, min_size=1, max_size=5)))
    return IntensityLane(tuple((position, draw(share)) for position in positions))


REQUESTS = st.builds(
    ClipRequest,
    backend=TEXTS,
    revision=TEXTS,
    prompt=TEXTS,
    length_s=FRACTIONS.filter(bool),
    seed=st.integers(),
    negative=TEXTS,
    tail_s=st.fractions(),
    tempo_map=st.none() | tempo_maps(),
    meter=st.none()
    | st.builds(Meter, st.integers(), st.integers(), st.lists(st.integers()).map(tuple)),
    key_signature=st.none() | TEXTS,
    hits=st.lists(st.builds(Hit, FRACTIONS, important=st.booleans()), max_size=4).map(tuple),
    intensity=st.none() | lanes(),
    style=st.none() | TEXTS,
    end=TEXTS,
    theme=TEXTS,
    theme_seed=st.integers(),
    audio_prompt=st.none() | TEXTS,
    melody=st.none() | TEXTS,
    model=st.none() | TEXTS,
    precision=TEXTS,
    guidance=NUMBERS,
    temperature=NUMBERS,
    top_k=st.integers(),
    top_p=NUMBERS,
    fit_hits_percent=NUMBERS,
    leader=st.none() | st.just(replace(FULL, hits=())),
    transition=st.none() | TEXTS,
)


@settings(max_examples=50)
@given(REQUESTS)
def test_any_request_is_read_back_exactly(request: ClipRequest) -> None:
    read = ClipRequest.from_canonical(request.canonical())

    assert read == request
    assert read.key() == request.key()


def test_a_request_that_is_read_back_lacks_only_the_names_of_its_hits() -> None:
    read = ClipRequest.from_canonical(FULL.canonical())

    assert read == replace(FULL, hits=(Hit(Fraction(10, 3), "", important=True),))
    assert read.key() == FULL.key()


def altered(**values: Any) -> str:
    return json.dumps(json.loads(FULL.canonical()) | values, sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("[]", "an object"),
        ("{}", "no request of format 1"),
        ("[" * 100_000, "too deep|Expecting"),
        (altered(format_version=2), "no request of format 1"),
        (altered(format_version="1"), "no request of format 1"),
        (altered(colour="red"), "other fields"),
        (FULL.canonical().replace('"seed":12,', ""), "other fields"),
        (altered(prompt=None), "a text"),
        (altered(style=7), "a text"),
        (altered(seed=True), "a whole number"),
        (altered(seed=1.0), "a whole number"),
        (altered(guidance="3"), "a number"),
        (altered(guidance=float("nan")), "NaN"),
        (altered(guidance=float("inf")), "Infinity"),
        (altered(length_s="1/0"), "a fraction"),
        (altered(length_s="-1/2"), "positive length"),
        (altered(length_s=10), "a fraction"),
        (altered(length_s="1e9/1"), "a fraction"),
        (altered(length_s=f"{'9' * 5000}/1"), "a fraction"),
        (altered(length_s="20/4"), "not written"),
        (altered(tempo_map={"tempos": []}), "a tempo map"),
        (altered(tempo_map={"tempos": [], "meters": [], "pickup": "0/1"}), "begin at beat 0"),
        (altered(tempo_map={"tempos": [["0/1"]], "meters": [], "pickup": "0/1"}), "a list of 2"),
        (altered(hits=[["1/2"]]), "a list of 2"),
        (altered(hits=[["1/2", 1]]), "true or false"),
        (altered(hits={}), "a list"),
        (altered(meter=[4]), "a list of 2"),
        (altered(intensity=[]), "an intensity lane"),
        (altered(intensity=[[0, 7]]), "an intensity lane"),
        (f" {FULL.canonical()}", "not written"),
        (FULL.canonical().replace('"seed":12', '"seed":11,"seed":12'), "not written"),
        (FULL.canonical().replace("12", "9" * 5000), "digits"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_no_canonical_request_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ClipRequest.from_canonical(text)


def test_the_text_of_a_pinned_request_is_pinned() -> None:
    plain = ClipRequest("hosted", "7", "calm", Fraction(10), 42, meter=Meter(3, 4))

    assert plain.canonical() == (
        '{"audio_prompt":null,"backend":"hosted","end":"ring","format_version":1,"guidance":3.0,'
        '"hits":[],"intensity":null,"key_signature":null,"length_s":"10/1","melody":null,'
        '"meter":[3,4],"model":null,"negative":"","precision":"","prompt":"calm","revision":"7",'
        '"seed":42,"style":null,"tail_s":"0/1","temperature":1.0,"tempo_map":null,"theme":"",'
        '"theme_seed":0,"top_k":250,"top_p":0.0}'
    )


@pytest.mark.parametrize("times", [(0,), (31,), (8, 8), (9, 8)])
def test_a_prompt_that_changes_outside_its_clip_or_backwards_is_refused(times) -> None:
    with pytest.raises(ValueError, match="changes inside it, and in order"):
        replace(FULL, prompt_changes=tuple((Fraction(at_s), "loud") for at_s in times))


def test_a_prompt_that_changes_is_read_back() -> None:
    changing = replace(
        FULL, hits=(), prompt_changes=((Fraction(17, 3), "loud"),), continues="ab", guide="chords"
    )
    assert ClipRequest.from_canonical(changing.canonical()) == changing

"""A preset shown is a preset that reads back the same."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.presets import (
    ENDINGS,
    Automation,
    Effect,
    Generation,
    Master,
    PluginStep,
    Preset,
    Send,
    StemMix,
)
from musicgen_daw.presets.parse import from_mapping, parse_tables
from musicgen_daw.presets.schema import ALIGNMENTS, CONFORMING
from musicgen_daw.presets.show import to_toml
from musicgen_daw.timeline import BarBeat, IntensityLane, Meter

# What TOML can hold: any text but lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
templates = texts.map(lambda text: text.replace("{", "{{").replace("}", "}}"))
names = st.from_regex(r"[A-Za-z0-9][a-z0-9 _-]{0,10}[a-z0-9]", fullmatch=True)
filled = texts.filter(str.strip)
shares = st.floats(0, 1)
lanes = st.lists(shares, min_size=1, max_size=4).map(
    lambda values: IntensityLane.parse(">".join(map(repr, values)))
)
generations = st.builds(
    Generation,
    backend=st.none() | filled,
    takes=st.none() | st.integers(1, 64),
    bpm=st.none() | st.floats(20, 300),
    meter=st.sampled_from([None, Meter(6, 8), Meter(7, 8, (2, 2, 3))]),
    style=st.none() | filled,
    intensity=st.none() | lanes,
    guidance=st.floats(0, 10),
    top_k=st.integers(0, 500),
)
places_s = st.lists(st.floats(0, 999), min_size=1, max_size=4, unique=True).map(sorted)
bars = st.builds(BarBeat, st.integers(1, 999), st.sampled_from([Fraction(1), Fraction(5, 2)]))
places = places_s | st.lists(bars, min_size=1, max_size=4, unique=True).map(sorted)
automations = places.map(
    lambda places: Automation(tuple((place, float(n)) for n, place in enumerate(places)))
)
parameters = st.dictionaries(
    st.sampled_from(["gain_db", "room size", "mode"]),
    st.booleans() | st.integers(-99, 99) | st.floats(-99, 99) | texts | automations,
)
effects = st.builds(Effect, st.sampled_from(["Gain", "Reverb"]), parameters) | st.builds(
    PluginStep, filled, st.none() | filled, st.none() | filled, parameters
)
sends = st.builds(
    Send, filled, st.lists(effects, min_size=1, max_size=2).map(tuple), st.floats(-90, 20)
)
masters = st.builds(
    Master,
    lufs=st.floats(-60, 0),
    end=st.sampled_from(ENDINGS),
    tail_s=st.floats(0, 9),
    chain=st.lists(effects, max_size=3).map(tuple),
    sends=st.lists(sends, max_size=2, unique_by=lambda send: send.name).map(tuple),
    trim_head=st.booleans(),
    conform=st.sampled_from(CONFORMING),
    align=st.sampled_from(ALIGNMENTS),
)
presets = st.builds(
    Preset,
    name=st.just("x"),
    title=texts,
    description=texts,
    prompt=templates,
    negative=templates,
    generation=generations,
    layers=st.dictionaries(names.map(str.lower).filter(lambda name: name != "mix"), templates),
    stems=st.dictionaries(
        names,
        st.builds(
            StemMix,
            st.floats(-90, 20),
            st.booleans(),
            st.dictionaries(filled, st.floats(-90, 20), max_size=2),
        ),
    ),
    master=masters,
)


@settings(deadline=None, max_examples=40)
@given(presets)
def test_a_shown_preset_reads_back_as_the_same_preset(preset: Preset) -> None:
    assert from_mapping("x", parse_tables(to_toml(preset), "x.toml"), "x.toml") == preset


def test_what_is_said_though_it_is_a_default_is_shown() -> None:
    preset = from_mapping("x", {"master": {"lufs": -18}}, "x.toml")

    assert "lufs = -18.0" in to_toml(preset)
    assert "lufs" not in to_toml(Preset("x"))


def test_levels_keep_their_sign_and_size() -> None:
    shown = parse_tables(to_toml(Preset("x", master=Master(lufs=-math.pi))), "x.toml")

    assert shown["master"]["lufs"] == -math.pi

"""One tiny preset for every fault, and what its message says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.errors import PresetError
from musicgen_daw.presets import Effect, Generation, Master, Preset, StemMix
from musicgen_daw.presets.parse import from_mapping, parse_tables
from musicgen_daw.timeline import IntensityLane, Meter

FAULTS = {
    "unknown top-level key": ("titel = 'x'", "unknown key 'titel' (did you mean 'title'?)"),
    "unknown table": ("[mastering]\nlufs = -9", "unknown key 'mastering' (did you mean 'master'?)"),
    "unknown generation key": (
        "[generation]\ntaks = 2",
        "[generation]: unknown key 'taks' (did you mean 'takes'?)",
    ),
    "unknown master key": (
        "[master]\nlufz = -9",
        "[master]: unknown key 'lufz' (did you mean 'lufs'?)",
    ),
    "unknown stem key": (
        "[stems.drums]\ngain = 1",
        "[stems.drums]: unknown key 'gain' (did you mean 'gain_db'?)",
    ),
    "table that is no table": ("master = 3", "[master]: is not a table but a number (3)"),
    "stem that is no table": ("[stems]\ndrums = -3", "[stems.drums]: is not a table"),
    "number as title": ("title = 3", "title must be text in quotes, not a number (3)"),
    "text as number": ("[master]\nlufs = '-18'", "lufs must be a number, not text ('-18')"),
    "switch as number": ("[master]\nlufs = true", "lufs must be a number, not a switch (true)"),
    "fraction as takes": ("[generation]\ntakes = 1.5", "takes must be a whole number"),
    "number as switch": ("[stems.drums]\nmute = 1", "mute must be true or false"),
    "date": ("[generation]\nkey = 2026-01-01", "key must be text in quotes, not a date or time"),
    "no takes": ("[generation]\ntakes = 0", "[generation]: takes = 0 must lie between 1 and 64"),
    "bpm 0": ("[generation]\nbpm = 0", "[generation]: bpm = 0 must lie above 0"),
    "negative bpm": ("[generation]\nbpm = -90", "bpm = -90 must lie above 0"),
    "bpm that MIDI can't hold": ("[generation]\nbpm = 2", "outside what MIDI can hold"),
    "key": ("[generation]\nkey = 'H'", "[generation]: 'H' is no key"),
    "NaN": ("[master]\nlufs = nan", "lufs = nan must lie between -70 and 0"),
    "infinity": ("[generation]\nguidance = inf", "guidance is far too large"),
    "number beyond floats": (f"[master]\nlufs = {'9' * 400}", "lufs is far too large"),
    "number beyond reading": (f"takes = {'9' * 9000}", "no TOML"),
    "positive loudness": ("[master]\nlufs = 3", "lufs = 3 must lie between -70 and 0"),
    "negative range": ("[master]\nlra_max = -1", "lra_max = -1 must lie"),
    "loud maximum": ("[master]\nmax_short_term_lufs = 3", "max_short_term_lufs = 3 must lie"),
    "positive ceiling": ("[master]\nceiling_dbtp = 1", "ceiling_dbtp = 1 must lie"),
    "negative fade": ("[master]\nfade_in_ms = -1", "fade_in_ms = -1 must lie"),
    "negative tail": ("[master]\ntail_s = -1", "tail_s = -1 must lie"),
    "unknown end": (
        "[master]\nend = 'buton'",
        "[master]: end = 'buton' is none of button, ring, fade, cut, loop (did you mean 'button'?)",
    ),
    "meter in words": ("[generation]\nmeter = 'waltz'", "meter = 'waltz' is no meter"),
    "meter that is none": ("[generation]\nmeter = '4/5'", "meter = '4/5' is no meter"),
    "groups that fill no bar": (
        "[generation]\nmeter = '7/8 (2+2+2)'",
        "meter = '7/8 (2+2+2)' is no meter: 2+2+2 is 6, not 7",
    ),
    "intensity beyond 1": ("[generation]\nintensity = 1.5", "intensity = 1.5:"),
    "intensity in words": ("[generation]\nintensity = 'loud'", "intensity = loud:"),
    "top_p beyond 1": ("[generation]\ntop_p = 2", "top_p = 2 must lie between 0 and 1"),
    "empty style": ("[generation]\nstyle = ' '", "style is empty"),
    "unknown field": ("prompt = '{bmp} bpm'", "unknown field {bmp}"),
    "unknown field in a layer": ("[layers]\npads = '{kay}'", "(did you mean 'key'?)"),
    "layer that is no text": ("[layers]\npads = 3", "[layers]: pads must be text"),
    "layer called mix": ("[layers]\nMix = 'x'", "can't be called 'mix'"),
    "layer that escapes": ("[layers]\n'../x' = 'y'", "'../x' can't name a stem"),
    "layers alike in case": ("[layers]\na = 'x'\nA = 'x'", "differ only in upper and lower case"),
    "chain that is no list": ("[master]\nchain = 'x'", "[master]: chain is not a list of effects"),
    "chain of names": ("[master]\nchain = ['Gain']", "write each as [[master.chain]]"),
    "effect without a name": (
        "[[master.chain]]\neffect = 'Gain'\n[[master.chain]]\ngain_db = 1",
        "[[master.chain]] 2: the key 'effect' is missing",
    ),
    "effect that is no name": ("[[master.chain]]\neffect = '../x.vst3'", "is no effect's name"),
    "parameter that is a table": (
        "[[master.chain]]\neffect = 'Gain'\ngain_db = {}",
        "[[master.chain]] 1: gain_db must be a number, true, false, text or a list of "
        "[place, value], not a table",
    ),
    "automation without places": (
        "[[master.chain]]\neffect = 'Gain'\ngain_db = [1]",
        "gain_db must be a list of [place, value], such as [[0, 400], [8, 8000]]",
    ),
    "automation of nothing": (
        "[[master.chain]]\neffect = 'Gain'\ngain_db = []",
        "gain_db automation needs at least one [place, value]",
    ),
    "automation at a place that is none": (
        "[[master.chain]]\neffect = 'Gain'\ngain_db = [['bar 5', 1]]",
        "gain_db has the place 'bar 5': write seconds, or 'bar|beat' such as '5|1'",
    ),
    "automation in bars and seconds": (
        "[[master.chain]]\neffect = 'Gain'\ngain_db = [[0, 1], ['2|1', 3]]",
        "places are either all in seconds or all as 'bar|beat'",
    ),
    "automation that goes back": (
        "[[master.chain]]\neffect = 'Gain'\ngain_db = [['3|1', 1], ['2|4', 3]]",
        "places must come one after the other",
    ),
    "automation before the cue": (
        "[[master.chain]]\neffect = 'Gain'\ngain_db = [[-1, 1]]",
        "is no place and value",
    ),
    "plug-in with a parameter beside it": (
        "[[master.chain]]\nplugin = 'a.vst3'\nDrive = 3",
        "[[master.chain]] 1: unknown key 'Drive'",
    ),
    "plug-in parameters that are no table": (
        "[[master.chain]]\nplugin = 'a.vst3'\nparameters = 3",
        "parameters is not a table but a number (3)",
    ),
    "plug-in without a path": ("[[master.chain]]\nplugin = ' '", "plugin is empty"),
    "send without a name": ("[[master.sends]]\nlevel_db = 3", "1: the key 'name' is missing"),
    "send without effects": ("[[master.sends]]\nname = 'hall'", "'hall' has no effects"),
    "send with a wrong effect": (
        "[[master.sends]]\nname = 'hall'\nchain = [{ efect = 'Reverb' }]",
        "[[master.sends.chain]] 1: the key 'effect' is missing",
    ),
    "sends that are one": ("[master.sends]\nname = 'hall'", "sends is not a list of sends"),
    "two sends of one name": (
        "[[master.sends]]\nname = 'a'\nchain = [{ effect = 'Reverb' }]\n"
        "[[master.sends]]\nname = 'a'\nchain = [{ effect = 'Reverb' }]",
        "two sends have the same name",
    ),
    "send level that is text": (
        "[stems.drums]\nsends = { hall = 'loud' }",
        "[stems.drums]: sends must be a number, not text ('loud')",
    ),
    "send level of no mixer": ("[stems.drums]\nsends = { hall = 99 }", "between -96 and 24"),
    "conforming of no kind": (
        "[master]\nconform = 'strech'",
        "conform = 'strech' is none of none, stretch (did you mean 'stretch'?)",
    ),
    "parameter that is no number": (
        "[[master.chain]]\neffect = 'Gain'\ngain_db = nan",
        "gain_db = nan is no finite number",
    ),
    "syntax error": ("title = 'a'\nprompt = = 'b'", "line 2, column 10: no TOML: Invalid value"),
    "key given twice": ("title = 'a'\ntitle = 'b'", "no TOML: Cannot overwrite a value"),
    "unfinished text": ("title = 'a", "no TOML"),
    "nested beyond reading": (f"x = {'[' * 100_000}", "no TOML"),
}


@pytest.mark.parametrize(("text", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_with_its_file_its_place_and_its_reason(text: str, reason: str) -> None:
    with pytest.raises(PresetError) as caught:
        from_mapping("bad", parse_tables(text, "bad.toml"), "bad.toml")

    assert str(caught.value).startswith("bad.toml")
    assert reason in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse_tables("\ufefftitle = 'x'", "x.toml") == {"title": "x"}


def test_every_key_arrives_in_its_place() -> None:
    text = """
        title = "T"
        description = "D"
        prompt = "{prompt}, p"
        negative = "n"
        [generation]
        backend = "b"
        model = "m"
        takes = 2
        bpm = 90
        key = "D minor"
        meter = "6/8"
        style = "s"
        intensity = "0.2>0.9"
        guidance = 4
        temperature = 0.9
        top_k = 100
        top_p = 0.5
        audio_prompt = "/a.wav"
        melody = "/m.wav"
fit_hits_percent = 3.5
        [layers]
        pads = "{prompt}, pads"
        [stems.drums]
        gain_db = -3
        mute = true
        [master]
        lufs = -20
        ceiling_dbtp = -2
        fade_in_ms = 5
        fade_out_ms = 6
        end = "button"
        tail_s = 1.5
        [[master.chain]]
        effect = "Gain"
        gain_db = 1
    """

    preset = from_mapping("all", parse_tables(text, "all.toml"), "all.toml")

    lane = IntensityLane(((0.0, 0.2), (1.0, 0.9)))
    sampling = (4.0, 0.9, 100, 0.5)
    assert preset == Preset(
        name="all",
        title="T",
        description="D",
        prompt="{prompt}, p",
        negative="n",
        generation=Generation(
            "b",
            "m",
            2,
            90.0,
            "D minor",
            Meter(6, 8),
            "s",
            lane,
            *sampling,
            "/a.wav",
            "/m.wav",
            fit_hits_percent=3.5,
        ),
        layers={"pads": "{prompt}, pads"},
        stems={"drums": StemMix(-3.0, True)},
        master=Master(-20.0, -2.0, 5.0, 6.0, "button", 1.5, (Effect("Gain", {"gain_db": 1}),)),
    )


def test_a_default_that_is_written_down_counts_as_said() -> None:
    said = from_mapping("x", {"master": {"lufs": -18.0}}, "x.toml").said

    assert said == {"master.lufs"}
    assert from_mapping("x", {}, "x.toml").said == frozenset()


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["effect", "gain_db", "a"]) | st.text(), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["title", "prompt", "generation", "layers", "stems", "master"]), json_like
    )
)
def test_no_tables_end_in_anything_but_a_preset_or_a_preset_error(
    tables: dict[str, object],
) -> None:
    try:
        preset = from_mapping("any", tables, "any.toml")
    except PresetError:
        return
    assert preset.name == "any"

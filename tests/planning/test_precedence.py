"""Built-in default < user settings < SHEET.toml < preset < environment and flags < the cue."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from musicgen_daw.errors import PlanError
from musicgen_daw.planning import PlannedCue, PlanOptions
from musicgen_daw.presets import Generation, Master, Preset
from musicgen_daw.settings import Settings
from musicgen_daw.timeline import FRAME_RATES, CueSettings, IntensityLane, Meter, TempoMap, Timecode

GENTLE, LOUD = IntensityLane.parse("0.2"), IntensityLane.parse("0.9")


def seen(attribute: str) -> Callable[[PlannedCue], Any]:
    def see(planned: PlannedCue) -> Any:
        request = planned.takes[0].clips[0].request
        return getattr(request, attribute)

    return see


# What is looked at, the built-in value, then what settings, sheet, preset, flags and cue say and
# what comes of it. ``None`` where that voice has no say in it.
CHAINS: dict[
    str, tuple[Callable[[PlannedCue], Any], Any, list[tuple[str, dict[str, Any], Any]]]
] = {
    "takes": (
        lambda planned: len(planned.takes),
        1,
        [
            ("settings", {"takes": 2}, 2),
            ("sheet", {"takes": 3}, 3),
            ("generation", {"takes": 4}, 4),
            ("flags", {"takes": 5}, 5),
            ("cue", {"takes": 6}, 6),
        ],
    ),
    "backend": (
        lambda planned: planned.backend,
        "sketch",
        [
            ("settings", {"backend": "hosted"}, "hosted"),
            ("sheet", {"backend": "sketch"}, "sketch"),
            ("generation", {"backend": "hosted"}, "hosted"),
            ("flags", {"backend": "sketch"}, "sketch"),
            ("cue", {"backend": "sampler"}, "sampler"),
        ],
    ),
    "model": (
        lambda planned: planned.choice.model,
        None,
        [
            ("settings", {"model": "a"}, "a"),
            ("generation", {"model": "b"}, "b"),
            ("flags", {"model": "c"}, "c"),
        ],
    ),
    "precision": (
        lambda planned: planned.choice.precision,
        None,
        [("settings", {"precision": "int8"}, "int8"), ("flags", {"precision": "bf16"}, "bf16")],
    ),
    "soundfont": (
        lambda planned: planned.choice.soundfont,
        None,
        [
            ("settings", {"soundfont": "a.sf2"}, "a.sf2"),
            ("sheet", {"soundfont": "s.sf2"}, "s.sf2"),
            ("generation", {"soundfont": "b.sf2"}, "b.sf2"),
            ("flags", {"soundfont": "c.sf2"}, "c.sf2"),
            ("cue", {"soundfont": "d.sf2"}, "d.sf2"),
        ],
    ),
    "device": (
        lambda planned: planned.choice.device,
        None,
        [("settings", {"device": "cuda"}, "cuda"), ("flags", {"device": "cpu"}, "cpu")],
    ),
    "key": (
        seen("key_signature"),
        None,
        [
            ("sheet", {"key": "C"}, "C"),
            ("generation", {"key": "D"}, "D"),
            ("cue", {"key": "E"}, "E"),
        ],
    ),
    "style": (
        seen("style"),
        None,
        [
            ("sheet", {"style": "a"}, "a"),
            ("generation", {"style": "b"}, "b"),
            ("cue", {"style": "c"}, "c"),
        ],
    ),
    "intensity": (
        seen("intensity"),
        None,
        [
            ("sheet", {"intensity": GENTLE}, GENTLE),
            ("generation", {"intensity": LOUD}, LOUD),
            ("cue", {"intensity": GENTLE}, GENTLE),
        ],
    ),
    "bpm": (
        seen("tempo_map"),
        None,
        [
            ("sheet", {"bpm": Fraction(80)}, TempoMap.constant(80)),
            ("generation", {"bpm": 90.0}, TempoMap.constant(90)),
            ("cue", {"prompt": "at 100 bpm"}, TempoMap.constant(100)),
            ("cue", {"bpm": Fraction(110)}, TempoMap.constant(110)),
        ],
    ),
    "meter": (
        seen("meter"),
        None,
        [
            ("sheet", {"meter": Meter(3, 4)}, Meter(3, 4)),
            ("generation", {"meter": Meter(5, 4)}, Meter(5, 4)),
            ("cue", {"prompt": "7/8 (2+2+3)"}, Meter(7, 8, (2, 2, 3))),
            ("cue", {"meter": Meter(6, 8)}, Meter(6, 8)),
        ],
    ),
    "theme": (
        seen("theme"),
        "main",
        [("sheet", {"theme": "hero"}, "hero"), ("cue", {"theme": "villain"}, "villain")],
    ),
    "lufs": (
        lambda planned: planned.master.lufs,
        -18.0,
        [
            ("sheet", {"lufs": -23.0}, -23.0),
            ("master", {"lufs": -18.0}, -18.0),  # a default that is said is said
            ("cue", {"lufs": -12.0}, -12.0),
        ],
    ),
    "end": (
        lambda planned: planned.master.end,
        "ring",
        [
            ("sheet", {"loop": True}, "loop"),
            ("master", {"end": "button"}, "button"),
            ("cue", {"end": "fade"}, "fade"),
        ],
    ),
    "loop": (
        lambda planned: planned.master.end,
        "ring",
        [
            ("sheet", {"end": "cut"}, "cut"),
            ("master", {"end": "loop"}, "loop"),
            ("cue", {"loop": False}, "ring"),
        ],
    ),
    "tail": (
        lambda planned: (planned.master.tail_s, seen("tail_s")(planned)),
        (0.0, 0),
        [
            ("sheet", {"tail": Fraction(1)}, (1.0, 1)),
            ("master", {"tail_s": 2.5}, (2.5, Fraction(5, 2))),
            ("cue", {"tail": Fraction(0)}, (0.0, 0)),
        ],
    ),
    "fades": (
        lambda planned: (planned.master.fade_in_ms, planned.master.fade_out_ms),
        (0.0, 0.0),
        [
            ("sheet", {"fade_in": Fraction(1), "fade_out": Fraction(1)}, (1000, 1000)),
            ("master", {"fade_out_ms": 400.0}, (1000, 400)),
            ("cue", {"fade_in": Fraction(1, 2)}, (500, 400)),
        ],
    ),
    "prompt": (
        lambda planned: planned.prompt,
        "1m1",
        [("sheet", {"prompt": "rain"}, "rain"), ("cue", {"prompt": "storm"}, "storm")],
    ),
    "preset": (
        lambda planned: planned.preset.name,
        "house",
        [
            ("settings", {"preset": "a"}, "a"),
            ("sheet", {"preset": "b"}, "b"),
            ("flags", {"preset": "a"}, "a"),
            ("cue", {"preset": "b"}, "b"),
        ],
    ),
}


@pytest.mark.parametrize("subject", CHAINS)
def test_each_voice_beats_all_before_it(subject: str, studio: Any) -> None:
    look, built_in, chain = CHAINS[subject]
    says: dict[str, dict[str, Any]] = {
        voice: {} for voice in ("settings", "sheet", "generation", "master", "flags", "cue")
    }

    def look_now() -> Any:
        house = Preset(
            "house",
            generation=Generation(**says["generation"]),
            master=Master(**says["master"]),
            said=frozenset(f"master.{key}" for key in says["master"]),
        )
        sheet = studio.sheet(studio.cue(**says["cue"]), defaults=CueSettings(**says["sheet"]))
        plan = studio.plan(
            sheet,
            *(house, Preset("a"), Preset("b")),
            flags=PlanOptions(**says["flags"]),
            settings=PlanOptions(**says["settings"]),
        )
        return look(plan.cues[0])

    assert look_now() == built_in
    for voice, said, result in chain:
        says[voice] |= said
        assert look_now() == result, (voice, said)


def test_the_preset_of_a_flag_is_for_cues_that_name_none(studio: Any) -> None:
    sheet = studio.sheet(studio.cue("a", preset="own"), studio.cue("b", start_s=10))

    plan = studio.plan(sheet, Preset("own"), Preset("flag"), flags=PlanOptions(preset="flag"))

    assert [planned.preset.name for planned in plan.cues] == ["own", "flag"]


def test_the_sheets_tempo_map_beats_every_word(studio: Any) -> None:
    cue = studio.cue(prompt="at 100 bpm", bpm=None)
    sheet = studio.sheet(cue, tempo_map=TempoMap.constant(72))

    planned = studio.plan(sheet, Preset("house", generation=Generation(bpm=140.0))).cues[0]

    assert planned.tempo_map == TempoMap.constant(72)


def test_the_output_of_a_plan_without_any_wish(studio: Any) -> None:
    output = studio.plan(studio.sheet()).output

    assert (output.sample_rate, output.bit_depth, output.file_format) == (48_000, "24", "wav")
    assert (output.frame_rate.name, str(output.start_timecode)) == ("25", "00:00:00:00")


def test_the_output_follows_settings_then_sheet_then_flags(studio: Any) -> None:
    settings = PlanOptions.from_settings(
        Settings(rate=44_100, bit_depth="16", format="flac", fps="24", timecode_start="10:00:00:00")
    )
    sheet = studio.sheet(sample_rate=96_000, frame_rate=FRAME_RATES["30"])
    flags = PlanOptions(sample_rate=192_000, frame_rate=FRAME_RATES["29.97df"])

    weak = studio.plan(studio.sheet(), settings=settings).output
    told = studio.plan(sheet, settings=settings).output
    asked = studio.plan(sheet, settings=settings, flags=flags).output

    assert (weak.sample_rate, weak.bit_depth, weak.file_format) == (44_100, "16", "flac")
    assert (weak.frame_rate.name, str(weak.start_timecode)) == ("24", "10:00:00:00")
    assert (told.sample_rate, told.frame_rate.name) == (96_000, "30")
    assert (asked.sample_rate, str(asked.start_timecode)) == (192_000, "10:00:00;00")


def test_the_path_of_a_font_in_the_settings_does_not_count_from_the_sheet() -> None:
    font = PlanOptions.from_settings(Settings(soundfont=Path("a.sf2"))).soundfont
    assert font == str(Path.cwd() / "a.sf2")


def test_the_timecode_that_a_sheet_carries_beats_a_flag(studio: Any) -> None:
    start = Timecode.parse("01:00:00:00", FRAME_RATES["24"])

    output = studio.plan(
        studio.sheet(start_timecode=start), flags=PlanOptions(start_timecode="09:00:00:00")
    ).output

    assert (str(output.start_timecode), output.frame_rate.name) == ("01:00:00:00", "24")


def test_a_start_that_the_frame_rate_does_not_have_is_refused(studio: Any) -> None:
    flags = PlanOptions(frame_rate=FRAME_RATES["29.97df"], start_timecode="00:01:00:00")

    with pytest.raises(PlanError, match="does not exist in drop frame"):
        studio.plan(studio.sheet(), flags=flags)


def test_loop_and_another_ending_contradict_each_other(studio: Any) -> None:
    with pytest.raises(PlanError, match="line 3: cue '1m1': loop=yes and end=button contradict"):
        studio.plan_cue(studio.cue(loop=True, end="button"))


@pytest.mark.parametrize("settings", [{"lufs": 9.0}, {"end": "bang"}, {"takes": 0}, {"tail": -1}])
def test_an_impossible_value_is_told_with_its_place(settings: dict[str, Any], studio: Any) -> None:
    with pytest.raises(PlanError, match="line 3: cue '1m1': "):
        studio.plan_cue(studio.cue(**settings))


@pytest.mark.parametrize("where", ["cue", "words", "preset", "sheet"])
def test_groups_are_laid_over_the_bars_of_a_timeline_that_has_none(studio: Any, where: str) -> None:
    seven = Meter(7, 8, (3, 2, 2))
    cue = studio.cue(
        prompt="7/8 (3+2+2)" if where == "words" else "calm",
        meter=seven if where == "cue" else None,
    )
    generation = Generation(meter=seven if where == "preset" else None)
    sheet = studio.sheet(
        cue,
        tempo_map=TempoMap.constant(90, 7, 8),
        defaults=CueSettings(meter=seven if where == "sheet" else None),
    )
    preset = Preset("house", generation=generation)
    planned = studio.plan(sheet, preset).cues[0]
    assert planned.tempo_map == TempoMap.constant(90, *seven)
    assert planned.takes[0].clips[0].request.tempo_map == planned.tempo_map

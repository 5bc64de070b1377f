"""From cues to clips: what each request says, and when its key stays."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from musicgen_daw.errors import AudioError, PlanError, PresetError, SettingsError, UsageError
from musicgen_daw.planning import Capabilities, Generator, PlanOptions
from musicgen_daw.presets import Generation, Master, Preset
from musicgen_daw.timeline import (
    FRAME_RATES,
    CueSettings,
    Hit,
    IntensityLane,
    MeterChange,
    TempoChange,
    TempoMap,
    Timecode,
)

AT_120 = TempoMap.constant(120)
HOSTED = PlanOptions(backend="hosted")


def keys(plan: Any) -> list[str]:
    return [clip.key for planned in plan.cues for clip in planned.clips]


# -- keys ------------------------------------------------------------------------------------------


def test_the_takes_of_a_cue_differ_only_by_seed(studio: Any) -> None:
    planned = studio.plan_cue(studio.cue(takes=3, seed=12, prompt="chase"))

    requests = [clip.request for clip in planned.clips]
    assert [take.take for take in planned.takes] == [1, 2, 3]
    assert [request.seed for request in requests] == [12, 13, 14]
    assert [request.kin_seed for request in requests] == [None, 12, 12]
    assert len({replace(request, seed=0, kin_seed=None) for request in requests}) == 1


def test_asking_for_more_takes_keeps_those_there_are(studio: Any) -> None:
    two = keys(studio.plan(studio.sheet(studio.cue(takes=2))))
    four = keys(studio.plan(studio.sheet(studio.cue(takes=4))))

    assert four[:2] == two


def test_cues_have_seeds_of_their_own(studio: Any) -> None:
    cues = [studio.cue(f"1m{n}", start_s=n * 10, name="same") for n in range(1, 50)]

    assert len(set(keys(studio.plan(studio.sheet(*cues))))) == len(cues)


def test_a_renamed_cue_keeps_its_key(studio: Any) -> None:
    cue = studio.cue(prompt="chase")

    assert studio.request(replace(cue, name="Renamed")).key() == studio.request(cue).key()


@pytest.mark.parametrize("backend", ["sketch", "hosted"])
@pytest.mark.parametrize("tempo_map", [None, AT_120])
def test_a_cue_that_is_moved_keeps_its_key(
    backend: str, tempo_map: TempoMap | None, studio: Any
) -> None:
    cue = replace(studio.cue(prompt="chase"), hits=(Hit(Fraction(7, 3)),))
    moved = studio.move(cue, 8)  # four bars

    def plan(cue: Any) -> Any:
        sheet = studio.sheet(cue, tempo_map=tempo_map)
        return studio.plan(sheet, flags=PlanOptions(backend=backend))

    assert keys(plan(moved)) == keys(plan(cue))


def test_a_cue_moved_off_the_bar_lines_is_new_to_a_generator_that_plays_in_time(
    studio: Any,
) -> None:
    cue = studio.cue(prompt="chase")

    def plan(cue: Any, backend: str) -> Any:
        sheet = studio.sheet(cue, tempo_map=AT_120)
        return studio.plan(sheet, flags=PlanOptions(backend=backend))

    off = studio.move(cue, "0.3")
    assert keys(plan(off, "sketch")) != keys(plan(cue, "sketch"))
    assert keys(plan(off, "hosted")) == keys(plan(cue, "hosted"))


def test_what_a_generator_does_not_obey_is_no_reason_to_pay_again(studio: Any) -> None:
    plain = studio.cue(prompt="chase", seed=5)
    told = replace(
        studio.cue(
            prompt="chase",
            seed=5,
            key="D minor",
            bpm=Fraction(90),
            intensity=IntensityLane.parse("0.9"),
            theme="hero",
            end="fade",
            style="lofi",
            lufs=-12.0,
        ),
        hits=(Hit(Fraction(3)),),
    )

    assert studio.request(plain, flags=HOSTED).key() == studio.request(told, flags=HOSTED).key()
    assert studio.request(plain).key() != studio.request(told).key()


def test_sampling_is_told_to_generators_that_sample(studio: Any) -> None:
    house = Preset("house", generation=Generation(guidance=4.5, top_k=50))

    sampled = studio.request(studio.cue(), house, flags=PlanOptions(backend="sampler"))
    composed = studio.request(studio.cue(), house)

    assert (sampled.guidance, sampled.top_k) == (4.5, 50)
    assert (composed.guidance, composed.top_k) == (3.0, 250)


def test_the_same_sheet_makes_the_same_plan(studio: Any) -> None:
    cues = [studio.cue(f"c{n}", start_s=n, length_s=70, takes=2) for n in range(20)]
    sheet = studio.sheet(*cues, tempo_map=AT_120)

    assert studio.plan(sheet, flags=HOSTED) == studio.plan(sheet, flags=HOSTED)


# -- seeds -----------------------------------------------------------------------------------------


def test_the_seed_of_the_sheet_gives_every_cue_another_seed(studio: Any) -> None:
    def seed(**more: Any) -> int:
        return studio.plan(studio.sheet(seed=more.pop("sheet", None)), **more).cues[0].takes[0].seed

    assert seed(sheet=0) == seed()
    assert len({seed(), seed(sheet=3), seed(flags=PlanOptions(seed=4))}) == 3
    assert seed(sheet=3, flags=PlanOptions(seed=4)) == seed(flags=PlanOptions(seed=4))
    assert seed(sheet=3, settings=PlanOptions(seed=4)) == seed(sheet=3)


def test_seeds_stay_in_the_range_of_the_generator(studio: Any) -> None:
    planned = studio.plan_cue(studio.cue(takes=4, seed=9998), flags=HOSTED)

    assert [take.seed for take in planned.takes] == [9998, 9999, 0, 1]


def test_a_seed_outside_the_range_is_told(studio: Any) -> None:
    plan = studio.plan(studio.sheet(studio.cue(seed=12_345)), flags=HOSTED)

    assert plan.cues[0].takes[0].seed == 2345
    assert [str(warning) for warning in plan.warnings] == [
        "line 3: seed 12345 is outside 0…9999 of 'hosted': 2345 is used"
    ]


def test_more_takes_than_a_generator_has_seeds_are_refused(studio: Any) -> None:
    dice = Generator("sketch", "1", Capabilities(max_seed=5))

    with pytest.raises(PlanError, match="'sketch' has only 6 different seeds"):
        studio.plan_cue(studio.cue(takes=7), generators={"sketch": dice})


def test_cues_share_the_seed_of_their_theme(studio: Any) -> None:
    cues = [studio.cue(f"c{n}", n * 10, theme="hero" if n < 2 else "villain") for n in range(3)]

    plan = studio.plan(studio.sheet(*cues))
    seeds = [clip.request.theme_seed for planned in plan.cues for clip in planned.clips]

    assert seeds[0] == seeds[1] != seeds[2]


# -- times -----------------------------------------------------------------------------------------


def test_hits_count_from_the_start_of_the_cue_and_those_outside_are_dropped(studio: Any) -> None:
    hits = tuple(Hit(Fraction(at), str(at)) for at in (19, 12, 9, 10, 20))
    cue = replace(studio.cue(start_s=10, length_s=10), hits=hits)

    assert studio.request(cue).hits == (
        Hit(Fraction(0), "10"),
        Hit(Fraction(2), "12"),
        Hit(Fraction(9), "19"),
    )


def test_the_tempo_map_of_a_request_is_the_window_of_the_cue(studio: Any) -> None:
    whole = TempoMap(
        (TempoChange(Fraction(0), 500_000), TempoChange(Fraction(16), 600_000)),
        (MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(16), 3, 4)),
    )
    sheet = studio.sheet(studio.cue(start_s=4, length_s=10), tempo_map=whole)

    planned = studio.plan(sheet).cues[0]

    assert planned.tempo_map == whole.window(4, 14)
    assert planned.takes[0].clips[0].request.tempo_map == planned.tempo_map
    assert planned.bars == 2 + Fraction(10, 3)  # 4 s at 120 in 4/4, then 6 s at 100 in 3/4


def test_without_a_tempo_there_are_no_bars(studio: Any) -> None:
    assert studio.plan_cue(studio.cue()).bars is None


def test_the_timecode_of_a_cue_counts_from_the_start_of_the_sheet(studio: Any) -> None:
    start = Timecode.parse("01:00:00:00", FRAME_RATES["25"])
    sheet = studio.sheet(studio.cue(start_s="61.2"), start_timecode=start)

    assert str(studio.plan(sheet).cues[0].timecode) == "01:01:01:05"
    assert studio.plan(replace(sheet, is_list=True)).cues[0].timecode is None


def test_a_loop_asks_for_a_tail_to_be_added_to_its_head_where_notes_ring_out(studio: Any) -> None:
    loop = studio.cue(loop=True)
    long_loop = studio.cue(loop=True, tail=Fraction(6))

    assert studio.request(loop).tail_s == 4
    assert studio.request(long_loop).tail_s == 6
    assert studio.request(loop, flags=HOSTED).tail_s == 0
    assert studio.plan_cue(loop).master.tail_s == 0
    assert studio.request(loop).end == "loop"


# -- words -----------------------------------------------------------------------------------------


def test_the_template_gets_what_is_settled(studio: Any) -> None:
    house = Preset(
        "house",
        prompt="{prompt} for {name}, {style}, {bpm} bpm, {meter}, {key}, {seconds} s, {intensity}",
        negative="no {key}",
        generation=Generation(bpm=92.0, key="D minor", style="lofi"),
    )

    planned = studio.plan_cue(studio.cue(name="Chase", prompt="horns", length_s="12.50"), house)

    assert planned.prompt == "horns for Chase, lofi, 92 bpm, 4/4, D minor, 12.5 s"
    assert planned.negative == "no D minor"


def test_a_flag_tells_what_not_to_make_before_the_preset_does(studio: Any) -> None:
    house, flags = Preset("house", negative="vocals"), PlanOptions(negative_prompt="drums")
    cue = studio.cue(backend="sampler", prompt="calm")
    assert studio.request(cue, house).negative == "vocals"
    assert studio.request(cue, house, flags=flags).negative == "drums"
    assert studio.request(cue, house, flags=PlanOptions(negative_prompt="")).negative == ""
    deaf = replace(studio.sampler.capabilities, obeys_negative=False)
    generators = {"sampler": replace(studio.sampler, capabilities=deaf)}
    planned = studio.plan(studio.sheet(cue), house, flags=flags, generators=generators)
    assert [str(one) for one in planned.warnings] == [
        "'sampler' takes no negative prompt: it is not used"
    ]


@pytest.mark.parametrize(
    ("asks", "place"),
    [
        ("cue", "line 3: "),
        ("flags", ""),
        ("preset", "preset 'house': "),
        ("sheet", "score.toml: "),
        ("settings", None),
    ],
)
def test_a_soundfont_that_plays_nothing_is_told_once_where_it_is_asked_for(
    studio: Any, asks: str, place: str | None
) -> None:
    font = {name: "own.sf2" if asks == name else None for name in ("cue", "sheet", "preset")}
    cues = [studio.cue(n, backend="sampler", soundfont=font["cue"]) for n in "ab"]
    house = Preset("house", generation=Generation(soundfont=font["preset"]))
    options = {asks: PlanOptions(soundfont="own.sf2")} if asks in ("flags", "settings") else {}
    sheet = studio.sheet(*cues, defaults=CueSettings(soundfont=font["sheet"]))
    warnings = [str(warning) for warning in studio.plan(sheet, house, **options).warnings]
    told = f"{place}'sampler' plays no SoundFont: own.sf2 is not used"
    assert warnings == ([] if place is None else [told])
    can = replace(studio.sampler.capabilities, soundfont=True)
    generators = {"sampler": replace(studio.sampler, capabilities=can)}
    assert not studio.plan(sheet, house, generators=generators, **options).warnings


@pytest.mark.parametrize(
    ("asks", "kind", "told"),
    [
        ("cue", PlanError, "line 3: cue '1m1': soundfont own.sf2: is none"),
        ("sheet", SettingsError, "score.toml: soundfont own.sf2: is none"),
        ("flags", AudioError, "own.sf2: is none"),
    ],
)
def test_a_soundfont_that_is_none_is_told_with_the_place_that_names_it(
    studio: Any, asks: str, kind: type[Exception], told: str
) -> None:
    class Fontless(dict[str, Generator]):
        def __missing__(self, name: str) -> Generator:
            raise AudioError("is none", path="own.sf2")

    font = {name: "own.sf2" if asks == name else None for name in ("cue", "sheet", "flags")}
    sheet = studio.sheet(
        studio.cue(soundfont=font["cue"]), defaults=CueSettings(soundfont=font["sheet"])
    )
    flags = PlanOptions(soundfont=font["flags"])
    with pytest.raises(kind) as caught:
        studio.plan(sheet, flags=flags, generators=Fontless())
    assert str(caught.value) == told


def test_a_template_without_a_place_for_the_cues_words_does_not_lose_them(studio: Any) -> None:
    house = Preset("house", prompt="tense strings")

    assert studio.plan_cue(studio.cue(prompt="horns"), house).prompt == "horns, tense strings"
    assert studio.plan_cue(studio.cue(), house).prompt == "tense strings"


def test_a_cue_without_any_words_is_told_by_its_name(studio: Any) -> None:
    assert studio.plan_cue(studio.cue(name="Night train")).prompt == "Night train"


def test_an_unknown_preset_is_told_where_the_sheet_names_it(studio: Any) -> None:
    with pytest.raises(PresetError, match="line 3: there is no preset 'tens'"):
        studio.plan_cue(studio.cue(preset="tens"))


# -- layers and segments ---------------------------------------------------------------------------


def test_each_layer_is_a_clip_with_words_of_its_own_and_the_seed_of_its_siblings(
    studio: Any,
) -> None:
    layers = {"strings": "{prompt}, strings only", "pulse": "pulse, {bpm} bpm"}
    house = Preset("house", prompt="{prompt}, tense", layers=layers)

    planned = studio.plan_cue(studio.cue(prompt="chase", takes=2, seed=5), house, flags=HOSTED)

    told = [
        (take.take, clip.layer, clip.request.prompt, clip.request.seed)
        for take in planned.takes
        for clip in take.clips
    ]
    assert told == [
        (1, "strings", "chase, tense, strings only", 5),
        (1, "pulse", "pulse", 5),
        (2, "strings", "chase, tense, strings only", 6),
        (2, "pulse", "pulse", 6),
    ]


def test_a_composer_hears_the_words_of_the_cue_in_every_layer(studio: Any) -> None:
    house = Preset("house", prompt="{prompt}, tense", layers={"drones": "low drones only"})

    (clip,) = studio.plan_cue(studio.cue(prompt="chase"), house).takes[0].clips

    assert (clip.request.prompt, clip.request.players) == ("chase, tense", "low drones only")


def test_a_long_cue_is_cut_and_no_two_segments_of_any_take_share_a_seed(studio: Any) -> None:
    planned = studio.plan_cue(studio.cue(length_s=86, takes=3, seed=10), flags=HOSTED)

    spans = [
        (clip.start_s, clip.start_s + clip.request.length_s) for clip in planned.takes[0].clips
    ]
    assert spans == [(0, 30), (28, 58), (56, 86)]
    assert [take.seed for take in planned.takes] == [10, 13, 16]
    assert [clip.request.seed for clip in planned.clips] == list(range(10, 19))


def test_each_segment_has_its_own_window_of_everything_that_has_a_time(studio: Any) -> None:
    short = Generator("sketch", "1", replace(studio.composer.capabilities, max_s=Fraction(30)))
    hits = (Hit(Fraction(5), "a"), Hit(Fraction(23), "both"), Hit(Fraction(40), "b"))
    cue = replace(
        studio.cue(length_s=46, intensity=IntensityLane.parse("0>1"), end="button"), hits=hits
    )

    plan = studio.plan(studio.sheet(cue, tempo_map=AT_120), generators={"sketch": short})
    clips = plan.cues[0].takes[0].clips
    first, last = (clip.request for clip in clips)

    assert [clip.start_s for clip in clips] == [0, 22]
    assert (first.length_s, last.length_s) == (24, 24)
    assert [hit.at_s for hit in first.hits] == [5, 23]
    assert [hit.at_s for hit in last.hits] == [1, 18]
    assert last.tempo_map == AT_120
    assert (first.intensity.at(0), last.intensity.at(1)) == (0, 1)
    assert first.intensity.at(1) == pytest.approx(24 / 46)
    assert (first.end, last.end) == ("cut", "button")


@pytest.mark.parametrize(
    ("length_s", "backend", "asked_s"),
    [(10, "hosted", [12]), (29, "hosted", [30]), (30, "hosted", [30]), (10, "sketch", [10])],
)
def test_a_clip_that_is_moved_onto_the_bar_is_asked_for_a_bar_longer_where_it_may_be(
    length_s: int, backend: str, asked_s: list[int], studio: Any
) -> None:
    aligned = Preset("aligned", master=Master(align="downbeat"))
    sheet = studio.sheet(studio.cue(length_s=length_s, preset="aligned"), tempo_map=AT_120)

    (planned,) = studio.plan(sheet, aligned, flags=PlanOptions(backend=backend)).cues
    requests = [clip.request for clip in planned.clips]

    assert [request.length_s + request.tail_s for request in requests] == asked_s
    assert planned.tail_s == 0


def test_each_segment_that_is_moved_onto_the_bar_is_asked_for_a_bar_longer(studio: Any) -> None:
    aligned = Preset("aligned", master=Master(align="downbeat"))
    cue = studio.cue(length_s=56, tail=Fraction(3), preset="aligned")

    (planned,) = studio.plan(studio.sheet(cue, tempo_map=AT_120), aligned, flags=HOSTED).cues
    clips = planned.takes[0].clips
    requests = [clip.request for clip in clips]

    assert [request.tail_s for request in requests] == [2, 2, 5]
    assert all(request.length_s + request.tail_s <= 30 for request in requests)
    # What they share is without it: a bar of each that is blended.
    assert [a.start_s + a.request.length_s - b.start_s for a, b in pairwise(clips)] == [2, 2]
    assert clips[-1].start_s + requests[-1].length_s == 56


def test_a_segment_is_asked_for_no_bar_more_that_would_be_most_of_it(studio: Any) -> None:
    aligned = Preset("aligned", master=Master(align="downbeat"))
    slow = TempoMap((TempoChange(Fraction(0), 4_000_000),))  # a bar of 16 s
    sheet = studio.sheet(studio.cue(length_s=56, preset="aligned"), tempo_map=slow)

    (planned,) = studio.plan(sheet, aligned, flags=HOSTED).cues

    assert all(clip.request.tail_s == 0 for clip in planned.takes[0].clips)


def test_only_the_last_segment_has_the_tail_and_it_counts_toward_the_limit(studio: Any) -> None:
    planned = studio.plan_cue(studio.cue(length_s=56, tail=Fraction(3)), flags=HOSTED)

    requests = [clip.request for clip in planned.clips]
    assert [request.tail_s for request in requests] == [0, 0, 3]
    assert all(request.length_s + request.tail_s <= 30 for request in requests)
    assert all(
        b.start_s < a.start_s + a.request.length_s for a, b in pairwise(planned.takes[0].clips)
    )


def test_a_tail_too_long_for_the_generator_is_told_with_its_cue(studio: Any) -> None:
    with pytest.raises(PlanError, match="line 3: cue '1m1': a tail of 20 s is too long"):
        studio.plan_cue(studio.cue(length_s=56, tail=Fraction(20)), flags=HOSTED)


def test_a_generator_that_works_in_windows_is_told_the_tempo_of_what_is_longer(
    studio: Any,
) -> None:
    wide = Generator("wide", "1", Capabilities(window_s=Fraction(30)))

    def tempo_map(length_s: int, tail_s: int = 0) -> object:
        cue = studio.cue(length_s=length_s, tail=Fraction(tail_s), backend="wide")
        sheet = studio.sheet(cue, tempo_map=AT_120)
        (clip,) = studio.plan(sheet, generators={"wide": wide}).cues[0].takes[0].clips
        return clip.request.tempo_map

    assert tempo_map(30) is None  # a change of tempo makes nothing anew
    assert tempo_map(29, 2) is not None
    assert tempo_map(95) == AT_120.window(0, 95)


# -- sound files -----------------------------------------------------------------------------------


def test_a_sound_file_is_told_by_the_digest_of_its_content(studio: Any) -> None:
    cue = studio.cue(audio_prompt="a.wav", melody="m.wav", backend="sampler")

    request = studio.request(cue, digests=lambda path: f"digest of {path}")

    assert (request.audio_prompt, request.melody) == ("digest of a.wav", "digest of m.wav")


def test_a_plan_tells_where_the_sound_files_of_its_digests_are(studio: Any) -> None:
    cue = studio.cue(audio_prompt="a.wav", melody="m.wav", backend="sampler")

    plan = studio.plan(studio.sheet(cue), digests=lambda path: f"digest of {path}")

    assert plan.guides == {"digest of a.wav": "a.wav", "digest of m.wav": "m.wav"}


def test_a_sound_file_that_can_not_be_read_is_told_with_the_cue(studio: Any) -> None:
    def missing(path: str) -> str:
        raise AudioError("can't be read: No such file", path=path)

    with pytest.raises(PlanError, match=r"line 3: cue '1m1': audio prompt a\.wav: can't be read"):
        studio.plan_cue(studio.cue(audio_prompt="a.wav", backend="sampler"), digests=missing)


def test_a_sound_file_that_a_generator_can_not_use_is_told_and_left_out(studio: Any) -> None:
    plan = studio.plan(studio.sheet(studio.cue(audio_prompt="a.wav")))

    assert plan.cues[0].takes[0].clips[0].request.audio_prompt is None
    assert [warning.message for warning in plan.warnings] == [
        "'sketch' takes no audio prompt: a.wav is not used"
    ]


def test_without_anything_that_reads_sound_files_they_are_refused(studio: Any) -> None:
    with pytest.raises(PlanError, match=r"m\.wav can't be used"):
        studio.plan_cue(studio.cue(melody="m.wav", backend="sampler"))


# -- the whole -------------------------------------------------------------------------------------


def test_cues_that_are_asked_for_are_chosen_and_the_others_stay_in_the_plan(
    studio: Any,
) -> None:
    cues = [studio.cue(f"id{n}", n * 10, name=f"1M{n}") for n in range(4)]

    plan = studio.plan(studio.sheet(*cues), only=["1m3", "ID1"])

    assert [planned.cue.id for planned in plan.chosen] == ["id1", "id3"]
    assert [planned.cue.id for planned in plan.cues] == ["id0", "id1", "id2", "id3"]


def test_asking_for_a_cue_that_there_is_not_is_told_with_the_nearest(studio: Any) -> None:
    sheet = studio.sheet(studio.cue(name="Chase"))

    with pytest.raises(UsageError, match=r"no cue 'Chaes' \(did you mean 'Chase'\?"):
        studio.plan(sheet, only=["Chaes"])


def test_the_licences_of_the_generators_in_use_are_told(studio: Any) -> None:
    plan = studio.plan(studio.sheet(studio.cue()), flags=HOSTED)

    assert plan.licences == ("CC-BY-NC-4.0",)


def test_an_empty_sheet_makes_an_empty_plan(studio: Any) -> None:
    plan = studio.plan(replace(studio.sheet(), cues=()))

    assert (plan.cues, plan.chosen, plan.licences) == ((), (), ())


def test_the_master_of_a_preset_goes_along_whole(studio: Any) -> None:
    master = Master(lufs=-14.0, ceiling_dbtp=-2.0, fade_out_ms=12.0, end="cut")

    assert studio.plan_cue(studio.cue(), Preset("house", master=master)).master == master


def test_a_default_of_the_sheet_is_no_text_of_the_cue(studio: Any) -> None:
    sheet = studio.sheet(defaults=CueSettings(key="C", prompt="rain"))
    house = Preset("house", prompt="{prompt}, {key}", generation=Generation(key="D"))

    assert studio.plan(sheet, house).cues[0].prompt == "rain, D"

"""Transitions between adjoining cues: what they change, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from musicgen_daw.planning import ClipRequest
from musicgen_daw.presets import Preset
from musicgen_daw.timeline import CueSettings, Hit, IntensityLane, Meter

S = Fraction


def requests(plan) -> list[ClipRequest]:
    return [cue.takes[0].clips[0].request for cue in plan.cues]


def pair(studio, transition: str | None = None, **settings):
    first = studio.cue("a", 0, 9, **settings)
    return studio.sheet(first, studio.cue("b", 9, 12, transition=transition))


def test_without_a_transition_no_cue_enters_the_request_of_another(studio) -> None:
    alone = requests(studio.plan(studio.sheet(studio.cue("b", 9, 12))))[0]
    assert requests(studio.plan(pair(studio)))[1].key() == alone.key()


@pytest.mark.parametrize("transition", ["cut", "stinger", "continue"])
def test_the_cue_before_is_cut_at_the_seam(studio, transition: str) -> None:
    plan = studio.plan(pair(studio, transition))
    assert (requests(plan)[0].end, plan.cues[0].master.end) == ("cut", "cut")
    assert (requests(plan)[1].end, plan.warnings) == ("ring", ())


def test_an_ending_that_the_cue_itself_says_is_kept(studio) -> None:
    assert requests(studio.plan(pair(studio, "cut", end="button")))[0].end == "button"


def test_a_crossfade_lets_the_music_play_on_under_the_next_cue(studio) -> None:
    plan = studio.plan(pair(studio, "crossfade"))
    first, second = plan.cues
    assert (requests(plan)[0].length_s, requests(plan)[0].tail_s) == (11, 0)
    assert (first.tail_s, first.master.tail_s, first.master.fade_out_ms) == (2, 2.0, 2000.0)
    assert (requests(plan)[1].length_s, second.master.fade_in_ms) == (12, 2000.0)


def test_a_crossfade_takes_no_more_than_a_third_of_a_short_cue(studio) -> None:
    sheet = studio.sheet(
        studio.cue("a", 0, 3, tail=S(4)), studio.cue("b", 3, 9, transition="crossfade")
    )
    plan = studio.plan(sheet)
    assert (requests(plan)[0].length_s, requests(plan)[0].tail_s, plan.cues[0].tail_s) == (4, 3, 4)


@pytest.mark.parametrize("settings", [{"backend": "hosted"}, {"loop": True}])
def test_nothing_fades_in_where_no_music_plays_on_below_it(studio, settings) -> None:
    second = studio.plan(pair(studio, "crossfade", **settings)).cues[1]
    assert second.master.fade_in_ms == studio.plan(pair(studio)).cues[1].master.fade_in_ms


def test_a_stinger_is_an_important_hit_on_the_seam(studio) -> None:
    assert requests(studio.plan(pair(studio, "stinger")))[1].hits == (Hit(S(0), important=True),)


def test_key_and_tempo_come_from_the_cue_before_where_it_is_asked(studio) -> None:
    for transition in ("crossfade", "stinger", "continue"):
        plan = studio.plan(pair(studio, transition))
        leader = requests(plan)[1].leader
        assert leader.seed == requests(plan)[0].seed
        assert requests(plan)[1].transition == ("continue" if transition == "continue" else None)
    assert requests(studio.plan(pair(studio, "cut")))[1].leader is None


def test_what_decides_neither_key_nor_tempo_of_a_leader_changes_nothing(studio) -> None:
    plain = requests(studio.plan(pair(studio, "continue", prompt="calm")))
    full = pair(studio, "continue", prompt="calm", intensity=IntensityLane.parse("0.9"), theme="x")
    changed = requests(studio.plan(full))
    assert changed[0].key() != plain[0].key()
    assert changed[1].key() == plain[1].key()
    other = requests(studio.plan(pair(studio, "continue", prompt="angry")))
    assert other[1].key() != plain[1].key()


def test_a_row_of_cues_has_one_leader(studio) -> None:
    cues = [studio.cue("a", 0, 9)]
    cues += [studio.cue(f"b{n}", 9 * n, 9, transition="continue") for n in range(1, 40)]
    made = requests(studio.plan(studio.sheet(*cues)))
    assert {request.leader.seed for request in made[1:]} == {made[0].seed}
    assert len(made[-1].canonical()) < 3 * len(made[0].canonical())


def test_a_row_goes_on_from_where_its_last_cue_ends(studio) -> None:
    cues = [studio.cue("a", 0, 9), studio.cue("b", 9, 12, transition="crossfade")]
    first, second, third = requests(
        studio.plan(studio.sheet(*cues, studio.cue("c", 21, 9, transition="continue")))
    )
    assert (first.length_s, second.leader_s) == (11, 9)  # it plays on under the next one
    assert third.leader_s == 9 + 12


def test_what_a_cue_in_a_row_has_of_its_own_goes_on(studio) -> None:
    def last_after(**settings):
        settings = {"transition": "crossfade", **settings}
        cues = studio.cue("a", 0, 9, meter=Meter(3, 4)), studio.cue("b", 9, 12, **settings)
        last = studio.cue("c", 21, 9, transition="continue")
        return requests(studio.plan(studio.sheet(*cues, last)))

    first, second, third = last_after()
    assert (third.leader.seed, third.leader.kin_seed) == (second.seed, first.seed)
    _, second, third = last_after(bpm=S(93))
    assert (third.leader.tempo_map, third.leader.kin_seed) == (second.tempo_map, first.seed)
    assert third.leader.meter is None  # its map has one
    for settings in ({"key": "D minor"}, {"prompt": "calm, in D minor"}):
        first, _, third = last_after(**settings)
        assert (third.leader.key_signature, third.leader.kin_seed) == ("D minor", first.seed)
    first, second, third = last_after(key="D minor", bpm=S(93))
    assert (third.leader.seed, third.leader.kin_seed) == (second.seed, None)


def test_a_mode_without_a_tonic_goes_on_until_another_or_a_key_is_named(studio) -> None:
    prompts = (
        "calm",
        "dorian calm",
        "calm",
        "not lydian",
        "Phrygian",
        "calm",
        "in D",
        "in E minor",
    )
    cues = [
        studio.cue(f"c{n}", 9 * n, 9, prompt=prompt, transition="continue" if n else None)
        for n, prompt in enumerate((*prompts, "calm"))
    ]
    leaders = [request.leader for request in requests(studio.plan(studio.sheet(*cues)))[1:]]
    modes = [None, "dorian", "dorian", "dorian", "phrygian", "phrygian", "phrygian", None]
    assert [leader.mode for leader in leaders] == modes
    assert leaders[-1].key_signature == "E minor"


def test_a_request_with_a_mode_is_read_back_and_others_have_the_text_they_had(studio) -> None:
    cues = [studio.cue("a", 0, 9), studio.cue("b", 9, 9, prompt="dorian", transition="continue")]
    cues.append(studio.cue("c", 18, 9, transition="continue"))
    first, second, third = requests(studio.plan(studio.sheet(*cues)))
    assert '"mode"' not in first.canonical() + second.canonical()
    assert ClipRequest.from_canonical(third.canonical()).leader.mode == "dorian"
    with pytest.raises(ValueError, match="no mode 'blue'"):
        replace(first, mode="blue")


def test_a_cue_with_a_tempo_is_not_made_anew_for_the_length_of_the_one_before(studio) -> None:
    def last(length_s: int) -> ClipRequest:
        cues = studio.cue("a", 20 - length_s, length_s), studio.cue("b", 20, 9, **asked)
        return requests(studio.plan(studio.sheet(*cues)))[1]

    asked = {"transition": "continue", "bpm": S(90)}
    assert last(9).key() == last(12).key()
    asked = {"transition": "continue"}
    assert last(9).key() != last(12).key()


def test_the_words_of_a_layer_make_no_cue_after_it_anew(studio) -> None:
    def last(words: str) -> ClipRequest:
        layered = Preset("layered", prompt="calm", layers={"low": "low drones", "high": words})
        plain = Preset("plain", prompt="calm")
        cues = (
            studio.cue("a", 0, 9, preset="layered"),
            studio.cue("b", 9, 9, preset="plain", transition="continue"),
        )
        return requests(studio.plan(studio.sheet(*cues), layered, plain))[1]

    assert last("flutes only").key() == last("violins only").key()


def test_a_sheet_asks_it_of_all_cues_and_a_list_has_no_neighbours(studio) -> None:
    asked = CueSettings(transition="continue")
    sheet = replace(pair(studio), defaults=asked)
    assert requests(studio.plan(sheet))[1].leader is not None
    assert studio.plan(sheet).warnings == ()
    assert requests(studio.plan(replace(sheet, is_list=True)))[1].leader is None


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"transition": "crossfaed"}, "did you mean 'crossfade'"),
        ({"transition": "stinger", "backend": "hosted"}, "'hosted' follows no timeline"),
    ],
)
def test_a_transition_that_is_not_made_is_told(studio, settings, reason: str) -> None:
    sheet = studio.sheet(studio.cue("a", 0, 9), studio.cue("b", 9, 9, **settings))
    (warning,) = studio.plan(sheet).warnings
    assert reason in str(warning)


def test_a_gap_between_cues_is_no_seam(studio) -> None:
    sheet = studio.sheet(studio.cue("a", 0, 9), studio.cue("b", 10, 9, transition="cut"))
    (warning,) = studio.plan(sheet).warnings
    assert "no cue ends where this one begins" in str(warning)
    assert requests(studio.plan(sheet))[0].end == "ring"


def test_a_request_with_a_leader_is_read_back_and_leaders_follow_no_other(studio) -> None:
    request = requests(studio.plan(pair(studio, "continue")))[1]
    assert ClipRequest.from_canonical(request.canonical()) == request
    with pytest.raises(ValueError, match="follows no other"):
        replace(request, leader=request)


def test_a_stinger_takes_over_from_the_cue_that_it_falls_on(studio) -> None:
    music, other = studio.cue("a", 0, 30), studio.cue("x", 5, 2)
    sheet = studio.sheet(music, other, studio.cue("s", 12, 2, transition="stinger"))
    plan = studio.plan(sheet)
    first, _, stinger = requests(plan)
    assert plan.warnings == ()
    assert (stinger.leader.seed, stinger.leader_s) == (first.seed, 12)
    assert stinger.hits == (Hit(S(0), important=True),)
    assert first.key() == requests(studio.plan(studio.sheet(music)))[0].key()


def test_a_cue_adjoins_the_one_that_ends_there_and_not_a_stinger_in_between(studio) -> None:
    cues = (studio.cue("a", 0, 30), studio.cue("s", 12, 2, transition="stinger"))
    plan = studio.plan(studio.sheet(*cues, studio.cue("b", 30, 10, transition="continue")))
    first, _, last = requests(plan)
    assert (first.end, last.leader.seed, last.leader_s) == ("cut", first.seed, None)


def test_a_sheet_of_stingers_leaves_cues_alone_that_overlap(studio) -> None:
    plain = studio.sheet(studio.cue("a", 0, 30), studio.cue("b", 12, 30))
    stingers = replace(plain, defaults=CueSettings(transition="stinger"))
    assert requests(studio.plan(stingers)) == requests(studio.plan(plain))


# -- beside generators that keep no time -----------------------------------------------------------


def warnings_of(plan) -> list[str]:
    return [str(warning) for warning in plan.warnings]


def before_another(studio, transition: str, backend: str):
    """A cue of the composer, and one of another generator that asks to take over from it."""
    last = studio.cue("b", 9, 12, transition=transition, backend=backend)
    return studio.plan(studio.sheet(studio.cue("a", 0, 9), last))


def test_any_music_begins_after_a_cut(studio) -> None:
    plan = before_another(studio, "cut", "hosted")
    assert requests(plan)[0].end == "cut"
    assert plan.warnings == ()


def test_any_music_fades_in_below_what_plays_on(studio) -> None:
    plan = before_another(studio, "crossfade", "hosted")
    assert (requests(plan)[0].length_s, plan.cues[0].master.fade_out_ms) == (11, 2000.0)
    assert plan.cues[1].master.fade_in_ms == 2000.0
    alone = studio.plan(studio.sheet(studio.cue("b", 9, 12, backend="hosted")))
    assert requests(plan)[1].key() == requests(alone)[0].key()  # nothing else is bought
    assert warnings_of(plan) == [
        "line 3: 'hosted' crossfades, but takes over neither key nor tempo"
    ]


@pytest.mark.parametrize(
    ("transition", "backend"),
    [("stinger", "hosted"), ("stinger", "sampler"), ("continue", "hosted")],
)
def test_music_ends_as_ever_before_what_can_not_take_over_from_it(
    studio, transition: str, backend: str
) -> None:
    plan = before_another(studio, transition, backend)
    assert requests(plan)[0].key() == requests(studio.plan(pair(studio)))[0].key()
    assert f"transition {transition!r} is not followed" in warnings_of(plan)[0]


def test_music_is_cut_before_what_goes_on_from_its_sound(studio) -> None:
    plan = before_another(studio, "continue", "sampler")
    assert requests(plan)[0].end == "cut"
    assert requests(plan)[1].continues == requests(plan)[0].key()
    own_sound = studio.cue("b", 9, 12, backend="sampler", audio_prompt="a.wav")
    sheet = studio.sheet(
        studio.cue("a", 0, 9), own_sound, defaults=CueSettings(transition="continue")
    )
    assert requests(studio.plan(sheet, digests=lambda path: path))[0].end == "ring"


@pytest.mark.parametrize("transition", ["cut", "crossfade"])
@pytest.mark.parametrize("backend", ["hosted", "sketch"])
def test_what_can_not_be_cut_or_play_on_is_told(studio, transition: str, backend: str) -> None:
    last = studio.cue("b", 9, 12, transition=transition, backend=backend)
    plan = studio.plan(studio.sheet(studio.cue("a", 0, 9, backend="hosted"), last))
    assert warnings_of(plan) == [
        f"line 3: transition {transition!r} is not followed: 'hosted', which makes the cue before, "
        "follows no timeline"
    ]
    assert plan.cues[1].master.fade_in_ms == 0


def test_a_loop_that_can_not_play_on_is_told(studio) -> None:
    assert warnings_of(studio.plan(pair(studio, "crossfade", loop=True))) == [
        "line 3: crossfades nothing, as cue 'a' before it is a loop"
    ]


def test_what_a_sheet_asks_of_all_is_told_once(studio) -> None:
    cues = [studio.cue(f"c{n}", 9 * n, 9, backend="hosted") for n in range(4)]
    sheet = studio.sheet(*cues, defaults=CueSettings(transition="crossfade"))
    (warning,) = warnings_of(studio.plan(sheet))
    assert warning.startswith("score.toml: transition 'crossfade' is not followed: 'hosted', which")


# -- in a list -------------------------------------------------------------------------------------


def listed(studio, *settings):
    cues = [studio.cue(f"c{n}", 0, 9, **each) for n, each in enumerate(settings)]
    return studio.plan(studio.sheet(*cues, is_list=True))


def test_a_stinger_in_a_list_is_in_the_key_of_the_cue_above_it(studio) -> None:
    stinger = {"transition": "stinger"}
    plan = listed(studio, {}, stinger, {}, stinger, stinger)
    one, first, other, second, third = requests(plan)
    assert (first.leader.seed, first.leader_s) == (one.seed, 0)
    assert second.leader.seed == third.leader.seed == other.seed
    assert first.hits == (Hit(S(0), important=True),)
    assert plan.warnings == ()
    plain = listed(studio, {}, {}, {})
    assert one.key() == requests(plain)[0].key()


def test_a_stinger_in_a_list_belongs_to_its_theme(studio) -> None:
    stinger = {"transition": "stinger", "theme": "village"}
    plan = listed(studio, {"theme": "village"}, {"theme": "forest"}, stinger)
    assert requests(plan)[2].leader.seed == requests(plan)[0].seed
    plan = listed(studio, {"theme": "forest"}, stinger)
    assert requests(plan)[1].leader is None
    assert warnings_of(plan) == [
        "line 3: transition 'stinger' is not followed: "
        "no other cue stands above it with theme=village"
    ]


def test_nothing_else_takes_over_in_a_list(studio) -> None:
    plan = listed(studio, {}, {"transition": "cut"})
    assert warnings_of(plan) == [
        "line 3: transition 'cut' is not followed: the cues of a list stand alone"
    ]
    assert requests(plan)[0].end == "ring"

"""A session as a game sees it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicgen_daw.errors import ExportError
from musicgen_daw.export.game.music import require
from musicgen_daw.export.game.segments import game_music
from musicgen_daw.session import Session
from musicgen_daw.timeline import Span

IDENTIFIER = re.compile(r"[A-Za-z0-9_]{1,48}")


def test_cues_become_loops_stingers_and_pieces(game: Session) -> None:
    kinds = {segment.name: segment.kind for segment in game_music(game).segments}
    assert kinds == {
        "Village_full": "loop",
        "Village_calm": "loop",
        "Village_alert": "loop",
        "Stinger_victory": "stinger",
        "Credits_roll": "piece",
    }


def test_the_kept_take_comes_first_and_a_rejected_one_not_at_all(game: Session) -> None:
    segment = game_music(game).segments[2]
    assert [(one.name, one.take) for one in segment.variations] == [
        ("Village_alert", 2),
        ("Village_alert_t1", 1),
    ]


def test_layers_are_all_stems_but_the_mix(game: Session) -> None:
    chosen = game_music(game).segments[0].chosen
    assert [layer.name for layer in chosen.layers] == ["drums", "bass"]
    assert chosen.mix.path == "stems/village-full/village-full_t1_mix.wav"
    assert chosen.parts == chosen.layers


def test_where_there_is_only_a_mix_it_is_what_sounds(game: Session) -> None:
    chosen = game_music(game).segments[3].chosen
    assert chosen.layers == ()
    assert chosen.parts == (chosen.mix,)


def test_a_tail_lies_after_the_exit(game: Session) -> None:
    ringing = game_music(game).segments[4]
    assert (ringing.length_samples, ringing.exit_samples) == (984_000, 960_000)


def test_hits_count_from_the_start_of_the_file_and_those_outside_are_left_out(
    game: Session,
) -> None:
    (hit,) = game_music(game).segments[4].hits
    assert (hit.at_samples, hit.name, hit.important) == (120_000, "logo appears", True)


def test_bars_are_counted_from_entry_to_exit(game: Session) -> None:
    segment = game_music(game).segments[0]
    assert segment.bars(48_000) == Fraction(4)
    assert game_music(game).segments[3].bars(48_000) is None


def test_loops_of_a_theme_are_states_from_the_calmest_up(game: Session) -> None:
    (theme,) = game_music(game).themes
    assert [state.name for state in theme.states] == [
        "Village_calm",
        "Village_alert",
        "Village_full",
    ]
    assert theme.in_step


def test_states_of_unequal_length_are_not_in_step(game: Session) -> None:
    first, *others = game.cues
    shorter = replace(first, span=Span(0, 96_000), loop_samples=Span(0, 96_000))
    (theme,) = game_music(replace(game, cues=(shorter, *others))).themes
    assert not theme.in_step


@pytest.mark.parametrize(
    "loop", [Span(0, 384_001), Span(-1, 384_000), Span(5, 6), Span(384_000, 384_002)]
)
def test_a_loop_that_leaves_its_file_is_refused(game: Session, loop: Span) -> None:
    first, *others = game.cues
    with pytest.raises(ExportError, match="does not lie inside its 384000 samples"):
        game_music(replace(game, cues=(replace(first, loop_samples=loop), *others)))


def test_the_longest_and_the_shortest_loop_are_taken(game: Session) -> None:
    first, *others = game.cues
    for loop in (Span(0, 384_000), Span(383_998, 384_000)):
        music = game_music(replace(game, cues=(replace(first, loop_samples=loop), *others)))
        assert music.segments[0].loop_samples == loop


def test_takes_of_unequal_length_are_refused(game: Session) -> None:
    *others, one, two, last = game.cues
    longer = replace(two, span=Span(0, 300_000))
    with pytest.raises(ExportError, match="takes 1 and 2 of cue 'Stinger: victory!'"):
        game_music(replace(game, cues=(*others, one, longer, last)))


def test_a_further_take_never_takes_the_name_of_a_segment(
    named: Callable[[Sequence[str]], Session],
) -> None:
    music = game_music(named(["A", "A t2"]))
    names = [variation.name for segment in music.segments for variation in segment.variations]
    assert [segment.name for segment in music.segments] == ["A", "A_t2", "A_2", "A_t2_2"]
    assert len(set(names)) == len(names)


def test_a_layer_that_is_called_as_the_mix_gets_another_name(game: Session) -> None:
    first, *others = game.cues
    drums, *rest = first.stems
    changed = replace(first, stems=(replace(drums, name="MIX"), *rest))
    music = game_music(replace(game, cues=(changed, *others)))
    assert [layer.name for layer in music.segments[0].chosen.layers] == ["MIX_2", "bass"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_names_are_identifiers_and_distinct_whatever_cues_are_called(
    named: Callable[[Sequence[str]], Session], names: list[str]
) -> None:
    music = game_music(named(names))
    made = [variation.name for one in music.segments for variation in one.variations]
    made += [theme.name for theme in music.themes]
    assert all(IDENTIFIER.fullmatch(name) for name in [*made, music.name])
    assert len({name.lower() for name in made}) == len(made)


def test_a_format_that_an_engine_does_not_import_is_told_with_what_to_do(
    game: Session, with_suffix: Callable[[Session, str], Session]
) -> None:
    music = game_music(with_suffix(game, ".flac"))
    with pytest.raises(ExportError, match=r"Wwise imports no .flac files: render with --format"):
        require(music, "Wwise", (".wav",))
    require(music, "FMOD", (".wav", ".flac"))


def test_more_channels_than_an_engine_has_are_told(game: Session) -> None:
    with pytest.raises(ExportError, match="imports at most 1 channels, and this file has 2"):
        require(game_music(game), "X", (".wav",), max_channels=1)

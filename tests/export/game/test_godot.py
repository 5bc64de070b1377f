"""The kit for Godot; what Godot itself makes of it is seen in ``tests/external``."""

import configparser
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from musicgen_daw.errors import ExportError
from musicgen_daw.export import CopyOf, export
from musicgen_daw.session import Session
from musicgen_daw.timeline import Span

TOP = "godot/My_game"


def kit(session: Session) -> dict[str, str]:
    files = export(session, "godot")
    return {file.path: file.content.decode() for file in files if isinstance(file.content, bytes)}


def settings_of(text: str) -> configparser.SectionProxy:
    reader = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    reader.read_string(text)
    assert reader["remap"]["importer"] == '"wav"'
    return reader["params"]


def test_each_sound_is_a_copy_with_import_settings_beside_it(game: Session) -> None:
    files = {file.path: file.content for file in export(game, "godot")}
    copies = {path: one.path for path, one in files.items() if isinstance(one, CopyOf)}
    assert len(copies) == 4 * 3 + 2 + 1
    assert copies[f"{TOP}/Village_alert/drums.wav"] == (
        "stems/village-alert/village-alert_t2_drums.wav"
    )
    assert all(f"{path}.import" in files for path in copies)


def test_nothing_trims_normalises_resamples_or_compresses(game: Session) -> None:
    for path, text in kit(game).items():
        if path.endswith(".import"):
            params = settings_of(text)
            for key in ("edit/trim", "edit/normalize", "force/max_rate", "force/mono"):
                assert params[key] == "false"
            assert params["compress/mode"] == "0"


def test_loops_are_told_to_godot_4_with_an_exclusive_end(game: Session) -> None:
    first, *others = game.cues
    inner = replace(first, loop_samples=Span(1000, 300_000))
    params = settings_of(
        kit(replace(game, cues=(inner, *others)))[f"{TOP}/Village_full/bass.wav.import"]
    )
    told = [params[f"edit/loop_{what}"] for what in ("mode", "begin", "end")]
    assert told == ["2", "1000", "300000"]


def test_what_does_not_loop_is_told_not_to(game: Session) -> None:
    params = settings_of(kit(game)[f"{TOP}/Credits_roll/mix.wav.import"])
    assert params["edit/loop_mode"] == "1"


def test_resources_name_files_of_the_kit_only(game: Session) -> None:
    files = {file.path for file in export(game, "godot")}
    resources = {path: text for path, text in kit(game).items() if path.endswith(".tres")}
    assert sorted(PurePosixPath(path).stem for path in resources) == [
        "Stinger_victory",
        "Village_alert",
        "Village_alert_t1",
        "Village_calm",
        "Village_full",
        "village",
    ]
    for text in resources.values():
        named = re.findall(
            r'^\[ext_resource type="AudioStream" path="(.+)" id="\d+"\]$', text, re.MULTILINE
        )
        assert named
        assert all(f"{TOP}/{path}" in files for path in named)
        assert f"load_steps={len(named) + 1} format=3]" in text
        used = re.findall(r'ExtResource\("(\d+)"\)', text)
        assert used == [str(number) for number in range(1, len(named) + 1)]


def test_layers_play_together(game: Session) -> None:
    text = kit(game)[f"{TOP}/Village_calm.tres"]
    assert text.startswith('[gd_resource type="AudioStreamSynchronized"')
    assert 'path="Village_calm/drums.wav"' in text
    assert "mix.wav" not in text


def test_states_fade_at_the_same_position_where_they_are_in_step(game: Session) -> None:
    text = kit(game)[f"{TOP}/village.tres"]
    assert 'clip_0/name = &"Village_calm"' in text
    assert 'path="Village_calm.tres"' in text
    assert '"to_time": 0' in text
    first, *others = game.cues
    shorter = replace(first, span=Span(0, 96_000), loop_samples=Span(0, 96_000))
    text = kit(replace(game, cues=(shorter, *others)))[f"{TOP}/village.tres"]
    assert '"to_time": 1' in text


def test_takes_of_a_stinger_are_drawn_at_random(game: Session) -> None:
    text = kit(game)[f"{TOP}/Stinger_victory.tres"]
    assert "streams_count = 2" in text
    assert 'path="Stinger_victory_t2/mix.wav"' in text


def test_godot_gets_wav_files_of_two_channels_at_most(
    game: Session, with_suffix: Callable[[Session, str], Session]
) -> None:
    with pytest.raises(ExportError, match=r"Godot imports no \.flac files"):
        export(with_suffix(game, ".flac"), "godot")
    first, *others = game.cues
    wide = replace(first, stems=tuple(replace(stem, channels=6) for stem in first.stems))
    with pytest.raises(ExportError, match="at most 2 channels"):
        export(replace(game, cues=(wide, *others)), "godot")

"""The user's settings file."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from musicgen_daw.errors import SettingsError
from musicgen_daw.settings import (
    FRAME_RATE_NAMES,
    SegmindSettings,
    Settings,
    load,
    parse,
    settings_path,
)
from musicgen_daw.timeline.timecode import FRAME_RATES

FULL = """
preset = "tense-strings"
backend = "sketch"
takes = 3
seed = 7
rate = 96000
bit_depth = "32f"
format = "flac"
fps = "29.97df"
timecode_start = "01:00:00:00"
store = "clips"
presets = "/music/presets"
budget = 2.10
tries = 3
model = "facebook/musicgen-small"
precision = "int8"
device = "cpu"
batch = 4
soundfont = "bands/gm.sf2"

[segmind]
base_url = "http://127.0.0.1:8765"
history_url = "http://127.0.0.1:8765/v1/requests"
model = "meta-musicgen-large"
api = "v2"
at_once = 8
rate_per_minute = 120
connect_timeout_s = 2.5
read_timeout_s = 60
job_timeout_s = 600
longest_wait_s = 30
tries = 4
allow_http = true
"""


def test_every_key_arrives_and_folders_count_from_the_file(tmp_path: Path) -> None:
    assert parse(FULL, tmp_path / "settings.toml") == Settings(
        preset="tense-strings",
        backend="sketch",
        takes=3,
        seed=7,
        rate=96_000,
        bit_depth="32f",
        format="flac",
        fps="29.97df",
        timecode_start="01:00:00:00",
        store=tmp_path / "clips",
        presets=Path("/music/presets"),
        budget=Decimal("2.1"),
        tries=3,
        model="facebook/musicgen-small",
        precision="int8",
        device="cpu",
        batch=4,
        soundfont=tmp_path / "bands/gm.sf2",
        segmind=SegmindSettings(
            base_url="http://127.0.0.1:8765",
            history_url="http://127.0.0.1:8765/v1/requests",
            model="meta-musicgen-large",
            api="v2",
            at_once=8,
            rate_per_minute=120.0,
            connect_timeout_s=2.5,
            read_timeout_s=60.0,
            job_timeout_s=600.0,
            longest_wait_s=30.0,
            tries=4,
            allow_http=True,
        ),
    )


def test_numbers_may_stand_for_names_that_look_like_numbers() -> None:
    settings = parse("bit_depth = 16\nfps = 23.976", Path("s.toml"))

    assert (settings.bit_depth, settings.fps) == ("16", "23.976")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("presett = 'x'", "unknown key 'presett' (did you mean 'preset'?)"),
        ("api_key = 'x'", "unknown key 'api_key'"),
        ("takes = 0", "takes = 0 must lie between 1 and 64"),
        ("takes = true", "takes must be a whole number, not a switch (true)"),
        ("takes = 1.5", "takes must be a whole number, not a number (1.5)"),
        ("rate = 1", "rate = 1 must lie between 8000 and 192000"),
        ("preset = 3", "preset must be text in quotes, not a number (3)"),
        ("preset = ''", "preset is empty"),
        ('store = "a\\u0000b"', "can't be a path: it holds a null character"),
        ("bit_depth = 20", "bit_depth must be one of 16, 24, 32f, not a number (20)"),
        ("bit_depth = true", "bit_depth must be one of 16, 24, 32f, not a switch (true)"),
        (
            "format = 'wave'",
            "format must be one of wav, flac, aiff, ogg, mp3, not text ('wave') (did you mean",
        ),
        ("fps = 'film'", "fps must be one of 23.976, 24"),
        ("fps = '99'", ", 60, not text ('99')"),
        ("seed = -1", "seed = -1 must lie between 0 and"),
        ("takes = {}", "takes must be a whole number, not a table"),
        ("timecode_start = '1h'", "timecode_start = '1h' is no timecode"),
        ("store = 3", "store must be text in quotes, not a number (3)"),
        ("preset = = 'x'", "no TOML: Invalid value (at line 1, column 10)"),
        ("[render]\ntakes = 2", "unknown key 'render'"),
        ("budget = -1", "budget = -1 must lie between 0 and 100000"),
        ("budget = nan", "budget = nan must lie between"),
        ("budget = '5'", "budget must be a number, not text ('5')"),
        ("tries = 0", "tries = 0 must lie between 1 and 16"),
        ("segmind = 3", "segmind must be a table, not a number (3)"),
        ("[segmind]\nat_onc = 2", "[segmind]: unknown key 'at_onc' (did you mean 'at_once'?)"),
        (
            "[segmind]\napi_key = 'x'",
            "[segmind]: unknown key 'api_key': a service's key stands in no file, "
            "'musicgen-daw auth login' keeps it",
        ),
        ("[segmind]\nat_once = 65", "[segmind]: at_once = 65 must lie between 1 and 64"),
        (
            "[segmind]\nrate_per_minute = true",
            "must be a number, not a switch (true)",
        ),
        ("[segmind]\nrate_per_minute = inf", "rate_per_minute is far too large"),
        ("[segmind]\napi = 'v3'", "api must be one of auto, v1, v2, not text ('v3')"),
        ("[segmind]\nallow_http = 1", "allow_http must be true or false, not a number (1)"),
        (f"seed = {'9' * 9000}", "no TOML"),
        ("seed = 99999999999999999999", "seed is far too large"),
    ],
)
def test_a_fault_is_told_with_its_file_its_key_and_its_reason(text: str, reason: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text, Path("s.toml"))

    assert re.match(r"s\.toml( \[segmind\])?: ", str(caught.value))
    assert reason in str(caught.value)
    assert caught.value.exit_code == 3


def test_without_a_file_nothing_is_wished(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}

    assert settings_path(environment).name == "settings.toml"
    assert parse("", tmp_path / "s.toml") == Settings()


def test_a_file_that_is_asked_for_must_exist(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"

    for ask in (
        lambda: load(missing),
        lambda: load(environment={"MUSICGEN_DAW_SETTINGS": str(missing)}),
    ):
        with pytest.raises(SettingsError, match="can't be read"):
            ask()


def test_the_environment_names_another_file(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_bytes("\ufefftakes = 4".encode())

    assert load(environment={"MUSICGEN_DAW_SETTINGS": str(path)}).takes == 4


def test_a_file_that_is_no_text_is_told_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b"preset = '\xe9'")

    with pytest.raises(SettingsError, match="byte 10: no UTF-8 text"):
        load(path)


def test_the_frame_rates_are_those_of_timecode() -> None:
    assert set(FRAME_RATE_NAMES) == set(FRAME_RATES)

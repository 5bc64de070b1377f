"""``musicgen-daw master``: its flags, its answers, its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from musicgen_daw.cli import run

KEYS = [
    "path",
    "integrated_lufs",
    "max_momentary_lufs",
    "max_short_term_lufs",
    "loudness_range_lu",
    "true_peak_dbtp",
    "sample_peak_dbfs",
    "seconds",
    "sample_rate",
    "channels",
]


@pytest.fixture
def tone(tmp_path):
    path = tmp_path / "in" / "tone.wav"
    path.parent.mkdir()
    wave = 0.1 * np.sin(2 * np.pi * 997 * np.arange(64_000) / 32_000)
    soundfile.write(path, wave, 32_000, subtype="PCM_16")
    return path


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text("")
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", str(settings))
    return settings


def answer(capfd, *arguments):
    code = run(["master", *map(str, arguments)])
    return (code, *capfd.readouterr())


def test_check_measures_and_writes_nothing(capfd, tone, tmp_path):
    code, out, err = answer(capfd, tone, "--check", "--json")
    (measured,) = json.loads(out)
    assert (code, err) == (0, "")
    assert list(measured)[: len(KEYS)] == KEYS
    assert measured["integrated_lufs"] == pytest.approx(-23.0, abs=0.02)
    assert (measured["seconds"], measured["sample_rate"], measured["channels"]) == (2, 32_000, 1)
    assert list(tone.parent.iterdir()) == [tone]


def test_check_exits_with_9_where_a_file_is_out_of_its_target(capfd, tone):
    assert answer(capfd, tone, "--check", "--target", "ebu-r128")[0] == 0
    code, out, err = answer(capfd, tone, "--check", "--target", "streaming-14", "--json")
    assert code == 9
    assert "quieter than -14" in json.loads(out)[0]["misses"][0]
    assert "1 of 1 files are not as they should be" in err
    assert answer(capfd, tone, "--check", "--lufs", "-20")[0] == 9


def test_what_silence_does_not_have_is_null(capfd, tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(5000), 48_000)
    code, out, _ = answer(capfd, tmp_path / "silent.wav", "--check", "--json")
    (measured,) = json.loads(out)
    assert code == 0
    assert measured["integrated_lufs"] is measured["true_peak_dbtp"] is None
    assert measured["peak_to_loudness_db"] is measured["mono_loss_db"] is None


def test_the_flags_decide(capfd, tone, tmp_path):
    code, out, err = answer(
        capfd, tone, "-o", tmp_path / "out", "--lufs", "-16", "--ceiling-dbtp", "-2", "--rate",
        "48000", "--bit-depth", "24", "--channels", "2", "--fade-in-ms", "50", "--fade-out-ms",
        "50", "--format", "flac", "--json",
    )  # fmt: skip
    (done,) = json.loads(out)
    assert code == 0
    assert "wrote" in err
    told = soundfile.info(done["path"])
    assert (told.format, told.subtype, told.samplerate, told.channels) == (
        "FLAC",
        "PCM_24",
        48_000,
        2,
    )
    assert done["integrated_lufs"] == pytest.approx(-16, abs=0.02)
    assert done["true_peak_dbtp"] <= -2
    assert done["gain_db"] == pytest.approx(4.0, abs=0.2)
    assert set(KEYS) <= set(done)


def test_a_preset_gives_what_no_flag_says(capfd, tone, tmp_path):
    out = answer(capfd, tone, "-o", tmp_path / "a", "-p", "house", "--json")[1]
    assert json.loads(out)[0]["integrated_lufs"] == pytest.approx(-18, abs=0.02)
    out = answer(capfd, tone, "-o", tmp_path / "b", "-p", "house", "--lufs", "-25", "--json")[1]
    assert json.loads(out)[0]["integrated_lufs"] == pytest.approx(-25, abs=0.02)
    out = answer(
        capfd, tone, "-o", tmp_path / "c", "-p", "house", "--target", "ebu-r128", "--json"
    )[1]
    assert json.loads(out)[0]["integrated_lufs"] == pytest.approx(-23, abs=0.02)


def test_settings_and_environment_are_asked(capfd, tone, tmp_path, no_settings, monkeypatch):
    no_settings.write_text('rate = 48000\nformat = "flac"\n')
    (done,) = json.loads(answer(capfd, tone, "-o", tmp_path / "a", "--json")[1])
    assert done["path"].endswith("tone.flac")
    assert done["sample_rate"] == 48_000
    monkeypatch.setenv("MUSICGEN_DAW_LUFS", "-30")
    (done,) = json.loads(answer(capfd, tone, "-o", tmp_path / "b", "--json")[1])
    assert done["integrated_lufs"] == pytest.approx(-30, abs=0.02)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "-o DIR, or --check"),
        (["-o", "out", "--target", "streaming-15"], "did you mean 'streaming-16'"),
        (["-o", "out", "--format", "flacc"], "did you mean 'flac'"),
        (["-o", "out", "--lufs", "3"], "--lufs"),
        (["-o", "out", "--ceiling-dbtp", "1"], "--ceiling-dbtp"),
        (["-o", "out", "--channels", "6"], "--channels"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_done(capfd, tone, tmp_path, monkeypatch, flags, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = answer(capfd, tone, *flags)
    assert (code, out) == (2, "")
    assert message in err
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_there_is_only_replaced_when_told_to(capfd, tone, tmp_path):
    flags = (tone, "-o", tmp_path / "out")
    assert answer(capfd, *flags)[0] == 0
    code, _, err = answer(capfd, *flags)
    assert code == 3
    assert "--overwrite" in err
    assert answer(capfd, *flags, "--overwrite")[0] == 0


def test_some_files_that_fail_and_all_that_fail_differ_in_the_exit_code(capfd, tone, tmp_path):
    bad = tone.parent / "bad.wav"
    bad.write_bytes(b"no sound")
    code, _, err = answer(capfd, tone.parent, "-o", tmp_path / "some")
    assert code == 4
    assert f"FAILED {bad}" in err
    assert (tmp_path / "some" / "tone.wav").is_file()
    assert answer(capfd, bad, "-o", tmp_path / "all")[0] == 3
    assert answer(capfd, bad, "--check")[0] == 3


def test_a_hostile_name_can_not_steer_the_terminal(capfd, tone, tmp_path):
    hostile = tone.rename(tone.parent / "\x1b[31mred.wav")
    code, out, err = answer(capfd, hostile, "-o", tmp_path / "out")
    assert code == 0
    assert "\x1b" not in out + err


def test_levels_are_measured_without_what_only_mastering_needs(tone):
    program = (
        "from musicgen_daw.cli import run; import sys;"
        f"run(['master', {str(tone)!r}, '--check']);"
        "print(sorted({'scipy', 'torch', 'pydub', 'httpx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes among its files")
def test_a_check_tells_files_it_can_not_read_beside_those_out_of_target(capfd, tone, tmp_path):
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    assert run(["master", "--check", "--target", "streaming-14", str(tone), str(pipe)]) == 9
    assert f"FAILED {pipe}: can't be read as audio: it is no file" in capfd.readouterr().err


def test_a_file_that_was_cut_off_is_mastered_and_told_and_fails_a_check(capfd, tone, tmp_path):
    tone.write_bytes(tone.read_bytes()[:-32_001])
    told = "ends 16001 samples (0.500 s) before the length that it tells: it was cut off"
    code, _, err = answer(capfd, tone, "-o", tmp_path / "out")
    assert code == 0
    assert f"{tone}: {told}, and what is there is mastered" in err
    assert soundfile.info(tmp_path / "out" / "tone.wav").frames == 64_000 - 16_001
    code, out, err = answer(capfd, tone, "--check", "--json")
    assert code == 9
    assert json.loads(out)[0]["misses"] == [told]
    assert f"{tone}: {told}" in err


def test_an_empty_file_is_called_empty(capfd, tone, tmp_path):
    tone.write_bytes(b"")
    for flags in ([], ["--check"]):
        code, _, err = answer(capfd, tone, "-o", tmp_path / "out", *flags)
        assert code == 3
        assert f"FAILED {tone}: can't be read as audio: it is empty, 0 bytes long" in err

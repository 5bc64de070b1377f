"""The local engine from the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.audio import Audio  # noqa: E402
from musicgen_daw.audio.codecs import decode, encode_float_wav  # noqa: E402
from musicgen_daw.cli import run  # noqa: E402


@pytest.fixture(autouse=True)
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of its own, with settings and a store of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.toml").write_text("backend = 'musicgen'\nstore = 'store'\n")
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    for name in ("MODEL", "PRECISION", "DEVICE"):
        monkeypatch.delenv(f"MUSICGEN_DAW_{name}", raising=False)
    return tmp_path


def answer(capfd, *arguments: object) -> tuple[int, str, str]:
    code = run([str(argument) for argument in arguments])
    out, err = capfd.readouterr()
    return code, out, err


def stored(at: Path) -> list[dict]:
    """The requests of all clips in the store, with the precision that they were made in."""
    records = [json.loads(path.read_text()) for path in sorted(at.glob("store/clips/*/*.json"))]
    return [{**one["request"], "made in": one["facts"]["precision"]} for one in records]


def test_a_clip_is_made_by_the_checkpoint_and_in_the_mode_of_the_flags(
    capfd, at, reference
) -> None:
    tiny = reference("tiny").folder
    flags = ["--seconds", "0.5", "--model", tiny, "--tries", "1"]
    assert answer(capfd, "clip", "strings", "-o", "a.wav", *flags)[0] == 0
    assert answer(capfd, "clip", "strings", "-o", "b.wav", *flags, "--precision", "int8")[0] == 0
    (at / "settings.toml").write_text(
        f"backend = 'musicgen'\nstore = 'store'\nmodel = '{tiny}'\nprecision = 'int8'\n"
    )
    flags = ["--seconds", "0.5", "--tries", "1", "--audio-prompt", "a.wav"]
    assert answer(capfd, "clip", "strings", "-o", "c.wav", *flags)[0] == 0
    found = stored(at)
    assert sorted(one["made in"] for one in found) == ["fp32", "int8", "int8"]
    assert len({one["revision"] for one in found}) == 2
    assert sum(one["audio_prompt"] is not None for one in found) == 1


def test_stereo_a_melody_and_what_not_to_make_come_from_flags(capfd, at, reference) -> None:
    tune = np.sin(np.arange(16_000, dtype=np.float32) / 12)[np.newaxis]
    (at / "tune.wav").write_bytes(encode_float_wav(Audio(tune, 16_000)))
    flags = ["--seconds", "0.3", "--tries", "1", "--model"]
    stereo, melody = reference("tiny-stereo").folder, reference("tiny-melody").folder
    pushed = ["--negative-prompt", "vocals"]
    assert answer(capfd, "clip", "a", "-o", "wide.wav", *flags, stereo, *pushed)[0] == 0
    followed = ["--melody", "tune.wav"]
    assert answer(capfd, "clip", "a", "-o", "sung.wav", *flags, melody, *followed)[0] == 0
    assert decode((at / "wide.wav").read_bytes()).channels == 2
    assert decode((at / "sung.wav").read_bytes()).length_samples == round(0.3 * 48_000)
    assert sorted(one["negative"] for one in stored(at)) == ["", "vocals"]
    assert sum(one["melody"] is not None for one in stored(at)) == 1


def test_without_a_checkpoint_the_way_to_get_one_is_told(capfd, at) -> None:
    code, _, err = answer(capfd, "clip", "strings", "-o", "a.wav")
    assert (code, "musicgen-daw models pull small" in err) == (7, True)
    code, _, err = answer(capfd, "clip", "a", "-o", "a.wav", "--model", "facebook/musicgen-small")
    assert (code, "musicgen-daw models pull facebook/musicgen-small" in err) == (7, True)
    assert not (at / "store").exists()


@pytest.mark.parametrize("flag", ["--audio-prompt", "--melody"])
def test_a_guide_that_is_not_there_is_refused_at_once(capfd, at, flag) -> None:
    code, _, err = answer(capfd, "clip", "strings", "-o", "a.wav", flag, "nowhere.wav")
    assert (code, "'nowhere.wav' does not exist" in err) == (2, True)

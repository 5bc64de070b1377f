"""``clip --stream``: sound on stdout while it is made."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.audio.codecs import decode
from musicgen_daw.cli import run


def test_a_clip_comes_through_a_pipe_at_the_length_asked(reference, tmp_path) -> None:
    command = [sys.executable, "-m", "musicgen_daw", "clip", "calm", "--stream", "--seconds", "1.5"]
    engine = ["-b", "musicgen", "--model", str(reference("tiny").folder)]
    done = subprocess.run(
        [*command, *engine, "--store", str(tmp_path)], capture_output=True, check=True, timeout=120
    )
    sound = decode(done.stdout)
    assert (sound.sample_rate, sound.length_samples, sound.channels) == (32_000, 48_000, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--stream", "-o", "a.wav"], "leave out -o and --json"),
        (["--stream", "--json"], "leave out -o and --json"),
        (["--stream"], "'sketch' gives no sound while it works"),
        ([], "use -o FILE, or --stream"),
    ],
)
def test_what_can_not_be_streamed_is_refused(capfd, flags, words) -> None:
    assert run(["clip", "calm", *flags]) == 2
    out, err = capfd.readouterr()
    assert (out, words in err) == ("", True)

"""``musicgen-daw serve`` and ``serve keys``, as they are typed."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tones import KEY_SHAPE, MODEL, client

from musicgen_daw.audio.codecs import decode
from musicgen_daw.cli import run

PROGRAM = [sys.executable, "-m", "musicgen_daw"]


def test_a_key_is_made_listed_credited_and_revoked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path)]
    assert run(["serve", "keys", "add", "game", "--credits", "5", *data]) == 0
    key = capsys.readouterr().out.strip()
    assert re.fullmatch(KEY_SHAPE, key)
    assert run(["serve", *data, "keys", "credit", "game", "0.25"]) == 0
    assert capsys.readouterr().out == "game: 5.25 USD\n"
    assert run(["serve", "keys", "revoke", "game", *data]) == 0
    capsys.readouterr()
    assert run(["serve", "keys", "list", "--json", *data]) == 0
    told = capsys.readouterr().out
    (listed,) = json.loads(told)
    assert (listed["name"], listed["credits"], listed["revoked"]) == ("game", 5.25, True)
    assert run(["serve", "keys", "list", *data]) == 0
    assert key not in told + capsys.readouterr().out


def test_a_key_comes_as_json_where_that_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "keys", "add", "ci", "--json", "--data", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert re.fullmatch(KEY_SHAPE, told.pop("key"))
    assert told == {"name": "ci", "credits": 0}


@pytest.mark.parametrize(
    "arguments",
    [
        ["keys", "add", "../x"],
        ["keys", "add", "x", "--credits", "NaN"],
        ["keys", "add", "x", "--credits", "much"],
        ["keys", "credit", "nobody", "1"],
        ["keys", "revoke", "nobody"],
        ["--backend", "sketsh"],
        ["--usd-per-second", "-1"],
        ["--usd-per-clip", "NaN"],
        ["--public-url", "music.example"],
        ["--port", "70000"],
    ],
    ids=" ".join,
)
def test_a_mistake_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(["serve", "--data", str(tmp_path), *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_without_the_extra_it_tells_what_to_install() -> None:
    program = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from musicgen_daw.cli import run; sys.exit(run(['serve']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert "the server needs uvicorn: pip install 'musicgen-daw[serve]'" in done.stderr


def test_the_built_in_generator_is_served_until_an_interrupt(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path)]
    command = [*PROGRAM, "serve", "--port", "0", "--workers", "1", *data]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            advice = server.stderr.readline()
            assert advice.startswith("there are no keys yet")
            assert f"keys add NAME --credits 5 --data {tmp_path}" in advice
            listening = server.stderr.readline()
            assert "interrupt to stop, twice to stop at once" in listening
            url = re.search(r"http://127\.0\.0\.1:\d+", listening)[0]
            added = [*PROGRAM, "serve", "keys", "add", "game", "--credits", "1", *data]
            key = subprocess.run(added, capture_output=True, text=True, check=True).stdout.strip()
            with client(url, key) as calling:
                asked = {"prompt": "tense strings", "duration": 1}
                answer = calling.post(f"/v1/{MODEL}", json=asked)
            assert decode(answer.content).samples.shape == (2, 48_000)
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=30) == 0
            assert server.stderr.read() == ""
        finally:
            server.kill()


def test_listening_beyond_this_machine_is_warned_of(tmp_path: Path) -> None:
    everywhere = ["--host", "0.0.0.0", "--port", "0"]  # noqa: S104 - what is warned of
    command = [*PROGRAM, "serve", *everywhere, "--data", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert "can be reached by other machines" in server.stderr.readline()
        finally:
            server.kill()

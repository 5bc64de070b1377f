"""What a program owes to pipes, full disks, signals and terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from musicgen_daw.__main__ import _Interrupts

PROGRAM = [sys.executable, "-m", "musicgen_daw"]
needs_signals = pytest.mark.skipif(os.name == "nt", reason="needs signals as Unix has them")
CHASE = str(Path(__file__).parents[2] / "examples" / "chase" / "chase.mid")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("arguments", [["--help"], ["cues", CHASE]])
def test_a_full_disk_behind_stdout_is_told_in_a_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert done.stderr.strip() == f"error: {os.strerror(28)}"


def test_a_reader_who_has_enough_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as pipe:
        done = subprocess.run(
            [*PROGRAM, "cues", CHASE], stdout=pipe, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 141
    assert done.stderr == ""


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a program that is killed in the end, whatever it did with its signals."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


LATE = """
import sys, time

class Late:  # a finder of modules that takes its time, as a cold disk does
    def find_spec(self, name, path=None, target=None):
        if name == "musicgen_daw.cli":
            print("importing", flush=True)
            time.sleep(60)

sys.meta_path.insert(0, Late())
from musicgen_daw.__main__ import main
main()
"""


def test_ctrl_c_while_modules_load_gives_no_traceback() -> None:
    command = [sys.executable, "-c", LATE]
    with started(command) as process:
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr.read() == ""


def test_a_ctrl_c_that_comes_twice_counts_once_and_a_later_one_again() -> None:
    now_s = 10.0
    interrupts = _Interrupts(lambda: now_s)
    with pytest.raises(KeyboardInterrupt):
        interrupts(signal.SIGINT, None)
    now_s = 10.9
    interrupts(signal.SIGINT, None)  # does not disturb the shutdown
    now_s = 11.0
    with pytest.raises(KeyboardInterrupt):
        interrupts(signal.SIGINT, None)


def test_another_signal_within_a_ctrl_c_changes_neither_the_shutdown_nor_its_code() -> None:
    interrupts = _Interrupts(lambda: 10.0)
    with pytest.raises(KeyboardInterrupt):
        interrupts(signal.SIGTERM, None)
    interrupts(signal.SIGINT, None)
    assert interrupts.exit_code == 143


@needs_signals
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_program_that_is_asked_to_end_does_so_as_after_ctrl_c(name: str, code: int) -> None:
    command = [sys.executable, "-c", LATE]
    with started(command) as process:
        assert process.stdout.readline() == "importing\n"
        process.send_signal(getattr(signal, name))
        assert process.wait(timeout=30) == code
        assert process.stderr.read() == ""


@needs_signals
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_server_that_is_asked_to_end_does_so_in_its_own_way(tmp_path: Path, name: str) -> None:
    command = [*PROGRAM, "serve", "--data", str(tmp_path), "--port", "0"]
    with started(command) as process:
        assert any("listening" in line for line in process.stderr)
        process.send_signal(getattr(signal, name))
        assert process.wait(timeout=30) == 0
        assert process.stderr.read() == ""


@needs_signals
def test_what_is_told_to_ignore_hangups_goes_on() -> None:
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + LATE
    with started([sys.executable, "-c", ignoring]) as process:
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130


IN_A_CALLBACK = """
import io, signal, sys, time
import soundfile
from musicgen_daw.__main__ import _Interrupts

class Interrupted(io.BytesIO):
    def readinto(self, buffer):
        signal.raise_signal(signal.SIGINT)
        return super().readinto(buffer)

content = io.BytesIO()
soundfile.write(content, [0.0] * 100, 8000, format="WAV")
signal.signal(signal.SIGINT, _Interrupts(time.monotonic))
try:
    soundfile.read(Interrupted(content.getvalue()))
    time.sleep(300)
except KeyboardInterrupt:
    sys.exit(130)
"""


IN_CLOSING = """
import io, signal, sys, time
import soundfile
from musicgen_daw.__main__ import _Interrupts

class Library:
    def __init__(self, library):
        self._library = library
    def __getattr__(self, name):
        return getattr(self._library, name)
    def sf_close(self, file):
        done = self._library.sf_close(file)
        signal.raise_signal(signal.SIGINT)
        return done

content = io.BytesIO()
soundfile.write(content, [0.0] * 100, 8000, format="WAV")
soundfile._snd = Library(soundfile._snd)
signal.signal(signal.SIGINT, _Interrupts(time.monotonic))
try:
    soundfile.SoundFile(io.BytesIO(content.getvalue())).close()
    time.sleep(300)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("program", [IN_A_CALLBACK, IN_CLOSING], ids=["read", "closed"])
def test_ctrl_c_that_comes_while_a_sound_is_in_use_is_not_lost_and_does_no_harm(
    program: str,
) -> None:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["\x1b[31mnonsense"],
        ["--\x1b[31mflag"],
        ["presets", "show", "\x1b[31m\u202ered"],
        ["presets", "new", "\x1b[31m", "--extends", "\u202e"],
        ["cues", CHASE, "--fps", "\x1b[31m"],
    ],
)
def test_nothing_that_is_typed_steers_the_terminal(arguments: list[str]) -> None:
    done = subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True)
    assert done.returncode in (2, 3)
    told = done.stderr.replace("\n", "")
    assert not [char for char in told if unicodedata.category(char) in ("Cc", "Cf")]

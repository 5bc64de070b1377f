"""The key of the hosted service: kept in the keyring, and shown nowhere."""

from __future__ import annotations

import io
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import keyring
import keyring.backend
import pytest
from hostile import KEY, Act, Call, HostileServer, echo

from musicgen_daw.cli import run

ANOTHER = "SG_fedcba9876543210"


class MemoryRing(keyring.backend.KeyringBackend):
    """A keyring that keeps its secrets as long as it lives."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[service, username]


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MemoryRing]:
    """A keyring of this test alone, and no key in the environment."""
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", os.devnull)
    monkeypatch.chdir(tmp_path)
    before, memory = keyring.get_keyring(), MemoryRing()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    with HostileServer(balance_usd=Decimal("4.25")) as running:
        monkeypatch.setenv("MUSICGEN_DAW_SEGMIND_BASE_URL", running.url)
        yield running


def answer(capfd, *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    out, err = capfd.readouterr()
    assert KEY not in out + err
    assert ANOTHER not in out + err
    return code, out, err


def piped(monkeypatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_a_piped_key_is_kept_told_of_and_removed(capfd, monkeypatch, ring) -> None:
    piped(monkeypatch, f"  {KEY}\nmore\n")
    code, out, err = answer(capfd, "auth", "login")
    assert (code, out) == (0, "")
    assert "kept in this machine's keyring" in err
    assert list(ring.secrets.values()) == [KEY]

    assert answer(capfd, "auth", "status")[:2] == (0, "the key comes from the keyring\n")

    assert answer(capfd, "auth", "logout")[0] == 0
    assert ring.secrets == {}
    assert "no key was kept" in answer(capfd, "auth", "logout")[2]


def test_without_a_key_status_exits_6_and_tells_both_ways(capfd) -> None:
    code, out, err = answer(capfd, "auth", "status", "--json")
    assert code == 6
    assert json.loads(out) == {"key": None, "service": None, "balance_usd": None}
    assert "musicgen-daw auth login" in err
    assert "SEGMIND_API_KEY" in err


def test_a_key_in_the_environment_goes_before_and_is_told(capfd, monkeypatch) -> None:
    monkeypatch.setenv("SEGMIND_API_KEY", ANOTHER)
    piped(monkeypatch, KEY)
    assert "SEGMIND_API_KEY is set, and goes before it" in answer(capfd, "auth", "login")[2]
    assert answer(capfd, "auth", "status")[1] == "the key comes from the environment\n"
    assert "SEGMIND_API_KEY is still set" in answer(capfd, "auth", "logout")[2]


def test_check_asks_the_service_for_the_balance(capfd, monkeypatch, ring, server) -> None:
    piped(monkeypatch, KEY)
    code, out, _ = answer(capfd, "auth", "login", "--check")
    assert (code, out) == (0, f"{server.url} takes it; the account holds 4.75 USD\n")
    code, out, _ = answer(capfd, "auth", "status", "--check", "--json")
    assert code == 0
    assert json.loads(out) == {"key": "keyring", "service": server.url, "balance_usd": 4.75}
    assert not server.posts


def test_a_key_that_the_service_refuses_is_not_kept(capfd, monkeypatch, ring, server) -> None:
    piped(monkeypatch, ANOTHER)
    assert answer(capfd, "auth", "login", "--check")[0] == 6
    assert ring.secrets == {}


def test_a_service_that_repeats_the_key_does_not_get_it_shown(capfd, monkeypatch, server) -> None:
    def repeat(call: Call) -> Act:
        return echo(500)

    server.script = repeat
    monkeypatch.setenv("SEGMIND_API_KEY", KEY)
    assert answer(capfd, "auth", "status", "--check", "-vvv")[0] == 7


@pytest.mark.parametrize(
    "text", ["", "\n", "k3y", "SG_ 1234567890", "SG_12345\x007890", "SG_é1234567", "x" * 9000]
)
def test_what_can_be_no_key_is_refused_without_repeating_it(capfd, monkeypatch, ring, text) -> None:
    piped(monkeypatch, text)
    code, out, err = answer(capfd, "auth", "login")
    assert (code, out) == (6, "")
    assert not text.strip() or text.strip() not in err
    assert ring.secrets == {}


def test_a_key_is_no_flag(capfd) -> None:
    for words in (["auth", "login", "--key", KEY], ["render", "a.csv", "--api-key", KEY]):
        assert answer(capfd, *words)[0] == 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal as Unix has them")
def test_a_key_typed_at_a_terminal_is_not_echoed() -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    command = [sys.executable, "-m", "musicgen_daw", "auth", "login"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        shown = heard(ours, until="key of the hosted service: ")
        os.write(ours, f"{KEY}\n".encode())
        shown += heard(ours)
        assert process.wait(30) == 6  # this keyring keeps nothing, which is told
    os.close(ours)
    assert KEY not in shown
    assert "set SEGMIND_API_KEY instead" in shown


def heard(terminal: int, until: str | None = None) -> str:
    """Return what a terminal shows until some words, or the end."""
    shown, patience_s = "", time.monotonic() + 30
    while until is None or until not in shown:
        readable, _, _ = select.select([terminal], [], [], max(0, patience_s - time.monotonic()))
        assert readable, f"nothing more came after {shown!r}"
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the program has closed it
            part = b""
        if not part:
            break
        shown += part.decode()
    return shown

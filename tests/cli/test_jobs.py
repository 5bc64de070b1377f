"""``musicgen-daw jobs`` against a real service and a real journal."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import keyring
import pytest
from hostile import KEY, MODEL, HostileServer, echo, nothing
from keyring.backends import null

from musicgen_daw.backends.segmind.asking import ask
from musicgen_daw.cli import run
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal, Purpose


@dataclass
class Desk:
    """A producer's folder, store and service."""

    root: Path
    server: HostileServer
    journal: Journal
    capfd: pytest.CaptureFixture[str]

    @property
    def clips(self) -> ClipStore:
        return ClipStore(self.root / "store")

    def sent(self, seed: int, length_s: int = 2) -> ClipRequest:
        """Note a clip as one that a run has sent which died before it heard of it."""
        revision = f"{MODEL}@{self.server.url}"
        request = ClipRequest("segmind", revision, "a tone", Fraction(length_s), seed)
        purpose = Purpose(str((self.root / "out").resolve()), f"Cue {seed}", 1)
        with Journal(self.root / "store" / "journal.sqlite", time.time) as journal:
            journal.started(request, exclusive=True, purpose=purpose)
        return request

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = run(["jobs", *arguments])
        out, err = self.capfd.readouterr()
        return code, out, err

    def listed(self, *arguments: str) -> dict[str, Any]:
        code, out, _ = self.run(*arguments, "--json")
        assert code == 0
        return json.loads(out)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", os.devnull)
    monkeypatch.setenv("MUSICGEN_DAW_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("SEGMIND_API_KEY", KEY)
    with (
        HostileServer() as server,
        Journal(tmp_path / "store" / "journal.sqlite", time.time) as journal,
    ):
        monkeypatch.setenv("MUSICGEN_DAW_SEGMIND_BASE_URL", server.url)
        yield Desk(tmp_path, server, journal, capfd)


def asked(request: ClipRequest) -> dict[str, Any]:
    """Return what the service was asked for, margin included."""
    return {
        "prompt": request.prompt,
        "duration": float(ask(request).duration_s),
        "seed": request.seed,
    }


def test_nothing_sent_is_said_so(desk: Desk) -> None:
    assert desk.run() == (0, "nothing was sent that costs money\n", "")
    assert desk.listed() == {"jobs": [], "spent_usd": 0, "perhaps_usd": 0}


def test_a_table_tells_what_was_paid_and_what_to_do(desk: Desk) -> None:
    desk.journal.finished(desk.sent(1).key(), Decimal("0.01"))
    desk.journal.unknown(desk.sent(2).key(), "the answer \x1b[31mbroke off")
    desk.journal.accepted(desk.sent(3).key(), "job-3")

    code, out, _ = desk.run("out")

    assert code == 0
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert rows[1].startswith("1 Cue 1 1 segmind finished 0.01")
    assert rows[2].startswith("2 Cue 2 1 segmind unknown, perhaps paid ~0.01")
    assert rows[3].startswith("3 Cue 3 1 segmind taken, not fetched job-3 ~0.01")
    assert all(re.search(r" \d{4}-\d\d-\d\d \d\d:\d\d", row) for row in rows[1:4])
    assert "0.01 USD spent, and perhaps about 0.02 USD more" in out
    assert "'musicgen-daw jobs out fetch all'" in out
    assert "\x1b" not in out
    assert "'musicgen-daw jobs --store store fetch all'" in desk.run("--store", "store")[1]
    listed = desk.listed("out")
    assert (listed["spent_usd"], listed["perhaps_usd"]) == (0.01, 0.02)
    assert [job["is_open"] for job in listed["jobs"]] == [False, True, True]


def test_fetch_brings_by_id_and_by_history_what_was_paid_and_sends_nothing(desk: Desk) -> None:
    accepted, unknown, never = desk.sent(1), desk.sent(2), desk.sent(3)
    job = desk.server.made(asked(accepted))
    desk.server.made(asked(unknown))
    desk.journal.accepted(accepted.key(), job.id)
    desk.journal.unknown(unknown.key(), "timed out")

    code, out, err = desk.run("fetch", "all")

    assert code == 4
    assert "1 of 3 jobs could not be settled" in err
    assert "job 1 (Cue 1): finished" in out
    assert "job 2 (Cue 2): finished" in out
    assert desk.clips.get(accepted.key()) is not None
    assert desk.clips.get(unknown.key()) is not None
    assert desk.clips.get(never.key()) is None
    assert not desk.server.posts
    assert desk.listed()["spent_usd"] == 0.08


def test_a_job_that_failed_at_the_service_was_not_paid(desk: Desk) -> None:
    request = desk.sent(1)
    job = desk.server.made(asked(request))
    job.error = "out of memory"
    desk.journal.accepted(request.key(), job.id)

    code, out, _ = desk.run("out", "fetch", "1", "--json")

    (told,) = json.loads(out)
    assert (code, told["state"], told["is_open"]) == (0, "failed", False)
    assert "out of memory" in told["outcome"]


def test_the_users_word_settles_the_rest(desk: Desk) -> None:
    desk.sent(1), desk.sent(2)
    code, out, _ = desk.run("out", "lost", "1")
    assert (code, out) == (
        0,
        "job 1 (Cue 1): given up, perhaps paid: given up by the user's word\n",
    )
    assert desk.run("out", "again", "1", "2")[0] == 0
    assert [job["state"] for job in desk.listed()["jobs"]] == ["released", "released"]
    assert desk.run("fetch", "all")[1] == "nothing is left to settle\n"


def test_a_service_that_breaks_off_leaves_the_job_as_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = desk.sent(1)
    desk.journal.accepted(request.key(), "job-1")
    desk.server.script = lambda call: nothing()
    monkeypatch.setenv("MUSICGEN_DAW_SEGMIND_JOB_TIMEOUT_S", "0.2")

    code, out, _ = desk.run("fetch", "1")

    assert (code, desk.journal.state_of(request.key())) == (4, "accepted")
    assert "job 1 (Cue 1): taken, not fetched: " in out


def test_a_key_that_is_refused_or_missing_leaves_the_job_as_it_is_and_is_not_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = desk.sent(1)
    desk.journal.accepted(request.key(), "job-1")
    desk.server.script = lambda call: echo(401)
    code, out, err = desk.run("fetch", "1", "-vvv")
    assert code in (4, 6)
    assert "[key]" in out + err
    assert KEY not in out + err

    monkeypatch.delenv("SEGMIND_API_KEY")
    before = keyring.get_keyring()
    keyring.set_keyring(null.Keyring())
    try:
        code, _, err = desk.run("fetch", "1")
    finally:
        keyring.set_keyring(before)
    assert code == 6
    assert "musicgen-daw auth login" in err
    assert desk.journal.state_of(request.key()) == "accepted"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fetch"], "fetch what?"),
        (["out", "lost"], "lost what?"),
        (["out", "lose", "1"], "unknown action 'lose'"),
        (["out", "again", "all"], "'all' is no id"),
        (["fetch", "-1"], "-1"),
        (["fetch", "9" * 30], "is no id"),
        (["fetch", "٣"], "is no id"),
        (["lost", "7"], "there is no job 7"),
    ],
)
def test_what_makes_no_sense_exits_2(desk: Desk, words: list[str], told: str) -> None:
    code, out, err = desk.run(*words)
    assert (code, out) == (2, "")
    assert told in err

"""What plan says of prices, and what a budget does, from the command line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import keyring
import pytest
from hostile import KEY, MODEL, HostileServer
from keyring.backends import null

from musicgen_daw.cli import run
from musicgen_daw.cli.text import usd
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.journal import Journal

CUES = 6


@dataclass
class Desk:
    """A sheet of short cues, and a service that takes 0.04 USD for each."""

    root: Path
    server: HostileServer
    capfd: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        out, err = self.capfd.readouterr()
        return code, out, err

    def plan(self, *flags: str) -> tuple[int, str, str]:
        return self.run("plan", "cues.csv", "-b", "segmind", *flags)

    def planned(self, *flags: str) -> dict[str, Any]:
        code, out, _ = self.plan("--json", *flags)
        assert code == 0
        return json.loads(out)

    def render(self, *flags: str) -> tuple[int, str, str]:
        return self.run("render", "cues.csv", "-o", "out", "-b", "segmind", "--json", *flags)


@pytest.fixture
def keyless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No key in the environment or in a keyring."""
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(null.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("MUSICGEN_DAW_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("SEGMIND_API_KEY", KEY)
    (tmp_path / "settings.toml").write_text("")
    rows = "".join(f"Cue {number},2,tone {number}\n" for number in range(CUES))
    (tmp_path / "cues.csv").write_text(f"name,length,prompt\n{rows}")
    with HostileServer() as server:
        monkeypatch.setenv("MUSICGEN_DAW_SEGMIND_BASE_URL", server.url)
        yield Desk(tmp_path, server, capfd)


# -- plan ------------------------------------------------------------------------------------------


def test_plan_needs_no_key_quotes_the_price_and_its_range_and_touches_nothing(
    desk: Desk, keyless: None
) -> None:
    code, out, _ = desk.plan()
    told = desk.planned()
    assert code == 0
    one, all_ = told["cues"][0], told
    assert one["usd_low"] < one["usd"] < one["usd_high"]
    assert all_["expected_usd"] == pytest.approx(CUES * one["usd"])
    assert all_["low_usd"] == pytest.approx(CUES * one["usd_low"])
    assert all_["high_usd"] == pytest.approx(CUES * one["usd_high"])
    low, expected, high = (
        Decimal(str(all_[name])) for name in ("low_usd", "expected_usd", "high_usd")
    )
    assert (
        f"6 clips to make, about {usd(expected)} USD, {usd(low)} to {usd(high)}; 0 in store" in out
    )
    assert not (desk.root / "store").exists()
    assert not desk.server.calls


def test_layers_and_takes_are_clips_and_cost_as_such(desk: Desk) -> None:
    (desk.root / "band.toml").write_text('[layers]\nlow = "low"\nmid = "mid"\nhigh = "high"\n')
    plain = desk.planned()["expected_usd"]
    assert desk.planned("--takes", "2")["expected_usd"] == pytest.approx(2 * plain)
    layered = desk.planned("--takes", "2", "-p", "band.toml")
    assert layered["expected_usd"] == pytest.approx(6 * plain)
    assert sum(cue["new"] for cue in layered["cues"]) == 6 * CUES


def test_plan_learns_from_what_this_store_has_paid(desk: Desk) -> None:
    before = desk.planned()
    with Journal(desk.root / "store" / "journal.sqlite", time.time) as journal:
        for seed in range(20):
            revision = f"{MODEL}@{desk.server.url}"
            request = ClipRequest("segmind", revision, "a tone", Fraction(2), seed)
            journal.started(request, exclusive=True)
            journal.finished(request.key(), Decimal("0.5"))
    after = desk.planned()
    assert before["high_usd"] < 0.5
    assert after["expected_usd"] == pytest.approx(CUES * 0.5)
    assert after["high_usd"] - after["low_usd"] < 0.1 * after["expected_usd"]


def test_plan_tells_whether_a_budget_will_do(desk: Desk) -> None:
    price = desk.planned()
    assert (price["budget_usd"], price["within_budget"]) == (None, None)
    answers = []
    for budget in ("0", str(price["expected_usd"]), str(price["high_usd"])):
        told = desk.planned("--budget", budget)
        assert told["budget_usd"] == float(budget)
        answers.append(told["within_budget"])
    assert answers == ["no", "perhaps", "yes"]
    assert "a budget of 0.00 USD is not enough" in desk.plan("--budget", "0")[1]
    assert "is enough\n" in desk.plan("--budget", "50")[1]


def test_a_budget_comes_from_the_flag_else_the_environment_else_the_settings(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.root / "settings.toml").write_text("budget = 3\n")
    assert desk.planned()["budget_usd"] == 3
    monkeypatch.setenv("MUSICGEN_DAW_BUDGET", "2.5")
    assert desk.planned()["budget_usd"] == 2.5
    assert desk.planned("--budget", "0")["budget_usd"] == 0


@pytest.mark.parametrize("amount", ["much", "-1", "nan", "Infinity", "1e9", "", "$5"])
@pytest.mark.parametrize("command", ["plan", "render", "clip"])
def test_what_is_no_amount_is_refused(desk: Desk, amount: str, command: str) -> None:
    words = {
        "plan": ["cues.csv"],
        "render": ["cues.csv", "-o", "out"],
        "clip": ["x", "-o", "x.wav"],
    }
    assert desk.run(command, *words[command], "--budget", amount)[0] == 2
    assert not desk.server.calls


def test_doctor_calls_nobody_and_takes_no_missing_key_for_a_defect(
    desk: Desk, keyless: None
) -> None:
    code, out, _ = desk.run("doctor", "--json")
    (found,) = (one for one in json.loads(out) if one["what"] == "backend segmind")
    assert (code, found["works"], found["remedy"]) == (0, True, None)
    assert "musicgen-daw auth login" in found["state"]
    assert "SEGMIND_API_KEY" in found["state"]
    assert not desk.server.calls


# -- render ----------------------------------------------------------------------------------------


def test_a_render_stops_before_the_call_that_could_pass_the_budget(desk: Desk) -> None:
    code, out, err = desk.render("--budget", "0.13")
    sums = json.loads(out)
    assert code == 5
    assert sums["spent_usd"] == float(desk.server.paid_usd) <= 0.13
    assert sums["made"] == len(desk.server.posts) == 3
    assert sums["failed"] == CUES - 3
    assert "0.12 USD" in err
    assert "3 clips are left to make" in err
    assert len(list((desk.root / "out").glob("stems/*/*_mix.wav"))) == 3

    code, out, _ = desk.render("--budget", "1")
    assert (code, json.loads(out)["made"], len(desk.server.posts)) == (0, 3, CUES)


def test_a_budget_of_nothing_sends_nothing(desk: Desk) -> None:
    code, _, _ = desk.render("--budget", "0")
    assert code == 5
    assert not desk.server.posts


def test_a_clip_keeps_to_its_budget_too(desk: Desk) -> None:
    words = ["clip", "a tone", "--seconds", "2", "-b", "segmind", "-o", "x.wav"]
    assert desk.run(*words, "--budget", "0")[0] == 5
    assert not desk.server.posts
    assert desk.run(*words, "--budget", "1")[0] == 0
    assert len(desk.server.posts) == 1


def test_a_clip_tells_what_its_generator_can_not_use(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "own.sf2").write_bytes(b"")
    words = ["clip", "a tone", "--seconds", "2", "-b", "segmind", "-o", "x.wav"]
    unused = ["--soundfont", str(tmp_path / "own.sf2"), "--negative-prompt", "drums"]
    code, _, err = desk.run(*words, *unused)
    assert code == 0
    assert err.count("'segmind' plays no SoundFont: ") == 1
    assert err.count("'segmind' takes no negative prompt: it is not used") == 1


def test_jobs_lists_what_a_render_has_paid(desk: Desk) -> None:
    assert desk.render()[0] == 0
    code, out, _ = desk.run("jobs", "out", "--json")
    told = json.loads(out)
    assert code == 0
    assert [job["state"] for job in told["jobs"]] == ["finished"] * CUES
    assert {job["cue"] for job in told["jobs"]} == {f"Cue {number}" for number in range(CUES)}
    assert told["spent_usd"] == pytest.approx(CUES * 0.04)
    assert told["perhaps_usd"] == 0


def test_the_key_is_in_no_byte_that_a_run_leaves(desk: Desk) -> None:
    code, out, err = desk.render("-vvv")
    assert code == 0
    assert "musicgen_daw.segmind" in err
    assert KEY not in out + err
    files = [path for path in desk.root.rglob("*") if path.is_file()]
    assert len(files) > CUES
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0.00"),
        ("0.037", "0.037"),
        ("0.04", "0.04"),
        ("0.00004", "0.00"),
        ("12.346", "12.35"),
        ("0.1", "0.10"),
    ],
)
def test_amounts_are_shown_as_exactly_as_they_matter(amount: str, shown: str) -> None:
    assert usd(Decimal(amount)) == shown

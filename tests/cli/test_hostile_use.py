"""The hosted generator from the command line, used wrongly, hastily and with ill will."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hostile import KEY, Act, Call, Exchange, HostileServer, error, out_of_credits, too_many

from musicgen_daw.cli import run
from musicgen_daw.store.output import OutputFolder

COLUMNS = "name,length,prompt,preset,bpm,key,end,intensity,loop"
ANSWER = {"cues", "made", "from_store", "failed", "spent_usd", "perhaps_usd", "output"}


@dataclass
class Desk:
    """A producer's folder, and a service that takes 0.04 USD for each clip."""

    root: Path
    server: HostileServer
    capfd: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        out, err = self.capfd.readouterr()
        assert KEY not in out + err
        assert "\x1b" not in out + err
        return code, out, err

    def sheet(self, *rows: str) -> None:
        """Write a list of cues; what a row leaves out at its end is empty."""
        cells = COLUMNS.count(",")
        lines = (row + "," * (cells - row.count(",")) for row in rows)
        (self.root / "cues.csv").write_text("\n".join([COLUMNS, *lines]) + "\n")

    def render(self, *flags: str, output: str = "out") -> tuple[int, str, str]:
        return self.run("render", "cues.csv", "-o", output, "-b", "segmind", *flags)

    def clip(self, prompt: str, output: str = "x.wav") -> tuple[int, str, str]:
        words = ("--seconds", "1", "-b", "segmind", "-o", output, "--", prompt)
        return self.run("clip", *words)

    def planned(self) -> dict[str, Any]:
        code, out, err = self.run("plan", "cues.csv", "-b", "segmind", "--json")
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("MUSICGEN_DAW_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("SEGMIND_API_KEY", KEY)
    (tmp_path / "settings.toml").write_text('presets = "presets"\n')
    (tmp_path / "presets").mkdir()
    with HostileServer() as server:
        monkeypatch.setenv("MUSICGEN_DAW_SEGMIND_BASE_URL", server.url)
        desk = Desk(tmp_path, server, capfd)
        desk.sheet("A,2,a tone", "B,2,another tone", "C,2,a third")
        yield desk


# -- nothing is paid for in vain -------------------------------------------------------------------


@pytest.mark.parametrize("output", ["settings.toml/out", "/dev/null/out", "gone"])
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_sent(
    desk: Desk, output: str
) -> None:
    (desk.root / "gone").symlink_to(desk.root / "nowhere" / "at all")
    code, out, err = desk.render(output=output)
    assert (code, out) == (3, "")
    assert "can't be written" in err
    assert not desk.server.calls


def test_a_store_that_cannot_be_written_is_refused_before_anything_is_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSICGEN_DAW_STORE", str(desk.root / "settings.toml" / "store"))
    code, _, err = desk.render()
    assert code == 3
    assert "--store" in err
    assert not desk.server.calls


def test_a_folder_that_another_run_holds_is_refused_before_anything_is_sent(desk: Desk) -> None:
    with OutputFolder.open(desk.root / "out"):
        code, _, err = desk.render()
    assert code == 8
    assert "another run holds this folder" in err
    assert not desk.server.calls


def test_what_is_paid_when_the_folder_vanishes_is_not_paid_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSICGEN_DAW_SEGMIND_AT_ONCE", "1")
    desk.sheet(*(f"Cue {number},2,tone {number}" for number in range(12)))

    def vanish_on_the_second(call: Call) -> Act | None:
        if len(desk.server.posts) == 2:
            shutil.rmtree(desk.root / "out")
        return None

    desk.server.script = vanish_on_the_second
    code, _, err = desk.render()
    assert code == 3
    assert "vanished" in err

    desk.server.script = lambda _: None
    assert desk.render()[0] == 0
    assert len(desk.server.posts) == 12
    code, out, _ = desk.run("jobs", "--json")
    assert code == 0
    assert {job["state"] for job in json.loads(out)["jobs"]} == {"finished"}


@pytest.mark.parametrize(
    "row",
    [
        "A,2,a tone,house,100",
        "A,2,a tone,house,,A minor",
        "A,2,a tone,house,,,button",
        "A,2,a tone,house,,,fade",
        "A,2,a tone,house,,,,0.5",
        "A,2,a tone,house,,,,,yes",
    ],
)
def test_what_the_service_does_not_heed_buys_nothing_anew(desk: Desk, row: str) -> None:
    (desk.root / "presets" / "house.toml").write_text('prompt = "plain"\n')
    desk.sheet("A,2,a tone,house")
    assert desk.render()[0] == 0
    desk.sheet(row)
    (cue,) = desk.planned()["cues"]
    assert (cue["stored"], cue["new"]) == (1, 0)


@pytest.mark.parametrize("line", ["guidance = 5.0", "temperature = 0.7", "top_k = 50"])
def test_sampling_that_the_service_does_not_take_buys_nothing_anew(desk: Desk, line: str) -> None:
    preset = desk.root / "presets" / "mine.toml"
    preset.write_text('prompt = "plain"\n')
    desk.sheet("A,2,a tone,mine")
    assert desk.render()[0] == 0
    preset.write_text(f'prompt = "plain"\nnegative = "voices"\n[generation]\n{line}\n')
    (cue,) = desk.planned()["cues"]
    assert (cue["stored"], cue["new"]) == (1, 0)


def test_a_file_that_is_there_already_is_not_paid_for(desk: Desk) -> None:
    (desk.root / "x.wav").write_bytes(b"mine")
    assert desk.clip("a tone")[0] == 3
    assert desk.clip("a tone", "nowhere/x.wav")[0] == 3
    assert desk.clip("a tone", "x.doc")[0] == 2
    assert (desk.root / "x.wav").read_bytes() == b"mine"
    assert not desk.server.calls


# -- the service says no ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "code", "told"),
    [
        (error(401), 6, "auth login"),
        (error(403, "not you"), 7, "not you"),
        (error(404), 7, "no such model"),
        (out_of_credits(), 5, "holds too little"),
        (error(406, "duration is odd"), 7, "duration is odd"),
        (too_many({"retry-after": "86400"}), 7, "too many calls"),
        (error(500, "\x1b]0;title\x07 boom"), 7, "may have been billed"),
    ],
)
def test_a_refusal_has_its_exit_code_and_its_reason_and_one_sending(
    desk: Desk, act: Act, code: int, told: str
) -> None:
    desk.sheet("A,2,a tone")
    desk.server.script = [act]
    found, out, err = desk.render("--json")
    assert found == code
    assert told in err.splitlines()[-1]
    answer = json.loads(out)
    assert set(answer) >= ANSWER
    assert (answer["made"], answer["failed"]) == (0, 1)
    assert len(desk.server.posts) == 1


def test_plain_http_to_another_machine_is_refused_by_every_command(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSICGEN_DAW_SEGMIND_BASE_URL", "http://192.0.2.1:8765")
    plan = desk.run("plan", "cues.csv", "-b", "segmind")
    balance = desk.run("auth", "status", "--check")
    for code, out, err in (plan, balance, desk.render(), desk.clip("a tone")):
        assert code == 3
        assert "would send the key unencrypted" in err
        assert "takes it" not in out


# -- keys and prompts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["SG_12 34567890", "SG_1234\n567890", "SG_1234567é", "S", "x" * 600]
)
def test_what_can_be_no_key_is_neither_sent_nor_repeated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("SEGMIND_API_KEY", key)
    code, out, err = desk.clip("a tone")
    assert code == 6
    assert "what is given as the key" in err
    assert len(key) == 1 or key not in out + err
    assert not desk.server.calls


@pytest.mark.parametrize(
    "words", [["auth", "login", KEY], ["auth", "login", f"--key={KEY}"], [KEY], ["plan", KEY]]
)
def test_a_key_that_is_typed_where_none_belongs_is_not_repeated(
    desk: Desk, words: list[str]
) -> None:
    assert desk.run(*words)[0] == 2


def test_a_key_in_the_settings_file_is_refused_and_not_repeated(desk: Desk) -> None:
    (desk.root / "settings.toml").write_text(f'[segmind]\napi_key = "{KEY}"\n')
    code, _, err = desk.run("plan", "cues.csv", "-b", "segmind")
    assert code == 3
    assert "unknown key" in err


@pytest.mark.parametrize(
    "prompt",
    [
        "日本語 🎻 \u202e strings",
        "red \x1b[31m strings \x07",
        "two\nlines\tand a tab",
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "--help",
        "x" * 20_000,
    ],
)
def test_a_prompt_is_sent_as_it_is_and_spoils_no_terminal(desk: Desk, prompt: str) -> None:
    assert desk.clip(prompt)[0] == 0
    assert [post.asked["prompt"] for post in desk.server.posts] == [prompt]
    assert desk.run("jobs")[0] == 0
    assert json.loads(desk.run("jobs", "--json")[1])["spent_usd"] == 0.04


def test_half_a_character_is_not_sent(desk: Desk) -> None:
    code, _, err = desk.clip("strings \udcff")
    assert code != 0
    assert "half a character" in err
    assert not desk.server.posts


# -- what is told of money -------------------------------------------------------------------------


def test_a_model_that_the_service_does_not_take_buys_nothing_anew(desk: Desk) -> None:
    preset = desk.root / "presets" / "mine.toml"
    preset.write_text('prompt = "plain"\n')
    desk.sheet("A,2,a tone,mine")
    assert desk.render()[0] == 0
    preset.write_text('prompt = "plain"\n[generation]\nmodel = "large"\n')
    (cue,) = desk.planned()["cues"]
    assert (cue["stored"], cue["new"]) == (1, 0)


def test_what_is_only_perhaps_paid_is_not_told_as_spent(desk: Desk) -> None:
    desk.sheet("A,2,a tone")
    desk.server.script = [error(502)]
    code, out, err = desk.render("--json")
    assert code == 7
    told = json.loads(out)
    listed = json.loads(desk.run("jobs", "--json")[1])
    assert told["spent_usd"] == listed["spent_usd"] == 0
    assert told["perhaps_usd"] > 0
    assert listed["perhaps_usd"] > 0
    assert "'musicgen-daw jobs' shows" in err


def test_a_plan_tells_what_a_render_would_not_send(desk: Desk) -> None:
    desk.sheet("A,2,a tone", "B,2,another tone")
    desk.server.script = [error(502)]
    desk.render("--only", "A")
    plan = desk.planned()
    assert [(cue["new"], cue["open"]) for cue in plan["cues"]] == [(0, 1), (1, 0)]
    assert plan["cues"][0]["usd"] == 0
    out = desk.run("plan", "cues.csv", "-b", "segmind")[1]
    assert "1 clip to make, about" in out
    assert "1 clip sent before and not sent again by a render: 'musicgen-daw jobs' tells" in out
    err = desk.render()[2]
    assert err.startswith("2 cues: 1 clip to make (2.0 s), 0 in store, 1 sent before\n")


# -- two at once -----------------------------------------------------------------------------------


@dataclass
class UnderWay:
    """A process that makes a clip, and waits for the service until ``answer`` is set."""

    process: subprocess.Popen[bytes]
    answer: threading.Event


@pytest.fixture
def clip_under_way(desk: Desk) -> Iterator[UnderWay]:
    sent, answer = threading.Event(), threading.Event()

    def wait(exchange: Exchange) -> None:
        sent.set()
        answer.wait(30)
        exchange.send(exchange.proper())

    desk.server.script = [wait]
    words = ("clip", "a tone", "--seconds", "1", "-b", "segmind", "-o", "first.wav")
    process = subprocess.Popen([sys.executable, "-m", "musicgen_daw", *words])
    try:
        assert sent.wait(30)
        yield UnderWay(process, answer)
    finally:
        answer.set()
        process.kill()
        process.wait()


def test_a_clip_that_another_process_is_making_is_paid_once(
    desk: Desk, clip_under_way: UnderWay
) -> None:
    for words in (["again", "1"], ["lost", "1"], ["fetch", "1"]):
        code, out, err = desk.run("jobs", *words)
        assert (code, out) == (8, "")
        assert "job 1 is under way" in err
    assert desk.run("jobs", "fetch", "all") == (0, "nothing is left to settle\n", "")
    listed = desk.run("jobs")[1]
    assert "under way" in listed
    assert "to settle" not in listed
    (job,) = json.loads(desk.run("jobs", "--json")[1])["jobs"]
    assert (job["is_under_way"], job["is_open"]) == (True, False)
    code, _, err = desk.clip("a tone")
    assert code == 7
    assert "another run is making this clip now" in err

    clip_under_way.answer.set()
    assert clip_under_way.process.wait(30) == 0
    assert desk.clip("a tone")[0] == 0
    assert len(desk.server.posts) == 1
    (job,) = json.loads(desk.run("jobs", "--json")[1])["jobs"]
    assert (job["is_under_way"], job["state"]) == (False, "finished")


def test_a_clip_whose_process_was_killed_is_the_users_to_settle(
    desk: Desk, clip_under_way: UnderWay
) -> None:
    clip_under_way.process.kill()
    clip_under_way.process.wait()
    assert "to settle" in desk.run("jobs")[1]
    assert desk.clip("a tone")[0] == 7
    assert desk.run("jobs", "again", "1")[0] == 0
    assert desk.clip("a tone")[0] == 0
    assert len(desk.server.posts) == 2


# -- what is delivered -----------------------------------------------------------------------------


def test_a_long_cue_is_joined_without_a_click_and_tells_where_it_comes_from(desk: Desk) -> None:
    desk.sheet("Long,40.125,a tone,,120")
    assert desk.render()[0] == 0
    (cue,) = json.loads((desk.root / "out" / "manifest.json").read_text())["cues"]
    (take,) = cue["takes"]
    assert len(take["clips"]) == len(desk.server.posts) == 2
    path = desk.root / "out" / take["stems"][0]["path"]
    content = path.read_bytes()
    samples, rate = soundfile.read(path, always_2d=True)
    assert len(samples) == 40.125 * rate
    seeds = {clip["request"]["seed"] for clip in take["clips"]}
    assert seeds == {post.asked["seed"] for post in desk.server.posts}
    assert take["seed"] in seeds
    assert "CC BY-NC" in take["licence"]
    assert b"CC BY-NC" in content
    assert b"AI-generated by segmind" in content
    # A sine has no step; where two are joined there is none either.
    steps = np.abs(np.diff(samples[:, 0]))
    inside = steps[rate : 10 * rate].max()
    assert steps[rate : -2 * rate].max() < 1.5 * inside


@pytest.mark.parametrize(
    "name", ["", "a\nb", "\x1b[31mred", "n" * 65, "../up", "a\u202eb", "nul\0"]
)
def test_a_servers_key_has_a_plain_name(desk: Desk, name: str) -> None:
    code, out, err = desk.run("serve", "keys", "add", "--data", "served", "--", name)
    assert (code, out) == (2, "")
    assert "is no name for a key" in err


@pytest.mark.parametrize("prompt", ["", "   "])
def test_an_empty_prompt_is_refused_before_anything_is_sent(desk: Desk, prompt: str) -> None:
    assert desk.clip(prompt)[0] == 2
    assert not desk.server.calls


def test_a_clip_that_could_not_be_written_is_not_paid_for(desk: Desk) -> None:
    assert desk.clip("a tone", "/proc/self/x.wav")[0] == 3
    assert not desk.server.posts


def test_the_manifest_tells_cost_and_request_of_each_clip(desk: Desk) -> None:
    desk.sheet("A,2,a tone")
    assert desk.render()[0] == 0
    text = (desk.root / "out" / "manifest.json").read_text()
    assert "job-1" in text
    assert "0.04" in text


@pytest.mark.parametrize("amount", ["nan", "NaN", "sNaN"])
def test_a_price_that_is_no_number_is_refused(desk: Desk, amount: str) -> None:
    assert desk.run("serve", "--data", "d", "--usd-per-second", amount)[0] == 2


def test_a_finished_job_tells_its_request(desk: Desk) -> None:
    desk.sheet("A,2,a tone")
    assert desk.render()[0] == 0
    (job,) = json.loads(desk.run("jobs", "--json")[1])["jobs"]
    assert job["request_id"] == "job-1"

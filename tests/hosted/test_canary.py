"""The key, looked for in every byte that leaves the program, under every fault of a service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hostile import Act, Call, HostileServer, echo
from tattling import KEYS, STOPPING, TELLING, holders, lines_with

LONGEST_RUN_S = 300
QUICK = {
    "read_timeout_s": 0.4,
    "connect_timeout_s": 2,
    "job_timeout_s": 0.1,
    "longest_wait_s": 0.1,
    "tries": 2,
}


@dataclass
class Desk:
    """A producer's folder, in which lies whatever a command writes; nothing in it is the key."""

    root: Path
    key: str
    server: HostileServer

    def environment(self, **settings: Any) -> dict[str, str]:
        told = {"base_url": self.server.url, **QUICK, **settings}
        for name in ("home", "tmp"):
            (self.root / name).mkdir(exist_ok=True)
        return {
            **{name: value for name, value in os.environ.items() if "SEGMIND" not in name},
            **{f"MUSICGEN_DAW_SEGMIND_{name.upper()}": str(v) for name, v in told.items()},
            "SEGMIND_API_KEY": self.key,
            "MUSICGEN_DAW_SETTINGS": str(self.root / "settings.toml"),
            "MUSICGEN_DAW_STORE": str(self.root / "store"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "HOME": str(self.root / "home"),
            "XDG_DATA_HOME": str(self.root / "home"),
            "XDG_CONFIG_HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
        }

    def run(self, *words: str, typed: str = "", **settings: Any) -> str:
        """Run a command as talkative as it gets, and return all that it said."""
        told = subprocess.run(
            [sys.executable, "-m", "musicgen_daw", *words],
            cwd=self.root,
            env=self.environment(**settings),
            input=typed,
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN_S,
        )
        assert told.returncode >= 0
        said = told.stdout + told.stderr
        assert lines_with(said) == []
        return said

    def render(self, prompts: list[str], *, backend: str = "segmind", **settings: Any) -> str:
        rows = "".join(f"Cue {n},1,{prompt}\n" for n, prompt in enumerate(prompts))
        (self.root / "cues.csv").write_text(f"name,length,prompt\n{rows}")
        words = ("cues.csv", "-o", "out", "-b", backend, "-vvv", "--json")
        return self.run("render", *words, **settings)


@pytest.fixture(params=KEYS.values(), ids=KEYS)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    root = tmp_path / "desk"
    root.mkdir()
    (root / "settings.toml").write_text("")
    with HostileServer(key=request.param) as server:
        yield Desk(root, request.param, server)


one_key = pytest.mark.parametrize("desk", [KEYS["of any shape"]], indirect=True)


def act_of(server: HostileServer, acts: Mapping[str, Act], call: Call, place: str) -> Act | None:
    """Return what is done where a prompt says so: "POST echo 500", "status cut", "file late"."""
    if call.method == "POST":
        here, asked = "POST", call.asked
    else:
        parts = call.path.split("?")[0].strip("/").split("/")
        id_ = next((part for part in parts if part.split(".")[0] in server.jobs), None)
        if id_ is None:
            return None
        here = "status" if parts[-1] == "status" else "file" if parts[0] == "files" else "result"
        asked = server.jobs[id_.split(".")[0]].asked
    wanted, _, name = asked["prompt"].partition(" ")
    return acts.get(name) if here == wanted == place else None


def misbehaving(server: HostileServer, acts: Mapping[str, Act], place: str) -> list[str]:
    """Let a server do each act at a place of its interface, and return the prompts for that."""
    server.script = lambda call: act_of(server, acts, call, place)
    return ["proper", *(f"{place} {name}" for name in acts)]


# -- while clips are made --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("desk", "api"),
    [(KEYS["of any shape"], "v1"), (KEYS["of any shape"], "v2"), (KEYS["as issued"], "v1")],
    ids=["of any shape-v1", "of any shape-v2", "as issued-v1"],
    indirect=["desk"],
)
def test_no_answer_to_what_is_sent_gets_the_key_anywhere(desk: Desk, api: str) -> None:
    prompts = misbehaving(desk.server, TELLING, "POST")
    said = desk.render(prompts, api=api, at_once=1)
    assert {call.headers["x-api-key"] for call in desk.server.calls} == {desk.key}
    assert "httpcore" in said
    assert "Traceback" not in said
    assert len(desk.server.posts) == len(prompts)
    assert list((desk.root / "store" / "evidence").iterdir())
    assert "segmind" in desk.run("jobs", "--all", "--json")
    desk.run("jobs", "fetch", "all", "-vvv")
    assert holders(desk.root) == []


@pytest.mark.slow
@one_key
@pytest.mark.parametrize("place", ["status", "result", "file"])
def test_no_answer_about_what_was_taken_gets_the_key_anywhere(desk: Desk, place: str) -> None:
    acts = {**TELLING, "echo 429": STOPPING["echo 429"]}
    prompts = misbehaving(desk.server, acts, place)
    assert "Traceback" not in desk.render(prompts, api="v2", at_once=16)
    assert len(desk.server.posts) == len(prompts)
    desk.run("jobs", "--all", "--json")
    assert holders(desk.root) == []


AT_ONCE = {**STOPPING, "packed noise": TELLING["packed noise"]}


@one_key
@pytest.mark.parametrize("act", AT_ONCE.values(), ids=AT_ONCE)
def test_what_stops_a_run_gets_the_key_nowhere(desk: Desk, act: Act) -> None:
    desk.server.script = lambda call: act if call.method == "POST" else None
    said = desk.render(["one", "another"], tries=1)
    assert desk.server.posts
    assert "error: " in said
    assert "Traceback" not in said
    assert holders(desk.root) == []


# -- what only asks --------------------------------------------------------------------------------

ASKING = [
    ("auth", "login", "--check", "-vvv"),
    ("auth", "status", "--check", "-vvv"),
    ("jobs", "fetch", "all", "-vvv"),
]
KEEPING_TO_ITSELF = [
    ("auth", "logout", "-vvv"),
    ("doctor", "--json"),
    ("plan", "cues.csv", "-b", "segmind", "--json"),
]
"""These call nobody, whatever they would be answered."""


@pytest.mark.slow
@one_key
def test_what_only_asks_gets_the_key_nowhere(desk: Desk) -> None:
    desk.server.script = lambda call: TELLING["late"] if call.method == "POST" else None
    desk.render(["a tone"])
    for act in [echo(200), echo(401), echo(500), TELLING["status line"]]:
        desk.server.script = lambda call, act=act: act
        for words in ASKING:
            desk.run(*words, typed=f"{desk.key}\n")
    calls = len(desk.server.calls)
    for words in KEEPING_TO_ITSELF:
        desk.run(*words)
    assert len(desk.server.calls) == calls
    assert holders(desk.root) == []


# -- faults of programs ----------------------------------------------------------------------------

BROKEN = """
import logging, os
from musicgen_daw.backends.segmind import SegmindBackend
from musicgen_daw.errors import Rejected

class Broken(SegmindBackend):
    name = "broken"

    def run(self, requests, checkpoint):
        key = self._key or os.environ["SEGMIND_API_KEY"]
        checkpoint.started(requests[0])
        try:
            raise KeyError({"x-api-key": key})
        except KeyError:
            logging.getLogger("musicgen_daw.segmind").exception("sent %r", {"x-api-key": key})
        if requests[0].prompt == "reject":
            raise Rejected(f"no {key} here")
        raise RuntimeError(f"sent with {key}")
        yield
"""


@pytest.fixture
def broken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with a generator that tells the key in its errors and in the log."""
    plugins = desk.root.parent / "plugins"
    info = plugins / "broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[musicgen_daw.backends]\nbroken = broken:Broken\n")
    (plugins / "broken.py").write_text(BROKEN)
    monkeypatch.setenv("PYTHONPATH", str(plugins))
    return desk


def test_a_traceback_does_not_show_the_key(broken: Desk) -> None:
    said = broken.render(["crash"], backend="broken")
    assert "Traceback" in said
    assert "RuntimeError: sent with [key]" in said
    broken.run("jobs", "--all", "--json")
    assert holders(broken.root) == []


def test_what_a_generator_says_of_its_key_is_not_shown(broken: Desk) -> None:
    assert "no [key] here" in broken.render(["reject"], backend="broken")


# -- the server ------------------------------------------------------------------------------------


def test_a_server_tells_no_key_in_its_log_and_keeps_none(tmp_path: Path) -> None:
    data = tmp_path / "data"
    serve = [sys.executable, "-m", "musicgen_daw", "serve", "--data", str(data)]
    environment = {**os.environ, "MUSICGEN_DAW_SETTINGS": os.devnull}
    made = subprocess.run(
        [*serve, "keys", "add", "me", "--credits", "5", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    key = json.loads(made.stdout)["key"]
    assert lines_with(made.stderr, key) == []
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                [*serve, "--port", "0", "-vvv"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(process.kill)
        alarm = threading.Timer(LONGEST_RUN_S, process.kill)
        alarm.start()
        stack.callback(alarm.cancel)
        assert process.stderr is not None
        said = []
        while "listening on " not in (line := process.stderr.readline()):
            assert line
            said.append(line)
        url = line.split("listening on ")[1].split(",")[0]
        ask_wrongly_and_rightly(url, key)
        process.terminate()
        out, err = process.communicate()
    assert lines_with("".join(said) + out + err, key) == []
    assert holders(data, key) == []
    assert "/v1/" in err


def ask_wrongly_and_rightly(url: str, key: str) -> None:
    """Call a server with its key in the right place, and in every wrong one."""
    model = "/v1/meta-musicgen-medium"
    clip = {"prompt": "calm", "duration": 1}
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        right = {"x-api-key": key}
        assert client.post(model, json=clip, headers=right).status_code == 200
        id_ = client.post("/v2/meta-musicgen-medium", json=clip, headers=right).json()["request_id"]
        client.get(f"/v2/requests/{id_}/status", headers=right)
        client.get("/v1/get-user-credits", headers=right)
        client.get("/v1/requests", headers=right)
        client.post(model, content=b"{", headers=right)
        client.post(model, json=clip, headers={"x-api-key": f"{key}x"})
        client.post(model, json=clip, headers={"authorization": f"Bearer {key}"})
        client.post(f"{model}?api_key={key}", json=clip)
        client.post(f"/v1/{key}", json=clip, headers=right)
        client.get(f"/v2/requests/{key}", headers=right)
        client.get(f"/{key}", headers={**right, "host": key})
        client.post(model, json={**clip, "duration": key}, headers=right)
        client.post(model, json={**clip, key: 1}, headers=right)
        client.request("BREW", model, headers={**right, "user-agent": key, "referer": key})

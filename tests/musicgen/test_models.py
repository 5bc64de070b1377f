"""Checkpoints: what is here, what can be got, and that nothing comes unasked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import prod
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.backends.musicgen import MusicgenBackend  # noqa: E402
from musicgen_daw.cli import run  # noqa: E402
from musicgen_daw.musicgen.config import MelodyShape, ModelConfig  # noqa: E402
from musicgen_daw.musicgen.layout import shapes  # noqa: E402
from musicgen_daw.musicgen.published import PUBLISHED  # noqa: E402

NAME = "facebook/musicgen-small"
COMMIT = "0" * 39 + "1"


class Hub:
    """A hub on loopback that has the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._answer(with_body=False)

            def do_GET(self) -> None:
                self._answer(with_body=True)

            def _answer(self, with_body: bool) -> None:
                path = urlsplit(self.path).path
                if path.startswith(f"/api/models/{NAME}"):
                    self._send(hub.index(path), "application/json", with_body)
                elif path.startswith(f"/{NAME}/resolve/"):
                    name = path.rpartition("/")[2]
                    if with_body:
                        hub.sent.append(name)
                    self._send((hub.folder / name).read_bytes(), "application/x", with_body)
                else:
                    self.send_error(404)

            def _send(self, content: bytes, kind: str, with_body: bool) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
                self.send_header("X-Repo-Commit", COMMIT)
                self.end_headers()
                if with_body:
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def index(self, path: str) -> bytes:
        files = sorted(file for file in self.folder.iterdir() if file.is_file())
        if "/tree/" in path:
            tree = [
                {"type": "file", "path": f.name, "size": f.stat().st_size, "oid": f.name}
                for f in files
            ]
            return json.dumps(tree).encode()
        siblings = [{"rfilename": f.name, "size": f.stat().st_size} for f in files]
        card = {"license": "cc-by-nc-4.0"}
        return json.dumps(
            {"id": NAME, "sha": COMMIT, "siblings": siblings, "cardData": card}
        ).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def hub(reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    folder = Path(shutil.copytree(reference("tiny").folder, tmp_path / "remote"))
    (folder / "state_dict.bin").write_bytes(b"the same in another form")
    (folder / "README.md").write_text("what it is")
    found = Hub(folder)
    monkeypatch.setenv("HF_ENDPOINT", found.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.delenv("MUSICGEN_DAW_MODEL", raising=False)
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", str(tmp_path / "settings.toml"))
    (tmp_path / "settings.toml").write_text("")
    yield found
    found.close()


def answer(capfd, *arguments: str) -> tuple[int, str, str]:
    code = run(list(arguments))
    out, err = capfd.readouterr()
    return code, out, err


def listed(capfd, *flags: str) -> dict[str, dict]:
    code, out, _ = answer(capfd, "models", "list", "--json", *flags)
    assert code == 0
    return {model["name"]: model for model in json.loads(out)}


def test_nothing_is_downloaded_without_a_yes_and_size_and_licence_are_told_before(
    capfd, hub
) -> None:
    code, out, err = answer(capfd, "models", "pull", "small")
    wanted = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    size_gb = sum((hub.folder / name).stat().st_size for name in wanted) / 1e9
    assert (code, out, hub.sent) == (2, "", [])
    assert f"{NAME}: {size_gb:.2f} GB" in err
    assert "licence CC-BY-NC 4.0: not for commercial use" in err
    assert "use --yes" in err


def test_a_checkpoint_that_was_pulled_is_listed_and_runs(capfd, hub, tmp_path) -> None:
    assert listed(capfd)[NAME]["path"] is None
    code, out, _ = answer(capfd, "models", "pull", "small", "--yes")
    assert code == 0
    assert "model.safetensors" in hub.sent
    assert not {"state_dict.bin", "README.md"} & set(hub.sent)  # one form of the weights is enough
    found = listed(capfd)[NAME]
    assert found["path"] == out.strip()
    assert found["size_bytes"] == (hub.folder / "model.safetensors").stat().st_size
    assert (found["family"], found["fault"]) == ("mono", None)
    environment = {"HF_HOME": str(tmp_path / "hub"), "MUSICGEN_DAW_MODEL": NAME}
    with MusicgenBackend(environment=environment) as backend:
        assert backend.revision
    hub.sent.clear()
    assert answer(capfd, "models", "pull", "small", "--yes")[0] == 0
    assert hub.sent == []  # what is here is not got again


def test_a_checkpoint_is_read_whole_when_asked_and_its_checksum_told_from_then_on(
    capfd, hub, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "settings.toml").write_text(f"model = '{NAME}'")

    def doctor() -> str:
        findings = json.loads(answer(capfd, "doctor", "--json")[1])
        return next(found["state"] for found in findings if found["what"] == "checkpoint")

    assert answer(capfd, "models", "check", "small")[0] == 7  # it isn't here
    assert answer(capfd, "models", "pull", "small", "--yes")[0] == 0
    assert listed(capfd)[NAME]["sha256"] is None
    assert doctor() == f"{NAME}, never checked"
    code, out, _ = answer(capfd, "models", "check", "small", "--json")
    sha256 = hashlib.sha256((hub.folder / "model.safetensors").read_bytes()).hexdigest()
    assert (code, json.loads(out)["sha256"]) == (0, sha256)
    assert listed(capfd)[NAME]["sha256"] == sha256
    assert doctor() == f"{NAME}, sha256 {sha256}"
    assert sha256[:12] in answer(capfd, "models", "list")[1]
    assert f"{sha256}  model.safetensors" in answer(capfd, "models", "check", NAME)[1]


def test_a_checkpoint_that_the_hub_lacks_is_told(capfd, hub) -> None:
    code, _, err = answer(capfd, "models", "pull", "some/other", "--yes")
    assert (code, "some/other: is no public checkpoint on the hub" in err) == (7, True)


def test_a_hub_that_can_not_be_reached_is_told(capfd, hub, monkeypatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    code, _, err = answer(capfd, "models", "pull", "small", "--yes")
    assert (code, f"{NAME}: can't be got from the hub" in err) == (7, True)


@pytest.mark.parametrize(
    ("name", "family"),
    [("tiny", "mono"), ("tiny-stereo", "stereo"), ("tiny-melody", "mono, melody")],
)
def test_a_folder_that_is_named_is_listed_with_its_family(
    capfd, hub, reference, name, family
) -> None:
    folder = str(reference(name).folder)
    found = listed(capfd, "--model", folder)[folder]
    assert (found["family"], found["licence"]) == (family, "its maker's: see its page")


def test_a_model_that_came_in_part_is_listed_with_its_fault(capfd, hub, tmp_path) -> None:
    (tmp_path / "hub" / "hub" / "models--facebook--musicgen-large").mkdir(parents=True)
    (tmp_path / "hub" / "hub" / "models--some--other").mkdir()
    found = listed(capfd)
    assert (
        "musicgen-daw models pull facebook/musicgen-large"
        in found["facebook/musicgen-large"]["fault"]
    )
    assert "some/other" not in found


def test_the_doctor_tells_how_to_get_a_checkpoint_its_size_and_licence(
    capfd, hub, tmp_path
) -> None:
    def musicgen() -> dict:
        findings = json.loads(answer(capfd, "doctor", "--json")[1])
        return next(found for found in findings if found["what"] == "backend musicgen")

    remedy = musicgen()["remedy"]
    assert "'musicgen-daw models pull small' gets facebook/musicgen-small (about 2.4 GB" in remedy
    assert "CC-BY-NC 4.0" in remedy
    (tmp_path / "settings.toml").write_text(f"model = '{hub.folder}'")
    (hub.folder / "state_dict.bin").unlink()
    assert musicgen()["works"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_size_that_is_told_is_that_of_the_layout(name) -> None:
    size = next((size for size in ("small", "large") if size in name), "medium")
    layers, width, heads, ffn = {
        "small": (24, 1024, 16, 4096),
        "medium": (48, 1536, 24, 6144),
        "large": (48, 2048, 32, 8192),
    }[size]
    config = ModelConfig(
        layers,
        width,
        heads,
        ffn,
        codebooks=8 if "stereo" in name else 4,
        channels=2 if "stereo" in name else 1,
        melody=MelodyShape() if "melody" in name else None,
    )
    text_and_codec = 109_628_544 + 59_000_000
    numbers = text_and_codec + sum(prod(shape) for shape in shapes(config).values())
    assert PUBLISHED[name].about_gb == pytest.approx(4 * numbers / 1e9, abs=0.06)


@pytest.mark.parametrize(("compiler", "state"), [("false", "not there"), ("cc", "makes the local")])
def test_the_doctor_tells_whether_the_step_runs_compiled(tmp_path, compiler, state) -> None:
    if compiler == "cc" and shutil.which("cc") is None:
        pytest.skip("there is no C compiler")
    environment = {**os.environ, "CC": compiler, "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "musicgen_daw", "doctor", "--json"]
    answered = subprocess.run(command, env=environment, capture_output=True, check=False)
    findings = {found["what"]: found for found in json.loads(answered.stdout)}
    assert findings["compiled step"]["state"].startswith(state)

"""The API, code by code, as the hosted service has it."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import httpx
import pytest
from tones import MODEL, Clock, Gate, Served, ToneBackend, client, served

from musicgen_daw.audio.codecs import decode
from musicgen_daw.server.app import make_app
from musicgen_daw.server.options import Options
from musicgen_daw.server.run import serving


def test_a_clip_comes_as_a_wav_of_exactly_its_length(server: Served) -> None:
    answer = server.ask(duration=2.5, seed=7)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    sound = decode(answer.content)
    assert sound.length_samples == 2.5 * sound.sample_rate
    assert answer.headers["x-cost"] == "0.01"
    assert answer.headers["x-seed-value"] == "7"
    assert float(answer.headers["x-generation-time"]) >= 0
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


def test_only_a_success_is_billed(server: Served) -> None:
    before = server.credits()
    assert server.ask("refuse this").status_code == 422
    assert server.ask("crash").status_code == 422
    assert server.credits() == before
    remaining = server.ask(duration=1).headers["x-remaining-credits"]
    assert server.credits() == float(remaining) == pytest.approx(before - 0.004)
    assert server.held() == 0


def test_the_defaults_are_ten_seconds_and_seed_42(server: Served) -> None:
    answer = server.ask()
    assert decode(answer.content).seconds == 10
    assert answer.headers["x-seed-value"] == "42"


def test_the_same_call_gives_the_same_bytes_and_minus_one_draws_a_seed(server: Served) -> None:
    assert server.ask(duration=1).content == server.ask(duration=1).content
    drawn = {server.ask(duration=1, seed=-1).headers["x-seed-value"] for _ in range(4)}
    assert len(drawn) > 1
    assert all(0 <= int(seed) <= 9999 for seed in drawn)


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": ""},
        {"prompt": " \n"},
        {"prompt": None},
        {"prompt": 3},
        {"prompt": ["a"]},
        {"prompt": "x" * 10_001},
        {"prompt": "\ud800"},
        {"duration": 0.999},
        {"duration": 30.001},
        {"duration": "10"},
        {"duration": True},
        {"duration": None},
        {"duration": 10**400},
        {"seed": -2},
        {"seed": 10_000},
        {"seed": 1.5},
        {"seed": "42"},
        {"seed": False},
        {"seed": None},
    ],
    ids=repr,
)
def test_a_wrong_value_is_rejected_by_name(server: Served, fields: dict[str, object]) -> None:
    answer = server.client.post(
        f"/v1/{MODEL}",
        content=json.dumps({"prompt": "a tone"} | fields),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 406
    assert next(iter(fields)) in answer.json()["error"]


def test_fields_that_nobody_knows_are_passed_over(server: Served) -> None:
    assert server.ask(duration=1, base64=False, webhook=None).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"prompt": "a", "duration": NaN}',
        b'{"prompt": "a", "duration": Infinity}',
        b"[" * 30_000,
        b'{"prompt": "a", "seed": ' + b"9" * 5_000 + b"}",
        b'{"prompt": "a", "duration": 1e' + b"9" * 20 + b"}",
        b"prompt=a",
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)
def test_what_is_no_json_is_400(server: Served, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = server.client.post(f"/v2/{MODEL}", content=body, headers=headers)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]


@pytest.mark.parametrize("body", [b"[]", b"3", b'"a tone"', b"null", b"{}"])
def test_json_without_a_prompt_is_406(server: Served, body: bytes) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    answer = server.client.post(f"/v1/{MODEL}", content=body, headers=headers)
    assert answer.status_code == 406
    assert "prompt" in answer.json()["error"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_406_and_says_so(server: Served, media_type: str) -> None:
    headers = {"content-type": media_type}
    answer = server.client.post(f"/v1/{MODEL}", content=b'{"prompt": "a"}', headers=headers)
    assert answer.status_code == 406
    assert "content type" in answer.json()["error"]
    assert "credits" not in answer.json()["error"]


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"x-api-key": "SG_" + "0" * 32},
                                     {"x-api-key": "k" * 9000}, {"x-api-key": "\xff"}])  # fmt: skip
@pytest.mark.parametrize(
    "path", [f"v1/{MODEL}", "v1/requests", "v1/get-user-credits", "files/a.wav"]
)
def test_without_a_good_key_it_is_401(server: Served, path: str, headers: dict[str, str]) -> None:
    method = "POST" if MODEL in path else "GET"
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = httpx.request(method, f"{server.url}/{path}", headers=raw, trust_env=False)
    assert answer.status_code == 401
    assert "x-api-key" in answer.json()["error"]


def test_a_bearer_token_is_no_key(server: Served) -> None:
    headers = {"authorization": f"Bearer {server.key}"}
    answer = httpx.get(f"{server.url}/v1/requests", headers=headers, trust_env=False)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/other-model", f"/v1/{MODEL}/", "/v3/x", "/files/a.mp3", "/v2/requests"],
)
def test_an_unknown_address_is_404_with_an_error(server: Served, path: str) -> None:
    answer = server.client.post(path, json={"prompt": "a"})
    assert answer.status_code == 404
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v1/{MODEL}"),
        ("PUT", f"/v2/{MODEL}"),
        ("DELETE", "/v1/requests"),
        ("POST", "/healthz"),
    ],
)
def test_another_method_is_405_as_a_page(server: Served, method: str, path: str) -> None:
    answer = httpx.request(method, f"{server.url}{path}", trust_env=False)  # and before the key
    assert answer.status_code == 405
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["allow"]


def test_too_few_credits_are_406_and_the_message_says_credits(tmp_path: Path) -> None:
    with served(tmp_path, usd="0.039999") as server:
        answer = server.ask(duration=10)
        assert (answer.status_code, answer.json()["error"]) == (406, "not enough credits")
        assert server.ask(duration=9).status_code == 200
        assert server.credits() == pytest.approx(0.003999)


def test_a_body_that_is_too_large_is_413_declared_or_not(server: Served) -> None:
    headers = {"content-type": "application/json"}
    large = b" " * 70_000
    told = server.client.post(f"/v1/{MODEL}", content=large, headers=headers)
    chunked = server.client.post(f"/v1/{MODEL}", content=iter([large]), headers=headers)
    assert (told.status_code, chunked.status_code) == (413, 413)
    assert told.headers["connection"] == "close"


def raw_call(url: str, head: str) -> bytes:
    """Send a head alone and return all that comes until the server closes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def test_a_stranger_is_refused_before_the_body(server: Served) -> None:
    head = (
        f"POST /v1/{MODEL} HTTP/1.1\nHost: x\nContent-Type: application/json\n"
        f"Content-Length: {10**9}\n\n"
    )
    assert raw_call(server.url, head).startswith(b"HTTP/1.1 401 ")


def test_a_body_that_never_comes_is_408(tmp_path: Path) -> None:
    with served(tmp_path, options=Options(body_timeout_s=0.1)) as server:
        head = (
            f"POST /v1/{MODEL} HTTP/1.1\nHost: x\nContent-Type: application/json\n"
            f"x-api-key: {server.key}\nContent-Length: 20\n\n"
        )
        assert raw_call(server.url, head).startswith(b"HTTP/1.1 408 ")


def test_a_rate_limit_is_429_and_tells_its_reset(tmp_path: Path) -> None:
    clock = Clock()
    with served(tmp_path, options=Options(rate_per_minute=2), clock=clock) as server:
        assert [server.ask(duration=1).status_code for _ in range(2)] == [200, 200]
        clock.now_s += 15
        refused = server.ask(duration=1)
        assert refused.status_code == 429
        assert refused.headers["x-rate-limit-reset-at-utc"] == "2027-01-15T08:01:00.000Z"
        assert refused.headers["retry-after"] == "45"
        assert server.client.get("/v1/requests").status_code == 200  # looking costs nothing
        clock.now_s += 45
        assert server.ask(duration=1).status_code == 200


def test_a_full_queue_is_429(tmp_path: Path) -> None:
    gate = Gate()
    with served(tmp_path, ToneBackend(gate), Options(workers=1, queue=1)) as server:
        assert server.ask("wait", api="v2").status_code == 200
        assert server.ask("wait", api="v2").status_code == 200
        refused = server.ask("wait", api="v2")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        gate.open.set()


def test_a_job_over_its_time_is_504_and_not_charged(tmp_path: Path) -> None:
    gate, clock = Gate(), Clock()
    options = Options(workers=1, max_job_s=60)
    with served(tmp_path, ToneBackend(gate), options, clock=clock) as server:
        answers: list[httpx.Response] = []
        waiting = threading.Thread(target=lambda: answers.append(server.ask("wait")))
        waiting.start()
        assert gate.reached.wait(10)
        queued = server.ask("wait", api="v2").json()
        clock.now_s += 61
        waiting.join(10)
        assert answers[0].status_code == 504
        assert "60 s" in answers[0].json()["error"]
        result = server.client.get(queued["response_url"])
        assert (result.status_code, result.json()["status"]) == (422, "FAILED")
        gate.open.set()
        assert server.ask("after it", duration=1).status_code == 200
        assert server.credits() == pytest.approx(5 - 0.004)
        assert server.held() == 0


def test_a_generator_with_shorter_clips_refuses_longer_ones(tmp_path: Path) -> None:
    from fractions import Fraction

    with served(tmp_path, ToneBackend(max_s=Fraction(8))) as server:
        refused = server.ask(duration=10)
        assert (refused.status_code, "8 s" in refused.json()["error"]) == (406, True)


def test_a_failure_of_a_generator_tells_no_secrets(server: Served) -> None:
    assert server.ask("refuse").json()["error"] == "no such music"
    assert server.ask("crash").json()["error"] == "the generator failed"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl_gets_the_first_table_of_codes(server: Served, tmp_path: Path) -> None:
    key = ["-H", f"x-api-key: {server.key}"]
    asked = ["-H", "content-type: application/json", "-d", '{"prompt": "a tone", "duration": 1}']

    def curl(path: str, *arguments: str) -> str:
        shown = ["-s", "--noproxy", "*", "-o", str(tmp_path / "body"), "-w", "%{http_code}"]
        command = ["curl", *shown, *arguments, f"{server.url}{path}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert curl(f"/v1/{MODEL}", *key, *asked) == "200"
    assert decode((tmp_path / "body").read_bytes()).seconds == 1
    assert curl(f"/v1/{MODEL}", *asked) == "401"
    assert curl("/v1/nothing", *key, *asked) == "404"
    assert curl(f"/v1/{MODEL}", *key) == "405"
    assert curl(f"/v1/{MODEL}", *key, "-d", "prompt=a") == "406"
    assert curl(f"/v2/{MODEL}", *key, *asked) == "200"
    assert json.loads((tmp_path / "body").read_text())["status"] == "QUEUED"
    assert curl("/v1/get-user-credits", *key) == "200"


def test_every_answer_has_an_id_of_its_own(server: Served) -> None:
    with client(server.url, "wrong") as stranger:
        ids = [stranger.get("/v1/requests").headers["x-request-id"] for _ in range(2)]
    ids.append(server.ask(duration=1).headers["x-request-id"])
    assert len(set(ids)) == 3


def test_the_head_of_a_request_has_its_time(tmp_path: Path) -> None:
    with serving(make_app(ToneBackend, tmp_path), head_timeout_s=0.1) as url:
        assert raw_call(url, "GET /healthz HT") == b""  # closed, where uvicorn would wait for ever

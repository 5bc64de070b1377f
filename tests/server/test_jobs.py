"""Jobs of v2, their results, the history, and what a server owes after a stop."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Self

import httpx
import pytest
from tones import Clock, Gate, Served, ToneBackend, client, served, wrapped

from musicgen_daw.audio.codecs import decode
from musicgen_daw.errors import BackendError, FolderBusy, UsageError
from musicgen_daw.server.app import make_app
from musicgen_daw.server.options import Options
from musicgen_daw.server.run import serving


def finished(server: Served, told: dict[str, str]) -> httpx.Response:
    """Return the result of a job when it is at its end."""
    while True:
        answer = server.client.get(told["response_url"])
        if answer.status_code != 202:
            return answer


def test_a_job_is_queued_made_and_fetched(server: Served) -> None:
    before = server.credits()
    told = server.ask("a tone", api="v2", duration=2, seed=3).json()
    assert told["status"] == "QUEUED"
    assert told["status_url"] == told["poll_url"] == f"{told['response_url']}/status"
    assert told["response_url"] == f"{server.url}/v2/requests/{told['request_id']}"
    result = finished(server, told)
    assert result.status_code == 200
    assert result.json()["status"] == "COMPLETED"
    assert result.headers["x-cost"] == "0.008"
    assert result.headers["x-seed-value"] == "3"
    assert result.headers["x-request-id"] == told["request_id"]
    assert server.client.get(told["status_url"]).json()["status"] == "COMPLETED"
    sound = server.client.get(result.json()["output"])
    assert sound.headers["content-type"] == "audio/wav"
    assert decode(sound.content).seconds == 2
    assert server.credits() == pytest.approx(before - 0.008)


def test_a_job_tells_how_it_stands(tmp_path: Path) -> None:
    gate = Gate()
    with served(tmp_path, ToneBackend(gate), Options(workers=1)) as server:
        first, second = (server.ask("wait", api="v2").json() for _ in range(2))
        assert gate.reached.wait(10)
        stands = [server.client.get(told["status_url"]).json() for told in (first, second)]
        assert [one["status"] for one in stands] == ["PROCESSING", "QUEUED"]
        unfinished = server.client.get(first["response_url"])
        assert (unfinished.status_code, unfinished.json()["status"]) == (202, "PROCESSING")
        assert server.credits() == 5  # nothing is charged yet
        assert server.held() == Decimal("0.08")
        assert server.client.get(f"/files/{first['request_id']}.wav").status_code == 404
        gate.open.set()
        assert {finished(server, told).status_code for told in (first, second)} == {200}


def test_a_failed_job_is_422_with_its_status_and_error(server: Served) -> None:
    told = server.ask("refuse", api="v2").json()
    answer = finished(server, told)
    assert answer.status_code == 422
    assert answer.json() == {
        "request_id": told["request_id"],
        "status": "FAILED",
        "error": "no such music",
    }
    assert server.client.get(told["status_url"]).json() == answer.json()


def test_a_job_belongs_to_its_key(server: Served) -> None:
    told = server.ask(duration=1, api="v2").json()
    output = finished(server, told).json()["output"]
    other = server.service.accounts.add("other", Decimal(1))
    with client(server.url, other) as stranger:
        for url in (told["status_url"], told["response_url"], output):
            assert stranger.get(url).status_code == 404
        assert stranger.get("/v1/requests").json() == {"requests": []}
    assert httpx.get(output, trust_env=False).status_code == 401


def test_a_clip_can_be_fetched_in_ranges(server: Served) -> None:
    whole = server.ask(duration=1)
    path = f"/files/{whole.headers['x-request-id']}.wav"
    part = server.client.get(path, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    rest = server.client.get(path, headers={"range": "bytes=200-"})
    assert rest.content == whole.content[200:]
    assert server.client.get(path, headers={"range": "bytes=99999999-"}).status_code == 416


def test_a_clip_is_kept_for_an_hour_and_then_gone(tmp_path: Path) -> None:
    clock = Clock()
    with served(tmp_path, clock=clock) as server:
        call_id = server.ask(duration=1).headers["x-request-id"]
        clock.now_s += 3599
        assert server.client.get(f"/files/{call_id}.wav").status_code == 200
        clock.now_s += 2
        assert server.client.get(f"/files/{call_id}.wav").status_code == 410
        assert server.client.get(f"/v2/requests/{call_id}").status_code == 410
        assert server.client.get("/v1/requests").json()["requests"][0]["output"] is None
        server.service.results.sweep()
        assert len(list((tmp_path / "results").iterdir())) == 1  # downloads may still be going on
        clock.now_s += 600
        server.service.results.sweep()
        assert list((tmp_path / "results").iterdir()) == []
        assert server.client.get(f"/files/{call_id}.wav").status_code == 410


def test_the_history_tells_each_call_the_latest_first(tmp_path: Path) -> None:
    clock = Clock()
    with served(tmp_path, clock=clock) as server:
        server.ask("first", duration=1.5, seed=1)
        clock.now_s += 10
        server.ask("refuse this", duration=2)
        clock.now_s += 10
        server.ask("third", duration=3)
        entries = server.client.get("/v1/requests").json()["requests"]
        assert [entry["prompt"] for entry in entries] == ["third", "refuse this", "first"]
        assert [entry["cost"] for entry in entries] == [0.012, 0, 0.006]
        first = entries[-1]
        assert first["created_at"] == "2027-01-15T08:00:00.000Z"
        assert (first["status"], first["duration"], first["seed"]) == ("COMPLETED", 1.5, 1)
        assert decode(server.client.get(first["output"]).content).seconds == Decimal("1.5")
        assert (entries[1]["status"], entries[1]["output"]) == ("FAILED", None)

        def asked(**query: str) -> list[str]:
            answer = server.client.get("/v1/requests", params=query)
            return [entry["prompt"] for entry in answer.json()["requests"]]

        assert asked(limit="1") == ["third"]
        assert asked(since="1800000010") == ["third", "refuse this"]
        assert asked(since="2027-01-15T08:00:20Z") == ["third"]
        assert asked(since="2027-01-15T08:00:20") == ["third"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=²", "since=yesterday", "since=nan",
              "since=1e999", "limit=" + "1" * 5000],
)  # fmt: skip
def test_a_wrong_query_is_406(server: Served, query: str) -> None:
    assert server.client.get(f"/v1/requests?{query}").status_code == 406


def test_who_goes_away_is_charged_and_finds_the_clip_in_the_history(tmp_path: Path) -> None:
    gate = Gate()
    with served(tmp_path, ToneBackend(gate)) as server:
        with client(server.url, server.key) as hasty, pytest.raises(httpx.ReadTimeout):
            hasty.post("/v1/meta-musicgen-medium", json={"prompt": "wait"}, timeout=0.2)
        assert gate.reached.wait(10)
        gate.open.set()
        (entry,) = server.client.get("/v1/requests").json()["requests"]
        result = finished(server, {"response_url": f"/v2/requests/{entry['request_id']}"})
        assert result.status_code == 200
        assert decode(server.client.get(result.json()["output"]).content).seconds == 10
        assert server.credits() == pytest.approx(4.96)


def test_twenty_callers_with_credits_for_ten_get_exactly_ten(tmp_path: Path) -> None:
    with served(tmp_path, usd="0.04") as server, ThreadPoolExecutor(20) as callers:
        answers = list(callers.map(lambda seed: server.ask(duration=1, seed=seed), range(20)))
        assert sorted(answer.status_code for answer in answers) == [200] * 10 + [406] * 10
        assert server.credits() == 0
        assert server.held() == 0


def test_a_restart_fails_what_was_not_made_and_keeps_what_was(tmp_path: Path) -> None:
    backend = ToneBackend()
    with served(tmp_path, backend) as server:
        made = server.ask(duration=1)
        # A server that is killed leaves its calls like this.
        held = server.service.records.hold("ab12", 1, "cut off", Decimal(10), 1, Decimal("0.04"))
        assert held
        assert server.held() == Decimal("0.04")
        key = server.key
    app = make_app(lambda: backend, tmp_path)
    with serving(app) as url, client(url, key) as again:
        lost = again.get("/v2/requests/ab12")
        assert (lost.status_code, lost.json()["status"]) == (422, "FAILED")
        assert "nothing was charged" in lost.json()["error"]
        assert again.get("/v1/get-user-credits").json()["credits"] == pytest.approx(4.996)
        assert app.state.service.accounts.listed()[0].held_usd == 0
        kept = again.get(f"/files/{made.headers['x-request-id']}.wav")
        assert kept.content == made.content


def test_a_stopping_server_takes_nothing_and_ends_what_it_makes(tmp_path: Path) -> None:
    gate = Gate()
    with served(tmp_path, ToneBackend(gate), Options(workers=1)) as server:
        answers: list[httpx.Response] = []
        caller = threading.Thread(target=lambda: answers.append(server.ask("wait")))
        caller.start()
        assert gate.reached.wait(10)
        queued = server.ask("wait", api="v2").json()
        server.service.jobs.stop_taking()
        refused = server.ask("one more")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 503
        assert finished(server, queued).json()["status"] == "FAILED"
        assert not server.service.jobs.is_idle
        gate.open.set()
        caller.join(10)
        assert answers[0].status_code == 200
        assert server.service.jobs.is_idle
        assert server.held() == 0


def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    with served(tmp_path):
        second = make_app(ToneBackend, tmp_path).state.service
        with pytest.raises(FolderBusy, match="another server"):
            second.start()
        second.close()


def test_a_generator_that_costs_money_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="costs money"):
        make_app(lambda: ToneBackend(paid=True), tmp_path)


class Unopened(ToneBackend):
    """A generator of which the second can't be opened; it counts those that are open."""

    opened = 0

    def __enter__(self) -> Self:
        if Unopened.opened:
            raise BackendError("no memory for another")
        Unopened.opened += 1
        return self

    def __exit__(self, *_: object) -> None:
        Unopened.opened -= 1


def test_a_generator_that_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    service = make_app(Unopened, tmp_path, Options(workers=2)).state.service
    with pytest.raises(BackendError, match="no memory"):
        service.start()
    service.close()
    assert Unopened.opened == 0
    with served(tmp_path) as server:  # and the folder is free
        assert server.ask(duration=1).status_code == 200


def test_a_clip_that_cannot_be_kept_is_500_and_not_charged(tmp_path: Path) -> None:
    (tmp_path / "results").write_bytes(b"where a folder should be")
    with served(tmp_path) as server:
        answer = server.ask(duration=1)
        assert answer.status_code == 500
        assert answer.json() == {"error": "the server could not keep the clip"}
        assert (server.credits(), server.held()) == (5, 0)
        assert server.service.jobs.is_idle


def test_an_application_behind_another_layer_is_served_too(tmp_path: Path) -> None:
    with serving(wrapped(make_app(ToneBackend, tmp_path))) as url:
        assert httpx.get(f"{url}/healthz", trust_env=False).json() == {"status": "ok"}


def test_answers_name_the_public_url_where_there_is_one(tmp_path: Path) -> None:
    with served(tmp_path, options=Options(public_url="https://music.example")) as server:
        told = server.ask(duration=1, api="v2").json()
        assert told["status_url"].startswith("https://music.example/v2/requests/")


def test_a_host_that_is_none_does_not_get_into_urls(server: Served) -> None:
    for host in ("evil.example/?", "a b", "x\x80"):
        headers = {"host": host.encode("latin-1"), "x-api-key": server.key}
        told = server.client.post(
            "/v2/meta-musicgen-medium", json={"prompt": "a", "duration": 1}, headers=headers
        )
        assert told.json()["status_url"].startswith(f"{server.url}/v2/")

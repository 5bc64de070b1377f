from __future__ import annotations

import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from random import Random

import pytest
from hostile import (
    HTML,
    KEY,
    Act,
    Call,
    Exchange,
    HostileServer,
    Reply,
    as_json,
    billed,
    clip_for,
    cut,
    drip,
    echo,
    endless,
    error,
    html,
    in_json,
    instead,
    late,
    nothing,
    out_of_credits,
    redirect,
    reply,
    reset,
    too_many,
)

from musicgen_daw.backends.segmind.backoff import Patience
from musicgen_daw.backends.segmind.calls import Timeouts
from musicgen_daw.backends.segmind.client import SegmindClient
from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.backends.segmind.failures import (
    ApiAmbiguous,
    ApiCredentials,
    ApiError,
    ApiQuota,
    ApiRejected,
    ApiTransient,
    JobFailed,
    OutOfCredits,
    StillRunning,
    Vanished,
)
from musicgen_daw.backends.segmind.wire import JobStatus
from musicgen_daw.errors import Ambiguous, Rejected

ASKED = {"prompt": "low drone", "duration": 1.0, "seed": 7}
SOUND = clip_for(ASKED)
QUICK = Timeouts(connect_s=5, read_s=0.15, whole_s=0.2, get_s=0.15, whole_get_s=0.2)
USUAL = Timeouts(connect_s=5, read_s=10, whole_s=10, get_s=10, whole_get_s=10)


@contextmanager
def client_of(
    server: HostileServer | str, timeouts: Timeouts = USUAL, key: str = KEY
) -> Iterator[SegmindClient]:
    url = server if isinstance(server, str) else server.url
    with SegmindClient(
        url,
        ApiKey(key),
        timeouts=timeouts,
        patience=Patience(tries=4, first_s=0, longest_told_s=1),
        sleep=lambda _: None,
        random=Random(1),
    ) as client:
        yield client


def generate(client: SegmindClient) -> bytes:
    return client.generate("low drone", 1, 7).body


def submit_and_fetch(client: SegmindClient) -> bytes:
    return client.result(client.submit("low drone", 1, 7).request_id).body


def getting(path: str, act: Act, times: int = 1) -> Callable[[Call], Act | None]:
    """Return a script that spoils the first GETs of an address."""
    left = [times]

    def script(call: Call) -> Act | None:
        if call.method != "GET" or path not in call.path or not left[0]:
            return None
        left[0] -= 1
        return act

    return script


LATE, DRIP = late(5), drip()


def timeouts_for(act: Act) -> Timeouts:
    """Return short ones only where they are met: a busy machine is slow, too."""
    return QUICK if act in (LATE, DRIP) else USUAL


def test_a_call_that_is_cut_is_reset_so_that_no_service_waits_for_its_reader() -> None:
    errors: list[int] = []

    def half(exchange: Exchange) -> None:
        exchange.send_head(Reply(200), 100)
        for _ in range(1000):
            error = exchange.connection.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                errors.append(error)
                return
            exchange.wait(0.01)

    short = Timeouts(connect_s=5, read_s=10, whole_s=0.2, get_s=10, whole_get_s=10)
    with (
        HostileServer([half]) as server,
        client_of(server, short) as client,
        pytest.raises(ApiAmbiguous),
    ):
        generate(client)
    assert len(errors) == 1


# -- what works --------------------------------------------------------------------------------


def test_v1_asks_once_and_tells_all_that_was_told() -> None:
    with HostileServer() as server, client_of(server) as client:
        made = client.generate("low drone", 1, 7)
    assert made.body == SOUND
    assert (made.request_id, made.seed) == ("job-1", 7)
    assert (made.cost_usd, made.balance_usd) == (Decimal("0.04"), Decimal("4.96"))
    (post,) = server.posts
    assert (post.path, post.asked) == ("/v1/meta-musicgen-medium", ASKED)
    assert post.headers["x-api-key"] == KEY
    assert post.headers["content-type"] == "application/json"
    assert "cookie" not in post.headers


def test_v2_submits_polls_and_fetches() -> None:
    with HostileServer(polls=1) as server, client_of(server) as client:
        job = client.submit("low drone", 1, 7)
        assert client.status(job.request_id).status is JobStatus.PROCESSING
        assert client.status(job.request_id).status is JobStatus.COMPLETED
        made = client.result(job.request_id)
    assert made.body == SOUND
    assert (made.request_id, made.cost_usd) == (job.request_id, Decimal("0.04"))
    assert len(server.posts) == 1


@pytest.mark.parametrize(
    "act",
    [
        in_json(lambda text: text),
        in_json(lambda text: {"output": [text], "status": "COMPLETED"}),
        in_json(lambda text: {"data": {"audio": f"data:audio/wav;base64,{text}"}}),
        in_json(lambda text: {"output": text}, url=True),
        in_json(lambda text: [{"url": text}], url=True),
    ],
)
def test_the_sound_arrives_in_whatever_it_is_wrapped(act: Act) -> None:
    with HostileServer([act]) as server, client_of(server) as client:
        assert generate(client) == SOUND


def test_the_balance_is_all_credits_together() -> None:
    with HostileServer(balance_usd=Decimal("1.25")) as server, client_of(server) as client:
        assert client.credits() == Decimal("1.75")


def test_the_history_tells_what_was_made_and_where_it_is() -> None:
    with HostileServer() as server, client_of(server) as client:
        generate(client)
        began_s = server.jobs["job-1"].created_s
        (entry,) = client.history(began_s - 10)
        assert (entry.request_id, entry.prompt, entry.seed) == ("job-1", "low drone", 7)
        assert entry.output_url is not None
        assert client.fetch(entry.output_url) == SOUND
        assert client.history(began_s + 10) == []


def test_many_threads_share_a_client() -> None:
    with HostileServer() as server, client_of(server) as client:
        made: list[int | None] = []

        def work(seed: int) -> None:
            made.append(client.generate("x", 1, seed).seed)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(made, key=str) == sorted(range(20), key=str)


# -- what may have been paid -------------------------------------------------------------------

AMBIGUOUS: dict[str, Act] = {
    "no answer in time": late(5),
    "closed": nothing(),
    "closed and billed": nothing(is_billed=True),
    "reset": reset(),
    "reset and billed": reset(is_billed=True),
    "cut": cut(0.5),
    "cut in the header of the file": cut(0.001),
    "cut without a length": cut(0.5, tells_length=False),
    "dripping body": drip(),
    "dripping headers": drip(headers=True),
    "endless": endless(),
    "html": html(),
    "empty": instead(b""),
    "null": instead(b'{"output": null}', "application/json"),
    "json error": instead(b'{"error": "no GPU"}', "application/json"),
    "wrong type": instead(b"\x89PNG\r\n\x1a\n and so on", "image/png"),
    "a number": instead(b"5", "application/json"),
    "garbage base64": instead(b'{"output": "' + b"QUJD" * 99 + b'"}'),
    "no content": reply(204),
    "see other": redirect(303, "/v2/requests/job-1"),
    "timeout": error(408),
    "no HTTP": lambda exchange: exchange.send_raw(b"what?\r\n\r\n"),
    "billed refusal": error(422, "too long", {"x-cost": "0.04"}),
    **{str(status): error(status) for status in (500, 501, 502, 503, 504, 520)},
    "html 502": html(502),
    "an address elsewhere": instead(b'{"output": "http://10.0.0.1/a.wav"}'),
    "a file that is gone": instead(b'{"output": "/files/x.wav"}'),
}


@pytest.mark.parametrize("act", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_may_have_been_billed_is_ambiguous_and_sent_once(act: Act) -> None:
    with (
        HostileServer([act]) as server,
        client_of(server, QUICK) as client,
        pytest.raises(Ambiguous),
    ):
        generate(client)
    assert len(server.posts) == 1


@pytest.mark.parametrize(
    ("act", "evidence"),
    [(html(), HTML), (instead(b'{"error": "x"}'), b'{"error": "x"}'), (cut(0.5), SOUND[:8022])],
)
def test_what_came_instead_is_kept_as_evidence_with_the_cost(act: Act, evidence: bytes) -> None:
    server = HostileServer([act])
    with server, client_of(server) as client, pytest.raises(ApiAmbiguous) as caught:
        generate(client)
    assert caught.value.evidence == evidence
    if server.paid_usd:
        assert caught.value.cost_usd == Decimal("0.04")
        assert caught.value.request_id == "job-1"


def test_an_answer_that_only_promises_tells_the_id_to_fetch_it_by() -> None:
    promise = billed(lambda _: as_json({"request_id": "job-1", "status": "QUEUED"}))
    with HostileServer([promise]) as server, client_of(server) as client:
        with pytest.raises(ApiAmbiguous) as caught:
            generate(client)
        assert client.result(caught.value.request_id or "").body == SOUND
    assert len(server.posts) == 1


@pytest.mark.parametrize(
    "answer", [{"status": "QUEUED"}, {"request_id": "../../x"}, {"request_id": ""}, [], "job"]
)
def test_a_job_without_a_usable_id_is_ambiguous(answer: object) -> None:
    script = [lambda exchange: exchange.send(as_json(answer, 202))]
    server = HostileServer(script)
    with server, client_of(server) as client, pytest.raises(ApiAmbiguous, match="no id was told"):
        client.submit("low drone", 1, 7)


# -- what was surely not paid ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (error(400), ApiRejected),
        (error(401), ApiCredentials),
        (error(403, "Invalid API key"), ApiCredentials),
        (error(403, "blocked"), ApiRejected),
        (error(404), ApiRejected),
        (html(405), ApiRejected),
        (out_of_credits(), OutOfCredits),
        (error(406, "duration must be at most 30"), ApiRejected),
        (error(413), ApiRejected),
        (error(422), ApiRejected),
        (too_many(), ApiQuota),
        (redirect(302, "https://elsewhere.invalid/"), ApiRejected),
        (redirect(307, "/v1/meta-musicgen-medium"), ApiRejected),
        (redirect(308, "/v1/meta-musicgen-medium"), ApiRejected),
    ],
)
def test_a_refusal_is_typed_with_status_and_message_and_not_sent_again(
    act: Act, kind: type[ApiError]
) -> None:
    server = HostileServer([act])
    with server, client_of(server) as client, pytest.raises(kind) as caught:
        generate(client)
    assert type(caught.value) is kind
    assert caught.value.status is not None
    assert (len(server.calls), server.paid_usd) == (1, 0)


def test_a_refusal_whose_body_is_cut_is_still_one() -> None:
    def act(exchange: object) -> None:
        exchange.send_head(as_json({}, 429, {"retry-after": "2"}), 1000)  # type: ignore[attr-defined]

    with HostileServer([act]) as server, client_of(server) as client, pytest.raises(ApiQuota):
        generate(client)


@pytest.mark.parametrize(
    ("headers", "delay_s"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"Retry-After-Ms": "7000"}, 7),
        (
            {
                "date": "Fri, 02 Jan 2026 03:04:05 GMT",
                "retry-after": "Fri, 02 Jan 2026 03:04:12 GMT",
            },
            7,
        ),
        (
            {
                "date": "Fri, 02 Jan 2026 03:04:05 GMT",
                "x-rate-limit-reset-at-utc": "2026-01-02T03:04:12Z",
            },
            7,
        ),
        ({"x-rate-limit-reset-at-utc": "garbage"}, None),
    ],
)
def test_too_many_calls_tells_when_by_the_own_clock(
    headers: dict[str, str], delay_s: float | None
) -> None:
    with HostileServer([too_many(headers)]) as server:
        client = SegmindClient(server.url, ApiKey(KEY), clock=lambda: 5000.0)
        with client, pytest.raises(ApiQuota) as caught:
            generate(client)
    assert caught.value.retry_at_s == (None if delay_s is None else 5000.0 + delay_s)


def test_a_wrong_parameter_is_refused_before_anything_is_sent() -> None:
    with HostileServer() as server, client_of(server) as client:
        with pytest.raises(Rejected):
            client.generate("x", 31, 7)
        with pytest.raises(Rejected):
            client.submit("x", 10, 10_000)
        with pytest.raises(Rejected, match="no request id"):
            client.result("../v1/get-user-credits")
    assert server.calls == []


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        nobody = client_of(f"http://127.0.0.1:{port}")
        with nobody as client, pytest.raises(ApiTransient, match="reached, nothing was sent"):
            generate(client)


def test_where_the_connection_can_not_be_made_safe_nothing_was_sent() -> None:
    server = HostileServer()
    unsafe = client_of(server.url.replace("http", "https"))
    with server, unsafe as client, pytest.raises(ApiTransient, match="nothing was sent"):
        generate(client)
    assert server.posts == []


# -- what is asked by id -----------------------------------------------------------------------


def test_a_job_that_failed_was_not_paid_and_tells_why() -> None:
    with HostileServer() as server, client_of(server) as client:
        job = client.submit("low drone", 1, 7)
        server.jobs[job.request_id].error = "no GPU was free"
        assert client.status(job.request_id).error == "no GPU was free"
        with pytest.raises(JobFailed, match="no GPU was free"):
            client.result(job.request_id)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (error(404), Vanished),
        (error(410), Vanished),
        (error(422, "what?"), ApiAmbiguous),
        (error(401), ApiCredentials),
        (error(403, "Forbidden"), ApiAmbiguous),
        (too_many({"retry-after": "2"}), ApiQuota),
        (error(500), ApiTransient),
        (html(502), ApiTransient),
        (html(), ApiTransient),
        (reset(), ApiTransient),
        (LATE, ApiTransient),
        (DRIP, ApiTransient),
        (reply(200), ApiTransient),
        (redirect(302, "/"), ApiTransient),
    ],
)
@pytest.mark.parametrize("ask", ["status", "result"])
def test_a_question_about_a_job_costs_nothing_and_may_be_asked_again(
    act: Act, kind: type[ApiError], ask: str
) -> None:
    with HostileServer(getting("/v2/requests", act)) as server, client_of(server) as client:
        job = client.submit("low drone", 1, 7)
        with client_of(server, timeouts_for(act)) as asking, pytest.raises(kind) as caught:
            getattr(asking, ask)(job.request_id)
        assert type(caught.value) is kind
        assert client.result(job.request_id).body == SOUND
    assert len(server.posts) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": "PROCESSING"}, StillRunning),
        ({"status": "COMPLETED", "output": None}, ApiAmbiguous),
        ({"status": "COMPLETED", "output": "https://10.1.2.3/x.wav"}, ApiAmbiguous),
        ({"output": None}, ApiTransient),
        ({"status": "FAILED", "error": "x"}, JobFailed),
    ],
)
def test_a_result_without_sound_is_told_as_what_it_is(answer: object, kind: type[ApiError]) -> None:
    server = HostileServer(getting("/v2/", lambda exchange: exchange.send(as_json(answer))))
    with server, client_of(server) as client, pytest.raises(kind) as caught:
        client.result("job-1")
    assert type(caught.value) is kind


def test_a_failed_job_that_tells_a_cost_may_have_been_paid() -> None:
    failed = as_json({"status": "FAILED"}, 422, {"x-cost": "0.04"})
    server = HostileServer(getting("/v2/", lambda exchange: exchange.send(failed)))
    with server, client_of(server) as client, pytest.raises(ApiAmbiguous, match="was billed"):
        client.result("job-1")


# -- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_broken_download_goes_on_where_it_broke(times: int) -> None:
    server = HostileServer(getting("/files", cut(0.4), times))
    with server, client_of(server) as client:
        job = client.submit("low drone", 1, 7)
        assert client.result(job.request_id).body == SOUND
    ranges = [call.headers.get("range") for call in server.gets if "/files" in call.path]
    assert ranges[0] is None
    assert ranges[1] == f"bytes={int(len(SOUND) * 0.4)}-"
    assert len(ranges) == times + 1


@pytest.mark.parametrize("act", [reset(), error(503), too_many({"retry-after": "0.5"}), nothing()])
def test_a_file_is_asked_for_again_after_a_passing_fault(act: Act) -> None:
    server = HostileServer(getting("/files", act, 3))
    with server, client_of(server) as client:
        assert client.result(client.submit("low drone", 1, 7).request_id).body == SOUND


def test_a_file_that_changed_meanwhile_is_taken_from_its_beginning() -> None:
    acts = [cut(0.4), reply(200, SOUND)]

    def script(call: Call) -> Act | None:
        return acts.pop(0) if "/files" in call.path and acts else None

    with HostileServer(script) as server, client_of(server) as client:
        assert client.result(client.submit("low drone", 1, 7).request_id).body == SOUND


@pytest.mark.parametrize("told", ["bytes 0-9/16044", "bytes 6417-16043/999", "garbage", ""])
def test_a_part_that_does_not_follow_on_is_not_joined(told: str) -> None:
    acts = [cut(0.4), reply(206, SOUND[6417:], {"content-range": told})]

    def script(call: Call) -> Act | None:
        return acts.pop(0) if "/files" in call.path and acts else None

    with HostileServer(script) as server, client_of(server) as client:
        assert client.result(client.submit("low drone", 1, 7).request_id).body == SOUND


@pytest.mark.parametrize(
    ("act", "times", "kind"),
    [
        (error(404), 1, Vanished),
        (error(410), 1, Vanished),
        (error(503), 4, ApiTransient),
        (reset(), 4, ApiTransient),
        (too_many({"retry-after": "9999"}), 1, ApiTransient),
        (DRIP, 4, ApiTransient),
        (error(403), 1, ApiAmbiguous),
        (html(), 1, ApiAmbiguous),
        (redirect(302, "http://10.0.0.1/x.wav"), 1, ApiAmbiguous),
        (redirect(302, "/files/job-1.wav"), 99, ApiAmbiguous),
    ],
)
def test_a_file_that_can_not_be_had_does_not_lose_its_job(
    act: Act, times: int, kind: type[ApiError]
) -> None:
    with HostileServer(getting("/files", act, times)) as server, client_of(server) as client:
        job = client.submit("low drone", 1, 7)
        with client_of(server, timeouts_for(act)) as asking, pytest.raises(kind) as caught:
            asking.result(job.request_id)
    assert type(caught.value) is kind
    assert len([call for call in server.gets if "/files" in call.path]) <= 4


def test_a_redirect_of_a_file_is_followed_without_the_key() -> None:
    with HostileServer() as store:
        store.script = lambda _: reply(200, SOUND)
        elsewhere = getting("/files", redirect(302, f"{store.url}/a.wav"))
        with HostileServer(elsewhere) as server, client_of(server) as client:
            assert client.result(client.submit("low drone", 1, 7).request_id).body == SOUND
        assert all(call.had_key for call in server.calls)
        assert [call.had_key for call in store.calls] == [False]


def test_a_file_elsewhere_is_fetched_without_the_key() -> None:
    with HostileServer() as store:
        store.script = lambda _: reply(200, SOUND)
        told = instead(f'{{"output": "{store.url}/a.wav"}}'.encode())
        with HostileServer([told]) as server, client_of(server) as client:
            assert generate(client) == SOUND
        assert [call.had_key for call in store.calls] == [False]


def test_a_cookie_of_the_server_is_not_sent_back() -> None:
    cookie = billed(lambda made: type(made)(200, made.body, {"set-cookie": "a=b; path=/"}))
    with HostileServer([cookie]) as server, client_of(server) as client:
        generate(client)
        generate(client)
    assert all("cookie" not in call.headers for call in server.calls)


# -- the key -----------------------------------------------------------------------------------

CANARY = "SG_canary0123456789"
ECHOES: dict[str, Act] = {
    **{name: AMBIGUOUS[name] for name in ("html", "cut", "reset", "null", "no HTTP", "502")},
    **{f"echo {status}": echo(status) for status in (200, 204, 302, 303, 400, 401, 403, 404)},
    **{f"echo {status} ": echo(status) for status in (406, 410, 422, 429, 500, 503)},
    "echo and cut": lambda exchange: exchange.send_head(
        as_json({}, 200, {"x-request-id": CANARY, "content-type": CANARY}), 10
    ),
    "echo as content type": instead(b"x", CANARY),
    "echo in the status line": lambda exchange: exchange.send_raw(
        b"HTTP/1.1 " + CANARY.encode() + b"\r\n\r\n"
    ),
    "echo as encoding": reply(200, b"x", {"content-encoding": CANARY}),
    "echo as address": instead(f'{{"output": "https://{CANARY}.invalid/{CANARY}"}}'.encode()),
}


@pytest.mark.parametrize("act", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("ask", [generate, submit_and_fetch])
def test_the_key_is_in_nothing_that_leaves_the_client(
    act: Act, ask: Callable[[SegmindClient], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "musicgen_daw")
    server = HostileServer([act], key=CANARY)
    with server, client_of(server, QUICK, CANARY) as client, pytest.raises(ApiError) as caught:
        ask(client)
    error = caught.value
    told = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    shown = "".join(told) + repr(vars(error)) + repr(error.told) + caplog.text
    assert CANARY.lower() not in shown.lower()
    assert CANARY.encode() not in error.evidence
    assert error.__context__ is None


def test_a_key_among_the_remarks_of_a_file_is_blotted_out() -> None:
    told = billed(lambda made: type(made)(200, made.body + b"LIST" + CANARY.encode(), made.headers))
    with HostileServer([told], key=CANARY) as server, client_of(server, key=CANARY) as client:
        body = generate(client)
    assert body == SOUND + b"LIST" + b"*" * len(CANARY)


def test_no_proxy_of_the_environment_sees_a_call_to_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with HostileServer() as proxy, HostileServer() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with client_of(server) as client:
            assert generate(client) == SOUND
    assert proxy.calls == []


def test_a_slow_answer_within_its_time_arrives() -> None:
    began_s = time.monotonic()
    with HostileServer([late(0.1)]) as server, client_of(server) as client:
        assert generate(client) == SOUND
    assert time.monotonic() - began_s >= 0.1


def test_a_closed_client_leaves_no_call_and_no_thread() -> None:
    before = threading.active_count()
    server = HostileServer([late(5)])
    with server, client_of(server, QUICK) as client, pytest.raises(Ambiguous):
        generate(client)
    assert threading.active_count() <= before + 1  # a timer may just be ending

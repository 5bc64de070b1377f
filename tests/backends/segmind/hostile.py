"""A server for tests that looks like the hosted service and misbehaves as it is told.

    with HostileServer([reset(), html()]) as server:      # the first POST is reset, the second …
        client = SegmindClient(server.url, KEY)

What is not scripted is answered properly: v1 and v2, jobs, files, balance and history. ``posts``
are the POSTs that came, ``paid_usd`` is what was billed: for every clip that was made, whether or
not its answer arrived.
"""

from __future__ import annotations

import base64
import io
import json
import math
import socket
import struct
import threading
import time
import wave
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = "SG_0123456789abcdef"
MODEL = "meta-musicgen-medium"
COST_USD = Decimal("0.04")
RATE_HZ = 8000
HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>oops</body></html>"


@dataclass(frozen=True)
class Call:
    """A call as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at_s: float

    @property
    def had_key(self) -> bool:
        return "x-api-key" in self.headers

    @property
    def asked(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass
class Job:
    """A clip that was made and billed."""

    id: str
    asked: dict[str, Any]
    created_s: float
    polls: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Reply:
    """An answer: what an act sends, or spoils."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Act = Callable[["Exchange"], None]
"""What is done with a call."""
Script = Sequence[Act | None] | Callable[[Call], Act | None]
"""The act for each POST, in order, or a function that gives one for any call; ``None`` is the
proper answer."""


class HostileServer:
    """Runs on loopback between enter and exit.

    ``polls`` is how many times a job is told to be running; ``cost_usd`` what a clip costs,
    ``balance_usd`` what the account holds at first.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        polls: int = 0,
        cost_usd: Decimal = COST_USD,
        balance_usd: Decimal = Decimal(5),
        key: str = KEY,
    ) -> None:
        self.script, self.polls, self.cost_usd, self.key = script, polls, cost_usd, key
        self.balance_usd = balance_usd
        self.calls: list[Call] = []
        self.jobs: dict[str, Job] = {}
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._http = _Listener(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def posts(self) -> list[Call]:
        return [call for call in self.calls if call.method == "POST"]

    @property
    def gets(self) -> list[Call]:
        return [call for call in self.calls if call.method == "GET"]

    @property
    def paid_usd(self) -> Decimal:
        return self.cost_usd * sum(job.error is None for job in self.jobs.values())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def act_for(self, call: Call) -> Act | None:
        """Note a call and return what is to be done with it."""
        with self._lock:
            self.calls.append(call)
            if callable(self.script):
                return self.script(call)
            number = len(self.posts) - 1
            return (
                self.script[number] if call.method == "POST" and number < len(self.script) else None
            )

    def made(self, asked: dict[str, Any]) -> Job:
        """Make a clip and bill it."""
        with self._lock:
            job = Job(f"job-{len(self.jobs) + 1}", asked, time.time())
            self.jobs[job.id] = job
            self.balance_usd -= self.cost_usd
            return job


class Exchange:
    """One call being answered."""

    def __init__(self, server: HostileServer, call: Call, connection: _Connection) -> None:
        self.server, self.call, self.connection = server, call, connection

    def proper(self) -> Reply:
        """Return the answer of a service that works; a POST is billed."""
        route = self.call.path.split("?")[0].strip("/").split("/")
        if self.call.headers.get("x-api-key") != self.server.key:
            return told(401, "Unauthorized")
        match (self.call.method, *route):
            case ("POST", "v1", model) if model == MODEL:
                return self._clip()
            case ("POST", "v2", model) if model == MODEL:
                job = self.server.made(self.call.asked)
                return as_json({"request_id": job.id, "status": "QUEUED"}, 202)
            case ("GET", "v2", "requests", id_, *rest) if id_ in self.server.jobs:
                return self._job(self.server.jobs[id_], is_status=rest == ["status"])
            case ("GET", "files", name) if name.removesuffix(".wav") in self.server.jobs:
                return self._file(self.server.jobs[name.removesuffix(".wav")])
            case ("GET", "v1", "get-user-credits"):
                return as_json({"credits": float(self.server.balance_usd), "free-credits": 0.5})
            case ("GET", "v1", "requests"):
                return as_json({"requests": [self._past(job) for job in self.server.jobs.values()]})
        return told(404, "not found")

    def send(self, reply: Reply) -> None:
        """Send an answer, whole."""
        self.send_head(reply, len(reply.body))
        self.send_raw(reply.body)

    def send_head(self, reply: Reply, length: int | None) -> None:
        """Send status and headers, which may promise what they like."""
        lines = [f"HTTP/1.1 {reply.status} Told", "connection: close"]
        if length is not None:
            lines.append(f"content-length: {length}")
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        self.send_raw(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def send_raw(self, content: bytes) -> None:
        self.connection.wfile.write(content)
        self.connection.wfile.flush()

    def wait(self, seconds: float) -> None:
        """Wait, but not for a server that is being closed."""
        self.server.closing.wait(seconds)

    def break_off(self) -> None:
        """Reset the connection."""
        linger = struct.pack("ii", 1, 0)
        self.connection.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _clip(self) -> Reply:
        asked = self.call.asked
        job = self.server.made(asked)
        return Reply(200, clip_for(asked), {**self._paid(job), "content-type": "audio/wav"})

    def _paid(self, job: Job) -> dict[str, str]:
        return {
            "x-request-id": job.id,
            "x-cost": str(self.server.cost_usd),
            "x-remaining-credits": str(self.server.balance_usd),
            "x-seed-value": str(job.asked.get("seed", 42)),
        }

    def _job(self, job: Job, *, is_status: bool) -> Reply:
        if is_status:
            job.polls += 1
        if self.server.polls and job.polls <= self.server.polls:
            return as_json({"request_id": job.id, "status": "PROCESSING"})
        if job.error is not None:
            return as_json({"request_id": job.id, "status": "FAILED", "error": job.error}, 422)
        answer = {"request_id": job.id, "status": "COMPLETED"}
        if not is_status:
            answer["output"] = f"{self.server.url}/files/{job.id}.wav"
        return as_json(answer, headers=self._paid(job))

    def _file(self, job: Job) -> Reply:
        """Return the clip, or the part of it that is asked for."""
        content, headers = clip_for(job.asked), {"etag": f'"{job.id}"'}
        asked_range = self.call.headers.get("range")
        if asked_range is None:
            return Reply(200, content, headers)
        start = int(asked_range.removeprefix("bytes=").removesuffix("-"))
        told_range = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Reply(206, content[start:], {**headers, "content-range": told_range})

    def _past(self, job: Job) -> dict[str, Any]:
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(job.created_s))
        return {
            "request_id": job.id,
            "created_at": created,
            "status": "COMPLETED" if job.error is None else "FAILED",
            **{name: job.asked.get(name) for name in ("prompt", "duration", "seed")},
            "cost": float(self.server.cost_usd),
            "output": f"{self.server.url}/files/{job.id}.wav" if job.error is None else None,
        }


# -- acts --------------------------------------------------------------------------------------


def proper() -> Act:
    """Answer as a service that works; a POST is billed."""
    return lambda exchange: exchange.send(exchange.proper())


def reply(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Act:
    """Answer with these bytes; nothing is billed."""
    return lambda exchange: exchange.send(Reply(status, body, headers or {}))


def error(status: int, message: str = "no", headers: Mapping[str, str] | None = None) -> Act:
    """Answer with an error as the service writes it; nothing is billed."""
    return lambda exchange: exchange.send(told(status, message, headers))


def html(status: int = 200) -> Act:
    """Answer with a gateway's page."""
    return reply(status, HTML, {"content-type": "audio/wav" if status == 200 else "text/html"})


def too_many(headers: Mapping[str, str] | None = None) -> Act:
    """Refuse for too many calls, with some header that tells when to come back."""
    return error(429, "Too many requests", headers)


def out_of_credits() -> Act:
    """Refuse since the account is empty."""
    return error(406, "Insufficient credits", {"x-remaining-credits": "0"})


def redirect(status: int, location: str) -> Act:
    """Send the client elsewhere."""
    return reply(status, b"", {"location": location})


def billed(change: Callable[[Reply], Reply]) -> Act:
    """Make and bill the clip, and then answer something else."""
    return lambda exchange: exchange.send(change(exchange.proper()))


def instead(body: bytes, content_type: str = "audio/wav") -> Act:
    """Make and bill the clip, and then send other bytes with a 200."""
    return billed(lambda reply: Reply(200, body, {**reply.headers, "content-type": content_type}))


def in_json(wrap: Callable[[str], Any], *, url: bool = False) -> Act:
    """Make and bill the clip, and send it in JSON: as base64, or as the address of a file."""

    def act(exchange: Exchange) -> None:
        made = exchange.proper()
        name = made.headers["x-request-id"]
        text = base64.b64encode(made.body).decode()
        text = f"{exchange.server.url}/files/{name}.wav" if url else text
        exchange.send(as_json(wrap(text), headers={**made.headers, "content-type": "text/plain"}))

    return act


def late(seconds: float, then: Act | None = None) -> Act:
    """Answer, and bill, only after a while."""

    def act(exchange: Exchange) -> None:
        answer = exchange.proper()
        exchange.wait(seconds)
        if then is not None:
            then(exchange)
        else:
            exchange.send(answer)

    return act


def cut(share: float = 0.5, *, tells_length: bool = True) -> Act:
    """Make and bill the clip, promise all of it and send a share."""

    def act(exchange: Exchange) -> None:
        answer = exchange.proper()
        exchange.send_head(answer, len(answer.body) if tells_length else None)
        exchange.send_raw(answer.body[: int(len(answer.body) * share)])

    return act


def drip(pause_s: float = 0.02, *, headers: bool = False) -> Act:
    """Make and bill the clip, and send it a byte at a time, beginning with the headers if told."""

    def act(exchange: Exchange) -> None:
        answer = exchange.proper()
        head = b"HTTP/1.1 200 OK\r\nx-slow: " if headers else b""
        if not headers:
            exchange.send_head(answer, len(answer.body))
        for byte in head + (b"x" * 100_000 if headers else answer.body):
            exchange.send_raw(bytes([byte]))
            exchange.wait(pause_s)
            if exchange.server.closing.is_set():
                return

    return act


def endless(status: int = 200) -> Act:
    """Send a body that doesn't end."""

    def act(exchange: Exchange) -> None:
        exchange.send_head(Reply(status), None)
        while not exchange.server.closing.is_set():
            exchange.send_raw(b"RIFF" * 65536)

    return act


def nothing(*, is_billed: bool = False) -> Act:
    """Close the connection without an answer."""
    return lambda exchange: [exchange.proper() for _ in range(is_billed)] and None


def reset(*, is_billed: bool = False) -> Act:
    """Reset the connection without an answer."""

    def act(exchange: Exchange) -> None:
        if is_billed:
            exchange.proper()
        exchange.break_off()

    return act


def echo(status: int, then: Mapping[str, str] | None = None) -> Act:
    """Repeat the key in the body and in every header that a client reads."""

    def act(exchange: Exchange) -> None:
        key = exchange.call.headers.get("x-api-key", "")
        names = ("x-request-id", "x-cost", "x-remaining-credits", "retry-after", "etag", "location")
        headers = dict.fromkeys(names, key) | dict(then or {})
        body = json.dumps({"error": f"the key {key} is wrong", "output": f"https://{key}.invalid/"})
        exchange.send(Reply(status, body.encode(), headers))

    return act


# -- answers -----------------------------------------------------------------------------------


def as_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a JSON answer."""
    given = {"content-type": "application/json", **(headers or {})}
    return Reply(status, json.dumps(content).encode(), given)


def told(status: int, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an error as the service writes it."""
    return as_json({"error": message}, status, headers)


def clip_for(asked: Mapping[str, Any]) -> bytes:
    """Return a sine as a WAV file, of the length and by the seed that are asked for."""
    length = math.ceil(float(asked.get("duration", 10)) * RATE_HZ)
    step = 2 * math.pi * (200 + int(asked.get("seed", 42)) % 400) / RATE_HZ
    samples = array("h", (int(8000 * math.sin(step * n)) for n in range(length)))
    return wav(samples.tobytes())


def wav(pcm: bytes, rate_hz: int = RATE_HZ, channels: int = 1) -> bytes:
    """Return 16-bit samples as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        writer.writeframes(pcm)
    return file.getvalue()


# -- sockets -----------------------------------------------------------------------------------


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, owner: HostileServer) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.owner = owner

    def shutdown_request(self, request: Any) -> None:
        """Close at once, so that a reset is one."""
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to tell of."""


class _Connection(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.close_connection = True
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            return
        self.close_connection = True
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        call = Call(self.command, self.path, headers, body, time.time())
        owner = self.server.owner
        act = owner.act_for(call) or proper()
        try:
            act(Exchange(owner, call, self))
        except (ConnectionError, TimeoutError):
            return

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def calls_to(server: HostileServer, start: str) -> Iterable[Call]:
    """Return the calls whose path begins so."""
    return [call for call in server.calls if call.path.startswith(start)]

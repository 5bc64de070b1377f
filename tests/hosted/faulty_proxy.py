"""A proxy that stands between the client and our own server and does what networks do.

It forwards over real sockets and spoils some of the answers, by a seeded draw: so a batch meets
every fault while the server behind it counts what was really paid.
"""

from __future__ import annotations

import http.client
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_HOP_BY_HOP = {"connection", "content-length", "date", "server", "transfer-encoding"}


class Answer:
    """What the server behind the proxy said."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


class FaultyProxy(ThreadingHTTPServer):
    """Forwards to ``upstream``; each POST meets at most one fault of ``shares`` (name → chance).

    ``log`` has the body of every POST and the fault that it met, ``forwarded`` counts those that
    the server behind got to see.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: str, shares: Mapping[str, float], seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Relay)
        self.upstream = urlsplit(upstream)
        self.log: list[tuple[bytes, str | None]] = []
        self.forwarded = 0
        self.closing = threading.Event()
        self.held = threading.Event()
        self._hold: str | None = None
        self._released = threading.Event()
        self._shares, self._random, self._lock = shares, random.Random(seed), threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def posts(self) -> int:
        return len(self.log)

    @property
    def met(self) -> Counter[str]:
        """How often each fault was met."""
        return Counter(fault for _, fault in self.log if fault)

    def draw(self, body: bytes) -> str | None:
        """Return the fault that a POST meets."""
        with self._lock:
            names, shares = [*self._shares, None], [*self._shares.values()]
            (fault,) = self._random.choices(names, [*shares, 1 - sum(shares)])
            self.log.append((body, fault))
            return fault

    def hold(self, call: str) -> None:
        """Hold back the answer to the next call that begins so, such as ``GET /v2``."""
        self._hold = call

    def let_go(self) -> None:
        """Answer what is held, and hold nothing more."""
        self._hold = None
        self._released.set()

    def wait_if_held(self, call: str) -> None:
        """Wait in a call that is to be held until it is let go."""
        if self._hold is not None and call.startswith(self._hold):
            self.held.set()
            self._released.wait(60)

    def count_forwarded(self) -> None:
        with self._lock:
            self.forwarded += 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of the proxy."""


class _Relay(BaseHTTPRequestHandler):
    server: FaultyProxy
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(self._forward(b""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        name = self.server.draw(body)
        if name in BEFORE:
            BEFORE[name](self)
            return
        self.server.count_forwarded()
        answer = self._forward(body)
        if name is None:
            self._send(answer)
        else:
            AFTER[name](self, answer)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""

    def _forward(self, body: bytes) -> Answer:
        upstream = self.server.upstream
        connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)
        try:
            # With the caller's Host, so that the URLs in answers lead through the proxy, too.
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            kept = {n: v for n, v in answer.getheaders() if n.lower() not in _HOP_BY_HOP}
            told = Answer(answer.status, kept, answer.read())
            self.server.wait_if_held(f"{self.command} {self.path}")
            return told
        finally:
            connection.close()

    def _send(self, answer: Answer, promised: int | None = None) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body) if promised is None else promised))
        self.end_headers()
        self.wfile.write(answer.body)

    # -- before the server behind saw anything: nothing was paid ----------------------------------

    def too_many(self) -> None:
        self._send(Answer(429, {"retry-after-ms": "20"}, b'{"error": "too many requests"}'))

    def redirect(self) -> None:
        self._send(Answer(307, {"location": f"{self.server.url}/elsewhere"}, b""))

    def reset(self) -> None:
        linger = struct.pack("ii", 1, 0)  # close by RST, not FIN
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def broken(self) -> None:
        self._send(Answer(500, {}, b'{"error": "something went wrong"}'))

    # -- after it: the clip is made and paid ------------------------------------------------------

    def hang(self, answer: Answer) -> None:
        self.server.closing.wait(60)
        self.close_connection = True

    def cut(self, answer: Answer) -> None:
        half = Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
        self._send(half, promised=len(answer.body))
        self.close_connection = True

    def page(self, answer: Answer) -> None:
        self._send(Answer(200, {"content-type": "audio/wav"}, HTML))

    def nothing(self, answer: Answer) -> None:
        self._send(Answer(200, answer.headers, b""))

    def noise(self, answer: Answer) -> None:
        self._send(Answer(200, answer.headers, bytes(range(256)) * 16))

    def bad_gateway(self, answer: Answer) -> None:
        self._send(Answer(502, {"content-type": "text/html"}, HTML))

    def slow(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        step = max(1, len(answer.body) // 8)
        for start in range(0, len(answer.body), step):
            self.wfile.write(answer.body[start : start + step])
            self.wfile.flush()
            self.server.closing.wait(0.02)


BEFORE: Mapping[str, Callable[[_Relay], None]] = MappingProxyType(
    {
        "429": _Relay.too_many,
        "redirect": _Relay.redirect,
        "reset": _Relay.reset,
        "500": _Relay.broken,
    }
)
AFTER: Mapping[str, Callable[[_Relay, Answer], None]] = MappingProxyType(
    {
        "time-out": _Relay.hang,
        "cut body": _Relay.cut,
        "HTML": _Relay.page,
        "empty body": _Relay.nothing,
        "wrong codec": _Relay.noise,
        "502": _Relay.bad_gateway,
        "slow bytes": _Relay.slow,
    }
)


def passing(upstream: str) -> AbstractContextManager[FaultyProxy]:
    """Serve a proxy on loopback that spoils nothing."""
    return faulty(upstream, share=0, seed=0)


@contextmanager
def faulty(upstream: str, share: float, seed: int) -> Iterator[FaultyProxy]:
    """Serve a proxy on loopback in which each fault has the same share."""
    proxy = FaultyProxy(upstream, dict.fromkeys((*BEFORE, *AFTER), share), seed)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.closing.set()
        proxy.shutdown()
        proxy.server_close()
        thread.join()

"""One call over HTTP, bounded in bytes and time; the only place that knows httpx.

A call ends in an answer, or it is not sent at all, or it breaks after some of it may have been
sent: three values, of which no one holds anything of httpx, since its errors hold requests, and
those the key.

The key goes out in one header of a request, and where a server repeats it, it is blotted out here.

A connection is used once. A paid call must never go out on one that the server is about to close:
nobody could tell whether it was taken.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Lock
from typing import Any, Self

import httpx

from musicgen_daw.backends.segmind.alarms import Alarms
from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.backends.segmind.wire import Answer

__all__ = ["Broken", "Call", "Exchange", "NotSent"]

# A linger of no seconds, by which a socket that is closed sends a reset.
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing of the call left this machine; ``reason`` goes on after "can't be reached"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The call may have arrived, but no whole answer came back; ``partial`` is what did."""

    reason: str
    partial: Answer


@dataclass(frozen=True, slots=True)
class Call:
    """A call: ``with_key`` where it goes to who may see the key.

    ``read_s`` bounds each wait for more of the answer, ``whole_s`` the call from the connection
    on, ``most_bytes`` the body of the answer.
    """

    method: str
    url: str
    with_key: bool
    read_s: float
    whole_s: float
    most_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


# Raised, as far as httpx goes, before the first byte of a request is written.
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    OSError,
    ValueError,  # such as a host's name that can't be written as one
)

# What these say themselves may hold a header, or is said better here.
_IN_WORDS: dict[type[Exception], str] = {
    httpx.ConnectTimeout: "it does not answer in time",
    httpx.LocalProtocolError: "the request can't be written as HTTP",
    httpx.PoolTimeout: "too many calls are under way",
    httpx.ProxyError: "the proxy refuses",
    httpx.InvalidURL: "the address can't be understood",
    httpx.UnsupportedProtocol: "the address is neither http nor https",
    httpx.ReadTimeout: "no answer came in time",
    httpx.WriteTimeout: "the request could not be sent in time",
}


class Exchange:
    """Makes calls, from many threads at once, until it is closed.

    ``trust_env`` tells whether the proxies and certificates of the environment are used.
    """

    def __init__(self, key: ApiKey, *, connect_s: float, trust_env: bool) -> None:
        self._key = key
        self._connect_s = connect_s
        self._auth = _KeyHeader(key)
        self._alarms = Alarms()
        self._http = httpx.Client(
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            headers={"accept-encoding": "identity", "user-agent": "musicgen-daw"},
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=trust_env,
        )

    def close(self) -> None:
        """Close all connections; calls that are under way break."""
        self._http.close()
        self._alarms.close()

    def make(self, call: Call) -> Answer | NotSent | Broken:
        """Make a call, once."""
        arrived = _Arrived()
        with _Watch(self._alarms, call.whole_s) as watch:
            error = self._attempt(call, arrived, watch)
            was_cut = watch.was_cut
        if error is None and not arrived.is_too_long and (arrived.tells_its_end or not was_cut):
            return self._blotted(arrived.answer)
        if isinstance(error, _BEFORE_SENDING) and not watch.is_sent:
            return NotSent(self._in_words(error))
        if was_cut:
            reason = f"it took longer than {call.whole_s:g} s"
        elif error is None:
            reason = f"the answer is longer than {call.most_bytes} bytes"
        else:
            reason = self._in_words(error)
        return Broken(reason, self._blotted(arrived.answer))

    def blotted(self, content: bytes) -> bytes:
        """Return bytes of the same number without the key."""
        secret = self._key.reveal().encode()
        return content.replace(secret, b"*" * len(secret))

    def _attempt(self, call: Call, arrived: _Arrived, watch: _Watch) -> Exception | None:
        """Make a call and note what arrives; return what went wrong."""
        timeout = httpx.Timeout(call.read_s, connect=self._connect_s)
        try:
            with self._http.stream(
                call.method,
                call.url,
                headers=dict(call.headers),
                content=call.content,
                auth=self._auth if call.with_key else None,
                timeout=timeout,
                extensions={"trace": watch.trace},
            ) as response:
                arrived.status = response.status_code
                arrived.headers = {name.lower(): text for name, text in response.headers.items()}
                for part in response.iter_raw():
                    arrived.body += part
                    if len(arrived.body) > call.most_bytes:
                        arrived.is_too_long = True
                        break
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            return error
        return None

    def _blotted(self, answer: Answer) -> Answer:
        """Return an answer that doesn't hold the key; bodies keep their size, as files must."""
        headers = {name: self._key.redact(text) for name, text in answer.headers.items()}
        return Answer(answer.status, headers, self.blotted(answer.body))

    def _in_words(self, error: Exception) -> str:
        """Return why a call failed, in one line without the key."""
        for kind in type(error).__mro__:
            if kind in _IN_WORDS:
                return _IN_WORDS[kind]
        line = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())
        return self._key.redact(line)[:200] or type(error).__name__


class _KeyHeader(httpx.Auth):
    """Adds the key to a request at the last moment, so that nothing else holds it."""

    def __init__(self, key: ApiKey) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["x-api-key"] = self._key.reveal()
        yield request


class _Arrived:
    """What has arrived of an answer so far."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.is_too_long = False

    @property
    def tells_its_end(self) -> bool:
        """Tell whether httpx notices a cut; else the end of the connection is that of the body."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    @property
    def answer(self) -> Answer:
        return Answer(self.status, self.headers, bytes(self.body))


class _Watch:
    """Cuts a connection when its time is over, whatever still trickles through it.

    A time-out of httpx begins anew with each byte. It also notes whether a request has begun to
    be sent.
    """

    def __init__(self, alarms: Alarms, whole_s: float) -> None:
        self.is_sent = False
        self.was_cut = False
        self._connection: socket.socket | None = None
        self._lock = Lock()
        self._alarms = alarms
        self._whole_s = whole_s
        self._alarm: object = None

    def __enter__(self) -> Self:
        self._alarm = self._alarms.set(self._whole_s, self._cut)
        return self

    def __exit__(self, *_: object) -> None:
        self._alarms.cancel(self._alarm)
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def trace(self, event: str, about: Mapping[str, Any]) -> None:
        """Be told by httpx what happens to a request."""
        if event.endswith(".connect_tcp.complete"):
            connection = about["return_value"].get_extra_info("socket")
            with self._lock:
                # Our own name for it: httpx may close its own at any moment.
                self._connection = connection.dup()
                if self.was_cut:
                    self._shut_down()
        elif event.endswith(".send_request_headers.started"):
            # To a proxy, CONNECT is sent first; that is not yet the request.
            self.is_sent = self.is_sent or about["request"].method != b"CONNECT"

    def _cut(self) -> None:
        with self._lock:
            self.was_cut = True
            self._shut_down()

    def _shut_down(self) -> None:
        """Wake whoever waits for the connection, and have it reset when it is closed.

        Else a service that still sends would wait a minute and more for us to read on.
        """
        if self._connection is not None:
            with suppress(OSError):
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)

"""Answers of a service that repeats the key that it was sent, in every place that an answer has."""

from __future__ import annotations

import gzip
import math
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from hostile import (
    Act,
    Exchange,
    Reply,
    as_json,
    cut,
    drip,
    echo,
    endless,
    error,
    instead,
    late,
    nothing,
    out_of_credits,
    redirect,
    reset,
    too_many,
)

CANARY = "c4n4ry"
"""What every key of these tests holds, and nothing else does."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
PACKED = MappingProxyType({"content-encoding": "gzip"})
KEYS = {"as issued": "SG_c4n4ry0123456789", "of any shape": "c4n4ry/0123+45=&6789"}


def raw(start: bytes) -> Act:
    """Send bytes that are no answer, or a strange one, with the key in the place of ``KEY``."""

    def act(exchange: Exchange) -> None:
        exchange.send_raw(start.replace(b"KEY", key_of(exchange).encode()))

    return act


def saying(body: str, status: int = 200, content_type: str = "application/json") -> Act:
    """Bill the clip and answer this, with the key in the place of ``KEY``."""

    def act(exchange: Exchange) -> None:
        key = key_of(exchange)
        headers = {**_headers_of(exchange), "content-type": content_type.replace("KEY", key)}
        exchange.send(Reply(status, body.replace("KEY", key).encode(), headers))

    return act


def spoken(shape: Callable[[str], bytes], headers: Mapping[str, str] = NO_HEADERS) -> Act:
    """Bill the clip and answer what ``shape`` makes of the key."""

    def act(exchange: Exchange) -> None:
        made = {**_headers_of(exchange), **headers}
        exchange.send(Reply(200, shape(key_of(exchange)), made))

    return act


def _headers_of(exchange: Exchange) -> dict[str, str]:
    return dict(exchange.proper().headers)


def key_of(exchange: Exchange) -> str:
    return exchange.server.key


def _then_cut(exchange: Exchange) -> None:
    answer = exchange.proper()
    body = f"the key {key_of(exchange)} is".encode()
    exchange.send_head(Reply(200, body, answer.headers), len(body) + 100)
    exchange.send_raw(body)


def _sound_with_remarks(exchange: Exchange) -> None:
    """Send a proper clip that has the key among the remarks of its file."""
    answer = exchange.proper()
    key = key_of(exchange).encode()
    body = answer.body + b"LIST" + len(key).to_bytes(4, "little") + key
    exchange.send(Reply(200, body, answer.headers))


def _elsewhere(exchange: Exchange) -> None:
    """Tell an address on this server that holds the key."""
    headers = _headers_of(exchange)
    address = f"{exchange.server.url}/files/{key_of(exchange)}.wav"
    exchange.send(as_json({"output": address}, headers=headers))


def _packed_noise(key: str) -> bytes:
    """Return a file of sound that is no number, with the key behind it, packed."""
    shape = struct.pack("<IHHIIHH", 16, 3, 1, 8000, 32000, 4, 32)
    sound = struct.pack("<400f", *[math.nan] * 400)
    remark = key.encode().ljust(32)
    chunks = [(b"fmt ", shape), (b"data", sound), (b"note", remark)]
    body = b"".join(name + struct.pack("<I", len(each)) + each for name, each in chunks)
    return gzip.compress(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body)


ECHOED = (200, 202, 204, 302, 303, 307, 400, 404, 405, 406, 408, 410, 413, 415, 422, 499)
TELLING: dict[str, Act] = {
    **{f"echo {status}": echo(status) for status in (*ECHOED, 500, 502, 503, 504, 520)},
    "403 of the way": error(403, "blocked"),
    "page": saying("<html><title>KEY</title>KEY</html>", content_type="audio/wav"),
    "page 502": saying("<html><title>KEY</title>KEY</html>", 502, "text/html"),
    "status line": raw(b"HTTP/1.1 KEY\r\n\r\n"),
    "reason": raw(b"HTTP/1.1 400 KEY\r\ncontent-length: 0\r\n\r\n"),
    "no HTTP": raw(b"KEY what?\r\n\r\n"),
    "header without a value": raw(b"HTTP/1.1 200 OK\r\nKEY\r\n\r\n"),
    "name of a header": raw(b"HTTP/1.1 200 OK\r\nKEY: 1\r\ncontent-length: 1\r\n\r\nx"),
    "length": raw(b"HTTP/1.1 200 OK\r\ncontent-length: KEY\r\n\r\nx"),
    "transfer": raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: KEY\r\n\r\nx"),
    "chunk": raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nKEY\r\nx\r\n"),
    "encoding": raw(b"HTTP/1.1 200 OK\r\ncontent-encoding: KEY\r\ncontent-length: 1\r\n\r\nx"),
    "cookie": raw(b"HTTP/1.1 500 No\r\nset-cookie: k=KEY\r\ncontent-length: 0\r\n\r\n"),
    "content type": saying("x", content_type="KEY"),
    "cut": _then_cut,
    "packed": spoken(lambda key: gzip.compress(key.encode()), PACKED),
    "packed noise": spoken(_packed_noise, PACKED),
    "escaped": spoken(lambda key: b'{"error": "%s"}' % "".join(map(_escaped, key)).encode()),
    "message below": saying('{"error": {"message": "KEY"}}'),
    "error": saying('{"error": "the key KEY is wrong"}'),
    "list": saying('["KEY"]'),
    "word": saying('"KEY"'),
    "address": saying('{"output": "https://KEY.invalid/KEY"}'),
    "address with a query": saying('{"output": "http://127.0.0.1:9/a.wav?key=KEY"}'),
    "address here": _elsewhere,
    "id": saying('{"request_id": "KEY", "status": "QUEUED"}'),
    "failed": saying('{"request_id": "job-1", "status": "FAILED", "error": "KEY"}'),
    "sound with remarks": _sound_with_remarks,
    "data URI": saying('{"output": "data:audio/wav;KEY;base64,KEY"}'),
    "no answer": nothing(),
    "no answer but a bill": nothing(is_billed=True),
    "reset": reset(),
    "late": late(5),
    "half": cut(0.5),
    "drip": drip(),
    "dripping headers": drip(headers=True),
    "endless": endless(),
    "other bytes": instead(b"\x89PNG\r\n\x1a\n"),
}
"""After these a run goes on with its other clips."""

STOPPING: dict[str, Act] = {
    "echo 401": echo(401),
    "echo 403": echo(403),
    "echo 429": echo(429),
    "credits": out_of_credits(),
    "credits with the key": saying('{"error": "no credits for KEY"}', 406),
    "too many": too_many({"retry-after": "0"}),
    "redirect": redirect(302, "/elsewhere"),
}
"""These are said of all clips."""


def _escaped(letter: str) -> str:
    return f"\\u{ord(letter):04x}"


def holders(folder: Path, canary: str = CANARY) -> list[str]:
    """Return the files below a folder that hold the canary, in whatever case, or are named so."""
    wanted = canary.lower()
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if wanted in path.name.lower()
        or (path.is_file() and wanted.encode() in path.read_bytes().lower())
    ]


def lines_with(text: str, canary: str = CANARY) -> list[str]:
    """Return the lines of a text that hold the canary."""
    return [line for line in text.splitlines() if canary.lower() in line.lower()]

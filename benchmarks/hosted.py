"""Paid clips: the whole of execution with journal and store, against the time the service takes.

Two services stand in for the hosted one, each in a process of its own. One only waits and answers
with a tone, so that all the time above the ideal is the client's: ``python hosted.py waiting``. The
other is our own server, whose generator waits as long: ``python hosted.py serve FOLDER``.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import numpy as np
import soundfile
from measure import Row, peak_mib, seconds

from musicgen_daw import Project
from musicgen_daw.audio import Audio
from musicgen_daw.backends import registry
from musicgen_daw.backends.base import Checkpoint, Clip, Finished, Outcome
from musicgen_daw.execution import MadeTake, generate
from musicgen_daw.planning import Capabilities, ClipRequest, Plan
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal

CLIPS = 300
AT_ONCE = 20
CALL_S = 0.2
IDEAL_S = CLIPS / AT_ONCE * CALL_S
ROUNDS = 10
PLANNED_CUES = 1000
MEMORY_COUNTS = (100, 400)
SAMPLE_RATE = 32_000
MODEL = "meta-musicgen-medium"
PREFIX = "MUSICGEN_DAW_SEGMIND_"


def rows() -> list[Row]:
    """Time the calls, a plan, and the memory of a long run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheet = write_sheet(folder / "calls.csv", CLIPS)
        with service("waiting") as (url, key), environment(settings(url, key)):
            table = rows_of_calls(folder / "waiting", sheet, url, key, "a service that only waits")
        server = service("serve", str(folder / "serve"))
        with server as (url, key), environment(settings(url, key)):
            table += rows_of_calls(folder / "served", sheet, url, key, "our own server")
            table += [row_of_planning(folder), *rows_of_memory(folder)]
    return table


def rows_of_calls(folder: Path, sheet: Path, url: str, key: str, whom: str) -> list[Row]:
    """Time whole runs, in turns with a client that only calls and keeps nothing."""
    plan = Project.open(sheet, store=folder / "none").plan(backend="segmind")
    numbers = count()
    pairs = [
        (
            seconds(lambda: generate_all(plan, folder / f"store{next(numbers)}")),
            seconds(lambda: bare_calls(url, key)),
        )
        for _ in range(ROUNDS + 1)
    ][1:]
    runs_s, bare_s = zip(*pairs, strict=True)
    what = f"{CLIPS} calls of {CALL_S * 1000:.0f} ms to {whom}, {AT_ONCE} at once"
    return [
        Row(f"{what}: median of {ROUNDS} runs", *figures(statistics.median(runs_s)), "< 1.15 x"),
        Row(f"{what}: worst run", *figures(max(runs_s))),
        Row(f"{what}: a client that keeps nothing", *figures(statistics.median(bare_s))),
    ]


def figures(taken_s: float) -> tuple[str, str]:
    """Return a time, and what it is against the ideal one."""
    return f"{taken_s:.2f} s", f"{taken_s / IDEAL_S:.2f} x the ideal {IDEAL_S:.1f} s"


def generate_all(plan: Plan, folder: Path) -> None:
    """Make all clips of a plan into a new store."""
    work = [(cue, take) for cue in plan.cues for take in cue.takes]
    with Journal(folder / "journal.sqlite", time.time) as journal:
        outcomes = generate(work, registry.load, ClipStore(folder), journal, clock=time.time)
        with closing(outcomes):
            made = sum(isinstance(outcome, MadeTake) for outcome in outcomes)
    assert made == CLIPS


def bare_calls(url: str, key: str) -> None:
    """Make the same calls and drop what comes."""
    where = urlsplit(url)

    def call(number: int) -> None:
        body = json.dumps({"prompt": f"tone {number}", "duration": 1.5, "seed": number % 1000})
        connection = http.client.HTTPConnection(where.hostname or "", where.port)
        with closing(connection):
            headers = {"x-api-key": key, "content-type": "application/json"}
            connection.request("POST", f"/v1/{MODEL}", body, headers)
            answer = connection.getresponse()
            assert answer.status == 200
            answer.read()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(call, range(CLIPS)))


def row_of_planning(folder: Path) -> Row:
    """Time a plan of clips that have prices."""
    sheet = write_sheet(folder / "plan.csv", PLANNED_CUES)
    project = Project.open(sheet, store=folder / "none")
    for name in ("segmind", "sketch"):
        project.plan(backend=name)
    pairs = [
        (
            seconds(lambda: project.plan(backend="segmind")),
            seconds(lambda: project.plan(backend="sketch")),
        )
        for _ in range(5)
    ]
    paid_s, free_s = (statistics.median(times) for times in zip(*pairs, strict=True))
    return Row(
        f"plan {PLANNED_CUES} paid cues",
        f"{paid_s:.2f} s",
        f"{paid_s / free_s:.2f} x the same plan of sketches",
    )


def rows_of_memory(folder: Path) -> list[Row]:
    """Render long lists with the command, and tell what it held at most."""
    peaks = {}
    for cues in MEMORY_COUNTS:
        sheet = write_sheet(folder / f"{cues}.csv", cues, seconds_each=10)
        command = [sys.executable, "-m", "musicgen_daw", "render", str(sheet), "-b", "segmind"]
        folders = ["-o", str(folder / f"out{cues}"), "--store", str(folder / f"kept{cues}")]
        peaks[cues] = peak_mib([*command, *folders])
    first = peaks[MEMORY_COUNTS[0]]
    return [
        Row(
            f"peak memory, {cues} paid clips of 10 s, {AT_ONCE} at once",
            f"{peak:.0f} MiB",
            f"{peak / first:.2f} x that of {MEMORY_COUNTS[0]} clips",
            "1.0 x",
        )
        for cues, peak in peaks.items()
    ]


def write_sheet(path: Path, cues: int, seconds_each: int = 1) -> Path:
    """Write a list of cues whose prompts differ."""
    lines = [f"Cue {number},{seconds_each},tone {number}" for number in range(cues)]
    path.write_text("\n".join(["name,length,prompt", *lines]) + "\n")
    return path


def settings(url: str, key: str) -> dict[str, str]:
    """Return the variables that send all calls to a service."""
    return {
        f"{PREFIX}BASE_URL": url,
        f"{PREFIX}AT_ONCE": str(AT_ONCE),
        "SEGMIND_API_KEY": key,
        "MUSICGEN_DAW_SETTINGS": os.devnull,
    }


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables as long as the context lasts."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


# -- the services ------------------------------------------------------------------------------


@contextmanager
def service(*arguments: str) -> Iterator[tuple[str, str]]:
    """Run a service; yield its URL and a key."""
    command = [sys.executable, __file__, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            key, url = (process.stdout.readline().strip() for _ in range(2))
            yield url, key
        finally:
            process.terminate()


async def wait_and_answer() -> None:
    """Answer every POST with a tone, some time after it came; no two tones are the same."""
    file = io.BytesIO()
    tone = 0.3 * np.sin(np.arange(3 * SAMPLE_RATE // 2) / 20)
    soundfile.write(file, tone, SAMPLE_RATE, subtype="PCM_24", format="WAV")
    headers = "content-type: audio/wav\r\nx-cost: 0.0015\r\nconnection: close\r\n"
    sound = answer(file.getvalue(), headers)
    numbers = count(1)
    balance = answer(b'{"credits": 1000}', "connection: close\r\n")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"POST"):
            told = next(line for line in head.lower().split(b"\r\n") if b"content-length" in line)
            await reader.readexactly(int(told.split(b":")[1]))
            await asyncio.sleep(CALL_S)
            writer.write(sound[:-3] + next(numbers).to_bytes(3, "little"))
        else:
            writer.write(balance)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=128)
    host, port = server.sockets[0].getsockname()
    print("SG_waiting", f"http://{host}:{port}", sep="\n", flush=True)
    await server.serve_forever()


def answer(body: bytes, headers: str) -> bytes:
    """Return an HTTP answer."""
    return f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body


class SlowTones:
    """A generator that takes as long for a clip as the service, and no time of the processor."""

    name = "tones"
    revision = "1"
    capabilities = Capabilities(native_rate=SAMPLE_RATE)

    def __init__(self) -> None:
        tone = np.sin(np.arange(31 * SAMPLE_RATE, dtype=np.float32) / 20)
        self._tone = np.float32(0.3) * tone[np.newaxis]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def explain(self, _request: ClipRequest) -> Mapping[str, str]:
        """Understand nothing."""
        return {}

    def run(self, requests: Sequence[ClipRequest], _checkpoint: Checkpoint) -> Iterator[Outcome]:
        """Wait, and give a tone."""
        for request in requests:
            time.sleep(CALL_S)
            first = request.seed % SAMPLE_RATE
            samples = self._tone[:, first : first + round(request.length_s * SAMPLE_RATE)]
            yield Finished(request, Clip({"mix": Audio(samples, SAMPLE_RATE)}))


def serve(data: Path) -> None:
    """Serve until a signal; tell a key and the URL."""
    from musicgen_daw.server.app import make_app
    from musicgen_daw.server.options import Options
    from musicgen_daw.server.run import listen, serve_until_stopped, url_of

    app = make_app(SlowTones, data, Options(workers=AT_ONCE, usd_per_second=Decimal("0.001")))
    print(app.state.service.accounts.add("benchmark", Decimal(100_000)), flush=True)
    bound = listen("127.0.0.1", 0)
    serve_until_stopped(app, bound, lambda: print(url_of(bound), flush=True))


if __name__ == "__main__":
    if sys.argv[1] == "waiting":
        asyncio.run(wait_and_answer())
    else:
        serve(Path(sys.argv[2]))

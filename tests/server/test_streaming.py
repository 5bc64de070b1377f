"""A clip that is heard while it is made."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from threading import Event

import httpx
import numpy as np
import pytest
from tones import RATE, Gate, Served, ToneBackend, client, served

from musicgen_daw.audio import Audio
from musicgen_daw.audio.codecs import decode
from musicgen_daw.errors import Rejected
from musicgen_daw.planning import ClipRequest


class StreamingTones(ToneBackend):
    """Gives half a second at a time, and waits before each further one until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = Event()

    def stream(self, request: ClipRequest) -> Iterator[Audio]:
        times_s = np.arange(int(request.length_s * RATE)) / RATE
        tone = (1.5 * np.sin(2 * np.pi * 220 * times_s)).astype(np.float32)
        for start in range(0, len(tone), RATE // 2):
            if start:
                assert self.may_go_on.wait(30)
            if start and "break" in request.prompt:
                raise Rejected("it broke")
            yield Audio(tone[np.newaxis, start : start + RATE // 2], RATE)


def url(told: dict[str, str]) -> str:
    return f"{told['response_url']}/stream"


def read_some(blocks: Iterator[bytes], at_least: int) -> bytes:
    content = b""
    while len(content) < at_least:
        content += next(blocks)
    return content


def test_sound_comes_before_the_clip_is_made_and_all_of_it_comes(tmp_path: Path) -> None:
    backend = StreamingTones()
    with served(tmp_path, backend) as server:
        told = server.ask(api="v2", duration=2).json()
        with server.client.stream("GET", url(told)) as answer:
            assert answer.headers["content-type"] == "audio/wav"
            assert answer.headers["x-request-id"] == told["request_id"]
            blocks = answer.iter_bytes()
            begun = read_some(blocks, RATE // 2 * 4)
            assert server.client.get(told["status_url"]).json()["status"] == "PROCESSING"
            with server.client.stream("GET", url(told)) as late:  # hears it from its start
                also = read_some(late.iter_bytes(), RATE // 2 * 4)
            backend.may_go_on.set()
            whole = begun + b"".join(blocks)
        sound = decode(whole)
        assert (sound.sample_rate, sound.length_samples) == (RATE, 2 * RATE)
        assert also == begun
        assert np.abs(sound.samples).max() == pytest.approx(1.5, abs=0.01)  # nothing is cut
        while (made := server.client.get(told["response_url"])).status_code == 202:
            pass
        kept = decode(server.client.get(made.json()["output"]).content)
        inner = slice(0, RATE)  # the end is faded, and all of it turned down
        ratio = kept.samples[:, inner] / np.where(sound.samples == 0, 1, sound.samples)[:, inner]
        assert np.median(ratio) == pytest.approx(1 / 1.5, abs=0.01)


def test_a_clip_that_is_made_is_sent_as_it_is(server: Served) -> None:
    told = server.ask(api="v2", duration=1).json()
    while server.client.get(told["response_url"]).status_code == 202:
        pass
    kept = server.client.get(f"/files/{told['request_id']}.wav").content
    assert server.client.get(url(told)).content == kept


def test_a_generator_that_does_not_stream_is_heard_when_its_clip_is_there(tmp_path: Path) -> None:
    gate = Gate()
    with served(tmp_path, ToneBackend(gate)) as server:
        told = server.ask("wait", api="v2", duration=1).json()
        assert gate.reached.wait(30)
        gate.open.set()
        assert decode(server.client.get(url(told)).content).seconds == 1


def test_a_clip_that_fails_is_cut_off_or_not_begun(tmp_path: Path) -> None:
    backend = StreamingTones()
    with served(tmp_path, backend) as server:
        told = server.ask("break", api="v2", duration=2).json()
        with server.client.stream("GET", url(told)) as answer:
            blocks = answer.iter_bytes()
            content = read_some(blocks, RATE // 2 * 4)
            backend.may_go_on.set()
            content += b"".join(blocks)
        assert len(content) < 2 * RATE * 4
        after = server.client.get(url(told))
        assert (after.status_code, "it broke" in after.text) == (422, True)
    with served(tmp_path / "other") as server:
        told = server.ask("refuse", api="v2", duration=2).json()
        refused = server.client.get(url(told))
        assert (refused.status_code, "no such music" in refused.text) == (422, True)


def test_only_its_own_key_hears_it(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        told = server.ask(api="v2", duration=1).json()
        other = server.service.accounts.add("other", Decimal(1))
        with client(server.url, other) as stranger:
            assert stranger.get(url(told)).status_code == 404
        assert httpx.get(url(told), trust_env=False).status_code == 401


def test_a_listener_who_goes_away_leaves_the_clip(tmp_path: Path) -> None:
    backend = StreamingTones()
    with served(tmp_path, backend) as server:
        told = server.ask(api="v2", duration=2).json()
        with server.client.stream("GET", url(told)) as answer:
            next(answer.iter_bytes())
        backend.may_go_on.set()
        while (made := server.client.get(told["response_url"])).status_code == 202:
            pass
        assert made.status_code == 200

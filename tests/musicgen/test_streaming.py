"""Sound while it is made: the blocks together are the whole."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.backends.base import Streaming  # noqa: E402
from musicgen_daw.backends.musicgen import MusicgenBackend  # noqa: E402
from musicgen_daw.errors import Rejected  # noqa: E402
from musicgen_daw.musicgen.engine import Engine, Passage  # noqa: E402
from musicgen_daw.musicgen.weights import load  # noqa: E402
from musicgen_daw.planning import ClipRequest  # noqa: E402
from musicgen_daw.timeline import TempoMap  # noqa: E402


def codes_of(engine, frames: int) -> torch.Tensor:
    draws = torch.Generator().manual_seed(frames)
    return torch.randint(0, 2048, (engine.config.codebooks, frames), generator=draws)


@pytest.mark.parametrize("sizes", [[60], [1] * 20, [2, 30, 1, 0, 9], [50, 50, 3], [1], [3, 1]])
@pytest.mark.parametrize("name", ["tiny", "tiny-stereo"])
def test_blocks_of_codes_become_the_sound_of_all(engine, name, sizes) -> None:
    codec, codes = engine(name).codec, codes_of(engine(name), sum(sizes))
    stream = codec.stream()
    parts = codes.split(sizes, dim=1)
    blocks = [stream.add(part, is_last=False) for part in parts[:-1]]
    blocks.append(stream.add(parts[-1], is_last=True))
    whole = codec.decode(codes)
    assert torch.cat(blocks, dim=1).shape == whole.shape
    torch.testing.assert_close(
        torch.cat(blocks, dim=1), whole, rtol=0, atol=1e-5 * whole.abs().max()
    )


def test_a_block_lags_a_few_frames_behind_and_no_more(engine) -> None:
    codec, codes = engine("tiny").codec, codes_of(engine("tiny"), 50)
    stream = codec.stream()
    assert stream.add(codes[:, :20], is_last=False).shape == (1, 13 * 640)
    assert stream.add(codes[:, 20:], is_last=False).shape == (1, 30 * 640)
    assert stream.add(codes[:, :0], is_last=True).shape == (1, 7 * 640)


@pytest.mark.parametrize("name", ["tiny", "tiny-stereo", "tiny-melody"])
@pytest.mark.parametrize("window_frames", [1500, 50])
def test_a_stream_is_the_sound_of_the_same_passage_made_at_once(
    reference, name, window_frames
) -> None:
    engine = Engine(load(reference(name).folder), window_frames=window_frames, stride_frames=30)
    prompt = codes_of(engine, 9)
    for passage in (
        Passage("dark strings", 110, 5),
        Passage("drums", 64, 5, audio_prompt=prompt),
        Passage("a", 2, 5),
    ):
        ((_, codes),) = engine.generate([passage])
        whole = engine.codec.decode(codes)
        blocks = list(engine.stream(passage, block_frames=20))
        assert all(block.shape[1] for block in blocks)
        assert len(blocks) >= passage.frames // 20
        torch.testing.assert_close(
            torch.cat(blocks, dim=1), whole, rtol=0, atol=1e-5 * whole.abs().max()
        )


def test_the_first_sound_comes_after_less_than_two_seconds_of_work(engine) -> None:
    steps: list[int] = []
    stream = engine("tiny").stream(
        Passage("dark strings", 500, 5), on_step=lambda _, frames: steps.append(frames)
    )
    first = next(stream)
    stream.close()
    assert len(steps) < 100
    assert first.shape[1] > 32_000 * 0.8


# -- through the protocol --------------------------------------------------------------------------


def test_a_clip_is_streamed_as_it_is_made_and_as_long_as_asked(reference, monkeypatch) -> None:
    steps = 0
    step = Engine._step

    def counting(self: Engine, running: object) -> None:
        nonlocal steps
        steps += 1
        step(self, running)

    monkeypatch.setattr(Engine, "_step", counting)
    backend = MusicgenBackend(str(reference("tiny").folder), environment={})
    assert isinstance(backend, Streaming)
    request = ClipRequest("musicgen", "1", "dark strings", Fraction("3.21"), 1, top_k=1)
    blocks = backend.stream(request)
    first = next(blocks)
    assert steps < 100  # two seconds of audio's work
    assert first.length_samples > 16_000
    samples = np.concatenate([block.samples for block in (first, *blocks)], axis=1)
    assert samples.shape == (1, round(3.21 * 32_000))

    class Started:
        def started(self, request: ClipRequest) -> None:
            pass

        def progress(self, request: ClipRequest, done_s: float) -> None:
            pass

    (whole,) = backend.run([request], Started())
    assert np.allclose(samples, whole.clip.stems["mix"].samples, atol=1e-5)


def test_what_a_streamed_clip_goes_on_from_is_not_heard(reference) -> None:
    tempo_map = TempoMap.constant(240)
    request = ClipRequest(
        "musicgen", "1", "a", Fraction(1, 2), 1, tempo_map=tempo_map, guide="clicks", top_k=1
    )
    backend = MusicgenBackend(str(reference("tiny").folder), environment={})
    samples = np.concatenate([block.samples for block in backend.stream(request)], axis=1)
    assert samples.shape == (1, 16_000)
    with pytest.raises(Rejected, match="needs a tempo"):
        next(backend.stream(replace(request, tempo_map=None)))
    with pytest.raises(Rejected, match="temperature"):
        next(backend.stream(replace(request, temperature=0.0)))

"""Music longer than a window: the engine beside a plain loop over the rule."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.backends.base import Finished  # noqa: E402
from musicgen_daw.backends.musicgen import MusicgenBackend  # noqa: E402
from musicgen_daw.backends.musicgen.passages import commission  # noqa: E402
from musicgen_daw.musicgen.engine import Engine, Passage  # noqa: E402
from musicgen_daw.musicgen.sampling import Sampling  # noqa: E402
from musicgen_daw.musicgen.weights import load  # noqa: E402
from musicgen_daw.musicgen.windows import windows  # noqa: E402
from musicgen_daw.planning import ClipRequest  # noqa: E402
from musicgen_daw.timeline import TempoMap  # noqa: E402

GREEDY = Sampling(top_k=1)
SHORT = {"longest": 40, "stride": 24}
FAMILIES = ["tiny", "tiny-stereo", "tiny-melody"]


@pytest.fixture(scope="module")
def short_sighted(reference) -> object:
    """Engines whose windows are forty frames, so that little music has many of them."""
    made: dict[str, Engine] = {}

    def get(name: str) -> Engine:
        if name not in made:
            weights = load(reference(name).folder)
            made[name] = Engine(weights, window_frames=40, stride_frames=24)
        return made[name]

    return get


def plainly(reference, passage: Passage, **options: object) -> torch.Tensor:
    """Make a passage by the rule: every window by transformers, from the last one's end."""
    known = passage.audio_prompt
    for window in windows(passage.frames, passage.bar_lines, **SHORT):
        prompt = None if known is None else known[:, window.start :]
        codes, _ = reference.generate(
            passage.prompt, window.frames, prompt, do_sample=False, **options
        )
        known = codes if known is None else torch.cat([known[:, : window.start], codes], dim=1)
    return known


@pytest.mark.parametrize("name", FAMILIES)
def test_long_music_is_what_a_plain_loop_over_windows_makes(short_sighted, reference, name) -> None:
    engine = short_sighted(name)
    codebooks = engine.config.codebooks
    draws = torch.Generator().manual_seed(3)
    prompt = torch.randint(0, 2048, (codebooks, 12), generator=draws)
    asked = [
        Passage("dark strings", 130, 1, sampling=GREEDY),
        Passage("drums", 41, 1, sampling=GREEDY),
        Passage("happy song", 97, 1, sampling=GREEDY, audio_prompt=prompt),
        Passage("slow, wide", 115, 1, sampling=GREEDY, bar_lines=tuple(range(5, 115, 7))),
        Passage("a", 20, 1, sampling=GREEDY),
    ]
    found = dict(engine.generate(asked))
    for index, passage in enumerate(asked):
        expected = plainly(reference(name), passage)
        assert expected.shape == (codebooks, passage.frames)
        assert torch.equal(found[index], expected), passage.prompt
    assert windows(115, asked[3].bar_lines, **SHORT) != windows(115, **SHORT)


def test_a_melody_goes_on_through_the_windows(short_sighted, reference) -> None:
    engine = short_sighted("tiny-melody")
    draws = torch.Generator().manual_seed(5)
    chroma = torch.nn.functional.one_hot(torch.randint(0, 12, (30,), generator=draws), 12).float()
    passage = Passage("dark strings", 70, 1, sampling=GREEDY, melody=chroma)
    ((_, found),) = engine.generate([passage])
    known = torch.empty(4, 0, dtype=torch.long)
    for window in windows(70, **SHORT):
        heard = round(window.start * 640 / 4096)
        codes, _ = reference("tiny-melody").generate(
            passage.prompt,
            window.frames,
            known[:, window.start :] if window.start else None,
            do_sample=False,
            input_features=torch.cat([chroma[heard:], chroma[:heard]])[None],
        )
        known = torch.cat([known[:, : window.start], codes], dim=1)
    assert torch.equal(found, known)


def test_long_music_sounds_the_same_alone_and_in_company_and_its_windows_differ(
    short_sighted,
) -> None:
    engine = short_sighted("tiny")
    asked = [Passage("dark strings", count, 7, sampling=Sampling()) for count in (120, 30, 75)]
    together = dict(engine.generate(asked))
    for index, passage in enumerate(asked):
        ((_, alone),) = engine.generate([passage])
        assert torch.equal(alone, together[index])
    assert not torch.equal(together[0][:, 40:64], together[0][:, 64:88])


def test_progress_over_windows_never_goes_back(short_sighted) -> None:
    told: list[int] = []
    engine = short_sighted("tiny")
    list(engine.generate([Passage("a", 90, 1)], on_step=lambda _, frames: told.append(frames)))
    assert told == sorted(told)
    assert told[-1] == 90


def test_memory_is_that_of_a_window_however_long_the_music(short_sighted) -> None:
    engine = short_sighted("tiny")
    assert engine._positions(Passage("a", 4000, 1)) == engine._positions(Passage("a", 40, 1))


# -- from a request --------------------------------------------------------------------------------


def test_bar_lines_are_rounded_one_by_one(engine) -> None:
    tempo_map = TempoMap.constant(101)
    request = ClipRequest("musicgen", "1", "a", Fraction(60), 1, tempo_map=tempo_map)
    passage = commission(request, engine("tiny"), lambda _: None).passage
    expected = [float(Fraction(240, 101) * bar * 50) for bar in range(1, 26)]
    assert passage.bar_lines == pytest.approx(expected, abs=0.51)
    assert (
        commission(replace(request, tempo_map=None), engine("tiny"), None).passage.bar_lines == ()
    )


@pytest.mark.slow
def test_a_clip_of_a_minute_is_made_whole(reference) -> None:
    request = ClipRequest("musicgen", "1", "a", Fraction("50.1"), 1)
    backend = MusicgenBackend(str(reference("tiny").folder), environment={})

    class Started:
        def started(self, request: ClipRequest) -> None:
            pass

    assert backend.capabilities.max_s is None
    (outcome,) = backend.run([request], Started())
    assert isinstance(outcome, Finished)
    assert outcome.clip.stems["mix"].seconds == Fraction("50.1")

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
    changes = [start for start, _ in passage.prompt_changes]
    for window in windows(passage.frames, passage.bar_lines, changes, **SHORT):
        prompt = None if known is None else known[:, window.start :]
        codes, _ = reference.generate(
            passage.prompt_at(window.new_from), window.frames, prompt, do_sample=False, **options
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
        Passage(
            "calm",
            90,
            1,
            sampling=GREEDY,
            audio_prompt=prompt,
            prompt_changes=((30, "happy song"), (62, "drums, loud and full")),
        ),
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


def test_a_prompt_that_changes_changes_only_what_follows(short_sighted) -> None:
    engine = short_sighted("tiny")
    plain = Passage("calm", 60, 3, sampling=GREEDY)
    changing = replace(plain, prompt_changes=((25, "drums, loud and full"),))
    found = dict(engine.generate([plain, changing]))
    settled = 25 - 3  # the lagging codebooks of the last frames are chosen in another column
    assert torch.equal(found[0][:, :settled], found[1][:, :settled])
    assert not torch.equal(found[0][:, 25:], found[1][:, 25:])


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


def test_a_prompt_changes_on_the_frame_nearest_to_its_moment(engine) -> None:
    changes = ((Fraction(4), "loud"), (Fraction(16, 3), "calm"))
    request = ClipRequest("musicgen", "1", "a", Fraction(8), 1, prompt_changes=changes)
    passage = commission(request, engine("tiny"), None).passage
    assert passage.prompt_changes == ((200, "loud"), (267, "calm"))
    assert [passage.prompt_at(frame) for frame in (0, 199, 200, 300)] == ["a", "a", "loud", "calm"]


def test_what_is_told_when_is_explained_and_kept_with_the_clip(reference) -> None:
    changes = ((Fraction("0.3"), "drums"),)
    request = ClipRequest("musicgen", "1", "calm", Fraction("0.6"), 1, prompt_changes=changes)
    backend = MusicgenBackend(str(reference("tiny").folder), environment={})
    told = {"prompt from 0.00 s": "calm", "prompt from 0.30 s": "drums"}
    assert told.items() <= backend.explain(request).items()
    (outcome,) = backend.run([request], Started())
    assert told.items() <= outcome.clip.facts.items()


class Started:
    def started(self, request: ClipRequest) -> None:
        pass

    def progress(self, request: ClipRequest, done_s: float) -> None:
        pass


@pytest.mark.slow
def test_a_clip_beyond_one_window_is_made_whole(reference) -> None:
    request = ClipRequest("musicgen", "1", "a", Fraction("31.1"), 1)
    backend = MusicgenBackend(str(reference("tiny").folder), environment={})
    assert backend.capabilities.max_s is None
    (outcome,) = backend.run([request], Started())
    assert isinstance(outcome, Finished)
    assert outcome.clip.stems["mix"].seconds == Fraction("31.1")

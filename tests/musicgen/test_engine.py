"""The engine beside transformers: the same checkpoint, the same tokens."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.errors import Rejected  # noqa: E402
from musicgen_daw.musicgen.engine import Engine, Passage  # noqa: E402
from musicgen_daw.musicgen.sampling import Sampling  # noqa: E402
from musicgen_daw.musicgen.weights import load  # noqa: E402

FAMILIES = ["tiny", "tiny-stereo", "tiny-melody"]
GREEDY = Sampling(top_k=1)
PROMPTS = [
    "dark strings, tense",
    "a",
    "happy song with hand claps, a whistled tune and a double bass",
    "",
    "drums and nothing but drums",
    "slow, wide, cold",
]


def passages(*frames: int, sampling: Sampling = GREEDY) -> list[Passage]:
    return [
        Passage(prompt, count, seed=7 + index, sampling=sampling)
        for index, (prompt, count) in enumerate(zip(PROMPTS, frames, strict=False))
    ]


def made(engine: Engine, asked: list[Passage]) -> list[torch.Tensor]:
    found = dict(engine.generate(asked))
    return [found[index] for index in range(len(asked))]


def a_prompt(codebooks: int, frames: int) -> torch.Tensor:
    draws = torch.Generator().manual_seed(3)
    return torch.randint(0, 2048, (codebooks, frames), generator=draws)


@pytest.mark.parametrize("name", FAMILIES)
def test_greedy_tokens_of_six_unequal_cues_are_those_of_transformers(
    engine, reference, name
) -> None:
    asked = passages(40, 66, 25, 50, 31, 60)
    for passage, codes in zip(asked, made(engine(name), asked), strict=True):
        expected, _ = reference(name).generate(passage.prompt, passage.frames, do_sample=False)
        assert torch.equal(codes, expected), passage.prompt


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_five_hundred_steps_of_one_cue_and_of_six_are_those_of_transformers(
    engine, reference, name
) -> None:
    asked = passages(497, 60, 110, 30, 45, 83)  # transformers takes its time for each
    alone = made(engine(name), asked[:1])
    together = made(engine(name), asked)
    assert torch.equal(alone[0], together[0])
    for passage, codes in zip(asked, together, strict=True):
        expected, _ = reference(name).generate(passage.prompt, passage.frames, do_sample=False)
        assert torch.equal(codes, expected), passage.prompt


@pytest.mark.parametrize("name", FAMILIES)
def test_an_audio_prompt_is_continued_as_by_transformers(engine, reference, name) -> None:
    prompt = a_prompt(engine(name).config.codebooks, 12)
    asked = [replace(passage, audio_prompt=prompt) for passage in passages(40, 30, 22)]
    asked.append(replace(asked[0], audio_prompt=prompt[:, :1], frames=20))
    for passage, codes in zip(asked, made(engine(name), asked), strict=True):
        expected, _ = reference(name).generate(
            passage.prompt, passage.frames, passage.audio_prompt, do_sample=False
        )
        assert torch.equal(codes, expected)
        assert torch.equal(codes[:, : passage.audio_prompt.shape[1]], passage.audio_prompt)


@pytest.mark.parametrize("frames", [9, 235, 300])
def test_a_melody_is_followed_as_by_transformers(engine, reference, frames) -> None:
    draws = torch.Generator().manual_seed(5)
    chroma = torch.nn.functional.one_hot(torch.randint(0, 12, (frames,), generator=draws), 12)
    passage = replace(passages(30)[0], melody=chroma.float())
    expected, _ = reference("tiny-melody").generate(
        passage.prompt, 30, do_sample=False, input_features=chroma.float()[None]
    )
    assert torch.equal(made(engine("tiny-melody"), [passage])[0], expected)
    assert not torch.equal(made(engine("tiny-melody"), passages(30))[0], expected)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(
    ("sampling", "options"),
    [
        (Sampling(), {"top_k": 250}),
        (Sampling(top_k=0, top_p=0.8), {"top_k": 0, "top_p": 0.8}),
        (
            Sampling(guidance=1.0, temperature=0.7, top_k=40, top_p=0.9),
            {"guidance_scale": 1.0, "temperature": 0.7, "top_k": 40, "top_p": 0.9},
        ),
        (Sampling(guidance=6.5, temperature=1.4), {"guidance_scale": 6.5, "temperature": 1.4}),
    ],
)
def test_sampled_tokens_are_those_of_transformers_with_the_same_seed(
    engine, reference, name, sampling, options
) -> None:
    passage = passages(40, sampling=sampling)[0]
    torch.manual_seed(passage.seed)
    expected, _ = reference(name).generate(
        passage.prompt, 40, **{"top_k": 250, **options}, do_sample=True
    )
    assert torch.equal(made(engine(name), [passage])[0], expected)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_cue_sounds_the_same_alone_and_in_any_company(engine, name) -> None:
    asked = passages(40, 66, 25, 50, 31, 60, sampling=Sampling())
    together = made(engine(name), asked)
    for passage, codes in zip(asked, together, strict=True):
        assert torch.equal(made(engine(name), [passage])[0], codes)


def test_slots_are_refilled_longest_first_and_change_nothing(engine, reference) -> None:
    asked = passages(40, 66, 25, 50, 31, 60, sampling=Sampling())
    narrow = Engine(load(reference("tiny").folder), most_slots=2)
    started: list[int] = []
    ended = [(index, len(started)) for index, _ in narrow.generate(asked, on_start=started.append)]
    assert started == [1, 5, 3, 0, 4, 2]
    assert [count for _, count in ended][:3] == [2, 3, 4]  # a slot is filled when it is free
    for own, other in zip(made(narrow, asked), made(engine("tiny"), asked), strict=True):
        assert torch.equal(own, other)


def test_memory_bounds_how_many_cues_run_at_once(engine, reference) -> None:
    asked = passages(40, 40, 40, 40)
    of_one = engine("tiny").decoder.slot_bytes(44)
    small = Engine(load(reference("tiny").folder), memory_bytes=int(2.5 * of_one))
    started: list[int] = []
    running = small.generate(asked, on_start=started.append)
    next(running)
    assert len(started) == 2
    tiny = Engine(load(reference("tiny").folder), memory_bytes=0)
    assert len(made(tiny, asked)) == 4  # one always runs


@torch.no_grad()
def test_a_negative_prompt_is_the_branch_that_is_pushed_away_from(engine, reference) -> None:
    """Transformers has none; its own two branches with the texts in them are the same."""
    own = reference("tiny")
    passage = replace(passages(12)[0], negative="loud drums")
    states = [engine("tiny").text(text) for text in (passage.prompt, passage.negative)]
    states = [state.clone() for state in states]
    grid = torch.full((4, 1), 2048)
    for column in range(12 + 3):
        logits = [
            own.model(
                encoder_outputs=(text[None],), decoder_input_ids=grid, use_cache=False
            ).logits[:, -1]
            for text in states
        ]
        chosen = (logits[1] + 3.0 * (logits[0] - logits[1])).argmax(-1)
        lag = torch.arange(4)
        known = (lag <= column) & (column < lag + 12)
        grid = torch.cat([grid, chosen.where(known, 2048)[:, None]], dim=1)
    expected = torch.stack([grid[k, 1 + k : 13 + k] for k in range(4)])
    assert torch.equal(made(engine("tiny"), [passage])[0], expected)
    assert not torch.equal(made(engine("tiny"), passages(12))[0], expected)


def test_progress_tells_the_frames_that_are_complete(engine) -> None:
    told: list[tuple[int, int]] = []
    list(engine("tiny").generate(passages(5, 3), on_step=lambda *step: told.append(step)))
    assert [frames for index, frames in told if index == 0] == [0, 0, 0, 1, 2, 3, 4, 5]
    assert [frames for index, frames in told if index == 1] == [0, 0, 0, 1, 2, 3]


def test_a_stopped_run_leaves_the_engine_usable(engine) -> None:
    running = engine("tiny").generate(passages(30, 8))
    assert next(running)[0] == 1
    running.close()
    assert made(engine("tiny"), passages(8))[0].shape == (4, 8)


def test_a_prompt_of_a_novel_is_refused(engine) -> None:
    with pytest.raises(Rejected, match=r"has \d+ tokens, where MusicGen takes 512"):
        list(engine("tiny").generate([Passage("dark strings " * 200, 10, seed=1)]))


def test_nothing_asked_is_nothing_made(engine) -> None:
    assert list(engine("tiny").generate([])) == []

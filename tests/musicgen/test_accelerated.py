"""The decoder for devices, run on the processor: the same music from fixed places."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from torch.fx.experimental.proxy_tensor import make_fx  # noqa: E402

from musicgen_daw.musicgen.accelerated.choosing import choose_all  # noqa: E402
from musicgen_daw.musicgen.accelerated.decoder import AcceleratedDecoder  # noqa: E402
from musicgen_daw.musicgen.accelerated.graphs import AsWritten  # noqa: E402
from musicgen_daw.musicgen.engine import Engine, Passage  # noqa: E402
from musicgen_daw.musicgen.sampling import Sampling, choose, guided  # noqa: E402
from musicgen_daw.musicgen.weights import load  # noqa: E402

CPU = torch.device("cpu")
GREEDY = Sampling(top_k=1)
FAMILIES = ["tiny", "tiny-stereo", "tiny-melody"]


class Recording:
    """What CUDA graphs do, on the processor: operations are recorded once, with the places that
    they read and write, and replayed without the code that they came from.
    """

    def __init__(self) -> None:
        self.graphs: dict[Hashable, Callable[[], torch.Tensor]] = {}
        self.forgotten = 0

    def __call__(self, key: Hashable, work: Callable[[], torch.Tensor]) -> torch.Tensor:
        if key not in self.graphs:
            self.graphs[key] = make_fx(work)()
        return self.graphs[key]()

    def forget(self) -> None:
        self.graphs.clear()
        self.forgotten += 1


def accelerated(folder: object, precision: str = "fp32", replay: object = None) -> Engine:
    """An engine whose decoder is the one for devices."""
    checkpoint = load(folder)
    engine = Engine(checkpoint)
    decoder = AcceleratedDecoder(
        checkpoint.config, checkpoint.decoder, precision, CPU, replay or AsWritten()
    )
    engine.decoder = engine._steps = decoder
    return engine


def several(codebooks: int) -> list[Passage]:
    """Passages of unequal lengths and prompts, with all that the decoder has to tell apart."""
    prompt = torch.randint(0, 2048, (codebooks, 9), generator=torch.Generator().manual_seed(1))
    return [
        Passage("dark strings", 24, 1, sampling=GREEDY),
        Passage("a", 40, 2, sampling=GREEDY),
        Passage("happy song with hand claps", 18, 3, negative="vocals, drums", sampling=GREEDY),
        Passage("drums", 30, 4, sampling=Sampling(top_k=1, guidance=1.0)),
        Passage("slow", 33, 5, sampling=GREEDY, audio_prompt=prompt),
    ]


def codes(engine: Engine, passages: list[Passage], most_slots: int = 3) -> list[torch.Tensor]:
    engine._most_slots = most_slots
    made = dict(engine.generate(passages))
    return [made[index] for index in range(len(passages))]


@pytest.mark.parametrize("name", FAMILIES)
def test_it_makes_the_tokens_of_the_processors_decoder(reference, engine, name) -> None:
    passages = several(engine(name).config.codebooks)
    found = codes(accelerated(reference(name).folder), passages)
    expected = dict(engine(name).generate(passages))
    for index, one in enumerate(found):
        assert torch.equal(one, expected[index])


@pytest.mark.parametrize("name", FAMILIES)
def test_a_step_that_is_replayed_reads_all_that_changes_from_its_places(
    reference, engine, name
) -> None:
    passages = several(engine(name).config.codebooks)
    recording = Recording()
    found = codes(accelerated(reference(name).folder, replay=recording), passages)
    expected = dict(engine(name).generate(passages))
    for index, one in enumerate(found):
        assert torch.equal(one, expected[index])
    assert 1 <= len(recording.graphs) <= 4  # a few serve all steps


def test_longer_texts_than_before_make_room_and_new_recordings(reference, engine) -> None:
    wordy = "dark strings, tense, slow, wide, low drums and a whistled tune " * 3
    passages = [Passage(text, 20, 1, sampling=GREEDY) for text in ("a", "b", wordy)]
    recording = Recording()
    found = codes(accelerated(reference("tiny").folder, replay=recording), passages, 1)
    expected = dict(engine("tiny").generate(passages))
    for index, one in enumerate(found):
        assert torch.equal(one, expected[index])
    assert recording.forgotten == 2  # for the room, and for the long text


def test_a_second_run_of_the_same_size_needs_no_new_recordings(reference, engine) -> None:
    recording = Recording()
    fast = accelerated(reference("tiny").folder, replay=recording)
    passages = [Passage(text, 20, 1, sampling=GREEDY) for text in ("dark strings", "a")]
    first = codes(fast, passages)
    recorded = dict(recording.graphs)
    again = codes(fast, passages[::-1])
    assert recording.graphs == recorded
    assert torch.equal(again[0], first[1])
    assert torch.equal(again[1], first[0])
    assert torch.equal(first[0], dict(engine("tiny").generate(passages))[0])


def test_places_beyond_one_recording_get_another(reference, engine) -> None:
    passages = [Passage("dark strings", 300, 1, sampling=GREEDY), Passage("a", 20, 2)]
    recording = Recording()
    found = codes(accelerated(reference("tiny").folder, replay=recording), passages)
    assert torch.equal(found[0], dict(engine("tiny").generate(passages))[0])
    assert {length for length, _ in recording.graphs} == {256, 512}


def test_a_cue_draws_the_same_tokens_alone_and_in_company(reference) -> None:
    fast = accelerated(reference("tiny").folder)
    passages = [Passage("dark strings", 20, seed, sampling=Sampling()) for seed in (1, 2, 3)]
    together = codes(fast, passages)
    for passage, one in zip(passages, together, strict=True):
        assert torch.equal(codes(fast, [passage])[0], one)


def test_sound_comes_in_blocks_as_well(reference) -> None:
    fast = accelerated(reference("tiny").folder)
    passage = Passage("dark strings", 60, 1, sampling=GREEDY)
    blocks = torch.cat(list(fast.stream(passage, block_frames=16)), dim=1)
    whole = fast.codec.decode(codes(fast, [passage])[0])
    assert torch.allclose(blocks, whole, atol=1e-5)


@pytest.mark.parametrize("precision", ["bf16", "kv8"])
def test_smaller_numbers_stay_near_to_the_exact_ones(reference, precision) -> None:
    folder = reference("tiny").folder
    columns = torch.randint(0, 2048, (4, 30), generator=torch.Generator().manual_seed(4))
    logits = []
    for engine in (accelerated(folder), accelerated(folder, precision)):
        decoder = engine.decoder
        (room,) = decoder.rooms(64, 1)
        seat = decoder.begin(room, [engine.text("dark strings"), None], columns, None)
        decoder._tokens[:] = columns[:, -1]
        decoder._positions[:] = seat.position
        with torch.inference_mode():
            logits.append(decoder._step_all(64, 1))
    error = (logits[0] - logits[1]).norm() / logits[0].norm()
    assert 0 < error < 0.02


def test_eight_bits_hold_about_twice_as_many_cues(reference) -> None:
    folder = reference("tiny").folder
    wide, narrow = (accelerated(folder, name).decoder.slot_bytes(1500) for name in ("bf16", "kv8"))
    assert 1.9 < wide / narrow < 2


@pytest.mark.parametrize("seed", range(3))
def test_tokens_for_all_are_those_for_each(seed) -> None:
    samplings = [
        Sampling(),
        Sampling(top_k=0),
        Sampling(top_k=5, temperature=0.7),
        Sampling(top_k=1),
        Sampling(guidance=1.0),
        Sampling(top_p=0.6, top_k=0, guidance=5.0),
        Sampling(top_p=0.9, top_k=30),
    ]
    draws = torch.Generator().manual_seed(seed)
    logits = torch.randn(2, len(samplings), 4, 300, generator=draws) * 3

    def chances(indices: range | list[int]) -> list[torch.Generator]:
        return [torch.Generator().manual_seed(index) for index in indices]

    found = choose_all(logits, samplings, chances(range(len(samplings))))
    for index, sampling in enumerate(samplings):
        own, other = logits[:, index]
        mixed = guided(own, other, sampling.guidance) if sampling.is_guided else own
        assert torch.equal(found[index], choose(mixed, sampling, *chances([index])))
    for subset in ([0], [3], [1], [3, 4]):
        few = choose_all(logits[:, subset], [samplings[n] for n in subset], chances(subset))
        assert torch.equal(few, found[subset])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_on_a_card_a_recorded_step_is_the_written_one(reference) -> None:
    checkpoint = load(reference("tiny").folder)
    recorded, written = (Engine(checkpoint, device="cuda") for _ in range(2))
    written.decoder = written._steps = AcceleratedDecoder(
        checkpoint.config, checkpoint.decoder, "fp32", torch.device("cuda"), AsWritten()
    )
    for one, two in zip(codes(recorded, several(4)), codes(written, several(4)), strict=True):
        assert torch.equal(one, two)

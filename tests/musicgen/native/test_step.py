"""The step in C beside the one in torch, which reads as the model is."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.musicgen.config import ModelConfig  # noqa: E402
from musicgen_daw.musicgen.decoder import Decoder  # noqa: E402
from musicgen_daw.musicgen.native.build import library  # noqa: E402
from musicgen_daw.musicgen.native.step import is_possible  # noqa: E402
from musicgen_daw.musicgen.weights import load  # noqa: E402

PLACES = (0, 3, 7, 254, 255, 256, 300, 530)  # about the ends of a stretch of places


@pytest.fixture(autouse=True)
def _machine_that_can() -> None:
    if library() is None:
        pytest.skip("this machine has no C compiler, or a processor of another kind")


def logits(decoder: Decoder, text: Any, places: tuple[int, ...], steps: int = 3) -> list[Any]:
    """Return what each cue's last step gives; each begins at another place."""
    codebooks = decoder.config.codebooks
    draws = torch.Generator().manual_seed(4)
    columns = torch.randint(0, 2048, (codebooks, 540), generator=draws)
    slots = [
        decoder.begin(decoder.memory(place + 300), [text[:words], None], columns[:, :place])
        for words, place in zip((2, 5, 3, 5, 1, 4, 5, 3), places, strict=False)
    ]
    for step in range(steps):
        found = decoder.step(slots, columns[:, step : step + len(slots)].t())
    return found


@pytest.fixture
def decoders(reference: Any) -> Any:
    def made(name: str, precision: str, native: bool = True) -> Decoder:
        checkpoint = load(reference(name).folder)
        return Decoder(checkpoint.config, checkpoint.decoder, precision, native=native)

    return made


@pytest.mark.parametrize(("precision", "error"), [("fp32", 1e-5), ("bf16", 0.03), ("int8", 0.1)])
@pytest.mark.parametrize("name", ["tiny", "tiny-stereo", "tiny-melody"])
def test_a_step_in_c_is_the_step_in_torch(
    decoders: Any, engine: Any, name: str, precision: str, error: float
) -> None:
    text = engine(name).text("dark strings, tense and slow")
    found = logits(decoders(name, precision), text, PLACES)
    expected = logits(decoders(name, "fp32", native=False), text, PLACES)
    for own, other in zip(found, expected, strict=True):
        assert (own - other).norm() < error * other.norm()


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_a_cue_is_exactly_the_same_in_any_company(
    decoders: Any, engine: Any, precision: str
) -> None:
    text = engine("tiny").text("dark strings, tense and slow")
    together = logits(decoders("tiny", precision), text, PLACES, steps=1)
    alone = logits(decoders("tiny", precision), text, PLACES[:1], steps=1)
    assert torch.equal(alone[0], together[0])


def test_keys_and_values_take_half_the_memory_where_the_mode_is_not_exact(decoders: Any) -> None:
    exact, small = decoders("tiny", "fp32"), decoders("tiny", "int8")
    assert exact.slot_bytes(100) == 2 * small.slot_bytes(100)
    for decoder in (exact, small):
        assert sum(part.nbytes for part in decoder.memory(100)) == decoder.slot_bytes(100)


@pytest.mark.parametrize("shape", [(2, 130, 2, 256), (2, 256, 2, 256), (2, 128, 2, 250)])
def test_a_model_of_another_shape_is_left_to_torch(shape: tuple[int, int, int, int]) -> None:
    assert is_possible(ModelConfig(24, 1024, 16, 4096))
    assert not is_possible(ModelConfig(*shape))


def test_a_cue_whose_memory_is_full_goes_no_further(decoders: Any) -> None:
    decoder = decoders("tiny", "fp32")
    slot = decoder.begin(decoder.memory(4), [None], torch.zeros(4, 3, dtype=torch.long))
    decoder.step([slot], torch.zeros(1, 4, dtype=torch.long))
    with pytest.raises(IndexError, match="ends at place 4"):
        decoder.step([slot], torch.zeros(1, 4, dtype=torch.long))

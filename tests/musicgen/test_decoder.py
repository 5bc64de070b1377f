from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.musicgen.layers import positions_table  # noqa: E402

CLOSE = 1e-4


@pytest.mark.parametrize("name", ["tiny", "tiny-stereo"])
def test_logits_are_those_of_transformers(engine, reference, name) -> None:
    """The same columns, read one by one here and all at once there."""
    own, decoder = reference(name), engine(name).decoder
    codebooks = engine(name).config.codebooks
    columns = torch.randint(0, 2049, (60, codebooks), generator=torch.Generator().manual_seed(1))
    text = engine(name).text("dark strings")
    slots = [
        decoder.begin(decoder.memory(80), [text, None], columns[:start].t()) for start in (0, 11)
    ]
    stepped = []
    for step in range(40):
        at = torch.stack([columns[step], columns[11 + step]])
        stepped.append(decoder.step(slots, at))
    for which, start in enumerate((0, 11)):
        branches = torch.stack([step[which] for step in stepped])
        for branch, states in enumerate((text, torch.zeros_like(text))):
            mask = torch.ones(1, len(text)) if branch == 0 else torch.zeros(1, len(text))
            with torch.no_grad():
                logits = own.model(
                    encoder_outputs=(states[None],),
                    attention_mask=mask.long(),
                    decoder_input_ids=columns[: start + 40].t(),
                ).logits
            expected = logits[:, start:].transpose(0, 1)
            assert (branches[:, branch] - expected).abs().max() < CLOSE


def test_positions_are_those_of_transformers(reference) -> None:
    module = reference("tiny").model.decoder.model.decoder.embed_positions
    assert torch.equal(positions_table(2048, 128), module.weights)


def test_positions_go_on_past_the_trained_ones(engine) -> None:
    decoder = engine("tiny").decoder
    slot = decoder.begin(decoder.memory(2100), [None], torch.zeros(4, 2060, dtype=torch.long))
    assert slot.position == 2060
    (logits,) = decoder.step([slot], torch.zeros(1, 4, dtype=torch.long))
    assert logits.shape == (1, 4, 2048)
    assert logits.isfinite().all()

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")


@pytest.mark.parametrize("name", ["tiny", "tiny-stereo"])
def test_decoded_sound_is_that_of_transformers(engine, reference, name) -> None:
    codes, sound = reference(name).generate("dark strings", 30, do_sample=False)
    decoded = engine(name).codec.decode(codes)
    assert torch.equal(decoded, sound)
    assert decoded.shape == (2 if "stereo" in name else 1, 30 * 640)
    assert decoded.abs().max() > 0.001


def test_encoded_sound_is_that_of_transformers(engine, reference) -> None:
    sound = torch.randn(1, 32_000, generator=torch.Generator().manual_seed(1)) * 0.1
    expected = reference("tiny").model.audio_encoder.encode(sound[None]).audio_codes[0, 0]
    codes = engine("tiny").codec.encode(sound)
    assert torch.equal(codes, expected)
    assert codes.shape == (4, 50)
    assert len(codes.unique()) > 10


def test_stereo_codes_take_turns_between_left_and_right(engine) -> None:
    codec, one = engine("tiny-stereo").codec, engine("tiny-stereo")
    sides = torch.randn(2, 6400, generator=torch.Generator().manual_seed(1)) * 0.1
    codes = codec.encode(sides)
    swapped = codec.encode(sides.flip(0))
    assert codes.shape == (8, 10) == (one.config.codebooks, 10)
    assert torch.equal(codes[0::2], swapped[1::2])
    assert torch.equal(codes[1::2], swapped[0::2])
    assert not torch.equal(codes[0::2], codes[1::2])


def test_sound_of_the_wrong_number_of_channels_is_refused(engine) -> None:
    with pytest.raises(ValueError, match="2 channels, not 1"):
        engine("tiny").codec.encode(torch.zeros(2, 640))

"""What the engine relies on in transformers, by name: a rename there fails here, not in a user's
music.
"""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
transformers = pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.musicgen.config import ENCODEC_32KHZ, T5_BASE, parse_config  # noqa: E402
from musicgen_daw.musicgen.layout import shapes  # noqa: E402

DECODER_FIELDS = {
    "activation_function": "gelu",
    "audio_channels": 1,
    "ffn_dim": 4096,
    "hidden_size": 1024,
    "num_attention_heads": 16,
    "num_codebooks": 4,
    "num_hidden_layers": 24,
    "scale_embedding": False,
    "vocab_size": 2048,
}
"""The fields that are read, and the values that are assumed where a file leaves them out."""


@pytest.mark.parametrize("name", ["MusicgenDecoderConfig", "MusicgenMelodyDecoderConfig"])
def test_the_decoders_fields_have_their_names_and_defaults(name: str) -> None:
    values = getattr(transformers, name)().to_dict()
    assert {field: values.get(field) for field in DECODER_FIELDS} == DECODER_FIELDS


def test_the_melody_models_fields_have_their_names_and_defaults() -> None:
    values = transformers.MusicgenMelodyConfig().to_dict()
    assert (values["num_chroma"], values["chroma_length"]) == (12, 235)


@pytest.mark.parametrize(
    ("name", "known"), [("EncodecConfig", ENCODEC_32KHZ), ("T5Config", T5_BASE)]
)
def test_the_settings_of_the_other_parts_are_all_understood(name: str, known) -> None:
    config = getattr(transformers, name)(**{k: v for k, v in known.items() if k != "model_type"})
    fresh = getattr(transformers, name)().to_dict()
    assert set(known) <= set(fresh)  # an unknown word would be taken, and change nothing
    assert {key: json.loads(json.dumps(config.to_dict()[key])) for key in known} == dict(known)


@pytest.mark.parametrize("name", ["tiny", "tiny-stereo", "tiny-melody"])
def test_the_decoders_weights_have_their_names_and_shapes(reference, name: str) -> None:
    own = reference(name)
    config = parse_config(json.loads((own.folder / "config.json").read_text()), own.folder)
    found = {
        weight: tuple(tensor.shape)
        for weight, tensor in own.model.state_dict().items()
        if not weight.startswith(("text_encoder.", "audio_encoder."))
    }
    assert found == shapes(config)


def test_the_shapes_of_the_published_sizes() -> None:
    """The sizes of the decoder's weights are public: 0.42, 1.84 and 3.26 thousand million."""
    sizes = {}
    for name, layers, width in (("small", 24, 1024), ("medium", 48, 1536), ("large", 48, 2048)):
        decoder = {
            "num_hidden_layers": layers,
            "hidden_size": width,
            "num_attention_heads": width // 64,
            "ffn_dim": 4 * width,
        }
        values = {
            "model_type": "musicgen",
            "decoder": decoder,
            "text_encoder": dict(T5_BASE),
            "audio_encoder": dict(ENCODEC_32KHZ),
        }
        numbers = 0
        for shape in shapes(parse_config(values, name)).values():
            count = 1
            for size in shape:
                count *= size
            numbers += count
        sizes[name] = round(numbers / 1e9, 2)
    assert sizes == {"small": 0.42, "medium": 1.84, "large": 3.26}

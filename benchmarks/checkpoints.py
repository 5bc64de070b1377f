"""MusicGen checkpoints with random weights, in exactly the published layouts.

    python benchmarks/checkpoints.py tiny FOLDER            a few megabytes, made in a second
    python benchmarks/checkpoints.py small FOLDER           the size of the published one
    python benchmarks/checkpoints.py tiny-stereo FOLDER     two channels
    python benchmarks/checkpoints.py tiny-melody FOLDER     follows a tune

They sound like noise. The weights are spread so that tokens depend on the prompt, on the past and
on each other, which makes them fit to compare engines with.
"""

from __future__ import annotations

import argparse
import math
import re
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
from transformers import (
    EncodecConfig,
    EncodecFeatureExtractor,
    MusicgenConfig,
    MusicgenDecoderConfig,
    MusicgenForConditionalGeneration,
    MusicgenMelodyConfig,
    MusicgenMelodyDecoderConfig,
    MusicgenMelodyForConditionalGeneration,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

PAD = 2048
SIZES = {  # layers, width, heads, ffn
    "tiny": (2, 128, 2, 256),
    "small": (24, 1024, 16, 4096),
    "medium": (48, 1536, 24, 6144),
    "large": (48, 2048, 32, 8192),
}
TEXT = {
    "tiny": {"d_model": 64, "d_kv": 16, "d_ff": 96, "num_layers": 2, "num_heads": 4},
    "full": {"d_model": 768, "d_kv": 64, "d_ff": 3072, "num_layers": 12, "num_heads": 12},
}
CODEC = {
    "tiny": {"num_filters": 4, "hidden_size": 16, "codebook_dim": 16},
    "full": {"num_filters": 64, "hidden_size": 128, "codebook_dim": 128},
}


def build(name: str, seed: int = 0) -> Any:
    """Return a model of transformers' own class: a size, perhaps with "-stereo" or "-melody"."""
    size, _, kind = name.partition("-")
    scale = "tiny" if size == "tiny" else "full"
    text = T5Config(**TEXT[scale], vocab_size=32_128 if scale == "full" else 320)
    codec = EncodecConfig(
        **CODEC[scale],
        sampling_rate=32_000,
        upsampling_ratios=[8, 5, 4, 4],
        codebook_size=2048,
        target_bandwidths=[2.2],
        use_causal_conv=False,
        use_conv_shortcut=False,
    )
    torch.manual_seed(seed)
    model = _model(size, kind, text, codec)
    _spread(model, seed)
    generation = model.generation_config
    generation.pad_token_id = generation.bos_token_id = generation.decoder_start_token_id = PAD
    generation.guidance_scale, generation.do_sample, generation.max_length = 3.0, True, 1500
    return model.eval()


def _model(size: str, kind: str, text: T5Config, codec: EncodecConfig) -> Any:
    layers, width, heads, ffn = SIZES[size]
    shape = {
        "num_hidden_layers": layers,
        "hidden_size": width,
        "num_attention_heads": heads,
        "ffn_dim": ffn,
        "num_codebooks": 8 if kind == "stereo" else 4,
        "audio_channels": 2 if kind == "stereo" else 1,
    }
    parts = {"text_encoder": text, "audio_encoder": codec}
    if kind == "melody":
        decoder = MusicgenMelodyDecoderConfig(**shape)
        return MusicgenMelodyForConditionalGeneration(
            MusicgenMelodyConfig(**parts, decoder=decoder)
        )
    return MusicgenForConditionalGeneration(
        MusicgenConfig(**parts, decoder=MusicgenDecoderConfig(**shape))
    )


@torch.no_grad()
def _spread(model: Any, seed: int) -> None:
    """Give the weights a spread at which every part of the model matters to the tokens."""
    draws = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if name.startswith(("decoder.", "enc_to_dec", "audio_enc_to_dec")):
            _spread_one(name, weight, draws)
    codec = model.audio_encoder
    noise = codec.encoder(torch.randn(1, 1, 64_000, generator=draws) * 0.1)
    centre, spread = noise.mean(-1), noise.std(-1)
    for index, layer in enumerate(codec.quantizer.layers):  # each refines what is left over
        layer.codebook.embed.normal_(0, 1, generator=draws).mul_(spread / 2**index)
        layer.codebook.embed.add_(centre if index == 0 else 0)


def _spread_one(name: str, weight: torch.Tensor, draws: torch.Generator) -> None:
    if "norm" in name:
        weight.normal_(1 if name.endswith("weight") else 0, 0.1, generator=draws)
    elif weight.ndim == 2:
        spread = 0.5 if "embed_tokens" in name else 1.2 / math.sqrt(weight.shape[1])
        spread *= 0.5 if "out_proj" in name or "fc2" in name else 1.0
        weight.normal_(0, spread, generator=draws)
    else:
        weight.normal_(0, 0.05, generator=draws)


def save(model: Any, folder: Path, *, shard: str = "50GB", as_bin: bool = False) -> Path:
    """Write the layout of transformers: whole or in shards, safetensors or ``.bin``."""
    model.save_pretrained(folder, max_shard_size=shard)
    _name_as_published(folder)
    if as_bin:
        _turn_into_bin(folder)
    _tokenizer(model.config.text_encoder.vocab_size).save_pretrained(folder)
    EncodecFeatureExtractor(sampling_rate=32_000, padding_side="left").save_pretrained(folder)
    return folder


_NORMALISED = {
    "parametrizations.weight.original0": "weight_g",
    "parametrizations.weight.original1": "weight_v",
}


def _name_as_published(folder: Path) -> None:
    """Give the codec's normalised weights the names that the published files have."""

    def published(text: str) -> str:
        for new, old in _NORMALISED.items():
            text = text.replace(new, old)
        return text

    for path in folder.glob("*.safetensors"):
        tensors = {published(name): tensor for name, tensor in load_file(path).items()}
        save_file(tensors, path, metadata={"format": "pt"})
    for index in folder.glob("*.index.json"):
        index.write_text(published(index.read_text()))


def _turn_into_bin(folder: Path) -> None:
    """Rewrite safetensors as the older files that torch saved."""
    for path in sorted(folder.glob("*.safetensors")):
        name = path.name.replace("model", "pytorch_model", 1).replace(".safetensors", ".bin")
        torch.save(load_file(path), folder / name)
        path.unlink()
    index = folder / "model.safetensors.index.json"
    if index.exists():
        text = re.sub(r'"model([-\w]*)\.safetensors"', r'"pytorch_model\1.bin"', index.read_text())
        (folder / "pytorch_model.bin.index.json").write_text(text)
        index.unlink()


def save_audiocraft(model: Any, folder: Path) -> Path:
    """Write the layout of audiocraft, and a T5 in ``FOLDER/t5``: returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    run = {"xp.cfg": "seanet:\n  pad_mode: reflect\n", "version": "1.0.0", "exported": True}
    decoder = {
        name: tensor
        for name, tensor in model.state_dict().items()
        if not name.startswith(("text_encoder.", "audio_encoder."))
    }
    torch.save({"best_state": _fused(decoder), **run}, folder / "state_dict.bin")
    codec = {_codec_name(n): tensor for n, tensor in model.audio_encoder.state_dict().items()}
    torch.save({"best_state": codec, **run}, folder / "compression_state_dict.bin")
    text = T5EncoderModel(model.config.text_encoder)
    text.load_state_dict(model.text_encoder.state_dict())
    text.save_pretrained(folder / "t5")
    _tokenizer(model.config.text_encoder.vocab_size).save_pretrained(folder / "t5")
    return folder


_OLD_NAMES = (
    ("decoder.lm_heads.", "linears."),
    ("decoder.model.decoder.embed_tokens.", "emb."),
    ("decoder.model.decoder.layer_norm.", "out_norm."),
    ("decoder.model.decoder.layers.", "transformer.layers."),
    ("self_attn_layer_norm", "norm1"),
    ("encoder_attn_layer_norm", "norm_cross"),
    ("final_layer_norm", "norm2"),
    ("encoder_attn.", "cross_attention."),
    ("fc1", "linear1"),
    ("fc2", "linear2"),
    ("audio_enc_to_dec_proj.", "condition_provider.conditioners.self_wav.output_proj."),
    ("enc_to_dec_proj.", "condition_provider.conditioners.description.output_proj."),
)


def _fused(decoder: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the decoder under audiocraft's names, query, key and value in one."""
    found = {}
    for name, tensor in decoder.items():
        old = name
        for new_part, old_part in _OLD_NAMES:
            old = old.replace(new_part, old_part)
        if "q_proj" in old:
            parts = [decoder[name.replace("q_proj", f"{part}_proj")] for part in "qkv"]
            found[old.replace("q_proj.weight", "in_proj_weight")] = torch.cat(parts)
        elif "k_proj" not in old and "v_proj" not in old:
            found[old] = tensor
    return found


def _codec_name(name: str) -> str:
    for new, old in _NORMALISED.items():
        name = name.replace(new, old)
    name = name.replace(".layers.", ".model.", 1) if not name.startswith("quantizer") else name
    name = name.replace("quantizer.layers", "quantizer.vq.layers").replace("codebook", "_codebook")
    upsampling = re.match(r"decoder\.model\.(3|6|9|12)\.conv\.", name)
    return name.replace(".conv.", ".convtr.convtr." if upsampling else ".conv.conv.")


def _tokenizer(vocabulary: int) -> T5TokenizerFast:
    """Return a T5 tokenizer that knows letters and some pairs of them."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789,.-'"
    pairs = [a + b for a in letters[:26] for b in "aeiourst"]
    pieces = ["<pad>", "</s>", "<unk>", "▁", *letters, *pairs][:vocabulary]
    tokens = [(piece, -float(rank) / 10) for rank, piece in enumerate(pieces)]
    tokenizer = Tokenizer(models.Unigram(tokens, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(r"\s+"), "removed"), pre_tokenizers.Metaspace()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    return T5TokenizerFast(tokenizer_object=tokenizer, extra_ids=0)


def main() -> None:
    """Write a checkpoint."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("name", help="tiny, small, medium or large, perhaps -stereo or -melody")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--audiocraft", action="store_true", help="the layout of audiocraft")
    asked = arguments.parse_args()
    model = build(asked.name)
    (save_audiocraft if asked.audiocraft else save)(model, asked.folder)
    print(asked.folder)


if __name__ == "__main__":
    main()

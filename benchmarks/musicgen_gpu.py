"""The engine on a graphics card beside transformers: same weights, same card, turn by turn.

    python benchmarks/musicgen_gpu.py                          small and medium, 1, 8 and 32 cues
    python benchmarks/musicgen_gpu.py --sizes large --cues 1 --precision bf16 kv8
    python benchmarks/musicgen_gpu.py --device cpu --sizes tiny   does it run at all?

Weights are random and of the real size. A figure is the fastest of a few stretches of steps, each
with guidance and sampling, in the middle of a clip. Beside it stands how much of the card's
memory bandwidth that is, of what a plain sum over a large block reaches in the same run: a step
reads all matrices once, and the keys and values of all cues.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from musicgen_daw.musicgen.runtime import load_torch

load_torch()

import torch  # noqa: E402
from checkpoints import build, save  # noqa: E402

from musicgen_daw.musicgen.accelerated.cache import StaticCache  # noqa: E402
from musicgen_daw.musicgen.accelerated.decoder import AcceleratedDecoder  # noqa: E402
from musicgen_daw.musicgen.config import ModelConfig  # noqa: E402
from musicgen_daw.musicgen.devices import device_called  # noqa: E402
from musicgen_daw.musicgen.sampling import Sampling  # noqa: E402
from musicgen_daw.musicgen.weights import load  # noqa: E402

STEPS, ROUNDS = 25, 4
TEXT_TOKENS = 16


def finish(device: torch.device) -> None:
    """Wait for the device."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def steps_per_s(steps: Callable[[], None], device: torch.device) -> float:
    """Return the fastest of some stretches."""
    steps()
    finish(device)
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        steps()
        finish(device)
        best = min(best, time.perf_counter() - began)
    return STEPS / best


def bandwidth_gb_s(device: torch.device, size_mb: int) -> float:
    """Return how fast the device reads a large block."""
    block = torch.ones(size_mb * 1024**2 // 4, device=device)
    block.sum()
    best = float("inf")
    for _ in range(10):
        finish(device)
        began = time.perf_counter()
        block.sum()
        finish(device)
        best = min(best, time.perf_counter() - began)
    return block.numel() * 4 / best / 1e9


def texts(cues: int, config: ModelConfig) -> list[torch.Tensor]:
    draws = torch.Generator().manual_seed(1)
    return [torch.randn(TEXT_TOKENS, config.text_width, generator=draws) * 0.1 for _ in range(cues)]


def ours(decoder: AcceleratedDecoder, cues: int, place: int) -> Callable[[], None]:
    """Return the work of a stretch of steps of so many cues, ``place`` columns into their clips."""
    config = decoder.config
    columns = torch.randint(0, config.codebook_size, (cues, config.codebooks))
    samplings = [Sampling()] * cues
    rooms = decoder.rooms(place + STEPS + 8, cues)
    chances = [decoder.generator(seed) for seed in range(cues)]
    nothing = torch.zeros(config.codebooks, 0, dtype=torch.long)
    seats = [
        decoder.begin(room, [text, None], nothing, None)
        for room, text in zip(rooms, texts(cues, config), strict=True)
    ]

    def steps() -> None:
        for seat in seats:
            seat.position = place
        for _ in range(STEPS):
            decoder.step(seats, columns, samplings, chances)

    return steps


def theirs(model: Any, config: ModelConfig, cues: int, place: int) -> Callable[[], None]:
    """Return the same by transformers, with its own cache and its own logits processors' work."""
    from transformers.cache_utils import DynamicCache, EncoderDecoderCache

    device, dtype = model.device, model.dtype
    shape = model.config.decoder
    states = torch.stack(texts(cues, config)).to(device, dtype)
    states = torch.cat([states, torch.zeros_like(states)])
    mask = torch.cat([torch.ones(cues, TEXT_TOKENS), torch.zeros(cues, TEXT_TOKENS)])
    mask = mask.long().to(device)
    heads, width = shape.num_attention_heads, shape.hidden_size
    past = torch.randn(2 * cues, heads, place, width // heads, device=device, dtype=dtype) * 0.1
    tokens = torch.randint(0, config.codebook_size, (8 * cues, 1), device=device)

    @torch.inference_mode()
    def steps() -> None:
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        for layer in range(shape.num_hidden_layers):
            cache.self_attention_cache.update(past, past, layer)
        for _ in range(STEPS):
            logits = model(
                encoder_outputs=(states,),
                attention_mask=mask,
                decoder_input_ids=tokens,
                past_key_values=cache,
                use_cache=True,
            ).logits[:, -1]
            own, other = logits.float().chunk(2)
            mixed = other + (own - other) * 3
            least = mixed.topk(250).values[:, -1:]
            torch.multinomial(mixed.masked_fill(mixed < least, -torch.inf).softmax(-1), 1)

    return steps


def step_bytes(
    decoder: AcceleratedDecoder, config: ModelConfig, cues: int, place: int, precision: str
) -> int:
    """Return what a step has to read at least: the matrices once, and what cues look back at."""
    weights = decoder._weights
    matrices = [weights.heads]
    for layer in weights.layers:
        matrices += [layer.query_key_value, layer.out, layer.widen, layer.narrow]
        if layer.cross is not None:
            matrices += [layer.cross.query, layer.cross.out]
    read = sum(matrix.numel() * matrix.element_size() for matrix in matrices)
    dtype = weights.heads.dtype
    each = StaticCache.position_bytes(config, dtype, in_eight_bits=precision == "kv8")
    return read + 2 * cues * place * each


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--device", default="auto", help="auto, cuda, cuda:1, mps or cpu")
    arguments.add_argument("--sizes", nargs="+", default=["small", "medium"])
    arguments.add_argument("--cues", type=int, nargs="+", default=[1, 8, 32])
    arguments.add_argument("--precision", nargs="+", default=["bf16", "kv8"])
    arguments.add_argument("--place", type=int, default=750, help="columns into the clips")
    asked = arguments.parse_args()
    device = torch.device(device_called(asked.device))
    read_gb_s = bandwidth_gb_s(device, 64 if device.type == "cpu" else 2048)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    print(f"{name}, torch {torch.__version__}, reads {read_gb_s:.0f} GB/s", flush=True)
    print("| size | cues | engine | steps/s | audio s/s | of bandwidth | times as fast |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in asked.sizes:
        model = build(size)
        with TemporaryDirectory() as folder:
            checkpoint = load(save(model, Path(folder)))
            config = checkpoint.config
            decoders = {
                precision: AcceleratedDecoder(config, checkpoint.decoder, precision, device)
                for precision in asked.precision
            }
        dtype = torch.bfloat16 if device.type != "cpu" else torch.float32
        model = model.to(device, dtype)
        for cues in asked.cues:
            reference = steps_per_s(theirs(model, config, cues, asked.place), device)
            rows = [(f"transformers {str(dtype)[6:]}", reference, None)]
            for precision, decoder in decoders.items():
                found = steps_per_s(ours(decoder, cues, asked.place), device)
                read = step_bytes(decoder, config, cues, asked.place, precision)
                rows.append((f"ours {precision}", found, found * read / 1e9 / read_gb_s))
            for engine, found, share in rows:
                told = "" if share is None else f"{share:.0%}"
                print(
                    f"| {size} | {cues} | {engine} | {found:.1f} | {found * cues / 50:.1f} "
                    f"| {told} | {found / reference:.1f} |",
                    flush=True,
                )
        if device.type == "cuda":
            print(f"peak memory so far: {torch.cuda.max_memory_allocated(device) / 1e9:.1f} GB")


if __name__ == "__main__":
    main()

"""The local engine beside transformers: same weights, same prompts, one process, turn by turn.

    python benchmarks/musicgen.py                       small, one cue and four, early and late
    python benchmarks/musicgen.py --size medium --cues 1 16 --precision fp32 int8
    python benchmarks/musicgen.py --clip 10             whole clips, with text and codec

The weights are random and of the real size. A figure is the fastest of a few short stretches, for
both sides, so that a busy machine moves neither far. ``early`` is at the start of a clip and
``late`` 28 seconds into it.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from musicgen_daw.musicgen.runtime import load_torch

load_torch()  # with the engine's settings, for both sides: on a busy machine both gain by them

import torch  # noqa: E402
from checkpoints import build, save  # noqa: E402

from musicgen_daw.musicgen.engine import Engine, Passage  # noqa: E402
from musicgen_daw.musicgen.sampling import Sampling  # noqa: E402
from musicgen_daw.musicgen.weights import load  # noqa: E402

EARLY, LATE = 10, 1400
STRETCH = 5  # steps that are timed together
PROMPTS = ("dark strings, tense", "a", "happy song with hand claps and a whistled tune", "drums")


@dataclass(frozen=True)
class Figure:
    """Milliseconds a step of all cues, early and late in a clip."""

    early_ms: float
    late_ms: float


def fastest_ms(steps: Callable[[], None], rounds: int) -> float:
    """Return the fastest of some stretches, in milliseconds a step."""
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        steps()
        best = min(best, time.perf_counter() - began)
    return best / STRETCH * 1e3


class Ours:
    """The engine's decoder, started at any place of a clip."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def start(self, cues: int, place: int) -> Callable[[], None]:
        """Return the work of a stretch of steps, ``place`` columns into a clip."""
        decoder = self.engine.decoder
        room = place + 200
        texts = [self.engine.text(PROMPTS[cue % len(PROMPTS)]) for cue in range(cues)]
        slots = []
        for text in texts:
            memory = decoder.memory(room)
            slot = decoder.begin(memory, [text, None], torch.zeros(4, 1, dtype=torch.long))
            for part in memory:
                part[..., :place, :].normal_(0, 0.1)
            slot.position = place
            slots.append(slot)
        tokens = torch.randint(0, 2048, (cues, 4))

        def steps() -> None:
            for _ in range(STRETCH):
                decoder.step(slots, tokens)

        return steps


class Theirs:
    """transformers' decoder with its own cache, likewise."""

    def __init__(self, model: Any, engine: Engine) -> None:
        self.model, self.engine = model, engine

    def start(self, cues: int, place: int) -> Callable[[], None]:
        """Return the same work by transformers."""
        from transformers.cache_utils import DynamicCache, EncoderDecoderCache

        config = self.model.config.decoder
        texts = [self.engine.text(PROMPTS[cue % len(PROMPTS)]) for cue in range(cues)]
        longest = max(map(len, texts))
        states = torch.zeros(2 * cues, longest, texts[0].shape[1])
        mask = torch.zeros(2 * cues, longest, dtype=torch.long)
        for cue, text in enumerate(texts):
            states[cue, : len(text)], mask[cue, : len(text)] = text, 1
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        heads, width = config.num_attention_heads, config.hidden_size
        past = torch.randn(2 * cues, heads, place, width // heads) * 0.1
        for layer in range(config.num_hidden_layers):
            cache.self_attention_cache.update(past.clone(), past.clone(), layer)
        tokens = torch.randint(0, 2048, (8 * cues, 1))

        @torch.inference_mode()
        def steps() -> None:
            for _ in range(STRETCH):
                self.model(
                    encoder_outputs=(states,),
                    attention_mask=mask,
                    decoder_input_ids=tokens,
                    past_key_values=cache,
                    use_cache=True,
                )

        return steps


def figures(sides: dict[str, Any], cues: int, rounds: int) -> Iterator[tuple[str, Figure]]:
    """Time every side at both places, in turns: A B A B."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for place in (EARLY, LATE):
        steps = {name: side.start(cues, place) for name, side in sides.items()}
        best = dict.fromkeys(sides, float("inf"))
        for work in steps.values():
            work()
        for _ in range(rounds):
            for name, work in steps.items():
                best[name] = min(best[name], fastest_ms(work, 1))
        for name in sides:
            found[name].append(best[name])
    for name, (early, late) in found.items():
        yield name, Figure(early, late)


def print_steps(sides: dict[str, Any], cues: int, rounds: int) -> None:
    table = dict(figures(sides, cues, rounds))
    reference = table["transformers fp32"]
    for name, figure in table.items():
        early, late = reference.early_ms / figure.early_ms, reference.late_ms / figure.late_ms
        print(
            f"| {cues} | {name} | {figure.early_ms:.1f} | {figure.late_ms:.1f} "
            f"| {early:.1f} | {late:.1f} |",
            flush=True,
        )


def print_clip(model: Any, engines: dict[str, Engine], seconds: float) -> None:
    """Time whole clips: text, decoder with sampling, codec."""
    frames = round(seconds * 50)
    text = engines[next(iter(engines))].text

    def theirs() -> None:
        tokens = torch.tensor([text.tokens(PROMPTS[0])])
        model.generate(input_ids=tokens, max_new_tokens=frames + 3, do_sample=True, top_k=250)

    def ours(engine: Engine) -> None:
        for _, codes in engine.generate([Passage(PROMPTS[0], frames, 1, sampling=Sampling())]):
            engine.codec.decode(codes)

    works = {"transformers fp32": theirs}
    works |= {f"ours {name}": (lambda e=engine: ours(e)) for name, engine in engines.items()}
    for name, work in works.items():
        began = time.perf_counter()
        work()
        took_s = time.perf_counter() - began
        print(
            f"a clip of {seconds:g} s by {name}: {took_s:.1f} s, {seconds / took_s:.2f}x real time"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--size", default="small", help="tiny, small, medium or large")
    arguments.add_argument("--cues", type=int, nargs="+", default=[1, 4])
    arguments.add_argument("--precision", nargs="+", default=["fp32", "int8"])
    arguments.add_argument("--rounds", type=int, default=6)
    arguments.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments.add_argument("--clip", type=float, help="time whole clips of so many seconds instead")
    asked = arguments.parse_args()
    torch.set_num_threads(asked.threads)
    model = build(asked.size)
    with TemporaryDirectory() as folder:
        checkpoint = load(save(model, Path(folder)))
        engines = {name: Engine(checkpoint, name) for name in asked.precision}
        print(f"{asked.size}, {asked.threads} threads, torch {torch.__version__}", flush=True)
        if asked.clip:
            print_clip(model, engines, asked.clip)
        else:
            print("| cues | engine | early, ms a step | late | times as fast, early | late |")
            print("| --- | --- | --- | --- | --- | --- |")
            for cues in asked.cues:
                sides: dict[str, Any] = {"transformers fp32": Theirs(model, engines["fp32"])}
                sides |= {f"ours {name}": Ours(engine) for name, engine in engines.items()}
                print_steps(sides, cues, asked.rounds)
        peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
        weights_gb = 4 * sum(weight.numel() for weight in model.parameters()) / 1e9
        print(
            f"peak memory of everything here: {peak_gb:.1f} GB, one set of weights {weights_gb:.1f}"
        )


if __name__ == "__main__":
    main()

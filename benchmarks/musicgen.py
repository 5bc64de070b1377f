"""The local engine beside transformers: same weights, same prompts, one process for each.

    python benchmarks/musicgen.py                       small: one cue, four and sixteen
    python benchmarks/musicgen.py --size medium --cues 1 --sides transformers int8
    python benchmarks/musicgen.py --clip 10             whole clips, with text and codec

The weights are random, of the real size, and such as 16 bits hold: MusicGen's makers publish their
decoders in halves. "floats" is the exact mode with weights that fill their 32 bits.

A figure is the fastest step of some, ``early`` at the start of a clip and ``late`` 28 seconds into
it. Beside it stands the processor time that a step takes, shared among the threads: what is left
of the figure when no other program wants a core. ``of memory`` is what a step reads of weights,
keys and values as a share of what torch reads in the same run, both by processor time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from musicgen_daw.musicgen.runtime import load_torch

load_torch()  # with the engine's settings, for both sides: on a busy machine both gain by them

import torch  # noqa: E402

SIDES = ("transformers", "fp32", "floats", "bf16", "int8")
PLACES = {"early": 10, "late": 1400}
WEIGHT_BYTES = {"transformers": 4, "fp32": 2, "floats": 4, "bf16": 2, "int8": 1}
MEMORY_BYTES = {"transformers": 4, "fp32": 4, "floats": 4, "bf16": 2, "int8": 2}
PROMPTS = ("dark strings, tense", "a", "happy song with hand claps and a whistled tune", "drums")
MEASURE_S = 4.0  # of steps, at least three


@dataclass(frozen=True)
class Took:
    """Milliseconds of a step, and of its processor time shared among the threads."""

    wall_ms: float
    processor_ms: float

    def or_less(self, other: Took | None) -> Took:
        """Return the less of both figures."""
        if other is None:
            return self
        walls, processors = (self.wall_ms, other.wall_ms), (self.processor_ms, other.processor_ms)
        return Took(min(walls), min(processors))


def fastest(step: Callable[[], object]) -> Took:
    """Return the fastest of some steps."""
    step()
    best, count, began = None, 0, time.perf_counter()
    while count < 3 or (count < 40 and time.perf_counter() - began < MEASURE_S):
        wall, processor = time.perf_counter(), time.process_time()
        step()
        took = Took(
            (time.perf_counter() - wall) * 1e3,
            (time.process_time() - processor) * 1e3 / torch.get_num_threads(),
        )
        best, count = took.or_less(best), count + 1
    assert best is not None
    return best


# -- the two sides, each in a process of its own ---------------------------------------------------


class Ours:
    """The engine, its decoder started at any place of a clip."""

    def __init__(self, folder: Path, side: str) -> None:
        from musicgen_daw.musicgen.engine import Engine
        from musicgen_daw.musicgen.weights import load

        checkpoint = load(folder)
        precision: Any = "fp32" if side == "floats" else side
        self.engine = Engine(checkpoint, precision)
        if side == "floats":
            from musicgen_daw.musicgen.decoder import Decoder

            full = {name: checkpoint.decoder[name] * (1 + 2**-20) for name in checkpoint.decoder}
            self.engine.decoder = Decoder(checkpoint.config, full)

    def start(self, cues: int, place: int) -> Callable[[], object]:
        """Return the work of a step, ``place`` columns into a clip."""
        decoder = self.engine.decoder
        texts = [self.engine.text(PROMPTS[cue % len(PROMPTS)]) for cue in range(cues)]
        slots = []
        for text in texts:
            memory = decoder.memory(place + 50)
            slot = decoder.begin(memory, [text, None], torch.zeros(4, 1, dtype=torch.long))
            for part in memory:
                part[..., :place, :].normal_(0, 0.1)
            slot.position = place
            slots.append(slot)
        tokens = torch.randint(0, 2048, (cues, 4))
        return lambda: decoder.step(slots, tokens)

    def clip(self, frames: int) -> None:
        """Make a whole clip: text, decoder with sampling, codec."""
        from musicgen_daw.musicgen.engine import Passage

        for _, codes in self.engine.generate([Passage(PROMPTS[0], frames, 1)]):
            self.engine.codec.decode(codes)


class Theirs:
    """transformers' model with its own cache, likewise."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer, MusicgenForConditionalGeneration

        self.model = MusicgenForConditionalGeneration.from_pretrained(folder).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)

    def start(self, cues: int, place: int) -> Callable[[], object]:
        """Return the same work by transformers."""
        from transformers.cache_utils import DynamicCache, EncoderDecoderCache

        config = self.model.config.decoder
        lengths = [len(self.tokenizer(PROMPTS[cue % 4]).input_ids) for cue in range(cues)]
        states = torch.zeros(2 * cues, max(lengths), self.model.config.text_encoder.d_model)
        mask = torch.zeros(2 * cues, max(lengths), dtype=torch.long)
        for cue, length in enumerate(lengths):
            states[cue, :length], mask[cue, :length] = 0.1, 1
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        heads, width = config.num_attention_heads, config.hidden_size
        past = torch.randn(2 * cues, heads, place, width // heads) * 0.1
        for layer in range(config.num_hidden_layers):
            cache.self_attention_cache.update(past.clone(), past.clone(), layer)
        tokens = torch.randint(0, 2048, (8 * cues, 1))
        return torch.inference_mode()(
            lambda: self.model(
                encoder_outputs=(states,),
                attention_mask=mask,
                decoder_input_ids=tokens,
                past_key_values=cache,
                use_cache=True,
            )
        )

    def clip(self, frames: int) -> None:
        """Make the same clip."""
        tokens = torch.tensor([self.tokenizer(PROMPTS[0]).input_ids])
        self.model.generate(
            input_ids=tokens, max_new_tokens=frames + 3, do_sample=True, guidance_scale=3.0
        )


def read_rate() -> float:
    """Return how many gigabytes torch reads in a second of processor time."""
    much = torch.ones(2**27)
    return much.nbytes / fastest(much.sum).processor_ms / 1e6


def peak_gb() -> float:
    """Return the most memory that this program held (Linux): not what it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e9


def serve(folder: Path, side: str, threads: int) -> None:
    """Measure what is asked for, line by line."""
    torch.set_num_threads(threads)
    made = Theirs(folder) if side == "transformers" else Ours(folder, side)
    for line in sys.stdin:
        asked = json.loads(line)
        if "frames" in asked:
            began = time.perf_counter()
            made.clip(asked["frames"])
            answer: dict[str, float] = {"wall_ms": (time.perf_counter() - began) * 1e3}
        else:
            answer = asdict(fastest(made.start(asked["cues"], asked["place"])))
        answer["peak_gb"] = peak_gb()
        print(json.dumps(answer), flush=True)


# -- what asks them --------------------------------------------------------------------------------


class Side:
    """A process that measures one side."""

    def __init__(self, folder: Path, name: str, threads: int) -> None:
        command = [sys.executable, __file__, "--serve", name, str(folder)]
        self._process = subprocess.Popen(
            [*command, "--threads", str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.peak_gb = 0.0

    def ask(self, question: Mapping[str, float]) -> dict[str, float]:
        """Return the answer of the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        answer: dict[str, float] = json.loads(self._process.stdout.readline())
        self.peak_gb = answer.pop("peak_gb")
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def read_gb(side: str, shape: tuple[int, int, int, int], cues: int, place: int) -> float:
    """Return what a step reads: weights once, keys and values of two branches a cue."""
    layers, width, _, wide = shape
    weights = layers * (6 * width**2 + 2 * width * wide) + 4 * 2048 * width
    memory = cues * 2 * layers * 2 * place * width
    return (weights * WEIGHT_BYTES[side] + memory * MEMORY_BYTES[side]) / 1e9


def print_steps(sides: Mapping[str, Side], asked: argparse.Namespace, shape: Any) -> None:
    """Ask all sides in turns, and print a table of each number of cues and place."""
    columns = ("cues", "place", "side", "ms a step", "processor ms", "times as fast")
    columns = (*columns, "by processor time", "of memory")
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for cues in asked.cues:
        for where, place in PLACES.items():
            best: dict[str, Took | None] = dict.fromkeys(sides)
            rate = 0.0
            for _ in range(asked.rounds):
                rate = max(rate, read_rate())
                for name, side in sides.items():
                    took = Took(**side.ask({"cues": cues, "place": place}))
                    best[name] = took.or_less(best[name])
            reference = best["transformers"]
            for name, took in best.items():
                assert took is not None
                assert reference is not None
                faster = reference.wall_ms / took.wall_ms
                by_processor = reference.processor_ms / took.processor_ms
                share = read_gb(name, shape, cues, place) / took.processor_ms * 1e3 / rate
                print(
                    f"| {cues} | {where} | {name} | {took.wall_ms:.1f} | {took.processor_ms:.1f} "
                    f"| {faster:.1f} | {by_processor:.1f} | {share:.0%} of {rate:.0f} GB/s |",
                    flush=True,
                )


def print_clips(sides: Mapping[str, Side], seconds: float) -> None:
    """Print how long whole clips take."""
    for name, side in sides.items():
        took_s = side.ask({"frames": round(seconds * 50)})["wall_ms"] / 1e3
        print(f"a clip of {seconds:g} s by {name}: {took_s:.1f} s, {seconds / took_s:.2f}x time")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--size", default="small", help="tiny, small, medium or large")
    arguments.add_argument("--cues", type=int, nargs="+", default=[1, 4, 16])
    arguments.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments.add_argument("--clip", type=float, help="time whole clips of so many seconds instead")
    arguments.add_argument("--serve", nargs=2, metavar=("SIDE", "FOLDER"), help="what it runs")
    asked = arguments.parse_args()
    if asked.serve:
        serve(Path(asked.serve[1]), asked.serve[0], asked.threads)
        return
    from checkpoints import SIZES, build, save

    with TemporaryDirectory() as folder:
        model = build(asked.size)
        weights_gb = 4 * sum(weight.numel() for weight in model.decoder.parameters()) / 1e9
        model.decoder.half().float()
        save(model, Path(folder))
        del model
        names = ["transformers", *(name for name in asked.sides if name != "transformers")]
        sides = {name: Side(Path(folder), name, asked.threads) for name in names}
        print(f"{asked.size}, {asked.threads} threads, torch {torch.__version__}", flush=True)
        if asked.clip:
            print_clips(sides, asked.clip)
        else:
            print_steps(sides, asked, SIZES[asked.size])
        for name, side in sides.items():
            print(f"peak memory of {name}: {side.peak_gb:.1f} GB", flush=True)
            side.close()
        print(f"the decoder's weights in 32 bits: {weights_gb:.1f} GB")


if __name__ == "__main__":
    main()

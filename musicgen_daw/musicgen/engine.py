"""The running batch: cues of unequal lengths share the decoder, and come out as they end.

    waiting, longest first ──▶ slots ──step──▶ tokens ──▶ full ──▶ out, and the next takes its slot

How many cues run at once is bounded by memory. What a cue becomes does not depend on the others:
it has keys, values, text and chance of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from musicgen_daw.musicgen.codebooks import DelayPattern, Grid
from musicgen_daw.musicgen.codec import Codec
from musicgen_daw.musicgen.config import Precision
from musicgen_daw.musicgen.decoder import Decoder, Slot
from musicgen_daw.musicgen.sampling import Sampling, choose, guided
from musicgen_daw.musicgen.text import TextEncoder
from musicgen_daw.musicgen.weights import Checkpoint

__all__ = ["Engine", "Passage"]

MOST_SLOTS = 16
MEMORY_BYTES = 4 * 1024**3


def _ignore(*_progress: int) -> None:
    """Observe nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A stretch of music to be made: ``frames`` of codes, those of the audio prompt among them.

    ``audio_prompt`` are codes, ``(codebooks, frames)``; ``melody`` is chroma, ``(frames, bins)``.
    """

    prompt: str
    frames: int
    seed: int
    negative: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    audio_prompt: Tensor | None = None
    melody: Tensor | None = None


@dataclass(slots=True)
class _Running:
    """A passage on its way."""

    index: int
    passage: Passage
    grid: Grid
    slot: Slot
    memory: tuple[Tensor, Tensor]
    generator: torch.Generator

    def choose(self, logits: Tensor) -> None:
        """Add the next column, from the logits of the branches."""
        sampling = self.passage.sampling
        mixed = guided(logits[0], logits[1], sampling.guidance) if len(logits) > 1 else logits[0]
        self.grid.add(choose(mixed, sampling, self.generator))


class Engine:
    """A checkpoint at work: text encoder, decoder and codec, in memory.

    ``memory_bytes`` bounds the keys and values of all cues that run at once, ``most_slots`` their
    number; one always runs.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        precision: Precision = "fp32",
        *,
        memory_bytes: int = MEMORY_BYTES,
        most_slots: int = MOST_SLOTS,
    ) -> None:
        self.config = checkpoint.config
        self.text = TextEncoder(checkpoint.config.text, checkpoint.text, checkpoint.tokenizer)
        self.codec = Codec(checkpoint.config.codec, checkpoint.codec, checkpoint.config.channels)
        self.decoder = Decoder(checkpoint.config, checkpoint.decoder, precision)
        self._pattern = DelayPattern.of(checkpoint.config)
        self._memory_bytes = memory_bytes
        self._most_slots = most_slots

    def generate(
        self,
        passages: Sequence[Passage],
        on_start: Callable[[int], None] = _ignore,
        on_step: Callable[[int, int], None] = _ignore,
    ) -> Generator[tuple[int, Tensor], None, None]:
        """Yield the codes of each passage with its index, as they end.

        ``on_start`` is told the index of a passage that begins, ``on_step`` how many of its
        frames are there.

        Raises:
            Rejected: for a prompt that is too long.
            ValueError: for an audio prompt or melody that is not for this model.
        """
        waiting = deque(sorted(range(len(passages)), key=lambda index: -passages[index].frames))
        positions = max((self._positions(passage) for passage in passages), default=0)
        free = [self.decoder.memory(positions) for _ in range(self._slots(positions, len(waiting)))]
        running: list[_Running] = []
        while waiting or running:
            while waiting and free:
                index = waiting.popleft()
                on_start(index)
                running.append(self._begin(index, passages[index], free.pop()))
            self._step(running)
            for cue in running:
                on_step(cue.index, cue.grid.frames_known)
            for cue in [cue for cue in running if cue.grid.is_full]:
                running.remove(cue)
                free.append(cue.memory)
                yield cue.index, cue.grid.codes()

    def _slots(self, positions: int, wanted: int) -> int:
        affordable = self._memory_bytes // max(1, self.decoder.slot_bytes(positions))
        return max(1, min(wanted, affordable, self._most_slots))

    def _positions(self, passage: Passage) -> int:
        """Return how many places a passage fills; a melody model has its prefix before them."""
        melody = self.config.melody
        prefix = 0
        if melody is not None:
            texts = (passage.prompt, passage.negative)
            prefix = melody.frames + max(len(self.text.tokens(text)) for text in texts)
        return prefix + self._pattern.columns(passage.frames)

    def _begin(self, index: int, passage: Passage, memory: tuple[Tensor, Tensor]) -> _Running:
        texts: list[Tensor | None] = [self.text(passage.prompt)]
        if passage.sampling.is_guided:
            texts.append(self.text(passage.negative) if passage.negative else None)
        grid = self._pattern.grid(passage.frames, passage.audio_prompt)
        slot = self.decoder.begin(memory, texts, grid.before(), self._melodies(passage, len(texts)))
        generator = torch.Generator().manual_seed(passage.seed)
        return _Running(index, passage, grid, slot, memory, generator)

    def _melodies(self, passage: Passage, branches: int) -> list[Tensor] | None:
        """Return the chroma of each branch: what is pushed away from has a silent one."""
        if passage.melody is None:
            return None
        silent = torch.zeros_like(passage.melody)
        silent[:, 0] = 1.0
        return [passage.melody, silent][:branches]

    def _step(self, running: Sequence[_Running]) -> None:
        columns = torch.stack([cue.grid.latest() for cue in running])
        logits = self.decoder.step([cue.slot for cue in running], columns)
        for cue, own in zip(running, logits, strict=True):
            cue.choose(own)

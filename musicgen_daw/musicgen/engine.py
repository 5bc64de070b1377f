"""The running batch: cues of unequal lengths share the decoder, and come out as they end.

    waiting, longest first ──▶ slots ──step──▶ tokens ──▶ full ──▶ out, and the next takes its slot

How many cues run at once is bounded by memory. What a cue becomes does not depend on the others:
it has keys, values, text and chance of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from musicgen_daw.musicgen.accelerated.decoder import AcceleratedDecoder
from musicgen_daw.musicgen.chroma import HOP_SAMPLES
from musicgen_daw.musicgen.codebooks import DelayPattern, Grid
from musicgen_daw.musicgen.codec import Codec
from musicgen_daw.musicgen.config import Precision
from musicgen_daw.musicgen.decoder import Decoder
from musicgen_daw.musicgen.sampling import Sampling
from musicgen_daw.musicgen.stepping import OnProcessor, Stepping
from musicgen_daw.musicgen.text import TextEncoder
from musicgen_daw.musicgen.weights import Checkpoint
from musicgen_daw.musicgen.windows import STRIDE_FRAMES, WINDOW_FRAMES, Window, windows

__all__ = ["Engine", "Passage"]

MOST_SLOTS = 16
MEMORY_BYTES = 4 * 1024**3
BLOCK_FRAMES = 50


def _ignore(*_progress: int) -> None:
    """Observe nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A stretch of music to be made: ``frames`` of codes, those of the audio prompt among them.

    ``audio_prompt`` are codes, ``(codebooks, frames)``; ``melody`` is chroma, ``(frames, bins)``,
    which begins where the audio prompt ends. ``bar_lines`` are the frames at which bars begin,
    ascending; only a passage that is made in several windows needs them. ``prompt_changes`` are the
    prompts that follow the first one, each with the frame from which it rules, ascending.
    """

    prompt: str
    frames: int
    seed: int
    negative: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    audio_prompt: Tensor | None = None
    melody: Tensor | None = None
    bar_lines: Sequence[int] = ()
    prompt_changes: Sequence[tuple[int, str]] = ()

    @property
    def prompts(self) -> tuple[str, ...]:
        """All its prompts, in order."""
        return (self.prompt, *(prompt for _, prompt in self.prompt_changes))

    def prompt_at(self, frame: int) -> str:
        """Return the prompt that rules a frame."""
        return self.prompts[bisect_right([start for start, _ in self.prompt_changes], frame)]

    @property
    def prompted(self) -> int:
        """The frames of the audio prompt."""
        return 0 if self.audio_prompt is None else int(self.audio_prompt.shape[1])


@dataclass(slots=True)
class _Running:
    """A passage on its way: in a window of it, after which ``waiting`` ones come.

    ``known`` are the codes before this window, and those that it begins with.
    """

    index: int
    passage: Passage
    room: Any
    generator: torch.Generator
    known: Tensor
    window: Window
    waiting: deque[Window]
    grid: Grid
    slot: Any

    @property
    def frames_known(self) -> int:
        """How many frames of the passage have all their tokens."""
        return max(int(self.known.shape[1]), self.window.start + self.grid.frames_known)

    @property
    def is_finished(self) -> bool:
        """Whether all of it is there."""
        return self.grid.is_full and not self.waiting

    def codes(self) -> Tensor:
        """Return the codes known so far, ``(codebooks, frames)``."""
        if self.frames_known == self.known.shape[1]:
            return self.known
        return torch.cat([self.known[:, : self.window.start], self.grid.codes()], dim=1)


class Engine:
    """A checkpoint at work: text encoder, decoder and codec, in memory.

    ``memory_bytes`` bounds the keys and values of all cues that run at once, ``most_slots`` their
    number; one always runs. A passage longer than ``window_frames`` is made in windows. ``device``
    is one of torch's.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        precision: Precision = "fp32",
        *,
        device: str = "cpu",
        memory_bytes: int = MEMORY_BYTES,
        most_slots: int = MOST_SLOTS,
        window_frames: int = WINDOW_FRAMES,
        stride_frames: int = STRIDE_FRAMES,
    ) -> None:
        self.config = checkpoint.config
        config, on = checkpoint.config, torch.device(device)
        self.text = TextEncoder(config.text, checkpoint.text, checkpoint.tokenizer, on)
        self.codec = Codec(config.codec, checkpoint.codec, config.channels, on)
        self.decoder: Decoder | AcceleratedDecoder
        self._steps: Stepping
        if on.type == "cpu":
            self.decoder = Decoder(config, checkpoint.decoder, precision)
            self._steps = OnProcessor(self.decoder)
        else:
            self.decoder = self._steps = AcceleratedDecoder(
                config, checkpoint.decoder, precision, on
            )
        self._pattern = DelayPattern.of(checkpoint.config)
        self._memory_bytes = memory_bytes
        self._most_slots = most_slots
        self._window_frames = window_frames
        self._stride_frames = stride_frames

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
        free = list(self._steps.rooms(positions, self._slots(positions, len(waiting))))
        running: list[_Running] = []
        while waiting or running:
            while waiting and free:
                index = waiting.popleft()
                on_start(index)
                running.append(self._begin(index, passages[index], free.pop()))
            self._step(running)
            for cue in running:
                on_step(cue.index, cue.frames_known)
            for cue in [cue for cue in running if cue.is_finished]:
                running.remove(cue)
                free.append(cue.room)
                yield cue.index, cue.codes()

    def stream(
        self,
        passage: Passage,
        block_frames: int = BLOCK_FRAMES,
        on_step: Callable[[int, int], None] = _ignore,
    ) -> Generator[Tensor, None, None]:
        """Yield the sound of one passage while it is made, ``(channels, samples)`` at a time.

        The blocks together are what decoding all of its codes gives. The first one comes a little
        later than ``block_frames`` are there, and is a little shorter than they.

        Raises:
            Rejected, ValueError: as ``generate`` does.
        """
        (room,) = self._steps.rooms(self._positions(passage), 1)
        cue = self._begin(0, passage, room)
        decoding = self.codec.stream()
        sent = 0
        while sent < passage.frames:
            self._step([cue])
            on_step(0, cue.frames_known)
            if cue.is_finished or cue.frames_known - sent >= block_frames:
                block = decoding.add(cue.codes()[:, sent:], is_last=cue.is_finished)
                sent = cue.frames_known
                if block.shape[1]:
                    yield block

    def _slots(self, positions: int, wanted: int) -> int:
        affordable = self._memory_bytes // max(1, self._steps.slot_bytes(positions))
        return max(1, min(wanted, affordable, self._most_slots))

    def _positions(self, passage: Passage) -> int:
        """Return how many places a passage fills; a melody model has its prefix before them."""
        melody = self.config.melody
        prefix = 0
        if melody is not None:
            texts = {*passage.prompts, passage.negative}
            prefix = melody.frames + max(len(self.text.tokens(text)) for text in texts)
        longest = max(window.frames for window in self._windows(passage))
        return prefix + self._pattern.columns(longest)

    def _windows(self, passage: Passage) -> tuple[Window, ...]:
        return windows(
            passage.frames,
            passage.bar_lines,
            [start for start, _ in passage.prompt_changes],
            longest=self._window_frames,
            stride=self._stride_frames,
        )

    def _begin(self, index: int, passage: Passage, room: Any) -> _Running:
        first, *later = self._windows(passage)
        known = passage.audio_prompt
        if known is None:
            known = torch.empty(self.config.codebooks, 0, dtype=torch.long)
        grid, slot = self._enter(passage, first, known, room)
        generator = self._steps.generator(passage.seed)
        return _Running(index, passage, room, generator, known, first, deque(later), grid, slot)

    def _enter(
        self, passage: Passage, window: Window, known: Tensor, room: Any
    ) -> tuple[Grid, Any]:
        """Read what a window begins with: its text, and the codes that are known of it."""
        texts: list[Tensor | None] = [self.text(passage.prompt_at(window.new_from))]
        if passage.sampling.is_guided:
            texts.append(self.text(passage.negative) if passage.negative else None)
        grid = self._pattern.grid(window.frames, known[:, window.start :])
        melodies = self._melodies(passage, window, len(texts))
        return grid, self._steps.begin(room, texts, grid.before(), melodies)

    def _go_on(self, cue: _Running) -> None:
        """Enter the next window of a passage."""
        cue.known, cue.window = cue.codes(), cue.waiting.popleft()
        cue.grid, cue.slot = self._enter(cue.passage, cue.window, cue.known, cue.room)

    def _melodies(self, passage: Passage, window: Window, branches: int) -> list[Tensor] | None:
        """Return the chroma of each branch: what is pushed away from has a silent one.

        A window hears the melody from its own start on; where it is over it begins again.
        """
        if passage.melody is None:
            return None
        before = (window.start - passage.prompted) * self.config.frame_samples
        melody = passage.melody.roll(-round(before / HOP_SAMPLES), dims=0)
        silent = torch.zeros_like(melody)
        silent[:, 0] = 1.0
        return [melody, silent][:branches]

    def _step(self, running: Sequence[_Running]) -> None:
        columns = torch.stack([cue.grid.latest() for cue in running])
        chosen = self._steps.step(
            [cue.slot for cue in running],
            columns,
            [cue.passage.sampling for cue in running],
            [cue.generator for cue in running],
        )
        for cue, own in zip(running, chosen, strict=True):
            cue.grid.add(own)
            if cue.grid.is_full and cue.waiting:
                self._go_on(cue)

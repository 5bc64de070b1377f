"""The decoder on a device: all slots step together, whether they are taken or not.

    row      0 … n-1     the prompts' branches of slots 0 … n-1
             n … 2n-1    the branches to be pushed away from

Every row has a place of its own, read from a buffer, and a mask hides what lies beyond it; so one
recording of a step serves all places up to its length. A row without text looks at one token whose
values are zero, which adds exactly nothing; where no such row has a text they are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from musicgen_daw.musicgen.accelerated.cache import StaticCache
from musicgen_daw.musicgen.accelerated.choosing import choose_all
from musicgen_daw.musicgen.accelerated.graphs import Replay, replay_on
from musicgen_daw.musicgen.accelerated.texts import TextBlock
from musicgen_daw.musicgen.accelerated.weights import DecoderWeights, LayerWeights
from musicgen_daw.musicgen.config import ModelConfig, Precision
from musicgen_daw.musicgen.layers import positions_table
from musicgen_daw.musicgen.prefix import melody_prefix
from musicgen_daw.musicgen.sampling import Sampling

__all__ = ["AcceleratedDecoder", "Seat"]

_LENGTH_STEP = 256
"""A recording serves places up to a multiple of this: few recordings, little read in vain."""


@dataclass(slots=True)
class Seat:
    """A cue in a slot: which one, how far it has come, and how many branches have a text."""

    index: int
    position: int
    texts: int


class AcceleratedDecoder:
    """The decoder of one checkpoint on a device; ``replay`` is by default what the device has."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Mapping[str, Tensor],
        precision: Precision,
        device: torch.device,
        replay: Replay | None = None,
    ) -> None:
        self.config = config
        self._device = device
        self._dtype = torch.float32 if precision == "fp32" else torch.bfloat16
        self._in_eight_bits = precision == "kv8"
        self._weights = DecoderWeights.of(weights, config, self._dtype, device)
        codebooks = torch.arange(config.codebooks, device=device)
        self._first_rows = codebooks * (config.codebook_size + 1)
        self._replay = replay or replay_on(device)
        self._places = torch.empty(0, config.width)
        self._seats = 0

    # -- room for cues -----------------------------------------------------------------------------

    def slot_bytes(self, positions: int) -> int:
        """Return how much memory the keys and values of one cue fill."""
        each = StaticCache.position_bytes(
            self.config, self._dtype, in_eight_bits=self._in_eight_bits
        )
        return 2 * _rounded(positions) * each

    def rooms(self, positions: int, count: int) -> Sequence[int]:
        """Return so many rooms, by their number; those of before are given up.

        As many of the same size stay where they are, and so do the recordings.
        """
        config, device = self.config, self._device
        if count == self._seats and _rounded(positions) <= len(self._places):
            return range(count)
        self._replay.forget()
        self._seats = count
        self._cache = StaticCache(
            config,
            2 * count,
            _rounded(positions),
            self._dtype,
            device,
            in_eight_bits=self._in_eight_bits,
        )
        self._texts = TextBlock(config, 2 * count, self._dtype, device)
        self._rows = torch.arange(2 * count, device=device)
        self._tokens = torch.full((count, config.codebooks), config.pad, device=device)
        self._positions = torch.zeros(count, dtype=torch.long, device=device)
        table = positions_table(self._cache.positions, config.width)
        self._places = table.to(device, self._dtype)
        return range(count)

    def generator(self, seed: int) -> torch.Generator:
        """Return a cue's own chance."""
        return torch.Generator(self._device).manual_seed(seed)

    # -- a cue takes its place ---------------------------------------------------------------------

    @torch.inference_mode()
    def begin(
        self,
        room: int,
        texts: Sequence[Tensor | None],
        columns: Tensor,
        melodies: Sequence[Tensor] | None,
    ) -> Seat:
        """Give a cue its slot, and read what it begins with, as ``Decoder.begin`` tells."""
        rows = torch.tensor([room + branch * self._seats for branch in range(len(texts))])
        rows = rows.to(self._device)
        states = [
            None if text is None else self._weights.text_in(text.to(self._device, self._dtype))
            for text in texts
        ]
        prompt = self._embed(columns.t().to(self._device)).expand(len(texts), -1, -1)
        with_text = 0
        if self.config.melody is None:
            with_text = sum(text is not None for text in texts)
            if self._texts.put(rows, states, self._weights.layers):
                self._replay.forget()
            places = prompt
        else:
            prefix = melody_prefix(self.config.melody, states, melodies, self._weights.melody_in)
            places = torch.cat([prefix, prompt], dim=1)
        if places.shape[1]:
            self._read(rows, places, with_text)
        return Seat(room, places.shape[1], with_text)

    def _read(self, rows: Tensor, places: Tensor, with_text: int) -> None:
        """Read what lies before the first step, ``(branches, places, width)``, all at once."""
        branches, count, _ = places.shape
        heads, head_width = self.config.heads, self.config.head_width
        x = places + self._places[:count]
        for index, layer in enumerate(self._weights.layers):
            qkv = functional.linear(layer.norm(x), layer.query_key_value)
            parts = qkv.view(branches, count, 3, heads, head_width)
            query, key, value = parts.permute(2, 0, 3, 1, 4)
            self._cache.keys.put_all(index, rows, key)
            self._cache.values.put_all(index, rows, value)
            seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            x = x + functional.linear(seen.transpose(1, 2).reshape(x.shape), layer.out)
            first = self._look_at_text(index, layer, x[:with_text], rows[:with_text])
            x = torch.cat([first, x[with_text:]]) if with_text < branches else first
            x = layer.each_for_itself(x)

    # -- all slots go one column on ----------------------------------------------------------------

    @torch.inference_mode()
    def step(
        self,
        slots: Sequence[Seat],
        columns: Tensor,
        samplings: Sequence[Sampling],
        generators: Sequence[torch.Generator],
    ) -> Sequence[Tensor]:
        """Read one column of each cue, ``(cues, codebooks)``, and return the next of each."""
        taken = torch.tensor([seat.index for seat in slots]).to(self._device, non_blocking=True)
        positions = torch.tensor([seat.position for seat in slots])
        self._tokens[taken] = columns.to(self._device, non_blocking=True)
        self._positions.zero_()  # a slot that nobody has looks at its first place only
        self._positions[taken] = positions.to(self._device, non_blocking=True)
        length = _rounded(max(seat.position for seat in slots) + 1)
        with_text = max((seat.texts for seat in slots), default=0) * self._seats
        logits = self._replay((length, with_text), lambda: self._step_all(length, with_text))
        for seat in slots:
            seat.position += 1
        chosen = choose_all(logits[:, taken], samplings, generators)
        return list(chosen.cpu())

    def _step_all(self, length: int, with_text: int) -> Tensor:
        """Move all rows on; every number that changes from step to step is read from a buffer.

        Returns logits, ``(2, slots, codebooks, tokens)``, in float32.
        """
        config = self.config
        x = self._embed(self._tokens) + functional.embedding(self._positions, self._places)
        x, at = x.repeat(2, 1), self._positions.repeat(2)
        seen = torch.arange(length, device=self._device) <= at[:, None]
        for index, layer in enumerate(self._weights.layers):
            x = x + functional.linear(self._look_back(index, layer, x, at, seen), layer.out)
            first = self._look_at_text(index, layer, x[:with_text, None], slice(with_text))
            x = torch.cat([first[:, 0], x[with_text:]]) if with_text < len(x) else first[:, 0]
            x = layer.each_for_itself(x)
        logits = functional.linear(self._weights.norm(x), self._weights.heads).float()
        return logits.view(2, self._seats, config.codebooks, config.codebook_size)

    def _look_back(
        self, index: int, layer: LayerWeights, x: Tensor, at: Tensor, seen: Tensor
    ) -> Tensor:
        """Attend from each row's place to itself and all before it."""
        heads, head_width = self.config.heads, self.config.head_width
        qkv = functional.linear(layer.norm(x), layer.query_key_value)
        query, key, value = qkv.view(-1, 3, heads, head_width).unbind(1)
        self._cache.keys.put(index, self._rows, at, key)
        self._cache.values.put(index, self._rows, at, value)
        length = seen.shape[1]
        found = functional.scaled_dot_product_attention(
            query[:, :, None],
            self._cache.keys.get(index, length),
            self._cache.values.get(index, length),
            attn_mask=seen[:, None, None],
        )
        return found.reshape(x.shape)

    def _look_at_text(
        self, index: int, layer: LayerWeights, x: Tensor, rows: Tensor | slice
    ) -> Tensor:
        """Add what rows see in their texts: ``(rows, places, width)`` in and out."""
        cross = layer.cross
        if cross is None or not len(x):
            return x
        heads, head_width = self.config.heads, self.config.head_width
        query = functional.linear(cross.norm(x), cross.query)
        query = query.view(*x.shape[:2], heads, head_width).transpose(1, 2)
        keys, values, is_there = self._texts.of(index, rows)
        found = functional.scaled_dot_product_attention(query, keys, values, attn_mask=is_there)
        return x + functional.linear(found.transpose(1, 2).reshape(x.shape), cross.out)

    def _embed(self, columns: Tensor) -> Tensor:
        """Sum the embeddings of columns: ``(columns, codebooks)`` to ``(columns, width)``."""
        embedded = functional.embedding(columns + self._first_rows, self._weights.embeddings)
        total = embedded[:, 0]
        for k in range(1, embedded.shape[1]):
            total = total + embedded[:, k]
        return total


def _rounded(length: int) -> int:
    return -(-length // _LENGTH_STEP) * _LENGTH_STEP

"""The transformer that writes the codes, one column of a clip at a time.

    tokens (codebooks,) ─ embed ─▶ row ─ layers ─▶ row ─ heads ─▶ logits (codebooks, tokens)

Every cue has one or two rows: its prompt's branch and, with guidance, the branch to be pushed away
from. Rows of all cues go through a layer's matrices together, which is where the time goes; each
looks back at its own keys and values only, so cues may stand at different places. The branch
without text needs no cross-attention: without states and without biases it adds exactly zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from musicgen_daw.musicgen.config import MelodyShape, ModelConfig, Precision
from musicgen_daw.musicgen.layers import Layer, Projection, layer_of, norm_of, positions_table
from musicgen_daw.musicgen.layout import DECODER
from musicgen_daw.musicgen.linear import Linear, pack

__all__ = ["Decoder", "Slot"]


@dataclass(frozen=True, slots=True)
class TextMemory:
    """What a layer's cross-attention looks at: keys and values, ``(heads, tokens, head width)``."""

    keys: Tensor
    values: Tensor


@dataclass(slots=True)
class Slot:
    """A cue's place in the batch: the memory of its branches, and how far it has come.

    ``keys`` and ``values`` are ``(layers, branches, heads, positions, head width)``. ``texts`` has
    for each branch the memory of its text by layer, or ``None`` for a branch without.
    """

    keys: Tensor
    values: Tensor
    texts: tuple[tuple[TextMemory, ...] | None, ...]
    position: int = 0

    @property
    def branches(self) -> int:
        """How many rows of a batch the cue has."""
        return len(self.texts)


class Decoder:
    """The decoder of one checkpoint, its matrices packed for this machine."""

    def __init__(
        self, config: ModelConfig, weights: Mapping[str, Tensor], precision: Precision = "fp32"
    ) -> None:
        self.config = config
        self._layers = [
            layer_of(weights, f"{DECODER}layers.{index}.", precision, config)
            for index in range(config.layers)
        ]
        self._norm = norm_of(weights, f"{DECODER}layer_norm")
        codebooks = range(config.codebooks)
        self._embeddings = torch.cat(
            [weights[f"{DECODER}embed_tokens.{k}.weight"] for k in codebooks]
        )
        heads = torch.cat([weights[f"decoder.lm_heads.{k}.weight"] for k in codebooks])
        self._heads = pack(heads, precision)
        self._first_rows = torch.arange(config.codebooks) * (config.codebook_size + 1)
        self._positions = positions_table(2048, config.width)
        self._text_in = Projection.of(weights, "enc_to_dec_proj")
        self._melody_in = Projection.of(weights, "audio_enc_to_dec_proj")

    # -- a cue takes its place ---------------------------------------------------------------------

    def slot_bytes(self, positions: int, branches: int = 2) -> int:
        """Return how much memory the keys and values of one cue fill."""
        return 2 * 4 * self.config.layers * branches * positions * self.config.width

    def memory(self, positions: int, branches: int = 2) -> tuple[Tensor, Tensor]:
        """Return room for the keys and values of one cue; nothing of it is used before."""
        config = self.config
        shape = (config.layers, branches, config.heads, positions, config.head_width)
        return torch.empty(shape), torch.empty(shape)

    @torch.inference_mode()
    def begin(
        self,
        memory: tuple[Tensor, Tensor],
        texts: Sequence[Tensor | None],
        columns: Tensor,
        melodies: Sequence[Tensor] | None = None,
    ) -> Slot:
        """Give a cue its place in ``memory``, and read what it begins with.

        ``texts`` are the text encoder's states for each branch, ``(tokens, width)`` or ``None``,
        those with a text first.
        ``columns`` are the columns of an audio prompt that come before the first one to be read
        by ``step``, ``(codebooks, columns)``. ``melodies`` are the chroma of each branch,
        ``(frames, bins)``, for a model that has them.
        """
        keys, values = (part[:, : len(texts)] for part in memory)
        states = [None if text is None else self._text_in(text) for text in texts]
        if self.config.melody is None:
            slot = Slot(keys, values, tuple(map(self._text_memory, states)))
            prefix = torch.empty(len(texts), 0, self.config.width)
        else:
            slot = Slot(keys, values, (None,) * len(texts))
            prefix = self._prefix(self.config.melody, states, melodies)
        prompt = self._embed(columns.t()).expand(len(texts), -1, -1)
        self._read(slot, torch.cat([prefix, prompt], dim=1))
        return slot

    def _text_memory(self, states: Tensor | None) -> tuple[TextMemory, ...] | None:
        """Compute what every layer will look at, once: the text does not change."""
        if states is None:
            return None
        crosses = [layer.cross for layer in self._layers if layer.cross is not None]
        return tuple(
            TextMemory(
                self._by_head(functional.linear(states, cross.keys)),
                self._by_head(functional.linear(states, cross.values)),
            )
            for cross in crosses
        )

    def _prefix(
        self,
        shape: MelodyShape,
        states: Sequence[Tensor | None],
        melodies: Sequence[Tensor] | None,
    ) -> Tensor:
        """Return what stands before the music of a melody model, ``(branches, places, width)``.

        A branch without text has zeros in its place, and one without melody a chroma of nothing
        but the first pitch class. A melody shorter than the model's window is repeated.
        """
        silent = torch.zeros(1, shape.bins)
        silent[:, 0] = 1.0
        chromas = [silent] * len(states) if melodies is None else melodies
        text_places = max(len(text) for text in states if text is not None)
        rows = []
        for text, chroma in zip(states, chromas, strict=True):
            tune = self._melody_in(chroma)
            tune = tune.repeat(-(-shape.frames // len(tune)), 1)[: shape.frames]
            words = torch.zeros(text_places, self.config.width)
            if text is not None:
                words[: len(text)] = text
            rows.append(torch.cat([tune, words]))
        return torch.stack(rows)

    def _read(self, slot: Slot, places: Tensor) -> None:
        """Read what lies before the first step, ``(branches, places, width)``, all at once."""
        count = places.shape[1]
        if count == 0:
            return
        texts = [text for text in slot.texts if text is not None]
        x = places + self._positions_for(0, count)
        for index, layer in enumerate(self._layers):
            x = x + self._look_back_at_all(slot, index, layer, layer.norm(x))
            flat = self._look_at_text(texts, index, layer, x.flatten(0, 1), count)
            x = flat.view(x.shape)
            x = x + _flat(layer.narrow, functional.gelu(_flat(layer.widen, layer.wide_norm(x))))
        slot.position = count

    def _look_back_at_all(self, slot: Slot, index: int, layer: Layer, x: Tensor) -> Tensor:
        """Attend from every place to itself and those before it."""
        branches, count, width = x.shape
        heads, head_width = self.config.heads, self.config.head_width
        qkv = _flat(layer.query_key_value, x).view(branches, count, 3, heads, head_width)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        slot.keys[index, :, :, :count] = key
        slot.values[index, :, :, :count] = value
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return _flat(layer.out, seen.transpose(1, 2).reshape(branches, count, width))

    # -- all cues go one column on -----------------------------------------------------------------

    @torch.inference_mode()
    def step(self, slots: Sequence[Slot], columns: Tensor) -> list[Tensor]:
        """Read one column of each cue, ``(cues, codebooks)``, and move each one on.

        Returns for each cue the logits of its branches, ``(branches, codebooks, tokens)``.
        """
        rows = _Rows(slots)
        positions = torch.tensor([slot.position for slot in slots])
        self._positions_for(0, int(positions.max()) + 1)
        x = self._embed(columns) + functional.embedding(positions, self._positions)
        x = functional.embedding(rows.slot_of_row, x)
        for index, layer in enumerate(self._layers):
            x = x + layer.out(self._look_back(rows, index, layer.query_key_value(layer.norm(x))))
            x = self._look_at_text(rows.texts, index, layer, x)
            x = x + layer.narrow(functional.gelu(layer.widen(layer.wide_norm(x))))
        logits = self._heads(self._norm(x))
        for slot in slots:
            slot.position += 1
        logits = logits.view(-1, self.config.codebooks, self.config.codebook_size)
        return [logits[place] for place in rows.places]

    def _look_back(self, rows: _Rows, index: int, qkv: Tensor) -> Tensor:
        """Attend from each cue's newest place to itself and all before it."""
        heads, head_width = self.config.heads, self.config.head_width
        query, key, value = qkv.view(-1, 3, heads, head_width).unbind(1)
        seen = torch.empty_like(query)
        for slot, place in zip(rows.slots, rows.places, strict=True):
            now, end = slot.position, slot.position + 1
            keys, values = slot.keys[index], slot.values[index]
            keys[:, :, now] = key[place]
            values[:, :, now] = value[place]
            seen[place] = _attend(query[place], keys[:, :, :end], values[:, :, :end])
        return seen.view(-1, self.config.width)

    def _look_at_text(
        self,
        texts: Sequence[tuple[TextMemory, ...]],
        index: int,
        layer: Layer,
        x: Tensor,
        count: int = 1,
    ) -> Tensor:
        """Add what the first rows of ``x`` see in their texts, ``count`` rows in each."""
        cross = layer.cross
        if cross is None or not texts:
            return x
        heads, head_width = self.config.heads, self.config.head_width
        first = x[: len(texts) * count]
        query = cross.query(cross.norm(first)).view(-1, count, heads, head_width)
        seen = torch.empty_like(query)
        for row, text in enumerate(texts):
            seen[row] = _attend_all(query[row], text[index])
        first = first + cross.out(seen.view(-1, self.config.width))
        return first if len(first) == len(x) else torch.cat([first, x[len(first) :]])

    # -- small things ------------------------------------------------------------------------------

    def _embed(self, columns: Tensor) -> Tensor:
        """Sum the embeddings of columns: ``(columns, codebooks)`` to ``(columns, width)``."""
        embedded = functional.embedding(columns + self._first_rows, self._embeddings)
        total = embedded[:, 0]
        for k in range(1, embedded.shape[1]):  # in order: a sum of floats depends on it
            total = total + embedded[:, k]
        return total

    def _positions_for(self, start: int, end: int) -> Tensor:
        if end > len(self._positions):
            self._positions = positions_table(2 * end, self.config.width)
        return self._positions[start:end]

    def _by_head(self, x: Tensor) -> Tensor:
        """Turn ``(tokens, width)`` into ``(heads, tokens, head width)``."""
        return x.view(-1, self.config.heads, self.config.head_width).transpose(0, 1).contiguous()


class _Rows:
    """Which rows of a batch are whose: those with a text come first, so that they are together.

    ``places`` are each slot's rows, ``slot_of_row`` the slots of the rows, ``texts`` the texts of
    the first rows.
    """

    def __init__(self, slots: Sequence[Slot]) -> None:
        branches = [
            (text is None, index, text) for index, slot in enumerate(slots) for text in slot.texts
        ]
        branches.sort(key=lambda branch: branch[0])  # stable: a slot's own keep their order
        rows: list[list[int]] = [[] for _ in slots]
        for row, (_, index, _) in enumerate(branches):
            rows[index].append(row)
        self.slots = slots
        self.places = [slice(own[0], own[-1] + 1, max(1, own[-1] - own[0])) for own in rows]
        self.slot_of_row = torch.tensor([index for _, index, _ in branches])
        self.texts = [text for _, _, text in branches if text is not None]


def _attend(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Attend from one place of each branch: ``(branches, heads, head width)`` in and out."""
    return functional.scaled_dot_product_attention(query.unsqueeze(2), keys, values).squeeze(2)


def _attend_all(query: Tensor, memory: TextMemory) -> Tensor:
    """Attend to all of a text, ``(places, heads, head width)`` in and out."""
    seen = functional.scaled_dot_product_attention(
        query.transpose(0, 1)[None], memory.keys[None], memory.values[None]
    )
    return seen[0].transpose(0, 1)


def _flat(linear: Linear, x: Tensor) -> Tensor:
    """Apply a packed matrix to the last dimension."""
    return linear(x.flatten(0, -2)).view(*x.shape[:-1], -1)

"""The transformer that writes the codes, one column of a clip at a time.

    tokens (codebooks,) ─ embed ─▶ row ─ layers ─▶ row ─ heads ─▶ logits (codebooks, tokens)

Every cue has one or two rows: its prompt's branch and, with guidance, the branch to be pushed away
from. Rows of all cues go through a layer's matrices together, which is where the time goes; each
looks back at its own keys and values only, so cues may stand at different places. The branch
without text needs no cross-attention: without states and without biases it adds exactly zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from musicgen_daw.musicgen.config import ModelConfig, Precision
from musicgen_daw.musicgen.layers import Layer, Projection, positions_table, stack_of
from musicgen_daw.musicgen.layout import DECODER
from musicgen_daw.musicgen.linear import Linear
from musicgen_daw.musicgen.native.step import NativeStep, is_possible
from musicgen_daw.musicgen.native.team import Team
from musicgen_daw.musicgen.plain import PlainStep, look_at_text
from musicgen_daw.musicgen.prefix import melody_prefix
from musicgen_daw.musicgen.rows import Rows, Slot, TextMemory

__all__ = ["Decoder", "Slot"]


class Decoder:
    """The decoder of one checkpoint, its matrices packed for this machine."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Mapping[str, Tensor],
        precision: Precision = "fp32",
        *,
        native: bool = True,
    ) -> None:
        self.config = config
        team = Team.of_this_machine() if native and is_possible(config) else None
        self._stack = stack_of(weights, precision, config, team)
        self._memory_type = torch.float32
        self._step: PlainStep | NativeStep = PlainStep(config, self._stack)
        if team is not None:
            if precision != "fp32":
                self._memory_type = torch.float16
            self._step = NativeStep(team, config, self._stack, self._memory_type)
        self._embeddings = torch.cat(
            [weights[f"{DECODER}embed_tokens.{k}.weight"] for k in range(config.codebooks)]
        )
        self._first_rows = torch.arange(config.codebooks) * (config.codebook_size + 1)
        self._positions = positions_table(2048, config.width)
        self._text_in = Projection.of(weights, "enc_to_dec_proj")
        self._melody_in = Projection.of(weights, "audio_enc_to_dec_proj")

    # -- a cue takes its place ---------------------------------------------------------------------

    def slot_bytes(self, positions: int, branches: int = 2) -> int:
        """Return how much memory the keys and values of one cue fill."""
        size = int(self._memory_type.itemsize)
        return 2 * size * self.config.layers * branches * positions * self.config.width

    def memory(self, positions: int, branches: int = 2) -> tuple[Tensor, Tensor]:
        """Return room for the keys and values of one cue; nothing of it is used before."""
        config = self.config
        shape = (config.layers, branches, config.heads, positions, config.head_width)
        kind = self._memory_type
        return torch.empty(shape, dtype=kind), torch.empty(shape, dtype=kind)

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
            prefix = melody_prefix(self.config.melody, states, melodies, self._melody_in)
        prompt = self._embed(columns.t()).expand(len(texts), -1, -1)
        self._read(slot, torch.cat([prefix, prompt], dim=1))
        return slot

    def _text_memory(self, states: Tensor | None) -> TextMemory | None:
        """Compute what every layer will look at, once: the text does not change."""
        if states is None:
            return None
        crosses = [layer.cross for layer in self._stack.layers if layer.cross is not None]

        def by_head(matrices: Iterable[Tensor]) -> Tensor:
            shape = (-1, self.config.heads, self.config.head_width)
            seen = [functional.linear(states, matrix).view(shape) for matrix in matrices]
            return torch.stack(seen).transpose(1, 2).contiguous()

        return TextMemory(
            by_head(cross.keys for cross in crosses), by_head(cross.values for cross in crosses)
        )

    def _read(self, slot: Slot, places: Tensor) -> None:
        """Read what lies before the first step, ``(branches, places, width)``, all at once."""
        count = places.shape[1]
        if count == 0:
            return
        texts = [text for text in slot.texts if text is not None]
        x = places + self._positions_for(0, count)
        for index, layer in enumerate(self._stack.layers):
            x = x + self._look_back_at_all(slot, index, layer, layer.norm(x))
            flat = look_at_text(self.config, texts, index, layer, x.flatten(0, 1), count)
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
        rows = Rows(slots)
        positions = torch.tensor([slot.position for slot in slots])
        self._positions_for(0, int(positions.max()) + 1)
        x = self._embed(columns) + functional.embedding(positions, self._positions)
        logits = self._step(rows, functional.embedding(rows.slot_of_row, x))
        for slot in slots:
            slot.position += 1
        logits = logits.view(-1, self.config.codebooks, self.config.codebook_size)
        return [logits[place] for place in rows.places]

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


def _flat(linear: Linear, x: Tensor) -> Tensor:
    """Apply a packed matrix to the last dimension."""
    return linear(x.flatten(0, -2)).view(*x.shape[:-1], -1)

"""Prompts as the decoder reads them: the states of a T5 encoder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from musicgen_daw.errors import BackendError, Rejected

__all__ = ["MOST_TOKENS", "TextEncoder"]

CPU = torch.device("cpu")

MOST_TOKENS = 512
"""What a T5 was trained on; attention to many more would fill the memory."""


_TOKENIZER_FILES = ("tokenizer.json", "spiece.model")


class TextEncoder:
    """A T5 with its tokenizer.

    Every prompt is encoded alone and without padding: what it means never depends on the length
    of the others in a batch.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        weights: Mapping[str, Tensor],
        tokenizer: Path,
        device: torch.device = CPU,
    ) -> None:
        from transformers import T5Config, T5EncoderModel

        settings = {key: value for key, value in config.items() if key != "model_type"}
        self._device = device
        with torch.device("meta"):  # nothing is computed that the weights would replace
            model = T5EncoderModel(T5Config(**settings))
        state = {name: weights[name] for name in model.state_dict() if name in weights}
        state.setdefault("encoder.embed_tokens.weight", state.get("shared.weight", torch.empty(0)))
        _load(model, state, "text encoder")
        self._model = model.eval().to(device)
        self._tokenizer = _tokenizer(tokenizer)

    def tokens(self, prompt: str) -> list[int]:
        """Return the tokens of a prompt, its end among them.

        Raises:
            Rejected: for more tokens than the model can take.
        """
        tokens: list[int] = self._tokenizer(prompt).input_ids
        if len(tokens) > MOST_TOKENS:
            raise Rejected(
                f"the prompt has {len(tokens)} tokens, where MusicGen takes {MOST_TOKENS} at most"
            )
        return tokens

    @torch.inference_mode()
    def __call__(self, prompt: str) -> Tensor:
        """Return the states of a prompt, ``(tokens, width)``."""
        tokens = torch.tensor([self.tokens(prompt)], device=self._device)
        states: Tensor = self._model(input_ids=tokens).last_hidden_state
        return states[0]


def _tokenizer(folder: Path) -> Any:
    """Return the tokenizer in a folder; where there is none, transformers would make up one."""
    from transformers import AutoTokenizer

    if not any((folder / name).exists() for name in _TOKENIZER_FILES):
        names = " nor ".join(_TOKENIZER_FILES)
        raise BackendError(f"has neither {names}: get the checkpoint again", path=folder)
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        reason = str(error).partition("\n")[0]
        raise BackendError(f"has no tokenizer that can be read: {reason}", path=folder) from None


def _load(model: torch.nn.Module, state: Mapping[str, Tensor], part: str) -> None:
    """Give a model its weights, all of them."""
    try:
        model.load_state_dict(state, assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise BackendError(f"the {part}'s weights don't fit its configuration: {reason}") from None

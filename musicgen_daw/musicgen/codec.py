"""Sound to codes and back: EnCodec, in stereo once for each side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from musicgen_daw.errors import BackendError
from musicgen_daw.musicgen.streaming import DecodeStream

__all__ = ["Codec"]

CPU = torch.device("cpu")

_OLD_NAMES = {
    "weight_g": "parametrizations.weight.original0",
    "weight_v": "parametrizations.weight.original1",
}
"""The two halves of a normalised weight, as published files have them and as torch now does."""


class Codec:
    """An EnCodec of one channel; ``channels`` are those of the music.

    In stereo the codebooks of left and right take turns.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        weights: Mapping[str, Tensor],
        channels: int,
        device: torch.device = CPU,
    ) -> None:
        from transformers import EncodecConfig, EncodecModel

        settings = {key: value for key, value in config.items() if key != "model_type"}
        self._channels = channels
        self._model = EncodecModel(EncodecConfig(**settings)).eval()
        _load(self._model, weights)
        self._model.to(device)
        self._device = device
        self.sample_rate = int(settings["sampling_rate"])

    @torch.inference_mode()
    def encode(self, sound: Tensor) -> Tensor:
        """Turn ``(channels, samples)`` into codes, ``(codebooks, frames)``."""
        if sound.shape[0] != self._channels:
            raise ValueError(f"sound of {sound.shape[0]} channels, not {self._channels}")
        sound = sound.to(self._device)
        sides = [self._model.encode(side[None, None]).audio_codes[0, 0] for side in sound]
        return torch.stack(sides, dim=1).flatten(0, 1).cpu()

    def stream(self) -> DecodeStream:
        """Return what decodes codes that come block by block."""
        return DecodeStream(self._model, self._channels, self._device)

    @torch.inference_mode()
    def decode(self, codes: Tensor) -> Tensor:
        """Turn codes, ``(codebooks, frames)``, into ``(channels, samples)``."""
        codes = codes.to(self._device)
        sides = [codes[side :: self._channels] for side in range(self._channels)]
        sounds = [
            self._model.decode(side[None, None], audio_scales=[None]).audio_values[0, 0]
            for side in sides
        ]
        return torch.stack(sounds).cpu()


def _load(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Give the codec its weights, then compute the normalised ones once for all."""
    state = {_new_name(name): weights[name] for name in weights}
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise BackendError(f"the codec's weights don't fit its configuration: {reason}") from None
    for module in model.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")


def _new_name(name: str) -> str:
    start, _, last = name.rpartition(".")
    return f"{start}.{_OLD_NAMES[last]}" if last in _OLD_NAMES else name

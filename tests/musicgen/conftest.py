"""Checkpoints with random weights, and what transformers makes of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def checkpoints() -> ModuleType:
    """The script that makes checkpoints in the published layouts."""
    import torch

    torch.set_num_threads(1)  # threads that wait for each other slow such small models down
    spec = importlib.util.spec_from_file_location("checkpoints", ROOT / "benchmarks/checkpoints.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Reference:
    """A model of transformers' own, and the same one on disk."""

    model: Any
    folder: Path

    def tokens(self, prompt: str) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(self.folder)(prompt, return_tensors="pt")

    def generate(self, prompt: str, frames: int, prompt_codes: Any = None, **options: Any) -> Any:
        """Return the codes and the sound of one prompt, made alone."""
        import torch

        config = self.model.config.decoder
        lag = config.num_codebooks // config.audio_channels - 1
        given = 0
        if prompt_codes is not None:
            options["decoder_input_ids"] = prompt_codes
            given = prompt_codes.shape[1]
        seen: list[Any] = []
        decode = self.model.audio_encoder.decode

        def tap(codes: Any, **rest: Any) -> Any:
            seen.append(codes[0, 0])
            return decode(codes, **rest)

        self.model.audio_encoder.decode = tap
        try:
            sound = self.model.generate(
                **self.tokens(prompt), max_new_tokens=frames + lag - given, **options
            )
        finally:
            del self.model.audio_encoder.decode
        codes = seen[0] if len(seen) == 1 else torch.stack(seen, dim=1).flatten(0, 1)
        return codes, sound[0]


@pytest.fixture(scope="session")
def reference(
    checkpoints: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Reference]:
    """Return a checkpoint by name, such as "tiny-stereo"."""
    made: dict[str, Reference] = {}

    def get(name: str) -> Reference:
        if name not in made:
            model = checkpoints.build(name)
            made[name] = Reference(model, tmp_path_factory.mktemp("checkpoint") / name)
            checkpoints.save(model, made[name].folder)
        return made[name]

    return get


@pytest.fixture(scope="session")
def engine(reference: Callable[[str], Reference]) -> Callable[[str], Any]:
    """Return the engine of a checkpoint by name."""
    from musicgen_daw.musicgen.engine import Engine
    from musicgen_daw.musicgen.weights import load

    made: dict[str, Any] = {}

    def get(name: str) -> Any:
        if name not in made:
            made[name] = Engine(load(reference(name).folder))
        return made[name]

    return get

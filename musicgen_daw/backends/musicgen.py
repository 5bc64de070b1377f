"""The local MusicGen as a generator: free to run, its weights not free for every use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from fractions import Fraction
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Self

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Checkpoint, Clip, Failed, Finished, Outcome
from musicgen_daw.errors import BackendError, Rejected, did_you_mean
from musicgen_daw.musicgen.config import PRECISIONS, Precision
from musicgen_daw.musicgen.files import find, fingerprint, locate
from musicgen_daw.planning import Capabilities, ClipRequest
from musicgen_daw.timeline import to_samples

if TYPE_CHECKING:
    from musicgen_daw.musicgen.engine import Engine, Passage

__all__ = ["MODEL_VARIABLE", "PRECISION_VARIABLE", "TEXT_VARIABLE", "MusicgenBackend"]

MODEL_VARIABLE = "MUSICGEN_DAW_MODEL"
"""The folder of a checkpoint, or the hub's id of one that was downloaded."""

TEXT_VARIABLE = "MUSICGEN_DAW_TEXT_MODEL"
"""The same for the text encoder, where the checkpoint has none of its own."""

PRECISION_VARIABLE = "MUSICGEN_DAW_PRECISION"
"""The numeric mode: exact, or named otherwise."""

_DEFAULT_TEXT = "t5-base"
_SOUND_VERSION = 1
"""Raised whenever the same request gives other music."""

_PACKAGES = ("torch", "transformers", "safetensors")
_SAMPLE_RATE = 32_000
_MAX_S = Fraction(30)
"""What the models were trained on; beyond it they lose the thread."""


class MusicgenBackend:
    """The local engine, on a checkpoint that the user has.

    ``model``, ``text_model`` and ``precision`` are by default those of ``environment``, which is
    by default that of the process.

    Raises:
        BackendError: where no checkpoint is named or found, or torch is not installed.
    """

    name = "musicgen"
    capabilities = Capabilities(
        max_s=_MAX_S,
        native_rate=_SAMPLE_RATE,
        obeys_sampling=True,
        licence=(
            "MusicGen's published weights are licensed CC-BY-NC 4.0: not for commercial use. "
            "Another checkpoint has the licence of its maker."
        ),
    )

    def __init__(
        self,
        model: str | None = None,
        text_model: str | None = None,
        precision: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        environment = os.environ if environment is None else environment
        _check_packages()
        model = model or environment.get(MODEL_VARIABLE, "")
        if not model:
            raise BackendError(
                f"no checkpoint is named: set {MODEL_VARIABLE} to the folder of one, or to the id "
                "of one that was downloaded, such as facebook/musicgen-small"
            )
        files = find(locate(model, environment))
        self._folder = files.folder
        self._text_folder = None
        if files.layout == "audiocraft":
            named = text_model or environment.get(TEXT_VARIABLE) or _DEFAULT_TEXT
            self._text_folder = locate(named, environment)
        self._precision = _known(precision or environment.get(PRECISION_VARIABLE) or "fp32")
        self.revision = f"{_SOUND_VERSION}-{fingerprint(files)}-{self._precision}"
        self._engines: dict[str, Engine] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._engines.clear()

    def explain(self, request: ClipRequest) -> Mapping[str, str]:  # noqa: ARG002  # the protocol
        """Tell that nobody can tell: the model reads a prompt as a whole."""
        return {"words": "read by the model, as a whole"}

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        """Yield one outcome for each request, as they finish; the longest begin first."""
        by_precision: dict[str, list[ClipRequest]] = {}
        for request in requests:
            by_precision.setdefault(request.precision or self._precision, []).append(request)
        for precision, group in by_precision.items():
            yield from self._run(precision, group, checkpoint)

    def _run(
        self, precision: str, requests: Sequence[ClipRequest], checkpoint: Checkpoint
    ) -> Iterator[Outcome]:
        engine = self._engine(precision)
        sound: list[tuple[ClipRequest, Passage]] = []
        for request in requests:
            try:
                sound.append((request, _passage(request, engine)))
            except (ValueError, Rejected) as error:
                checkpoint.started(request)
                yield Failed(
                    request, error if isinstance(error, Rejected) else Rejected(str(error))
                )

        def started(index: int) -> None:
            checkpoint.started(sound[index][0])

        with closing(engine.generate([passage for _, passage in sound], started)) as finished:
            for index, codes in finished:
                request = sound[index][0]
                samples = engine.codec.decode(codes).numpy()
                length = _length_samples(request)
                facts = {"seed": str(request.seed), "precision": precision}
                clip = Clip({"mix": Audio(samples[:, :length], _SAMPLE_RATE)}, facts=facts)
                yield Finished(request, clip)

    def _engine(self, precision: str) -> Engine:
        """Return the loaded checkpoint; only one is held, for it fills gigabytes."""
        from musicgen_daw.musicgen.runtime import load_torch

        load_torch()
        from musicgen_daw.musicgen.engine import Engine
        from musicgen_daw.musicgen.weights import load

        known = _known(precision)
        if known not in self._engines:
            self._engines.clear()
            checkpoint = load(self._folder, self._text_folder)
            self._engines[known] = Engine(checkpoint, known)
        return self._engines[known]


def _check_packages() -> None:
    """Tell what to install before something else fails for lack of it."""
    missing = [package for package in _PACKAGES if find_spec(package) is None]
    if missing:
        raise BackendError(
            f"the local engine needs {' and '.join(missing)}: pip install 'musicgen-daw[musicgen]'"
        )


def _known(name: str) -> Precision:
    for precision in PRECISIONS:
        if name == precision:
            return precision
    raise BackendError(
        f"unknown precision {name!r}{did_you_mean(name, PRECISIONS)}: "
        f"known are {', '.join(PRECISIONS)}"
    )


def _passage(request: ClipRequest, engine: Engine) -> Passage:
    """Turn a request into what the engine makes.

    Raises:
        Rejected: for a prompt that is too long.
        ValueError: for settings that mean nothing.
    """
    from musicgen_daw.musicgen.engine import Passage
    from musicgen_daw.musicgen.sampling import Sampling

    for prompt in (request.prompt, request.negative):
        engine.text.tokens(prompt)
    sampling = Sampling(request.guidance, request.temperature, request.top_k, request.top_p)
    frames = -(-_length_samples(request) // engine.config.frame_samples)
    return Passage(request.prompt, max(1, frames), request.seed, request.negative, sampling)


def _length_samples(request: ClipRequest) -> int:
    return to_samples(request.length_s + request.tail_s, _SAMPLE_RATE)

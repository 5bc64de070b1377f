"""The one place where a call goes to the generator.

Today each call is a run of its own. A generator that gains by batching would be handed the calls
that wait, here, as one run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from fractions import Fraction

import numpy as np

from musicgen_daw.audio import Audio
from musicgen_daw.audio.computing import computing
from musicgen_daw.backends.base import Backend, CallLimits, Clip, Finished, Streaming
from musicgen_daw.errors import BackendError
from musicgen_daw.export.stems import Provenance
from musicgen_daw.planning import ClipRequest
from musicgen_daw.server.sound import mix_of, to_wav

__all__ = ["make_wav"]

_log = logging.getLogger("musicgen_daw.server")


class _Unjournalled:
    """The run as a free generator sees it: what it tells needs no journal, budget or turn."""

    def started(self, request: ClipRequest) -> None:
        """Nothing is noted: the call is in the server's records."""

    def refused(self, request: ClipRequest, reason: str) -> None:
        """Nothing is noted."""

    def accepted(self, request: ClipRequest, provider_id: str) -> None:
        """Nothing is noted."""

    def accepted_id(self, request: ClipRequest) -> str | None:  # noqa: ARG002 - the protocol's
        """Return ``None``: nothing is left from an earlier run."""
        return None

    def charged(self, request: ClipRequest, usd: Decimal) -> None:
        """Nothing is noted."""

    def balance(self, usd: Decimal) -> None:
        """Nothing is noted."""

    def turn(
        self,
        limits: CallLimits,  # noqa: ARG002 - the protocol's
        given_up: Callable[[], bool],  # noqa: ARG002 - the protocol's
    ) -> AbstractContextManager[None]:
        """Return at once."""
        return nullcontext()

    def slow_down(self, limits: CallLimits, until_s: float) -> None:
        """Nothing is noted."""

    def progress(self, request: ClipRequest, done_s: float) -> None:
        """Nothing is told: a caller who wants to know listens."""

    def warn(self, request: ClipRequest, message: str) -> None:
        """Log it: the caller wants a clip or an error."""
        _log.warning("%s: %s", request.backend, message)


def make_wav(
    backend: Backend,
    prompt: str,
    duration_s: Decimal,
    seed: int,
    on_sound: Callable[[Audio], None] = lambda _block: None,
) -> bytes:
    """Return the clip as a WAV file.

    ``on_sound`` is given the clip's mix while it is made, by a generator that streams; by others
    when it is there.

    Raises:
        BackendError: where the generator says that it can't.
        AudioError: where it made no sound that can be written.
    """
    request = ClipRequest(backend.name, backend.revision, prompt, Fraction(duration_s), seed)
    clip = _clip(backend, request, on_sound)
    provenance = Provenance(
        backend.name, seed=seed, prompt=prompt, licence=backend.capabilities.licence
    )
    with computing:
        return to_wav(clip, request.length_s, provenance, dither_seed=seed)


def _clip(backend: Backend, request: ClipRequest, on_sound: Callable[[Audio], None]) -> Clip:
    """Return what the generator makes, and tell of its sound as early as can be."""
    generator: object = backend
    if isinstance(generator, Streaming):
        blocks = []
        for block in generator.stream(request):
            on_sound(block)
            blocks.append(block)
        if not blocks:
            raise BackendError("the generator gave no sound")
        samples = np.concatenate([block.samples for block in blocks], axis=1)
        return Clip({"mix": Audio(samples, blocks[0].sample_rate)})
    outcomes = list(backend.run([request], _Unjournalled()))
    if not outcomes:
        raise BackendError("the generator gave no answer")
    (outcome,) = outcomes
    if not isinstance(outcome, Finished):
        raise outcome.error
    on_sound(mix_of(outcome.clip))
    return outcome.clip

"""The local engine behind the protocol of all generators."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Generator as Blocks
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from types import TracebackType
from typing import TYPE_CHECKING, Self

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Checkpoint, Clip, Failed, Finished, Outcome
from musicgen_daw.backends.musicgen import choices
from musicgen_daw.backends.musicgen.choices import GENERAL, SAMPLE_RATE, Chosen
from musicgen_daw.errors import AudioError, BackendError, Rejected
from musicgen_daw.planning import Capabilities, Choice, ClipRequest, Generator

if TYPE_CHECKING:
    from musicgen_daw.backends.musicgen.passages import Commissioned
    from musicgen_daw.musicgen.engine import Engine

__all__ = ["MusicgenBackend"]


TOLD_FRAMES = 50
"""Progress is told once a second of music."""


class MusicgenBackend:
    """The local engine, on checkpoints that the user has.

    ``model``, ``text_model``, ``precision``, ``device`` and ``batch`` are by default those of
    ``environment``, which is by default that of the process. They are what is used where a request
    tells no other, and looked for when they are needed.
    """

    name = "musicgen"

    def __init__(
        self,
        model: str | None = None,
        text_model: str | None = None,
        precision: str | None = None,
        device: str | None = None,
        batch: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = os.environ if environment is None else environment
        self._text_model = text_model
        self._default = _filled(
            Choice(model, precision, device, batch), choices.wishes_of(self._environment)
        )
        self._by_choice: dict[Choice, Chosen] = {}
        self._engines: dict[Chosen, Engine] = {}
        self._sound_of: Callable[[str], Audio] = _no_sound

    @property
    def revision(self) -> str:
        """The version of the default checkpoint's sound.

        Raises:
            BackendError: where there is none, or torch is not installed.
        """
        return self._chosen(Choice()).revision

    @property
    def capabilities(self) -> Capabilities:
        """What the default checkpoint can do; where there is none, what all can."""
        try:
            return self._chosen(Choice()).capabilities
        except BackendError:
            return GENERAL

    def choose(self, choice: Choice) -> Generator:
        """Return what planning needs to know of a checkpoint; nothing is loaded.

        Raises:
            BackendError: where it isn't there, or torch is not installed.
        """
        chosen = self._chosen(choice)
        return Generator(self.name, chosen.revision, chosen.capabilities)

    def guided_by(self, sound_of: Callable[[str], Audio]) -> None:
        """Take what gives the sound of a digest."""
        self._sound_of = sound_of

    def __enter__(self) -> Self:
        if not self._by_choice:
            self._chosen(Choice())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._engines.clear()

    def explain(self, request: ClipRequest) -> Mapping[str, str]:
        """Tell what rules when; what the model makes of a prompt, as a whole, nobody can tell."""
        return {"words": "read by the model, as a whole", **_told(request)}

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        """Yield one outcome for each request, as they finish; the longest begin first."""
        groups: dict[Chosen, list[ClipRequest]] = {}
        for request in requests:
            groups.setdefault(self._chosen_for(request), []).append(request)
        for chosen, group in groups.items():
            yield from self._run(chosen, group, checkpoint)

    def stream(self, request: ClipRequest) -> Blocks[Audio, None, None]:
        """Yield a clip, block by block, while it is made; the first block lasts about a second.

        Raises:
            BackendError: where there is no checkpoint, or the request can't be made.
        """
        engine = self._engine(self._chosen_for(request))
        from musicgen_daw.backends.musicgen.passages import commission

        try:
            one = commission(request, engine, self._sound_of)
        except (ValueError, AudioError) as error:
            raise Rejected(str(error)) from None
        yield from one.blocks_of(engine)

    def _run(
        self, chosen: Chosen, requests: Sequence[ClipRequest], checkpoint: Checkpoint
    ) -> Iterator[Outcome]:
        engine = self._engine(chosen)
        from musicgen_daw.backends.musicgen.passages import commission

        sound: list[Commissioned] = []
        for request in requests:
            try:
                sound.append(commission(request, engine, self._sound_of))
            except (ValueError, AudioError, Rejected) as error:
                checkpoint.started(request)
                yield Failed(
                    request, error if isinstance(error, Rejected) else Rejected(str(error))
                )

        def started(index: int) -> None:
            checkpoint.started(sound[index].request)

        def stepped(index: int, frames: int) -> None:
            frames -= sound[index].prompted
            if frames > 0 and frames % TOLD_FRAMES == 0:
                done_s = frames * engine.config.frame_samples / SAMPLE_RATE
                checkpoint.progress(sound[index].request, done_s)

        passages = [one.passage for one in sound]
        with closing(engine.generate(passages, started, stepped)) as finished:
            for index, codes in finished:
                one = sound[index]
                facts = {
                    "seed": str(one.request.seed),
                    "precision": chosen.precision,
                    **_told(one.request),
                }
                yield Finished(one.request, Clip({"mix": one.clip_of(codes, engine)}, facts=facts))

    def _chosen_for(self, request: ClipRequest) -> Chosen:
        """Return the checkpoint of a request: by its own words, else by its revision."""
        if request.model or request.precision:
            return self._chosen(Choice(request.model, request.precision or None))
        for chosen in self._by_choice.values():
            if chosen.revision == request.revision:
                return chosen
        return self._chosen(Choice())

    def _chosen(self, choice: Choice) -> Chosen:
        """Return the checkpoint of a choice, which is looked for once."""
        choice = _filled(choice, self._default)
        if choice not in self._by_choice:
            self._by_choice[choice] = choices.choose(choice, self._text_model, self._environment)
        return self._by_choice[choice]

    def _engine(self, chosen: Chosen) -> Engine:
        """Return the loaded checkpoint; only one is held, for it fills gigabytes."""
        from musicgen_daw.musicgen.runtime import load_torch

        load_torch()
        from musicgen_daw.musicgen.engine import Engine
        from musicgen_daw.musicgen.weights import load

        if chosen not in self._engines:
            self._engines.clear()
            weights = load(chosen.folder, chosen.text_folder)
            self._engines[chosen] = Engine(
                weights, chosen.precision, device=chosen.device, most_slots=chosen.batch
            )
        return self._engines[chosen]


def _filled(choice: Choice, default: Choice) -> Choice:
    """Return a choice with what it does not say taken from another one."""
    return replace(
        default,
        **{
            name: value
            for name in ("model", "precision", "device", "batch")
            if (value := getattr(choice, name))
        },
    )


def _told(request: ClipRequest) -> dict[str, str]:
    """Return the prompts by time, where there are several, and how an end of music is heard."""
    told = {}
    if request.prompt_changes:
        told = {
            f"prompt from {float(at_s):.2f} s": text
            for at_s, text in ((Fraction(0), request.prompt), *request.prompt_changes)
        }
    if request.continues_less_s:
        told["heard up to"] = f"{float(request.continues_less_s):.3f} s before its end"
    if request.continues_stretch != 1:
        told["brought to this tempo"] = f"{float(request.continues_stretch):.4f} times as long"
    return told


def _no_sound(digest: str) -> Audio:
    raise AudioError(f"nothing tells where the sound file {digest[:12]}… is")

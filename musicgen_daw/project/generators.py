"""The generators as a project uses them: chosen for a plan, then opened for what it asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from musicgen_daw.backends import registry
from musicgen_daw.backends.base import Backend, Choosing, Guided
from musicgen_daw.home import in_home
from musicgen_daw.planning import Choice, Generator, Plan
from musicgen_daw.project.guides import guide_reader
from musicgen_daw.store.clips import ClipStore

__all__ = ["generator", "opener"]


def generator(name: str, choice: Choice, *, folder: Path) -> Generator:
    """Return what planning needs to know of an installed generator, with a model of it.

    The path of a SoundFont counts from ``folder``.

    Raises:
        UsageError: for a name that nobody installed.
        AudioError: where a SoundFont can't be read, or is none.
        BackendError: where it can't be imported, or has no such model.
    """
    backend = registry.load(name)
    if isinstance(backend, Choosing):
        return backend.choose(_located(choice, folder))
    return Generator(name, backend.revision, backend.capabilities)


def opener(plan: Plan, folder: Path, store: ClipStore) -> Callable[[str], Backend]:
    """Return what loads a generator for a plan: with the models and SoundFonts that its cues want,
    and the sounds that guide them, files whose paths count from ``folder`` or clips in the store.
    """
    sound_of = guide_reader(plan.guides, folder, store)

    def load(name: str) -> Backend:
        backend = registry.load(name)
        if isinstance(backend, Choosing):
            for choice in dict.fromkeys(cue.choice for cue in plan.chosen if cue.backend == name):
                backend.choose(_located(choice, folder))
        if isinstance(backend, Guided):
            backend.guided_by(sound_of)
        return backend

    return load


def _located(choice: Choice, folder: Path) -> Choice:
    if choice.soundfont is None:
        return choice
    return replace(choice, soundfont=str(folder / in_home(choice.soundfont)))

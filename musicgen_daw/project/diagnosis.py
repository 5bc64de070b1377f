"""What works on this machine, and how to get what doesn't."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from musicgen_daw.backends import registry
from musicgen_daw.backends.base import Choosing
from musicgen_daw.errors import BackendError, Credentials, MusicgenDawError
from musicgen_daw.musicgen.files import find, locate
from musicgen_daw.planning import Choice
from musicgen_daw.presets import PresetLibrary
from musicgen_daw.project.checksums import Checksums

__all__ = ["Finding", "diagnose"]

_PACKAGES = ("numpy", "pedalboard", "soxr", "soundfile", "mido", "httpx", "keyring", "pydub")
_SERVER_PACKAGES = ("starlette", "uvicorn")
_LOW_DISK_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``state`` in words, ``remedy`` where something is to be done."""

    what: str
    works: bool
    state: str
    remedy: str = ""

    @property
    def mark(self) -> str:
        """A sign for the first column."""
        return "ok" if self.works else "--"

    def as_dict(self) -> dict[str, object]:
        """Return the finding in JSON's types."""
        return {
            "what": self.what,
            "works": self.works,
            "state": self.state,
            "remedy": self.remedy or None,
        }


def diagnose(store_root: Path, presets: PresetLibrary, choice: Choice = Choice()) -> list[Finding]:
    """Look at everything that a render needs; nothing is changed, nothing is downloaded.

    ``choice`` is the model that settings choose, for generators that have several.
    """
    return [
        *_python(),
        *_backends(choice),
        *_checkpoint(choice),
        *_compiled_step(),
        _fluidsynth(),
        _presets(presets),
        _store(store_root),
    ]


def _python() -> Iterator[Finding]:
    supported = sys.version_info[:2] >= (3, 11)
    yield Finding("Python", supported, platform.python_version(), "" if supported else "use 3.11+")
    for package in _PACKAGES:
        yield _package(package)
    for package in _SERVER_PACKAGES:
        yield _server_package(package)
    yield _ffmpeg()


def _package(name: str) -> Finding:
    """Import a package for once: one that is installed may still not load on this machine."""
    try:
        with warnings.catch_warnings():  # of its own old spellings, which are nobody's here
            warnings.simplefilter("ignore")
            importlib.import_module(name)
        version = importlib.metadata.version(name)
    except (ImportError, OSError) as error:
        return Finding(name, False, f"can't be loaded: {error}", f"pip install --upgrade {name}")
    return Finding(name, works=True, state=version)


def _server_package(name: str) -> Finding:
    if importlib.util.find_spec(name) is not None:
        return _package(name)
    state = "not installed, and only 'musicgen-daw serve' needs it"
    return Finding(name, works=True, state=state, remedy="pip install 'musicgen-daw[serve]'")


def _ffmpeg() -> Finding:
    found = shutil.which("ffmpeg")
    if found is not None:
        return Finding("ffmpeg", works=True, state=found)
    state = "not installed, and only clips that a service sends as MP4 or the like need it"
    return Finding(
        "ffmpeg", works=True, state=state, remedy="install it with the system's packages"
    )


def _backends(choice: Choice) -> Iterator[Finding]:
    for name in registry.names():
        try:
            backend = registry.load(name)
            if isinstance(backend, Choosing):
                backend.choose(choice)
            with backend:
                licence = backend.capabilities.licence
        except Credentials as error:  # nothing is wrong with the machine
            yield Finding(f"backend {name}", works=True, state=str(error))
        except MusicgenDawError as error:
            yield Finding(f"backend {name}", works=False, state="can't be used", remedy=str(error))
        else:
            yield Finding(f"backend {name}", works=True, state=licence)


def _checkpoint(choice: Choice) -> Iterator[Finding]:
    """Tell whether the weights of the checkpoint in use were ever read whole."""
    named = choice.model or os.environ.get("MUSICGEN_DAW_MODEL")
    if not named:
        return
    try:
        sha256 = Checksums().known(find(locate(named, os.environ)))
    except MusicgenDawError:  # told with the generator
        return
    if sha256 is None:
        remedy = f"'musicgen-daw models check {named}' reads it whole"
        yield Finding("checkpoint", works=True, state=f"{named}, never checked", remedy=remedy)
    else:
        yield Finding("checkpoint", works=True, state=f"{named}, sha256 {sha256}")


def _fluidsynth() -> Finding:
    """Tell whether a SoundFont can be played."""
    from musicgen_daw.backends.soundfont.library import fluidsynth

    try:
        return Finding("FluidSynth", works=True, state=f"{fluidsynth().version}, plays SoundFonts")
    except BackendError as error:
        state = "not there, and only --soundfont needs it"
        return Finding("FluidSynth", works=True, state=state, remedy=str(error))


def _presets(presets: PresetLibrary) -> Finding:
    faults = []
    entries = presets.list()
    for entry in entries:
        try:
            presets.get(entry.name)
        except MusicgenDawError as error:
            faults.append(str(error))
    return Finding("presets", not faults, f"{len(entries)} found", "; ".join(faults))


def _store(root: Path) -> Finding:
    existing = next((folder for folder in (root, *root.parents) if folder.exists()), None)
    if existing is None:
        return Finding("clip store", False, str(root), "its drive is not there: use --store")
    free = shutil.disk_usage(existing).free
    state = f"{root}, {free / 1024**3:.0f} GiB free"
    remedy = "" if free > _LOW_DISK_BYTES else "free some space, or name another with --store"
    return Finding("clip store", not remedy, state, remedy)


def _compiled_step() -> Iterator[Finding]:
    """Tell whether the local engine's step runs compiled; nothing where there is no engine."""
    if importlib.util.find_spec("torch") is None:
        return
    from musicgen_daw.musicgen.native.build import library

    if library() is not None:
        yield Finding("compiled step", works=True, state="makes the local engine fast")
    else:
        state = "not there: the local engine works, several times slower"
        remedy = "install a C compiler (cc, gcc or clang)"
        yield Finding("compiled step", works=True, state=state, remedy=remedy)

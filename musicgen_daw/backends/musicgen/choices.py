"""Which checkpoint is meant, and in which mode it runs: found out without loading any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from musicgen_daw.audio.stretching import can_stretch
from musicgen_daw.errors import BackendError, did_you_mean
from musicgen_daw.musicgen.config import Precision
from musicgen_daw.musicgen.devices import check_precision, device_called
from musicgen_daw.musicgen.files import find, fingerprint, follows_melody, locate
from musicgen_daw.musicgen.published import PUBLISHED, PUBLISHED_LICENCE
from musicgen_daw.planning import Capabilities, Choice
from musicgen_daw.settings import BATCH_RANGE

__all__ = [
    "BATCH_VARIABLE",
    "DEVICE_VARIABLE",
    "GENERAL",
    "MODEL_VARIABLE",
    "PRECISION_VARIABLE",
    "SAMPLE_RATE",
    "TEXT_VARIABLE",
    "Chosen",
    "choose",
    "wishes_of",
]

MODEL_VARIABLE = "MUSICGEN_DAW_MODEL"
"""The folder of a checkpoint, or the hub's id of one that was downloaded."""

TEXT_VARIABLE = "MUSICGEN_DAW_TEXT_MODEL"
"""The same for the text encoder, where the checkpoint has none of its own."""

PRECISION_VARIABLE = "MUSICGEN_DAW_PRECISION"
"""The numeric mode: exact, or named otherwise."""

DEVICE_VARIABLE = "MUSICGEN_DAW_DEVICE"
"""What it runs on."""

BATCH_VARIABLE = "MUSICGEN_DAW_BATCH"
"""How many clips are made at once, at most."""

SAMPLE_RATE = 32_000

MOST_AT_ONCE = 16
"""So many clips share a batch where nobody says it; what fits into the memory may be fewer."""

_DEFAULT_TEXT = "t5-base"
_SOUND_VERSION = 1
"""Raised whenever the same request gives other music."""

_PACKAGES = ("torch", "transformers", "safetensors")

GENERAL = Capabilities(
    window_s=Fraction(30),  # what the models were trained on; beyond it they lose the thread
    native_rate=SAMPLE_RATE,
    obeys_prompt_changes=True,
    obeys_sampling=True,
    audio_prompt=True,
    licence=(
        "MusicGen's published weights are licensed CC-BY-NC 4.0: not for commercial use. "
        "Another checkpoint has the licence of its maker."
    ),
)
"""What every checkpoint can do."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A checkpoint that is there, and how it is to be run."""

    folder: Path
    text_folder: Path | None
    precision: Precision
    device: str
    batch: int
    fingerprint: str
    melody: bool

    @property
    def revision(self) -> str:
        """What tells its sound from that of every other choice."""
        kind = self.device.partition(":")[0]
        mode = self.precision if kind == "cpu" else f"{self.precision}-{kind}"
        return f"{_SOUND_VERSION}-{self.fingerprint}-{mode}"

    @property
    def capabilities(self) -> Capabilities:
        """What this checkpoint can do."""
        return replace(GENERAL, melody=self.melody, stretches=can_stretch())


def wishes_of(environment: Mapping[str, str]) -> Choice:
    """Return what the environment wishes."""
    return Choice(
        model=environment.get(MODEL_VARIABLE) or None,
        precision=environment.get(PRECISION_VARIABLE) or None,
        device=environment.get(DEVICE_VARIABLE) or None,
        batch=_count(environment.get(BATCH_VARIABLE)),
    )


def _count(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= BATCH_RANGE[1]:
        low, high = BATCH_RANGE
        raise BackendError(f"{BATCH_VARIABLE} is {text!r}, not a whole number from {low} to {high}")
    return int(text)


def choose(choice: Choice, text_model: str | None, environment: Mapping[str, str]) -> Chosen:
    """Return the checkpoint of a choice.

    Raises:
        BackendError: where none is named or found, torch is not installed, or the device or the
            precision is none that it can be run on.
    """
    _check_packages()
    if not choice.model:
        small = PUBLISHED["small"]
        raise BackendError(
            f"no checkpoint is named: use --model, or set {MODEL_VARIABLE}, to the folder of one "
            "or to the id of one that was downloaded. 'musicgen-daw models pull small' gets "
            f"{small.id} (about {small.about_gb} GB, {PUBLISHED_LICENCE}), 'models list' tells "
            "the others"
        )
    files = find(locate(choice.model, environment))
    text_folder = None
    if files.layout == "audiocraft":
        named = text_model or environment.get(TEXT_VARIABLE) or _DEFAULT_TEXT
        text_folder = locate(named, environment)
    precision = _known_precision(choice.precision or "fp32")
    device = device_called(choice.device or "cpu")
    check_precision(precision, device)
    return Chosen(
        folder=files.folder,
        text_folder=text_folder,
        precision=precision,
        device=device,
        batch=choice.batch or MOST_AT_ONCE,
        fingerprint=fingerprint(files),
        melody=follows_melody(files),
    )


def _check_packages() -> None:
    """Tell what to install before something else fails for lack of it."""
    missing = [package for package in _PACKAGES if find_spec(package) is None]
    if missing:
        raise BackendError(
            f"the local engine needs {' and '.join(missing)}: pip install 'musicgen-daw[musicgen]'"
        )


def _known_precision(name: str) -> Precision:
    known: tuple[Precision, ...] = get_args(Precision)
    for precision in known:
        if name == precision:
            return precision
    raise BackendError(
        f"unknown precision {name!r}{did_you_mean(name, known)}: known are {', '.join(known)}"
    )

"""Which files are mastered, to which names, and into what."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from musicgen_daw.audio import BitDepth
from musicgen_daw.audio.reading import SoundFile
from musicgen_daw.audio.transcode import FFMPEG_FORMATS, SUFFIXES
from musicgen_daw.errors import OutputError, UsageError, did_you_mean
from musicgen_daw.mastering.targets import TARGETS, Target
from musicgen_daw.settings import FILE_FORMATS, Settings

if TYPE_CHECKING:
    from musicgen_daw.presets import Master
    from musicgen_daw.presets.chain import Send, Step

__all__ = [
    "DELIVERY_FORMATS",
    "Delivery",
    "FileJob",
    "find_files",
    "plan_files",
    "resolve_delivery",
]

DELIVERY_FORMATS = (*FILE_FORMATS, *FFMPEG_FORMATS)
"""What ``--format`` can be."""

SOUND_SUFFIXES = frozenset(
    (".wav", ".wave", ".bwf", ".rf64", ".aif", ".aiff", ".aifc", ".flac", ".ogg", ".oga", ".mp3")
)
"""What is looked for in a folder; a file that is named may have any suffix."""

_BIT_DEPTHS: dict[int | None, BitDepth] = {8: "16", 16: "16", None: "32f"}
_FLOAT_FORMATS = ("wav", "aiff")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to become of sound files. ``None`` leaves a thing as it is in each file.

    ``as_album``: all of them are brought to the target together.

    Raises:
        ValueError: for a fade below zero.
    """

    target: Target
    sample_rate: int | None = None
    bit_depth: BitDepth | None = None
    channels: int | None = None
    file_format: str | None = None
    fade_in_ms: float = 0.0
    fade_out_ms: float = 0.0
    chain: tuple[Step, ...] = ()
    sends: tuple[Send, ...] = ()
    noise_shaping: bool = False
    as_album: bool = False

    def __post_init__(self) -> None:
        if not (self.fade_in_ms >= 0 and self.fade_out_ms >= 0):
            raise ValueError("a fade can't be shorter than nothing")

    @property
    def has_plugins(self) -> bool:
        """Tell whether any effect is a plug-in of the user's."""
        if not (self.chain or self.sends):  # as mostly, and presets take a while to load
            return False
        from musicgen_daw.presets.chain import PluginStep

        chains = (self.chain, *(send.chain for send in self.sends))
        return any(isinstance(step, PluginStep) for chain in chains for step in chain)

    def format_of(self, path: Path) -> str:
        """Return the format that a file gets: the asked one, else its own, else WAV."""
        if self.file_format is not None:
            return self.file_format
        own = {".aif": "aiff", ".aifc": "aiff", ".oga": "ogg"}.get(path.suffix.lower())
        own = own or path.suffix.lower().removeprefix(".")
        return own if own in FILE_FORMATS else "wav"

    def bit_depth_of(self, told: SoundFile, file_format: str) -> BitDepth:
        """Return the bit depth that a file gets: the asked one, else the nearest to its own."""
        if self.bit_depth is not None:
            return self.bit_depth
        own = _BIT_DEPTHS.get(told.bit_depth, "24")
        lossless = told.container not in ("mp3", "ogg")
        return own if own != "32f" or (file_format in _FLOAT_FORMATS and lossless) else "24"


def resolve_delivery(
    settings: Settings = Settings(),
    *,
    preset: str | None = None,
    target: str | None = None,
    lufs: float | None = None,
    ceiling_dbtp: float | None = None,
    rate: int | None = None,
    bit_depth: BitDepth | None = None,
    channels: int | None = None,
    fade_in_ms: float | None = None,
    fade_out_ms: float | None = None,
    file_format: str | None = None,
    noise_shaping: bool = False,
) -> Delivery:
    """Return what flags, a preset and the user's settings ask together; the flags are strongest.

    A named target beats the preset's levels, and ``lufs`` and ``ceiling_dbtp`` beat both.

    Raises:
        PresetError: for a preset that is unknown or whose chain can't run.
        UsageError: for an unknown target or format.
    """
    master = None if preset is None else _master_of(preset, settings)
    if target is not None and target not in TARGETS:
        nearest = did_you_mean(target, TARGETS)
        raise UsageError(f"unknown target {target!r}{nearest}: one of {', '.join(TARGETS)}")
    if target is not None:
        wanted = TARGETS[target].target
    else:
        wanted = Target.of(master) if master else Target()
    if master is not None:
        fade_in_ms = master.fade_in_ms if fade_in_ms is None else fade_in_ms
        fade_out_ms = master.fade_out_ms if fade_out_ms is None else fade_out_ms
    file_format = (file_format or settings.format or "").lower() or None
    if file_format is not None and file_format not in DELIVERY_FORMATS:
        nearest = did_you_mean(file_format, DELIVERY_FORMATS)
        known = ", ".join(DELIVERY_FORMATS)
        raise UsageError(f"unknown format {file_format!r}{nearest}: one of {known}")
    return Delivery(
        target=replace(
            wanted,
            lufs=wanted.lufs if lufs is None else lufs,
            ceiling_dbtp=wanted.ceiling_dbtp if ceiling_dbtp is None else ceiling_dbtp,
        ),
        sample_rate=rate or settings.rate,
        bit_depth=bit_depth or settings.bit_depth,
        channels=channels,
        file_format=file_format,
        fade_in_ms=fade_in_ms or 0.0,
        fade_out_ms=fade_out_ms or 0.0,
        chain=master.chain if master else (),
        sends=master.sends if master else (),
        noise_shaping=noise_shaping,
        as_album=master is not None and master.normalise == "sheet",
    )


def _master_of(preset: str, settings: Settings) -> Master:
    """Return a preset's mastering. Few files need one, and presets take a while to load."""
    from musicgen_daw.mastering import check_effects
    from musicgen_daw.presets import PresetLibrary

    found = PresetLibrary(sheet=Path(), user=settings.presets).get(preset)
    where = f"preset {found.name!r} [master]"
    check_effects(found.master, found.stems, where, has_tempo=False)
    return found.master


@dataclass(frozen=True, slots=True)
class FileJob:
    """One file to be mastered, where it goes, and its place below the output folder."""

    source: Path
    output: Path
    name: str


def find_files(paths: Sequence[Path], without: Path | None = None) -> list[tuple[Path, Path]]:
    """Return the sound files that are named, or lie in named folders, each with its own place.

    The place counts from the one folder that is named, or from the deepest one that holds all
    that is named. What lies in the folder ``without`` is left out, as are hidden files.

    Raises:
        UsageError: where nothing is found.
    """
    folders = [path.absolute() for path in paths if path.is_dir()]
    files = [path for path in paths if not path.is_dir()]
    tops = [*folders, *(file.absolute().parent for file in files)]
    top = Path(os.path.commonpath(tops))
    hidden = None if without is None else without.absolute()
    found = {
        path.absolute(): path
        for path in (*files, *(path for folder in paths for path in _sounds(folder)))
        if path in files or hidden is None or hidden not in path.absolute().parents
    }
    if not found:
        raise UsageError(f"no sound files in {', '.join(map(str, paths))}")
    return [(path, absolute.relative_to(top)) for absolute, path in found.items()]


def plan_files(
    paths: Sequence[Path], output: Path, delivery: Delivery, *, overwrite: bool = False
) -> list[FileJob]:
    """Return the jobs for the files that are named, or lie in named folders.

    Sub-folders are mirrored below ``output``. Nothing is overwritten without ``overwrite``, and
    this is looked at before any work.

    Raises:
        UsageError: for no files, or two that would become one.
        OutputError: for a name that is taken.
    """
    jobs: dict[Path, FileJob] = {}
    for source, place in find_files(paths, without=output):
        file_format = delivery.format_of(source)
        if file_format != delivery.format_of(Path(place.name)) or delivery.file_format:
            place = place.with_suffix(SUFFIXES.get(file_format, f".{file_format}"))
        elif place.suffix.lower() not in SOUND_SUFFIXES:
            place = place.with_suffix(".wav")
        path = output / place
        if path in jobs:
            raise UsageError(f"{jobs[path].source} and {source} would both become {path}")
        if path.exists() and not overwrite:
            raise OutputError(
                "is there already: use --overwrite, another folder, or remove it", path=path
            )
        jobs[path] = FileJob(source, path, place.as_posix())
    return list(jobs.values())


def _sounds(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SOUND_SUFFIXES and not hidden and path.is_file():
            yield path

"""A SoundFont that the user has: found, checked and known by its content."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from musicgen_daw.backends.soundfont.library import fluidsynth
from musicgen_daw.errors import AudioError
from musicgen_daw.formats import riff, sfbk
from musicgen_daw.home import in_home

__all__ = ["MARK", "SoundFont", "find_font"]

MARK = "-font-"
"""What tells the revision of a request that is played with a SoundFont."""

LARGEST_BYTES = 2**32
"""The sizes in a SoundFont are 32 bits wide."""

_DIGITS = 32
_DEFAULT_PROGRAM, _FAMILY = 0, 8


@dataclass(frozen=True, slots=True)
class SoundFont:
    """A SoundFont file as it was when it was found, and the version of what plays it.

    ``changed_ns`` is its time of modification, and with ``size_bytes`` tells that it is another.
    """

    path: Path
    sha256: str
    table: sfbk.FontTable
    size_bytes: int
    changed_ns: int
    fluidsynth: str

    @property
    def mark(self) -> str:
        """What a revision ends in: the same for the same sounds, wherever their file lies."""
        return f"{MARK}{self.sha256[:_DIGITS]}-fluidsynth-{self.fluidsynth}"

    @property
    def licence(self) -> str:
        """What can be said of the licence: nobody can know it from the file."""
        name = "".join(each if each.isprintable() else "?" for each in self.path.name)
        return f"SoundFont: {name}'s own licence"

    def sound_for(self, program: int, *, drums: bool) -> tuple[int, int] | None:
        """Return bank and program of the sound for a General MIDI program, ``None`` for none.

        Where the font lacks it, the standard kit, or the nearest of the same family, stands in.
        """
        if drums:
            kits = [each.program for each in self.table.presets if each.bank == sfbk.DRUM_BANK]
            wanted = program if program in kits else _DEFAULT_PROGRAM
            return (sfbk.DRUM_BANK, wanted) if wanted in kits else None
        family = [
            each.program
            for each in self.table.presets
            if each.bank == 0 and each.program // _FAMILY == program // _FAMILY
        ]
        near = min(family, key=lambda own: (abs(own - program), own), default=None)
        return None if near is None else (0, near)

    def refuse_changed(self) -> None:
        """Refuse a file that is no longer the one that was planned with.

        Raises:
            AudioError: where it is gone or another.
        """
        size_bytes, changed_ns = _as_it_is(self.path)
        if (size_bytes, changed_ns) != (self.size_bytes, self.changed_ns):
            reason = "was changed since it was planned with: run it again"
            raise AudioError(reason, path=self.path)


def find_font(path: str) -> SoundFont:
    """Return the SoundFont in a file.

    Raises:
        AudioError: where it can't be read, or is no SoundFont that is whole.
        BackendError: where FluidSynth is not installed.
    """
    where = in_home(path)
    size_bytes, changed_ns = _as_it_is(where)
    version = fluidsynth().version
    sha256, table = _read(where, size_bytes, changed_ns)
    return SoundFont(where, sha256, table, size_bytes, changed_ns, version)


def _as_it_is(path: Path) -> tuple[int, int]:
    try:
        str(path).encode()
    except UnicodeEncodeError:  # what is made with it tells its path in UTF-8
        reason = "its name is no UTF-8: rename it or its folder"
        raise AudioError(reason, path=ascii(str(path))) from None
    try:
        told = path.stat()
    except OSError as error:
        raise AudioError(f"can't be read: {error.strerror}", path=path) from None
    except ValueError:  # a name with a null byte
        raise AudioError("can't be the name of a file", path=repr(str(path))) from None
    if not stat.S_ISREG(told.st_mode):
        raise AudioError("is no file: name a SoundFont, such as FluidR3_GM.sf2", path=path)
    if told.st_size > LARGEST_BYTES:
        raise AudioError(f"{told.st_size} bytes are more than a SoundFont can have", path=path)
    return told.st_size, told.st_mtime_ns


@lru_cache(maxsize=16)
def _read(path: Path, size_bytes: int, changed_ns: int) -> tuple[str, sfbk.FontTable]:
    """Read a file once, as long as its size and time stay the same."""
    del size_bytes, changed_ns
    try:
        with path.open("rb") as file:
            table = sfbk.parse(riff.FileContent(file))
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest(), table
    except OSError as error:
        raise AudioError(f"can't be read: {error.strerror}", path=path) from None
    except AudioError as error:
        raise AudioError(error.reason, path=path) from None

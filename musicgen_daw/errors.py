"""What can go wrong, as one tree.

    MusicgenDawError                     exit code
    ├── UsageError                       2   the call makes no sense as typed
    ├── CueSheetError                    3   a sheet can't be read or says something impossible
    ├── PresetError                      3   a preset can't be read, or a key or value is wrong
    ├── SettingsError                    3   the settings file or SHEET.toml is wrong
    ├── AudioError                       3   bytes that are no audio, or that can't be processed
    ├── PlanError                        3   cue and preset together ask for something impossible
    ├── OutputError                      3   the output folder can't be written
    ├── RenderIncomplete                 4   some cues failed, everything else is done
    ├── BudgetExceeded                   5   the next call could pass the cap
    ├── BackendError                     7   a generator failed; the subclass tells what is next
    │   ├── Rejected                         this request will never be accepted as it is
    │   ├── Credentials                  6   the key is missing or refused
    │   ├── Quota                            later: ``retry_at_s`` tells when, where it is known
    │   ├── Transient                        safe to send again
    │   └── Ambiguous                        may have been billed: never sent again by itself
    ├── StoreError                       3   the clip store or the journal can't be read or written
    ├── ExportError                      3   a hand-off can't hold the session, or isn't to be had
    ├── FolderBusy                       8   another run holds this folder
    └── VerificationFailed               9   what is on disk is not what was asked or made

A message names the file, the place in it, what is wrong and the likely fix.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "Ambiguous",
    "AudioError",
    "BackendError",
    "BudgetExceeded",
    "Credentials",
    "CueSheetError",
    "ExportError",
    "FolderBusy",
    "MusicgenDawError",
    "OutputError",
    "PlanError",
    "PresetError",
    "Quota",
    "Rejected",
    "RenderIncomplete",
    "SettingsError",
    "StoreError",
    "Transient",
    "UsageError",
    "VerificationFailed",
    "did_you_mean",
]


class MusicgenDawError(Exception):
    """Anything this library refuses or fails to do, with the exit code of the command line.

    ``path`` is the file concerned and ``place`` the position in it ("line 3", "byte 1042",
    "[master]"); both stand before the reason in the message.
    """

    exit_code = 1

    def __init__(self, reason: str, *, path: object = None, place: str | None = None) -> None:
        self.reason = reason
        self.path = path
        self.place = place
        where = " ".join(str(part) for part in (path, place) if part is not None)
        super().__init__(f"{where}: {reason}" if where else reason)


class UsageError(MusicgenDawError):
    """The call makes no sense as typed."""

    exit_code = 2


class CueSheetError(MusicgenDawError):
    """A cue sheet can't be read, or says something impossible."""

    exit_code = 3


class PresetError(MusicgenDawError):
    """A preset can't be read, or one of its keys or values is wrong."""

    exit_code = 3


class SettingsError(MusicgenDawError):
    """The settings file or the sheet's own TOML is wrong."""

    exit_code = 3


class AudioError(MusicgenDawError):
    """Bytes that are no audio, or audio that can't be processed."""

    exit_code = 3


class PlanError(MusicgenDawError):
    """Cue and preset together ask for something impossible."""

    exit_code = 3


class OutputError(MusicgenDawError):
    """The output folder can't be written."""

    exit_code = 3


class RenderIncomplete(MusicgenDawError):
    """Some cues failed; everything that could be made is made and kept."""

    exit_code = 4


class BudgetExceeded(MusicgenDawError):
    """The next paid call could pass the cap."""

    exit_code = 5


class BackendError(MusicgenDawError):
    """A generator failed; the subclass tells what may be done next."""

    exit_code = 7


class Rejected(BackendError):
    """This request will never be accepted as it is."""


class Credentials(BackendError):
    """The key is missing or refused."""

    exit_code = 6


class Quota(BackendError):
    """Not now; ``retry_at_s`` (seconds since the epoch) tells when, where it is known."""

    def __init__(self, reason: str, *, retry_at_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_at_s = retry_at_s


class Transient(BackendError):
    """Nothing was accepted or billed: safe to send again."""


class Ambiguous(BackendError):
    """The request may have been accepted and billed: it is never sent again by itself."""


class StoreError(MusicgenDawError):
    """The clip store or the journal can't be read or written."""

    exit_code = 3


class ExportError(MusicgenDawError):
    """A hand-off can't hold the session at all, or its exporter can't be loaded."""

    exit_code = 3


class FolderBusy(MusicgenDawError):
    """Another run holds this folder."""

    exit_code = 8


class VerificationFailed(MusicgenDawError):
    """What is on disk is not what was asked or made."""

    exit_code = 9


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the nearest known word, or the empty string."""
    nearest = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f" (did you mean {nearest[0]!r}?)" if nearest else ""

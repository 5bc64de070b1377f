"""Writing what exporters tell into the output folder, in bounded memory."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from musicgen_daw.errors import ExportError, OutputError
from musicgen_daw.events import FileWritten, Observer, Warned
from musicgen_daw.export import CopyOf, ExportFile, MonoOf, export
from musicgen_daw.export.files import Content
from musicgen_daw.project.mono_copies import write_mono
from musicgen_daw.session import Session
from musicgen_daw.store.output import OutputFolder

__all__ = ["HandedOver", "deliver", "hand_over"]

DERIVED = ("manifest",)
"""What every folder has, since takes are listed and verified by it. It only tells what was made:
it is written anew, whoever changed it."""

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every member: an archive tells no clock, and zip knows no earlier one."""
_UNIX = 3
_PLAIN_FILE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of some hand-offs: the names and paths of those that are there now.

    ``refused_names`` are the others, which can't hold the session at all, and ``refused`` is why
    the first of them can't.
    """

    names: tuple[str, ...]
    paths: tuple[str, ...]
    refused_names: tuple[str, ...] = ()
    refused: ExportError | None = None

    @property
    def to_keep_up(self) -> tuple[str, ...]:
        """What later renders hand over too; nothing where all that was asked for was refused."""
        is_of_use = not self.refused_names or set(self.names) - set(DERIVED)
        return self.names if is_of_use else ()


def hand_over(
    session: Session, names: Sequence[str], folder: OutputFolder, observer: Observer
) -> HandedOver:
    """Write the files of some exporters, those that are not right already.

    What the user has changed stays, and the new file goes beside it. A hand-off that can't hold
    the session keeps none of the others from being written.

    Raises:
        UsageError: for an unknown exporter.
        OutputError: where a file can't be written, or a stem to be copied isn't as it was made.
    """
    written: list[str] = []
    paths: list[str] = []
    refused_names: list[str] = []
    refused = None
    for name in names:
        try:
            files = export(session, name)
        except ExportError as error:
            refused = refused or error
            refused_names.append(name)
            continue
        paths += [deliver(file, folder, observer, is_derived=name in DERIVED) for file in files]
        written.append(name)
    return HandedOver(tuple(written), tuple(paths), tuple(refused_names), refused)


def deliver(
    file: ExportFile, folder: OutputFolder, observer: Observer, *, is_derived: bool = False
) -> str:
    """Write one file and return the path that it has; nothing is done where it is right already.

    A file that ``is_derived`` replaces what stands there, which is set aside if it was changed.

    Raises:
        OutputError: as ``hand_over``.
    """
    recipe = _recipe(file.content, folder)
    if folder.is_right(file.path, recipe):
        return file.path
    content = _content(file.content, folder)
    if is_derived:
        path = folder.write(file.path, recipe, content).path
    else:
        delivered = folder.deliver(file.path, recipe, content)
        path = delivered.path
        if not delivered.is_written:
            observer(Warned(path, "has your changes and stays: delete it to have it written anew"))
            return path
    if path != file.path:
        observer(Warned(file.path, f"was changed since it was written, so the new one is {path}"))
    observer(FileWritten(path))
    for loss in file.losses:
        observer(Warned(path, loss))
    return path


def _recipe(content: Content, folder: OutputFolder) -> str:
    """Return a hash that stands for the bytes of a file; copies are known by their records."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    if isinstance(content, CopyOf):
        return _sha256_of_copied(content.path, folder)
    if isinstance(content, MonoOf):
        return _recipe_of_mono(content, folder)
    told = [(name, _recipe(part, folder)) for name, part in content.members]
    return hashlib.sha256(json.dumps(["zip", told]).encode("ascii")).hexdigest()


def _sha256_of_copied(path: str, folder: OutputFolder) -> str:
    record = folder.record(path)
    if record is None:
        raise OutputError("is to be copied but was not made here: render it again", path=path)
    return record.sha256


def _recipe_of_mono(mono: MonoOf, folder: OutputFolder) -> str:
    around = hashlib.sha256(b"".join(chunk.encode() for chunk in mono.chunks)).hexdigest()
    told = ["mono", _sha256_of_copied(mono.path, folder), mono.channel, around]
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()


def _content(content: Content, folder: OutputFolder) -> bytes | Callable[[BinaryIO], None]:
    if isinstance(content, bytes):
        return content
    if isinstance(content, CopyOf):
        copied = content.path
        return lambda file: folder.copy_to(copied, file)
    if isinstance(content, MonoOf):
        return partial(write_mono, content, folder)
    members = content.members
    return lambda file: _write_archive(members, folder, file)


def _write_archive(
    members: Sequence[tuple[str, bytes | CopyOf]], folder: OutputFolder, file: BinaryIO
) -> None:
    """Write a zip whose bytes depend on its members alone.

    They are stored, not packed: sound doesn't shrink, and readers may map it into memory.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, part in members:
            member = zipfile.ZipInfo(name, _EARLIEST)
            member.create_system, member.external_attr = _UNIX, _PLAIN_FILE
            if isinstance(part, bytes):
                archive.writestr(member, part)
                continue
            record = folder.record(part.path)
            member.file_size = record.size_bytes if record else 0  # tells whether zip64 is needed
            with archive.open(member, "w") as opened:
                folder.copy_to(part.path, opened)

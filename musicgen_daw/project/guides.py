"""Sound files that guide a generator: a prompt to be continued, a melody to be followed.

A plan names them by the digest of their content, so that a clip's key tells what was heard and
not where it lay. Where they lie is in the plan too, and the generator gets their sound by digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from musicgen_daw.audio import Audio
from musicgen_daw.errors import AudioError

__all__ = ["digest_of", "guide_reader"]


def digest_of(path: str, folder: Path) -> str:
    """Return the sha256 hex digest of a sound file's content; ``path`` counts from ``folder``.

    Raises:
        AudioError: where it can't be read, or is no sound file.
    """
    from musicgen_daw.audio.reading import describe  # slow to load, and few plans need it

    where = _located(path, folder)
    try:
        with where.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            sound = describe(file)
    except OSError as error:
        raise AudioError(f"can't be read: {error.strerror}", path=where) from None
    except AudioError as error:
        raise AudioError(error.reason, path=where) from None
    if not sound.length_samples:
        raise AudioError("has no sound in it", path=where)
    return digest


def guide_reader(guides: Mapping[str, str], folder: Path) -> Callable[[str], Audio]:
    """Return what reads the sound of a digest, from the paths of a plan."""

    def sound_of(digest: str) -> Audio:
        """Return the sound whose file has this digest.

        Raises:
            AudioError: where the file is gone, or is another than when it was planned with.
        """
        from musicgen_daw.audio.codecs import decode

        if digest not in guides:
            raise AudioError(f"nothing tells where the sound file {digest[:12]}… is")
        path = _located(guides[digest], folder)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise AudioError(f"can't be read: {error.strerror}", path=path) from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise AudioError("was changed since it was planned with: run it again", path=path)
        return decode(content)

    return sound_of


def _located(path: str, folder: Path) -> Path:
    return folder / Path(path).expanduser()

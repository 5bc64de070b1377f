"""Sounds that guide a generator: a prompt to be continued, a melody to be followed.

A plan names them by the digest of their content, so that a clip's key tells what was heard and
not where it lay. Where they lie is in the plan too, and the generator gets their sound by digest.
A clip that another one goes on from is named by its key, and comes from the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from io import BufferedReader
from pathlib import Path

import numpy as np

from musicgen_daw.audio import Audio
from musicgen_daw.errors import AudioError, StoreError
from musicgen_daw.home import in_home
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.timeline import to_samples

__all__ = ["digest_of", "guide_reader"]


def digest_of(path: str, folder: Path) -> str:
    """Return the sha256 hex digest of a sound file's content; ``path`` counts from ``folder``.

    Raises:
        AudioError: where it can't be read, or is no sound file.
    """
    from musicgen_daw.audio.reading import describe  # slow to load, and few plans need it

    where = _located(path, folder)
    try:
        with _opened(where) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            sound = describe(file)
    except OSError as error:
        raise AudioError(f"can't be read: {error.strerror}", path=where) from None
    except AudioError as error:
        raise AudioError(error.reason, path=where) from None
    if not sound.length_samples:
        raise AudioError("has no sound in it", path=where)
    return digest


def _opened(path: Path) -> BufferedReader:
    if path.exists() and not path.is_file():  # opening a pipe would wait for its writer
        raise AudioError("is no file")
    return path.open("rb")


def guide_reader(
    guides: Mapping[str, str], folder: Path, store: ClipStore
) -> Callable[[str], Audio]:
    """Return what reads the sound of a digest or key: from a plan's paths, or from the store."""

    def sound_of(digest: str) -> Audio:
        """Return the sound whose file has this digest, or the music of the clip of this key.

        Raises:
            AudioError: where it is gone or damaged, or is another than when it was planned with.
        """
        from musicgen_daw.audio.codecs import decode

        if digest not in guides:
            return _music_of(digest, store)
        path = _located(guides[digest], folder)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise AudioError(f"can't be read: {error.strerror}", path=path) from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise AudioError("was changed since it was planned with: run it again", path=path)
        return decode(content)

    return sound_of


def _music_of(key: str, store: ClipStore) -> Audio:
    """Return the mix of a clip as long as it was asked for: what rings on after it is left out."""
    try:
        clip = store.get(key)
        if clip is None:
            raise AudioError(f"nothing tells where the sound {key[:12]}… is")
        stems = list(store.load(clip).values())
        asked = ClipRequest.from_canonical(clip.request)
    except StoreError as error:
        raise AudioError(error.reason, path=error.path) from None
    except ValueError as error:
        raise AudioError(f"the clip's request {error}", path=store.record_path(key)) from None
    end = to_samples(asked.length_s, clip.sample_rate)
    channels = max(stem.channels for stem in stems)
    mix = np.zeros((channels, clip.length_samples), np.float32)
    for stem in stems:
        mix += stem.samples
    return Audio(mix[:, :end], clip.sample_rate)


def _located(path: str, folder: Path) -> Path:
    return folder / in_home(path)

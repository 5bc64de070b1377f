"""The clip store: every clip that was ever generated, under the key of its request.

    blobs/ab/<sha256 of the file>.wav    float32 WAV
    clips/ab/<key of the request>.json   which blobs are the clip's stems, its score, its facts
    clips/ab/<key>.try1.json             what the record was before a better try took its place
    incoming/                            files that are being written

Blobs come first and the record last, so that a record is only ever there with all of its sound.
Any number of processes may share a store.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from musicgen_daw.audio import Audio
from musicgen_daw.errors import Rejected, StoreError
from musicgen_daw.events import Observer, Warned, ignore
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store import records, scores
from musicgen_daw.store.atomic import sweep, write_whole
from musicgen_daw.store.blobs import BlobFolder
from musicgen_daw.store.records import StoredClip, StoredStem, Trial
from musicgen_daw.timeline import Score

__all__ = ["ClipStore", "GeneratedClip", "refuse_unusable"]

ORPHAN_AGE_S = 24 * 3600.0
"""A temporary file that nobody wrote to for a day has no living writer."""

_KEY = re.compile(r"[0-9a-f]{64}")


class GeneratedClip(Protocol):
    """What the store takes from a generator."""

    @property
    def stems(self) -> Mapping[str, Audio]:
        """The stems by name, of one rate and length."""

    @property
    def score(self) -> Score | None:
        """The composition, where the generator tells one."""

    @property
    def understood(self) -> Mapping[str, str]:
        """What the words of the request were understood as."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """The words that were not understood."""

    @property
    def facts(self) -> Mapping[str, str]:
        """Measured or reported values."""


class ClipStore:
    """The clips under one folder, which is made when the first clip is put.

    ``observer`` is warned of records that can't be used.
    """

    def __init__(self, root: Path, observer: Observer = ignore) -> None:
        self.root = root
        self._incoming = root / "incoming"
        self._blobs = BlobFolder(root / "blobs", self._incoming)
        self._observer = observer

    def record_path(self, key: str) -> Path:
        """Return where the record of a clip lies."""
        return self.root / "clips" / key[:2] / f"{key}.json"

    def get(self, key: str) -> StoredClip | None:
        """Return a clip whose record and blobs are there, in their full size.

        A record that is damaged, foreign or without its blobs counts as missing, with a warning.

        Raises:
            StoreError: where the store can't be read.
        """
        if not _KEY.fullmatch(key):
            return None
        path = self.record_path(key)
        with _store_errors(path, "can't be read"):
            try:
                clip = records.decode(key, path.read_bytes())
            except FileNotFoundError:
                return None
            except ValueError as error:
                self._observer(Warned(str(path), f"{error}; the clip counts as missing"))
                return None
            for stem in clip.stems:
                if not self._blobs.has(stem.blob):
                    lost = self._blobs.path_of(stem.blob)
                    self._observer(Warned(str(lost), "is missing or cut short, and so is its clip"))
                    return None
        return clip

    def put(
        self,
        request: ClipRequest,
        clip: GeneratedClip,
        *,
        licence: str = "",
        rings_out: bool = False,
        trial: Trial | None = None,
    ) -> StoredClip:
        """Store a clip; it is durable when this returns.

        ``licence`` and ``rings_out`` are those of the generator, which may have changed, or be
        gone, when the clip is used again. ``trial`` tells what is gravely wrong with the clip.

        Raises:
            Rejected: for a clip that is no usable sound.
            StoreError: where the store can't be written; nothing half-written is left.
        """
        refuse_unusable(clip)
        key = request.key()
        with _store_errors(self.root, "can't be written"):
            stems = [StoredStem(name, self._blobs.add(audio)) for name, audio in clip.stems.items()]
            stored = StoredClip(
                key=key,
                request=request.canonical(),
                stems=tuple(stems),
                understood=dict(clip.understood),
                ignored=clip.ignored,
                facts=dict(clip.facts),
                licence=licence,
                rings_out=rings_out,
                score_json=None if clip.score is None else scores.to_json(clip.score),
                trial=trial,
            )
            write_whole(self.record_path(key), records.encode(stored), scratch=self._incoming)
        return stored

    def tried_again(self, flawed: StoredClip, kept: StoredClip) -> None:
        """Note that a flawed clip was made again, and that ``kept`` is what its key means now.

        ``kept`` has the key and the request of ``flawed``. Where it has another sound, the old
        record stays as ``<key>.try<its try>.json``; at every instant there is one under the key.

        Raises:
            StoreError: where the store can't be written.
        """
        record = self.record_path(flawed.key)
        with _store_errors(record, "can't be written"):
            if kept.stems != flawed.stems and flawed.trial is not None:
                old = record.with_suffix(f".try{flawed.trial.tries}.json")
                write_whole(old, records.encode(flawed), scratch=self._incoming)
            write_whole(record, records.encode(kept), scratch=self._incoming)

    def load(self, clip: StoredClip) -> dict[str, Audio]:
        """Return the stems of a clip by name, checked against their hashes.

        Raises:
            StoreError: where a blob is missing or damaged.
        """
        try:
            with _store_errors(self.root, "can't be read"):
                return {stem.name: self._blobs.load(stem.blob) for stem in clip.stems}
        except StoreError as error:
            remedy = f"remove {self.record_path(clip.key)} to have the clip generated anew"
            raise StoreError(f"{error.reason}; {remedy}", path=error.path) from error

    def check(self, clip: StoredClip) -> list[str]:
        """Re-hash the blobs of a clip and return what is wrong, a line for each fault."""
        with _store_errors(self.root, "can't be read"):
            faults = [(stem, self._blobs.fault_of(stem.blob)) for stem in clip.stems]
        return [
            f"{self._blobs.path_of(stem.blob)}: {fault} (stem {stem.name!r} of clip {clip.key})"
            for stem, fault in faults
            if fault is not None
        ]

    def set_aside_damaged(self, clip: StoredClip) -> list[str]:
        """Re-hash the blobs of a clip; where one is damaged, the clip counts as missing from now.

        Its record becomes ``<key>.damaged``. Returns what is wrong, as ``check`` does.

        Raises:
            StoreError: where the store can't be read or written.
        """
        faults = self.check(clip)
        if faults:
            record = self.record_path(clip.key)
            with _store_errors(record, "can't be set aside"):
                record.replace(record.with_suffix(".damaged"))
        return faults

    def sweep(self, now_s: float, *, age_s: float = ORPHAN_AGE_S) -> list[Path]:
        """Remove the temporary files of killed writers and return their paths.

        ``now_s`` is the time in seconds since the epoch. What was written to within ``age_s``
        may belong to a writer that lives, and stays.
        """
        with _store_errors(self.root, "can't be swept"):
            return sweep(self._incoming, untouched_since_s=now_s - age_s)


def refuse_unusable(clip: GeneratedClip) -> None:
    """Refuse what can never be mixed: no stems, no samples, several lengths or rates, NaN.

    Raises:
        Rejected: naming the stem.
    """
    if not clip.stems:
        raise Rejected("the generator gave a clip without stems")
    first = next(iter(clip.stems.values()))
    for name, audio in clip.stems.items():
        if audio.length_samples == 0:
            raise Rejected(f"the generator gave an empty stem {name!r}")
        if audio.length_samples != first.length_samples or audio.sample_rate != first.sample_rate:
            raise Rejected(
                f"the generator gave stems that don't fit together: {name!r} has "
                f"{audio.length_samples} samples at {audio.sample_rate} Hz, the first one "
                f"{first.length_samples} at {first.sample_rate} Hz"
            )
        # Of NaN both are NaN; nothing as large as the sound is made for this.
        if not (math.isfinite(audio.samples.max()) and math.isfinite(audio.samples.min())):
            raise Rejected(f"the generator gave NaN or infinite values in stem {name!r}")


@contextmanager
def _store_errors(path: Path, failure: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{failure}: {error.strerror or error}; check space and rights, "
            "or choose another store with --store",
            path=error.filename or path,
        ) from error

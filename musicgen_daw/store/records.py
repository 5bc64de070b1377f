"""The record of a clip, in memory and as JSON. It tells no times: the same clip, the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from musicgen_daw.store import scores
from musicgen_daw.store.blobs import Blob
from musicgen_daw.timeline import Score

__all__ = ["RECORD_VERSION", "StoredClip", "StoredStem", "decode", "encode"]

RECORD_VERSION = 1


@dataclass(frozen=True, slots=True)
class StoredStem:
    """One stem of a stored clip."""

    name: str
    blob: Blob


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A clip in the store: everything but the samples.

    ``request`` is the canonical request, whose hash is the ``key``. All stems share the rate and
    the length of the first one. ``score_json`` is read only when somebody asks for ``score``.
    """

    key: str
    request: str
    stems: tuple[StoredStem, ...]
    understood: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    score_json: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def sample_rate(self) -> int:
        """The sample rate of every stem."""
        return self.stems[0].blob.sample_rate

    @property
    def length_samples(self) -> int:
        """The number of samples of every stem."""
        return self.stems[0].blob.length_samples

    @property
    def seconds(self) -> Fraction:
        """The exact length of every stem."""
        return Fraction(self.length_samples, self.sample_rate)

    @property
    def score(self) -> Score | None:
        """The composition, where the generator told one."""
        return None if self.score_json is None else scores.from_json(dict(self.score_json))


def encode(clip: StoredClip) -> bytes:
    """Return the record as JSON."""
    values = {
        "record_version": RECORD_VERSION,
        "request": json.loads(clip.request),
        "stems": [{"name": stem.name, **asdict(stem.blob)} for stem in clip.stems],
        "understood": dict(clip.understood),
        "ignored": list(clip.ignored),
        "facts": dict(clip.facts),
        "score": clip.score_json,
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode(key: str, content: bytes) -> StoredClip:
    """Return the clip of a record.

    Raises:
        ValueError: where the record is damaged, of another version, or of another clip.
    """
    values = json.loads(content)
    try:
        if values["record_version"] != RECORD_VERSION:
            raise ValueError(f"is of version {values['record_version']}, not {RECORD_VERSION}")
        clip = _clip(key, values)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(f"is no record of a clip ({type(error).__name__}: {error})") from error
    if hashlib.sha256(clip.request.encode("ascii")).hexdigest() != key:
        raise ValueError("is the record of another clip, or was changed")
    return clip


def _clip(key: str, values: Mapping[str, Any]) -> StoredClip:
    stems = tuple(
        StoredStem(
            name=stem["name"],
            blob=Blob(
                sha256=stem["sha256"],
                size_bytes=stem["size_bytes"],
                channels=stem["channels"],
                length_samples=stem["length_samples"],
                sample_rate=stem["sample_rate"],
            ),
        )
        for stem in values["stems"]
    )
    if not stems:
        raise ValueError("has no stems")
    return StoredClip(
        key=key,
        # Written the way ClipRequest.canonical() writes it, so that its hash is the key again.
        request=json.dumps(values["request"], sort_keys=True, separators=(",", ":")),
        stems=stems,
        understood=values["understood"],
        ignored=tuple(values["ignored"]),
        facts=values["facts"],
        score_json=values["score"],
    )

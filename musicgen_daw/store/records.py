"""The record of a clip, in memory and as JSON. It tells no times: the same clip, the same bytes."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from musicgen_daw.errors import StoreError
from musicgen_daw.store import scores
from musicgen_daw.store.blobs import Blob
from musicgen_daw.timeline import Score

__all__ = ["RECORD_VERSION", "StoredClip", "StoredStem", "Trial", "decode", "encode"]

RECORD_VERSION = 1

_Read = TypeVar("_Read")

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredStem:
    """One stem of a stored clip."""

    name: str
    blob: Blob


@dataclass(frozen=True, slots=True)
class Trial:
    """How often a clip was made that had a grave flaw at first.

    ``flaws`` are the grave ones that it still has, in words, and ``lacking_s`` the seconds of its
    length without sound. The best of ``tries`` was made with ``seed``.
    """

    flaws: tuple[str, ...]
    lacking_s: float
    tries: int
    seed: int


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A clip in the store: everything but the samples.

    ``request`` is the canonical request, whose hash is the ``key``. All stems share the rate and
    the length of the first one. ``licence`` and ``rings_out`` are those of its generator.
    ``score_json`` is read only when somebody asks for ``score``. ``trial`` is ``None`` for a clip
    that was right at once.
    """

    key: str
    request: str
    stems: tuple[StoredStem, ...]
    understood: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    rings_out: bool = False
    score_json: Mapping[str, Any] | None = field(default=None, repr=False)
    trial: Trial | None = None

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
        """The composition, where the generator told one.

        Raises:
            StoreError: where the record of it is damaged.
        """
        return self._score_read_by(scores.from_json)

    @property
    def entrances(self) -> Mapping[str, float]:
        """The intensity from which on each stem plays, as far as the generator told it.

        Raises:
            StoreError: where the record of it is damaged.
        """
        return self._score_read_by(scores.entrances) or {}

    def _score_read_by(self, read: Callable[[dict[str, Any]], _Read]) -> _Read | None:
        if self.score_json is None:
            return None
        try:
            return read(dict(self.score_json))
        except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise StoreError(f"the score of clip {self.key} in the store is damaged") from error


def encode(clip: StoredClip) -> bytes:
    """Return the record as JSON."""
    values = {
        "record_version": RECORD_VERSION,
        "request": json.loads(clip.request),
        "stems": [{"name": stem.name, **asdict(stem.blob)} for stem in clip.stems],
        "understood": dict(clip.understood),
        "ignored": list(clip.ignored),
        "facts": dict(clip.facts),
        "licence": clip.licence,
        "rings_out": clip.rings_out,
        "score": clip.score_json,
    }
    if clip.trial is not None:
        values["trial"] = asdict(clip.trial)
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode(key: str, content: bytes) -> StoredClip:
    """Return the clip of a record.

    Raises:
        ValueError: where the record is damaged, of another version, or of another clip.
    """
    try:
        values = json.loads(content)
        version = values["record_version"]
        clip = _clip(key, values) if version == RECORD_VERSION else None
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise ValueError("is no record of a clip") from error
    if clip is None:
        raise ValueError(f"is of version {version}, not {RECORD_VERSION}")
    if hashlib.sha256(clip.request.encode("ascii")).hexdigest() != key:
        raise ValueError("is the record of another clip, or was changed")
    return clip


def _clip(key: str, values: Mapping[str, Any]) -> StoredClip:
    stems = tuple(_stem(stem) for stem in values["stems"])
    score = values["score"]
    if not stems or not (score is None or isinstance(score, dict)):
        raise ValueError("has no stems, or a score that is none")
    return StoredClip(
        key=key,
        # Written the way ClipRequest.canonical() writes it, so that its hash is the key again.
        request=json.dumps(values["request"], sort_keys=True, separators=(",", ":")),
        stems=stems,
        understood=_words(values["understood"]),
        ignored=tuple(_text(word) for word in values["ignored"]),
        facts=_words(values["facts"]),
        licence=_text(values["licence"]),
        rings_out=values["rings_out"] is True,
        score_json=score,
        trial=_trial(values.get("trial")),
    )


def _trial(values: Any) -> Trial | None:
    if values is None:
        return None
    lacking_s, seed = values["lacking_s"], values["seed"]
    if type(lacking_s) not in (int, float) or not 0 <= lacking_s < math.inf:
        raise TypeError("is no number of seconds")
    if type(seed) is not int:
        raise TypeError("is no seed")
    flaws = tuple(_text(flaw) for flaw in values["flaws"])
    return Trial(flaws, float(lacking_s), _positive(values["tries"]), seed)


def _stem(values: Mapping[str, Any]) -> StoredStem:
    sha256 = _text(values["sha256"])
    if not _SHA256.fullmatch(sha256):
        raise ValueError("a stem names no blob")
    sizes = {
        name: _positive(values[name])
        for name in ("size_bytes", "channels", "length_samples", "sample_rate")
    }
    return StoredStem(_text(values["name"]), Blob(sha256, **sizes))


def _words(values: Any) -> dict[str, str]:
    if not isinstance(values, dict):
        raise TypeError("is no table of words")
    return {_text(name): _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("is no text")
    return value


def _positive(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TypeError("is no positive whole number")
    return value

"""The request for one clip, and its key: the identity under which audio is kept for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from operator import ge
from types import MappingProxyType
from typing import Any

from musicgen_daw.planning import canonical
from musicgen_daw.planning.price import FREE, Price
from musicgen_daw.timeline import MODES, Hit, IntensityLane, Meter, TempoMap

__all__ = ["FORMAT_VERSION", "Capabilities", "Choice", "ClipRequest", "Generator"]

FORMAT_VERSION = 1
"""Raised when the meaning of a request changes, so that no old clip answers a new request."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a generator can do and costs, as data; no code asks for a generator by its name.

    ``max_s`` is the longest clip in seconds, ``None`` without limit. ``window_s`` is how much of
    it is made in one go, ``None`` for all: a longer clip is made in parts that are cut on bar
    lines, so that its request tells the tempo. ``native_rate`` is the sample
    rate of its clips, ``None`` where a clip tells. ``paid`` says that a clip costs money, about
    ``price``. ``rings_out`` says that what follows a clip's length is the ring of its last notes,
    so that a loop's tail is added to its head; elsewhere a seam is crossfaded. ``obeys_tempo`` says
    that it follows the timeline: bars, hits, intensity, style, theme and ending.
    ``obeys_prompt_changes`` says that the prompt may change on the way. ``obeys_sampling``
    says that a request can choose how it samples: by which model, at what precision, with what
    guidance, temperature and the like. ``obeys_negative`` says that it can be told what not to
    make. ``soundfont`` says that one can play what it writes. ``stretches`` says that it brings
    what it goes on from to a clip's tempo. What a generator doesn't obey is left out of its
    requests, so that a change there makes and buys nothing anew. ``styles`` are the names that it
    knows a style by, empty where nobody can tell. ``is_trained`` says that it has learned from
    other music, rather than follow rules.
    """

    max_s: Fraction | None = None
    window_s: Fraction | None = None
    native_rate: int | None = None
    stems: tuple[str, ...] = ("mix",)
    obeys_tempo: bool = False
    obeys_key: bool = False
    obeys_prompt_changes: bool = False
    obeys_sampling: bool = False
    obeys_negative: bool = True
    audio_prompt: bool = False
    stretches: bool = False
    melody: bool = False
    soundfont: bool = False
    rings_out: bool = False
    min_seed: int = 0
    max_seed: int = 2**31 - 1
    paid: bool = False
    price: Price = FREE
    licence: str = ""
    styles: Collection[str] = ()
    is_trained: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of a generator's models is wanted, as the user names it; in which numeric mode, and on
    which device. ``batch`` is how many clips it may make at once, which bounds its memory and
    changes no sound. ``soundfont`` is the path of a SoundFont that plays a generator's scores. What
    says nothing is left to the generator.
    """

    model: str | None = None
    precision: str | None = None
    device: str | None = None
    batch: int | None = None
    soundfont: str | None = None


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator as planning sees it: its name, the version of its sound, what it can do.

    The ``revision`` tells the model, the mode and the device apart where there are several.
    """

    name: str
    revision: str
    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """All that decides how one clip sounds; times count from the start of the clip.

    ``audio_prompt`` and ``melody`` are sha256 hex digests of the files' content. ``revision`` is
    the generator's own version (of its code or weights), and tells which model a plan chose.
    ``model`` and ``precision`` are for callers that ask a generator for them without a plan.
    ``prompt_changes`` are the prompts that follow the first one, each with the second from which
    it rules, in order. ``continues`` is the key of a clip from whose end this one goes on: its last
    ``continues_less_s`` seconds are not heard, and the rest ``continues_stretch`` times as long.
    ``guide`` is the count-in that the generator hears before the clip, of the tempo map and key.
    ``fit_hits_percent`` is how far the tempo of the bars around a hit may be moved to bring it onto
    a beat. ``leader`` is the request of music whose key and tempo this one has where it is told no
    other, at its end or ``leader_s`` into it; with the ``transition`` ``continue`` it goes on with
    that one's groove, too. ``kin_seed`` is the seed of the first take, of which a composer's other
    takes are siblings. ``players`` are the words of a layer, which tell a composer who plays of
    what the prompt asks for. ``mode`` is that of a leader's key, where one named by a cue between
    takes the place of its own.
    """

    backend: str
    revision: str
    prompt: str
    length_s: Fraction
    seed: int
    negative: str = ""
    tail_s: Fraction = Fraction(0)
    tempo_map: TempoMap | None = None
    meter: Meter | None = None
    key_signature: str | None = None
    hits: tuple[Hit, ...] = ()
    intensity: IntensityLane | None = None
    style: str | None = None
    end: str = "ring"
    theme: str = ""
    theme_seed: int = 0
    audio_prompt: str | None = None
    melody: str | None = None
    model: str | None = None
    precision: str = ""
    guidance: float = 3.0
    temperature: float = 1.0
    top_k: int = 250
    top_p: float = 0.0
    prompt_changes: tuple[tuple[Fraction, str], ...] = ()
    continues: str | None = None
    continues_less_s: Fraction = Fraction(0)
    continues_stretch: Fraction = Fraction(1)
    guide: str | None = None
    fit_hits_percent: float = 0.0
    leader: ClipRequest | None = None
    transition: str | None = None
    kin_seed: int | None = None
    players: str | None = None
    leader_s: Fraction | None = None
    mode: str | None = None
    # A request is asked for its key at every step of its way.
    _canonical: str = field(default="", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.length_s <= 0:
            raise ValueError("a clip needs a positive length")
        times = [Fraction(0), *(at_s for at_s, _ in self.prompt_changes), self.length_s]
        if any(map(ge, times, times[1:])):
            raise ValueError("the prompt of a clip changes inside it, and in order")
        if self.continues_less_s < 0 or self.continues_stretch <= 0:
            raise ValueError("the end of a clip is heard before its end, at a positive length")
        if self.leader is not None and self.leader.leader is not None:
            raise ValueError("a leader follows no other")
        if self.mode is not None and self.mode not in MODES:
            raise ValueError(f"there is no mode {self.mode!r}")

    def canonical(self) -> str:
        """Return the request as JSON that is the same for the same request everywhere."""
        if not self._canonical:
            values = {name: getattr(self, name) for name in _FIELDS}
            for name, nothing in _LATER_FIELDS.items():
                if values[name] == nothing:
                    del values[name]
            if self.leader is not None:
                values["leader"] = self.leader.canonical()
            values["format_version"] = FORMAT_VERSION
            object.__setattr__(self, "_canonical", canonical.encode(values))
        return self._canonical

    @classmethod
    def from_canonical(cls, text: str) -> ClipRequest:
        """Return the request of which ``canonical`` made a text, so that its key is the same.

        Hits come without their names, which the key doesn't count.

        Raises:
            ValueError: for any other text, and for one of another format version.
        """
        values = canonical.decode(text)
        version = values.pop("format_version", None)
        if version != FORMAT_VERSION:
            raise ValueError(f"is no request of format {FORMAT_VERSION}")
        if not set(_FIELDS) - set(_LATER_FIELDS) <= set(values) <= set(_FIELDS):
            raise ValueError("has other fields than a request")
        request = cls(**{name: _READERS[name](value) for name, value in values.items()})
        # So that nothing was read with another meaning, such as a fraction that is not reduced.
        if request.canonical() != text:
            raise ValueError("is not written as a canonical request is")
        return request

    def key(self) -> str:
        """Return the sha256 hex digest of the canonical request."""
        return hashlib.sha256(self.canonical().encode("ascii")).hexdigest()


_FIELDS = tuple(told.name for told in fields(ClipRequest) if told.init)

_LATER_FIELDS: Mapping[str, object] = MappingProxyType(
    {
        "prompt_changes": (),
        "continues": None,
        "continues_less_s": Fraction(0),
        "continues_stretch": Fraction(1),
        "guide": None,
        "fit_hits_percent": 0.0,
        "leader": None,
        "transition": None,
        "kin_seed": None,
        "players": None,
        "leader_s": None,
        "mode": None,
    }
)
"""Fields that requests did not always have, and what says nothing there: it is left out of the
canonical text, so that the clips of before keep their keys.
"""

_READERS: Mapping[str, Callable[[object], Any]] = MappingProxyType(
    {
        "backend": canonical.read_text,
        "revision": canonical.read_text,
        "prompt": canonical.read_text,
        "length_s": canonical.read_fraction,
        "seed": canonical.read_whole,
        "negative": canonical.read_text,
        "tail_s": canonical.read_fraction,
        "tempo_map": canonical.optional(canonical.read_tempo_map),
        "meter": canonical.optional(canonical.read_meter),
        "key_signature": canonical.optional(canonical.read_text),
        "hits": canonical.read_hits,
        "intensity": canonical.optional(canonical.read_intensity),
        "style": canonical.optional(canonical.read_text),
        "end": canonical.read_text,
        "theme": canonical.read_text,
        "theme_seed": canonical.read_whole,
        "audio_prompt": canonical.optional(canonical.read_text),
        "melody": canonical.optional(canonical.read_text),
        "model": canonical.optional(canonical.read_text),
        "precision": canonical.read_text,
        "guidance": canonical.read_number,
        "temperature": canonical.read_number,
        "top_k": canonical.read_whole,
        "top_p": canonical.read_number,
        "prompt_changes": canonical.read_changes,
        "continues": canonical.optional(canonical.read_text),
        "continues_less_s": canonical.read_fraction,
        "continues_stretch": canonical.read_fraction,
        "guide": canonical.optional(canonical.read_text),
        "fit_hits_percent": canonical.read_number,
        "leader": canonical.optional(
            lambda value: ClipRequest.from_canonical(canonical.read_text(value))
        ),
        "transition": canonical.optional(canonical.read_text),
        "kin_seed": canonical.optional(canonical.read_whole),
        "players": canonical.optional(canonical.read_text),
        "leader_s": canonical.optional(canonical.read_fraction),
        "mode": canonical.optional(canonical.read_text),
    }
)
"""How each field is read back."""

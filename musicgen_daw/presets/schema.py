"""What a preset says: frozen values that check themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from musicgen_daw.errors import did_you_mean
from musicgen_daw.presets.chain import Send, Step, chain_files, check_level
from musicgen_daw.presets.prompt import Template
from musicgen_daw.settings import LUFS_RANGE, TAKES_RANGE
from musicgen_daw.timeline import IntensityLane, Meter, check_meter, parse_key, us_per_beat

__all__ = [
    "ALIGNMENTS",
    "CHECKS",
    "CONFORMING",
    "ENDINGS",
    "FITS",
    "GUIDES",
    "NORMALISING",
    "Generation",
    "Master",
    "Preset",
    "StemMix",
    "Words",
    "master_files",
]

ENDINGS = ("button", "ring", "fade", "cut", "loop")
"""How a cue may end: a short last chord, one that rings out, a fade, a cut, or a seamless loop."""

CONFORMING = ("none", "stretch")
"""How a clip that hears no tempo gets the sheet's."""

ALIGNMENTS = ("none", "downbeat")
"""What of a clip that hears no tempo is moved onto the sheet's bar lines."""

GUIDES = ("none", "clicks", "chords")
"""What a generator that goes on from sound may hear before a clip: its tempo, and its key."""

CHECKS = ("none", "tempo", "key", "both")
"""What of a clip is listened to, so that one that misses it is made again."""

FITS = ("trim", "bars", "loop", "stretch")
"""How a clip that is not as long as asked gets its length."""

NORMALISING = ("cue", "stem", "sheet")
"""What gets the wanted loudness: each cue's mix, each stem, or all cues of a sheet together."""

LONGEST_FADE_MS = 600_000.0
LONGEST_TAIL_S = 600.0
MOST_STRETCH_PERCENT = 8.0
MOST_BENDING_PERCENT = 15.0

# A stem's name becomes a part of a file's name, so it keeps to what every system can store.
_STEM_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _-]{0,38}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Generation:
    """How a clip is generated; ``None`` leaves the choice to the cue, the sheet or the generator.

    ``audio_prompt`` and ``melody`` are paths of sound files, ``soundfont`` that of a SoundFont with
    which the built-in composer's scores are played. Where there is no audio prompt,
    ``guide`` is a count-in that stands in its place, one of ``GUIDES``. ``check`` is
    what a clip has to hit, one of ``CHECKS``. ``guidance``, ``temperature``, ``top_k`` and
    ``top_p`` are the settings of generators that sample.
    ``fit_hits_percent`` is how far a generator that follows the tempo may move it in the bars
    around a hit that lies off the beat; 0 leaves the tempo as it is, and the accent stands free.

    Raises:
        ValueError: for a value that is out of range.
    """

    backend: str | None = None
    model: str | None = None
    takes: int | None = None
    bpm: float | None = None
    key: str | None = None
    meter: Meter | None = None
    style: str | None = None
    intensity: IntensityLane | None = None
    guidance: float = 3.0
    temperature: float = 1.0
    top_k: int = 250
    top_p: float = 0.0
    audio_prompt: str | None = None
    melody: str | None = None
    soundfont: str | None = None
    guide: str = "none"
    check: str = "none"
    fit_hits_percent: float = 0.0

    def __post_init__(self) -> None:
        for name in ("backend", "model", "key", "style", "audio_prompt", "melody", "soundfont"):
            value = getattr(self, name)
            if value is not None and not value.strip():
                raise ValueError(f"{name} is empty: leave it out instead")
        if self.takes is not None:
            _check_range("takes", self.takes, *TAKES_RANGE)
        if self.bpm is not None:
            _check_bpm(self.bpm)
        if self.key is not None:
            parse_key(self.key)
        if self.meter is not None:
            _check_meter(self.meter)
        _check_choice("guide", self.guide, GUIDES)
        _check_choice("check", self.check, CHECKS)
        _check_range("guidance", self.guidance, 0, 100)
        _check_range("temperature", self.temperature, 0, 10)
        _check_range("top_k", self.top_k, 0, 2048)
        _check_range("top_p", self.top_p, 0, 1)
        _check_range("fit_hits_percent", self.fit_hits_percent, 0, MOST_BENDING_PERCENT)


@dataclass(frozen=True, slots=True)
class StemMix:
    """How one stem goes into the mix; ``sends`` are its own levels of the sends it names."""

    gain_db: float = 0.0
    mute: bool = False
    sends: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_level("gain_db", self.gain_db)
        for name, level_db in self.sends.items():
            check_level(f"send {name}", level_db)


@dataclass(frozen=True, slots=True)
class Master:
    """How a cue is mastered. ``lufs`` is the integrated loudness of the cue's mix.

    Or that of each of its stems, or of the whole sheet, whose cues then keep their levels to each
    other, as ``normalise`` says.

    ``max_momentary_lufs`` and ``max_short_term_lufs`` hold its gain back, ``lra_max`` is only
    watched; ``None`` limits nothing.

    Clips of generators that follow no tempo are fitted to the sheet's where it is asked:
    ``trim_head`` takes away the head up to ``head_threshold_db`` below the clip's peak,
    ``conform`` brings its tempo to the sheet's if it is off by no more than
    ``conform_max_percent``, ``align`` moves its downbeat onto a bar line. ``fit`` tells what is
    done about its length: what is too long is cut, what is too short followed by silence
    (``trim``) or played again (``loop``); or it ends on the last bar line before its end, fading
    (``bars``); or it is made longer or shorter by no more than ``fit_max_percent`` (``stretch``).

    Raises:
        ValueError: for a value that is out of range or none of its choices, and for two that
            contradict each other.
    """

    lufs: float = -18.0
    ceiling_dbtp: float = -1.0
    fade_in_ms: float = 0.0
    fade_out_ms: float = 0.0
    end: str = "ring"
    tail_s: float = 0.0
    chain: tuple[Step, ...] = ()
    sends: tuple[Send, ...] = ()
    max_momentary_lufs: float | None = None
    max_short_term_lufs: float | None = None
    lra_max: float | None = None
    trim_head: bool = False
    head_threshold_db: float = -50.0
    conform: str = "none"
    conform_max_percent: float = 3.0
    align: str = "none"
    fit: str = "trim"
    fit_max_percent: float = 3.0
    normalise: str = "cue"

    def __post_init__(self) -> None:
        _check_range("lufs", self.lufs, *LUFS_RANGE)
        _check_range("ceiling_dbtp", self.ceiling_dbtp, -40, 0)
        _check_range("fade_in_ms", self.fade_in_ms, 0, LONGEST_FADE_MS)
        _check_range("fade_out_ms", self.fade_out_ms, 0, LONGEST_FADE_MS)
        _check_range("tail_s", self.tail_s, 0, LONGEST_TAIL_S)
        for name in ("max_momentary_lufs", "max_short_term_lufs"):
            if (limit := getattr(self, name)) is not None:
                _check_range(name, limit, *LUFS_RANGE)
        if self.lra_max is not None:
            _check_range("lra_max", self.lra_max, 0, 70)
        _check_range("head_threshold_db", self.head_threshold_db, -120, -6)
        _check_range("conform_max_percent", self.conform_max_percent, 0, MOST_STRETCH_PERCENT)
        _check_range("fit_max_percent", self.fit_max_percent, 0, MOST_STRETCH_PERCENT)
        names = [send.name for send in self.sends]
        if len(set(names)) < len(names):
            raise ValueError("two sends have the same name")
        _check_choice("end", self.end, ENDINGS)
        _check_choice("conform", self.conform, CONFORMING)
        _check_choice("align", self.align, ALIGNMENTS)
        _check_choice("fit", self.fit, FITS)
        if self.fit == self.conform:
            raise ValueError(
                "fit = 'stretch' would take a clip out of the tempo that conform = 'stretch' gives "
                "it: use fit = 'loop'"
            )
        if self.fit == "stretch" and self.align == "downbeat":
            raise ValueError(
                "fit = 'stretch' would take the bars off the sheet's again that align = 'downbeat' "
                "moves onto them: use fit = 'loop' or 'bars'"
            )
        _check_choice("normalise", self.normalise, NORMALISING)


def master_files(master: Master) -> Iterator[str]:
    """Yield the paths of all files that mastering is made of: plug-ins and their states."""
    yield from chain_files(master.chain)
    for send in master.sends:
        yield from chain_files(send.chain)


@dataclass(frozen=True, slots=True)
class Words:
    """What a generator is told. ``layers`` maps each layer to its own prompt."""

    prompt: str
    negative: str
    layers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Preset:
    """A named way to make music: words, generation, layers, stems, mastering.

    ``said`` holds the dotted keys of ``generation`` and ``master`` that the preset really says
    (``master.lufs``), though it may say a default; what it leaves open, a sheet may decide.
    Values that differ from their default are always said. ``path`` is its file, for messages.

    Raises:
        ValueError: for a template with an unknown field, or a layer or stem with a name that is
            no part of a file's name.
    """

    name: str
    title: str = ""
    description: str = ""
    prompt: str = "{prompt}"
    negative: str = ""
    generation: Generation = field(default_factory=Generation)
    layers: Mapping[str, str] = field(default_factory=dict)
    stems: Mapping[str, StemMix] = field(default_factory=dict)
    master: Master = field(default_factory=Master)
    said: frozenset[str] = frozenset()
    path: object = field(default=None, repr=False, compare=False)
    _prompt: Template = field(init=False, repr=False, compare=False)
    _negative: Template = field(init=False, repr=False, compare=False)
    _layers: Mapping[str, Template] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in (*self.layers, *self.stems):
            if _STEM_NAME.fullmatch(name) is None:
                raise ValueError(
                    f"{name!r} can't name a stem: use up to 40 letters, digits, spaces, - and _"
                )
        if any(name.casefold() == "mix" for name in self.layers):
            raise ValueError("a layer can't be called 'mix': that is the sum of all stems")
        if len({name.casefold() for name in self.layers}) < len(self.layers):
            raise ValueError("two layers differ only in upper and lower case")
        differing = _differing("generation", self.generation) | _differing("master", self.master)
        prompt = Template.parse(self.prompt)
        if "prompt" not in prompt.fields:  # a template without it would lose what the cue says
            prompt = Template.parse("{prompt}, " + self.prompt)
        layers = {name: Template.parse(text) for name, text in self.layers.items()}
        set_field = object.__setattr__  # the only way to derive fields of a frozen dataclass
        set_field(self, "said", self.said | differing)
        set_field(self, "_prompt", prompt)
        set_field(self, "_negative", Template.parse(self.negative))
        set_field(self, "_layers", layers)

    def words(self, values: Mapping[str, str], fallback: str, mood: str = "") -> Words:
        """Return the templates with the values of a cue filled in.

        In a layer's template ``{prompt}`` is the whole prompt of the preset.

        Args:
            values: The values of ``PROMPT_FIELDS``; what is missing drops its clause.
            fallback: The prompt where nothing else is left of it.
            mood: Words that end a prompt whose template does not ask for the intensity.
        """
        prompt = _ending_in(mood, self._prompt, self._prompt.fill(values) or fallback)
        of_layers = {**values, "prompt": prompt}
        return Words(
            prompt,
            self._negative.fill(values),
            {
                name: _ending_in(mood, text, filled) if (filled := text.fill(of_layers)) else prompt
                for name, text in self._layers.items()
            },
        )


def _ending_in(mood: str, template: Template, filled: str) -> str:
    """Add the mood to a prompt, unless its template has a place for it or for the whole prompt."""
    has_place = "intensity" in template.fields
    return filled if has_place or not mood or mood in filled else f"{filled}, {mood}"


def _differing(table: str, values: Generation | Master) -> frozenset[str]:
    """Return the dotted keys of the values that are not their default."""
    return frozenset(
        f"{table}.{f.name}" for f in fields(values) if getattr(values, f.name) != f.default
    )


def _check_range(name: str, value: float, low: float, high: float) -> None:
    # Written so that NaN fails too.
    if not low <= value <= high:
        raise ValueError(f"{name} = {value:g} must lie between {low:g} and {high:g}")


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        nearest = did_you_mean(value, choices)
        raise ValueError(f"{name} = {value!r} is none of {', '.join(choices)}{nearest}")


def _check_bpm(bpm: float) -> None:
    if not 0 < bpm < 1000:
        raise ValueError(f"bpm = {bpm:g} must lie above 0 and below 1000")
    us_per_beat(bpm)


def _check_meter(meter: Meter) -> None:
    try:
        check_meter(meter)
    except ValueError as error:
        raise ValueError(f"meter = {meter} is no meter: {error}") from None

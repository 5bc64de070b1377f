"""Words → brief: what a prompt asks for, what was understood of it and what was ignored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isclose

from musicgen_daw.errors import PlanError, did_you_mean
from musicgen_daw.sketch.key_words import KEY_PATTERNS, named_key
from musicgen_daw.sketch.lexicon import LEXICON
from musicgen_daw.sketch.phrases import NEGATION, phrases_of
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.sense import Sense
from musicgen_daw.sketch.styles import DEFAULT_STYLE, STYLES
from musicgen_daw.timeline import GROUPED_METER, Meter, TempoMap, parse_meter

__all__ = ["Brief", "understand"]


@dataclass(frozen=True, slots=True)
class Brief:
    """What is to be composed, as far as it was said; ``None`` leaves the choice to the composer.

    ``tempo`` runs from -2 (slow for the style) to 2, ``intensity`` from 0 to 1; ``arc`` holds
    offsets from it over the cue. ``wanted``, ``unwanted`` and ``solo`` are families of
    instruments. ``understood`` maps phrases to their meaning, ``ignored`` are words without one.
    """

    style: str
    bpm: float | None = None
    tonic: int | None = None
    mode: str | None = None
    meter: Meter | None = None
    tempo: float = 0.0
    intensity: float | None = None
    arc: tuple[float, ...] | None = None
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    solo: str | None = None
    understood: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def understand(
    prompt: str,
    negative: str = "",
    *,
    style: str | None = None,
    key: str | None = None,
    meter: Meter | None = None,
    tempo_map: TempoMap | None = None,
) -> Brief:
    """Read a prompt and what is not wanted; ``style``, ``key`` and ``meter`` beat the words.

    A number that another one or ``tempo_map`` beats is told as overruled.

    Raises:
        PlanError: for a style or key that does not exist.
    """
    said = _Reading()
    said.read(prompt, negated=False)
    said.read(negative, negated=True)
    tonic, mode = said.tonic, said.mode()
    if key is not None:
        asked = Scale.parse(key)
        tonic, mode = asked.tonic, asked.mode
        said.settle("key", f"key {asked}", agrees=said.agrees(tonic, mode))
    if meter is not None and said.meter is not None and meter[:2] != said.meter[:2]:
        said.settle("meter", f"meter {meter}")
    if tempo_map is not None:
        said.overrule_by(tempo_map)
    return Brief(
        style=said.style() if style is None else _named_style(style),
        bpm=said.bpm,
        tonic=tonic,
        mode=mode,
        meter=meter or said.meter or next((s.meter for s in said.senses if s.meter), None),
        tempo=max(-2.0, min(2.0, sum(sense.tempo for sense in said.senses))),
        intensity=_mean([s.intensity for s in said.senses if s.intensity is not None]),
        arc=next((sense.arc for sense in said.senses if sense.arc), None),
        wanted=tuple(dict.fromkeys(w for s in said.senses for w in s.wanted)),
        unwanted=tuple(dict.fromkeys(said.unwanted)),
        solo=next((sense.solo for sense in said.senses if sense.solo), None),
        understood=said.understood,
        ignored=tuple(dict.fromkeys(said.ignored)),
    )


def _named_style(name: str) -> str:
    """Return the style of a name, or of a genre's word in the lexicon."""
    plain = name.strip().lower()
    sense = LEXICON.get(plain)
    if plain in STYLES:
        return plain
    if sense is not None and sense.style is not None:
        return sense.style
    raise PlanError(f"unknown style {name!r}{did_you_mean(plain, STYLES)}: use one of "
                    + ", ".join(STYLES))  # fmt: skip


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


_BPM = re.compile(
    r"(?:(?P<low>\d{2,3}(?:\.\d+)?)\s*(?:-|–|to)\s*)?(?P<bpm>\d{1,3}(?:\.\d+)?)"
    r"\s*-?(?:bpm|beats (?:per|a) minute)\b"
    r"|(?:♩|\b(?:tempo|bpm))(?:\s*(?:of|at|is|:|=))?\s*(?P<named>\d{2,3}(?:\.\d+)?)\b",
    re.IGNORECASE,
)
_METER = re.compile(
    r"(?<![\d/+])(?P<numerator>\d{1,2})/(?P<denominator>2|4|8|16)(?![\d/])(?: time)?"
)
_OVERRULED = " (overruled)"
_PLAIN = ("major", "minor")
_INSTEAD = {"major": "minor", "minor": "major", "dorian": "minor", "phrygian": "minor",
            "lydian": "major", "mixolydian": "major", "locrian": "minor"}  # fmt: skip
"""The mode that is meant where one is refused."""


class _Reading:
    """The words read so far; later words add to earlier ones."""

    def __init__(self) -> None:
        self.senses: list[Sense] = []
        self.against: list[Sense] = []
        self.unwanted: list[str] = []
        self.understood: dict[str, str] = {}
        self.ignored: list[str] = []
        self.bpm: float | None = None
        self.tonic: int | None = None
        self.meter: Meter | None = None
        self.key_mode: str | None = None
        self._turned: list[str] = []
        self._ruling: dict[str, str] = {}

    def read(self, text: str, *, negated: bool) -> None:
        """Read a text; ``negated`` where all of it names what is not wanted."""
        rest = text if negated else self._numbers(text)
        for phrase, sense, is_negated in phrases_of(rest, negated=negated):
            if sense is None:
                self.ignored.append(phrase)
            elif is_negated:
                self._refuse(phrase, sense)
            elif sense.sung:
                # It has no singers: a wish for them is told as ignored.
                self.ignored.append(phrase)
            else:
                self.senses.append(sense)
                self.unwanted += sense.unwanted
                self.understood[phrase] = str(sense)

    def settle(
        self, what: str, meaning: str, phrase: str | None = None, *, agrees: bool = False
    ) -> None:
        """Take down what rules from now on; what was said before with another meaning doesn't."""
        before = self._ruling.get(what)
        if before is not None and not agrees and self.understood[before] != meaning:
            self.understood[before] += _OVERRULED
            del self._ruling[what]
        if phrase is not None:
            self._ruling[what] = phrase
            self.understood[phrase] = meaning

    def agrees(self, tonic: int, mode: str | None) -> bool:
        """Tell whether a key says the same as the words so far, or less, or more."""
        return self.tonic == tonic and (None in (mode, self.key_mode) or self.key_mode == mode)

    def overrule_by(self, tempo_map: TempoMap) -> None:
        """Let tempo and meter that the timeline doesn't have be overruled by it."""
        tempos = [float(tempo.bpm) for tempo in tempo_map.tempos]
        if self.bpm is not None and not any(isclose(self.bpm, bpm, rel_tol=1e-3) for bpm in tempos):
            self.settle("tempo", "")
        if self.meter is not None and self.meter[:2] not in [
            meter.meter[:2] for meter in tempo_map.meters
        ]:
            self.settle("meter", "")

    def style(self) -> str:
        """Return the style that most of the words speak for, the first of equals."""
        votes: dict[str, float] = {}
        for sense in self.senses:
            if sense.style:
                votes[sense.style] = votes.get(sense.style, 0.0) + sense.weight
        for sense in self.against:
            if sense.style in votes:
                votes[sense.style] -= 2 * sense.weight
        best = max(votes, key=lambda style: votes[style], default=None)
        return best if best is not None and votes[best] > 0 else self._style_of_instruments()

    def mode(self) -> str | None:
        """Return the mode: of the key if it tells one, else by name, else as a mood suggests."""
        named = [sense.mode for sense in self.senses if sense.mode and sense.named]
        named.sort(key=lambda mode: mode in _PLAIN)  # "minor, dorian" is dorian
        moods = [sense.mode for sense in self.senses if sense.mode and not sense.named]
        refused = {sense.mode for sense in self.against if sense.named}
        left = (mode for mode in (*named, *moods, *self._turned) if mode not in refused)
        return self.key_mode or next(left, None)

    def _style_of_instruments(self) -> str:
        """Return the style that the instruments alone suggest."""
        named = {family for sense in self.senses for family in (*sense.wanted, sense.solo)}
        refused = {sense.style for sense in self.against}
        for families, style in (
            ({"chip"}, "chiptune"),
            ({"electric-piano"}, "lofi"),
            ({"brass", "drums"}, "action-hybrid"),
            ({"piano", "harp", "guitar", "bells"}, "emotional-piano"),
            ({"pads", "drone"}, "ambient-drone"),
        ):
            if families & named and style not in refused:
                return style
        return next(s for s in (DEFAULT_STYLE, *STYLES) if s not in refused)

    def _refuse(self, phrase: str, sense: Sense) -> None:
        """Turn a meaning round: unwanted instruments, styles and moods."""
        families = (*sense.wanted, *((sense.solo,) if sense.solo else ()))
        self.unwanted += families
        self.against.append(sense)
        if sense.tempo or sense.intensity is not None:
            flipped = None if sense.intensity is None else 1 - sense.intensity
            self.senses.append(Sense(tempo=-sense.tempo, intensity=flipped))
        if sense.mode and (sense.named or (sense.mode in _PLAIN and not sense.style)):
            self._turned.append(_INSTEAD[sense.mode])
        meaning = "without " + ", ".join(families) if families else f"not {sense}"
        self.understood[f"no {phrase}"] = meaning

    def _numbers(self, text: str) -> str:
        """Take tempo, meter and key out of a text and return the rest."""
        for pattern, take in (
            (_BPM, self._take_bpm),
            (GROUPED_METER, self._take_grouped_meter),
            (_METER, self._take_meter),
            *((pattern, self._take_key) for pattern in KEY_PATTERNS),
        ):
            for match in pattern.finditer(text):
                if NEGATION.search(text[: match.start()]):
                    # "not A minor" says nothing of minor keys, "not a minor key" does.
                    if pattern not in KEY_PATTERNS or named_key(match) is None:
                        continue
                    self.ignored.append(match[0])
                elif not take(match):
                    continue
                text = text[: match.start()] + "\n" * len(match[0]) + text[match.end() :]
        return text

    def _take_bpm(self, match: re.Match[str]) -> bool:
        bpm = float(match["bpm"] or match["named"])
        if match["low"] and float(match["low"]) < bpm:
            bpm = (float(match["low"]) + bpm) / 2
        if not 20 <= bpm <= 400:
            return False
        self.bpm = bpm
        self.settle("tempo", f"tempo {bpm:g} bpm", match[0].strip())
        return True

    def _take_grouped_meter(self, match: re.Match[str]) -> bool:
        try:
            self.meter = parse_meter(match[0])
        except ValueError as error:
            self.ignored.append(str(error))
            if plain := _METER.match(match[0]):
                self._take_meter(plain)
            return True
        self.settle("meter", f"meter {self.meter}", match[0])
        return True

    def _take_meter(self, match: re.Match[str]) -> bool:
        if not 1 <= int(match["numerator"]) <= 32:
            return False
        self.meter = Meter(int(match["numerator"]), int(match["denominator"]))
        self.settle("meter", f"meter {self.meter}", match[0].strip())
        return True

    def _take_key(self, match: re.Match[str]) -> bool:
        key = named_key(match)
        if key is None:
            return False
        tonic, mode = key
        agrees, self.tonic = self.agrees(tonic, mode), tonic
        if mode is not None:
            self.key_mode = mode
        told = str(Scale(tonic, mode or "major"))
        meaning = f"key {told}" if mode else f"tonic {told.removesuffix(' major')}"
        self.settle("key", meaning, match[0].strip(), agrees=agrees)
        return True

"""The chords of a cue: progressions over phrases, cadences at their ends, changes on hits."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.sketch.chords import Chord, diatonic, parse_chord
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import Form, Measure, Phrase
from musicgen_daw.sketch.rhythm import divided
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles.pack import Harmony, StylePack
from musicgen_daw.sketch.tonality import clarity

__all__ = ["ChordSpan", "Harmonisation", "bars_of", "harmonise"]

_CHROMATIC_SHARE = Fraction(1, 80)
"""The share of a cue, of its time and of its chords, in which they may leave the scale."""

_DRAWS = 12
_CLEAR = 0.10
"""The lead over any other key that is clear enough; the tune and the ending add to it."""


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord from ``start`` to ``end`` in beats; ``struck`` where a hit makes it sound anew."""

    start: Fraction
    end: Fraction
    chord: Chord
    struck: bool = False


class Harmonisation:
    """The chords of a whole cue in order, without gaps, and the last chord if there is one.

    ``opening`` is the progression of its phrases A.
    """

    def __init__(self, spans: Sequence[ChordSpan], final: Chord | None, opening: str) -> None:
        self.spans = tuple(spans)
        self.final = final
        self.opening = opening
        self._starts = [float(span.start) for span in spans]

    def index_at(self, beats: Fraction | float) -> int:
        """Return the number of the span in force at a position."""
        return max(0, bisect_right(self._starts, float(beats)) - 1)

    def chord_at(self, beats: Fraction | float) -> Chord:
        """Return the chord in force at a position."""
        return self.spans[self.index_at(beats)].chord

    def is_struck(self, first: Fraction, last: Fraction) -> bool:
        """Return whether a hit makes a chord sound anew from ``first`` to ``last``, included."""
        spans = self.spans[self.index_at(first) : self.index_at(last) + 1]
        return any(span.struck and span.start >= first for span in spans)


def bars_of(progression: str) -> tuple[tuple[str, ...], ...]:
    """Read a progression: the numerals of each bar, ``()`` where the chord before holds on."""
    bars = (tuple(bar.split()) for bar in progression.split("|"))
    return tuple(() if bar == ("%",) else bar for bar in bars)


def harmonise(
    form: Form,
    pack: StylePack,
    key: Scale,
    hits: Sequence[Fraction],
    *,
    loop: bool,
    dice: Dice,
    opening: str | None = None,
) -> Harmonisation:
    """Choose the chords of a cue. ``hits`` are positions in beats on which the chord changes.

    Draws that leave the key in doubt are drawn again: of all, the clearest is taken at last.
    ``opening`` is the progression of its phrases A, where that is not to be drawn.
    """
    harmony = next(each for each in pack.harmonies if key.mode in each.modes)
    drawn: list[tuple[float, Harmonisation]] = []
    for number in range(_DRAWS):
        draw = dice.child("draw", number)
        kinds = _progressions(harmony, form, draw, opening)
        spans: list[ChordSpan] = []
        for phrase in form.phrases:
            bars = _phrase_bars(phrase, pack, harmony, kinds, loop=loop, dice=draw)
            for measure, bar in zip(phrase.measures, bars, strict=True):
                is_grouped = bool(form.tempo_map.meter_at(measure.start).groups)
                _extend(spans, measure, bar, key, is_grouped=is_grouped)
        spans = _tamed(_with_hits(spans, form, harmony, key, hits, draw.child("hits")), key)
        final = diatonic(parse_chord(draw.child("final").pick(harmony.final), key), key)
        chords = Harmonisation(spans, final if form.final is not None else None, kinds["A"])
        drawn.append((clarity(_heard(chords), key), chords))
        if drawn[-1][0] >= _CLEAR:
            break
    return max(drawn, key=lambda each: each[0])[1]


def _heard(harmony: Harmonisation) -> list[float]:
    """Return how much of each pitch class the chords sound; roots and basses stand out."""
    weights = [0.0] * 12
    for span in harmony.spans:
        length = float(span.end - span.start)
        for tone in (*span.chord.tones, span.chord.root, span.chord.bass):
            weights[tone] += length
    return weights


def _progressions(harmony: Harmony, form: Form, dice: Dice, opening: str | None) -> dict[str, str]:
    """Draw a progression for each kind of phrase, different ones as far as there are any."""
    left = list(harmony.progressions)
    drawn: dict[str, str] = {}
    for kind in dict.fromkeys((*"ABC", *(phrase.kind for phrase in form.phrases))):
        if len(left) == 1 and len(drawn) >= len("ABC"):
            left = list(harmony.progressions)
        own = dice.pick(left)
        drawn[kind] = opening if opening is not None and kind == "A" else own
        if len(left) > 1 and drawn[kind] in left:
            left.remove(drawn[kind])
    return drawn


def _phrase_bars(
    phrase: Phrase,
    pack: StylePack,
    harmony: Harmony,
    kinds: dict[str, str],
    *,
    loop: bool,
    dice: Dice,
) -> list[tuple[str, ...]]:
    """Return the numerals of every measure of a phrase, with its cadence."""
    progression = bars_of(kinds[phrase.kind])
    count = len(phrase.measures)
    bars = [progression[number % len(progression)] for number in range(count)]
    draw = dice.child("cadence", phrase.index)
    if phrase.is_last:
        cadence = bars_of(draw.pick(harmony.turnaround if loop else harmony.full))
    elif draw.chance(pack.cadences):
        cadence = bars_of(draw.pick(harmony.half))
    else:
        return bars
    kept = max(min(count, 1), count - len(cadence))
    return bars[:kept] + list(cadence[len(cadence) - (count - kept) :]) if count > 1 else bars


def _extend(
    spans: list[ChordSpan],
    measure: Measure,
    bar: tuple[str, ...],
    key: Scale,
    *,
    is_grouped: bool,
) -> None:
    """Append the chords of one measure; a chord that goes on lengthens its span.

    They are equally long, or change with the groups of a bar that were asked for.
    """
    if not bar and spans:
        bar = (spans[-1].chord.numeral,)
    count = max(len(bar), 1)
    even = [Fraction(number, count) for number in range(count)]
    shares = divided(measure.groups, count) if is_grouped else even
    lines = [measure.start + share * measure.full_beats for share in shares]
    stops = [*lines[1:], measure.start + measure.full_beats]
    for first, stop, numeral in zip(lines, stops, bar or ("i",), strict=True):
        last = min(measure.end, stop)
        if first >= last or last <= 0:
            continue
        first = max(first, Fraction(0))
        if spans and spans[-1].chord.numeral == numeral:
            spans[-1] = ChordSpan(spans[-1].start, last, spans[-1].chord)
        else:
            spans.append(ChordSpan(first, last, parse_chord(numeral, key)))


def _with_hits(
    spans: list[ChordSpan],
    form: Form,
    harmony: Harmony,
    key: Scale,
    hits: Sequence[Fraction],
    dice: Dice,
) -> list[ChordSpan]:
    """Make the harmony change, or at least sound anew, exactly on every hit."""
    for number, hit in enumerate(hits):
        inside = [span for span in spans if span.start < hit < span.end]
        at_change = [span for span in spans if span.start == hit]
        if not inside and not at_change:
            continue
        span = (inside or at_change)[0]
        place = spans.index(span)
        if at_change:
            spans[place] = ChordSpan(span.start, span.end, span.chord, struck=True)
            continue
        others = [each for each in harmony.hit if each != span.chord.numeral]
        chord = parse_chord(dice.child(number).pick(others), key) if others else span.chord
        near = form.later(hit, Fraction(1, 2))
        if near >= span.end and place + 1 < len(spans) and span.end not in hits:
            # The change that was due right after the hit comes with it.
            after = spans[place + 1]
            spans[place : place + 2] = [
                ChordSpan(span.start, hit, span.chord, span.struck),
                ChordSpan(hit, after.end, after.chord, struck=True),
            ]
            continue
        spans[place : place + 1] = [
            ChordSpan(span.start, hit, span.chord, span.struck),
            ChordSpan(hit, span.end, chord, struck=True),
        ]
    return spans


def _tamed(spans: Sequence[ChordSpan], key: Scale) -> list[ChordSpan]:
    """Allow few chords outside the scale; the others are brought into it.

    A hit gathers many notes on one moment, so its chord is always inside.
    """
    scale = frozenset(key.classes)
    whole = spans[-1].end - spans[0].start
    allowed = whole * _CHROMATIC_SHARE
    usual = whole / len(spans)
    tamed = []
    for span in spans:
        chord = span.chord
        if not chord.classes <= scale:
            allowed -= max(span.end - span.start, usual)  # a chord is struck, however short
            if allowed < 0 or span.struck:
                chord = diatonic(chord, key)
        tamed.append(ChordSpan(span.start, span.end, chord, span.struck))
    return tamed

"""A clip of a generator that hears no tempo, fitted to the sheet's: silence, tempo, bar lines.

Nothing is done that is not sure: what was heard and left as it was is told instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from musicgen_daw.analysis.rhythm import Downbeat, Tempo, find_rhythm
from musicgen_daw.analysis.silence import head_silence_samples
from musicgen_daw.audio import Audio
from musicgen_daw.audio.splice import fade, join
from musicgen_daw.audio.stretching import HOW_TO_STRETCH, can_stretch, stretch
from musicgen_daw.errors import AudioError
from musicgen_daw.mastering.assembly import sum_of
from musicgen_daw.mastering.shaping import with_equal_channels
from musicgen_daw.presets.schema import Master
from musicgen_daw.timeline import TempoMap, to_samples

__all__ = ["SURE", "Fitted", "check_fitting", "fit_clip"]

SURE = 0.5
"""The confidence from which on a tempo or a downbeat is acted on."""

_SAME_TEMPO = 0.0005
"""A tempo that is off by less drifts by 15 ms in half a minute: it is left alone."""

_SAME_PLACE_S = 0.003

REPEAT_CROSSFADE_S = 0.05
"""How long the end of a clip that is played again is blended into its beginning."""

LEAST_TURN_S = 1.0
"""A clip that is played again more often than this would buzz."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The stems of a clip, what was done to them, and what was asked but not done."""

    stems: Mapping[str, Audio]
    done: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_fitting(master: Master) -> None:
    """Refuse what can't be done here, before anything is generated.

    Raises:
        AudioError: where a stretch is asked and what stretches is not installed.
    """
    for name in ("conform", "fit"):
        if getattr(master, name) == "stretch" and not can_stretch():
            raise AudioError(f"{name} = 'stretch' needs python-stretch: {HOW_TO_STRETCH}")


def fit_clip(
    stems: Mapping[str, Audio], master: Master, tempo_map: TempoMap | None, length_s: Fraction
) -> Fitted:
    """Fit the stems of one clip together, as a preset asks.

    Args:
        stems: Stems of one rate and length.
        master: ``trim_head``, ``conform``, ``align`` and ``fit`` tell what to do.
        tempo_map: The sheet's, with beat 0 where the clip begins; ``None`` where none is told.
        length_s: How much of the clip is used.

    Raises:
        AudioError: where a stretch is asked and what stretches is not installed.
    """
    fitting = _Fitting(dict(stems))
    if master.trim_head:
        fitting.trim_head(master.head_threshold_db)
    bar_s = None
    if master.conform != "none" or master.align != "none":
        bar_s = _to_tempo(fitting, master, tempo_map, length_s)
    if master.fit == "loop":
        fitting.loop(float(length_s), bar_s)
    elif master.fit == "stretch":
        fitting.stretch_to(length_s, master.fit_max_percent)
    elif master.fit == "bars":
        fitting.trim_to_bar(tempo_map, length_s, master.fade_out_ms)
    return fitting.result()


def _to_tempo(
    fitting: _Fitting, master: Master, tempo_map: TempoMap | None, length_s: Fraction
) -> float | None:
    """Bring a clip to the sheet's tempo and bars; return how long a bar is if it plays so."""
    if tempo_map is None:
        fitting.leave("no tempo is told, so it is fitted to none")
        return None
    if len({change.us_per_beat for change in tempo_map.tempos}) > 1:
        fitting.leave(
            "the sheet's tempo changes while it plays: a clip is not warped to that, "
            "so it is left as it is"
        )
        return None
    bar_beats = float(tempo_map.meters[0].bar_beats)
    bpm = float(tempo_map.tempos[0].bpm)
    bar_s = bar_beats * 60 / bpm
    tempo, downbeat = find_rhythm(sum_of(fitting.stems), bpm, bar_beats)
    in_tempo = tempo.confidence >= SURE and abs(tempo.bpm / bpm - 1) < _SAME_TEMPO
    if master.conform == "stretch":
        downbeat, in_tempo = fitting.conform(tempo, downbeat, bpm, master.conform_max_percent)
    if master.align == "downbeat":
        line_s = float(tempo_map.seconds_at(tempo_map.pickup_beats))
        fitting.align(tempo, downbeat, line_s, bar_s, float(length_s))
    return bar_s if in_tempo else None


class _Fitting:
    """The stems of a clip on their way, with what is to be told of it."""

    def __init__(self, stems: dict[str, Audio]) -> None:
        self.stems = stems
        self._done: list[str] = []
        self._warnings: list[str] = []

    def result(self) -> Fitted:
        return Fitted(self.stems, tuple(self._done), tuple(self._warnings))

    def leave(self, reason: str) -> None:
        self._warnings.append(reason)

    def trim_head(self, threshold_db: float) -> None:
        whole = sum_of(self.stems)
        silent = head_silence_samples(whole, threshold_db)
        if silent:
            self._moved(-silent)
            self._done.append(f"{silent / whole.sample_rate:.3f} s of silence trimmed")

    def conform(
        self, tempo: Tempo, downbeat: Downbeat, bpm: float, most_percent: float
    ) -> tuple[Downbeat, bool]:
        """Stretch to a tempo, and return where the downbeat is then, and whether it is in tempo."""
        factor = tempo.bpm / bpm
        heard = f"{tempo.bpm:.2f} bpm (confidence {tempo.confidence:.2f})"
        if tempo.confidence < SURE:
            self.leave(f"its tempo is not sure, perhaps {heard}: it is not stretched to {bpm:g}")
        elif abs(factor - 1) * 100 > most_percent:
            self.leave(
                f"it plays at {heard}, and {bpm:g} is more than {most_percent:g} % away: "
                "it is not stretched"
            )
        elif abs(factor - 1) < _SAME_TEMPO:
            self._done.append(f"in tempo at {heard}")
        else:
            self._stretched(factor)
            self._done.append(f"stretched by {(factor - 1) * 100:+.2f} % from {heard} to {bpm:g}")
            return Downbeat(downbeat.at_s * factor, downbeat.confidence), True
        return downbeat, tempo.confidence >= SURE and abs(factor - 1) < _SAME_TEMPO

    def align(
        self, tempo: Tempo, downbeat: Downbeat, line_s: float, bar_s: float, length_s: float
    ) -> None:
        """Move the downbeat onto a bar line: ahead where there is sound enough, else the least."""
        confidence = min(tempo.confidence, downbeat.confidence)
        heard = f"(confidence {confidence:.2f})"
        if confidence < SURE:
            self.leave(f"where its bars begin is not sure {heard}: it is not moved onto the bar")
            return
        first = next(iter(self.stems.values()))
        late_s = (downbeat.at_s - line_s) % bar_s
        spare_s = float(first.seconds) - length_s
        if late_s > max(spare_s, bar_s / 2):
            late_s -= bar_s
        if min(late_s % bar_s, -late_s % bar_s) < _SAME_PLACE_S:
            self._done.append(f"its bars begin where the sheet's do {heard}")
            return
        self._moved(-round(late_s * first.sample_rate))
        self._done.append(f"moved by {-late_s:+.3f} s onto the bar {heard}")

    def loop(self, length_s: float, bar_s: float | None) -> None:
        """Play a clip that is too short again: whole bars of it, where it is in tempo."""
        whole_s = float(next(iter(self.stems.values())).seconds)
        if whole_s >= length_s:
            return
        turn_s = whole_s - REPEAT_CROSSFADE_S
        bars = int(turn_s / bar_s) if bar_s is not None else 0
        turn_s = bars * bar_s if bars and bar_s is not None else turn_s
        if turn_s < LEAST_TURN_S:
            self.leave(f"{whole_s:.2f} s are too short to be played again until {length_s:.2f} s")
            return
        for name, audio in self.stems.items():
            self.stems[name] = repeated(audio, turn_s, length_s)
        turn = f"{bars} {'bar' if bars == 1 else 'bars'}" if bars else f"{turn_s:.2f} s"
        self._done.append(f"played again after {turn}, until {length_s:.2f} s")

    def stretch_to(self, length_s: Fraction, most_percent: float) -> None:
        """Stretch to a length."""
        first = next(iter(self.stems.values()))
        length = round(length_s * first.sample_rate)
        if not first.length_samples or first.length_samples == length:
            return
        percent = (length / first.length_samples - 1) * 100
        if abs(percent) > most_percent:
            self.leave(
                f"it lasts {float(first.seconds):.2f} s, and {float(length_s):.2f} s is more than "
                f"{most_percent:g} % away: it is not stretched"
            )
            return
        self._stretched(length / first.length_samples)
        self._done.append(f"stretched by {percent:+.2f} % to {float(length_s):.2f} s")

    def trim_to_bar(
        self, tempo_map: TempoMap | None, length_s: Fraction, fade_out_ms: float
    ) -> None:
        """Fall silent at the last bar line, after a fade: of a beat, where no other is asked."""
        if tempo_map is None:
            self.leave("no tempo is told, so it is not trimmed to a bar")
            return
        first = next(iter(self.stems.values()))
        end_s = min(first.seconds, length_s)
        lines = tempo_map.bar_lines(0, tempo_map.beats_at(end_s + Fraction(_SAME_PLACE_S)))
        line = max(lines, default=Fraction(0))
        if line <= 0:
            self.leave("it ends within its first bar: it is not trimmed to a bar")
            return
        line_s = tempo_map.seconds_at(line)
        if end_s - line_s <= _SAME_PLACE_S:
            self._done.append("it ends on a bar line")
            return
        fade_s = Fraction(fade_out_ms) / 1000 or line_s - tempo_map.seconds_at(line - 1)
        for name, audio in self.stems.items():
            line_sample, end = (to_samples(at_s, audio.sample_rate) for at_s in (line_s, end_s))
            sound = Audio(audio.samples[:, :line_sample], audio.sample_rate)
            faded = fade(sound, 0, min(line_sample, to_samples(fade_s, audio.sample_rate)))
            silence = ((0, 0), (0, end - line_sample))
            self.stems[name] = Audio(np.pad(faded.samples, silence), audio.sample_rate)
        self._done.append(
            f"trimmed by {float(end_s - line_s):.2f} s to the bar line before its end"
        )

    def _moved(self, samples: int) -> None:
        """Begin later, after silence, or earlier, without the head."""
        for name, audio in self.stems.items():
            if samples < 0:
                moved = audio.samples[:, -samples:]
            else:
                moved = np.pad(audio.samples, ((0, 0), (samples, 0)))
            self.stems[name] = Audio(moved, audio.sample_rate)

    def _stretched(self, factor: float) -> None:
        """Stretch all stems as channels of one sound, so that they stay together."""
        stems = with_equal_channels(self.stems)
        rates = {stem.sample_rate for stem in stems.values()}
        lengths = {stem.length_samples for stem in stems.values()}
        if len(rates) > 1 or len(lengths) > 1:
            raise AudioError("stems of one clip differ in rate or length: they can't be stretched")
        together = np.concatenate([stem.samples for stem in stems.values()])
        stretched = stretch(Audio(together, rates.pop()), factor)
        parts = np.split(stretched.samples, len(stems))
        for name, part in zip(stems, parts, strict=True):
            self.stems[name] = Audio(part, stretched.sample_rate)


def repeated(audio: Audio, turn_s: float, length_s: float) -> Audio:
    """Return a sound that begins anew after every turn, each end blended into the beginning.

    ``audio`` is longer than a turn by the crossfade, at least.
    """
    rate = audio.sample_rate
    overlap, length = round(REPEAT_CROSSFADE_S * rate), round(length_s * rate)
    starts = [round(turn_s * rate * turn) for turn in range(math.ceil(length_s / turn_s))]
    ends = [*starts[1:], round(turn_s * rate * len(starts))]
    turns = [
        Audio(audio.samples[:, : end - start + overlap], rate)
        for start, end in zip(starts, ends, strict=True)
    ]
    return join(turns, starts, length)

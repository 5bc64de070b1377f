"""A sound of any length, played in pieces as often as it takes: what is longer than memory
streams, what is short is worked out once and held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from musicgen_daw.audio import Audio, Samples
from musicgen_daw.audio.levels import check_finite, db_to_gain, gain_to_db
from musicgen_daw.audio.limiter import limited_pieces
from musicgen_daw.audio.loudness import Loudness, RunningLoudness
from musicgen_daw.audio.resample import resample, resample_pieces, resampled_length
from musicgen_daw.audio.splice import raised_cosine
from musicgen_daw.audio.truepeak import PeakPlaces, RunningTruePeak
from musicgen_daw.mastering.levelling import Levelling, Limited, Stems

if TYPE_CHECKING:
    from musicgen_daw.presets.chain import Send, Step

__all__ = ["HELD_SAMPLES", "Programme", "Streamed", "in_chunks", "levelled"]

HELD_SAMPLES = 1 << 24
"""Samples of all channels that are held in memory (64 MiB, three minutes of stereo)."""


_SUMMED_SAMPLES = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """A sound as pieces, ``(channels, samples)``; ``pieces()`` plays it from its beginning.

    ``held`` is the sound itself where it is in memory.
    """

    sample_rate: int
    channels: int
    length_samples: int
    pieces: Callable[[], Iterable[Samples]]
    held: Audio | None = None

    @classmethod
    def of(cls, audio: Audio) -> Programme:
        """Return a sound in memory as a programme of one piece."""
        return cls(
            audio.sample_rate,
            audio.channels,
            audio.length_samples,
            lambda: (audio.samples,),
            audio,
        )

    def in_memory(self, most_samples: int = HELD_SAMPLES) -> Programme:
        """Return the same, worked out now if it is short enough to be held."""
        if self.held is not None or self.channels * self.length_samples > most_samples:
            return self
        pieces = tuple(self.pieces())
        silence = np.zeros((self.channels, 0), np.float32)
        samples = pieces[0] if len(pieces) == 1 else np.concatenate((silence, *pieces), axis=1)
        return Programme.of(Audio(samples, self.sample_rate))

    def checked(self, name: str) -> Programme:
        """Return the same, refusing NaN and infinity when they come.

        Raises:
            AudioError: now, where the sound is in memory.
        """
        if self.held is not None:
            check_finite(self.held, name)
            return self

        def pieces() -> Iterator[Samples]:
            for piece in self.pieces():
                check_finite(Audio(piece, self.sample_rate), name)
                yield piece

        return replace(self, pieces=pieces)

    def resampled(self, sample_rate: int) -> Programme:
        """Return it at another rate."""
        if sample_rate == self.sample_rate:
            return self
        if self.held is not None:
            return Programme.of(resample(self.held, sample_rate))
        return Programme(
            sample_rate,
            self.channels,
            resampled_length(self.length_samples, self.sample_rate, sample_rate),
            lambda: resample_pieces(
                self.pieces(), self.sample_rate, sample_rate, self.length_samples
            ),
        )

    def mixed_to(self, matrix: Samples) -> Programme:
        """Return it through a matrix, ``(channels out, channels in)``."""
        return self._changed(
            lambda samples, _: np.einsum("oi,is->os", matrix, samples), channels=len(matrix)
        )

    def faded(self, in_samples: int, out_samples: int) -> Programme:
        """Return it with raised-cosine fades; one that is longer than the sound is cut to it."""
        rise = raised_cosine(min(in_samples, self.length_samples))
        fall = raised_cosine(min(out_samples, self.length_samples))[::-1]
        if not (rise.size or fall.size):
            return self
        first_of_fall = self.length_samples - fall.size

        def fade(samples: Samples, position: int) -> Samples:
            end = position + samples.shape[1]
            if position >= rise.size and end <= first_of_fall:
                return samples
            samples = samples.copy()
            rising = rise[position:end]
            samples[:, : rising.size] *= rising
            falling = fall[max(0, position - first_of_fall) : max(0, end - first_of_fall)]
            samples[:, samples.shape[1] - falling.size :] *= falling
            return samples

        return self._changed(fade)

    def through(self, chain: Sequence[Step], sends: Sequence[Send] = ()) -> Programme:
        """Return it through an effects chain and sends, followed by what they ring on.

        Raises:
            PresetError: for an effect, parameter or value that pedalboard does not take.
            AudioError: where the effects leave NaN or infinite samples.
        """
        if not (chain or sends) or not self.length_samples:
            return self
        if self.held is not None:
            from musicgen_daw.mastering.chain import run_chain, run_sends  # loads pedalboard

            return Programme.of(run_sends(run_chain(self.held, chain), sends, {}))
        return self._through(chain)._with_sends(sends)

    def _through(self, chain: Sequence[Step]) -> Programme:
        if not chain:
            return self
        from musicgen_daw.mastering.chain import play_through

        def pieces() -> Iterator[Samples]:
            return play_through(self.pieces(), self.sample_rate, chain, self.length_samples)

        length = sum(piece.shape[1] for piece in pieces())
        return replace(self, pieces=pieces, length_samples=length)

    def _with_sends(self, sends: Sequence[Send]) -> Programme:
        """Return it with what comes back from each; it is played once for each of them."""
        if not sends:
            return self
        returns = [self._sent(send)._through(send.chain) for send in sends]
        together = (self, *returns)

        def pieces() -> Iterator[Samples]:
            chunks = (in_chunks(each.pieces(), _SUMMED_SAMPLES) for each in together)
            for parts in zip_longest(*chunks):
                present = [part for part in parts if part is not None]
                total = np.zeros((self.channels, max(p.shape[1] for p in present)), np.float32)
                for part in present:
                    total[:, : part.shape[1]] += part
                yield total

        length = max(each.length_samples for each in together)
        return replace(self, pieces=pieces, length_samples=length)

    def _sent(self, send: Send) -> Programme:
        from musicgen_daw.mastering.automation import SendGain

        gain = SendGain.of(send.level_db, self.sample_rate, None)
        return self._changed(
            lambda samples, position: samples * gain.over(position, samples.shape[1])
        )

    def _changed(
        self, change: Callable[[Samples, int], Samples], channels: int | None = None
    ) -> Programme:
        """Return it with a change to each piece, which is told the piece's first sample."""
        if self.held is not None:
            return Programme.of(Audio(change(self.held.samples, 0), self.sample_rate))

        def pieces() -> Iterator[Samples]:
            position = 0
            for piece in self.pieces():
                yield change(piece, position)
                position += piece.shape[1]

        return replace(self, pieces=pieces, channels=channels or self.channels)


class Streamed:
    """A programme as what is to be levelled; the loudness of a long one brings its peak along."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._peak: float | None = None
        self.places: PeakPlaces | None = None

    def loudness(self) -> Loudness:
        """Return the loudness of the whole."""
        if self._programme.held is not None:
            return Loudness.of(self._programme.held)
        peak = RunningTruePeak(self._programme.channels)
        running = self._running()
        rest = self._silence
        for chunk in in_chunks(self._programme.pieces(), running.chunk_samples):
            if chunk.shape[1] < running.chunk_samples:
                rest = chunk
                break
            running.add(chunk)
            peak.add(chunk)
        self._peak = peak.with_rest(rest)
        return running.with_rest(rest)

    def peak(self, at_least: float) -> float:
        """Return the true peak, or ``at_least`` where it is not above it.

        ``places`` tells afterwards where it is, of sound that is held.
        """
        if self._programme.held is not None:
            self.places = self.places or PeakPlaces.of(self._programme.held)
            return max(self.places.peak, at_least)
        if self._peak is None:
            self.loudness()
        return max(self._peak or 0.0, at_least)

    def limited(self, ceiling_dbtp: float) -> Limited:
        """Return what a limiter would leave; a long curve is drawn again when it is played."""
        held = self._programme.held
        if held is not None:
            return Stems([held]).limited(ceiling_dbtp)
        lowest = 1.0

        def pieces() -> Iterator[Samples]:
            nonlocal lowest
            for samples, curve in limited_pieces(
                self._programme.pieces(), self._programme.sample_rate, ceiling_dbtp
            ):
                lowest = min(lowest, float(curve.min(initial=1.0)))
                yield samples * curve

        running = self._running()
        rest = self._silence
        for chunk in in_chunks(pieces(), running.chunk_samples):
            if chunk.shape[1] < running.chunk_samples:
                rest = chunk
                break
            running.add(chunk)
        return Limited(running.with_rest(rest), -gain_to_db(lowest))

    def _running(self) -> RunningLoudness:
        return RunningLoudness(self._programme.sample_rate, self._programme.channels)

    @property
    def _silence(self) -> Samples:
        return np.zeros((self._programme.channels, 0), np.float32)


def levelled(programme: Programme, levelling: Levelling) -> Iterator[Samples]:
    """Play a programme with its gain, and its limiter where it needs one."""
    if programme.held is not None:
        yield levelling.apply(programme.held).samples
        return
    gain = np.float32(db_to_gain(levelling.gain_db))
    if levelling.limit_dbtp is None:
        for piece in programme.pieces():
            yield piece * gain
        return
    for samples, curve in limited_pieces(
        programme.pieces(), programme.sample_rate, levelling.limit_dbtp
    ):
        yield samples * (gain * curve)


def in_chunks(pieces: Iterable[Samples], length: int) -> Iterator[Samples]:
    """Yield the same sound in chunks of one length; the last may be shorter."""
    held: list[Samples] = []
    count = 0
    for piece in pieces:
        first = 0
        while count + piece.shape[1] - first >= length:
            end = first + length - count
            part = piece[:, first:end]
            yield np.concatenate((*held, part), axis=1) if held else part
            held, count, first = [], 0, end
        if first < piece.shape[1]:
            held.append(piece[:, first:])
            count += piece.shape[1] - first
    if held:
        yield np.concatenate(held, axis=1)

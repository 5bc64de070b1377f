"""A preset's effects chain, played over a sound, and what follows it: rings, sends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from musicgen_daw.audio import Audio, Samples, tape
from musicgen_daw.audio.levels import check_finite, db_to_gain
from musicgen_daw.errors import PresetError, did_you_mean
from musicgen_daw.mastering.automation import SendGain
from musicgen_daw.mastering.effects import stays_finite
from musicgen_daw.mastering.player import Board, moves, plays_in_pieces
from musicgen_daw.timeline import TempoMap

if TYPE_CHECKING:
    from musicgen_daw.presets.chain import Send, Step
    from musicgen_daw.presets.schema import Master, StemMix

__all__ = ["check_chain", "check_effects", "play_through", "run_chain", "run_sends"]

TAIL_DBFS = -60.0
"""An effect's ring is kept until it has fallen below this."""

LONGEST_TAIL_S = 20
"""An effect that never falls silent is cut here."""

LONGEST_WHOLE_SAMPLES = 1 << 24
"""What is longer (six minutes) goes through the effects in pieces: at once it takes four copies."""

_PIECE_SAMPLES = 1 << 18
_FIRST_TAIL_S = 1.25
_SETTLED_S = 0.25
# Its bars have as many beats as a bar can have: which of them there are is known with a cue.
_ANY_TEMPO = TempoMap.constant(120, 255, 4)
_ANY_RATE = 48_000


def check_effects(
    master: Master, stems: Mapping[str, StemMix], where: str, *, has_tempo: bool = True
) -> None:
    """Refuse a preset whose chain or sends could not run; ``where`` names it in the message.

    Raises:
        PresetError: as ``check_chain`` does, and for a stem that goes to a send there is not.
    """
    check_chain(master.chain, where, has_tempo=has_tempo)
    for number, send in enumerate(master.sends, 1):
        check_chain(send.chain, where, heading="master.sends.chain", has_tempo=has_tempo)
        try:
            SendGain.of(send.level_db, _ANY_RATE, _ANY_TEMPO if has_tempo else None)
        except ValueError as error:
            place = f"[[master.sends]] {number}"
            raise PresetError(str(error), path=where, place=place) from None
    names = [send.name for send in master.sends]
    for stem, mix in stems.items():
        for name in mix.sends:
            if name not in names:
                nearest = did_you_mean(name, names) or ": write it as [[master.sends]]"
                raise PresetError(
                    f"there is no send {name!r}{nearest}", path=where, place=f"[stems.{stem}]"
                )


def check_chain(
    chain: Sequence[Step], where: str, *, heading: str = "master.chain", has_tempo: bool = True
) -> None:
    """Refuse a chain that could not run; ``where`` names the preset in the message.

    Raises:
        PresetError: for an effect or parameter that pedalboard does not have (with the nearest
            that it has), a plug-in that can't be loaded, a value of the wrong type or out of
            range, or one that moves in bars where there is no tempo.
    """
    board = Board(chain, _ANY_TEMPO if has_tempo else None, where=where, heading=heading)
    for number, (step, plugin) in enumerate(zip(chain, board.plugins, strict=True), 1):
        if not stays_finite(plugin):
            reason = f"{_name(step)} makes no finite sound with {dict(step.parameters)}"
            raise PresetError(reason, path=where, place=f"[[{heading}]] {number}")


def run_chain(audio: Audio, chain: Sequence[Step], tempo_map: TempoMap | None = None) -> Audio:
    """Return the sound through the effects, in place and followed by what they ring on.

    Effects that delay are moved back; a ring that falls below -60 dBFS is cut there. The effects
    are built anew, so that none remembers the sound before. ``tempo_map`` has beat 0 where the
    sound begins.

    Raises:
        PresetError: for an effect, parameter or value that pedalboard does not take.
        AudioError: where the effects leave NaN or infinite samples.
    """
    if not chain or not audio.length_samples:
        return audio
    length = audio.length_samples
    for is_moving, steps in groupby(chain, key=lambda step: moves([step])):
        group = list(steps)
        is_long = audio.length_samples > LONGEST_WHOLE_SAMPLES and plays_in_pieces(group)
        if is_moving or is_long:
            audio = _in_pieces(audio, group, tempo_map)
        else:
            audio = _at_once(audio, group)
    return _without_silent_tail(audio, length)


def _in_pieces(audio: Audio, chain: Sequence[Step], tempo_map: TempoMap | None) -> Audio:
    length, sample_rate = audio.length_samples, audio.sample_rate
    piece_samples = length if length <= LONGEST_WHOLE_SAMPLES else _PIECE_SAMPLES
    sound = (audio.samples[:, here] for here in tape.stretches(length, piece_samples))
    pieces = play_through(sound, sample_rate, chain, length, tempo_map)
    most_samples = length + LONGEST_TAIL_S * sample_rate
    return Audio(tape.recorded(pieces, audio.channels, most_samples), sample_rate)


def _at_once(audio: Audio, chain: Sequence[Step]) -> Audio:
    """Run the chain over the sound, and over as much silence as its ring takes."""
    tail_s = _FIRST_TAIL_S
    while True:
        rung = _process(audio, chain, round(tail_s * audio.sample_rate))
        settled = rung.samples[:, -round(_SETTLED_S * audio.sample_rate) :]
        if tail_s >= LONGEST_TAIL_S or np.abs(settled).max() < db_to_gain(TAIL_DBFS):
            return _without_silent_tail(rung, audio.length_samples)
        tail_s = min(4 * tail_s, LONGEST_TAIL_S)


def run_sends(
    audio: Audio,
    sends: Sequence[Send],
    levels_db: Mapping[str, float],
    tempo_map: TempoMap | None = None,
) -> Audio:
    """Return the sound with what comes back from the sends, which may ring on after it.

    ``levels_db`` are the sound's own levels of the sends it names; others get the send's.

    Raises:
        PresetError: for an effect, parameter or value that pedalboard does not take.
        AudioError: where the effects leave NaN or infinite samples.
    """
    if not audio.length_samples:
        return audio
    parts = [audio.samples]
    for send in sends:
        level_db = levels_db.get(send.name, send.level_db)
        gain = SendGain.of(level_db, audio.sample_rate, tempo_map)
        sent = tape.blank(audio.samples.shape)
        for here in tape.stretches(audio.length_samples):
            level = gain.over(here.start, here.stop - here.start)
            sent[:, here] = audio.samples[:, here] * level
        parts.append(run_chain(Audio(sent, audio.sample_rate), send.chain, tempo_map).samples)
    total = tape.blank((audio.channels, max(part.shape[1] for part in parts)))
    for part in parts:
        for here in tape.stretches(part.shape[1]):
            total[:, here] += part[:, here]
    return Audio(total, audio.sample_rate)


def play_through(
    pieces: Iterable[Samples],
    sample_rate: int,
    chain: Sequence[Step],
    length_samples: int,
    tempo_map: TempoMap | None = None,
) -> Iterator[Samples]:
    """Yield sound that comes in pieces through the effects, as ``run_chain`` does in one.

    ``length_samples`` is the length of what comes. What goes out is cut where its ring has fallen
    below -60 dBFS, to the second.

    Raises:
        PresetError: for an effect, parameter or value that pedalboard does not take.
        AudioError: where the effects leave NaN or infinite samples.
    """
    board = Board(chain, tempo_map)
    played = channels = 0
    for piece in pieces:
        if not channels:
            channels = len(piece)
            board.begin(channels, sample_rate)
        output = board.play(piece)
        played += output.shape[1]
        yield output
    if not channels:
        return
    # Effects that delay hold the end back; then the ring, a second at a time.
    for _ in range(LONGEST_TAIL_S):
        ring = board.play(np.zeros((channels, sample_rate), np.float32))
        missing = max(0, length_samples - played)
        played += ring.shape[1]
        settled = np.abs(ring[:, missing:]).max(initial=0.0) < db_to_gain(TAIL_DBFS)
        if settled and ring.shape[1] >= missing:
            yield ring[:, :missing]
            return
        yield ring


def _process(audio: Audio, chain: Sequence[Step], tail_samples: int) -> Audio:
    """Run the board over the sound and as much silence; its output is as long as its input."""
    padded = np.pad(audio.samples, ((0, 0), (0, tail_samples)))
    output = Audio(Board(chain).play_whole(padded, audio.sample_rate), audio.sample_rate)
    check_finite(output, "the output of the effects chain")
    return output


def _without_silent_tail(audio: Audio, least_samples: int) -> Audio:
    ring = audio.samples[:, least_samples:]
    loud = np.flatnonzero(np.abs(ring).max(axis=0) >= db_to_gain(TAIL_DBFS))
    end = least_samples + int(loud[-1]) + 1 if loud.size else least_samples
    return Audio(audio.samples[:, :end], audio.sample_rate)


def _name(step: Step) -> str:
    return getattr(step, "effect", "") or getattr(step, "path", "")

"""Write chase.mid, the cue sheet of a short film reel as a DAW exports it: tempo map, meters,
markers and the timecode of its start. Run it in any folder: it writes beside itself.

    python examples/chase/make_chase.py
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import mido

TICKS_PER_BEAT = 480
SHEET = Path(__file__).with_name("chase.mid")

# Each event stands at a position in beats (quarter notes) from the start of the reel.
METERS = ((0, 4, 4), (96, 6, 8), (168, 4, 4))
TEMPOS = (
    (0, 92),  # the stairwell
    (32, 138),  # the chase
    *((84 + beat, 138 - 6 * beat) for beat in range(12)),  # the ritardando into the hideout
    (96, 66),  # the hideout, in 6/8
    (168, 104),  # the getaway
)
MARKERS = (
    (0, "1M1 Stairwell [tense-strings]: low strings, held breath  key=D minor intensity=0.2>0.6"),
    (14, "! torch goes on"),
    (26, "! footsteps above"),
    (32, "1M2 Chase [action-hybrid]: brass stabs, relentless  seed=12 key=D minor intensity=0.7>1"),
    (40, "! leap"),
    (56, "!! car door"),
    (72, "! near miss"),
    (84, "1M3 Engine room [deep-drone]: engine hum, metal  beats=24 tail=3 end=fade"),
    (96, "1M4 Hideout [heartfelt-piano]: lonely, spare  key=F major tail=2"),
    (132, "! finds the letter"),
    (156, "1M4 Hideout end"),
    (168, "1M5 Getaway [action-hybrid]: driving, triumphant  key=F major bars=12 end=button"),
    (200, "!! bridge gone"),
    (216, "END"),
)


def main() -> None:
    messages = [
        (0, mido.MetaMessage("track_name", name="Chase, reel 1")),
        (0, mido.MetaMessage("smpte_offset", frame_rate=25, hours=1)),
    ]
    messages += [
        (beats, mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator))
        for beats, numerator, denominator in METERS
    ]
    messages += [
        (beats, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))) for beats, bpm in TEMPOS
    ]
    messages += [(beats, mido.MetaMessage("marker", text=text)) for beats, text in MARKERS]
    messages.sort(key=lambda message: message[0])
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(track(messages))
    file.save(SHEET)


def track(messages: list[tuple[int, mido.MetaMessage]]) -> mido.MidiTrack:
    """Turn positions in beats into the delta ticks of a MIDI track."""
    result = mido.MidiTrack()
    last_tick = 0
    for beats, message in messages:
        tick = int(Fraction(beats) * TICKS_PER_BEAT)
        result.append(message.copy(time=tick - last_tick))
        last_tick = tick
    return result


if __name__ == "__main__":
    main()

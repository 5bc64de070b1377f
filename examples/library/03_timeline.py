"""Exact time without any sound: bars, seconds, samples and drop-frame timecode.

python examples/library/03_timeline.py
"""

from fractions import Fraction

from musicgen_daw import TempoMap, Timecode
from musicgen_daw.timeline import FrameRate, to_samples

tempo_map = TempoMap.constant(90)  # MIDI stores 666 667 microseconds: 89.999955 bpm
ntsc = FrameRate.named("29.97df")
for bar in range(1, 6):
    seconds = tempo_map.seconds_at(tempo_map.beats_of(bar))
    timecode = Timecode.at(seconds + Timecode.parse("01:00:00;00", ntsc).seconds, ntsc)
    print(f"bar {bar}: {float(seconds):.6f} s, sample {to_samples(seconds, 48_000)}, {timecode}")

print(f"one hour of {ntsc} is {float(Timecode.parse('01:00:00;00', ntsc).seconds):.4f} s")
print(f"a third of a second at 44.1 kHz begins at sample {to_samples(Fraction(1, 3), 44_100)}")

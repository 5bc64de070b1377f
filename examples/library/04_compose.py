"""Use the built-in composer alone: words in, notes and stems out, nothing stored.

python examples/library/04_compose.py
"""

from fractions import Fraction

from musicgen_daw.sketch import Commission, compose, perform

composition = compose(
    Commission("tense cinematic strings, D minor, 96 bpm, no drums", Fraction(12), seed=7)
)
print(f"{composition.style}, {composition.key}, {composition.bpm:.1f} bpm")
for part in composition.score.parts:
    print(f"{part.name:16} {part.stem:8} {len(part.notes):4} notes")
for name, audio in perform(composition).items():
    print(f"{name:8} {audio.samples.shape[1]} samples at {audio.sample_rate} Hz")

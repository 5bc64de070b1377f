"""Ambient drone: long chords that overlap, a held tonic, bells that fall in now and then."""

from fractions import Fraction

from musicgen_daw.sketch.composition import Room, Voice
from musicgen_daw.sketch.styles.pack import (
    DrumLine,
    Groove,
    Harmony,
    Layer,
    Measures,
    MelodyRules,
    StylePack,
)

_BRIGHT = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=(
        "Imaj9 | % | IVmaj7 | %",
        "Iadd9 | % | vi11 | %",
        "Imaj7 | % | % | ii9",
        "IVmaj9 | % | Iadd9 | %",
        "Isus2 | % | iii7 | IVmaj7",
    ),
    half=("IVmaj7", "Vsus4"),
    full=("IVmaj9 | %", "ii9 | Vsus4"),
    final=("Iadd9", "Imaj9"),
    turnaround=("IVmaj7 | %", "Vsus4"),
    hit=("vi7", "IVmaj7", "ii7"),
)
_DARK = Harmony(
    modes=("minor", "dorian", "phrygian", "locrian"),
    progressions=(
        "iadd9 | % | VImaj7 | %",
        "i11 | % | % | IIImaj7",
        "i5 | % | VIImaj7 | %",
        "iadd9 | % | iv9 | %",
        "VImaj9 | % | iadd9 | %",
    ),
    half=("VImaj7", "vsus4"),
    full=("iv9 | %", "VImaj7 | %"),
    final=("iadd9", "i5"),
    turnaround=("VImaj7 | %", "iv9 | %"),
    hit=("VImaj7", "iv9", "IIImaj7"),
)

PACK = StylePack(
    name="ambient-drone",
    title="Ambient and drones",
    tempo_bpm=(48, 72),
    meters=("4/4", "4/4", "3/4"),
    tonics=("C", "D", "E", "F", "G", "A", "Bb"),
    harmonies=(_DARK, _BRIGHT),
    room=Room(
        reverb_seconds=6.0, reverb_damping=0.45, predelay_ms=40, delay_beats=Fraction(3, 2),
        delay_feedback=0.55,
    ),
    intensity=0.42,
    arcs=((-0.2, 0.1, 0.25, 0.0), (0.0, 0.2, -0.1, 0.2, -0.15), (-0.1, 0.0, 0.25)),
    cadences=0.25,
    looseness=0.15,
    impact_gain_db=-11.0,
    stab=Voice("bell", gain_db=-16, reverb_send_db=-6),
    riser_gain_db=-14.0,
    measures=Measures(
        tilt_db=(-8.0, -3.5), crest_db=(10.0, 20.0), width=(0.3, 1.0), air_db=(-34.0, -12.0),
        why="pads are dark, wide and without strokes; only bells stand out",
    ),
    layers=(
        Layer(
            "drone", "pad", "drone",
            Voice("drone", gain_db=-5, width=0.7, reverb_send_db=-14, highpass_hz=30),
            compass=(28, 52), voices=2, velocity=(56, 84),
        ),
        Layer(
            "glass pad", "pad", "sustain",
            Voice("pad-glass", gain_db=-10, pan=0.1, width=1.0, reverb_send_db=-6),
            compass=(55, 86), voices=4, velocity=(44, 84), enters=0.15, spread=True,
        ),
        Layer(
            "warm pad", "harmony", "sustain",
            Voice("pad-warm", gain_db=-7, pan=-0.1, width=0.9, reverb_send_db=-9),
            compass=(45, 70), voices=3, velocity=(50, 86),
        ),
        Layer(
            "slow strings", "harmony", "sustain",
            Voice("string-ensemble", gain_db=-10, width=0.9, reverb_send_db=-7, lowpass_hz=5000),
            compass=(52, 76), voices=3, velocity=(38, 80), enters=0.5, chance=0.7,
        ),
        Layer(
            "choir", "pad", "sustain",
            Voice("choir", gain_db=-10, width=1.0, reverb_send_db=-5),
            compass=(55, 77), voices=3, velocity=(36, 78), enters=0.6, chance=0.7,
        ),
        Layer(
            "bells", "lead", "pattern",
            Voice("bell", gain_db=-2, pan=0.25, width=0.6, reverb_send_db=-4, delay_send_db=-8),
            compass=(72, 96), voices=4, velocity=(36, 74), enters=0.25, chance=0.8,
            patterns={
                "4/4": (
                    "......3---------................4-------........",
                    "........2-------4---------------................",
                    "..3---------------------5-------................................",
                    "....4-----2-------------........",
                ),
            },
        ),
        Layer(
            "theme", "lead", "melody",
            Voice("lead-soft", gain_db=-6, pan=-0.2, width=0.5, reverb_send_db=-5,
                  delay_send_db=-9),
            compass=(62, 84), velocity=(44, 82), enters=0.38,
            melody=MelodyRules(stretch=4, rests=0.35, ornaments=0.0, leaps=4),
        ),
        Layer(
            "felt notes", "lead", "pattern",
            Voice("felt-piano", gain_db=-2, pan=-0.3, width=0.5, reverb_send_db=-4,
                  delay_send_db=-9),
            compass=(60, 84), voices=4, velocity=(36, 70), enters=0.3, chance=0.5,
            patterns={
                "4/4": (
                    "................2-----3---------",
                    "....1---------3-................................................",
                ),
            },
        ),
        Layer(
            "sub", "bass", "bass",
            Voice("bass-sub", gain_db=-5, width=0.0, reverb_send_db=None, lowpass_hz=160,
                  highpass_hz=18),
            compass=(26, 38), velocity=(56, 84), enters=0.3,
            patterns={"4/4": ("R---------------",)},
        ),
        Layer(
            "heartbeat", "drums", "drums",
            Voice("kit-cinematic", gain_db=-4, width=0.8, reverb_send_db=-6, lowpass_hz=2500,
                  highpass_hz=18),
            velocity=(36, 80), enters=0.78, chance=0.7,
        ),
        Layer(
            "air", "fx", "texture",
            Voice("texture-air", gain_db=-17, width=1.0, reverb_send_db=-18),
            velocity=(50, 72),
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("boom", "X.................o............."),
                DrumLine("shaker", "....g.......o.......g.......o.g.", enters=0.85),
            ),
        ),
    ),
)  # fmt: skip

"""Emotional piano: a singing right hand over broken chords, strings that rise behind it."""

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

_MAJOR = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=(
        "I | V/3 | vi | IV",
        "Iadd9 | iii | IVmaj7 | Vsus4 V",
        "I | I/3 | IV | ii7",
        "vi | IV | I/3 | V",
        "IVmaj7 | V | iii | vi",
    ),
    half=("ii7 | Vsus4", "IV | V"),
    full=("ii7 | Vsus4 V", "IV/3 | V7"),
    final=("I", "Iadd9"),
    turnaround=("ii7 | V7", "IV | Vsus4"),
    hit=("vi", "IV", "ii7"),
)
_MINOR = Harmony(
    modes=("minor", "dorian", "phrygian", "locrian"),
    progressions=(
        "i | VI | III | VII",
        "i | v/3 | VImaj7 | iv",
        "iadd9 | VII/3 | III | iv7",
        "VImaj7 | VII | i | v",
        "i | iv | VII | III",
    ),
    half=("iv | v", "VI | VII", "iv7 | vsus4"),
    full=("iv7 | vsus4 v", "VI | VII", "iv | V"),
    final=("i", "iadd9"),
    turnaround=("iv | v7", "VI | VII"),
    hit=("VI", "iv", "III"),
)

PACK = StylePack(
    name="emotional-piano",
    title="Emotional piano and strings",
    tempo_bpm=(58, 84),
    meters=("4/4", "4/4", "6/8", "3/4"),
    tonics=("C", "D", "Eb", "F", "G", "A", "Bb"),
    harmonies=(_MAJOR, _MINOR),
    room=Room(reverb_seconds=2.6, reverb_damping=0.35, predelay_ms=22),
    intensity=0.45,
    arcs=((-0.2, 0.0, 0.2, 0.3, -0.1), (-0.15, 0.15, -0.05, 0.3, 0.0)),
    cadences=0.7,
    looseness=0.14,
    impact_gain_db=-11.0,
    riser_gain_db=-14.0,
    stab=Voice("string-short", gain_db=-10, reverb_send_db=-10),
    measures=Measures(
        tilt_db=(-7.5, -4.0), crest_db=(14.0, 22.0), width=(0.1, 0.6), air_db=(-33.0, -16.0),
        why="felt swallows the top of a piano, and nothing holds its strokes down",
    ),
    layers=(
        Layer(
            "left hand", "harmony", "pattern",
            Voice("felt-piano", gain_db=-6, pan=-0.1, width=0.5, reverb_send_db=-13),
            compass=(43, 67), voices=4, velocity=(42, 84),
            patterns={
                "4/4": (
                    "1-2-3-4-3-2-3-2-",
                    "1---3---2---3---",
                    "1-3-4-3-2-3-4-3-",
                    "1-2-4---3-2-4---",
                    "C---------3-4-3-",
                ),
                "3/4": ("1-2-3-4-3-2-", "1---3---3---"),
                "6/8": ("1-2-3-4-3-2-", "1-3-4-3-4-3-"),
            },
        ),
        Layer(
            "bass notes", "bass", "bass",
            Voice("piano", gain_db=-8, pan=-0.15, width=0.4, reverb_send_db=-14, lowpass_hz=2500),
            compass=(31, 50), velocity=(46, 84),
            patterns={"4/4": ("R---------------", "R-------5-------", "R-----------8---")},
        ),
        Layer(
            "right hand", "lead", "melody",
            Voice("felt-piano", gain_db=-3, pan=0.08, width=0.4, reverb_send_db=-11),
            compass=(64, 86), velocity=(54, 102),
            melody=MelodyRules(stretch=1, rests=0.15, ornaments=0.12, leaps=5, pickups=0.7),
        ),
        Layer(
            "violins", "pad", "sustain",
            Voice("string-ensemble", gain_db=-10, width=0.9, reverb_send_db=-9),
            compass=(55, 79), voices=4, velocity=(36, 90), enters=0.42,
        ),
        Layer(
            "cello", "harmony", "melody",
            Voice("string-low", gain_db=-6, pan=0.25, width=0.4, reverb_send_db=-11),
            compass=(43, 62), velocity=(48, 92), enters=0.55,
            melody=MelodyRules(stretch=4, rests=0.2, ornaments=0.0, leaps=3),
        ),
        Layer(
            "basses", "bass", "sustain",
            Voice("string-low", gain_db=-5, width=0.3, reverb_send_db=-13),
            compass=(28, 45), voices=1, velocity=(44, 84), enters=0.6,
        ),
        Layer(
            "harp", "harmony", "pattern",
            Voice("harp", gain_db=-10, pan=0.35, width=0.6, reverb_send_db=-10),
            compass=(52, 84), voices=4, velocity=(40, 82), enters=0.66, chance=0.7, spread=True,
            patterns={
                "4/4": ("1234----........", "1.2.3.4.5.4.3.2.", "........12345---"),
                "6/8": ("1-2-3-4-5-4-", "......12345-"),
            },
        ),
        Layer(
            "warm pad", "pad", "sustain",
            Voice("pad-warm", gain_db=-11, width=1.0, reverb_send_db=-12),
            compass=(48, 70), voices=3, velocity=(44, 72), enters=0.3, chance=0.7,
        ),
        Layer(
            "soft drums", "drums", "drums",
            Voice("kit-cinematic", gain_db=-5, width=0.7, reverb_send_db=-9, lowpass_hz=5000,
                  highpass_hz=18),
            velocity=(36, 88), enters=0.72, chance=0.6,
        ),
        Layer(
            "air", "fx", "texture",
            Voice("texture-air", gain_db=-19, width=1.0, reverb_send_db=None),
            velocity=(46, 68),
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("boom", "X...............x..............."),
                DrumLine("tom-floor", "........o.......x.......o.....o."),
                DrumLine("shaker", "o.g.o.g.o.g.o.g.o.g.o.g.o.g.o.g.", enters=0.8),
            ),
            fills=((DrumLine("tom-low", "........o.o.xox."),),),
        ),
        Groove(
            meter="6/8",
            lines=(DrumLine("boom", "X..........."), DrumLine("tom-floor", "......o...g.")),
        ),
    ),
)  # fmt: skip

"""Uplifting: muted guitar and piano eighths, claps and bells, strings that open up late."""

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

_MAJOR = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=(
        "I | V | vi | IV",
        "I | IVadd9 | vi | V",
        "Iadd9 | V/3 | vi | IVadd9",
        "IV | I/3 | V | I",
        "I | iii | IV | Vsus4 V",
    ),
    half=("IV | V", "ii7 | Vsus4"),
    full=("IV | V", "IV | Vsus4 V"),
    final=("I", "Iadd9"),
    turnaround=("IV | V", "vi | Vsus4"),
    hit=("vi", "IV", "I/3"),
)
_MINOR = Harmony(
    modes=("minor", "dorian", "phrygian", "locrian"),
    progressions=(
        "i | VI | III | VII",
        "i | VII | VI | VII",
        "i | III | VII | iv",
        "iadd9 | v | VI | VII",
        "VI | VII | i | III",
        "i | iv | VI | VII",
        "i III | VII | iv | VI VII",
    ),
    half=("VI | VII", "iv | v"),
    full=("VI | VII", "iv | v"),
    final=("i", "iadd9"),
    turnaround=("VI | VII", "iv | v"),
    hit=("VI", "III", "iv"),
)

PACK = StylePack(
    name="uplifting",
    title="Uplifting and corporate",
    tempo_bpm=(96, 134),
    meters=("4/4", "4/4", "4/4", "6/8"),
    tonics=("C", "D", "E", "F", "G", "A"),
    harmonies=(_MAJOR, _MINOR),
    room=Room(reverb_seconds=1.6, reverb_damping=0.35, predelay_ms=18, delay_beats=Fraction(3, 4)),
    intensity=0.6,
    arcs=((-0.35, -0.1, 0.1, 0.25, 0.3), (-0.3, 0.1, -0.1, 0.3), (-0.2, 0.0, 0.2, 0.3)),
    cadences=0.4,
    looseness=0.08,
    impact_gain_db=-9.0,
    riser_gain_db=-15.0,
    stab=Voice("piano", gain_db=-8, reverb_send_db=-12),
    measures=Measures(
        tilt_db=(-6.5, -2.5), crest_db=(13.0, 21.0), width=(0.15, 0.65), air_db=(-25.0, -9.0),
        why="made to be bright and open under a voice: claps, shakers and bells above soft pads",
    ),
    layers=(
        Layer(
            "muted guitar", "harmony", "pattern",
            Voice("guitar-muted", gain_db=-1, pan=-0.35, width=0.4, reverb_send_db=-15,
                  delay_send_db=-12, lowpass_hz=9000),
            compass=(52, 76), voices=3, velocity=(52, 96),
            patterns={
                "4/4": (
                    "1.1.2.1.3.1.2.1.",
                    "1.2.1.3.1.2.1.3.",
                    "1.1.1.1.2.2.3.3.",
                    "1.3.2.3.1.3.2.3.",
                    "1.2.3.2.1.2.3.2.",
                    "1..2..3.1..2..3.",
                    "2.1.2.1.3.1.3.1.",
                ),
                "3/4": ("1.1.2.1.3.1.", "1.2.1.3.1.2."),
                "6/8": ("1.2.3.1.2.3.", "1.1.2.1.1.3."),
            },
        ),
        Layer(
            "piano", "harmony", "pattern",
            Voice("piano", gain_db=-11, pan=0.1, width=0.6, reverb_send_db=-13),
            compass=(52, 74), voices=4, velocity=(48, 98), enters=0.2,
            patterns={
                "4/4": (
                    "C---C---C---C---",
                    "C-----C-----C---",
                    "C---------------",
                    "C-C-C-C-C-C-C-C-",
                ),
                "3/4": ("C---C---C---", "C-----------"),
                "6/8": ("C-----C-----", "C---C-C---C-"),
            },
        ),
        Layer(
            "bells", "lead", "melody",
            Voice("glockenspiel", gain_db=-5, pan=0.3, width=0.4, reverb_send_db=-10,
                  delay_send_db=-14),
            compass=(76, 96), velocity=(50, 92), enters=0.4,
            melody=MelodyRules(stretch=1, rests=0.2, ornaments=0.05, leaps=4, pickups=0.5),
        ),
        Layer(
            "guitar line", "lead", "melody",
            Voice("guitar-steel", gain_db=-5, pan=-0.15, width=0.4, reverb_send_db=-11,
                  delay_send_db=-11),
            compass=(60, 81), velocity=(56, 98), enters=0.55, chance=0.7,
            melody=MelodyRules(stretch=2, rests=0.3, ornaments=0.1, leaps=4, pushes=0.3,
                               pickups=0.5),
        ),
        Layer(
            "strummed guitar", "harmony", "pattern",
            Voice("guitar-steel", gain_db=-12, pan=0.4, width=0.6, reverb_send_db=-16,
                  highpass_hz=150),
            compass=(52, 76), voices=4, velocity=(46, 88), enters=0.6, chance=0.8,
            strum_steps=Fraction(1, 10),
            patterns={
                "4/4": ("C---C-U-..U-C-U-", "C-U-C-U-C-U-C-U-"),
                "6/8": ("C---U-C---U-", "C-U-U-C-U-U-"),
            },
        ),
        Layer(
            "strings", "pad", "sustain",
            Voice("string-ensemble", gain_db=-9, width=0.9, reverb_send_db=-11),
            compass=(57, 81), voices=4, velocity=(42, 94), enters=0.55,
        ),
        Layer(
            "pad", "pad", "sustain",
            Voice("pad-warm", gain_db=-8, width=1.0, reverb_send_db=-13),
            compass=(48, 70), voices=4, velocity=(48, 76),
        ),
        Layer(
            "bass", "bass", "bass",
            Voice("bass-electric", gain_db=-4, width=0.1, reverb_send_db=None, highpass_hz=25),
            compass=(28, 47), velocity=(64, 100), enters=0.35,
            patterns={
                "4/4": ("R-R-R-R-R-R-R-R-", "R---------R-----", "R-----R-R---a---"),
                "6/8": ("R-R-R-R-R-R-", "R-----R---a-"),
            },
        ),
        Layer(
            "drums", "drums", "drums",
            Voice("kit-acoustic", gain_db=-1.5, width=0.6, reverb_send_db=-16, highpass_hz=25),
            velocity=(54, 108), enters=0.3,
        ),
        Layer(
            "air", "fx", "texture",
            Voice("texture-air", gain_db=-21, width=1.0, reverb_send_db=None),
            velocity=(46, 64), chance=0.6,
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("kick", "X...X...X...X..."),
                DrumLine("clap", "....X.......X...", enters=0.45),
                DrumLine("shaker", "x.o.x.o.x.o.x.o."),
                DrumLine("hat-open", "..o...o...o...o.", enters=0.8),
                DrumLine("tambourine", "....x.......x...", enters=0.65),
            ),
            fills=(
                (DrumLine("clap", "........X...X.X."),),
                (DrumLine("tom-low", "........x.x.xxxX"), DrumLine("kick", "X...X...X...X...")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("kick", "X.....x.X......."),
                DrumLine("snare", "....X.......X...", enters=0.5),
                DrumLine("clap", "....x.......x..."),
                DrumLine("hat", "x.o.x.o.x.o.x.o.", enters=0.4),
                DrumLine("shaker", "xgogxgogxgogxgog", enters=0.65),
            ),
            fills=((DrumLine("snare", "........x.x.XxXX"),),),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("tom-floor", "X.....x.X...x..."),
                DrumLine("clap", "....X.......X...", enters=0.4),
                DrumLine("kick", "X.......X.......", enters=0.5),
                DrumLine("tambourine", "x.o.x.o.x.o.x.o.", enters=0.55),
            ),
            fills=((DrumLine("tom-mid", "........x.x....."),
                    DrumLine("tom-floor", "............x.xX")),),
            crash="crash",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("kick", "X.....X....."),
                DrumLine("clap", "......X.....", enters=0.4),
                DrumLine("shaker", "x.o.o.x.o.o."),
                DrumLine("tambourine", "......x.....", enters=0.6),
            ),
            fills=((DrumLine("tom-low", "....x.x.xxxX"),),),
            crash="crash",
        ),
    ),
)  # fmt: skip

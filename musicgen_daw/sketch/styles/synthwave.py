"""Synthwave: gated drums, a bass in sixteenths that pumps, saws, a lead with an echo."""

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

_MINOR = Harmony(
    modes=("minor", "dorian", "phrygian", "locrian"),
    progressions=(
        "i | VI | III | VII",
        "i | % | VI | VII",
        "i | iv | VI | v",
        "VI | VII | i | i",
        "iadd9 | VImaj7 | III | VIIsus4",
    ),
    half=("VII", "VI | VII", "v"),
    full=("VI | VII", "iv | v", "iv VII"),
    final=("i", "iadd9"),
    turnaround=("VI | VII", "iv | VII"),
    hit=("VI", "iv", "III"),
)
_MAJOR = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=(
        "I | V | vi | IV",
        "I | vi | IV | V",
        "IV | I | V | vi",
        "Iadd9 | iii | IVmaj7 | Vsus4",
    ),
    half=("V", "IV | V", "Vsus4"),
    full=("IV | V", "ii | V"),
    final=("I", "Iadd9"),
    turnaround=("IV | V", "ii | Vsus4"),
    hit=("vi", "IV", "ii"),
)

PACK = StylePack(
    name="synthwave",
    title="Synthwave, retro electronic",
    tempo_bpm=(80, 124),
    meters=("4/4",),
    tonics=("A", "C", "D", "E", "F", "G", "B"),
    harmonies=(_MINOR, _MAJOR),
    room=Room(
        reverb_seconds=2.2, reverb_damping=0.4, predelay_ms=22, delay_beats=Fraction(3, 4),
        delay_feedback=0.42,
    ),
    intensity=0.62,
    arcs=((-0.25, 0.05, 0.2, 0.2), (-0.1, 0.1, -0.25, 0.25), (0.0, 0.15, -0.1, 0.2)),
    cadences=0.35,
    looseness=0.04,
    impact_gain_db=-9.5,
    riser_gain_db=-11.0,
    stab=Voice("supersaw", gain_db=-7, width=0.8, reverb_send_db=-10),
    measures=Measures(
        tilt_db=(-7.0, -4.0), crest_db=(13.0, 19.0), width=(0.15, 0.55), air_db=(-24.0, -12.0),
        why="a bass in sixteenths and gated drums carry the weight; saws open and wide above",
    ),
    layers=(
        Layer(
            "bass", "bass", "bass",
            Voice("bass-synth", gain_db=-1.5, width=0.1, reverb_send_db=None, lowpass_hz=3200,
                  highpass_hz=25, duck_db=6),
            compass=(28, 47), velocity=(70, 104),
            patterns={
                "4/4": (
                    "RRRRRRRRRRRRRRRR",
                    ".RRR.RRR.RRR.RRR",
                    "R.R.8.R.R.R.8.R.",
                    "R-R.R-R.R-R.R-8.",
                    "RR8RRR8RRR8RR58a",
                ),
                "3/4": ("RR8RRR8RRR8a", "R.R.8.R.R.8."),
                "6/8": ("R.RR8.R.RR5.", "RRRRR8RRRR5a"),
            },
        ),
        Layer(
            "arpeggio", "harmony", "pattern",
            Voice("synth-pluck", gain_db=-4, pan=0.25, width=0.8, reverb_send_db=-14,
                  delay_send_db=-12, duck_db=3),
            compass=(57, 86), voices=4, velocity=(52, 96), enters=0.3,
            patterns={
                "4/4": (
                    "1234321212343432",
                    "1.2.3.4.5.4.3.2.",
                    "1323142413231424",
                    "..12..34..32..54",
                    "5432543254325432",
                ),
                "3/4": ("123454321234", "1.2.3.4.3.2."),
                "6/8": ("123432345432", "1.2.3.5.4.3."),
            },
        ),
        Layer(
            "chords", "harmony", "sustain",
            Voice("pad-saw", gain_db=-7, pan=-0.1, width=1.0, reverb_send_db=-12, duck_db=7),
            compass=(50, 76), voices=4, velocity=(56, 92),
        ),
        Layer(
            "stabs", "harmony", "pattern",
            Voice("synth-stab", gain_db=-5, pan=-0.25, width=0.8, reverb_send_db=-12,
                  delay_send_db=-16),
            compass=(52, 77), voices=3, velocity=(58, 100), enters=0.66, chance=0.8,
            patterns={
                "4/4": (
                    "S.....S.....S...",
                    "..S..S....S..S..",
                    "S..S..S.........",
                    "S---..S.....S.S.................",
                ),
                "3/4": ("S.....S.....", "S..S........"),
                "6/8": ("S.....S..S..", "S.....S....."),
            },
        ),
        Layer(
            "lead", "lead", "melody",
            Voice("supersaw", gain_db=-4, pan=0.05, width=0.7, reverb_send_db=-10,
                  delay_send_db=-11, lowpass_hz=9000),
            compass=(62, 86), velocity=(64, 106), enters=0.5,
            melody=MelodyRules(stretch=2, rests=0.2, ornaments=0.05, leaps=5, pushes=0.4,
                               pickups=0.5),
        ),
        Layer(
            "soft lead", "lead", "melody",
            Voice("lead-soft", gain_db=-5, pan=-0.2, width=0.5, reverb_send_db=-8,
                  delay_send_db=-10),
            compass=(60, 81), velocity=(54, 92), enters=0.25, leaves=0.5,
            melody=MelodyRules(stretch=2, rests=0.3, leaps=4, pickups=0.5),
        ),
        Layer(
            "glass", "pad", "sustain",
            Voice("pad-glass", gain_db=-12, pan=0.15, width=1.0, reverb_send_db=-8),
            compass=(62, 88), voices=3, velocity=(46, 84), enters=0.2, leaves=0.8, chance=0.7,
        ),
        Layer(
            "warm pad", "pad", "sustain",
            Voice("pad-warm", gain_db=-9, width=1.0, reverb_send_db=-12, duck_db=7),
            compass=(48, 70), voices=3, velocity=(48, 84), enters=0.4, chance=0.8,
        ),
        Layer(
            "drums", "drums", "drums",
            Voice("kit-gated", gain_db=-5.5, width=0.7, reverb_send_db=-20, highpass_hz=22),
            velocity=(76, 116), enters=0.3,
        ),
        Layer(
            "air", "fx", "texture",
            Voice("texture-air", gain_db=-20, width=1.0, reverb_send_db=None),
            velocity=(46, 66), leaves=0.6, chance=0.7,
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("kick", "X...X...X...X..."),
                DrumLine("snare", "....X.......X...", enters=0.4),
                DrumLine("hat", "x.x.x.x.x.x.x.x."),
                DrumLine("hat", ".o.o.o.o.o.o.o.o", enters=0.65),
                DrumLine("clap", "....o.......o...", enters=0.75),
            ),
            fills=(
                (DrumLine("tom-high", "........xx......"), DrumLine("tom-mid", "..........xx...."),
                 DrumLine("tom-floor", "............X.XX")),
                (DrumLine("snare", "........x.x.xxXX"),),
                (DrumLine("tom-high", "X..X............"), DrumLine("tom-mid", "......X..X......"),
                 DrumLine("tom-floor", "............X.X.")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("kick", "X.....X...X.....X.....X.X...X..."),
                DrumLine("snare", "....X.......X.......X.......X..g", enters=0.4),
                DrumLine("hat", "x.o.x.o.x.o.x.o.x.o.x.o.x.o.x.oo"),
                DrumLine("hat-open", "..............x...............x.", enters=0.65),
                DrumLine("tambourine", "....x.......x.......x.......x...", enters=0.7),
            ),
            fills=(
                (DrumLine("snare", "............xxXX"),
                 DrumLine("tom-floor", "..........x...xx")),
                (DrumLine("tom-mid", "........xxx....."),
                 DrumLine("tom-floor", "...........xxxXX")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("kick", "X...X...X...X.x."),
                DrumLine("snare", "....X.......X...", enters=0.4),
                DrumLine("hat-open", "..x...x...x...x."),
                DrumLine("hat", "x...x...x...x...", enters=0.5),
                DrumLine("shaker", "o.x.o.x.o.x.o.x.", enters=0.7),
            ),
            fills=((DrumLine("snare", "x...x...x.x.xxxX"),),),
            crash="crash",
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("kick", "X.......x..."),
                DrumLine("snare", "....X.......", enters=0.4),
                DrumLine("hat", "x.x.x.x.x.x."),
            ),
            fills=((DrumLine("tom-mid", "....xxxx...."), DrumLine("tom-floor", "........xxXX")),),
            crash="crash",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("kick", "X.....x...x."),
                DrumLine("snare", "......X.....", enters=0.4),
                DrumLine("hat", "x.x.x.x.x.x."),
            ),
            fills=((DrumLine("snare", "......xxxxXX"),),),
            crash="crash",
        ),
    ),
)  # fmt: skip

"""Drum and bass: fast breaks, a reese over a sub, wide pads; half time where it is calm."""

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
        "i7 | % | VImaj7 | %",
        "iadd9 | VImaj7 | iv7 | v7",
        "i | % | iv7 | %",
        "i7 | III | VII | iv7",
        "VImaj7 | v7 | i7 | %",
        "iadd9 | % | VImaj7 | VII",
        "i | VII | VImaj7 | v7",
        "i7 | v7 | VImaj7 | %",
        "i | III | VImaj7 | VII",
        "VImaj7 | % | i7 | v7",
        "iadd9 | iv7 | VII | III",
        "i7 VII | VImaj7 | iv7 | v7",
    ),
    half=("v7", "VII", "iv7 | v7"),
    full=("VImaj7 | VII", "iv7 | v7"),
    final=("i7", "iadd9"),
    turnaround=("VImaj7 | v7", "iv7 | VII"),
    hit=("VImaj7", "iv7", "III"),
)
_MAJOR = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=(
        "Imaj7 | % | vi7 | IVmaj7",
        "Iadd9 | iii7 | IVmaj7 | V",
        "I | V | vi7 | IVmaj7",
        "Iadd9 | % | ii7 | Vsus4",
        "IVmaj7 | V | Iadd9 | %",
    ),
    half=("V", "ii7 | Vsus4"),
    full=("IVmaj7 | V", "ii7 | V"),
    final=("Iadd9", "Imaj7"),
    turnaround=("IVmaj7 | V", "ii7 | Vsus4"),
    hit=("vi7", "IVmaj7", "ii7"),
)

PACK = StylePack(
    name="drum-and-bass",
    title="Drum and bass, jungle",
    tempo_bpm=(164, 180),
    meters=("4/4",),
    tonics=("F", "E", "G", "A", "D", "C", "F#"),
    harmonies=(_MINOR, _MAJOR),
    room=Room(
        reverb_seconds=2.0, reverb_damping=0.45, predelay_ms=20, delay_beats=Fraction(3, 2),
        delay_feedback=0.4,
    ),
    intensity=0.66,
    arcs=((-0.32, 0.0, 0.2, 0.2), (-0.1, 0.12, -0.3, 0.25), (0.0, 0.15, -0.28, 0.22)),
    phrase_bars=8,
    cadences=0.25,
    looseness=0.07,
    impact_gain_db=-10.0,
    riser_gain_db=-9.0,
    stab=Voice("synth-stab", gain_db=-3, width=0.9, reverb_send_db=-9),
    measures=Measures(
        tilt_db=(-7.0, -3.5), crest_db=(12.0, 19.0), width=(0.1, 0.5), air_db=(-25.0, -10.0),
        why="a sub in the middle weighs against a break whose cymbals never stop",
    ),
    layers=(
        Layer(
            "sub", "bass", "bass",
            Voice("bass-deep", gain_db=-6, width=0.0, reverb_send_db=None, highpass_hz=26,
                  duck_db=5),
            compass=(28, 44), velocity=(80, 104),
            patterns={
                "4/4": (
                    "R-----------R---R-------....5---",
                    "R---------R-----R-------R-----a-",
                    "R-------------..R---------8-R---",
                    "R--...R-----..R-R--...R---..a---",
                ),
                "3/4": ("R-------R---", "R-----R---a-"),
                "6/8": ("R-----R-----", "R--------.a-"),
            },
        ),
        Layer(
            "reese", "bass", "bass",
            Voice("bass-reese", gain_db=-9, width=0.7, reverb_send_db=-24, highpass_hz=95,
                  duck_db=5),
            compass=(33, 52), velocity=(64, 112), enters=0.5,
            patterns={
                "4/4": (
                    "R---------..R---R---....R--.5---",
                    "R--R--....R---..R--R--....8-R-a-",
                    "R-..R-....R-R-..R-..R-....5-R-8-",
                    "R------.....R-..R------...8-..a-",
                    "......R---..R-........R---8-R-a-",
                ),
                "3/4": ("R--R--..R-a-", "R-----..R-8-"),
                "6/8": ("R--..R--..R-", "R-----R--.a-"),
            },
        ),
        Layer(
            "pad", "pad", "sustain",
            Voice("pad-warm", gain_db=-8, width=1.0, reverb_send_db=-10, highpass_hz=140,
                  duck_db=4),
            compass=(50, 74), voices=4, velocity=(54, 86),
        ),
        Layer(
            "glass", "pad", "sustain",
            Voice("pad-glass", gain_db=-13, pan=0.15, width=1.0, reverb_send_db=-8),
            compass=(62, 86), voices=3, velocity=(46, 80), leaves=0.7, chance=0.7,
        ),
        Layer(
            "keys", "harmony", "pattern",
            Voice("electric-piano", gain_db=-10, pan=-0.2, width=0.8, reverb_send_db=-11,
                  delay_send_db=-11, highpass_hz=150),
            compass=(53, 77), voices=4, velocity=(50, 92),
            patterns={
                "4/4": (
                    "C---------------......S---......",
                    "..C-------......C-------..S-....",
                    "C-----S---......",
                    "C-----------..S-S-....C---------",
                    "C---....1-3-2-4-",
                    "4---3---2---3---",
                    "C-----------..1-2-----3-----..4-",
                ),
                "3/4": ("C-------S---", "C-----S-...."),
                "6/8": ("C-----..S---", "C--------S.."),
            },
        ),
        Layer(
            "stabs", "harmony", "pattern",
            Voice("synth-stab", gain_db=-8, pan=0.25, width=0.9, reverb_send_db=-10,
                  delay_send_db=-10, highpass_hz=160),
            compass=(53, 79), voices=4, velocity=(58, 104), enters=0.6, chance=0.8,
            patterns={
                "4/4": (
                    "......S.........",
                    "..S.....S.....S.................",
                    "S..S..S.........",
                    "..........S..S..................",
                ),
                "3/4": ("..S.....S...", "......S....."),
                "6/8": ("...S.....S..", "......S....."),
            },
        ),
        Layer(
            "lead", "lead", "melody",
            Voice("supersaw", gain_db=-8, pan=0.05, width=0.8, reverb_send_db=-9,
                  delay_send_db=-10, lowpass_hz=8500, highpass_hz=180),
            compass=(62, 86), velocity=(60, 104), enters=0.62,
            melody=MelodyRules(stretch=2, rests=0.3, ornaments=0.0, leaps=5, pushes=0.3),
        ),
        Layer(
            "soft lead", "lead", "melody",
            Voice("lead-soft", gain_db=-7, pan=-0.15, width=0.5, reverb_send_db=-8,
                  delay_send_db=-9),
            compass=(62, 84), velocity=(52, 90), enters=0.25, leaves=0.62,
            melody=MelodyRules(stretch=4, rests=0.25, leaps=4),
        ),
        Layer(
            "arpeggio", "lead", "pattern",
            Voice("synth-pluck", gain_db=-7, pan=-0.35, width=0.8, reverb_send_db=-12,
                  delay_send_db=-10, highpass_hz=200),
            compass=(60, 88), voices=4, velocity=(48, 90), enters=0.55, chance=0.7,
            patterns={
                "4/4": ("1..3..2..4..3.2.", "1.3.2.4.1.3.2.5.", "4...3...2...3.4."),
                "3/4": ("1..3..2.4.3.",),
                "6/8": ("1..3..2..4..",),
            },
        ),
        Layer(
            "strings", "pad", "sustain",
            Voice("string-ensemble", gain_db=-11, width=1.0, reverb_send_db=-9, highpass_hz=200),
            compass=(60, 84), voices=3, velocity=(48, 90), enters=0.75, chance=0.6,
        ),
        Layer(
            "drums", "drums", "drums",
            Voice("kit-break", gain_db=-3, width=0.7, reverb_send_db=-20, highpass_hz=24),
            velocity=(80, 118),
        ),
        Layer(
            "air", "fx", "texture",
            Voice("texture-air", gain_db=-21, width=1.0, reverb_send_db=None),
            velocity=(46, 66), leaves=0.6, chance=0.7,
        ),
    ),
    grooves=(
        # The two-step: bass drum and snare in one bar of double time, ghosts rolling between.
        Groove(
            lines=(
                DrumLine("kick", "X.........x.....", enters=0.3, leaves=0.45),
                DrumLine("snare", "........X.......", enters=0.3, leaves=0.45),
                DrumLine("kick", "X.........X.....", enters=0.45),
                DrumLine("snare", "....X.......X...", enters=0.45),
                DrumLine("snare", ".......g.g.....g", enters=0.58),
                DrumLine("hat", "X.o.X.o.X.o.X.o."),
                DrumLine("hat", ".g.g.g.g.g.g.g.g", enters=0.62),
                DrumLine("hat-open", "..............x.", enters=0.66),
                DrumLine("ride", "x...x...x...x...", enters=0.82),
            ),
            fills=(
                (DrumLine("snare", "........x.xxX.XX"), DrumLine("kick", "X.........X.....")),
                (DrumLine("snare", "....X..x..x.XXXX"), DrumLine("kick", "X.X.............")),
                (DrumLine("tom-mid", "........x..x...."),
                 DrumLine("tom-floor", "..............XX"), DrumLine("kick", "X...............")),
            ),
            crash="crash",
        ),
        # A break of two bars, cut so that the second answers the first late.
        Groove(
            lines=(
                DrumLine("kick", "X.....x.........", enters=0.3, leaves=0.45),
                DrumLine("rim", "........X.......", enters=0.3, leaves=0.45),
                DrumLine("kick", "X.X.......XX....X.X.......X.....", enters=0.45),
                DrumLine("snare", "....X.......X.......X.........X.", enters=0.45),
                DrumLine("snare", ".......o.o.....g.......o.o..g...", enters=0.52),
                DrumLine("ride", "X.o.X.o.X.o.X.o.", enters=0.7),
                DrumLine("hat", "X.o.X.o.X.o.X.o.", leaves=0.7),
                DrumLine("shaker", "xgogxgogxgogxgog", enters=0.6),
            ),
            fills=(
                (DrumLine("snare", "........X..X..X."), DrumLine("kick", "X.X.......x..x..")),
                (DrumLine("snare", "............22XX"), DrumLine("kick", "X.X.......X.....")),
            ),
            crash="crash",
        ),
        # The stepper: three bass drums push over the bar line.
        Groove(
            lines=(
                DrumLine("kick", "X.............x.", enters=0.3, leaves=0.45),
                DrumLine("snare", "........X.......", enters=0.3, leaves=0.45),
                DrumLine("kick", "X..X......X.....X..X......X..x..", enters=0.45),
                DrumLine("snare", "....X.......X.......X.......X..g", enters=0.45),
                DrumLine("hat", "XgogXgogXgogXgog"),
                DrumLine("tambourine", "....x.......x...", enters=0.68),
                DrumLine("rim", "......o..o....o.", enters=0.6),
            ),
            fills=(
                (DrumLine("snare", "....X.....x.xxXX"), DrumLine("kick", "X..X............")),
                (DrumLine("tom-high", "........xx......"), DrumLine("tom-mid", "..........xx...."),
                 DrumLine("tom-floor", "............XXXX")),
            ),
            crash="crash",
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("kick", "X...........", enters=0.3, leaves=0.45),
                DrumLine("rim", "........X...", enters=0.3, leaves=0.45),
                DrumLine("kick", "X.....X.....", enters=0.45),
                DrumLine("snare", "....X.....X.", enters=0.45),
                DrumLine("snare", ".......g.g..", enters=0.58),
                DrumLine("hat", "x.o.x.o.x.o."),
            ),
            fills=((DrumLine("snare", "....x.xxX.XX"), DrumLine("kick", "X...........")),),
            crash="crash",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("kick", "X...........", enters=0.3, leaves=0.45),
                DrumLine("rim", "......X.....", enters=0.3, leaves=0.45),
                DrumLine("kick", "X...x...x...", enters=0.45),
                DrumLine("snare", "......X.....", enters=0.45),
                DrumLine("snare", "...g.....g.g", enters=0.58),
                DrumLine("hat", "x.o.o.x.o.o."),
            ),
            fills=((DrumLine("snare", "......x.xxXX"), DrumLine("kick", "X...x.......")),),
            crash="crash",
        ),
    ),
)  # fmt: skip

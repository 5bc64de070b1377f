"""House and techno: four on the floor, a bass between the kicks, piano and stabs off the beat."""

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
        "i7 | % | iv7 | %",
        "i7 | VImaj7 | iv7 | v7",
        "iadd9 | III | VII | iv7",
        "i7 | v7 | VImaj7 | VII",
        "i | % | % | VII",
        "VImaj7 | VII | i7 | %",
        "iv7 | v7 | i7 | iadd9",
        "i7 VII | VImaj7 v7 | i7 VII | iv7",
    ),
    half=("VII", "v7", "iv7 | v7"),
    full=("iv7 | v7", "VImaj7 | VII"),
    final=("i7", "iadd9"),
    turnaround=("VImaj7 | VII", "iv7 | v7"),
    hit=("VImaj7", "iv7", "IIImaj7"),
)
_MAJOR = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=(
        "I | IVmaj7 | vi7 | V",
        "Iadd9 | vi7 | IVmaj7 | V",
        "I | V | vi7 | IV",
        "Iadd9 | % | ii7 | Vsus4",
        "IVmaj7 | V | Iadd9 | vi7",
    ),
    half=("V", "ii7 | Vsus4"),
    full=("IVmaj7 | V", "ii7 | V"),
    final=("Iadd9", "I"),
    turnaround=("ii7 | V", "IVmaj7 | Vsus4"),
    hit=("vi7", "IVmaj7", "ii7"),
)

PACK = StylePack(
    name="house",
    title="House and techno",
    tempo_bpm=(115, 138),
    meters=("4/4",),
    tonics=("A", "C", "D", "E", "F", "G", "Bb"),
    harmonies=(_MINOR, _MAJOR),
    room=Room(
        reverb_seconds=1.4, reverb_damping=0.5, predelay_ms=15, delay_beats=Fraction(3, 4),
        delay_feedback=0.4,
    ),
    intensity=0.65,
    arcs=((-0.3, 0.0, 0.2, 0.2), (-0.1, 0.1, -0.3, 0.25), (0.0, 0.15, -0.15, 0.2)),
    cadences=0.2,
    swing=Fraction(1, 8),
    looseness=0.05,
    impact_gain_db=-9.0,
    riser_gain_db=-9.0,
    stab=Voice("synth-stab", gain_db=-6, width=0.8, reverb_send_db=-10),
    measures=Measures(
        tilt_db=(-6.5, -3.0), crest_db=(12.0, 19.0), width=(0.1, 0.5), air_db=(-24.0, -9.0),
        why="the kick in the middle is the loudest thing; hats and claps keep the top open",
    ),
    layers=(
        Layer(
            "piano", "harmony", "pattern",
            Voice("piano-bright", gain_db=-14, pan=-0.15, width=0.8, reverb_send_db=-14,
                  highpass_hz=120, duck_db=3),
            compass=(53, 79), voices=4, velocity=(60, 104), enters=0.25,
            patterns={
                "4/4": (
                    "S..S..S...S..S..",
                    "S..S...S..S...S.",
                    "..S..S....S..S..",
                    "S..S..S..S..S.S.",
                    "S.....S..S..S...S..S..S...S...S.",
                ),
                "3/4": ("S..S..S..S..", "..S...S...S."),
                "6/8": ("S..S..S.S..S", "S..S..S..S.."),
            },
        ),
        Layer(
            "stabs", "harmony", "pattern",
            Voice("synth-stab", gain_db=-10, pan=0.25, width=0.9, reverb_send_db=-11,
                  delay_send_db=-12, highpass_hz=110, duck_db=3),
            compass=(50, 76), voices=4, velocity=(56, 100), enters=0.5,
            patterns={
                "4/4": (
                    "..S...S...S...S.",
                    "...S......S.....",
                    "..S..S....S.....",
                    "......S.........",
                    "..S.....S..S....",
                ),
                "3/4": ("..S...S...S.", "...S........"),
                "6/8": ("..S..S..S..S", "....S.....S."),
            },
        ),
        Layer(
            "bass", "bass", "bass",
            Voice("bass-pluck", gain_db=3, width=0.1, reverb_send_db=None, highpass_hz=28,
                  duck_db=6),
            compass=(28, 46), velocity=(72, 106),
            patterns={
                "4/4": (
                    "..R...R...R...R.",
                    "..R..RR...R..R8.",
                    ".RR..RR..RR..R5.",
                    "R..R..R...R..8a.",
                    "..R...R..8R...a...R...R..5R.8.a.",
                ),
                "3/4": ("..R...R...a.", ".RR..RR..R8."),
                "6/8": ("..R..R..R..a", ".RR.RR.RR.R8"),
            },
        ),
        Layer(
            "organ bass", "bass", "bass",
            Voice("bass-organ", gain_db=-3, width=0.1, reverb_send_db=None, highpass_hz=28,
                  duck_db=4),
            compass=(33, 52), velocity=(60, 96), enters=0.6, chance=0.4,
            patterns={"4/4": ("..8...R...8..R..", "R..8..R..R..8...")},
        ),
        Layer(
            "pad", "pad", "sustain",
            Voice("pad-saw", gain_db=-7, width=1.0, reverb_send_db=-12, highpass_hz=150,
                  duck_db=9),
            compass=(50, 74), voices=4, velocity=(52, 88),
        ),
        Layer(
            "hook", "lead", "melody",
            Voice("synth-pluck", gain_db=-1, pan=0.1, width=0.7, reverb_send_db=-11,
                  delay_send_db=-9),
            compass=(62, 86), velocity=(62, 104), enters=0.55,
            melody=MelodyRules(stretch=1, rests=0.35, ornaments=0.0, leaps=5, pushes=0.5),
        ),
        Layer(
            "strings", "pad", "sustain",
            Voice("string-ensemble", gain_db=-8, width=1.0, reverb_send_db=-9, highpass_hz=200,
                  duck_db=5),
            compass=(60, 84), voices=3, velocity=(50, 92), enters=0.7, chance=0.6,
        ),
        Layer(
            "arpeggio", "lead", "pattern",
            Voice("synth-pluck", gain_db=-7, pan=-0.35, width=0.8, reverb_send_db=-12,
                  delay_send_db=-10, duck_db=5),
            compass=(64, 91), voices=4, velocity=(48, 88), enters=0.72, chance=0.7,
            patterns={
                "4/4": ("1.3.2.4.1.3.2.5.", "12.34.21.34.12.3", "4321432143215432"),
                "3/4": ("1.3.2.4.3.2.",),
                "6/8": ("123432123454",),
            },
        ),
        Layer(
            "drums", "drums", "drums",
            Voice("kit-909", gain_db=-4.5, width=0.6, reverb_send_db=-22, highpass_hz=22),
            velocity=(84, 116),
        ),
        Layer(
            "air", "fx", "texture",
            Voice("texture-air", gain_db=-22, width=1.0, reverb_send_db=None),
            velocity=(46, 66), leaves=0.55, chance=0.6,
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("kick", "X...X...X...X...", enters=0.3),
                DrumLine("clap", "....X.......X...", enters=0.42),
                DrumLine("hat-open", "..x...x...x...x.", enters=0.5),
                DrumLine("hat", "XgogXgogXgogXgog"),
                DrumLine("rim", "...o..o....o..?.", enters=0.6),
            ),
            fills=(
                (DrumLine("snare", "........x.x.xxXX"), DrumLine("kick", "X...X...........")),
                (DrumLine("clap", "....X...X.X.XXXX"), DrumLine("kick", "X...X...X...X...")),
                (DrumLine("tom-mid", "..........x..x.."),
                 DrumLine("tom-floor", "...........x..xX")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("kick", "X...X...X...X..?", enters=0.3),
                DrumLine("clap", "....X.......X.......X.......X..o", enters=0.42),
                DrumLine("hat-open", "..x...x...x...x.", enters=0.55),
                DrumLine("shaker", "XgogXxogXgogXxog"),
                DrumLine("conga-high", "...x..x....x....", enters=0.58),
                DrumLine("conga-low", "..........x...x.", enters=0.58),
                DrumLine("tambourine", "....x.......x...", enters=0.75),
            ),
            fills=(
                (DrumLine("snare", "............X2XX"), DrumLine("kick", "X...X...X.......")),
                (DrumLine("conga-high", "........x.xx...."),
                 DrumLine("conga-low", "............xxxX")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("kick", "X...X...X...X...", enters=0.3),
                DrumLine("rim", "...x.....x....x.", enters=0.45),
                DrumLine("clap", "............X...", enters=0.5),
                DrumLine("ride", "..x...x...x...x.", enters=0.7),
                DrumLine("hat", "g.x.g.x.g.x.g.x."),
                DrumLine("hat", "x..gx..gx..gx..g", enters=0.55),
                DrumLine("tom-floor", ".......o.......x", enters=0.65),
            ),
            fills=((DrumLine("snare", "....g.g.o.o.xxXX"), DrumLine("kick", "X...X...X...X...")),),
            crash="crash",
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("kick", "X...X...X...", enters=0.3),
                DrumLine("clap", "........X...", enters=0.42),
                DrumLine("hat-open", "..X...X...X.", enters=0.5),
                DrumLine("hat", "x.o.x.o.x.o."),
            ),
            fills=((DrumLine("snare", "....x.x.xxXX"), DrumLine("kick", "X...X.......")),),
            crash="crash",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("kick", "X.....X.....", enters=0.3),
                DrumLine("clap", "......X.....", enters=0.42),
                DrumLine("hat-open", "...X.....X..", enters=0.5),
                DrumLine("shaker", "x.oxo.x.oxo."),
            ),
            fills=((DrumLine("snare", "......x.xxXX"), DrumLine("kick", "X.....X.....")),),
            crash="crash",
        ),
    ),
)  # fmt: skip

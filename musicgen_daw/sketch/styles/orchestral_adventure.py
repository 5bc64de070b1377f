"""Orchestral adventure: a brass theme over racing strings, snare and timpani, runs and fanfares."""

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
        "I | IV/5 | I | V",
        "I | V/3 | IV | I V",
        "I | vi | IV | V",
        "I I/3 | IV V | I vi | ii V",
        "Iadd9 | V | vi IV | I/3 V",
        "I | iii | IV | Vsus4 V",
    ),
    half=("IV | V", "ii/3 | V", "I/5 V"),
    full=("IV | V", "ii/3 | Vsus4 V", "IV I/5 | V7"),
    final=("I",),
    turnaround=("IV | V", "ii | Vsus4 V"),
    hit=("vi", "IV", "I/3"),
)
_MINOR = Harmony(
    modes=("minor", "dorian", "phrygian", "locrian"),
    progressions=(
        "i | VI | III | VII",
        "i | VII/3 | i/3 | iv",
        "i | iv | VI | v",
        "i VII | VI | iv | i/5 v",
        "i | III | VI | iv v",
    ),
    half=("iv | v", "VI | VII", "iv/3 | v"),
    full=("iv | V", "VI | V7", "iv i/5 | V"),
    final=("i", "i5"),
    turnaround=("iv | v", "VI | VII"),
    hit=("VI", "iv", "III"),
)

PACK = StylePack(
    name="orchestral-adventure",
    title="Orchestral adventure",
    tempo_bpm=(104, 144),
    meters=("4/4", "4/4", "4/4", "6/8", "3/4"),
    tonics=("C", "D", "Eb", "F", "G", "Bb"),
    harmonies=(_MAJOR, _MINOR),
    room=Room(reverb_seconds=2.3, reverb_damping=0.45, predelay_ms=24),
    intensity=0.65,
    arcs=((-0.25, 0.0, 0.15, 0.3, 0.2), (0.1, -0.2, 0.1, 0.3), (-0.1, 0.15, -0.1, 0.3)),
    cadences=0.7,
    looseness=0.09,
    impact_gain_db=-9.0,
    riser_gain_db=-14.0,
    stab=Voice("trumpets", gain_db=-8, reverb_send_db=-10),
    measures=Measures(
        tilt_db=(-7.0, -4.0), crest_db=(13.0, 20.0), width=(0.2, 0.65), air_db=(-27.0, -12.0),
        why="a hall takes the top from the strings; snare and cymbals give some of it back",
    ),
    layers=(
        Layer(
            "string figure", "harmony", "pattern",
            Voice("string-short", gain_db=0, pan=-0.25, width=0.6, reverb_send_db=-12),
            compass=(55, 79), voices=3, velocity=(50, 108), enters=0.15,
            patterns={
                "4/4": (
                    "1.1121.1311.2121",
                    "1.2.3.2.1.2.3.2.",
                    "1.112.113.113.21",
                    "3.211.213.212.11",
                ),
                "3/4": ("1.112.113.21", "1.2.3.2.1.2."),
                "6/8": ("1.1121311121", "1.2.3.3.2.1."),
            },
        ),
        Layer(
            "violin runs", "harmony", "pattern",
            Voice("string-short", gain_db=-2, pan=-0.4, width=0.7, reverb_send_db=-10),
            compass=(65, 84), voices=3, velocity=(58, 104), enters=0.5,
            patterns={
                "4/4": (
                    "................................................1^^^^^^^^^^^^^^^",
                    "................................4vvvv^^^1...............3^^^^^^^",
                    "........1^^^^^^^........3vvvvvvv........2^^^^^^^........1^^^^^^^",
                ),
                "3/4": ("....................................1^^^^^^^^^^^",),
                "6/8": ("....................................1^^^^^^^^^^^",),
            },
        ),
        Layer(
            "horn theme", "lead", "melody",
            Voice("horns", gain_db=-2, pan=0.15, width=0.5, reverb_send_db=-9),
            compass=(53, 74), velocity=(62, 108), enters=0.35,
            melody=MelodyRules(stretch=1, rests=0.12, ornaments=0.0, leaps=5, pickups=0.8),
        ),
        Layer(
            "woodwinds", "lead", "melody",
            Voice("flute", gain_db=-2, pan=-0.1, width=0.4, reverb_send_db=-9),
            compass=(69, 91), velocity=(54, 98), leaves=0.72,
            melody=MelodyRules(stretch=1, rests=0.3, ornaments=0.25, leaps=5, pickups=0.6),
        ),
        Layer(
            "fanfare", "harmony", "pattern",
            Voice("trumpets", gain_db=-8, pan=0.3, width=0.5, reverb_send_db=-10),
            compass=(58, 79), voices=3, velocity=(64, 112), enters=0.6,
            patterns={
                "4/4": (
                    "........S.SSC---........C---....",
                    "C-----SSC-------................",
                    "................C---S.SSC-------",
                ),
                "3/4": ("........S.SSC-----------", "C---S.SSC---............"),
                "6/8": ("......S.SSC-C-----......", "C-----S.S.S.C-----------"),
            },
        ),
        Layer(
            "low brass", "harmony", "pattern",
            Voice("trombones", gain_db=-7, pan=0.2, width=0.5, reverb_send_db=-12),
            compass=(43, 62), voices=3, velocity=(54, 104), enters=0.45,
            patterns={"4/4": ("C---------------", "C-------C---S...", "S.....S.C-------")},
        ),
        Layer(
            "strings", "pad", "sustain",
            Voice("string-ensemble", gain_db=-7, width=0.9, reverb_send_db=-10),
            compass=(55, 79), voices=4, velocity=(46, 98),
        ),
        Layer(
            "low strings", "bass", "bass",
            Voice("string-low", gain_db=-0.5, pan=0.2, width=0.4, reverb_send_db=-14),
            compass=(28, 48), velocity=(58, 104),
            patterns={
                "4/4": (
                    "R-----R-R---5---",
                    "R-------R---a---",
                    "R---R---5---a---",
                    "R-------5-------",
                ),
                "6/8": ("R-----R---a-", "R-----5-----"),
                "3/4": ("R-------5---", "R---5---a---"),
            },
        ),
        Layer(
            "timpani", "drums", "bass",
            Voice("timpani", gain_db=-5, pan=-0.1, width=0.5, reverb_send_db=-10, highpass_hz=30),
            compass=(36, 53), velocity=(58, 116), enters=0.4,
            patterns={
                "4/4": (
                    "R.......R.......R.......R...RRRR",
                    "R...........5...R.......R.R.5.R.",
                    "R.......................RRRRRRRR",
                ),
                "6/8": ("R.....5.....", "R.....R.R.R."),
            },
        ),
        Layer(
            "celesta", "harmony", "pattern",
            Voice("celesta", gain_db=-10, pan=0.35, width=0.5, reverb_send_db=-8),
            compass=(72, 96), voices=4, velocity=(46, 84), leaves=0.7, chance=0.6,
            patterns={"4/4": ("1.2.3.4.........", "........4.3.2.1.", "..3...4...3.....")},
        ),
        Layer(
            "choir", "pad", "sustain",
            Voice("choir", gain_db=-12, width=0.9, reverb_send_db=-9),
            compass=(53, 76), voices=3, velocity=(50, 96), enters=0.78, chance=0.6,
        ),
        Layer(
            "percussion", "drums", "drums",
            Voice("kit-orchestral", gain_db=-3, width=0.7, reverb_send_db=-12, highpass_hz=20),
            velocity=(52, 112), enters=0.25,
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("snare", "x.goX.goX.goX.go", enters=0.4),
                DrumLine("boom", "X...............X.......x.......", enters=0.35),
                DrumLine("triangle", "o...o...o...o...", leaves=0.6),
                DrumLine("tambourine", "....x.......x...", enters=0.65),
            ),
            fills=(
                (DrumLine("snare", "........x.xxxxxX"),),
                (DrumLine("snare", "....gggooooxxxXX"), DrumLine("boom", "X...........X...")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("snare", "X..xx.x.X..xx.xx", enters=0.4),
                DrumLine("boom", "X.......X.......", enters=0.45),
                DrumLine("tambourine", "x.g.x.g.x.g.x.gg", enters=0.55),
                DrumLine("triangle", "x.......x.......", leaves=0.55),
            ),
            fills=((DrumLine("snare", "X..xX..xX.xxXXXX"),),),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("boom", "X.......o.......", enters=0.25),
                DrumLine("snare", "....g.g.....g.oo", enters=0.5),
                DrumLine("tick", "o...o...o...o...", leaves=0.65),
            ),
            fills=((DrumLine("snare", "............oxxX"),),),
            crash="crash",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("snare", "X.g.o.X.g.oo", enters=0.4),
                DrumLine("boom", "X...........", enters=0.3),
                DrumLine("tambourine", "x...x.x...x.", enters=0.6),
                DrumLine("triangle", "o.....o.....", leaves=0.6),
            ),
            fills=((DrumLine("snare", "x.xxxxX.xxXX"),),),
            crash="crash",
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("snare", "..g.x.g.x.go", enters=0.4),
                DrumLine("boom", "X...........", enters=0.3),
                DrumLine("triangle", "o...o...o...", leaves=0.6),
            ),
            fills=((DrumLine("snare", "....x.xxxxXX"),),),
            crash="crash",
        ),
    ),
)  # fmt: skip

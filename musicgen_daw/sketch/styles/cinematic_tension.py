"""Cinematic tension: string ostinati over pedals, a ticking clock, low drums, few notes on top."""

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
    modes=("minor", "dorian", "locrian"),
    progressions=(
        "i | % | VI | iv",
        "i | i/3 | iv | VI",
        "i | VI | iv | v",
        "i5 | VIadd9 | i5 | ivadd9",
        "i | VII/3 | VI | iv",
        "iadd9 | % | VImaj7 | vsus4",
    ),
    half=("vsus4 | v", "iv | vsus4", "VII"),
    full=("iv | vsus4", "VI | v7", "iv/3 | V"),
    final=("i", "iadd9", "i5"),
    turnaround=("VI | v", "iv | vsus4"),
    hit=("VI", "iv", "III", "ivadd9"),
)
_PHRYGIAN = Harmony(
    modes=("phrygian",),
    progressions=(
        "i | II | i | vii",
        "i5 | % | IImaj7 | %",
        "i | vii | II | i",
        "i | II | iv | II",
    ),
    half=("II", "vii | II"),
    full=("vii | II", "iv | II"),
    final=("i", "i5"),
    turnaround=("II | vii", "iv | II"),
    hit=("II", "VI", "vii"),
)
_MAJOR = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=(
        "Iadd9 | vi | IVmaj7 | ii7",
        "vi | IV | I | V",
        "I5 | % | vi | IVadd9",
    ),
    half=("Vsus4", "ii | Vsus4"),
    full=("IV | Vsus4", "ii7 | V"),
    final=("I", "Iadd9"),
    turnaround=("IV | Vsus4",),
    hit=("vi", "IV", "ii"),
)

PACK = StylePack(
    name="cinematic-tension",
    title="Cinematic tension",
    tempo_bpm=(76, 112),
    meters=("4/4", "4/4", "4/4", "3/4", "6/8"),
    tonics=("D", "C", "E", "F", "G", "A"),
    harmonies=(_MINOR, _PHRYGIAN, _MAJOR),
    room=Room(reverb_seconds=3.2, reverb_damping=0.55, predelay_ms=28, delay_feedback=0.3),
    intensity=0.5,
    arcs=(
        (-0.25, -0.05, 0.15, 0.3, 0.1),
        (-0.2, 0.1, -0.1, 0.3),
        (0.0, -0.2, 0.1, 0.3),
    ),
    cadences=0.45,
    looseness=0.1,
    impact_gain_db=-8.0,
    riser_gain_db=-10.0,
    stab=Voice("string-short", gain_db=-7, reverb_send_db=-10),
    measures=Measures(
        tilt_db=(-7.5, -3.5), crest_db=(13.0, 21.0), width=(0.15, 0.6), air_db=(-28.0, -12.0),
        why="low strings and drums fill a dark hall; a clock and tremolo are all there is above",
    ),
    layers=(
        Layer(
            "ostinato", "harmony", "pattern",
            Voice("string-short", gain_db=-1, pan=-0.2, width=0.5, reverb_send_db=-14),
            compass=(43, 67), voices=3, velocity=(48, 104), enters=0.25,
            patterns={
                "4/4": (
                    "1.1.1.1.2.1.1.1.",
                    "1.1.2.1.1.2.1.3.",
                    "1...1.1.2...1.1.",
                    "1.1.1.2.1.1.3.2.1.1.1.2.1.1.4.3.",
                    "1..1..1.2..1..1.",
                ),
                "3/4": ("1.1.2.1.1.1.", "1.2.1.3.1.2."),
                "6/8": ("1.1.2.1.1.3.", "1.2.1.1.2.3."),
            },
        ),
        Layer(
            "high ostinato", "harmony", "pattern",
            Voice("string-short", gain_db=-7, pan=0.35, width=0.5, reverb_send_db=-11),
            compass=(64, 88), voices=3, velocity=(40, 96), enters=0.62,
            patterns={
                "4/4": ("1121112111311121", "1.12.1131.12.114", "3211321132113212"),
                "6/8": ("112113112114", "321211321213"),
            },
        ),
        Layer(
            "low strings", "bass", "bass",
            Voice("string-low", gain_db=-5, pan=0.15, width=0.4, reverb_send_db=-15),
            compass=(28, 48), velocity=(52, 100),
            patterns={
                "4/4": ("R---------------", "R-----------R---", "R---------------R-------5-----a-"),
            },
        ),
        Layer(
            "sub", "bass", "bass",
            Voice("bass-sub", gain_db=-7, width=0.0, reverb_send_db=None, lowpass_hz=180,
                  highpass_hz=18),
            compass=(26, 40), velocity=(60, 96), enters=0.5,
            patterns={"4/4": ("R-------R-------", "R-----R-R-----R-", "R---------------")},
        ),
        Layer(
            "tremolo", "harmony", "sustain",
            Voice("string-tremolo", gain_db=-13, pan=0.1, width=0.8, reverb_send_db=-10),
            compass=(55, 81), voices=3, velocity=(38, 96), enters=0.42,
        ),
        Layer(
            "theme", "lead", "melody",
            Voice("string-ensemble", gain_db=-6.5, pan=-0.1, width=0.6, reverb_send_db=-11),
            compass=(57, 81), velocity=(56, 104), enters=0.5,
            melody=MelodyRules(stretch=2, rests=0.25, ornaments=0.05, leaps=4),
        ),
        Layer(
            "solitary piano", "lead", "pattern",
            Voice("felt-piano", gain_db=-8, pan=0.2, width=0.4, reverb_send_db=-6,
                  delay_send_db=-14),
            compass=(67, 86), voices=3, velocity=(46, 84), leaves=0.55, chance=0.75,
            patterns={
                "4/4": (
                    "........3---------------2---....................",
                    "....3-----2---------------------",
                    "............4-------3---------------------------................",
                ),
            },
        ),
        Layer(
            "brass swells", "harmony", "sustain",
            Voice("brass", gain_db=-10, pan=0.15, width=0.5, reverb_send_db=-12, lowpass_hz=3500),
            compass=(41, 62), voices=3, velocity=(44, 108), enters=0.7,
        ),
        Layer(
            "choir", "pad", "sustain",
            Voice("choir", gain_db=-10, width=0.9, reverb_send_db=-7),
            compass=(50, 74), voices=3, velocity=(40, 92), enters=0.72, chance=0.6,
        ),
        Layer(
            "dark pad", "pad", "sustain",
            Voice("pad-dark", gain_db=-10, width=0.9, reverb_send_db=-10),
            compass=(43, 65), voices=3, velocity=(50, 80), spread=True,
        ),
        Layer(
            "pedal", "pad", "drone",
            Voice("drone", gain_db=-8, width=0.6, reverb_send_db=-16, highpass_hz=30),
            compass=(26, 50), voices=2, velocity=(50, 82), chance=0.8,
        ),
        Layer(
            "low drums", "drums", "drums",
            Voice("kit-cinematic", gain_db=-5, width=0.7, reverb_send_db=-12, highpass_hz=18),
            velocity=(50, 116), enters=0.2,
        ),
        Layer(
            "air", "fx", "texture",
            Voice("texture-dark", gain_db=-15, width=1.0, reverb_send_db=-20),
            velocity=(50, 70), chance=0.7,
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("tick", "x.o.x.o.x.o.x.o.", leaves=0.75),
                DrumLine("boom", "X...............", enters=0.3),
                DrumLine("tom-floor", "X.....x...x.....", enters=0.45),
                DrumLine("tom-low", "..........o.x.o.", enters=0.55),
                DrumLine("metal", "....o.......x...", enters=0.6),
                DrumLine("shaker", "xgogxgogxgogxgog", enters=0.72),
                DrumLine("kick", "X.....X...X.....", enters=0.75),
            ),
            fills=(
                (DrumLine("tom-floor", "........x.x.xxXX"),
                 DrumLine("tom-low", "..........x.x.xX")),
                (DrumLine("tom-floor", "............xxxX"),),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("tick", "x..ox..ox..ox.o.", leaves=0.8),
                DrumLine("boom", "X.......?.......", enters=0.25),
                DrumLine("tom-floor", "X..x..x.....x...", enters=0.42),
                DrumLine("tom-mid", "....?..o....o.?.", enters=0.6),
                DrumLine("rim", "....x.......x..g", enters=0.5),
                DrumLine("kick", "X..x..X...x.....", enters=0.72),
                DrumLine("shaker", "o.x.o.x.o.x.o.x.", enters=0.66),
            ),
            fills=(
                (DrumLine("tom-mid", "........xx..x..."),
                 DrumLine("tom-floor", "..........xx.xXX")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("boom", "X...............................", enters=0.2),
                DrumLine("rim", "o...o...o...o...o...o...o...o.g.", leaves=0.7),
                DrumLine("tom-floor", "X.......x.....x.X.......x.x.....", enters=0.5),
                DrumLine("metal", "............o...............x...", enters=0.55),
                DrumLine("snare", "....................g.o.x.......", enters=0.74),
            ),
            fills=((DrumLine("tom-low", "........o.o.x.xX"),),),
            crash="crash",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("tick", "x.o.o.x.o.o.", leaves=0.8),
                DrumLine("boom", "X...........", enters=0.3),
                DrumLine("tom-floor", "X.....x...x.", enters=0.45),
                DrumLine("tom-low", "....x.....o.", enters=0.6),
                DrumLine("kick", "X.....X.....", enters=0.72),
            ),
            fills=((DrumLine("tom-floor", "......x.xxXX"),),),
            crash="crash",
        ),
    ),
)  # fmt: skip

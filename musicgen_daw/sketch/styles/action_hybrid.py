"""Action hybrid: driving string sixteenths, big drums, brass, synth bass that pumps."""

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
    modes=("minor", "phrygian", "dorian", "locrian"),
    progressions=(
        "i | VI | III | VII",
        "i | % | VI | VII",
        "i | iv | VI | VII",
        "i5 | VII | VI | v",
        "i | III | VII | iv",
    ),
    half=("VII", "VI | VII", "v"),
    full=("VI | VII", "iv | v", "VI | V"),
    final=("i5", "i"),
    turnaround=("VI | VII", "iv | VII"),
    hit=("VI", "iv", "III"),
)
_MAJOR = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=("I | V | vi | IV", "vi | IV | I | V", "I | IV | vi | V", "I | iii | IV | V"),
    half=("V", "ii | V"),
    full=("IV | V", "ii | V"),
    final=("I", "Iadd9"),
    turnaround=("IV | V",),
    hit=("vi", "IV", "ii"),
)

PACK = StylePack(
    name="action-hybrid",
    title="Action, epic and hybrid",
    tempo_bpm=(120, 150),
    meters=("4/4", "4/4", "4/4", "6/8"),
    tonics=("D", "C", "E", "F", "G", "B"),
    harmonies=(_MINOR, _MAJOR),
    room=Room(
        reverb_seconds=2.4, reverb_damping=0.5, predelay_ms=18, delay_beats=Fraction(1, 2),
        delay_feedback=0.25,
    ),
    intensity=0.72,
    arcs=((-0.25, 0.05, 0.2, 0.25), (-0.1, 0.1, -0.3, 0.25), (0.0, 0.2, -0.15, 0.28)),
    cadences=0.4,
    looseness=0.08,
    impact_gain_db=-7.0,
    riser_gain_db=-8.0,
    stab=Voice("string-short", gain_db=-6, reverb_send_db=-10),
    measures=Measures(
        tilt_db=(-6.5, -3.0), crest_db=(12.0, 20.0), width=(0.15, 0.6), air_db=(-26.0, -10.0),
        why="everything plays at once: dense, bright on top, drums held by the density",
    ),
    layers=(
        Layer(
            "ostinato", "harmony", "pattern",
            Voice("string-short", gain_db=-8, pan=-0.25, width=0.6, reverb_send_db=-16),
            compass=(48, 72), voices=3, velocity=(56, 112),
            patterns={
                "4/4": (
                    "1121112111211131",
                    "1.11211.1.112113",
                    "1211131112111412",
                    "1132113211321132",
                ),
                "6/8": ("112113112112", "121131121141"),
            },
        ),
        Layer(
            "high strings", "harmony", "pattern",
            Voice("string-short", gain_db=-12, pan=0.3, width=0.6, reverb_send_db=-12),
            compass=(67, 91), voices=3, velocity=(52, 108), enters=0.78,
            patterns={"4/4": ("3213321332134321", "1.2.3.2.1.2.3.4."), "6/8": ("321321321432",)},
        ),
        Layer(
            "brass", "harmony", "pattern",
            Voice("brass", gain_db=-10, pan=0.1, width=0.5, reverb_send_db=-13),
            compass=(45, 67), voices=3, velocity=(60, 118), enters=0.55,
            patterns={
                "4/4": (
                    "C---------------",
                    "S.....S.....S...",
                    "C-----------S.S.",
                    "S..S..S.C-------",
                    "S...............S.....S...S.....",
                ),
                "6/8": ("S.....S...S.", "C-----------"),
            },
        ),
        Layer(
            "synth bass", "bass", "bass",
            Voice("bass-synth", gain_db=-6, width=0.1, reverb_send_db=None, lowpass_hz=2400,
                  highpass_hz=18),
            compass=(26, 43), velocity=(66, 112),
            patterns={
                "4/4": (
                    "R.RRR.RRR.RRR.RR",
                    "R..R..R.R..R..8.",
                    "R.R.R.R.R.R.R.a.",
                    "R---R.R.R---R.5a",
                ),
                "6/8": ("R.RR.RR.RR.R", "R.R.R.R.R.8."),
            },
        ),
        Layer(
            "low strings", "bass", "sustain",
            Voice("string-low", gain_db=-8, width=0.4, reverb_send_db=-14),
            compass=(31, 50), voices=1, velocity=(60, 108), enters=0.4,
        ),
        Layer(
            "theme", "lead", "melody",
            Voice("brass", gain_db=-7, pan=-0.05, width=0.5, reverb_send_db=-11),
            compass=(55, 77), velocity=(64, 118), enters=0.68,
            melody=MelodyRules(stretch=2, rests=0.2, ornaments=0.0, leaps=5),
        ),
        Layer(
            "lead", "lead", "melody",
            Voice("lead-saw", gain_db=-11, width=0.5, reverb_send_db=-12, delay_send_db=-14,
                  lowpass_hz=6500),
            compass=(62, 84), velocity=(56, 104), enters=0.88, chance=0.7,
            melody=MelodyRules(stretch=2, rests=0.3, leaps=5),
        ),
        Layer(
            "choir", "pad", "sustain",
            Voice("choir", gain_db=-13, width=0.9, reverb_send_db=-8),
            compass=(53, 77), voices=4, velocity=(52, 104), enters=0.8,
        ),
        Layer(
            "string bed", "pad", "sustain",
            Voice("string-ensemble", gain_db=-14, width=0.9, reverb_send_db=-11),
            compass=(52, 79), voices=4, velocity=(48, 92), enters=0.45,
        ),
        Layer(
            "dark pad", "pad", "sustain",
            Voice("pad-dark", gain_db=-11, width=0.9, reverb_send_db=-14),
            compass=(43, 67), voices=3, velocity=(48, 76), leaves=0.7,
        ),
        Layer(
            "drums", "drums", "drums",
            Voice("kit-hybrid", gain_db=-12, width=0.6, reverb_send_db=-15, highpass_hz=18),
            velocity=(64, 122),
        ),
        Layer(
            "grit", "fx", "texture",
            Voice("texture-dark", gain_db=-13, width=1.0, reverb_send_db=None),
            velocity=(50, 70), enters=0.5, chance=0.6,
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("kick", "X.....X...X.....", enters=0.3),
                DrumLine("snare", "....X..g....X.g.", enters=0.6),
                DrumLine("tom-floor", "X..x..x.X..x..xx", enters=0.45),
                DrumLine("tom-low", "..x..x....x..x..", enters=0.7),
                DrumLine("hat", "xoxoxoxoxoxoxoxo", enters=0.5),
                DrumLine("boom", "X...............", enters=0.65),
                DrumLine("shaker", "ogxgogxgogxgogxg", leaves=0.7),
            ),
            fills=(
                (DrumLine("tom-high", "........xx......"), DrumLine("tom-mid", "..........xx...."),
                 DrumLine("tom-floor", "............xxXX")),
                (DrumLine("snare", "........x.x.xxXX"), DrumLine("tom-floor", "........X.x.xxXX")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("kick", "X..x..X...x...x.", enters=0.3),
                DrumLine("clap", "........X.......", enters=0.6),
                DrumLine("snare", "........X.....g?", enters=0.6),
                DrumLine("tom-floor", "X.xx..x.X.xx..x.", enters=0.5),
                DrumLine("metal", "....o.......o...", enters=0.72),
                DrumLine("hat", "x.oxx.oxx.oxx.ox", enters=0.55),
                DrumLine("boom", "X.........?.....", enters=0.62),
                DrumLine("tick", "x.x.x.x.x.x.x.x.", leaves=0.55),
            ),
            fills=(
                (DrumLine("snare", "....x...x.x.xxxX"), DrumLine("kick", "X.......X.......")),
                (DrumLine("tom-mid", "........x..x...."),
                 DrumLine("tom-floor", "..............XX")),
            ),
            crash="crash",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("kick", "X.....x...x.", enters=0.3),
                DrumLine("snare", "......X....g", enters=0.6),
                DrumLine("tom-floor", "X.xX.xX.xX.x", enters=0.5),
                DrumLine("hat", "x.o.o.x.o.o.", enters=0.45),
                DrumLine("boom", "X...........", enters=0.65),
            ),
            fills=((DrumLine("tom-mid", "......xx...."), DrumLine("tom-floor", "........xxXX")),),
            crash="crash",
        ),
    ),
)  # fmt: skip

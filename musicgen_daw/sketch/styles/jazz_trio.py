"""Jazz trio: ride and brushes, a walking bass, rootless chords and a line on the piano."""

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
        "I69 | Imaj7 | ii7 | V7",
        "Imaj9 vi7 | ii9 V7 | Iadd9 | ii9 V7",
        "ii9 | V7 | Iadd9 | Imaj7 vi7",
        "Iadd9 | IVmaj7 | Imaj7 vi7 | ii7 V7",
        "iii7 vi7 | ii7 V7 | I69 | %",
        "I69 | V7>ii | ii9 | V7",
    ),
    half=("ii7 | V7", "vi7 ii9 | V7"),
    full=("ii9 | V7", "iii7 vi7 | ii7 V7"),
    final=("I69", "Imaj9"),
    turnaround=("Imaj7 vi7 | ii7 V7", "ii9 | V7"),
    hit=("vi7", "IVmaj7", "ii9"),
)
_MINOR = Harmony(
    modes=("minor", "dorian", "phrygian", "locrian"),
    progressions=(
        "iadd9 | iv7 | i7 | v7",
        "i9 | VImaj7 | iv7 v7 | iadd9",
        "iadd9 | iv9 | VImaj7 v7 | i9",
        "i9 VImaj7 | iv7 V7 | i9 | v7",
        "iadd9 | % | iv7 v7 | i7",
        "iv7 | i7 | iv7 v7 | iadd9",
        "iadd9 | i9 | VImaj7 | v7",
        "iadd9 | iv7 | i7 v7 | iadd9",
    ),
    half=("iv7 | v7", "VImaj7 v7"),
    full=("iv9 | V7", "VImaj7 | V7"),
    final=("i9", "i6"),
    turnaround=("iv7 | v7", "i7 VImaj7 | iv7 v7"),
    hit=("VImaj7", "iv9", "IIImaj7"),
)

PACK = StylePack(
    name="jazz-trio",
    title="Jazz trio",
    tempo_bpm=(104, 184),
    meters=("4/4", "4/4", "4/4", "3/4"),
    tonics=("C", "D", "Eb", "F", "G", "Ab", "Bb"),
    harmonies=(_MAJOR, _MINOR),
    room=Room(reverb_seconds=0.9, reverb_damping=0.55, predelay_ms=8),
    intensity=0.55,
    arcs=((-0.2, 0.0, 0.2, 0.1), (-0.1, 0.15, -0.05, 0.2), (0.0, -0.15, 0.2, 0.05)),
    cadences=0.35,
    swing=Fraction(1, 3),
    swung_steps=2,
    looseness=0.18,
    impact_gain_db=-12.0,
    riser_gain_db=-22.0,
    stab=Voice("piano", gain_db=-8, reverb_send_db=-14),
    measures=Measures(
        tilt_db=(-7.5, -3.0), crest_db=(14.0, 22.0), width=(0.1, 0.5), air_db=(-32.0, -12.0),
        why="a small dry room, a dark piano and bass under one bright cymbal; nothing is squeezed",
    ),
    layers=(
        Layer(
            "comping", "harmony", "pattern",
            Voice("piano", gain_db=-6, pan=-0.12, width=0.5, reverb_send_db=-16),
            compass=(50, 70), voices=4, velocity=(42, 86),
            by_bar=True,
            patterns={
                "4/4": (
                    "C-----S.........",  # Charleston …
                    "C-----C---......",
                    "..C-----S.......",  # … and later by an eighth, a beat, a half bar
                    "....C-----S.....",
                    "........C-----A-",
                    "......S.......A-",  # the two offbeats before the changes
                    "......C-......A-",
                    "......S.C-------",
                    "C---........S...",
                    "..........S...A-",
                    "..............A-",  # sparse
                    "......C-----....",
                    "....S...........",
                    "......S.........",
                    "C-------........",
                ),
                "3/4": (
                    "C-----C-----", "....S.C-----", "..S...C-----", "..C-----S...", "C---......A-",
                    "......S...A-", "....C---....", "..........A-",
                ),
                "6/8": ("C-----S...C-", "....C-....S.", "C---......A-", "......C-...."),
            },
            answers={
                "4/4": (
                    "........C-----S.",
                    "........S.S...A-",
                    "..........S.S...",
                    "..........S.S.A-",
                    "..........S.C-A-",
                    "......S.....S.A-",
                    "......S.S.....A-",
                    "....S.....S.C---",
                ),
                "3/4": ("......S.S...", "......S...A-", "....S...S.A-", "C-....S...S."),
                "6/8": ("......S.S...", "......C-..A-", "C-......S.A-"),
            },
        ),
        Layer(
            "piano line", "lead", "melody",
            Voice("piano", gain_db=-3.5, pan=0.08, width=0.5, reverb_send_db=-14),
            compass=(62, 86), velocity=(60, 106), enters=0.3,
            melody=MelodyRules(stretch=1, rests=0.2, ornaments=0.3, leaps=6, runs=0.6, pushes=0.4,
                               pickups=0.7),
        ),
        Layer(
            "walking bass", "bass", "bass",
            Voice("bass-upright", gain_db=-3.5, pan=0.05, width=0.15, reverb_send_db=-24,
                  highpass_hz=25),
            compass=(28, 50), velocity=(66, 100), enters=0.3,
            patterns={
                "4/4": (
                    "R---3---5---a---",
                    "R---5---8---a---",
                    "R---5---3---a---R---8---5---a---",
                    "R---3---5---7---8---7---5---a---",
                    "R---3---5-R-a---",
                ),
                "3/4": ("R---3---a---", "R---5---a---"),
                "6/8": ("R---5-R---a-", "R-----5---a-"),
            },
        ),
        Layer(
            "bass in two", "bass", "bass",
            Voice("bass-upright", gain_db=-3.5, pan=0.05, width=0.15, reverb_send_db=-24,
                  highpass_hz=25),
            compass=(28, 50), velocity=(62, 92), leaves=0.3,
            patterns={
                "4/4": ("R-------5-------", "R-------5-----a-"),
                "3/4": ("R-----------", "R-------a---"),
                "6/8": ("R-----5-----",),
            },
        ),
        Layer(
            "brushes", "drums", "drums",
            Voice("kit-brushes", gain_db=5, width=0.5, reverb_send_db=-20, highpass_hz=25),
            velocity=(50, 104),
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("ride", "x...X.x.x...X.x.", enters=0.35),
                DrumLine("hat-pedal", "....x.......x..."),
                DrumLine("swirl", "o...x...o...x...", leaves=0.6),
                DrumLine("kick", "o...g...o...g...", enters=0.5),
                DrumLine("snare", "......?.......?.", enters=0.5),
            ),
            fills=(
                (DrumLine("snare", "......x...x.x.X."),),
                (DrumLine("snare", "........x.xx...."), DrumLine("tom-mid", "............x.x.")),
            ),
            crash="ride",
        ),
        Groove(
            lines=(
                DrumLine("ride", "X...x.x.X...x...X.x.x...X...x.x.", enters=0.3),
                DrumLine("hat-pedal", "....X.......X.......X.......X..."),
                DrumLine("swirl", "x.......x.......x.......x.......", leaves=0.7),
                DrumLine("snare", "..........o...........g.......o.", enters=0.45),
                DrumLine("kick", "......?.......o...........?.....", enters=0.45),
            ),
            fills=(
                (DrumLine("snare", "..x...x.....X..."),
                 DrumLine("kick", "..........o...X.")),
                (DrumLine("tom-high", "......x.x......."),
                 DrumLine("tom-floor", "............x.X.")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("hat", "x...X.x.x...X.x.", leaves=0.55),
                DrumLine("ride", "x...X.x.x...X.x.", enters=0.55),
                DrumLine("hat-pedal", "....x.......x...", enters=0.55),
                DrumLine("rim", "............x...", leaves=0.6),
                DrumLine("snare", "....g.o.....g...", enters=0.55),
                DrumLine("kick", "x.......o.....?.", enters=0.4),
            ),
            fills=((DrumLine("snare", "....x.x...x.x.xx"),),),
            crash="ride",
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("ride", "X...x.x.x...", enters=0.3),
                DrumLine("hat-pedal", "....x...x..."),
                DrumLine("swirl", "x...........", leaves=0.6),
                DrumLine("snare", "......?.o...", enters=0.5),
            ),
            fills=((DrumLine("snare", "....x.x.x.x."),),),
            crash="ride",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("ride", "X.x.x.X.x.x.", enters=0.3),
                DrumLine("hat-pedal", "......x....."),
                DrumLine("swirl", "x.....x.....", leaves=0.6),
                DrumLine("snare", "....?.....o.", enters=0.5),
            ),
            fills=((DrumLine("snare", "....x.x.x.X."),),),
            crash="ride",
        ),
    ),
)  # fmt: skip

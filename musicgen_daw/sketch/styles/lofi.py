"""Lo-fi hip hop: swung drums behind the beat, seventh chords on electric piano, vinyl."""

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
        "ii9 | V9 | Imaj7 | Iadd9",
        "Imaj7 | iii7 | ii9 | I69",
        "Iadd9 | vi9 | ii9 | V9",
        "IVmaj7 iii7 | ii9 V9 | Iadd9 | I69",
        "Iadd9 | IVmaj7 | Iadd9 | V7sus4",
    ),
    half=("ii9 | V7sus4", "ii7 V9"),
    full=("ii9 | V9", "iii7 vi7 | ii9 V9"),
    final=("Imaj9", "Imaj7", "I69"),
    turnaround=("ii9 | V9", "ii9 V7sus4"),
    hit=("vi9", "IVmaj7", "ii9"),
)
_MINOR = Harmony(
    modes=("minor", "dorian", "phrygian", "locrian"),
    progressions=(
        "iadd9 | iv9 | i7 | v7",
        "iadd9 | VImaj7 | iv7 | v7",
        "iv9 | v7 | iadd9 | %",
        "VImaj7 | v7 | iadd9 | i",
        "iadd9 | i9 | iv9 | v7",
    ),
    half=("iv9 | v7", "VImaj7 v7"),
    full=("iv9 | v7", "VImaj7 | v7"),
    final=("iadd9", "i9"),
    turnaround=("iv9 | v7", "VImaj7 v7"),
    hit=("VImaj7", "iv9", "IIImaj7"),
)

PACK = StylePack(
    name="lofi",
    title="Lo-fi hip hop",
    tempo_bpm=(70, 90),
    meters=("4/4",),
    tonics=("C", "D", "Eb", "F", "G", "Ab", "A", "Bb"),
    harmonies=(_MAJOR, _MINOR),
    room=Room(
        reverb_seconds=1.3, reverb_damping=0.7, predelay_ms=10, delay_beats=Fraction(3, 4),
        delay_feedback=0.3,
    ),
    intensity=0.6,
    arcs=((-0.25, 0.05, 0.1, -0.15, 0.1), (-0.1, 0.1, 0.0, 0.15), (0.0, 0.12, -0.2, 0.1)),
    cadences=0.25,
    swing=Fraction(1, 4),
    looseness=0.14,
    impact_gain_db=-9.0,
    riser_gain_db=-17.0,
    stab=Voice("electric-piano", gain_db=-13, reverb_send_db=-12),
    measures=Measures(
        tilt_db=(-9.0, -5.0), crest_db=(13.0, 21.0), width=(0.1, 0.6), air_db=(-34.0, -18.0),
        why="tape and small loudspeakers: every voice is filtered, the hiss is what is left above",
    ),
    layers=(
        Layer(
            "keys", "harmony", "pattern",
            Voice("electric-piano", gain_db=-7, pan=-0.1, width=0.7, reverb_send_db=-15,
                  lowpass_hz=4200),
            compass=(50, 74), voices=4, velocity=(52, 88),
            patterns={
                "4/4": (
                    "C---------C-----",
                    "C-----C---------",
                    "C--S..C---------",
                    "C------C--------C---------S.C---",
                    "..C-------C-----",
                ),
                "3/4": ("C-------C---", "C-----C-----"),
                "6/8": ("C-----C-----", "C-----C---S."),
            },
        ),
        Layer(
            "bass", "bass", "bass",
            Voice("bass-electric", gain_db=-5, width=0.1, reverb_send_db=None, lowpass_hz=1400,
                  highpass_hz=18),
            compass=(28, 47), velocity=(64, 92), enters=0.25,
            patterns={
                "4/4": (
                    "R-----R---5---a-",
                    "R---..R-R---8.a.",
                    "R-------5--R--a-",
                    "R--R..5---R-----R--R..8---5---a-",
                ),
            },
        ),
        Layer(
            "tune", "lead", "melody",
            Voice("mallet", gain_db=-5, pan=0.15, width=0.4, reverb_send_db=-10, delay_send_db=-13,
                  lowpass_hz=5200),
            compass=(64, 84), velocity=(50, 88), enters=0.45,
            melody=MelodyRules(stretch=1, rests=0.3, ornaments=0.2, leaps=4, pushes=0.35,
                               pickups=0.5),
        ),
        Layer(
            "guitar", "harmony", "pattern",
            Voice("guitar-nylon", gain_db=-5, pan=0.35, width=0.4, reverb_send_db=-13,
                  delay_send_db=-16, lowpass_hz=4500),
            compass=(55, 79), voices=4, velocity=(44, 82), enters=0.55, chance=0.7,
            patterns={
                "4/4": (
                    "..2-3-4-..3-2---",
                    "1-..3-..2-4---..",
                    "......4-3-2-3---................",
                    "1-2-3-4---3-2---",
                ),
            },
        ),
        Layer(
            "soft lead", "lead", "melody",
            Voice("lead-soft", gain_db=-5, pan=-0.25, width=0.4, reverb_send_db=-9,
                  delay_send_db=-10, lowpass_hz=3800),
            compass=(60, 81), velocity=(46, 80), enters=0.72, chance=0.6,
            melody=MelodyRules(stretch=2, rests=0.45, leaps=4),
        ),
        Layer(
            "pad", "pad", "sustain",
            Voice("pad-warm", gain_db=-5, width=1.0, reverb_send_db=-12, lowpass_hz=2800),
            compass=(48, 70), voices=3, velocity=(48, 72), enters=0.35, chance=0.8,
        ),
        Layer(
            "drums", "drums", "drums",
            Voice("kit-lofi", gain_db=-5, width=0.4, reverb_send_db=-20, lowpass_hz=8500,
                  highpass_hz=18),
            velocity=(66, 108), enters=0.35,
        ),
        Layer(
            "vinyl", "fx", "texture",
            Voice("texture-vinyl", gain_db=-16, width=0.8, reverb_send_db=None),
            velocity=(60, 70),
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("kick", "X......x..x....."),
                DrumLine("snare", "....X..g....X.g?", enters=0.4),
                DrumLine("hat", "x.o.x.o.x.ogx.o."),
                DrumLine("hat-open", "..............?.", enters=0.65),
            ),
            fills=(
                (DrumLine("snare", "............X.xo"), DrumLine("kick", "X......x..x.....")),
                (DrumLine("snare", "..........g.X..x"),),
            ),
        ),
        Groove(
            lines=(
                DrumLine("kick", "X..x......X.....X......x..X....."),
                DrumLine("rim", "....x.......x.......x.......x...", leaves=0.62),
                DrumLine("snare", "....X.......X.g.....X..g....X..g", enters=0.62),
                DrumLine("hat", "o.x.o.x.o.x.o.xgo.x.o.x.o.x.oox."),
                DrumLine("shaker", "g.x.g.x.g.x.g.x.g.x.g.x.g.x.g.x.", enters=0.7),
            ),
            fills=((DrumLine("snare", "............xgox"),
                   DrumLine("tom-low", "..........x...x.")),),
        ),
        Groove(
            lines=(
                DrumLine("kick", "X.....x.x......."),
                DrumLine("clap", "....x.......x...", enters=0.62),
                DrumLine("snare", "....x..?....x..."),
                DrumLine("hat", "xgo.xgo.xgo.xgog"),
                DrumLine("ride", "x.....x...x.....", enters=0.75),
            ),
            fills=((DrumLine("kick", "X.......X.x...x."), DrumLine("snare", "............X..X")),),
        ),
    ),
)  # fmt: skip

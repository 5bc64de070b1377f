"""Trap: an 808 that slides, rolling hi-hats, a snare in half time, a dark hook over little else."""

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
        "i | % | VI | %",
        "i | VI | i | v",
        "i | % | iv | %",
        "i | VI | iv | v",
        "i | % | % | VII",
        "VI | VII | i | %",
        "i | iv | VI | i",
    ),
    half=("VII", "v", "iv | v"),
    full=("VI | VII", "iv | v"),
    final=("i", "iadd9"),
    turnaround=("VI | v", "iv | VII"),
    hit=("VI", "iv", "III"),
)
_MAJOR = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=(
        "I | % | vi | IV",
        "I | V | vi | IV",
        "Imaj7 | % | IVmaj7 | %",
        "Iadd9 | vi7 | IVmaj7 | V",
        "I | iii7 | IVmaj7 | I",
    ),
    half=("V", "IV | V"),
    full=("IV | V", "ii7 | V"),
    final=("I", "Iadd9"),
    turnaround=("IV | V", "ii7 | Vsus4"),
    hit=("vi", "IV", "ii7"),
)

PACK = StylePack(
    name="trap",
    title="Trap, drill",
    tempo_bpm=(130, 156),
    meters=("4/4",),
    tonics=("F", "F#", "G", "C", "D", "E", "Bb"),
    harmonies=(_MINOR, _MAJOR),
    room=Room(
        reverb_seconds=2.2, reverb_damping=0.55, predelay_ms=25, delay_beats=Fraction(3, 4),
        delay_feedback=0.35,
    ),
    intensity=0.6,
    arcs=((-0.3, 0.05, 0.15, 0.2), (-0.05, 0.12, -0.3, 0.25), (0.0, 0.15, -0.2, 0.2)),
    cadences=0.2,
    looseness=0.06,
    impact_gain_db=-7.0,
    riser_gain_db=-10.0,
    stab=Voice("brass-stab", gain_db=-5, width=0.7, reverb_send_db=-10),
    measures=Measures(
        tilt_db=(-8.0, -4.0), crest_db=(12.0, 19.0), width=(0.05, 0.4), air_db=(-28.0, -12.0),
        why="the 808 is most of the sound, in the middle; hats and a clap are the rest",
    ),
    layers=(
        # Notes that touch slide into each other.
        Layer(
            "808", "bass", "bass",
            Voice("bass-808", gain_db=-2, width=0.0, reverb_send_db=None, highpass_hz=24,
                  duck_db=4, slides=True),
            compass=(28, 45), velocity=(84, 112), enters=0.3, leads_kick=True,
            patterns={
                "4/4": (
                    "R-------..R-..R-R---....R-----8-",
                    "R---------......R-----..R---a---",
                    "R-----R-....R---R-----..8---R-..",
                    "R--R--....R---..R--R--..R---5-8-",
                    "R-----------....R-..R-....8---R-",
                ),
                "3/4": ("R-----..R-8-", "R---..R---a-"),
                "6/8": ("R-----..R-..", "R--.R-R---8-"),
            },
        ),
        Layer(
            "bells", "harmony", "pattern",
            Voice("bell", gain_db=-7, pan=0.15, width=0.6, reverb_send_db=-10, delay_send_db=-12,
                  highpass_hz=200),
            compass=(62, 86), voices=3, velocity=(58, 96), chance=0.8,
            patterns={
                "4/4": (
                    "1..3..2...3.1...1..3..2...4.3...",
                    "3.2.1...3.2.4...",
                    "1.......3..2..1.1.......4..3..2.",
                    "..3..2....1.....",
                ),
                "3/4": ("1..3..2.3...", "3.2.1......."),
                "6/8": ("1..3..2..3..", "3.2.1......."),
            },
        ),
        Layer(
            "keys", "harmony", "pattern",
            Voice("piano", gain_db=-8, pan=-0.1, width=0.7, reverb_send_db=-11, highpass_hz=110,
                  lowpass_hz=6500),
            compass=(50, 76), voices=3, velocity=(54, 94),
            patterns={
                "4/4": (
                    "C-------1---3---C-------3---2---",
                    "1-3-2-3-1-3-2-4-",
                    "C-----C---------",
                    "1---2---3---2-1-",
                    "C---------------....3-2-1-......",
                ),
                "3/4": ("C-----3-2-1-", "1-3-2-3-2-3-"),
                "6/8": ("1-2-3-4-3-2-", "C-----3-2-1-"),
            },
        ),
        Layer(
            "pad", "pad", "sustain",
            Voice("pad-dark", gain_db=-9, width=1.0, reverb_send_db=-12, highpass_hz=110,
                  duck_db=4),
            compass=(48, 70), voices=3, velocity=(50, 80),
        ),
        Layer(
            "choir", "pad", "sustain",
            Voice("choir", gain_db=-11, width=1.0, reverb_send_db=-8, highpass_hz=160),
            compass=(55, 77), voices=3, velocity=(48, 92), enters=0.62, chance=0.7,
        ),
        Layer(
            "flute", "lead", "melody",
            Voice("flute", gain_db=-7, pan=-0.15, width=0.4, reverb_send_db=-9,
                  delay_send_db=-11),
            compass=(64, 86), velocity=(54, 96), enters=0.4, leaves=0.68,
            melody=MelodyRules(stretch=1, rests=0.3, ornaments=0.15, leaps=4, pushes=0.25),
        ),
        Layer(
            "lead", "lead", "melody",
            Voice("synth-pluck", gain_db=-4, pan=0.1, width=0.6, reverb_send_db=-11,
                  delay_send_db=-10),
            compass=(64, 88), velocity=(58, 104), enters=0.68,
            melody=MelodyRules(stretch=1, rests=0.25, ornaments=0.05, leaps=5, pushes=0.25),
        ),
        Layer(
            "brass", "harmony", "pattern",
            Voice("brass-stab", gain_db=-9, pan=-0.25, width=0.6, reverb_send_db=-12,
                  highpass_hz=120),
            compass=(48, 70), voices=3, velocity=(62, 112), enters=0.74, chance=0.7,
            patterns={
                "4/4": ("S.....S...S.....", "S..S..S.........", "S...............S.....S.....S..."),
                "3/4": ("S.....S.....",),
                "6/8": ("S.....S..S..",),
            },
        ),
        Layer(
            "strings", "harmony", "pattern",
            Voice("string-short", gain_db=-9, pan=0.35, width=0.6, reverb_send_db=-13,
                  highpass_hz=140),
            compass=(60, 82), voices=3, velocity=(50, 100), enters=0.66, chance=0.5,
            patterns={
                "4/4": ("1.1.2.1.3.1.2.1.", "1..1..1.2..2..3.", "3.3.2.2.1.1.2.2."),
                "3/4": ("1.1.2.1.3.1.",),
                "6/8": ("1.2.3.1.2.3.",),
            },
        ),
        Layer(
            "drums", "drums", "drums",
            Voice("kit-808", gain_db=-3.5, width=0.6, reverb_send_db=-22, highpass_hz=22),
            velocity=(80, 118),
        ),
        Layer(
            "vinyl", "fx", "texture",
            Voice("texture-vinyl", gain_db=-19, width=0.8, reverb_send_db=None),
            velocity=(56, 68), leaves=0.6, chance=0.6,
        ),
    ),
    grooves=(
        # Hats in eighths; each line that enters adds rolls, the clap stands alone on three.
        Groove(
            lines=(
                DrumLine("kick", "X.....x...X.....X.........X..x..", enters=0.32),
                DrumLine("clap", "........X.......", enters=0.36),
                DrumLine("snare", "........X.......", enters=0.64),
                DrumLine("hat", "x.x.x.x.x.x.x.x."),
                DrumLine("hat", "......2.......33.....2......2.22", enters=0.46),
                DrumLine("hat", "...o...o...o...o", enters=0.72),
                DrumLine("hat-open", "..........x.....", enters=0.6),
                DrumLine("rim", "...o.....o...?..", enters=0.55),
            ),
            fills=(
                (DrumLine("snare", "............x2XX"), DrumLine("kick", "X.....x...X.....")),
                (DrumLine("clap", "........X..X..XX"), DrumLine("kick", "X..X............")),
                (DrumLine("tom-high", "........x.x....."), DrumLine("tom-mid", "............x.x."),
                 DrumLine("kick", "X...............")),
            ),
            crash="crash",
        ),
        # Drill: the second snare comes late, the hats count in threes.
        Groove(
            lines=(
                DrumLine("kick", "X.....X.........X..X......X.....", enters=0.32),
                DrumLine("snare", "......X.......X.", enters=0.64),
                DrumLine("clap", "........X...............X.....o.", enters=0.36),
                DrumLine("hat", "x..x..x.x..x..x."),
                DrumLine("hat", "..............3....2......2...33", enters=0.48),
                DrumLine("hat-open", "......x.........", enters=0.68),
                DrumLine("conga-high", "....o..o....o...", enters=0.58),
            ),
            fills=(
                (DrumLine("snare", "........x..x.xXX"), DrumLine("kick", "X.....X.........")),
                (DrumLine("snare", "............3333"), DrumLine("kick", "X.........X.....")),
            ),
            crash="crash",
        ),
        # Sparse and heavy: a boom under the bass drum, a cowbell where it is loud.
        Groove(
            lines=(
                DrumLine("kick", "X.........X.....X.....X...X.....", enters=0.32),
                DrumLine("clap", "........X.......", enters=0.36),
                DrumLine("hat", "x.x.x.xxx.x.x.x.x.x.xxx.x.x.x.x."),
                DrumLine("hat", "....2.....2.3.......3.....2..2..", enters=0.5),
                DrumLine("cowbell", "x..x..x.x..x..x.", enters=0.78),
                DrumLine("shaker", "..x...x...x...x.", enters=0.6),
            ),
            fills=(
                (DrumLine("snare", "........x.x.x2XX"), DrumLine("kick", "X.........X.....")),
                (DrumLine("clap", "............X.XX"), DrumLine("kick", "X.X.X...........")),
            ),
            crash="crash",
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("kick", "X.....x.....", enters=0.32),
                DrumLine("clap", "........X...", enters=0.36),
                DrumLine("hat", "x.x.x.x.x.x."),
                DrumLine("hat", "......2...33", enters=0.5),
            ),
            fills=((DrumLine("snare", "......x.x2XX"), DrumLine("kick", "X...........")),),
            crash="crash",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("kick", "X.......x...", enters=0.32),
                DrumLine("clap", "......X.....", enters=0.36),
                DrumLine("hat", "x.x.x.x.x.x."),
                DrumLine("hat", "....2.....33", enters=0.5),
            ),
            fills=((DrumLine("snare", "......x.x2XX"), DrumLine("kick", "X...........")),),
            crash="crash",
        ),
    ),
)  # fmt: skip

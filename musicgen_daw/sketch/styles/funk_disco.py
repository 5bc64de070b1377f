"""Funk and disco: a busy bass, scratched guitar, clavinet, horns that answer, and strings."""

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

_DORIAN = Harmony(
    modes=("dorian",),
    progressions=(
        "i7 | % | i7 | IV9",
        "i9 | IV7 | i7 | %",
        "i7 | % | % | v7",
        "i7 | III | IV7 | i9",
        "i7 | v7 | i9 | VII",
        "iadd9 | % | IV9 | i7",
    ),
    half=("v7", "VII", "IV7 | v7"),
    full=("VII | v7", "IV9 | v7"),
    final=("i7", "i9"),
    turnaround=("VII | v7", "IV7 | v7"),
    hit=("IV7", "III", "VII"),
)
_MAJOR = Harmony(
    modes=("major", "lydian", "mixolydian"),
    progressions=(
        "Imaj7 | vi7 | ii9 | V7",
        "Iadd9 | % | IVmaj7 | V7sus4",
        "I69 | iii7 | vi7 | V7",
        "I | IV | I | V7",
        "IVmaj7 | iii7 | ii7 V7 | Iadd9",
    ),
    half=("ii9 | V7", "V7sus4"),
    full=("ii9 | V7", "IV V7"),
    final=("I69", "Iadd9"),
    turnaround=("ii7 | V7", "IVmaj7 | V7sus4"),
    hit=("vi7", "IVmaj7", "ii7"),
)
_MINOR = Harmony(
    modes=("minor", "phrygian", "locrian"),
    progressions=(
        "i7 | iv7 | VII | IIImaj7",
        "i7 | % | iv7 | v7",
        "i7 | VII | VImaj7 | v7",
        "iadd9 | % | VImaj7 | VII",
        "i7 | v7 | iv7 | i7",
    ),
    half=("v7", "VII", "iv7 | v7"),
    full=("VImaj7 | VII", "iv7 | v7"),
    final=("i7", "iadd9"),
    turnaround=("VImaj7 | v7", "iv7 | VII"),
    hit=("VImaj7", "iv7", "IIImaj7"),
)

PACK = StylePack(
    name="funk-disco",
    title="Funk, disco",
    tempo_bpm=(98, 124),
    meters=("4/4",),
    tonics=("E", "A", "D", "G", "C", "Bb", "F"),
    harmonies=(_DORIAN, _MAJOR, _MINOR),
    room=Room(
        reverb_seconds=1.1, reverb_damping=0.5, predelay_ms=12, delay_beats=Fraction(1, 2),
        delay_feedback=0.2,
    ),
    intensity=0.66,
    arcs=((-0.25, 0.05, 0.2, 0.15), (-0.05, 0.12, -0.25, 0.22), (0.0, 0.15, -0.15, 0.2)),
    cadences=0.3,
    swing=Fraction(1, 10),
    looseness=0.1,
    impact_gain_db=-11.0,
    riser_gain_db=-14.0,
    stab=Voice("brass-stab", gain_db=-7, width=0.7, reverb_send_db=-12),
    measures=Measures(
        tilt_db=(-6.5, -3.0), crest_db=(13.0, 20.0), width=(0.1, 0.5), air_db=(-24.0, -10.0),
        why="a dry studio: bass and drums near and in the middle, guitars and keys at the sides",
    ),
    layers=(
        Layer(
            "finger bass", "bass", "bass",
            Voice("bass-electric", gain_db=-2.5, width=0.05, reverb_send_db=None, highpass_hz=30),
            compass=(28, 48), velocity=(70, 100), leaves=0.52,
            patterns={
                "4/4": (
                    "R---..R-R-..5-a-",
                    "R--R....R--R8-a-",
                    "R-..R-..8-..R-5.",
                    "R-----R-..R-7-5-R-----R-..8-5-a-",
                ),
                "3/4": ("R---R-5-8-a-", "R--R..8-..a-"),
                "6/8": ("R--R-.R--8.a", "R-.R-.8-.5-a"),
            },
        ),
        Layer(
            "slap bass", "bass", "bass",
            Voice("bass-slap", gain_db=-2.5, width=0.05, reverb_send_db=None, highpass_hz=30),
            compass=(28, 52), velocity=(76, 110), enters=0.52,
            patterns={
                "4/4": (
                    "R.8.R.8.R.8.R.8.",
                    "R..R..8.R..R.8a.",
                    "R.R...8..RR.5.8.",
                    "R..8.R.R..8.R5.a",
                    "R.RR..8...R.7.8.R.RR..8.R.8.5.a.",
                ),
                "3/4": ("R.8.R.8.R.8a", "R..R..8.R.a."),
                "6/8": ("R.8R.8R.8R.a", "R..8.RR..8.a"),
            },
        ),
        Layer(
            "guitar", "harmony", "pattern",
            Voice("guitar-clean", gain_db=-10, pan=0.45, width=0.4, reverb_send_db=-18,
                  highpass_hz=180),
            compass=(55, 79), voices=3, velocity=(58, 100), enters=0.3,
            patterns={
                "4/4": (
                    "..S..S....S..S..",
                    "....S..S....S.S.",
                    "S..S......S..S..",
                    "..SS..S...SS..S.",
                    "....S.......S..S....S..S....S.S.",
                ),
                "3/4": ("..S..S..S.S.", "....S..S.S.."),
                "6/8": ("..S..S..S..S", "...S..S..S.."),
            },
        ),
        Layer(
            "scratches", "harmony", "pattern",
            Voice("guitar-muted", gain_db=-7.5, pan=-0.5, width=0.3, reverb_send_db=-20,
                  highpass_hz=260, lowpass_hz=8000),
            compass=(57, 81), voices=2, velocity=(52, 96), enters=0.5, chance=0.85,
            patterns={
                "4/4": (
                    "UUSUUUSUUUSUUUSU",
                    "U.SUU.SUU.SUUSUU",
                    "SUUSUUSUUUSUUSUU",
                    "..UU..UUS.UU..UU",
                ),
                "3/4": ("UUSUUUSUUUSU", "SUUSUUSUUUSU"),
                "6/8": ("UUSUUSUUSUUS", "SUUSUUSUSUSU"),
            },
        ),
        Layer(
            "clavinet", "harmony", "pattern",
            Voice("clavinet", gain_db=-10, pan=-0.2, width=0.4, reverb_send_db=-18,
                  highpass_hz=140),
            compass=(50, 74), voices=3, velocity=(58, 104), enters=0.45, chance=0.85,
            patterns={
                "4/4": (
                    "S.1S..3S.1S..2S.",
                    "S..S.13.S..S.23.",
                    "1.3S.1.S1.3S..S.",
                    "S...S.3..1S...3.",
                    "S.1...3S......2.S.1..S3...S.1.2.",
                ),
                "3/4": ("S.1S..3S.1S.", "S..S.13.S.2."),
                "6/8": ("S.1S.3S.1S.2", "S..S.13..S.2"),
            },
        ),
        Layer(
            "electric piano", "harmony", "pattern",
            Voice("electric-piano", gain_db=-11, pan=0.1, width=0.8, reverb_send_db=-15,
                  highpass_hz=110),
            compass=(50, 74), voices=4, velocity=(54, 90),
            patterns={
                "4/4": (
                    "C-----------S...",
                    "C-----C---------",
                    "C---..S.C-----S.",
                    "..C-----..C---S.",
                    "C---------------..S-..C---------",
                ),
                "3/4": ("C-------S...", "C-----C-----"),
                "6/8": ("C-----C---S.", "C--------S.."),
            },
        ),
        Layer(
            "horns", "harmony", "pattern",
            Voice("brass-stab", gain_db=-9.5, pan=-0.05, width=0.7, reverb_send_db=-13,
                  highpass_hz=130),
            compass=(55, 79), voices=4, velocity=(64, 112), enters=0.62,
            patterns={
                "4/4": (
                    "S.....S.........................",
                    "..........S..S..",
                    "..............S.S..S............",
                    "C-------..S.S...................",
                    "....S..S.................S..S.S.",
                ),
                "3/4": ("S.....S.....", "........S.S."),
                "6/8": ("S.....S..S..", "......S..S.S"),
            },
        ),
        Layer(
            "strings", "pad", "sustain",
            Voice("string-ensemble", gain_db=-8, width=1.0, reverb_send_db=-11, highpass_hz=250),
            compass=(64, 88), voices=3, velocity=(52, 96), enters=0.58, chance=0.8,
        ),
        Layer(
            "string line", "lead", "melody",
            Voice("string-ensemble", gain_db=-5, pan=0.1, width=0.9, reverb_send_db=-12,
                  highpass_hz=220),
            compass=(67, 91), velocity=(60, 108), enters=0.66,
            melody=MelodyRules(stretch=1, rests=0.3, ornaments=0.1, leaps=5),
        ),
        Layer(
            "flute", "lead", "melody",
            Voice("flute", gain_db=-5, pan=-0.15, width=0.4, reverb_send_db=-12,
                  delay_send_db=-17),
            compass=(65, 88), velocity=(56, 96), enters=0.25, leaves=0.66,
            melody=MelodyRules(stretch=1, rests=0.35, ornaments=0.2, leaps=5, pushes=0.4),
        ),
        Layer(
            "organ", "pad", "sustain",
            Voice("organ", gain_db=-14, pan=-0.1, width=0.7, reverb_send_db=-16, highpass_hz=150),
            compass=(52, 74), voices=3, velocity=(50, 84), enters=0.35, chance=0.5,
        ),
        Layer(
            "drums", "drums", "drums",
            Voice("kit-funk", gain_db=-2.5, width=0.6, reverb_send_db=-22, highpass_hz=24),
            velocity=(74, 112), enters=0.25,
        ),
    ),
    grooves=(
        # The one is struck hard, the rest of the bar dances around it.
        Groove(
            lines=(
                DrumLine("kick", "X..x......x..x..X..x......x....."),
                DrumLine("snare", "....X.......X...", enters=0.32),
                DrumLine("snare", ".......g.g.....g", enters=0.5),
                DrumLine("hat", "xoxoxoxoxoxoxoxo"),
                DrumLine("hat-open", "..............x.", enters=0.6),
                DrumLine("tambourine", "....x.......x...", enters=0.74),
            ),
            fills=(
                (DrumLine("snare", "........x.xxX.XX"), DrumLine("kick", "X..x............")),
                (DrumLine("snare", "........X..x...."), DrumLine("tom-mid", "............x.x."),
                 DrumLine("tom-floor", ".............x.X")),
            ),
            crash="crash",
        ),
        # Disco: four on the floor, the open hat between, sixteenths on a tambourine.
        Groove(
            lines=(
                DrumLine("kick", "X...X...X...X..."),
                DrumLine("snare", "....X.......X...", enters=0.32),
                DrumLine("hat-open", "..X...X...X...X.", enters=0.45),
                DrumLine("hat", "x.oox.oox.oox.oo"),
                DrumLine("clap", "....x.......x...", enters=0.7),
                DrumLine("tambourine", "xoxgxoxgxoxgxoxg", enters=0.6),
                DrumLine("conga-high", "...x..x....x....", enters=0.55),
                DrumLine("conga-low", "..........x...xx", enters=0.55),
            ),
            fills=(
                (DrumLine("snare", "........xxxxXXXX"), DrumLine("kick", "X...X...X...X...")),
                (DrumLine("tom-high", "........xx......"), DrumLine("tom-mid", "..........xx...."),
                 DrumLine("tom-floor", "............x.XX"), DrumLine("kick", "X...X...X...X...")),
            ),
            crash="crash",
        ),
        # Two bars of street beat, with a break before the second backbeat.
        Groove(
            lines=(
                DrumLine("kick", "X.X.......X..X..X.X...X...X....."),
                DrumLine("snare", "....X.......X.......X.......X...", enters=0.32),
                DrumLine("snare", ".......g.g.g...g.g.....g.g.....g", enters=0.48),
                DrumLine("hat", "x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x."),
                DrumLine("hat-open", "......................x.......x.", enters=0.52),
                DrumLine("cowbell", "x...x...x...x...", enters=0.72),
                DrumLine("shaker", "ogxgogxgogxgogxg", enters=0.56),
            ),
            fills=(
                (DrumLine("snare", "....X..x.xx.X.XX"), DrumLine("kick", "X.X.............")),
                (DrumLine("snare", "............2.XX"), DrumLine("kick", "X.X.......X.....")),
            ),
            crash="crash",
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("kick", "X..x......x."),
                DrumLine("snare", "....X...X...", enters=0.32),
                DrumLine("snare", ".......g...g", enters=0.5),
                DrumLine("hat", "xoxoxoxoxoxo"),
            ),
            fills=((DrumLine("snare", "....x.xxX.XX"), DrumLine("kick", "X..x........")),),
            crash="crash",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("kick", "X...x...x..."),
                DrumLine("snare", "......X.....", enters=0.32),
                DrumLine("snare", "...g.....g.g", enters=0.5),
                DrumLine("hat", "xoxoxoxoxoxo"),
            ),
            fills=((DrumLine("snare", "......x.xxXX"), DrumLine("kick", "X...x.......")),),
            crash="crash",
        ),
    ),
)  # fmt: skip

"""Folk: strummed and picked steel strings, fiddle and whistle, a foot on the floor."""

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
        "I | IV | I | V",
        "I | V | vi | IV",
        "I | I/3 | IV | I",
        "I IV | I V | I IV | V I",
        "I | iii | IV | I V",
    ),
    half=("IV | V", "ii | V", "I | V"),
    full=("IV V", "IV | V7", "ii | V"),
    final=("I",),
    turnaround=("IV | V", "I V"),
    hit=("vi", "IV", "V"),
)
_MINOR = Harmony(
    modes=("minor", "dorian", "phrygian", "locrian"),
    progressions=(
        "i | VII | i | v i",
        "i | % | VII | i",
        "i | iv | i | VII i",
        "i | v | VII | i",
        "i | VI | VII | i",
        "i VII | i | III VII | i",
    ),
    half=("VII | v", "III | VII"),
    full=("VII | v", "III VII", "VII"),
    final=("i", "i5"),
    turnaround=("VII | v", "VII"),
    hit=("VII", "III", "v"),
)

_STRUM = Fraction(1, 10)

PACK = StylePack(
    name="folk",
    title="Folk and acoustic",
    tempo_bpm=(84, 126),
    meters=("4/4", "4/4", "6/8", "3/4"),
    tonics=("C", "D", "E", "F", "G", "A"),
    harmonies=(_MAJOR, _MINOR),
    room=Room(reverb_seconds=1.0, reverb_damping=0.5, predelay_ms=10),
    intensity=0.55,
    arcs=((-0.25, 0.0, 0.15, 0.25, 0.1), (-0.1, 0.1, -0.1, 0.2), (-0.2, 0.15, 0.25)),
    cadences=0.6,
    looseness=0.14,
    impact_gain_db=-12.0,
    riser_gain_db=-20.0,
    stab=Voice("guitar-steel", gain_db=-6, reverb_send_db=-14),
    measures=Measures(
        tilt_db=(-6.5, -2.0), crest_db=(13.0, 21.0), width=(0.1, 0.6), air_db=(-28.0, -10.0),
        why="picks on steel strings are bright, the room is small and the low end only a bass",
    ),
    layers=(
        Layer(
            "strummed guitar", "harmony", "pattern",
            Voice("guitar-steel", gain_db=-7, pan=-0.3, width=0.6, reverb_send_db=-17),
            compass=(43, 71), voices=5, velocity=(46, 92), enters=0.4, strum_steps=_STRUM,
            patterns={
                "4/4": (
                    "C---C-U-..U-C-U-",
                    "C---C-U-C-U-C-U-",
                    "C-----U-C---C-U-",
                    "C-C-C-U-..U-C-U-",
                ),
                "3/4": ("C---C-U-C-U-", "C---C---C-U-"),
                "6/8": ("C---U-C---U-", "C-U-U-C-U-U-"),
            },
        ),
        Layer(
            "picked guitar", "harmony", "pattern",
            Voice("guitar-steel", gain_db=-4, pan=0.25, width=0.5, reverb_send_db=-15),
            compass=(45, 74), voices=4, velocity=(48, 88),
            patterns={
                "4/4": (
                    "1-3-2-4-1-3-2-4-",
                    "1---3-2-1-4-3-2-",
                    "1-2-3-4-3-2-3-2-",
                    "1--32-4-1--32-3-",
                ),
                "3/4": ("1-3-4-3-2-3-", "1---3-4-3-2-"),
                "6/8": ("1-3-4-2-3-4-", "1-2-3-4-3-2-"),
            },
        ),
        Layer(
            "banjo", "harmony", "pattern",
            Voice("banjo", gain_db=-8.5, pan=0.45, width=0.3, reverb_send_db=-15),
            compass=(55, 79), voices=4, velocity=(48, 92), enters=0.6, chance=0.55,
            patterns={
                "4/4": ("1.34.23.1.34.234", "2.13.24.1.32.413", "14321432143214.3"),
                "6/8": ("1.3.4.2.3.4.", "132413241324"),
            },
        ),
        Layer(
            "mandolin", "harmony", "pattern",
            Voice("mandolin", gain_db=-9.5, pan=-0.5, width=0.4, reverb_send_db=-15),
            compass=(62, 84), voices=3, velocity=(44, 88), enters=0.55, chance=0.6,
            strum_steps=Fraction(1, 16),
            patterns={
                "4/4": ("....S.......S...", "..S...S...S...S.", "....S.U.....S.U."),
                "6/8": ("....S.....S.", "..S.U...S.U."),
            },
        ),
        Layer(
            "fiddle", "lead", "melody",
            Voice("fiddle", gain_db=-4, pan=0.1, width=0.4, reverb_send_db=-12),
            compass=(62, 86), velocity=(58, 102), enters=0.45,
            melody=MelodyRules(stretch=1, rests=0.15, ornaments=0.3, leaps=5, runs=0.35,
                               pickups=0.8),
        ),
        Layer(
            "whistle", "lead", "melody",
            Voice("whistle", gain_db=-7, pan=-0.12, width=0.4, reverb_send_db=-11),
            compass=(69, 91), velocity=(52, 92), leaves=0.5, chance=0.7,
            melody=MelodyRules(stretch=1, rests=0.35, ornaments=0.35, leaps=5, runs=0.35,
                               pickups=0.8),
        ),
        Layer(
            "accordion", "pad", "sustain",
            Voice("accordion", gain_db=-12, width=0.6, reverb_send_db=-14),
            compass=(53, 76), voices=3, velocity=(44, 80), enters=0.5, chance=0.6,
        ),
        Layer(
            "upright bass", "bass", "bass",
            Voice("bass-upright", gain_db=-3, width=0.1, reverb_send_db=-24, highpass_hz=25),
            compass=(28, 48), velocity=(62, 96), enters=0.25,
            patterns={
                "4/4": (
                    "R-------5-------",
                    "R-------5-----a-",
                    "R-----R-5-------",
                    "R---5---R---a---",
                ),
                "3/4": ("R-------5---", "R-------a---"),
                "6/8": ("R-----5-----", "R-----5---a-"),
            },
        ),
        Layer(
            "foot and drum", "drums", "drums",
            Voice("kit-folk", gain_db=1, width=0.5, reverb_send_db=-17, highpass_hz=25),
            velocity=(48, 98), enters=0.3,
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("kick", "X.......X......."),
                DrumLine("tambourine", "....x.......x...", enters=0.45),
                DrumLine("shaker", "o.g.x.g.o.g.x.gg", enters=0.4),
                DrumLine("snare", "....g.......g...", enters=0.7),
            ),
            fills=((DrumLine("hand-low", "........x.x.x.xx"),),
                   (DrumLine("snare", "............xgxx"),)),
        ),
        Groove(
            lines=(
                DrumLine("kick", "X...X...X...X..."),
                DrumLine("clap", "....x.......x...", enters=0.6),
                DrumLine("shaker", "x.o.x.o.x.o.x.o.", enters=0.35),
                DrumLine("tambourine", "..o...o...o...o.", enters=0.65),
            ),
            fills=((DrumLine("clap", "........x...x.x."),),),
        ),
        Groove(
            lines=(
                DrumLine("tom-floor", "X.....x...x....."),
                DrumLine("hand-high", "..o.x...o.o.x.g.", enters=0.4),
                DrumLine("hand-low", "......o.......o.", enters=0.5),
                DrumLine("shaker", "xgogxgogxgogxgog", enters=0.6),
            ),
            fills=((DrumLine("hand-high", "........x.xxxxxx"),),),
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("kick", "X.....X....."),
                DrumLine("hand-high", "..o.x...o.x.", enters=0.4),
                DrumLine("tambourine", "......x.....", enters=0.5),
                DrumLine("shaker", "x.o.o.x.o.o.", enters=0.6),
            ),
            fills=((DrumLine("hand-low", "....x.x.xxxx"),),),
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("kick", "X..........."),
                DrumLine("tambourine", "....x...x...", enters=0.4),
                DrumLine("shaker", "x.o.x.o.x.o.", enters=0.55),
            ),
            fills=((DrumLine("hand-low", "....x.x.x.xx"),),),
        ),
    ),
)  # fmt: skip

"""Chiptune: two pulses, a triangle and noise; fast broken chords stand for harmony."""

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
        "I | V | vi | IV",
        "I | vi | IV | V",
        "I | IV | I | V",
        "IV | V | iii | vi",
        "I | iii | IV | V",
        "I | bVII | IV | I",
    ),
    half=("V", "ii | V", "IV V"),
    full=("IV | V", "ii V", "IV V"),
    final=("I",),
    turnaround=("IV | V", "ii V"),
    hit=("vi", "IV", "ii"),
)
_MINOR = Harmony(
    modes=("minor", "dorian", "phrygian", "locrian"),
    progressions=(
        "i | VI | III | VII",
        "i | VII | VI | VII",
        "i | iv | VII | III",
        "VI | VII | i | %",
        "i | III | iv | v",
    ),
    half=("VII", "VI VII", "v"),
    full=("VI | VII", "iv v", "VI V"),
    final=("i",),
    turnaround=("VI | VII", "VI VII"),
    hit=("VI", "iv", "III"),
)

PACK = StylePack(
    name="chiptune",
    title="Chiptune, 8-bit",
    tempo_bpm=(126, 164),
    meters=("4/4", "4/4", "4/4", "3/4"),
    tonics=("C", "D", "E", "F", "G", "A", "Bb"),
    harmonies=(_MAJOR, _MINOR),
    room=Room(
        reverb_seconds=0.5, reverb_damping=0.6, predelay_ms=0, delay_beats=Fraction(1, 2),
        delay_feedback=0.3,
    ),
    intensity=0.65,
    arcs=((-0.2, 0.1, 0.2), (0.0, 0.15, -0.2, 0.2), (-0.1, 0.1, 0.0, 0.2)),
    cadences=0.6,
    looseness=0.02,
    impact_gain_db=-10.0,
    riser_gain_db=-15.0,
    stab=Voice("chip-pulse-50", gain_db=-8, reverb_send_db=None),
    measures=Measures(
        tilt_db=(-5.5, -2.0), crest_db=(11.0, 20.0), width=(0.02, 0.4), air_db=(-22.0, -6.0),
        why="square waves and noise are bright, and a chip has hardly two sides",
    ),
    layers=(
        Layer(
            "lead", "lead", "melody",
            Voice("chip-pulse-25", gain_db=-6, pan=0.1, width=0.1, reverb_send_db=None,
                  delay_send_db=-15),
            compass=(64, 88), velocity=(76, 104), enters=0.3,
            melody=MelodyRules(stretch=1, rests=0.1, ornaments=0.25, leaps=6, runs=0.3),
        ),
        Layer(
            "echo", "lead", "pattern",
            Voice("chip-pulse-50", gain_db=-6, pan=-0.4, width=0.1, reverb_send_db=None),
            compass=(67, 88), voices=3, velocity=(66, 92), enters=0.7,
            patterns={
                "4/4": ("..3...2...3...1.", "1...3...2...3.2.", "....4.3.....3.2."),
                "3/4": ("..3...2...1.",),
            },
        ),
        Layer(
            "broken chords", "harmony", "pattern",
            Voice("chip-pulse-12", gain_db=-6, pan=-0.2, width=0.2, reverb_send_db=None),
            compass=(55, 79), voices=3, velocity=(70, 94),
            patterns={
                "4/4": (
                    "1231231231231234",
                    "1.2.3.2.1.2.3.4.",
                    "1234321212343212",
                    "1..1..2.3..3..2.",
                    "1323132313231324",
                ),
                "3/4": ("123412341234", "1.2.3.4.3.2."),
                "6/8": ("123123123432", "1.2.3.4.3.2."),
            },
        ),
        Layer(
            "triangle", "bass", "bass",
            Voice("chip-triangle", gain_db=-6, width=0.0, reverb_send_db=None, highpass_hz=18),
            compass=(33, 57), velocity=(92, 108),
            patterns={
                "4/4": (
                    "R.8.R.8.R.8.R.8.",
                    "R-R.5-R.8-R.5-a.",
                    "R..R..R.R..R5.8.",
                    "R-R-R-R-R-R-5-a-",
                    "R...5...8...5.a.",
                ),
                "3/4": ("R---5-8-5---", "R.8.8.R.8.a."),
                "6/8": ("R-.8-.R-.5-a", "R-R-8-R-5-a-"),
            },
        ),
        Layer(
            "second voice", "harmony", "melody",
            Voice("chip-pulse-50", gain_db=-9, pan=0.35, width=0.1, reverb_send_db=None),
            compass=(55, 76), velocity=(66, 92), enters=0.62, chance=0.7,
            melody=MelodyRules(stretch=2, rests=0.3, leaps=4),
        ),
        Layer(
            "noise", "drums", "drums",
            Voice("kit-chip", gain_db=-9, width=0.1, reverb_send_db=None, highpass_hz=18),
            velocity=(84, 112), enters=0.3,
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("kick", "X.......X.x....."),
                DrumLine("snare", "....X.......X..?", enters=0.4),
                DrumLine("hat", "x.x.x.x.x.x.x.x."),
                DrumLine("hat-open", "..............x.", enters=0.7),
            ),
            fills=(
                (DrumLine("snare", "........x.x.xxXX"),),
                (DrumLine("tom-high", "........xx......"), DrumLine("tom-mid", "..........xx...."),
                 DrumLine("tom-low", "............xxXX")),
            ),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("kick", "X..x..x.X..x..x."),
                DrumLine("snare", "....X.......X...", enters=0.4),
                DrumLine("hat", "xoxoxoxoxoxoxoxo", enters=0.55),
                DrumLine("shaker", "o.x.o.x.o.x.o.x.", leaves=0.55),
            ),
            fills=((DrumLine("snare", "....x...x.x.xxxX"),),),
            crash="crash",
        ),
        Groove(
            lines=(
                DrumLine("kick", "X...X...X...X..."),
                DrumLine("snare", "....X.......X.x.", enters=0.45),
                DrumLine("hat", "..x...x...x...x."),
                DrumLine("hat-open", "..x...x...x...x.", enters=0.72),
            ),
            fills=((DrumLine("snare", "x.x.x.x.xxxxxxXX"),),),
            crash="crash",
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("kick", "X..........."),
                DrumLine("snare", "....x...x..?", enters=0.4),
                DrumLine("hat", "x.x.x.x.x.x."),
            ),
            fills=((DrumLine("snare", "....x.x.xxXX"),),),
            crash="crash",
        ),
    ),
)  # fmt: skip

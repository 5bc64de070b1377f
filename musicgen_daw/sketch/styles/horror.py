"""Horror: clusters over a pedal, bowed metal, a prepared piano in the dark; long rests."""

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

_PHRYGIAN = Harmony(
    modes=("phrygian", "locrian"),
    progressions=(
        "i | % | IImaj7 | i",
        "i | iadd9 | i | IImaj7",
        "i | i II | i | %",
        "i | iv | i | IImaj7",
    ),
    half=("IImaj7", "II | vii"),
    full=("IImaj7 | II", "vii | II"),
    final=("i", "iadd9"),
    turnaround=("II | vii", "IImaj7"),
    hit=("IImaj7", "vii", "II"),
)
_MINOR = Harmony(
    modes=("minor", "dorian"),
    progressions=(
        "iadd9 | % | VImaj7 | iadd9",
        "i | iv | i | iio",
        "i | iio | i/3 | VI",
        "iadd9 | bII | iadd9 | iio",
        "i | % | ivadd9 | i",
    ),
    half=("iio", "ivadd9 | iio"),
    full=("iio | v", "ivadd9 | V"),
    final=("i", "iadd9"),
    turnaround=("iio | v", "ivadd9"),
    hit=("iio", "VI", "ivadd9"),
)
_MAJOR = Harmony(
    # A lullaby that is not quite right: the raised fourth and the parallel second degree.
    modes=("lydian", "major", "mixolydian"),
    progressions=(
        "I | % | I | I II",
        "Iadd9 | I | iii | I",
        "I | iii I | II | I",
        "I | vi | I | %",
    ),
    half=("I | II", "iii"),
    full=("iii | I", "vi | I"),
    final=("I",),
    turnaround=("vi", "iii"),
    hit=("II", "iii", "vi"),
)

PACK = StylePack(
    name="horror",
    title="Horror",
    tempo_bpm=(54, 84),
    meters=("4/4", "4/4", "3/4", "6/8"),
    tonics=("C", "C#", "D", "E", "F", "G"),
    harmonies=(_MINOR, _PHRYGIAN, _MAJOR),
    room=Room(reverb_seconds=3.8, reverb_damping=0.5, predelay_ms=35, delay_feedback=0.4),
    intensity=0.45,
    arcs=((-0.25, -0.1, 0.1, 0.4, -0.2), (-0.2, 0.2, -0.2, 0.4), (-0.1, -0.25, 0.1, 0.45)),
    cadences=0.3,
    looseness=0.2,
    impact_gain_db=-4.0,
    riser_gain_db=-7.0,
    stab=Voice("string-harmonics", gain_db=0, reverb_send_db=-8),
    measures=Measures(
        tilt_db=(-8.5, -3.0), crest_db=(14.0, 24.0), width=(0.25, 0.9), air_db=(-36.0, -10.0),
        why="darkness with a hiss of bows on top, and shocks far above a quiet bed",
    ),
    layers=(
        Layer(
            "pedal", "bass", "drone",
            Voice("drone", gain_db=-7, width=0.6, reverb_send_db=-16, highpass_hz=28),
            compass=(28, 50), voices=1, velocity=(54, 86),
        ),
        Layer(
            "cluster", "pad", "sustain",
            Voice("string-ensemble", gain_db=-8, width=1.0, reverb_send_db=-8),
            compass=(55, 72), voices=4, velocity=(34, 92), enters=0.15,
        ),
        Layer(
            "scraping strings", "pad", "sustain",
            Voice("string-harmonics", gain_db=-9, pan=0.2, width=1.0, reverb_send_db=-8),
            compass=(74, 96), voices=3, velocity=(40, 104), enters=0.5,
        ),
        Layer(
            "bowed metal", "harmony", "pattern",
            Voice("bowed-metal", gain_db=-5, pan=-0.3, width=0.9, reverb_send_db=-7),
            compass=(60, 81), voices=3, velocity=(46, 92),
            patterns={
                "4/4": (
                    "1---------------................2---------------................",
                    "........3---------------........",
                    "................1---------------........2-----------------------",
                ),
                "3/4": ("1-----------............", "............2-----------"),
                "6/8": ("1-----------............", "............2-----------"),
            },
        ),
        Layer(
            "prepared piano", "harmony", "pattern",
            Voice("piano-prepared", gain_db=-6, pan=0.25, width=0.5, reverb_send_db=-8,
                  delay_send_db=-14),
            compass=(40, 64), voices=4, velocity=(48, 100), enters=0.2,
            patterns={
                "4/4": (
                    "1.......................4.......",
                    "......1.2.......................3...............................",
                    "1...1.......2...........1.......",
                    "S...............................",
                ),
                "3/4": ("1.......4.......2.......", "S......................."),
                "6/8": ("1.........2.............", "S.................1.3..."),
            },
        ),
        Layer(
            "music box", "lead", "melody",
            Voice("music-box", gain_db=-7, pan=-0.1, width=0.4, reverb_send_db=-7,
                  delay_send_db=-16),
            compass=(72, 93), velocity=(48, 88), leaves=0.6,
            melody=MelodyRules(stretch=2, rests=0.35, ornaments=0.0, leaps=6),
        ),
        Layer(
            "pizzicato", "harmony", "pattern",
            Voice("string-pizzicato", gain_db=-7, pan=0.4, width=0.6, reverb_send_db=-10),
            compass=(55, 79), voices=4, velocity=(44, 104), enters=0.35, chance=0.7,
            patterns={
                "4/4": (
                    "..1.....3.......",
                    "1v......^^......",
                    "....12.......43.................",
                ),
                "6/8": ("..1...3.....", "1v....^^...."),
            },
        ),
        Layer(
            "voices", "pad", "sustain",
            Voice("choir", gain_db=-10, width=0.9, reverb_send_db=-7),
            compass=(50, 68), voices=3, velocity=(40, 90), enters=0.45, chance=0.7,
        ),
        Layer(
            "low strings", "bass", "bass",
            Voice("string-low", gain_db=-6, pan=0.1, width=0.5, reverb_send_db=-12),
            compass=(28, 45), velocity=(48, 104), enters=0.4,
            patterns={
                "4/4": ("R---------------", "R-----------a---", "R-------------..R-a-R-----------"),
            },
        ),
        Layer(
            "distant drums", "drums", "drums",
            Voice("kit-cinematic", gain_db=-6, width=0.8, reverb_send_db=-9, lowpass_hz=9000,
                  highpass_hz=20),
            velocity=(42, 118), enters=0.3,
        ),
        Layer(
            "dark air", "fx", "texture",
            Voice("texture-dark", gain_db=-13, width=1.0, reverb_send_db=-18),
            velocity=(50, 74),
        ),
    ),
    grooves=(
        Groove(
            lines=(
                DrumLine("boom", "X.o.............................", enters=0.3),
                DrumLine("metal", "....................?...........", enters=0.4),
                DrumLine("tom-floor", "X.o.....X.o.....X.o.....X.o.....", enters=0.6),
                DrumLine("tick", "o...o...o...o...o...o...o...o...", leaves=0.65),
            ),
            fills=((DrumLine("tom-floor", "........o.oxxxXX"),),),
            crash="boom",
        ),
        Groove(
            lines=(
                DrumLine("boom", "X...........X...................", enters=0.25),
                DrumLine("rim", "..........g.............o.g.....", enters=0.4),
                DrumLine("tom-low", "X.....X.....X...X.....X.....X...", enters=0.65),
                DrumLine("tick", "x.......o.......x.......o.......", leaves=0.7),
            ),
            fills=((DrumLine("tom-low", "....g.g.o.o.x.xX"),),),
            crash="metal",
        ),
        Groove(
            meter="6/8",
            lines=(
                DrumLine("boom", "X.........o.", enters=0.3),
                DrumLine("tick", "o.....o.....", leaves=0.7),
                DrumLine("tom-floor", "X...o.X...o.", enters=0.6),
            ),
            crash="boom",
        ),
        Groove(
            meter="3/4",
            lines=(
                DrumLine("boom", "X.o.........", enters=0.3),
                DrumLine("tick", "o...o...o...", leaves=0.7),
                DrumLine("tom-floor", "X.o.X...X...", enters=0.6),
            ),
            crash="boom",
        ),
    ),
)  # fmt: skip

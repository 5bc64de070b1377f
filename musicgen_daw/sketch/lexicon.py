"""What the words of a prompt mean to the composer: one declarative table.

Each row is a meaning and the words and phrases that carry it, separated by commas. A phrase
stands in one row only; longer phrases are found before shorter ones. To teach the composer a
word, add it to a row.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

__all__ = ["FILLERS", "LEXICON", "Sense"]


@dataclass(frozen=True, slots=True)
class Sense:
    """What a phrase means; ``None``, 0 and empty are "says nothing about it".

    ``weight`` is how strongly it speaks for ``style`` (3 a genre, 1 a scene). ``tempo`` runs from
    -2 (as slow as the style goes) to 2. ``intensity`` is a level from 0 to 1, ``arc`` the shape
    of the intensity over the cue. ``wanted`` and ``solo`` are families of instruments.
    """

    style: str | None = None
    weight: int = 3
    mode: str | None = None
    tempo: float = 0.0
    intensity: float | None = None
    arc: tuple[float, ...] = ()
    meter: tuple[int, int] | None = None
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    solo: str | None = None
    sung: bool = False

    def __str__(self) -> str:
        said = []
        for each in fields(self):
            value = getattr(self, each.name)
            if value == each.default or each.name == "weight":
                continue
            if isinstance(value, tuple):
                value = ("/" if each.name == "meter" else ", ").join(map(str, value))
            said.append("singers" if each.name == "sung" else f"{each.name} {value}")
        return "; ".join(said) or "noted"


_TABLE: tuple[tuple[Sense, str], ...] = (
    # -- genres --------------------------------------------------------------------------------
    (Sense("cinematic-tension"),
     "cinematic tension, tension, suspense, suspenseful, thriller, film noir, noir, "
     "crime drama, investigation, espionage, spy, heist, conspiracy, mystery, mysterious, "
     "true crime, psychological, underscore, cinematic, film score, soundtrack, score, "
     "filmic, tense strings, tense"),
    (Sense("action-hybrid"),
     "action, hybrid, epic, trailer, trailer music, blockbuster, hybrid orchestral, "
     "orchestral hybrid, battle, boss fight, boss battle, combat, war, fight, fighting, "
     "superhero, action hybrid, epic orchestral, heroic, braam, braams"),
    (Sense("emotional-piano"),
     "emotional piano, piano ballad, ballad, neoclassical, neo-classical, modern classical, "
     "contemporary classical, emotional, sentimental, heartfelt, touching, romantic, romance, "
     "love theme, love scene, piano and strings, tearjerker, drama, dramatic piano, "
     "chamber music, minimalist piano"),
    (Sense("ambient-drone"),
     "ambient, drone, drones, ambient drone, soundscape, atmosphere, atmospheric, meditation, "
     "meditative, new age, space music, spa, yoga, sleep, textural, texture, textures, "
     "drifting, floating, field recording, sound bath, zen"),
    (Sense("ambient-drone", mode="minor"), "dark ambient, dark drone, dark drones"),
    (Sense("lofi", 4),
     "lofi, lo-fi, lo fi, lofi hip hop, lo-fi hip hop, lofi hip-hop, lo-fi hip-hop, "
     "lofi beats, lo-fi beats, chillhop, chill hop, hip hop, hip-hop, boom bap, jazzhop, "
     "trip hop, trip-hop, downtempo, chill beats, study beats, beats to study to, "
     "study music, r&b, rnb, neo soul, neo-soul"),
    (Sense("chiptune", 5),
     "chiptune, chip tune, chip music, chip, 8-bit, 8 bit, 8bit, 16-bit, 16 bit, nes, "
     "gameboy, game boy, c64, commodore 64, sid chip, retro game, retro video game, "
     "video game, arcade, arcade game, nintendo, famicom, pixel, pixel art, platformer, jrpg"),
    # -- dance floors and night drives
    (Sense("synthwave", 4),
     "synthwave, synth wave, retrowave, outrun, darksynth, vaporwave, synth-pop, synthpop, "
     "80s synth, eighties synth, 80s electronic, new retro wave, italo disco"),
    (Sense("synthwave", 1),
     "80s, 1980s, eighties, neon, neon lights, cyberpunk, night drive, gated drums, "
     "gated snare"),
    (Sense("house", 4),
     "house, deep house, tech house, progressive house, house music, club, club music, edm, "
     "electronic dance music, dance music, dancefloor, dance floor, nightclub, rave, trance, "
     "eurodance, garage house"),
    (Sense("house", 4, mode="minor"), "techno, minimal techno, detroit techno, acid house"),
    # -- scenes: weak votes for a style, and a mood --------------------------------------------
    (Sense("action-hybrid", 1, tempo=1, intensity=0.85),
     "chase, car chase, chasing, pursuit, race, racing, escape, explosion, explosions, "
     "showdown, attack, assault, invasion, storming, final battle, mosh pit, stampede, "
     "ambush, raid"),
    (Sense("action-hybrid", 1, mode="minor", intensity=0.9),
     "apocalypse, apocalyptic, dystopia, dystopian, destruction, rage, fury, doom"),
    (Sense("cinematic-tension", 1, mode="minor", intensity=0.4),
     "stalking, sneaking, stealth, infiltration, hiding, waiting, interrogation, detective, "
     "crime scene, murder, killer, basement, corridor, hallway, countdown, ticking, "
     "ticking clock, clock, hostage, paranoia, paranoid, conspiracies, surveillance, "
     "submarine, dungeon"),
    (Sense("cinematic-tension", 1, mode="phrygian", intensity=0.5),
     "horror, scary, creepy, eerie, haunted, haunting, spooky, nightmare, ghost, ghosts, "
     "evil, demonic, sinister, ominous, menacing, threatening, dread, uneasy, unsettling, "
     "disturbing, terror, fear, occult"),
    (Sense("emotional-piano", 1, mode="minor", intensity=0.35),
     "funeral, farewell, goodbye, loss, grief, mourning, memory, memories, flashback, "
     "breakup, rain on the window, lonely, loneliness, letter, hospital"),
    (Sense("emotional-piano", 1, mode="major", intensity=0.4),
     "wedding, reunion, childhood, family, baby, lullaby, homecoming, sunset, kiss, proposal, "
     "tender, tenderness, innocence"),
    (Sense("ambient-drone", 1, intensity=0.3),
     "space, deep space, outer space, "
     "cosmos, cosmic, galaxy, nebula, underwater, ocean, deep sea, fog, "
     "mist, misty, desert, glacier, arctic, tundra, cave, cavern, forest, night sky, stars, "
     "starfield, dream, dreams, dreamy, dreamlike, ethereal, celestial, heavenly, void, vast, "
     "spacious, otherworldly, hypnotic, floating in space"),
    (Sense("lofi", 1, intensity=0.45),
     "coffee shop, cafe, café, coffee, study, studying, homework, rainy day, rainy afternoon, "
     "rainy night, late night, bedroom, city at night, laid-back, laid back, laidback, "
     "mellow, groovy, chill, chilled, chillout, lazy, cozy, cosy, vinyl, tape, vhs, cassette, "
     "dusty, jazzy, smooth, nostalgic, nostalgia"),
    (Sense("chiptune", 1, tempo=0.5),
     "game over, level up, power-up, power up, game menu, title screen, overworld, "
     "boss level, bonus level, mario, zelda, tetris, retro, glitchy"),
    # -- moods ---------------------------------------------------------------------------------
    (Sense(mode="minor", tempo=-0.5, intensity=0.35),
     "sad, sadness, melancholy, melancholic, sorrow, sorrowful, mournful, tragic, tragedy, "
     "wistful, somber, sombre, bittersweet, gloomy, depressing, heartbreaking, bleak, "
     "forlorn, grieving, regret, longing"),
    (Sense(mode="minor"),
     "dark, darkness, brooding, moody, serious, cold, grim, gritty, noirish, minor, "
     "minor key, in a minor key, in minor, night, nocturnal, shadowy, foreboding"),
    (Sense(mode="major", tempo=0.5),
     "happy, joyful, joy, cheerful, bright, sunny, upbeat, uplifting, optimistic, positive, "
     "playful, fun, funny, lighthearted, light-hearted, cute, feel-good, feelgood, merry, "
     "whimsical, quirky, carefree, celebration, celebratory, festive"),
    (Sense(mode="major"),
     "major, major key, in a major key, in major, warm, hopeful, hope, inspiring, "
     "inspirational, noble, pastoral, serene, beautiful, gentle morning, sunrise, dawn"),
    (Sense(mode="dorian"), "dorian, soulful, bluesy, medieval, celtic, folky, earthy"),
    (Sense(mode="phrygian"), "phrygian, exotic, middle eastern, arabian, flamenco, oriental"),
    (Sense(mode="lydian"),
     "lydian, magical, magic, wonder, wondrous, awe, fairy tale, fairytale, enchanted, "
     "shimmering, sparkling, sci-fi, science fiction, futuristic"),
    (Sense(mode="mixolydian"), "mixolydian, adventurous, adventure, swashbuckling"),
    (Sense(mode="minor", intensity=0.75),
     "angry, anger, aggressive, brutal, violent, ferocious, relentless, hard-hitting, "
     "hard hitting, punishing, urgent, frantic, panic, desperate, intense, driving, pounding, "
     "pulsing, pulsating, propulsive"),
    (Sense(intensity=0.9, mode=None),
     "massive, huge, powerful, explosive, thunderous, full orchestra, tutti, fortissimo, "
     "bombastic, gigantic, monumental, climactic, climax, loud, triumphant, victorious, "
     "victory, majestic, grand, anthemic, full intensity"),
    (Sense(intensity=0.7),
     "energetic, energy, strong, exciting, dynamic, busy, full, rich, bold, determined, "
     "confident, vigorous, lively"),
    (Sense(intensity=0.25),
     "soft, softly, quiet, quietly, gentle, gently, delicate, intimate, sparse, minimal, "
     "minimalist, minimalistic, subtle, restrained, understated, thin, bare, pianissimo, "
     "low-key, low key, whispering, fragile, low intensity, simple"),
    (Sense(tempo=-0.7, intensity=0.3),
     "calm, calming, peaceful, relaxing, relaxed, soothing, tranquil, restful, still, "
     "stillness, contemplative, reflective, introspective, thoughtful, sleepy, hushed, "
     "pensive, easy"),
    # -- shapes over the cue -------------------------------------------------------------------
    (Sense(arc=(-0.3, 0.3)),
     "building, builds, build, build up, build-up, buildup, rising, growing, crescendo, "
     "escalating, swelling, ramping up, builds up, building up, intensifying, slow build, "
     "slow burn, slowly building, gathering"),
    (Sense(arc=(0.25, -0.3)),
     "fading, diminuendo, decrescendo, winding down, dying away, calming down, dissolving, "
     "receding, subsiding, falling away"),
    (Sense(arc=(0.0, 0.0)),
     "steady, constant, even, unchanging, static, background, bed, background music, "
     "underscoring, loopable"),
    (Sense(arc=(-0.25, 0.3, -0.2)), "swell, wave, waves, rise and fall, ebb and flow"),
    # -- tempo ---------------------------------------------------------------------------------
    (Sense(tempo=-2), "very slow, extremely slow, glacial, largo, grave, lento, larghissimo"),
    (Sense(tempo=-1),
     "slow, slowly, slower, adagio, downbeat, unhurried, sluggish, slow tempo, heavy, "
     "plodding, slow-paced"),
    (Sense(tempo=0.01),
     "medium tempo, mid-tempo, mid tempo, midtempo, moderate, moderato, andante, "
     "walking pace, medium"),
    (Sense(tempo=1),
     "fast, quick, quickly, faster, allegro, brisk, fast-paced, up-tempo, uptempo, "
     "fast tempo, rapid, speedy, vivace, high energy, high-energy, hectic, rushing"),
    (Sense(tempo=2),
     "very fast, extremely fast, presto, prestissimo, breakneck, frenetic, hyper, furious, "
     "blazing"),
    # -- meters --------------------------------------------------------------------------------
    (Sense(meter=(3, 4)), "waltz, in three, triple meter, triple time, three four, in 3"),
    (Sense(meter=(6, 8)),
     "jig, sea shanty, shanty, compound meter, compound time, six eight, tarantella"),
    (Sense(meter=(4, 4)), "common time, four on the floor, four-on-the-floor, four four, in four"),
    (Sense(meter=(5, 4)), "in five, five four"),
    (Sense(meter=(7, 8)), "in seven, seven eight"),
    # -- instruments ---------------------------------------------------------------------------
    (Sense(wanted=("strings",)),
     "strings, string section, string ensemble, string orchestra, violin, violins, viola, "
     "violas, cello, celli, cellos, double bass, contrabass, string quartet, spiccato, "
     "pizzicato, tremolo, tremolo strings, ostinato strings, staccato strings, fiddle, "
     "string ostinato, low strings, high strings"),
    (Sense(wanted=("piano",)),
     "piano, grand piano, felt piano, upright piano, keys, pianos, soft piano, "
     "prepared piano, steinway"),
    (Sense(wanted=("electric-piano",)),
     "electric piano, rhodes, wurlitzer, wurli, fender rhodes, dx7, clavinet, e-piano, epiano"),
    (Sense(wanted=("brass",)),
     "brass, horn, horns, french horn, french horns, trumpet, trumpets, trombone, trombones, "
     "tuba, brass stabs, brass section, low brass, fanfare"),
    (Sense(wanted=("strings", "brass")),
     "orchestra, orchestral, symphonic, symphony, philharmonic"),
    (Sense(wanted=("choir",)),
     "choir, choirs, choral, chorus, chant, chanting, monks, gregorian, voices, aahs, oohs"),
    (Sense(wanted=("harp",)), "harp, harps, lyre, harp glissando, arpa"),
    (Sense(wanted=("guitar",)),
     "guitar, guitars, acoustic guitar, nylon guitar, classical guitar, spanish guitar, "
     "ukulele, lute, fingerpicked guitar, guitar picking, banjo, mandolin"),
    (Sense(wanted=("bells",)),
     "bell, bells, chimes, glockenspiel, celesta, celeste, music box, tubular bells, "
     "church bells, wind chimes, crotales, toy piano"),
    (Sense(wanted=("mallets",)),
     "mallet, mallets, marimba, vibraphone, vibes, xylophone, kalimba, thumb piano, balafon, "
     "steel drum, steelpan"),
    (Sense(wanted=("pads",)),
     "pad, pads, synth pad, synth pads, warm pads, dark pads, lush pads, washes, wash, synth, "
     "synths, synthesizer, synthesiser, synthesizers, analog synth, analogue"),
    (Sense(wanted=("synth-keys",)),
     "synth stab, synth stabs, synth pluck, synth plucks, arpeggiator, synth arpeggio, "
     "synth arpeggios"),
    (Sense(wanted=("drone",)), "low drone, low drones, deep drone, drone bass, pedal tone, pedal"),
    (Sense(wanted=("bass",)),
     "bass, bassline, bass line, bass guitar, sub bass, sub-bass, sub, deep bass, synth bass, "
     "upright bass, walking bass, 808, 808s"),
    (Sense(wanted=("drums",)),
     "drums, drum, percussion, percussive, beat, beats, drum kit, taiko, taikos, taiko drums, "
     "timpani, toms, snare, kick, hi-hat, hi-hats, hats, cymbals, breakbeat, drum machine, "
     "rhythm section, shaker, big drums, war drums, drumming, groove"),
    (Sense(wanted=("synth-lead",)),
     "lead synth, synth lead, saw lead, lead, theremin, square lead"),
    (Sense(wanted=("flute",)),
     "flute, flutes, woodwind, woodwinds, piccolo, recorder, pan flute, ocarina, whistle, "
     "whistling, clarinet, oboe, shakuhachi, duduk, tin whistle"),
    (Sense(wanted=("chip",)), "square wave, pulse wave, square waves, chip arpeggios"),
    (Sense(unwanted=("drums",)),
     "drumless, beatless, unaccompanied by drums, percussionless, a cappella"),
    (Sense(solo="piano"),
     "solo piano, piano solo, piano only, only piano, just piano, solo felt piano, lone piano"),
    (Sense(solo="guitar"),
     "solo guitar, guitar solo piece, only guitar, just guitar, solo acoustic guitar, "
     "lone guitar"),
    (Sense(solo="strings"), "strings only, only strings, just strings, solo strings"),
    (Sense(solo="harp"), "solo harp, only harp, harp only"),
    (Sense(solo="bells"), "solo music box, only music box, music box only"),
    (Sense(solo="drums"),
     "drums only, only drums, percussion only, only percussion, solo drums, just drums"),
    (Sense(solo="choir"), "choir only, only choir"),
    (Sense(sung=True),
     "vocals, vocal, voice, singing, singer, lyrics, spoken word, speech, rap, talking, "
     "vocal samples, vocalist, female vocals, male vocals"),
)  # fmt: skip

LEXICON: dict[str, Sense] = {
    phrase.strip(): sense for sense, phrases in _TABLE for phrase in phrases.split(",")
}
"""The meaning of every known phrase, in lower case."""

_FILLER_WORDS = """
deep low high big small old new young good great nice cool interesting
a an and are as at be but by can cue do feel feeling feels for from full-length get give
has have i in into is it its just kind like lot lots make me mood moody-ish more most
mostly much music musical my of on one only or our piece please quite really set so some
something song sound sounding sounds style that the their then there theme these this to
track tune up use using very vibe vibes was we which while will with would you your bpm
key tempo time meter instrumental loop lead-in under over through after before during
between around about part parts section lines line layer layers slightly little bit
touch hint hints also plus
"""

FILLERS = frozenset(_FILLER_WORDS.split())
"""Words that carry no meaning of their own; they are neither understood nor ignored."""

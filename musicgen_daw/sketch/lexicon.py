"""What the words of a prompt mean to the composer: one declarative table.

Each row is a meaning and the words and phrases that carry it, separated by commas. A phrase
stands in one row only; longer phrases are found before shorter ones. To teach the composer a
word, add it to a row.
"""

from __future__ import annotations

from musicgen_daw.sketch.sense import Sense
from musicgen_daw.timeline import Meter

__all__ = ["FILLERS", "LEXICON"]

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
    (Sense("orchestral-adventure"),
     "orchestral adventure, adventure music, adventure score, adventure film, high fantasy, "
     "fantasy adventure, heroic quest, quest, pirate, pirates, treasure hunt, expedition, "
     "family adventure, sword and sorcery, symphonic adventure, hero's journey, golden age film"),
    (Sense("orchestral-adventure", 2, mode="mixolydian"),
     "adventurous, adventure, swashbuckling"),
    (Sense("orchestral-adventure", 1, mode="major", intensity=0.7),
     "flying, soaring, kingdom, castle, knights, knight, voyage, sailing, discovery, exploring, "
     "exploration, mountain, mountains, dragon, dragons, hobbits, royal, coronation, fantasy, "
     "journey"),
    (Sense("jazz-trio", 4),
     "jazz, jazz trio, piano trio, jazz piano, swing, swinging, bebop, be-bop, hard bop, "
     "cool jazz, jazz club, jazz bar, jazz waltz, cocktail jazz, jazz standard, jazz standards, "
     "jazz combo, straight-ahead jazz, west coast jazz, brushes, brushed drums"),
    (Sense("jazz-trio", 1, intensity=0.45),
     "lounge, cocktail, cocktails, cocktail party, speakeasy, supper club, martini, smoky bar, "
     "hotel bar, piano bar, dinner party, sophisticated, suave, roaring twenties"),
    (Sense("folk", 3),
     "folk, folk music, acoustic, indie folk, folk rock, americana, country, bluegrass, "
     "roots music, singer-songwriter, campfire, campfire song, appalachian, hoedown, "
     "barn dance, acoustic folk, old-time, skiffle, string band, ceilidh, "
     "acoustic guitar strumming, strummed guitar"),
    (Sense("folk", 2, mode="dorian"), "celtic, folky, irish, scottish, gaelic, tavern, inn"),
    (Sense("folk", 2, meter=Meter(6, 8)), "jig, sea shanty, shanty, tarantella"),
    (Sense("folk", 1, intensity=0.5),
     "village, farm, countryside, road trip, prairie, porch, rustic, harvest, homestead, cowboy, "
     "cowboys, frontier, meadow, hiking, camping, cabin"),
    (Sense("horror", mode="phrygian", intensity=0.45),
     "horror, horror film, scary, creepy, haunted, haunted house, nightmare, slasher, zombie, "
     "zombies, possessed, exorcism, demonic, poltergeist, asylum, body horror, survival horror, "
     "jump scare, jumpscare, psychological horror"),
    (Sense("horror", 1, mode="phrygian", intensity=0.45),
     "eerie, haunting, spooky, ghost, ghosts, evil, dread, unsettling, disturbing, terror, fear, "
     "halloween, occult, graveyard, cemetery, crypt, morgue, witch, witches, ritual, monster, "
     "monsters"),
    (Sense("horror", 1), "dissonant, dissonance, atonal, clusters, bowed metal"),
    (Sense("uplifting", mode="major"),
     "corporate, motivational, motivation, presentation, advertising, advert, commercial, "
     "vlog, travel, tutorial, podcast, explainer, explainer video, promo, product launch, "
     "startup, start-up, business, tech demo, corporate video, brand film, keynote, uplifting "
     "corporate, happy corporate"),
    (Sense("uplifting", 2, mode="major", tempo=0.3), "uplifting, feel-good, feelgood"),
    (Sense("uplifting", 1, mode="major"),
     "inspiring, inspirational, success, achievement, teamwork, innovation, progress, growth, "
     "charity, community, graduation, empowering, encouraging"),
    (Sense("folk", 2),
     "nordic folk, western, wild west, medieval folk, rural, tango, polka, klezmer, mariachi, "
     "delta blues"),
    (Sense("folk", 1, mode="dorian"),
     "renaissance, elizabethan, tudor, middle ages, minstrel, minstrels, troubadour"),
    (Sense("jazz-trio", 3),
     "bossa nova, bossa, latin jazz, ragtime, big band, modal jazz, twenties, 1920s, 20s, "
     "thirties, 1930s, 30s, forties, 1940s, 40s, fifties, 1950s, 50s, blues, rhythm and blues"),
    (Sense("funk-disco", 2, mode="dorian"), "sixties, 1960s, 60s, 60's, soul, gospel"),
    (Sense("funk-disco", 3),
     "reggae, ska, dub, rocksteady, dancehall, afrobeat, afrobeats, highlife, latin, salsa, "
     "samba, mambo, rumba, cumbia, merengue, calypso"),
    (Sense("action-hybrid", 3, intensity=0.8),
     "rock, rock music, hard rock, indie rock, rock and roll, rock n roll, metal, heavy metal, "
     "punk, punk rock, grunge, thrash, industrial"),
    (Sense("action-hybrid", 1, intensity=0.75),
     "viking, vikings, gladiator, gladiators, samurai, warrior, warriors, spartan, spartans"),
    (Sense("uplifting", 3, mode="major"),
     "pop, pop music, pop song, indie pop, dance pop, k-pop, j-pop"),
    (Sense("emotional-piano", 2),
     "classical, classical music, sonata, nocturne, minuet, romantic era, victorian, edwardian, "
     "regency, belle epoque"),
    (Sense("orchestral-adventure", 2, wanted=("strings",)),
     "baroque, rococo, fugue, concerto, overture"),
    (Sense("orchestral-adventure", 2, intensity=0.7, wanted=("brass",)),
     "march, military march, marching, marching band, parade, anthem, military, patriotic"),
    (Sense("synthwave", 4, mode="minor"),
     "synthwave, synth wave, retrowave, outrun, vaporwave, dreamwave, darksynth, "
     "eighties synth, 80s synth, 80s electronic, new retro wave, synth pop, synthpop, "
     "synth-pop, new wave, italo disco, retro synth, retro-futuristic, analog synthwave, miami"),
    (Sense("house", 4),
     "house, house music, deep house, tech house, progressive house, "
     "electro house, acid, edm, electronic dance, electronic dance music, dance music, dance, "
     "club, nightclub, club music, rave, trance, electro, dancefloor, dance floor, big room, "
     "french house, garage, garage house, eurodance, electronica, electronic, runway, catwalk"),
    (Sense("drum-and-bass", 5, tempo=0.5),
     "drum and bass, drum bass, drum n' bass, drum n bass, dnb, d&b, jungle, neurofunk, "
     "liquid drum and bass, liquid dnb, breakcore, breakbeats, breaks, amen break, "
     "jungle music, dubstep, brostep, reese, reese bass, neuro bass, amen, rollers"),
    (Sense("funk-disco", 4, mode="dorian"),
     "funk, funky, disco, nu disco, nu-disco, funk disco, soul music, motown, boogie, p-funk, "
     "seventies, 70s, 70's, 1970s, slap bass, funk bass, wah guitar, scratch guitar, "
     "blaxploitation, roller disco, groove music"),
    (Sense("trap", 4, mode="minor"),
     "trap, trap beat, trap music, drill, uk drill, dark trap, phonk, hard trap, cloud rap, "
     "rap beat, gangsta, trap hi-hats, 808 trap, trap soul, hip-hop trap, street, "
     "reggaeton, sliding 808, sliding 808s, 808 slides, hi-hat rolls, hat rolls"),
    (Sense("synthwave", 1),
     "robot, robots, spaceship, technology, 80s, 80's, 1980s, eighties, neon, neon lights, "
     "cyberpunk, night drive, gated drums, gated snare"),
    (Sense("house", 1), "nineties, 1990s, 90s, 90's, 2000s, noughties"),
    (Sense("house", 4, mode="minor"),
     "hardstyle, psytrance, techno, minimal techno, detroit techno, acid house"),
    # -- scenes: weak votes for a style, and a mood --------------------------------------------
    (Sense("action-hybrid", 1, tempo=1, intensity=0.85),
     "chase, car chase, chasing, pursuit, race, racing, escape, explosion, explosions, "
     "showdown, attack, assault, invasion, storming, final battle, mosh pit, stampede, "
     "ambush, raid, storm, thunderstorm, sports, workout, gym"),
    (Sense("action-hybrid", 1, mode="minor", intensity=0.9),
     "apocalypse, apocalyptic, dystopia, dystopian, destruction, rage, fury, doom"),
    (Sense("cinematic-tension", 1, mode="minor", intensity=0.4),
     "stalking, sneaking, stealth, infiltration, hiding, waiting, interrogation, detective, "
     "crime scene, murder, killer, basement, corridor, hallway, countdown, ticking, "
     "ticking clock, clock, hostage, paranoia, paranoid, conspiracies, surveillance, "
     "submarine, dungeon, nervous, anxious, anxiety, suspicious, sneaky"),
    (Sense("cinematic-tension", 1, mode="phrygian", intensity=0.5),
     "sinister, ominous, menacing, threatening, uneasy, villain, villains"),
    (Sense("emotional-piano", 1, mode="minor", intensity=0.35),
     "funeral, farewell, goodbye, loss, grief, mourning, memory, memories, flashback, "
     "breakup, death, dying, rain, snow, snowfall, winter, autumn, rain on the window, lonely, "
     "loneliness, letter, hospital"),
    (Sense("emotional-piano", 1, mode="major", intensity=0.4),
     "wedding, reunion, childhood, family, baby, lullaby, homecoming, sunset, kiss, proposal, "
     "tender, tenderness, innocence, love, lovers"),
    (Sense("ambient-drone", 1, intensity=0.3),
     "space, deep space, outer space, "
     "cosmos, cosmic, galaxy, nebula, underwater, ocean, deep sea, fog, "
     "mist, misty, desert, glacier, arctic, tundra, cave, cavern, forest, night sky, stars, "
     "starfield, nature, river, dream, dreams, dreamy, dreamlike, ethereal, celestial, heavenly, "
     "void, vast, spacious, otherworldly, hypnotic, floating in space"),
    (Sense("lofi", 1, intensity=0.45),
     "city, urban, coffee shop, cafe, café, coffee, study, studying, homework, rainy, rainy day, "
     "rainy afternoon, rainy night, late night, bedroom, city at night, laid-back, laid back, "
     "laidback, mellow, groovy, chill, chilled, chillout, lazy, cozy, cosy, vinyl, tape, vhs, "
     "cassette, dusty, jazzy, smooth, nostalgic, nostalgia"),
    (Sense("chiptune", 1, tempo=0.5),
     "game over, level up, power-up, power up, game menu, title screen, overworld, "
     "boss level, bonus level, mario, zelda, tetris, retro, glitchy"),
    # -- modes ---------------------------------------------------------------------------------
    (Sense(mode="major", named=True),
     "major, major key, in a major key, in major, ionian"),
    (Sense(mode="minor", named=True),
     "minor, minor key, in a minor key, in minor, aeolian, natural minor, harmonic minor, "
     "melodic minor"),
    (Sense(mode="dorian", named=True), "dorian"),
    (Sense(mode="phrygian", named=True), "phrygian"),
    (Sense(mode="lydian", named=True), "lydian"),
    (Sense(mode="mixolydian", named=True), "mixolydian"),
    (Sense(mode="locrian", named=True), "locrian"),
    # -- moods ---------------------------------------------------------------------------------
    (Sense(mode="minor", tempo=-0.5, intensity=0.35),
     "sad, sadness, melancholy, melancholic, sorrow, sorrowful, mournful, tragic, tragedy, "
     "wistful, somber, sombre, bittersweet, gloomy, depressing, heartbreaking, bleak, "
     "forlorn, grieving, regret, longing"),
    (Sense(mode="minor"),
     "dark, darkness, brooding, moody, serious, cold, grim, gritty, noirish, "
     "night, nocturnal, shadowy, foreboding"),
    (Sense(mode="major", tempo=0.5),
     "happy, joyful, joy, cheerful, bright, sunny, upbeat, optimistic, positive, "
     "playful, fun, funny, lighthearted, light-hearted, cute, merry, "
     "comedy, comic, cartoon, silly, slapstick, mischievous, kids, children, circus, carnival, "
     "party, birthday, summer, beach, jolly, bouncy, euphoric, ecstatic, "
     "whimsical, quirky, carefree, celebration, celebratory, festive"),
    (Sense(mode="major"),
     "warm, hopeful, hope, noble, proud, pride, "
     "pastoral, serene, beautiful, gentle morning, sunrise, dawn"),
    (Sense(mode="dorian"), "soulful, bluesy, medieval, earthy"),
    (Sense(mode="phrygian"),
     "ancient, egyptian, persian, exotic, middle eastern, arabian, flamenco, oriental"),
    (Sense(mode="lydian"),
     "magical, magic, wonder, wondrous, awe, fairy tale, fairytale, enchanted, "
     "shimmering, sparkling, sci-fi, science fiction, futuristic"),
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
     "plodding, slow-paced, half-time, half time"),
    (Sense(tempo=0.01),
     "medium tempo, mid-tempo, mid tempo, midtempo, moderate, moderato, andante, "
     "walking pace, medium"),
    (Sense(tempo=1),
     "fast, quick, quickly, faster, allegro, brisk, fast-paced, up-tempo, uptempo, "
     "double-time, double time, fast tempo, rapid, speedy, vivace, high energy, high-energy, "
     "hectic, rushing"),
    (Sense(tempo=2),
     "very fast, extremely fast, presto, prestissimo, breakneck, frenetic, hyper, furious, "
     "blazing"),
    # -- meters --------------------------------------------------------------------------------
    (Sense(meter=Meter(3, 4)), "waltz, in three, triple meter, triple time, three four, in 3"),
    (Sense(meter=Meter(6, 8)),
     "compound meter, compound time, six eight"),
    (Sense(meter=Meter(12, 8)), "twelve eight"),
    (Sense(meter=Meter(2, 2)), "cut time, alla breve"),
    (Sense(meter=Meter(4, 4)),
     "common time, four on the floor, four-on-the-floor, four four, in four"),
    (Sense(meter=Meter(5, 4)), "in five, five four"),
    (Sense(meter=Meter(7, 8)), "in seven, seven eight"),
    (Sense(meter=Meter(9, 8)), "nine eight"),
    # -- instruments ---------------------------------------------------------------------------
    (Sense(wanted=("strings",)),
     "strings, string section, string ensemble, string orchestra, violin, violins, viola, "
     "violas, cello, celli, cellos, double bass, contrabass, string quartet, spiccato, "
     "pizzicato, tremolo, tremolo strings, ostinato strings, staccato strings, fiddle, "
     "string ostinato, low strings, high strings, erhu, mellotron"),
    (Sense(wanted=("piano",)),
     "piano, grand piano, harpsichord, felt piano, upright piano, keys, pianos, soft piano, "
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
    (Sense(wanted=("choir", "organ")),
     "church, cathedral, monastery, hymn, requiem, sacred, liturgical"),
    (Sense(wanted=("harp",)),
     "harp, harps, lyre, harp glissando, arpa, koto, guzheng, zither, dulcimer, kora"),
    (Sense(wanted=("guitar",)),
     "guitar, guitars, acoustic guitar, nylon guitar, classical guitar, spanish guitar, "
     "electric guitar, lead guitar, distorted guitar, slide guitar, steel guitar, sitar, oud, "
     "bouzouki, shamisen, ukulele, lute, fingerpicked guitar, guitar picking, banjo, mandolin"),
    (Sense(wanted=("bells",)),
     "bell, bells, chimes, glockenspiel, celesta, celeste, music box, tubular bells, "
     "gong, gongs, sleigh bells, church bells, wind chimes, crotales, toy piano"),
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
     "acoustic bass, electric bass, fretless bass, upright bass, walking bass, 808, 808s"),
    (Sense(wanted=("drums",)),
     "drums, drum, percussion, percussive, beat, beats, drum kit, taiko, taikos, taiko drums, "
     "timpani, toms, snare, kick, hi-hat, hi-hats, hats, cymbals, breakbeat, "
     "drum machine, rhythm section, claps, handclaps, tambourine, shaker, "
     "tabla, frame drum, bodhran, castanets, cowbell, congas, conga, bongos, bongo, djembe, "
     "cajon, maracas, big drums, war drums, drumming, groove"),
    (Sense(wanted=("synth-lead",)),
     "lead synth, synth lead, saw lead, lead, theremin, square lead"),
    (Sense(wanted=("flute",)),
     "flute, flutes, woodwind, woodwinds, piccolo, recorder, pan flute, ocarina, whistle, "
     "saxophone, saxophones, sax, bassoon, english horn, panpipes, bagpipes, "
     "whistling, clarinet, oboe, shakuhachi, duduk, tin whistle"),
    (Sense(wanted=("organ",)),
     "harmonica, organ, organs, hammond, hammond organ, pipe organ, church organ, accordion, "
     "harmonium"),
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
key mode scale tempo time meter instrumental loop lead-in under over through after before during
between around about part parts section lines line layer layers slightly little bit
touch hint hints also plus late early mid whatsoever
"""

FILLERS = frozenset(_FILLER_WORDS.split())
"""Words that carry no meaning of their own; they are neither understood nor ignored."""

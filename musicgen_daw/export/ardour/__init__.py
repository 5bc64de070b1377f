"""The session as a session folder of Ardour, with copies of the chosen takes' stems.

It is of the version that Ardour 7 writes. Ardour 7.3 was tried; later ones read sessions of 7, and
earlier ones refuse them.

A track is a stem of all cues, with another one where cues overlap; the mix is muted where the
stems that it is the sum of are there. Cues are ranges, hits are markers. Regions have no fades, as
Ardour's own would change the sound, so that the session sounds as our mix to the last bit.

What the format can't carry: other takes. What it rounds: changes of tempo and meter lie on ticks,
1920 a quarter note. Frame rates that Ardour doesn't know (48, 50, 59.94 drop) are told as the
nearest that it does. It plays no MP3 from a session: such stems are refused.

Source: sessions that Ardour 7.3 wrote, and what it read back from ours (``tests/external``).
"""

from __future__ import annotations

from musicgen_daw.export.ardour.folder import files

__all__ = ["files"]

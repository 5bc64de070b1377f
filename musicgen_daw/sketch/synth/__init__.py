"""The synthesiser of the built-in generator: a composition in, one stem a family out.

Every sound is computed; nothing is sampled. Struck and plucked things are sums of damped modes
(``modes``), sections and pads are seamless loops of many voices (``loops``), single voices read
band-limited wavetables (``solo``), and noise is shaped in its spectrum (``spectra``). What has no
air is made at half the rate, as the room is, and raised once a stem (``rates``).
"""

from musicgen_daw.sketch.synth.instruments import INSTRUMENTS
from musicgen_daw.sketch.synth.performance import perform

__all__ = ["INSTRUMENTS", "perform"]

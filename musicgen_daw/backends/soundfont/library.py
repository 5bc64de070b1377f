"""FluidSynth as this machine has it: what of the library is called, and how to get it.

pyfluidsynth finds the library and declares most of it; its ``Synth`` gives 16-bit samples with
dither only, so the notes are taken from the library as floats.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from types import ModuleType
from typing import Any

from musicgen_daw.errors import BackendError

__all__ = ["Library", "fluidsynth"]

_LOG_LEVELS = 5

_GLIB_HANDLER = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p
)
_SAY_NOTHING = _GLIB_HANDLER(lambda *_: None)
_HUSHING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Library:
    """FluidSynth, loaded: pyfluidsynth's declarations, and those that it lacks."""

    declared: ModuleType
    version: str
    write_float: Any
    pitch_wheel_sens: Any
    set_glib_handler: Any

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """Keep GLib quiet for as long as the context lasts; one thread at a time.

        What FluidSynth can't read it gives to a reader of DLS, which complains through GLib; there
        is nothing to be kept quiet where the library was built without it.
        """
        if self.set_glib_handler is None:
            yield
            return
        with _HUSHING:
            before = self.set_glib_handler(_SAY_NOTHING, None)
            try:
                yield
            finally:
                self.set_glib_handler(before, None)


@cache
def fluidsynth() -> Library:
    """Return the library.

    Raises:
        BackendError: where it, or pyfluidsynth, is not installed; the message tells how to get it.
    """
    try:
        with redirect_stdout(StringIO()):  # where CI is set it prints where it found the library
            import fluidsynth as declared
    except ModuleNotFoundError:
        raise BackendError(
            "a SoundFont is played by FluidSynth: pip install 'musicgen-daw[soundfont]', and "
            "apt-get install libfluidsynth3 (or brew install fluid-synth)"
        ) from None
    except (ImportError, OSError, AttributeError) as error:
        raise BackendError(
            f"the library FluidSynth can't be loaded ({error}): apt-get install libfluidsynth3, "
            "or brew install fluid-synth; pip install 'musicgen-daw[soundfont]' has its binding"
        ) from None
    return _completed(declared)


def _completed(declared: ModuleType) -> Library:
    integer, pointer = ctypes.c_int, ctypes.c_void_p
    function = declared.cfunc
    silence = function(
        "fluid_set_log_function", pointer, ("level", integer, 1), ("to", pointer, 1),
        ("with", pointer, 1),
    )  # fmt: skip
    for level in range(_LOG_LEVELS):  # it would write to stderr what we tell in our own words
        silence(level, None, None)
    version = function("fluid_version_str", ctypes.c_char_p)
    return Library(
        declared,
        version().decode("ascii", "replace"),
        function(
            "fluid_synth_write_float", integer, ("synth", pointer, 1), ("length", integer, 1),
            ("left", pointer, 1), ("left_offset", integer, 1), ("left_step", integer, 1),
            ("right", pointer, 1), ("right_offset", integer, 1), ("right_step", integer, 1),
        ),
        function(
            "fluid_synth_pitch_wheel_sens", integer, ("synth", pointer, 1), ("channel", integer, 1),
            ("semitones", integer, 1),
        ),
        function(  # a library finds what those have that it is linked with
            "g_log_set_default_handler", pointer, ("handler", pointer, 1), ("with", pointer, 1)
        ),
    )  # fmt: skip

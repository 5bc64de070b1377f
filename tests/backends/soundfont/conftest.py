"""A real SoundFont and the library that plays it, where this machine has both."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicgen_daw.backends.soundfont.library import fluidsynth
from musicgen_daw.errors import BackendError

FONTS = (
    Path("/usr/share/sounds/sf2/TimGM6mb.sf2"),
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
)


@pytest.fixture(autouse=True)
def library() -> None:
    try:
        fluidsynth()
    except BackendError as error:
        pytest.skip(str(error))


@pytest.fixture
def font_file() -> Path:
    for path in FONTS:
        if path.exists():
            return path
    pytest.skip("no General MIDI SoundFont: apt-get install timgm6mb-soundfont")

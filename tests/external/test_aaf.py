"""What libaaf, by which Ardour 8 and later import AAF, reads in ours: its own program tells.

aaftool comes with libaaf's source; the test is skipped where it is not installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest

pytest.importorskip("aaf2", reason="the extra 'aaf' is not installed")

CLIP = re.compile(
    r'Clip \(\d+\):\s+Start: (\d+)\s+Len: (\d+).*?SourceFile \[ch 1\]: "(.+?)"', re.DOTALL
)
RATE = 48_000


@pytest.mark.skipif(shutil.which("aaftool") is None, reason="aaftool is not installed")
def test_libaaf_finds_every_file_and_places_it_on_its_sample(film: Any) -> None:
    (*media, path) = film.hand_over("aaf")
    options = ("--aaf-essences", "--aaf-clips", "--no-color", "--pos-format", "samples")
    told = subprocess.run(
        ["aaftool", *options, path], capture_output=True, check=True, text=True
    ).stdout
    assert set(re.findall(r'File: "(.+?)"', told)) == {str(file) for file in media}
    start = int(film.session.start_timecode.seconds * RATE)
    look, end = film.session.cues[2:]
    expected = {
        f"{cue.name} - {stem}": (start + cue.span.start_samples, cue.span.length_samples)
        for cue, stems in (
            (film.session.cues[1], ("drums L", "drums R", "bass L", "bass R")),
            (look, ("drums L", "drums R")),
            (end, ("mix",)),
        )
        for stem in stems
    }
    read = {name: (int(at), int(length)) for at, length, name in CLIP.findall(told)}
    assert read == expected
    assert told.count("(L)") == told.count("(R)") > 0

"""Play a game's music as a game would: from game.json, into one WAV file.

The first theme begins in its calmest state, goes to its fullest on a bar line, gets a stinger on
another one, and ends after a last round. Any engine can do the same from the same numbers.

    python examples/game/adaptive.py build/game heard.wav
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

FADE_S = 0.25

Samples = NDArray[np.float64]


def sound(folder: Path, segment: dict[str, Any]) -> Samples:
    """Return the layers of a segment together; they begin together, so they are just added."""
    variation = segment["variations"][0]
    files = variation["layers"] or [variation["mix"]]
    return sum(soundfile.read(folder / file["path"], always_2d=True)[0] for file in files)


def rounds(folder: Path, segment: dict[str, Any], length: int) -> Samples:
    """Return a loop for as long as it is wanted: from its start, and then round and round."""
    samples, loop = sound(folder, segment), segment["loop"]
    at = np.arange(length)
    start, end = loop["start_samples"], loop["end_samples"]
    return samples[np.where(at < end, at, start + (at - start) % (end - start))]


def bar_samples(segment: dict[str, Any], rate: int) -> float:
    """Return how long a bar is; a loop has one tempo."""
    beats, unit = map(int, segment["meter"].split("/"))
    return rate * 60 / segment["bpm"] * 4 * beats / unit


def main() -> None:
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    music = json.loads((folder / "game.json").read_text(encoding="utf-8"))
    rate = music["sample_rate"]
    segments = {segment["name"]: segment for segment in music["segments"]}
    theme = music["themes"][0]
    calm, full = (segments[theme["states"][end]] for end in (0, -1))

    # The player meets trouble in the third bar: the change is on the next bar line.
    change = round(3 * bar_samples(calm, rate))
    length = 2 * calm["length_samples"]
    fade = np.clip((np.arange(length) - change) / (FADE_S * rate), 0, 1)[:, np.newaxis]
    heard = np.cos(fade * np.pi / 2) * rounds(folder, calm, length)
    # States in step are at the same place of the same bar, so the new one is faded in there.
    heard += np.sin(fade * np.pi / 2) * rounds(folder, full, length)

    for segment in segments.values():
        if segment["kind"] == "stinger":
            start = round(5 * bar_samples(calm, rate))
            stinger = sound(folder, segment)[: length - start]
            heard[start : start + len(stinger)] += stinger
            break

    heard /= max(1.0, np.abs(heard).max())
    soundfile.write(output, heard, rate, subtype="PCM_24")
    print(f"{theme['title']}: {calm['title']}, from bar 4 on {full['title']}; {output}")


if __name__ == "__main__":
    main()

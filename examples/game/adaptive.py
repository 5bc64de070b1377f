"""Play a game's music as a game would: from game.json, into one WAV file.

The first theme begins in its calmest state, whose layers enter bar by bar, goes to its fullest on a
bar line, gets a stinger on two others, each time another take of it, and ends after a last round.
Any engine can do the same from the same numbers.

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


def layers(folder: Path, segment: dict[str, Any], turn: int = 0) -> list[Samples]:
    """Return the layers of a segment, the calmest first: of its first variation, or another one."""
    variation = segment["variations"][turn % len(segment["variations"])]
    files = variation["layers"] or [variation["mix"]]
    files = sorted(files, key=lambda file: file["enters_at_intensity"] or 0)
    return [soundfile.read(folder / file["path"], always_2d=True)[0] for file in files]


def rounds(samples: Samples, segment: dict[str, Any], length: int) -> Samples:
    """Return a loop for as long as it is wanted: from its start, and then round and round."""
    loop, at = segment["loop"], np.arange(length)
    start, end = loop["start_samples"], loop["end_samples"]
    return samples[np.where(at < end, at, start + (at - start) % (end - start))]


def faded_in(length: int, start: float, rate: int) -> NDArray[np.float64]:
    """Return how far a fade from a sample on has come, from 0 to 1, for each sample."""
    return np.clip((np.arange(length) - start) / (FADE_S * rate), 0, 1)[:, np.newaxis]


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

    bar = bar_samples(calm, rate)
    length = 2 * calm["length_samples"]
    bars = round(length / bar)
    heard = np.zeros((length, 2))
    # Layers begin together and are of one length, so they are just added, whichever are wanted.
    for number, layer in enumerate(layers(folder, calm)):
        entry = number * bar - FADE_S * rate  # so that the layer is all there on its bar line
        heard += rounds(layer, calm, length) * faded_in(length, entry, rate)

    # The player meets trouble before the first round is over: the change is on the next bar line.
    change = bars * 3 // 8
    fade = faded_in(length, round(change * bar), rate)
    heard *= np.cos(fade * np.pi / 2)
    # States in step are at the same place of the same bar, so the new one is faded in there.
    heard += np.sin(fade * np.pi / 2) * rounds(sum(layers(folder, full)), full, length)

    stingers = [segment for segment in segments.values() if segment["kind"] == "stinger"]
    # The one with the most variations is meant to be heard often.
    often = max(stingers, key=lambda segment: len(segment["variations"]))
    for turn, at_bar in enumerate((bars * 5 // 8, bars * 7 // 8)):
        start = round(at_bar * bar)
        stinger = sum(layers(folder, often, turn))[: length - start]
        heard[start : start + len(stinger)] += stinger

    heard /= max(1.0, np.abs(heard).max())
    soundfile.write(output, heard, rate, subtype="PCM_24")
    story = f"{calm['title']}, from bar {change + 1} on {full['title']}, twice {often['title']}"
    print(f"{theme['title']}: {story}; {output}")


if __name__ == "__main__":
    main()

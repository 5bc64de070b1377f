"""A contact sheet of a style: the spectrogram and the piano roll of one cue, for eyes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import matplotlib as mpl
import numpy as np

from musicgen_daw.sketch import Commission, compose, perform

SECONDS = 24
RATE = 48_000


def write_sheet(folder: Path, style: str) -> Path:
    """Write ``STYLE.png``."""
    mpl.use("Agg")
    from matplotlib import pyplot

    composition = compose(Commission("", Fraction(SECONDS), seed=3, style=style))
    stems = perform(composition)
    mix = np.sum([audio.samples for audio in stems.values()], axis=0)
    figure, (wave, picture, roll) = pyplot.subplots(
        3, 1, figsize=(14, 12), height_ratios=(1, 3, 3), layout="constrained"
    )
    figure.suptitle(f"{style}: {composition.key}, {composition.bpm:g} bpm")
    wave.plot(np.arange(mix.shape[1]) / RATE, mix.mean(axis=0), linewidth=0.2)
    wave.margins(x=0)
    picture.specgram(mix.mean(axis=0) + 1e-9, NFFT=4096, Fs=RATE, noverlap=3072, vmin=-140)
    picture.set_yscale("symlog", linthresh=200)
    picture.set_ylim(30, RATE / 2)
    colours = pyplot.get_cmap("tab20")
    seconds_at = composition.score.tempo_map.seconds_at
    for number, part in enumerate(composition.score.parts):
        for note in part.notes:
            start_s = float(seconds_at(note.start_beats))
            end_s = float(seconds_at(note.start_beats + note.length_beats))
            strength = note.velocity / 127
            roll.plot(
                [start_s, end_s], [note.pitch] * 2, color=colours(number % 20),
                linewidth=3, alpha=strength, solid_capstyle="butt",
            )  # fmt: skip
        roll.plot([], [], color=colours(number % 20), label=part.name)
    roll.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
    roll.set_xlim(0, SECONDS)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{style}.png"
    figure.savefig(path, dpi=70)
    pyplot.close(figure)
    return path

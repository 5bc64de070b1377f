"""Adjoining cues that blend: files as long as they must be, and music on both sides."""

from pathlib import Path

import numpy as np
import soundfile

from musicgen_daw import Project


def test_the_first_cue_plays_on_below_the_beginning_of_the_second(tmp_path: Path) -> None:
    sheet = tmp_path / "two.csv"
    sheet.write_text(
        "name,start,length,preset,end,transition\n"
        "A,0,6,chiptune-adventure,cut,\nB,6,6,chiptune-adventure,cut,crossfade\n"
    )
    project = Project.open(sheet, output=tmp_path / "out", store=tmp_path / "store")
    for _ in project.render(project.plan()):
        pass
    first, rate = soundfile.read(tmp_path / "out/stems/A/A_mix.wav")
    second, _ = soundfile.read(tmp_path / "out/stems/B/B_mix.wav")
    assert (len(first), len(second)) == (8 * rate, 6 * rate)

    def rms(sound: np.ndarray, start_s: float, end_s: float) -> float:
        return float(np.sqrt(np.mean(sound[int(start_s * rate) : int(end_s * rate)] ** 2)))

    body = rms(first, 3, 6)
    assert rms(first, 6, 6.8) > body / 4
    assert rms(first, 7.9, 8) < body / 10
    assert rms(second, 0, 0.1) < rms(second, 2, 4) / 5

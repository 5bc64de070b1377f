"""Peak memory of a whole render against the number of cues."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import Row, peak_mib

CUE_SECONDS = 8
COUNTS = (4, 16, 64)


def render_peak_mib(folder: Path, cues: int) -> float:
    """Render a list of cues that differ and return the peak memory of the process."""
    sheet = folder / f"{cues}.csv"
    lines = [f"cue {number},{CUE_SECONDS},lofi-study,{number}" for number in range(cues)]
    sheet.write_text("\n".join(["name,length,preset,seed", *lines]) + "\n")
    command = [sys.executable, "-m", "musicgen_daw", "render", str(sheet)]
    folders = ["-o", str(folder / f"out{cues}"), "--store", str(folder / f"store{cues}")]
    return peak_mib([*command, *folders])


def rows() -> list[Row]:
    """Render sheets of growing length."""
    with tempfile.TemporaryDirectory() as folder:
        peaks = {cues: render_peak_mib(Path(folder), cues) for cues in COUNTS}
    first = peaks[COUNTS[0]]
    return [
        Row(
            f"peak memory, {cues} cues of {CUE_SECONDS} s",
            f"{peak:.0f} MiB",
            f"{peak / first:.2f} x that of {COUNTS[0]} cues",
            "1.0 x",
        )
        for cues, peak in peaks.items()
    ]

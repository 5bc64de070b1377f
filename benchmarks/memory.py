"""Peak memory of a whole render against the number of cues, and against the length of one."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import Row, peak_mib

CUE_SECONDS = 8
COUNTS = (4, 16, 64)
LENGTHS_S = (150, 600)


def render_peak_mib(folder: Path, cues: int, seconds: int) -> float:
    """Render a list of cues that differ and return the peak memory of the process.

    What the process maps of its files counts, too, though the system may take it back.
    """
    name = f"{cues}x{seconds}"
    sheet = folder / f"{name}.csv"
    lines = [f"cue {number},{seconds},lofi-study,{number}" for number in range(cues)]
    sheet.write_text("\n".join(["name,length,preset,seed", *lines]) + "\n")
    command = [sys.executable, "-m", "musicgen_daw", "render", str(sheet)]
    folders = ["-o", str(folder / f"out{name}"), "--store", str(folder / f"store{name}")]
    return peak_mib([*command, *folders])


def rows() -> list[Row]:
    """Render sheets of growing length, then cues of growing length."""
    with tempfile.TemporaryDirectory() as folder:
        peaks = {cues: render_peak_mib(Path(folder), cues, CUE_SECONDS) for cues in COUNTS}
        lasting = {length_s: render_peak_mib(Path(folder), 1, length_s) for length_s in LENGTHS_S}
    first = peaks[COUNTS[0]]
    return [
        Row(
            f"peak memory, {cues} cues of {CUE_SECONDS} s",
            f"{peak:.0f} MiB",
            f"{peak / first:.2f} x that of {COUNTS[0]} cues",
            "1.0 x",
        )
        for cues, peak in peaks.items()
    ] + [
        Row(
            f"peak memory, one cue of {length_s} s",
            f"{peak:.0f} MiB",
            f"{peak / length_s:.1f} MiB a second",
            "about 1 GiB, however long",
        )
        for length_s, peak in lasting.items()
    ]

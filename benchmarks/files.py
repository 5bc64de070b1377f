"""A folder of clips mastered by one command, beside the tools that people use for it.

The job: 32 clips of 30 s, 32 kHz mono to 48 kHz 24-bit stereo, -16 LUFS, -1 dBTP, fades of 50 ms.
ffmpeg-normalize (``pip install ffmpeg-normalize``, and ffmpeg) takes part where it is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile
import soxr
from measure import Row, Spent, in_turns, peak_mib, python, spent_in_turns

from musicgen_daw.audio import Audio, measure
from musicgen_daw.audio.resample import resample
from musicgen_daw.mastering.levelling import Stems, find_levelling
from musicgen_daw.mastering.targets import Target
from musicgen_daw.project.delivery import plan_files, resolve_delivery
from musicgen_daw.project.mastering import master_files
from musicgen_daw.sketch import Commission, compose, perform

CLIPS, SECONDS = 32, 30
PIECES = ("lofi", "cinematic-tension", "chiptune", "ambient-drone")
CLIP_RATE, RATE = 32_000, 48_000
LUFS, CEILING_DBTP = -16.0, -1.0
THREADS = 2
ROUNDS = 3
LONG_SECONDS = 7200

DENSE_LUFS = -17.0
"""Of one channel: as loud as -14 LUFS on two loudspeakers."""

FLAGS = (
    "--lufs=-16",
    "--ceiling-dbtp=-1",
    "--rate=48000",
    "--bit-depth=24",
    "--channels=2",
    "--fade-in-ms=50",
    "--fade-out-ms=50",
)


def rows() -> list[Row]:
    """Time whole processes, then the work alone against its floor, then a two-hour file."""
    with tempfile.TemporaryDirectory() as folder:
        clips, out = Path(folder) / "clips", Path(folder) / "out"
        write_clips(clips)
        paths = sorted(map(str, clips.iterdir()))
        ours = python("-m", "musicgen_daw", "master", str(clips), "-o", str(out / "ours"),
                      "--overwrite", *FLAGS)  # fmt: skip
        naive_script = str(Path(__file__).with_name("naive.py"))
        naive = python(naive_script, str(out / "naive"), *paths)
        own, other = spent_in_turns(ours, naive, ROUNDS)
        table = [
            row("musicgen-daw master", own, out / "ours", own, ""),
            row("pydub, scipy, pyloudnorm", other, out / "naive", own, "5 x"),
        ]
        if shutil.which("ffmpeg-normalize", path=Path(sys.executable).parent):
            theirs = Spent.by(lambda: ffmpeg_normalize(paths, out / "theirs"))
            table.append(row("ffmpeg-normalize", theirs, out / "theirs", own, "20 x"))
        return [*table, against_floor(clips, out), *long_file(Path(folder))]


def write_clips(folder: Path) -> None:
    """Write real music, each piece at eight levels.

    As with clips of generators, most is dense and needs no limiter for this loudness; one piece in
    four has all of its peaks.
    """
    folder.mkdir()
    for number, style in enumerate(PIECES):
        stems = perform(compose(Commission("", Fraction(SECONDS), seed=number, style=style)))
        mix = np.sum([audio.samples.mean(axis=0) for audio in stems.values()], axis=0)
        sound = resample(Audio(mix[np.newaxis].astype(np.float32), 48_000), CLIP_RATE)
        if number:
            dense = find_levelling(Stems([sound]), Target(DENSE_LUFS, CEILING_DBTP))
            sound = dense.apply(sound)
        clip = sound.samples[0]
        clip = np.pad(clip, (0, SECONDS * CLIP_RATE))[: SECONDS * CLIP_RATE]
        for level in range(CLIPS // len(PIECES)):
            samples = clip * (0.8 * 10 ** (-level / 10) / np.abs(clip).max())
            soundfile.write(folder / f"{style}-{level}.wav", samples, CLIP_RATE)


def ffmpeg_normalize(paths: Sequence[str], out: Path) -> None:
    """Run its two passes on all files, mono doubled and faded before."""
    program = Path(sys.executable).with_name("ffmpeg-normalize")
    fades = "afade=t=in:d=0.05,areverse,afade=t=in:d=0.05,areverse"
    levels = ["-t", "-16", "-tp", "-1", "--keep-loudness-range-target"]
    coding = ["-ar", "48000", "-c:a", "pcm_s24le", "-ext", "wav"]
    before = ["-prf", f"pan=stereo|c0=c0|c1=c0,{fades}", "-of", str(out)]
    subprocess.run([program, *paths, *levels, *coding, *before], check=True, capture_output=True)


def row(what: str, spent: Spent, out: Path, ours: Spent, target: str) -> Row:
    """Return a line with the speed and how many files are right."""
    speed = CLIPS * SECONDS / spent.wall_s
    right = sum(is_right(path) for path in sorted(out.iterdir()))
    return Row(
        f"{CLIPS} files: {what}",
        f"{spent.wall_s:.2f} s, {speed:.0f} x real time, {spent.cpu_s:.2f} s of processors",
        f"{spent.wall_s / ours.wall_s:.1f} x as long as ours, {spent.cpu_s / ours.cpu_s:.1f} x the "
        f"processor time, {right} of {CLIPS} right",
        target,
    )


def is_right(path: Path) -> bool:
    """Tell whether a file has the rate, length and channels, is as loud as asked or lower where
    its peaks did not allow more, and nowhere passes the ceiling.
    """
    told = soundfile.info(path)
    shape = (told.samplerate, told.channels, told.frames, told.subtype)
    if shape != (RATE, 2, SECONDS * RATE, "PCM_24"):
        return False
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    levels = measure(Audio(np.ascontiguousarray(samples.T), RATE))
    as_asked = abs(levels.integrated_lufs - LUFS) <= 0.1
    return as_asked and levels.true_peak_dbtp <= CEILING_DBTP + 0.005


def against_floor(clips: Path, out: Path) -> Row:
    """Time the work without start-up beside reading, resampling and writing the same files."""
    delivery = resolve_delivery(
        lufs=LUFS, ceiling_dbtp=CEILING_DBTP, rate=RATE, bit_depth="24", channels=2,
        fade_in_ms=50, fade_out_ms=50,
    )  # fmt: skip
    jobs = plan_files([clips], out / "work", delivery)

    def floor(path: Path) -> None:
        samples, rate = soundfile.read(path, dtype="float32")
        both = np.repeat(soxr.resample(samples, rate, RATE)[:, np.newaxis], 2, axis=1)
        soundfile.write(out / path.name, both, RATE, subtype="PCM_24")

    with ThreadPoolExecutor(THREADS) as pool:
        work_s, floor_s = in_turns(
            lambda: master_files(jobs, delivery),
            lambda: list(pool.map(floor, sorted(clips.iterdir()))),
            ROUNDS,
        )
    return Row(
        f"{CLIPS} files without start-up",
        f"{CLIPS * SECONDS / work_s:.0f} x real time",
        f"{work_s / floor_s:.1f} x read + soxr + write on {THREADS} threads ({floor_s:.2f} s)",
        "2 x",
    )


def long_file(folder: Path) -> list[Row]:
    """Master files of ten minutes and of two hours, and compare the memory."""
    peaks = {}
    for length_s in (600, LONG_SECONDS):
        path = folder / f"{length_s}.wav"
        generator = np.random.Generator(np.random.PCG64(1))
        with soundfile.SoundFile(path, "w", 32_000, 2, "PCM_16") as file:
            for _ in range(length_s // 10):
                file.write(0.1 * generator.standard_normal((320_000, 2), np.float32))
        command = [sys.executable, "-m", "musicgen_daw", "master", str(path), "--rate", "48000"]
        peaks[length_s] = peak_mib([*command, "-o", str(folder / "long"), "--lufs", "-20"])
        path.unlink()
    short, long = peaks.values()
    return [
        Row(
            "peak memory, a file of two hours",
            f"{long:.0f} MiB",
            f"{long / short:.2f} x that of one of ten minutes ({short:.0f} MiB)",
            "1.0 x",
        )
    ]

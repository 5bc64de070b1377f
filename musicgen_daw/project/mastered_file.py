"""One sound file, mastered: read, shape, level, round, write, with all that came with it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from musicgen_daw.audio import Levels, Pcm, Samples
from musicgen_daw.audio.codecs import encode_pieces
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.audio.meter import Meter
from musicgen_daw.audio.reading import Check, SoundFile, describe, go_on, pieces_of
from musicgen_daw.audio.transcode import (
    FFMPEG_FORMATS,
    decoded_rate,
    encode_with_ffmpeg,
    pieces_by_ffmpeg,
)
from musicgen_daw.errors import OutputError
from musicgen_daw.export.content_credentials import edited
from musicgen_daw.export.wav import wav
from musicgen_daw.export.wav.carried import Change
from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk
from musicgen_daw.mastering.downmix import downmix
from musicgen_daw.mastering.finishing import DOUBLED_DB, Finishing
from musicgen_daw.mastering.levelling import find_levelling, hold_gain
from musicgen_daw.mastering.programme import HELD_SAMPLES, Programme, Streamed
from musicgen_daw.project.cut_off import cut_off_warning
from musicgen_daw.project.delivery import Delivery, FileJob
from musicgen_daw.project.kept import Kept, keep
from musicgen_daw.project.limits import check_rate, check_size
from musicgen_daw.project.signing import Parent, Signing
from musicgen_daw.store.atomic import write_whole

__all__ = ["MasteredFile", "loudness_and_peak", "master_file"]

_MOST_TRIMS = 5
_TRIM_DB = 0.01
_LOSSY = ("mp3", "ogg", *FFMPEG_FORMATS)
_CODED_TOLERANCE_LU = 0.05
"""A lossy file that is off by less is left as it is."""

_MOST_CODED_LU = 1.0
"""By how much the gain is corrected at most for what a codec changes."""

_CODED_WARNING_LU = 0.2
"""What is then still missing and worth a warning."""


@dataclass(frozen=True, slots=True)
class MasteredFile:
    """A file that is written. ``levels`` are those of its samples; lossy files are
    decoded for them.

    ``gain_db`` is the gain that it got, ``reduction_db`` the deepest that the limiter went.
    """

    source: Path
    path: Path
    levels: Levels
    length_samples: int
    sample_rate: int
    channels: int
    gain_db: float
    reduction_db: float
    warnings: tuple[str, ...]

    @property
    def seconds(self) -> Fraction:
        """The exact length in seconds."""
        return Fraction(self.length_samples, self.sample_rate)


def loudness_and_peak(
    job: FileJob, delivery: Delivery, *, check: Check = go_on
) -> tuple[Loudness, float]:
    """Return how loud a file would be without any gain, and its true peak.

    ``check`` is called now and then: it raises what is to end the work.

    Raises:
        AudioError: for a file that is no sound, holds NaN, or can't become what is asked.
    """
    told = describe(job.source)
    programme, doubled = _shaped(job.source, told, delivery, check)
    material = Streamed(programme)
    loudness = material.loudness()
    return loudness.amplified(DOUBLED_DB if doubled else 0.0), material.peak(0.0)


def master_file(
    job: FileJob,
    delivery: Delivery,
    gain_db: float | None = None,
    signing: Signing | None = None,
    rf64_above: int = riff.MAX_SIZE,
    *,
    check: Check = go_on,
) -> MasteredFile:
    """Master one file and write it whole, or not at all; with ``gain_db``, to no loudness.

    ``signing`` signs it, and tells what it was made from. A WAV above ``rf64_above`` bytes becomes
    an RF64. ``check`` is called now and then: it raises what is to end the work, and nothing is
    written then.

    Raises:
        AudioError: for a file that is no sound, holds NaN, or can't become what is asked.
        PresetError: for an effects chain that pedalboard does not take.
        OutputError: where the file can't be written.
    """
    told = describe(job.source)
    file_format = delivery.format_of(job.source)
    programme, doubled = _shaped(job.source, told, delivery, check)
    target = delivery.target.shifted(DOUBLED_DB if doubled else 0.0)
    material = Streamed(programme)
    levelling = (
        find_levelling(material, target)
        if gain_db is None
        else hold_gain(material, gain_db, target.ceiling_dbtp)
    )
    finishing = Finishing(
        programme,
        levelling,
        delivery.bit_depth_of(told, file_format),
        doubled,
        material.places,
        noise_shaping=delivery.noise_shaping,
        seed=zlib.crc32(job.name.encode("utf-8", "surrogatepass")),
    )
    kept = keep(job.source, told)
    writer = _Writer(finishing, kept, told, file_format, delivery.target.ceiling_dbtp, rf64_above)
    check_size(writer.shape, file_format)
    cut_off = cut_off_warning(job.source, told)
    write: Callable[[BinaryIO], None] = writer.write
    if signing is not None:
        parent = Parent(job.source, told.container)
        write = signing.around(write, edited(job.output.name), file_format, parent)
    try:
        write_whole(job.output, write)
    except OSError as error:
        reason = f"can't be written: {error.strerror or error}"
        raise OutputError(reason, path=job.output) from error
    return MasteredFile(
        job.source,
        job.output,
        finishing.levels,
        programme.length_samples,
        programme.sample_rate,
        finishing.channels,
        finishing.levelling.gain_db,
        finishing.levelling.reduction_db,
        (
            *([f"{cut_off}, and what is there is mastered"] if cut_off else ()),
            *finishing.levelling.warnings,
        ),
    )


def _shaped(
    path: Path, told: SoundFile, delivery: Delivery, check: Check
) -> tuple[Programme, bool]:
    """Return a file's sound as it is to be levelled, and whether mono is doubled afterwards."""
    sample_rate = delivery.sample_rate or told.sample_rate
    check_rate(sample_rate)
    growth = max(1.0, sample_rate / told.sample_rate)
    programme = Programme(
        told.sample_rate, told.channels, told.length_samples, lambda: pieces_of(path, check)
    )
    programme = programme.in_memory(int(HELD_SAMPLES / growth)).checked("the file")
    channels = delivery.channels or told.channels
    doubled = (told.channels, channels) == (1, 2)
    if channels != told.channels and not doubled:
        programme = programme.mixed_to(downmix(told.channels, channels))
    programme = programme.resampled(sample_rate).through(delivery.chain, delivery.sends)
    fades = (
        round(fade_ms * sample_rate / 1000)
        for fade_ms in (delivery.fade_in_ms, delivery.fade_out_ms)
    )
    return programme.faded(*fades), doubled


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes a finishing programme, again a little softer where its peaks pass the ceiling."""

    finishing: Finishing
    kept: Kept
    told: SoundFile
    file_format: str
    ceiling_dbtp: float
    rf64_above: int

    @property
    def shape(self) -> wav.Shape:
        """What the new file is to be, whatever its format."""
        finishing, programme = self.finishing, self.finishing.programme
        return wav.Shape(
            finishing.channels,
            programme.sample_rate,
            finishing.bit_depth,
            programme.length_samples,
        )

    def write(self, file: BinaryIO) -> None:
        """Write the whole file to one that is open for writing and reading."""
        wanted_lufs = self.finishing.levelling.loudness.integrated_lufs()
        passed = False
        for trim in range(_MOST_TRIMS + 1):
            levels = self._write_once(file)
            over_db = levels.true_peak_dbtp - self.ceiling_dbtp
            missing_lu = self._missing_lu(wanted_lufs)
            if over_db > 0:
                passed = True
                # A lossy encoder makes other peaks each time: ask for more room from turn to turn.
                change_db = -over_db - _TRIM_DB * 2**trim
            else:
                change_db = min(missing_lu, 0.0 if passed else -over_db - _TRIM_DB)
                change_db = max(-_MOST_CODED_LU, min(change_db, _MOST_CODED_LU))
                if abs(change_db) <= _CODED_TOLERANCE_LU:
                    break
            if trim < _MOST_TRIMS:
                levelling = self.finishing.levelling
                self.finishing.levelling = levelling.quieter(-change_db)
        if over_db > 0:
            self._warn(f"its true peak is {over_db:.2f} dB above the ceiling after coding")
        if self.file_format in _LOSSY and abs(missing_lu) > _CODED_WARNING_LU:
            side = "quieter" if missing_lu > 0 else "louder"
            self._warn(f"it is {abs(missing_lu):.1f} LU {side} after coding than before")
        for warning in self.kept.add_to(file, self.file_format, self._change()):
            self._warn(warning)

    def _missing_lu(self, wanted_lufs: float) -> float:
        """Return by how much a lossy file is quieter than its sound was before it was coded."""
        heard_lufs = self.finishing.levels.integrated_lufs - self.finishing.doubled_db
        if self.file_format not in _LOSSY or not math.isfinite(heard_lufs):
            return 0.0
        return wanted_lufs - heard_lufs if math.isfinite(wanted_lufs) else 0.0

    def _warn(self, warning: str) -> None:
        levelling = self.finishing.levelling
        self.finishing.levelling = replace(levelling, warnings=(*levelling.warnings, warning))

    def _write_once(self, file: BinaryIO) -> Levels:
        """Write the file and return its levels, of a lossy one as it is heard."""
        file.seek(0)
        file.truncate()
        finishing = self.finishing
        pieces = finishing.pieces()
        sample_rate = finishing.programme.sample_rate
        kind = Pcm.empty(finishing.channels, sample_rate, finishing.bit_depth)
        tags = self.kept.texts_in(self.file_format)
        if self.file_format == "wav":
            wav.write_pieces(file, pieces, self.shape, self._chunks, self.rf64_above)
        elif self.file_format in FFMPEG_FORMATS:
            path = Path(file.name)
            encode_with_ffmpeg(pieces, kind, self.file_format, path, tags)
            sample_rate = decoded_rate(self.file_format, sample_rate)
            finishing.levels = _heard(
                pieces_by_ffmpeg(path, kind, self.file_format), kind.channels, sample_rate
            )
        else:
            encode_pieces(pieces, kind, self.file_format, file, tags)
            if self.file_format in _LOSSY:
                finishing.levels = _heard(pieces_of(file), kind.channels, sample_rate)
        return finishing.levels

    def _chunks(self) -> Sequence[Chunk]:
        return self.kept.chunks_after(self._change())

    def _change(self) -> Change:
        finishing = self.finishing
        bits = {"16": 16, "24": 24, "32f": 32}[finishing.bit_depth]
        mode = {1: "mono", 2: "stereo"}.get(finishing.channels, "multichannel")
        sample_rate = finishing.programme.sample_rate
        return Change(
            old_rate=self.told.sample_rate,
            sample_rate=sample_rate,
            old_length_samples=self.told.length_samples,
            length_samples=finishing.programme.length_samples,
            bit_depth=bits,
            coding_history=f"A=PCM,F={sample_rate},W={bits},M={mode},T=musicgen-daw",
            levels=finishing.levels_so_far,
        )


def _heard(pieces: Iterable[Samples], channels: int, sample_rate: int) -> Levels:
    meter = Meter(sample_rate, channels)
    for piece in pieces:
        meter.add(piece)
    return meter.reading().levels

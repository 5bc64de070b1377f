"""One sound file, mastered: read, shape, level, round, write, with all that came with it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from musicgen_daw.audio import Levels, Pcm, Samples
from musicgen_daw.audio.codecs import encode_pieces
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.audio.meter import Meter
from musicgen_daw.audio.reading import SoundFile, describe, pieces_of
from musicgen_daw.audio.transcode import FFMPEG_FORMATS, encode_with_ffmpeg
from musicgen_daw.errors import OutputError
from musicgen_daw.export.wav import wav
from musicgen_daw.export.wav.carried import Change
from musicgen_daw.formats.riff import Chunk
from musicgen_daw.mastering.downmix import downmix
from musicgen_daw.mastering.finishing import DOUBLED_DB, Finishing
from musicgen_daw.mastering.levelling import find_levelling, hold_gain
from musicgen_daw.mastering.programme import HELD_SAMPLES, Programme, Streamed
from musicgen_daw.project.delivery import Delivery, FileJob
from musicgen_daw.project.kept import Kept, keep
from musicgen_daw.store.atomic import write_whole

__all__ = ["MasteredFile", "loudness_and_peak", "master_file"]

_MOST_TRIMS = 5
_TRIM_DB = 0.01
_LOSSY = ("mp3", "ogg")


@dataclass(frozen=True, slots=True)
class MasteredFile:
    """A file that is written. ``levels`` are those of its samples; MP3 and Ogg are decoded for
    them, AAC and Opus are measured before they are coded.

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


def loudness_and_peak(job: FileJob, delivery: Delivery) -> tuple[Loudness, float]:
    """Return how loud a file would be without any gain, and its true peak.

    Raises:
        AudioError: for a file that is no sound, holds NaN, or can't become what is asked.
    """
    with job.source.open("rb") as file:
        told = describe(file)
    programme, doubled = _shaped(job.source, told, delivery)
    material = Streamed(programme)
    loudness = material.loudness()
    return loudness.amplified(DOUBLED_DB if doubled else 0.0), material.peak(0.0)


def master_file(job: FileJob, delivery: Delivery, gain_db: float | None = None) -> MasteredFile:
    """Master one file and write it whole, or not at all; with ``gain_db``, to no loudness.

    Raises:
        AudioError: for a file that is no sound, holds NaN, or can't become what is asked.
        PresetError: for an effects chain that pedalboard does not take.
        OutputError: where the file can't be written.
    """
    with job.source.open("rb") as file:
        told = describe(file)
    file_format = delivery.format_of(job.source)
    programme, doubled = _shaped(job.source, told, delivery)
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
    writer = _Writer(finishing, kept, told, file_format, delivery.target.ceiling_dbtp)
    try:
        write_whole(job.output, writer.write)
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
        finishing.levelling.warnings + kept.lost_in(file_format),
    )


def _shaped(path: Path, told: SoundFile, delivery: Delivery) -> tuple[Programme, bool]:
    """Return a file's sound as it is to be levelled, and whether mono is doubled afterwards."""

    def pieces() -> Iterator[Samples]:
        with path.open("rb") as file:
            yield from pieces_of(file)

    sample_rate = delivery.sample_rate or told.sample_rate
    growth = max(1.0, sample_rate / told.sample_rate)
    programme = Programme(told.sample_rate, told.channels, told.length_samples, pieces)
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

    def write(self, file: BinaryIO) -> None:
        """Write the whole file to one that is open for writing and reading."""
        for trim in range(_MOST_TRIMS + 1):
            file.seek(0)
            file.truncate()
            over_db = self._write_once(file) - self.ceiling_dbtp
            if over_db <= 0:
                return
            # A lossy encoder makes other peaks each time: ask for more room from turn to turn.
            quieter = self.finishing.levelling.quieter(over_db + _TRIM_DB * 2**trim)
            if trim < _MOST_TRIMS:
                self.finishing.levelling = quieter
        warning = f"its true peak is {over_db:.2f} dB above the ceiling after coding"
        levelling = self.finishing.levelling
        self.finishing.levelling = replace(levelling, warnings=(*levelling.warnings, warning))

    def _write_once(self, file: BinaryIO) -> float:
        """Write the file and return its true peak, of a lossy one as it is heard."""
        finishing = self.finishing
        pieces = finishing.pieces()
        kind = Pcm.empty(finishing.channels, finishing.programme.sample_rate, finishing.bit_depth)
        if self.file_format == "wav":
            length = finishing.programme.length_samples
            shape = wav.Shape(kind.channels, kind.sample_rate, kind.bit_depth, length)
            wav.write_pieces(file, pieces, shape, self._chunks)
        elif self.file_format in FFMPEG_FORMATS:
            encode_with_ffmpeg(pieces, kind, self.file_format, file, self.kept.tags)
        else:
            encode_pieces(pieces, kind, self.file_format, file, self.kept.tags)
        if self.file_format in _LOSSY:
            meter = Meter(kind.sample_rate, kind.channels)
            for piece in pieces_of(file):
                meter.add(piece)
            finishing.levels = meter.reading().levels
        return finishing.levels.true_peak_dbtp

    def _chunks(self) -> Sequence[Chunk]:
        finishing = self.finishing
        bits = {"16": 16, "24": 24, "32f": 32}[finishing.bit_depth]
        mode = {1: "mono", 2: "stereo"}.get(finishing.channels, "multichannel")
        sample_rate = finishing.programme.sample_rate
        return self.kept.chunks_after(
            Change(
                old_rate=self.told.sample_rate,
                sample_rate=sample_rate,
                length_samples=finishing.programme.length_samples,
                bit_depth=bits,
                coding_history=f"A=PCM,F={sample_rate},W={bits},M={mode},T=musicgen-daw",
                levels=finishing.levels_so_far,
            )
        )

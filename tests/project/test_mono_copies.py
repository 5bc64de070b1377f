"""Mono copies of stems, written into an output folder."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from musicgen_daw.audio import Pcm
from musicgen_daw.errors import OutputError
from musicgen_daw.events import ignore
from musicgen_daw.export import ExportFile, MonoOf
from musicgen_daw.export.wav import wav
from musicgen_daw.formats.riff import Chunk
from musicgen_daw.project.handing_over import deliver
from musicgen_daw.store.output import OutputFolder

RATE = 48_000
STEM = "stems/a.wav"


def written(folder: OutputFolder, pcm: Pcm) -> None:
    file = io.BytesIO()
    wav.write(file, pcm)
    folder.write(STEM, "made", file.getvalue())


def mono(channel: int = 0, length_samples: int = 1_001) -> ExportFile:
    chunks = (Chunk(b"test", b"kept"),)
    return ExportFile("aaf/a.wav", MonoOf(STEM, channel, RATE, length_samples, chunks))


def noise(depth: str) -> NDArray[np.int32] | NDArray[np.float32]:
    rng = np.random.default_rng(1)
    if depth == "32f":
        return rng.uniform(-1, 1, (2, 1_001)).astype(np.float32)
    limit = 2 ** (int(depth) - 1)
    return rng.integers(-limit, limit, (2, 1_001), np.int32)


@pytest.mark.parametrize("depth", ["16", "24"])
@pytest.mark.parametrize("channel", [0, 1])
def test_a_channel_is_copied_bit_for_bit(depth: str, channel: int, tmp_path: Path) -> None:
    samples = noise(depth)
    with OutputFolder.open(tmp_path) as folder:
        written(folder, Pcm(samples, RATE, depth))  # type: ignore[arg-type]
        path = tmp_path / deliver(mono(channel), folder, ignore)
    read, rate = soundfile.read(path, dtype="int32", always_2d=True)
    assert (rate, soundfile.info(path).subtype) == (RATE, "PCM_24")
    assert np.array_equal(read.T, samples[channel : channel + 1] << (32 - int(depth)))
    assert b"test\x04\0\0\0kept" in path.read_bytes()


def test_floats_are_rounded_and_held_at_full_scale(tmp_path: Path) -> None:
    samples = noise("32f")
    samples[0, :2] = 1.5, -1.5
    with OutputFolder.open(tmp_path) as folder:
        written(folder, Pcm(samples, RATE, "32f"))
        path = tmp_path / deliver(mono(), folder, ignore)
    read = soundfile.read(path, dtype="int32")[0] >> 8
    assert (read[0], read[1]) == (2**23 - 1, -(2**23))
    assert np.abs(read[2:] - samples[0, 2:] * 2.0**23).max() <= 0.5


def test_a_copy_is_written_again_only_where_its_stem_has_changed(tmp_path: Path) -> None:
    events: list[object] = []
    with OutputFolder.open(tmp_path) as folder:
        written(folder, Pcm(noise("24"), RATE, "24"))
        deliver(mono(), folder, events.append)
        deliver(mono(), folder, events.append)
        assert len(events) == 1
        written(folder, Pcm(noise("24") // 2, RATE, "24"))
        deliver(mono(), folder, events.append)
    assert len(events) == 2


def test_a_stem_that_was_changed_or_is_of_another_length_is_refused(tmp_path: Path) -> None:
    with OutputFolder.open(tmp_path) as folder:
        written(folder, Pcm(noise("24"), RATE, "24"))
        with pytest.raises(OutputError, match="has 1001 samples at 48000 Hz, not the 999"):
            deliver(mono(length_samples=999), folder, ignore)
        (tmp_path / STEM).write_bytes(b"mine")
        with pytest.raises(OutputError, match="isn't as it was written"):
            deliver(mono(), folder, ignore)

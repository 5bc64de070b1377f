from __future__ import annotations

import numpy as np
import pytest
import soundfile

from musicgen_daw.audio.reading import PIECE_SAMPLES, describe, pieces_of
from musicgen_daw.errors import AudioError


@pytest.mark.parametrize("suffix", ["wav", "aiff", "flac"])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_the_samples_of_a_file_are_read_exactly(tmp_path, suffix, subtype):
    path = tmp_path / f"sound.{suffix}"
    samples = np.random.default_rng(1).uniform(-1, 1, (PIECE_SAMPLES + 1000, 2))
    samples[:2] = [[-1, 1], [1, -1]]
    soundfile.write(path, samples, 48_000, subtype=subtype)
    expected, _ = soundfile.read(path, dtype="float32")
    pieces = list(pieces_of(path))
    assert [piece.shape for piece in pieces] == [(2, PIECE_SAMPLES), (2, 1000)]
    assert {piece.dtype for piece in pieces} == {np.dtype(np.float32)}
    assert all(piece.flags.c_contiguous for piece in pieces)
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), expected.T)


def test_a_damaged_file_that_is_there_is_not_called_missing(tmp_path):
    path = tmp_path / "a.mp3"
    soundfile.write(path, np.zeros((4000, 2)), 48_000)
    path.write_bytes(path.read_bytes()[:4] + bytes(200))
    with pytest.raises(AudioError) as refused:
        describe(path)
    assert str(refused.value) == "can't be read as audio: it is damaged, or no sound file"

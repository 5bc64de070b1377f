"""Whether a sound file ends before the sound that its head tells of: an upload that broke off, a
recorder without power, a full disk.
"""

from __future__ import annotations

from pathlib import Path

from musicgen_daw.audio.reading import SoundFile
from musicgen_daw.formats import aiff, wav_length
from musicgen_daw.formats.riff import Content, FileContent

__all__ = ["cut_off_warning"]


def cut_off_warning(path: Path, told: SoundFile) -> str | None:
    """Return how much of a WAV or AIFF file is missing, in words; ``None`` where all is there.

    Other formats tell no length, or can't be read so far that they end too early.

    Raises:
        OSError: where the file can't be read.
    """
    if told.container not in ("wav", "aiff"):
        return None
    with path.open("rb") as file:
        promised = _promised_samples(FileContent(file), told.container)
    missing = promised - told.length_samples
    if missing <= 0:
        return None
    seconds = missing / told.sample_rate
    samples = "1 sample" if missing == 1 else f"{missing} samples"
    return f"ends {samples} ({seconds:.3f} s) before the length that it tells: it was cut off"


def _promised_samples(content: Content, container: str) -> int:
    try:
        told = aiff.told_samples if container == "aiff" else wav_length.told_samples
        return told(content) or 0
    except ValueError:  # kin of them that libsndfile reads
        return 0

"""The sound of files that libsndfile can't read, such as MP4: by ffmpeg, where it is installed.

Which ffmpeg that is, pydub knows: a user who told pydub of another has it used here. It is run
directly, since bytes from a server need what pydub has no words for: the reader is fixed by the
magic bytes, so that no playlist is obeyed; nothing but these bytes can be opened; output and time
are bounded.
"""

from __future__ import annotations

import os
import subprocess
import warnings
from functools import cache

from musicgen_daw.audio import Audio
from musicgen_daw.audio.codecs import decode
from musicgen_daw.backends.segmind.containers import Container
from musicgen_daw.backends.segmind.credentials import KEY_VARIABLE
from musicgen_daw.errors import AudioError

__all__ = ["decode_foreign"]

_DEMUXERS = {Container.MP4: "mov", Container.WEBM: "matroska", Container.FLAC: "flac"}
_MAX_SECONDS = 120
_MAX_OUTPUT_BYTES = 256 << 20
_MAX_WAIT_S = 60


def decode_foreign(content: bytes, container: Container, program: str | None = None) -> Audio:
    """Return the sound of a file of a kind; ``program`` names an ffmpeg other than the usual one.

    Raises:
        AudioError: where there is no ffmpeg, or no sound that it can read.
    """
    command = [
        program or _usual_ffmpeg(),
        *("-nostdin", "-hide_banner", "-loglevel", "error"),
        *("-protocol_whitelist", "cache,pipe", "-f", _DEMUXERS[container], "-i", "cache:pipe:0"),
        *("-map", "0:a:0", "-t", str(_MAX_SECONDS), "-fs", str(_MAX_OUTPUT_BYTES)),
        *("-c:a", "pcm_f32le", "-f", "wav", "pipe:1"),
    ]
    environment = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
    try:
        done = subprocess.run(  # noqa: S603  # our own arguments; the bytes come by a pipe
            command,
            input=content,
            capture_output=True,
            timeout=_MAX_WAIT_S,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise AudioError(f"ffmpeg took more than {_MAX_WAIT_S} s over the sound") from None
    except OSError:
        raise AudioError(
            f"the sound came as {container.value}, which needs ffmpeg to be read: install it"
        ) from None
    if done.returncode != 0 or not done.stdout:
        raise AudioError(f"ffmpeg can't read the sound, which came as {container.value}")
    return decode(done.stdout)


@cache
def _usual_ffmpeg() -> str:
    with warnings.catch_warnings():
        # It warns where it finds no ffmpeg, which is told above, and of its own old spellings.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return str(AudioSegment.converter)

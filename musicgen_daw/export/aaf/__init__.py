"""The session as an AAF, for picture editors and post houses, with copies of its stems in mono.

Experimental: pyaaf2 reads back what is written, and libaaf, by which Ardour 8 reads AAF; it was
never opened in Pro Tools, Cubase or Resolve.

The media lie beside the AAF as Broadcast WAV files of 24 bits, named by relative URL: inside it
they could be 2 GiB at most, would have to be held in memory, and nobody could use them without it.
They are mono, because programs read an AAF's interleaved stereo as noise; the two tracks of a
stereo stem are panned to their sides. Places count in samples, so each clip is on its own.

What the format can't carry: tempo and meters, loops, and other takes. A mix is left out where the
stems that it is the sum of are there, since a track can't be told to be silent.

Source: AAF Object Specification 1.1; AMWA AS-01, AAF Edit Protocol.
"""

from __future__ import annotations

from collections.abc import Iterator

from musicgen_daw.audio import Pcm
from musicgen_daw.errors import ExportError
from musicgen_daw.export.aaf.tracks import MonoClip, mono_tracks
from musicgen_daw.export.arrangement import lanes, other_takes
from musicgen_daw.export.files import ExportFile, MonoOf
from musicgen_daw.export.names import safe_name
from musicgen_daw.export.stems import Provenance, StemTags, stem_chunks
from musicgen_daw.session import Session

__all__ = ["files", "require"]

EXTRA = "pip install 'musicgen-daw[aaf]'"


def require() -> None:
    """Refuse to begin what could not be handed over at its end.

    Raises:
        ExportError: where pyaaf2 is not installed.
    """
    try:
        import aaf2  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise ExportError(f"an AAF is written by pyaaf2, which is missing: {EXTRA}") from error


def files(session: Session) -> list[ExportFile]:
    """Return ``aaf/NAME.aaf`` and its media, the media first.

    Raises:
        ExportError: where pyaaf2 is not installed.
    """
    require()
    from musicgen_daw.export.aaf.composition import encode

    tracks = mono_tracks(session)
    media = [_media(session, clip) for track in tracks for clip in track.clips]
    path = f"aaf/{safe_name(session.title)}.aaf"
    return [*media, ExportFile(path, encode(session, tracks), tuple(_losses(session)))]


def _losses(session: Session) -> Iterator[str]:
    yield "it is experimental: libraries read it back, no DAW has opened it yet"
    yield f"AAF holds no tempo: import {safe_name(session.title)}.mid beside it (--to midi)"
    if any(clip.is_reference for _, lane in lanes(session) for clip in lane):
        yield "the mixes are left out where their stems are there: both would sound together"
    yield from other_takes(session)


def _media(session: Session, clip: MonoClip) -> ExportFile:
    cue, stem = clip.laid.cue, clip.laid.stem
    tags = StemTags(
        project=session.title,
        cue=cue.name,
        stem=clip.channel_name,
        take=cue.take,
        start_samples=clip.laid.start_samples,
        start_timecode=session.start_timecode,
        provenance=Provenance.of((made.request for made in cue.clips), cue.seed, (cue.licence,)),
        frame_rate=session.frame_rate,
        sound_sha256=stem.sha256,
    )
    chunks = stem_chunks(tags, Pcm.empty(1, session.sample_rate, "24"))
    mono = MonoOf(
        stem.path, clip.channel, session.sample_rate, cue.span.length_samples, tuple(chunks)
    )
    return ExportFile(f"aaf/{clip.path}", mono)

"""A session's cues and hits as marker files of other programs, and as an OpenTimelineIO timeline.

The markers are short, for people: names of cues and of hits. Each format and what it can't carry is
described where it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from musicgen_daw.export import cubase, edl, marker_lists, otio
from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.laid_sheet import laid_sheet
from musicgen_daw.export.marker_text import cue_start
from musicgen_daw.export.names import safe_name
from musicgen_daw.export.sheet_losses import rounding_losses
from musicgen_daw.session import Session
from musicgen_daw.timeline import Cue, CueSheet

__all__ = ["EXPORTERS"]


def _list_in(
    ending: str,
    encode: Callable[[CueSheet, Callable[[Cue], str]], bytes],
    *,
    video_frames: bool = False,
) -> Callable[[Session], Sequence[ExportFile]]:
    def files(session: Session) -> list[ExportFile]:
        path, sheet = f"{safe_name(session.title)}{ending}", laid_sheet(session)
        losses = tuple(rounding_losses(sheet)) if video_frames else ()
        return [ExportFile(path, encode(sheet, cue_start), losses)]

    return files


def _otio(session: Session) -> list[ExportFile]:
    path = f"{safe_name(session.title)}.otio"
    return [ExportFile(path, otio.encode(session), otio.losses(session))]


EXPORTERS: Mapping[str, Callable[[Session], Sequence[ExportFile]]] = MappingProxyType(
    {
        "otio": _otio,
        "edl": _list_in(".edl", edl.encode, video_frames=True),
        "resolve": _list_in("_resolve.edl", edl.encode_resolve, video_frames=True),
        "premiere": _list_in("_premiere.csv", marker_lists.premiere, video_frames=True),
        "reaper-csv": _list_in("_reaper.csv", marker_lists.reaper_csv),
        "cubase": _list_in("_cubase.xml", cubase.encode),
        "audacity": _list_in("_labels.txt", marker_lists.audacity),
    }
)
"""The exporters of this module by name."""

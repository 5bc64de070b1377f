"""The "iXML" chunk: cue, take, tracks and placement as XML, a mirror of bext, and provenance.

Avid's programs believe iXML before bext, so the mirror is built from the same value.

Source: iXML specification 1.61 and later, http://www.ixml.info
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.wav.bext import LOUDNESS_TAGS, UNKNOWN_LEVEL, VERSION, Bext
from musicgen_daw.formats.riff import Chunk
from musicgen_daw.timeline import FrameRate

__all__ = ["Ixml", "encode"]


@dataclass(frozen=True, slots=True)
class Ixml:
    """What an iXML chunk tells.

    ``frame_rate`` is ``None`` where the picture's is not known: then the rate is left out, since
    editors change the speed of a file whose rate is not theirs. ``provenance`` maps tag names of
    the maker's own block to text. ``track_names`` names each channel.
    """

    project: str
    scene: str
    take: int
    note: str
    track_names: Sequence[str]
    sample_rate: int
    bit_depth: int
    bext: Bext
    frame_rate: FrameRate | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)


def encode(ixml: Ixml) -> Chunk:
    """Return the chunk: UTF-8, escaped, without control characters."""
    root = ElementTree.Element("BWFXML")
    _add(root, "IXML_VERSION", "1.61")
    _add(root, "PROJECT", ixml.project)
    _add(root, "SCENE", ixml.scene)
    _add(root, "TAKE", ixml.take)
    _add(root, "NOTE", ixml.note)
    _add_speed(root, ixml)
    _add_track_list(root, ixml.track_names)
    _add_bext(root, ixml.bext)
    _add_user(root, ixml.provenance)
    body: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    # Readers such as Godot's know of no pad byte, and lose all chunks after an odd one.
    return Chunk(b"iXML", body + b"\n" * (len(body) % 2))


def _add_speed(root: ElementTree.Element, ixml: Ixml) -> None:
    speed = ElementTree.SubElement(root, "SPEED")
    if ixml.frame_rate is not None:
        rate = f"{ixml.frame_rate.fps.numerator}/{ixml.frame_rate.fps.denominator}"
        _add(speed, "MASTER_SPEED", rate)
        _add(speed, "CURRENT_SPEED", rate)
        _add(speed, "TIMECODE_RATE", rate)
        _add(speed, "TIMECODE_FLAG", "DF" if ixml.frame_rate.drop_frame else "NDF")
    high, low = divmod(ixml.bext.time_reference_samples, 2**32)
    _add(speed, "FILE_SAMPLE_RATE", ixml.sample_rate)
    _add(speed, "AUDIO_BIT_DEPTH", ixml.bit_depth)
    _add(speed, "DIGITIZER_SAMPLE_RATE", ixml.sample_rate)
    _add(speed, "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI", high)
    _add(speed, "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO", low)
    _add(speed, "TIMESTAMP_SAMPLE_RATE", ixml.sample_rate)


def _add_track_list(root: ElementTree.Element, track_names: Sequence[str]) -> None:
    tracks = ElementTree.SubElement(root, "TRACK_LIST")
    _add(tracks, "TRACK_COUNT", len(track_names))
    for number, name in enumerate(track_names, start=1):
        track = ElementTree.SubElement(tracks, "TRACK")
        _add(track, "CHANNEL_INDEX", number)
        _add(track, "INTERLEAVE_INDEX", number)
        _add(track, "NAME", name)


def _add_bext(root: ElementTree.Element, bext: Bext) -> None:
    mirror = ElementTree.SubElement(root, "BEXT")
    high, low = divmod(bext.time_reference_samples, 2**32)
    _add(mirror, "BWF_DESCRIPTION", bext.description)
    _add(mirror, "BWF_ORIGINATOR", bext.originator)
    _add(mirror, "BWF_ORIGINATOR_REFERENCE", bext.originator_reference)
    _add(mirror, "BWF_ORIGINATION_DATE", bext.origination_date)
    _add(mirror, "BWF_ORIGINATION_TIME", bext.origination_time)
    _add(mirror, "BWF_TIME_REFERENCE_LOW", low)
    _add(mirror, "BWF_TIME_REFERENCE_HIGH", high)
    _add(mirror, "BWF_VERSION", VERSION)
    _add(mirror, "BWF_CODING_HISTORY", bext.coding_history_text)
    for tag, hundredths in zip(LOUDNESS_TAGS, bext.loudness_fields, strict=True):
        if hundredths != UNKNOWN_LEVEL:
            _add(mirror, tag, f"{hundredths / 100:.2f}")


def _add_user(root: ElementTree.Element, provenance: Mapping[str, str]) -> None:
    if not provenance:
        return
    user = ElementTree.SubElement(root, "USER")
    for tag, text in provenance.items():
        _add(user, tag, text)


def _add(parent: ElementTree.Element, tag: str, value: str | int) -> None:
    ElementTree.SubElement(parent, tag).text = one_line(str(value))

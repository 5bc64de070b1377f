"""The AAF file itself, by pyaaf2: a composition, and for each clip what its file is.

A clip refers to a master mob, that to a source mob, and that to a file. pyaaf2 draws ids and reads
the clock; here both are told, so that the same session gives the same bytes.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from typing import Any
from urllib.parse import quote

import aaf2
from aaf2.auid import AUID
from aaf2.mobid import MobID

from musicgen_daw.audio import Pcm
from musicgen_daw.export.aaf.tracks import MonoClip, MonoTrack
from musicgen_daw.export.laid_sheet import laid_sheet
from musicgen_daw.export.marker_text import cue_start, regions_of
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.wav import fmt
from musicgen_daw.formats import riff
from musicgen_daw.session import Session
from musicgen_daw.timeline import to_samples

__all__ = ["encode"]

_TIME = datetime(1980, 1, 1, tzinfo=UTC)
"""What every date in the file is: it tells no clock."""

_PRODUCT = AUID("f6a8b5c2-6f0c-5d2e-9b5b-6d0b7c1e42a9")
_PAN = AUID("9d2ea893-0968-11d3-8a38-0050040ef7d2")
_PAN_SIDE = AUID("e4962322-2267-11d3-8a4c-0050040ef7d2")
_SECTOR_BYTES = 4096
_FIRST_DIFAT = slice(68, 72)
_FREE_SECTOR, _END_OF_CHAIN = b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff"

_SOUND, _MARKS = "sound", "DescriptiveMetadata"


def encode(session: Session, tracks: Sequence[MonoTrack]) -> bytes:
    """Return the bytes of the file."""
    file = aaf2.open(sector_size=_SECTOR_BYTES)  # in memory
    _identify(file)
    _Composition(file, session).build(tracks)
    # Closing it would throw the memory away.
    file.save()
    file.manager.remove_temp()
    file.cfb.close()
    content: BytesIO = file.f
    return _strict(content.getvalue())


def _head(sample_rate: int, length_samples: int) -> bytes:
    """Return what stands before the samples of a file, up to them."""
    sample_bytes = fmt.SAMPLE_BYTES["24"]
    format_chunk = fmt.encode(Pcm.empty(1, sample_rate, "24"))
    return riff.head([format_chunk], length_samples * sample_bytes, (), length_samples)


def _strict(content: bytes) -> bytes:
    """Return the same compound file as strict readers want it: of whole sectors, and with the end
    of a chain where its header would tell that the table of tables is a free sector.

    Source: Microsoft, [MS-CFB] Compound File Binary File Format, 2.2.
    """
    padded = bytearray(content + b"\0" * (-len(content) % _SECTOR_BYTES))
    if padded[_FIRST_DIFAT] == _FREE_SECTOR:
        padded[_FIRST_DIFAT] = _END_OF_CHAIN
    return bytes(padded)


def _identify(file: Any) -> None:
    (maker,) = file.header["IdentificationList"].value
    told = version("musicgen-daw")
    maker["CompanyName"].value = maker["ProductName"].value = "musicgen_daw"
    maker["ProductVersionString"].value = told
    maker["ProductID"].value = _PRODUCT
    maker["Platform"].value = "any"
    maker["Date"].value = file.header["LastModified"].value = _TIME
    maker["GenerationAUID"].value = AUID(str(uuid.uuid5(_PRODUCT.uuid, told)))


class _Composition:
    """The file while it is built."""

    def __init__(self, file: Any, session: Session) -> None:
        self._file = file
        self._create = file.create
        self._session = session
        self._rate = session.sample_rate
        self._pan = self._define_pan()

    def build(self, tracks: Sequence[MonoTrack]) -> None:
        """Add everything."""
        held = (
            f"{clip.path} {clip.laid.stem.sha256} {clip.laid.start_samples}"
            for track in tracks
            for clip in track.clips
        )
        mob = self._mob(self._create.CompositionMob, self._session.title, "composition", *held)
        mob.usage = "Usage_TopLevel"
        mob.comments["AI_GENERATED"] = "TRUE"
        if licence := one_line(self._session.licence()):
            mob.comments["LICENCE"] = licence
        self._file.content["EssenceData"].value = []  # required, though all essence is outside
        self._timecode(mob)
        for number, track in enumerate(tracks, 1):
            slot = mob.create_timeline_slot(self._rate)
            slot.name = track.name
            slot["PhysicalTrackNumber"].value = number
            slot.segment = self._panned(track, self._sequence(track))
        self._markers(mob)

    def _mob(self, make: Any, name: str, *what: str) -> Any:
        """Make a mob whose id comes from what it stands for."""
        mob = make(one_line(name))
        told = "\0".join((self._session.title, *what)).encode("utf-8", "replace")
        mob_id = MobID.new()
        mob_id.material = uuid.UUID(bytes=hashlib.sha256(told).digest()[:16], version=5)
        mob.mob_id = mob_id
        mob["CreationTime"].value = mob["LastModified"].value = _TIME
        self._file.content.mobs.append(mob)
        return mob

    # -- tracks --------------------------------------------------------------------------------

    def _timecode(self, mob: Any) -> None:
        start, rate = self._session.start_timecode, self._session.start_timecode.rate
        slot = mob.create_timeline_slot(f"{rate.fps.numerator}/{rate.fps.denominator}")
        slot.name = "TC"
        slot["PhysicalTrackNumber"].value = 1
        slot.segment = self._create.Timecode(rate.nominal, drop=rate.drop_frame)
        slot.segment.start = start.video_frames

    def _sequence(self, track: MonoTrack) -> Any:
        sequence = self._create.Sequence(media_kind=_SOUND)
        reached = 0
        for clip in track.clips:
            start, length = clip.laid.start_samples, clip.laid.cue.span.length_samples
            if start > reached:
                filler = self._create.Filler(media_kind=_SOUND, length=start - reached)
                sequence.components.append(filler)
            master = self._master(clip)
            sequence.components.append(master.create_source_clip(1, 0, length, _SOUND))
            reached = start + length
        sequence.length = reached
        return sequence

    def _define_pan(self) -> Any:
        side = self._create.ParameterDef(_PAN_SIDE, "Pan", "Pan", "Rational")
        self._file.dictionary.register_def(side)
        pan = self._create.OperationDef(_PAN, "Mono Audio Pan", "Mono Audio Pan")
        pan.media_kind = _SOUND
        pan["IsTimeWarp"].value = False
        pan["Bypass"].value = 0
        pan["NumberInputs"].value = 1
        pan["OperationCategory"].value = "OperationCategory_Effect"
        self._file.dictionary.register_def(pan)
        pan["ParametersDefined"].append(side)
        return pan

    def _panned(self, track: MonoTrack, sequence: Any) -> Any:
        if track.pan is None:
            return sequence
        group = self._create.OperationGroup(self._pan, sequence.length, _SOUND)
        group.parameters.append(self._create.ConstantValue(_PAN_SIDE, f"{track.pan}/1"))
        group.segments.append(sequence)
        return group

    # -- media ---------------------------------------------------------------------------------

    def _master(self, clip: MonoClip) -> Any:
        length = clip.laid.cue.span.length_samples
        told = clip.path, clip.laid.stem.sha256
        source = self._mob(self._create.SourceMob, clip.title, "source", *told)
        source.descriptor = self._described(clip.path, length)
        slot = source.create_empty_slot(self._rate, _SOUND, 1)
        slot.segment.length = length
        slot["PhysicalTrackNumber"].value = 1
        master = self._mob(self._create.MasterMob, clip.title, "master", *told)
        slot = master.create_timeline_slot(self._rate, 1)
        slot.name = one_line(clip.channel_name)
        slot["PhysicalTrackNumber"].value = 1
        slot.segment = source.create_source_clip(1, 0, length, _SOUND)
        return master

    def _described(self, path: str, length_samples: int) -> Any:
        """Return what the file is: its format as it stands in its own head, and where it lies."""
        told = self._create.WAVEDescriptor()
        told["SampleRate"].value = self._rate
        told["Length"].value = length_samples
        told["Summary"].value = bytearray(_head(self._rate, length_samples))
        told["ContainerFormat"].value = self._file.dictionary.lookup_containerdef("AAF")
        # Readers go by the first one. libaaf takes none without a scheme, and looks beside the AAF
        # for the last two steps of its path; the second is the standard's relative one.
        for url in (f"file:///aaf/{quote(path)}", quote(path)):
            locator = self._create.NetworkLocator()
            locator["URLString"].value = url
            told["Locator"].append(locator)
        return told

    # -- markers -------------------------------------------------------------------------------

    def _markers(self, mob: Any) -> None:
        marks = regions_of(laid_sheet(self._session).cues, cue_start)
        if not marks:
            return
        sequence = self._create.Sequence(media_kind=_MARKS)
        for mark in marks:
            at_samples = to_samples(mark.at_s, self._rate)
            end_samples = to_samples(mark.end_s or mark.at_s, self._rate)
            marker = self._create.DescriptiveMarker()
            marker["Position"].value = at_samples
            marker.length = end_samples - at_samples
            marker["Comment"].value = mark.text
            marker["CommentMarkerUser"].value = "musicgen_daw"
            sequence.components.append(marker)
        slot = self._create.EventMobSlot(len(mob.slots) + 1, "Markers", sequence)
        slot.edit_rate = self._rate
        mob.slots.append(slot)

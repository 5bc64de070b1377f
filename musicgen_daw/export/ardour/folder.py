"""The files of the session folder: one document, and the copies of stems that it plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from posixpath import basename, splitext
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.errors import ExportError
from musicgen_daw.export.ardour.lanes import LaidRegion, Lane, lanes
from musicgen_daw.export.ardour.mixer import VERSION, Mixer
from musicgen_daw.export.ardour.tempo import SUPERCLOCKS_PER_S, tempo_element
from musicgen_daw.export.arrangement import LaidCue, lay_out, other_takes
from musicgen_daw.export.files import CopyOf, ExportFile
from musicgen_daw.export.marker_text import cue_start, hit_line
from musicgen_daw.export.names import distinct_names, safe_name
from musicgen_daw.export.xml_text import document
from musicgen_daw.session import Session
from musicgen_daw.timeline import to_samples

__all__ = ["files"]

_FIRST_ID = 100

_TIMECODES = {
    "23.976": "timecode_23976",
    "24": "timecode_24",
    "25": "timecode_25",
    "29.97": "timecode_2997",
    "29.97df": "timecode_2997drop",
    "30": "timecode_30",
    "30df": "timecode_30drop",
    "59.94": "timecode_5994",
    "60": "timecode_60",
}
_UNKNOWN_RATES = {"48": "timecode_24", "50": "timecode_25", "59.94df": "timecode_5994"}
"""Rates that Ardour doesn't know, as the nearest that it does."""

_OFF = (
    *("muted", "locked", "automatic", "external", "hidden", "layering-index", "envelope-active"),
    *("default-fade-in", "default-fade-out", "fade-in-active", "fade-out-active"),
)
_PLAIN_REGION = {
    "start": "a0",
    "sync-position": "a0",
    "ancestral-start": "a0",
    "ancestral-length": "a0@a0",
    "first-edit": "nothing",
    "stretch": "1",
    "shift": "1",
    "scale-amplitude": "1",
    "opaque": "1",
    **dict.fromkeys(_OFF, "0"),
}
"""A region that plays its source from the start, as it is."""


def files(session: Session) -> list[ExportFile]:
    """Return the folder ``ardour/TITLE``.

    Raises:
        ExportError: for stems that Ardour can't play from a session.
    """
    name = safe_name(session.title)
    root = f"ardour/{name}"
    tracks = lanes(lay_out(session))
    paths = [region.stem.path for lane in tracks for region in lane.regions]
    for path in paths:
        if splitext(path)[1].lower() == ".mp3":
            raise ExportError(
                f"Ardour plays no MP3 from a session, such as {path}: render with --format wav"
            )
    leaves = distinct_names(splitext(basename(path))[0] for path in paths)
    sounds = {path: f"{leaf}{splitext(path)[1]}" for path, leaf in zip(paths, leaves, strict=True)}
    told = _Document(session, name, tracks, sounds).encode()
    return [
        ExportFile(f"{root}/{name}.ardour", told, tuple(_losses(session))),
        *(
            ExportFile(f"{root}/interchange/{name}/audiofiles/{sound}", CopyOf(path))
            for path, sound in sounds.items()
        ),
    ]


def _losses(session: Session) -> Iterator[str]:
    rate = session.frame_rate
    if rate.name in _UNKNOWN_RATES:
        yield f"Ardour knows no {rate} frames a second: it counts timecode in another rate"
    yield from other_takes(session)


class _Document:
    """The session document while it is built; ids count up in the order of what they name."""

    def __init__(
        self, session: Session, name: str, tracks: Sequence[Lane], sounds: dict[str, str]
    ) -> None:
        self._session = session
        self._name = name
        self._tracks = tracks
        self._sounds = sounds
        self._ids = count(_FIRST_ID)

    def encode(self) -> bytes:
        cues = lay_out(self._session)
        root = Element("Session", version=VERSION, name=self._name)
        maker = {"created-with": "musicgen_daw", "modified-with": "musicgen_daw"}
        SubElement(root, "ProgramVersion", maker)
        self._config(root)
        SubElement(root, "Metadata")
        sources, regions = SubElement(root, "Sources"), SubElement(root, "Regions")
        self._locations(root, cues)
        SubElement(root, "Bundles")
        mixer = Mixer(root, self._id)
        mixer.add_master(self._tracks)
        for lane in self._tracks:
            playlist = mixer.add_track(lane)
            for region in lane.regions:
                ids = self._source_ids(sources, region)
                self._region(regions, region, ids, is_whole_file=True)
                self._region(playlist, region, ids, is_whole_file=False)
        SubElement(root, "UnusedPlaylists")
        SubElement(root, "RouteGroups")
        mixer.add_click(root)
        root.append(tempo_element(self._session.tempo_map))
        root.attrib |= {
            "sample-rate": str(self._session.sample_rate),
            "session-range-is-free": "1",
            "id-counter": self._id(),
            "name-counter": "1",
            "event-counter": "0",
            "vca-counter": "1",
        }
        return document(root)

    def _id(self) -> str:
        return str(next(self._ids))

    def _at(self, samples: int) -> str:
        """Return a place in the time of sound, which a change of tempo doesn't move."""
        rate = self._session.sample_rate
        return f"a{(2 * samples * SUPERCLOCKS_PER_S + rate) // (2 * rate)}"  # the nearest one

    def _config(self, root: Element) -> None:
        start = self._session.start_timecode
        options = {
            "native-file-data-format": "FormatFloat",
            "native-file-header-format": "WAVE",
            "timecode-format": {**_TIMECODES, **_UNKNOWN_RATES}[self._session.frame_rate.name],
            "timecode-offset": str(to_samples(start.seconds, self._session.sample_rate)),
            "timecode-offset-negative": "1",  # the session's first sample has this timecode
        }
        config = SubElement(root, "Config")
        for name, value in options.items():
            SubElement(config, "Option", name=name, value=value)

    # -- sound ---------------------------------------------------------------------------------

    def _source_ids(self, sources: Element, region: LaidRegion) -> list[str]:
        """Add a source for each channel of a stem's file."""
        ids = [self._id() for _ in range(region.stem.channels)]
        for channel, identity in enumerate(ids):
            told = {"take-id": "", "type": "audio", "flags": "", "origin": "", "gain": "1"}
            name = self._sounds[region.stem.path]
            SubElement(sources, "Source", told, name=name, id=identity, channel=str(channel))
        return ids

    def _region(
        self, parent: Element, region: LaidRegion, ids: Sequence[str], *, is_whole_file: bool
    ) -> None:
        told = {
            "name": region.cue,
            "id": self._id(),
            "type": "audio",
            "channels": str(len(ids)),
            "length": f"{self._at(region.length_samples)}@{self._at(region.start_samples)}",
            "whole-file": str(int(is_whole_file)),
            **_PLAIN_REGION,
        }
        for channel, identity in enumerate(ids):
            told |= {f"source-{channel}": identity, f"master-source-{channel}": identity}
        SubElement(parent, "Region", told)

    # -- time ----------------------------------------------------------------------------------

    def _locations(self, root: Element, cues: Sequence[LaidCue]) -> None:
        parent = SubElement(root, "Locations")
        rate = self._session.sample_rate
        end_samples = max((laid.last_samples for laid in cues), default=0)
        self._location(parent, "session", 0, end_samples, "IsSessionRange")
        for laid in cues:
            name = cue_start(laid.cue)
            self._location(parent, name, laid.start_samples, laid.end_samples, "IsRangeMarker")
            for hit in laid.cue.hits:
                at_samples = to_samples(hit.at_s, rate)
                self._location(parent, hit_line(hit), at_samples, at_samples, "IsMark")

    def _location(
        self, parent: Element, name: str, start_samples: int, end_samples: int, flags: str
    ) -> None:
        SubElement(
            parent,
            "Location",
            id=self._id(),
            name=name,
            start=self._at(start_samples),
            end=self._at(end_samples),
            flags=flags,
            locked="0",
            timestamp="0",
            cue="0",
        )

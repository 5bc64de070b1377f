"""The files of the session folder: one document, and the copies of stems that it plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.errors import ExportError
from musicgen_daw.export.ardour.lanes import LaidRegion, Lane, lanes
from musicgen_daw.export.ardour.tempo import SUPERCLOCKS_PER_S, tempo_element
from musicgen_daw.export.arrangement import LaidCue, lay_out, other_takes
from musicgen_daw.export.files import CopyOf, ExportFile
from musicgen_daw.export.marker_text import cue_start, hit_line
from musicgen_daw.export.names import distinct_names, safe_name
from musicgen_daw.export.xml_text import document
from musicgen_daw.session import Session
from musicgen_daw.timeline import to_samples

__all__ = ["files"]

_VERSION = "7002"
"""The version of sessions that Ardour 7 writes; later ones read it, earlier ones refuse it."""
_FIRST_ID = 100
_BUS_CHANNELS = 2

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
        if PurePosixPath(path).suffix.lower() == ".mp3":
            raise ExportError(
                f"Ardour plays no MP3 from a session, such as {path}: render with --format wav"
            )
    leaves = distinct_names(PurePosixPath(path).stem for path in paths)
    sounds = {
        path: f"{leaf}{PurePosixPath(path).suffix}"
        for path, leaf in zip(paths, leaves, strict=True)
    }
    document = _Document(session, name, tracks, sounds).encode()
    return [
        ExportFile(f"{root}/{name}.ardour", document, tuple(_losses(session))),
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
        root = Element("Session", version=_VERSION, name=self._name)
        maker = {"created-with": "musicgen_daw", "modified-with": "musicgen_daw"}
        SubElement(root, "ProgramVersion", maker)
        self._config(root)
        SubElement(root, "Metadata")
        sources, regions = SubElement(root, "Sources"), SubElement(root, "Regions")
        self._locations(root, cues)
        SubElement(root, "Bundles")
        routes, playlists = SubElement(root, "Routes"), SubElement(root, "Playlists")
        self._master(routes)
        for order, lane in enumerate(self._tracks, 1):
            playlist = self._track(routes, playlists, lane, order)
            for region in lane.regions:
                ids = self._source_ids(sources, region)
                self._region(regions, region, ids, is_whole_file=True)
                self._region(playlist, region, ids, is_whole_file=False)
        SubElement(root, "UnusedPlaylists")
        SubElement(root, "RouteGroups")
        self._click(root)
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

    # -- mixer ---------------------------------------------------------------------------------

    def _track(self, routes: Element, playlists: Element, lane: Lane, order: int) -> Element:
        """Add a track and its playlist, and return the latter."""
        track_id, playlist_id = self._id(), self._id()
        SubElement(
            playlists,
            "Playlist",
            {"orig-track-id": track_id, "pgroup-id": "", "shared-with-ids": ""},
            id=playlist_id,
            name=lane.name,
            type="audio",
            frozen="0",
        )
        told = {
            "audio-playlist": playlist_id,
            "strict-io": "0",
            "meter-point": "MeterPostFader",
            "meter-type": "MeterPeak",
            "mode": "Normal",
        }
        route = self._route(routes, lane.name, track_id, told)
        flags = {"order": str(order), "flags": "AudioTrack,OrderSet", "color": "0"}
        SubElement(route, "PresentationInfo", flags)
        muted = str(int(lane.is_muted))
        SubElement(route, "MuteMaster", {"mute-point": "PostFader,Listen,Main", "muted": muted})
        SubElement(route, "Controllable", name="mute", id=self._id(), value=muted)
        ports = range(1, lane.channels + 1)
        self._io(route, lane.name, "Input", {f"audio_in {port}": [] for port in ports})
        outputs = {
            f"audio_out {port}": [f"Master/audio_in {bus}" for bus in _busses(lane, port)]
            for port in ports
        }
        self._io(route, lane.name, "Output", outputs)
        for kind, name in (("diskwriter", "recorder"), ("diskreader", "player")):
            self._processor(route, f"{name}:{lane.name}", kind)
        self._strip(route, lane.name)
        return playlists[-1]

    def _master(self, routes: Element) -> None:
        told = {"strict-io": "1", "meter-point": "MeterOutput", "meter-type": "MeterK14"}
        route = self._route(routes, "Master", self._id(), told)
        SubElement(route, "PresentationInfo", order="0", flags="MasterOut,OrderSet", color="0")
        inputs: dict[str, list[str]] = {}
        for bus in range(1, _BUS_CHANNELS + 1):
            inputs[f"audio_in {bus}"] = [
                f"{lane.name}/audio_out {port}"
                for lane in self._tracks
                for port in range(1, lane.channels + 1)
                if bus in _busses(lane, port)
            ]
        self._io(route, "Master", "Input", inputs)
        self._io(route, "Master", "Output", _playback("audio_out"))
        self._strip(route, "Master")

    def _route(self, routes: Element, name: str, identity: str, told: dict[str, str]) -> Element:
        fixed = {"default-type": "audio", "active": "1", "denormal-protection": "0"}
        return SubElement(
            routes, "Route", {**fixed, **told}, version=_VERSION, id=identity, name=name
        )

    def _strip(self, route: Element, name: str) -> None:
        """Add what every strip of the mixer has behind its sound."""
        for kind in ("trim", "amp"):
            self._processor(route, "Amp", kind)
        self._processor(route, f"meter-{name}", "meter")
        outs = self._processor(route, name, "main-outs")
        outs.attrib |= {"own-input": "1", "own-output": "0", "output": name, "role": "Main"}
        panner = {"bypassed": "0", "user-panner": "", "linked-to-route": "1"}
        SubElement(outs, "PannerShell", panner)

    def _processor(self, route: Element, name: str, kind: str) -> Element:
        return SubElement(route, "Processor", id=self._id(), name=name, active="1", type=kind)

    def _io(self, parent: Element, name: str, direction: str, ports: dict[str, list[str]]) -> None:
        told = {"default-type": "audio", "direction": direction}
        io = SubElement(parent, "IO", told, name=name, id=self._id())
        for port, others in ports.items():
            element = SubElement(io, "Port", type="audio", name=f"{name}/{port}")
            for other in others:
                SubElement(element, "Connection", other=other)

    def _click(self, root: Element) -> None:
        self._io(SubElement(root, "Click"), "Click", "Output", _playback("audio_out"))


def _playback(port: str) -> dict[str, list[str]]:
    busses = range(1, _BUS_CHANNELS + 1)
    return {f"{port} {bus}": [f"system:playback_{bus}"] for bus in busses}


def _busses(lane: Lane, port: int) -> Sequence[int]:
    """Return where a track's output goes: one of a single channel to both sides, unpanned.

    A panner would take 3 dB off it, and our mix doesn't.
    """
    if lane.channels == 1:
        return range(1, _BUS_CHANNELS + 1)
    return [(port - 1) % _BUS_CHANNELS + 1]

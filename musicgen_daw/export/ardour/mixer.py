"""The mixer of the session: a strip for each track and one for the master, wired together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.export.ardour.lanes import Lane

__all__ = ["VERSION", "Mixer"]

VERSION = "7002"
"""The version of sessions that Ardour 7 writes."""
_BUSSES = (1, 2)
"""The channels of the master."""
_PLAYBACK = {f"audio_out {bus}": [f"system:playback_{bus}"] for bus in _BUSSES}


class Mixer:
    """Adds strips to a session; ``next_id`` gives an id that nothing else has."""

    def __init__(self, root: Element, next_id: Callable[[], str]) -> None:
        self._routes = SubElement(root, "Routes")
        self._playlists = SubElement(root, "Playlists")
        self._next_id = next_id

    def add_track(self, lane: Lane) -> Element:
        """Add a track and its playlist, and return the latter."""
        track_id, playlist_id = self._next_id(), self._next_id()
        playlist = SubElement(
            self._playlists,
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
        route = self._route(lane.name, track_id, told, "AudioTrack")
        muted = str(int(lane.is_muted))
        SubElement(route, "MuteMaster", {"mute-point": "PostFader,Listen,Main", "muted": muted})
        SubElement(route, "Controllable", name="mute", id=self._next_id(), value=muted)
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
        return playlist

    def add_master(self, tracks: Sequence[Lane]) -> None:
        """Add the master, which all tracks go to."""
        told = {"strict-io": "1", "meter-point": "MeterOutput", "meter-type": "MeterK14"}
        route = self._route("Master", self._next_id(), told, "MasterOut")
        inputs = {
            f"audio_in {bus}": [
                f"{lane.name}/audio_out {port}"
                for lane in tracks
                for port in range(1, lane.channels + 1)
                if bus in _busses(lane, port)
            ]
            for bus in _BUSSES
        }
        self._io(route, "Master", "Input", inputs)
        self._io(route, "Master", "Output", _PLAYBACK)
        self._strip(route, "Master")

    def add_click(self, root: Element) -> None:
        """Add the output of the metronome."""
        self._io(SubElement(root, "Click"), "Click", "Output", _PLAYBACK)

    def _route(self, name: str, identity: str, told: dict[str, str], kind: str) -> Element:
        fixed = {"default-type": "audio", "active": "1", "denormal-protection": "0"}
        order = str(len(self._routes))
        route = SubElement(
            self._routes, "Route", {**fixed, **told}, version=VERSION, id=identity, name=name
        )
        SubElement(route, "PresentationInfo", order=order, flags=f"{kind},OrderSet", color="0")
        return route

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
        return SubElement(route, "Processor", id=self._next_id(), name=name, active="1", type=kind)

    def _io(
        self, parent: Element, name: str, direction: str, ports: Mapping[str, Sequence[str]]
    ) -> None:
        told = {"default-type": "audio", "direction": direction}
        io = SubElement(parent, "IO", told, name=name, id=self._next_id())
        for port, others in ports.items():
            element = SubElement(io, "Port", type="audio", name=f"{name}/{port}")
            for other in others:
                SubElement(element, "Connection", other=other)


def _busses(lane: Lane, port: int) -> Sequence[int]:
    """Return where a track's output goes: one of a single channel to both sides, unpanned.

    A panner would take 3 dB off it, and our mix doesn't.
    """
    if lane.channels == 1:
        return _BUSSES
    return (_BUSSES[(port - 1) % len(_BUSSES)],)

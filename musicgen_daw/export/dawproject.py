"""The session as a DAWproject, with its sound inside, in either of two flavours of clips.

Each cue is a folder of tracks, one a stem, with the chosen take on it; the mix is muted where the
stems that it is the sum of are there. Starts, hits and ends of cues are markers. Everything is in
seconds with unstretched sound, so that no reader stretches anything. Where a clip is to lie inside
another one, as Bitwig writes them and some readers want them, ask for ``nested``.

What the format can't carry: sample rate, frame rate and start timecode of the session, other
takes, and regions.

Source: DAWproject 1.0, https://github.com/bitwig/dawproject
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from importlib.metadata import version
from itertools import count
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.export.arrangement import LaidCue, LaidStem, lay_out, other_takes
from musicgen_daw.export.files import Archive, CopyOf
from musicgen_daw.export.marker_text import cue_start, markers_of
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.tempo_steps import tempo_steps
from musicgen_daw.export.xml_text import document
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import Span

__all__ = ["archive", "losses", "project_xml"]


def archive(session: Session, *, nested: bool = False) -> Archive:
    """Return the project file: two documents, then the chosen takes' stems."""
    stems = [stem for laid in lay_out(session) for _, _, stem in _chosen(laid)]
    return Archive(
        (
            ("metadata.xml", _metadata_xml(session)),
            ("project.xml", project_xml(session, nested=nested)),
            *((_inside(stem), CopyOf(stem.path)) for stem in stems),
        )
    )


def losses(session: Session) -> tuple[str, ...]:
    """Return what the file can't tell of this session, a sentence each."""
    start = session.start_timecode
    untold = f"DAWproject tells no timecode: set the start of the project to {start}"
    return (*([untold] if start.video_frames else []), *other_takes(session))


def project_xml(session: Session, *, nested: bool = False) -> bytes:
    """Return the document that tells tracks, clips, markers and tempo."""
    return _Project(session, nested).xml()


def _metadata_xml(session: Session) -> bytes:
    root = Element("MetaData")
    SubElement(root, "Title").text = one_line(session.title)
    if licence := session.licence():
        SubElement(root, "Copyright").text = one_line(licence)
    SubElement(root, "Comment").text = "AI-generated; made by musicgen_daw"
    return document(root)


def _chosen(laid: LaidCue) -> Iterator[tuple[LaidStem, PlacedCue, PlacedStem]]:
    for stem in laid.stems:
        placed = stem.of(laid.chosen)
        if laid.chosen is not None and placed is not None:
            yield stem, laid.chosen, placed


def _inside(stem: PlacedStem) -> str:
    """Return a stem's path inside the archive."""
    return f"audio/{stem.path.removeprefix('stems/')}"


class _Project:
    """The document while it is built; ids count up in the order of what they name."""

    def __init__(self, session: Session, nested: bool) -> None:
        self._session = session
        self._nested = nested
        self._numbers = count()

    def xml(self) -> bytes:
        cues = lay_out(self._session)
        root = Element("Project", version="1.0")
        SubElement(root, "Application", name="musicgen_daw", version=version("musicgen-daw"))
        tempo, meter = self._transport(root)
        structure = SubElement(root, "Structure")
        lanes = Element("Lanes", timeUnit="seconds", id=self._id())
        master = self._id()
        for laid in cues:
            self._cue(structure, lanes, laid, master)
        self._master(structure, master)
        arrangement = SubElement(root, "Arrangement", id=self._id())
        arrangement.append(lanes)
        self._markers(arrangement, cues)
        self._tempo(arrangement, tempo, meter)
        return document(root)

    def _id(self) -> str:
        return f"id{next(self._numbers)}"

    def _transport(self, root: Element) -> tuple[str, str]:
        """Tell the tempo and meter of the start; return the ids of both."""
        transport = SubElement(root, "Transport")
        first = next(tempo_steps(self._session.tempo_map))
        meter = first.meter or self._session.tempo_map.meters[0]
        tempo_id, meter_id = self._id(), self._id()
        SubElement(
            transport,
            "Tempo",
            id=tempo_id,
            name="Tempo",
            unit="bpm",
            value=decimal(first.bpm, 12),
        )
        SubElement(
            transport,
            "TimeSignature",
            id=meter_id,
            numerator=str(meter.numerator),
            denominator=str(meter.denominator),
        )
        return tempo_id, meter_id

    # -- tracks and clips ----------------------------------------------------------------------

    def _cue(self, structure: Element, lanes: Element, laid: LaidCue, master: str) -> None:
        """Add the folder of a cue to the structure, and the clips of its tracks to the lanes."""
        chosen = list(_chosen(laid))
        if not chosen:
            return
        name = one_line(laid.cue.name)
        folder = SubElement(structure, "Track", contentType="tracks", name=name, id=self._id())
        for stem, placed, file in chosen:
            track = SubElement(
                folder,
                "Track",
                contentType="audio",
                loaded="true",
                name=f"{name} {one_line(stem.name)}",
                id=self._id(),
            )
            self._channel(track, file.channels, stem.is_reference, "regular", master)
            lane = SubElement(lanes, "Lanes", track=track.attrib["id"], id=self._id())
            clips = SubElement(lane, "Clips", id=self._id())
            self._clip(clips, laid.stem_start_samples(placed), placed, file, name)

    def _master(self, structure: Element, channel_id: str) -> None:
        track = SubElement(structure, "Track", contentType="audio", name="Master", id=self._id())
        self._channel(track, 2, False, "master", None, channel_id)

    def _channel(
        self,
        track: Element,
        channels: int,
        is_muted: bool,
        role: str,
        destination: str | None,
        channel_id: str | None = None,
    ) -> None:
        told = {"audioChannels": str(channels), "role": role, "solo": "false"}
        if destination is not None:
            told["destination"] = destination
        channel = SubElement(track, "Channel", told, id=channel_id or self._id())
        SubElement(
            channel, "Mute", value="true" if is_muted else "false", id=self._id(), name="Mute"
        )
        limits = {"min": "0", "max": "1", "unit": "normalized", "value": "0.5"}
        SubElement(channel, "Pan", limits, id=self._id(), name="Pan")
        limits = {"min": "0", "max": "2", "unit": "linear", "value": "1"}
        SubElement(channel, "Volume", limits, id=self._id(), name="Volume")

    def _clip(
        self, clips: Element, start_samples: int, placed: PlacedCue, file: PlacedStem, name: str
    ) -> None:
        length_samples = placed.span.length_samples
        told = {
            "duration": self._seconds(length_samples),
            "contentTimeUnit": "seconds",
            "playStart": "0",
            "fadeTimeUnit": "seconds",
            "fadeInTime": "0",  # fades are in the sound itself
            "fadeOutTime": "0",
        }
        clip = SubElement(clips, "Clip", told, time=self._seconds(start_samples), name=name)
        if placed.loop_samples == Span(0, length_samples):
            clip.attrib |= {"loopStart": "0", "loopEnd": told["duration"]}
        if self._nested:
            inside = SubElement(clip, "Clips", id=self._id())
            clip = SubElement(inside, "Clip", told, time="0")
        audio = SubElement(
            clip,
            "Audio",
            channels=str(file.channels),
            duration=told["duration"],
            sampleRate=str(self._session.sample_rate),
            id=self._id(),
        )
        SubElement(audio, "File", path=_inside(file))

    # -- time ----------------------------------------------------------------------------------

    def _markers(self, arrangement: Element, cues: Sequence[LaidCue]) -> None:
        markers = markers_of([laid.cue for laid in cues], cue_start)
        if not markers:  # the schema wants one at least
            return
        parent = SubElement(arrangement, "Markers", timeUnit="seconds", id=self._id())
        for marker in markers:
            SubElement(parent, "Marker", time=decimal(marker.at_s, 12), name=marker.text)

    def _tempo(self, arrangement: Element, tempo: str, meter: str) -> None:
        steps = list(tempo_steps(self._session.tempo_map))
        points = SubElement(
            arrangement, "TempoAutomation", timeUnit="seconds", unit="bpm", id=self._id()
        )
        SubElement(points, "Target", parameter=tempo)
        for step in steps:
            told = {"time": decimal(step.at_s, 12), "value": decimal(step.bpm, 12)}
            SubElement(points, "RealPoint", told, interpolation="hold")
        points = SubElement(
            arrangement, "TimeSignatureAutomation", timeUnit="seconds", id=self._id()
        )
        SubElement(points, "Target", parameter=meter)
        for step in steps:
            if step.meter is not None:
                SubElement(
                    points,
                    "TimeSignaturePoint",
                    time=decimal(step.at_s, 12),
                    numerator=str(step.meter.numerator),
                    denominator=str(step.meter.denominator),
                )

    def _seconds(self, samples: int) -> str:
        return decimal(Fraction(samples, self._session.sample_rate), 12)

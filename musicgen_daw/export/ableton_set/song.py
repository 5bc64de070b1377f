"""The whole set: tracks, tempo and meters of the master track, locators, and Live's own views."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.export.ableton_set.elements import Pointees, child, empty, text_of, values
from musicgen_daw.export.ableton_set.tracks import (
    add_audio_track,
    add_device_chain,
    add_devices,
    add_follow_action,
    add_grid,
    add_sequencer,
    add_track_head,
    add_track_middle,
)
from musicgen_daw.export.arrangement import lanes
from musicgen_daw.export.laid_sheet import laid_sheet
from musicgen_daw.export.marker_text import cue_start, markers_of
from musicgen_daw.export.tempo_steps import TempoStep, tempo_steps
from musicgen_daw.export.xml_text import document
from musicgen_daw.session import Session
from musicgen_daw.timeline import MeterChange

__all__ = ["encode", "meter_number"]

_VERSION = {
    "MajorVersion": "5",
    "MinorVersion": "11.0_11300",
    "SchemaChangeCount": "3",
    "Creator": "musicgen_daw",
    "Revision": "",
}
_BEFORE_ALL = "-63072000"
"""The beat at which Live tells what an automated parameter begins with."""

_FOUR_FOUR = 201


def encode(session: Session) -> bytes:
    """Return the document that a set's file holds packed."""
    root = Element("Ableton", _VERSION)
    song = SubElement(root, "LiveSet")
    next_pointee = SubElement(song, "NextPointeeId")
    values(song, OverwriteProtectionNumber=2816, LomId=0, LomIdView=0)
    pointees = Pointees()
    tracks = SubElement(song, "Tracks")
    for number, (name, clips) in enumerate(lanes(session), 1):
        add_audio_track(tracks, session, number, name, clips, pointees)
    _add_master(song, session, pointees)
    _add_cue_track(song, pointees)
    _add_transport(song)
    _add_locators(song, session)
    _add_views(song, session)
    next_pointee.attrib["Value"] = str(pointees.next_id())
    return document(root)


def meter_number(meter: MeterChange) -> int | None:
    """Return Live's number for a meter, ``None`` where it has none."""
    power = meter.denominator.bit_length() - 1
    if not (1 <= meter.numerator <= 99 and power <= 4 and meter.denominator == 1 << power):
        return None
    return 99 * power + meter.numerator - 1


def _add_master(song: Element, session: Session, pointees: Pointees) -> None:
    steps = list(tempo_steps(session.tempo_map))
    meters = [
        (step.at_beats, number)
        for step in steps
        if step.meter and (number := meter_number(step.meter)) is not None
    ]
    track = SubElement(song, "MasterTrack")
    add_track_head(track, "Master")
    envelopes = SubElement(SubElement(track, "AutomationEnvelopes"), "Envelopes")
    add_track_middle(track)
    chain = add_device_chain(track, "AudioIn/External/S0", "AudioOut/External/S0", pointees)
    mixer = chain[-1]
    tempo = pointees.amount(mixer, "Tempo", steps[0].bpm, "60", "200")
    first = meters[0][1] if meters and not meters[0][0] else _FOUR_FOUR
    meter = pointees.choice(mixer, "TimeSignature", first)
    pointees.amount(mixer, "GlobalGrooveAmount", 100, "0", "131.25")
    pointees.amount(mixer, "CrossFade", 0, "-1", "1")
    values(mixer, TempoAutomationViewBottom=60, TempoAutomationViewTop=200)
    frozen = SubElement(SubElement(chain, "FreezeSequencer"), "AudioSequencer", Id="0")
    add_sequencer(frozen, pointees, has_slot=False)
    add_devices(chain)
    changes = [(text_of(at_beats), str(number)) for at_beats, number in meters if at_beats]
    _add_envelope(envelopes, 0, meter, "EnumEvent", [(_BEFORE_ALL, str(first)), *changes])
    _add_envelope(envelopes, 1, tempo, "FloatEvent", _tempo_events(steps))


def _tempo_events(steps: list[TempoStep]) -> Iterable[tuple[str, str]]:
    """Yield beats and tempos: between two events a tempo glides, so a step is two at one beat."""
    bpm = text_of(steps[0].bpm)
    yield _BEFORE_ALL, bpm
    for step in steps[1:]:
        following = text_of(step.bpm)
        if following != bpm:
            at_beats = text_of(step.at_beats)
            yield at_beats, bpm
            yield at_beats, following
            bpm = following


def _add_envelope(
    envelopes: Element, number: int, target: int, kind: str, told: Iterable[tuple[str, str]]
) -> None:
    envelope = SubElement(envelopes, "AutomationEnvelope", Id=str(number))
    child(envelope, "EnvelopeTarget", PointeeId=target)
    automation = SubElement(envelope, "Automation")
    events = SubElement(automation, "Events")
    for place, (at_beats, value) in enumerate(told):
        SubElement(events, kind, Id=str(place), Time=at_beats, Value=value)
    view = child(automation, "AutomationTransformViewState", IsTransformPending=False)
    empty(view, "TimeAndValueTransforms")


def _add_cue_track(song: Element, pointees: Pointees) -> None:
    """Add the track that sounds are tried on before they are heard."""
    track = SubElement(song, "PreHearTrack")
    add_track_head(track, "Master")
    empty(SubElement(track, "AutomationEnvelopes"), "Envelopes")
    add_track_middle(track)
    chain = add_device_chain(track, "AudioIn/External/S0", "AudioOut/External/S0", pointees)
    frozen = SubElement(SubElement(chain, "FreezeSequencer"), "AudioSequencer", Id="0")
    add_sequencer(frozen, pointees, has_slot=False)
    add_devices(chain)
    empty(song, "SendsPre")


def _add_transport(song: Element) -> None:
    """Add one scene, as many as the tracks have slots, and where playing begins."""
    scene = SubElement(SubElement(song, "Scenes"), "Scene", Id="0")
    add_follow_action(scene)
    values(scene, Name="", Annotation="", Color=-1, Tempo=120, IsTempoEnabled=False)
    values(scene, TimeSignatureId=_FOUR_FOUR, IsTimeSignatureEnabled=False, LomId=0)
    SubElement(scene, "ClipSlotsListWrapper", LomId="0")
    transport = child(song, "Transport", PhaseNudgeTempo=10, LoopOn=False, LoopStart=0)
    values(transport, LoopLength=16, LoopIsSongStart=False, CurrentTime=0)
    values(transport, PunchIn=False, PunchOut=False, MetronomeTickDuration=0, DrawMode=False)
    place = SubElement(song, "SongMasterValues")
    SubElement(place, "SessionScrollerPos", X="0", Y="0")
    empty(song, "SignalModulations")
    values(song, GlobalQuantisation=4, AutoQuantisation=0)
    add_grid(song, "Grid")
    child(song, "ScaleInformation", RootNote=0, Name="Major")
    values(song, InKey=False, SmpteFormat=0)
    child(song, "TimeSelection", AnchorTime=0, OtherTime=0)
    navigator = SubElement(song, "SequencerNavigator")
    child(navigator, "BeatTimeHelper", CurrentZoom=Fraction(1, 4))
    SubElement(navigator, "ScrollerPos", X="0", Y="0")
    SubElement(navigator, "ClientSize", X="528", Y="437")


def _add_locators(song: Element, session: Session) -> None:
    locators = SubElement(SubElement(song, "Locators"), "Locators")
    marks = markers_of(laid_sheet(session).cues, cue_start)
    for number, mark in enumerate(marks):
        locator = SubElement(locators, "Locator", Id=str(number))
        at_beats = session.tempo_map.beats_at(mark.at_s)
        values(locator, LomId=0, Time=at_beats, Name=mark.text, Annotation="", IsSongStart=False)


def _add_views(song: Element, session: Session) -> None:
    empty(song, "DetailClipKeyMidis")
    for what in ("Tracks", "VisibleTracks", "ReturnTracks", "Scenes", "CuePoints"):
        SubElement(song, f"{what}ListWrapper", LomId="0")
    told = ("AI-generated; made by musicgen_daw", session.licence())
    values(song, ChooserBar=0, Annotation="; ".join(filter(None, told)))
    values(song, SoloOrPflSavedValue=True, SoloInPlace=True, CrossfadeCurve=2)
    values(song, LatencyCompensation=2, HighlightedTrackIndex=0)
    pool = child(song, "GroovePool", LomId=0)
    empty(pool, "Grooves")
    values(song, AutomationMode=False, SnapAutomationToGrid=True, ArrangementOverdub=False)
    values(song, ColorSequenceIndex=0)
    child(song, "AutoColorPickerForPlayerAndGroupTracks", NextColorIndex=0)
    child(song, "AutoColorPickerForReturnAndMasterTracks", NextColorIndex=0)
    values(song, ViewData="{}", MidiFoldIn=False, MidiFoldMode=0, MultiClipFocusMode=False)
    values(song, MultiClipLoopBarHeight=0, MidiPrelisten=False)
    empty(song, "LinkedTrackGroups")
    values(song, AccidentalSpellingPreference=3, PreferFlatRootNote=False)
    values(song, UseWarperLegacyHiQMode=False)
    unset = "-2147483648"
    SubElement(song, "VideoWindowRect", Top=unset, Left=unset, Bottom=unset, Right=unset)
    values(song, ShowVideoWindow=True, TrackHeaderWidth=93, ViewStateArrangerHasDetail=True)
    values(song, ViewStateSessionHasDetail=True, ViewStateDetailIsSample=False)
    shown = ("IO", "Returns", "Mixer")
    views = {f"Session{what}": 1 for what in (*shown, "Sends")}
    views |= {f"Arranger{what}": 1 for what in shown}
    hidden = {"SessionTrackDelay": 0, "SessionCrossFade": 0, "ArrangerTrackDelay": 0}
    child(song, "ViewStates", **views, **hidden, SessionShowOverView=0, ArrangerShowOverView=1)

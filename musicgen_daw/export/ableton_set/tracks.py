"""Tracks of a set: a name, a mixer, and a sequencer with clips at their beats."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.export.ableton_set.elements import Pointees, child, empty, values
from musicgen_daw.export.arrangement import LaidClip
from musicgen_daw.session import Session

__all__ = [
    "add_audio_track",
    "add_device_chain",
    "add_devices",
    "add_follow_action",
    "add_grid",
    "add_sequencer",
    "add_track_head",
    "add_track_middle",
]

_SOFTEST, _LOUDEST = "0.0003162277571", "1.99526238"
_IN_PROJECT = 3
_SOUND_FILE = 2
_NO_SCROLL = -1073741824
_MODULATED = ("Volume", "Transposition", "GrainSize", "Flux", "SampleOffset")


def add_audio_track(
    parent: Element,
    session: Session,
    number: int,
    name: str,
    clips: Sequence[LaidClip],
    pointees: Pointees,
) -> None:
    """Add a track; clips that are the mix of others are there and switched off."""
    track = SubElement(parent, "AudioTrack", Id=str(number))
    add_track_head(track, name)
    child(child(track, "AutomationEnvelopes"), "Envelopes")
    add_track_middle(track)
    values(track, SavedPlayingSlot=-1, SavedPlayingOffset=0, Freeze=False, VelocityDetail=0)
    values(track, NeedArrangerRefreeze=True, PostProcessFreezeClips=0)
    chain = add_device_chain(track, "AudioIn/External/S0", "AudioOut/Master", pointees)
    main = SubElement(chain, "MainSequencer")
    events = add_sequencer(main, pointees, has_slot=True)
    for place, clip in enumerate(clips):
        _add_clip(events, session, place, clip)
    add_sequencer(SubElement(chain, "FreezeSequencer"), pointees, has_slot=True)
    add_devices(chain)


def add_track_head(track: Element, name: str) -> None:
    """Add what every track begins with, up to its automation."""
    values(track, LomId=0, LomIdView=0, IsContentSelectedInDocument=False)
    values(track, PreferredContentViewMode=0)
    child(track, "TrackDelay", Value=0, IsValueSampleBased=False)
    child(
        track, "Name", EffectiveName=name, UserName=name, Annotation="", MemorizedFirstClipName=""
    )
    values(track, Color=0)


def add_track_middle(track: Element) -> None:
    """Add what every track has after its automation."""
    values(track, TrackGroupId=-1, TrackUnfolded=True)
    SubElement(track, "DevicesListWrapper", LomId="0")
    SubElement(track, "ClipSlotsListWrapper", LomId="0")
    values(track, ViewData="{}")
    lanes = SubElement(track, "TakeLanes")
    empty(lanes, "TakeLanes")
    values(lanes, AreTakeLanesFolded=True)
    values(track, LinkedTrackGroupId=-1)


def add_device_chain(track: Element, source: str, destination: str, pointees: Pointees) -> Element:
    """Add the chain of a track up to its mixer, and return it."""
    chain = SubElement(track, "DeviceChain")
    outer = SubElement(chain, "AutomationLanes")
    lane = SubElement(SubElement(outer, "AutomationLanes"), "AutomationLane", Id="0")
    values(lane, SelectedDevice=0, SelectedEnvelope=0)
    values(lane, IsContentSelectedInDocument=False, LaneHeight=68)
    values(outer, AreAdditionalAutomationLanesFolded=False)
    view = child(chain, "ClipEnvelopeChooserViewState", SelectedDevice=0, SelectedEnvelope=0)
    values(view, PreferModulationVisible=False)
    routes = {
        "AudioInputRouting": (source, "Ext. In", "1/2"),
        "MidiInputRouting": ("MidiIn/External.All/-1", "Ext: All Ins", ""),
        "AudioOutputRouting": (destination, "Master", ""),
        "MidiOutputRouting": ("MidiOut/None", "None", ""),
    }
    for tag, (target, upper, lower) in routes.items():
        child(chain, tag, Target=target, UpperDisplayString=upper, LowerDisplayString=lower)
    _add_mixer(SubElement(chain, "Mixer"), pointees)
    return chain


def add_devices(chain: Element) -> None:
    """Add the place for effects, which is empty."""
    empty(SubElement(chain, "DeviceChain"), "Devices", "SignalModulations")


def _add_head(device: Element, pointees: Pointees) -> None:
    """Add what mixers and sequencers begin with."""
    values(device, LomId=0, LomIdView=0, IsExpanded=True)
    pointees.switch(device, "On", True)
    values(device, ModulationSourceCount=0)
    SubElement(device, "ParametersListWrapper", LomId="0")
    SubElement(device, "Pointee", Id=str(pointees.next_id()))
    values(device, LastSelectedTimeableIndex=0, LastSelectedClipEnvelopeIndex=0)
    empty(SubElement(device, "LastPresetRef"), "Value")
    empty(device, "LockedScripts")
    values(device, IsFolded=False, ShouldShowPresetName=False, UserName="", Annotation="")
    empty(SubElement(device, "SourceContext"), "Value")


def _add_mixer(mixer: Element, pointees: Pointees) -> None:
    _add_head(mixer, pointees)
    empty(mixer, "Sends")
    pointees.switch(mixer, "Speaker", True)
    values(mixer, SoloSink=False, PanMode=0)
    pointees.amount(mixer, "Pan", 0, "-1", "1")
    pointees.amount(mixer, "SplitStereoPanL", -1, "-1", "1")
    pointees.amount(mixer, "SplitStereoPanR", 1, "-1", "1")
    pointees.amount(mixer, "Volume", 1, _SOFTEST, _LOUDEST)
    values(mixer, ViewStateSesstionTrackWidth=93)  # so spelt by Live
    pointees.choice(mixer, "CrossFadeState", 1)
    SubElement(mixer, "SendsListWrapper", LomId="0")


def add_sequencer(sequencer: Element, pointees: Pointees, *, has_slot: bool) -> Element:
    """Fill a sequencer, and return what its clips go into.

    A slot for each scene, of which a set has one, is there where ``has_slot``.
    """
    _add_head(sequencer, pointees)
    slots = SubElement(sequencer, "ClipSlotList")
    if has_slot:
        slot = SubElement(slots, "ClipSlot", Id="0")
        values(slot, LomId=0)
        empty(SubElement(slot, "ClipSlot"), "Value")
        values(slot, HasStop=True, NeedRefreeze=True)
    values(sequencer, MonitoringEnum=1)
    arranged = SubElement(SubElement(sequencer, "Sample"), "ArrangerAutomation")
    events = SubElement(arranged, "Events")
    view = child(arranged, "AutomationTransformViewState", IsTransformPending=False)
    empty(view, "TimeAndValueTransforms")
    for what in _MODULATED:
        pointees.target(sequencer, f"{what}ModulationTarget")
    values(sequencer, PitchViewScrollPosition=_NO_SCROLL)
    values(sequencer, SampleOffsetModulationScrollPosition=_NO_SCROLL)
    child(sequencer, "Recorder", IsArmed=False, TakeCounter=1)
    return events


def _add_clip(events: Element, session: Session, number: int, laid: LaidClip) -> None:
    """Add a clip: its place is in beats, but what it plays of its file in seconds."""
    rate = session.sample_rate
    start_beats = session.tempo_map.beats_at(Fraction(laid.start_samples, rate))
    end_beats = session.tempo_map.beats_at(Fraction(laid.end_samples, rate))
    length_s = Fraction(laid.cue.span.length_samples, rate)
    clip = SubElement(events, "AudioClip", Id=str(number))
    values(clip, LomId=0, LomIdView=0, CurrentStart=start_beats, CurrentEnd=end_beats)
    clip.attrib["Time"] = clip[2].attrib["Value"]
    loop = child(clip, "Loop", LoopStart=0, LoopEnd=length_s, StartRelative=0, LoopOn=False)
    values(loop, OutMarker=length_s, HiddenLoopStart=0, HiddenLoopEnd=length_s)
    values(clip, Name=f"{laid.cue.name} - {laid.stem.name}", Annotation="", Color=0)
    values(clip, LaunchMode=0, LaunchQuantisation=0)
    meters = SubElement(SubElement(clip, "TimeSignature"), "TimeSignatures")
    meter = SubElement(meters, "RemoteableTimeSignature", Id="0")
    values(meter, Numerator=4, Denominator=4, Time=0)
    empty(SubElement(clip, "Envelopes"), "Envelopes")
    child(clip, "ScrollerTimePreserver", LeftTime=0, RightTime=end_beats - start_beats)
    child(clip, "TimeSelection", AnchorTime=0, OtherTime=0)
    values(clip, Legato=False, Ram=False)
    child(clip, "GrooveSettings", GrooveId=-1)
    values(clip, Disabled=laid.is_reference, VelocityAmount=0)
    add_follow_action(clip)
    add_grid(clip, "Grid")
    values(clip, FreezeStart=0, FreezeEnd=0, IsWarped=False, TakeId=1)
    _add_sample(clip, session, laid)
    onsets = SubElement(clip, "Onsets")
    empty(onsets, "UserOnsets")
    values(onsets, HasUserOnsets=False)
    _add_playing(clip)


def add_follow_action(parent: Element) -> None:
    """Add that nothing follows."""
    action = child(parent, "FollowAction", FollowTime=4, IsLinked=True, LoopIterations=1)
    values(action, FollowActionA=4, FollowActionB=0, FollowChanceA=100, FollowChanceB=0)
    values(action, JumpIndexA=1, JumpIndexB=1, FollowActionEnabled=False)


def add_grid(parent: Element, tag: str) -> None:
    """Add the lines of an editor."""
    grid = child(parent, tag, FixedNumerator=1, FixedDenominator=16, GridIntervalPixel=20)
    values(grid, Ntoles=2, SnapToGrid=True, Fixed=False)


def _add_sample(clip: Element, session: Session, laid: LaidClip) -> None:
    sample = SubElement(clip, "SampleRef")
    file = SubElement(sample, "FileRef")
    values(file, RelativePathType=_IN_PROJECT)
    # A path stays as it is, whatever signs it has.
    SubElement(file, "RelativePath", Value=laid.stem.path)
    values(file, Path="", Type=_SOUND_FILE, LivePackName="", LivePackId="")
    values(file, OriginalFileSize=0, OriginalCrc=0)
    values(sample, LastModDate=0)
    empty(sample, "SourceContext")
    values(sample, SampleUsageHint=0, DefaultDuration=laid.cue.span.length_samples)
    values(sample, DefaultSampleRate=session.sample_rate)


def _add_playing(clip: Element) -> None:
    """Add how the sound is played: as it is."""
    values(clip, WarpMode=0, GranularityTones=30, GranularityTexture=65, FluctuationTexture=25)
    values(clip, TransientResolution=6, TransientLoopMode=2, TransientEnvelope=100)
    values(clip, ComplexProFormants=100, ComplexProEnvelope=128, Sync=True, HiQ=True, Fade=False)
    fades = child(clip, "Fades", FadeInLength=0, FadeOutLength=0, ClipFadesAreInitialized=True)
    values(fades, CrossfadeInState=0, FadeInCurveSkew=0, FadeInCurveSlope=0)
    values(fades, FadeOutCurveSkew=0, FadeOutCurveSlope=0)
    values(fades, IsDefaultFadeIn=False, IsDefaultFadeOut=False)
    values(clip, PitchCoarse=0, PitchFine=0, SampleVolume=1, MarkerDensity=2, AutoWarpTolerance=4)
    markers = SubElement(clip, "WarpMarkers")
    SubElement(markers, "WarpMarker", Id="0", SecTime="0", BeatTime="0")
    SubElement(markers, "WarpMarker", Id="1", SecTime="0.015625", BeatTime="0.03125")
    empty(clip, "SavedWarpMarkersForStretched")
    values(clip, MarkersGenerated=True, IsSongTempoMaster=False)

"""Arguments for the Wwise Authoring API: what the table tells, and what it can't.

Experimental: they follow the documents, and were never sent to a Wwise. They make the same objects
as the table, and then give segments their length and cues, playlists their segments, and themes a
state group that chooses among their playlists. Audio files are named relative to this file; the API
wants them absolute.

Source: Audiokinetic, Wwise SDK, ak.wwise.core.audio.import and ak.wwise.core.object.set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from musicgen_daw.export.game.music import GameMusic, Layer, Segment
from musicgen_daw.export.game.wwise.objects import WwiseObject
from musicgen_daw.export.timeline_json import number

__all__ = ["encode"]

_ENTRY, _EXIT, _CUSTOM = 0, 1, 2
_ENDLESS = 0
_ITEM_IS_SEGMENT = 1
_PLAYLIST, _SWITCH_CONTAINER = "Music Playlist Container", "Music Switch Container"
_STATES = r"\States\Default Work Unit"
_SLOTS_SINCE = "2025.1"
"""From here on each entry of a list of references stands in an object of its own."""

_UP = "../../"  # from wwise/VERSION to the output folder


def encode(music: GameMusic, objects: Sequence[WwiseObject], version: str) -> str:
    """Return the calls in their order, each with its URI and its arguments, as JSON in ASCII.

    ``version`` is the Wwise that they are for, one of ``SOUND_ROOTS``.
    """
    imports = [_import(made, made.layer) for made in objects if made.layer]
    changes = [
        *_segments(music, objects),
        *_playlists(objects),
        *_state_groups(music),
        *_themes(music, objects, version),
    ]
    settings = {"importOperation": "useExisting", "default": {"importLanguage": "SFX"}}
    calls = [_call("ak.wwise.core.audio.import", settings, "imports", imports)]
    if changes:
        settings = {"onNameConflict": "merge", "listMode": "replaceAll"}
        calls.append(_call("ak.wwise.core.object.set", settings, "objects", changes))
    warning = "Never sent to a Wwise. Make each audioFile absolute before you send it."
    listed = ",\n".join(calls)
    return f'{{"experimental": "{warning}",\n"calls": [\n{listed}\n]}}\n'


def _call(uri: str, settings: dict[str, Any], key: str, listed: Sequence[dict[str, Any]]) -> str:
    """Return a call with one line a member of its list: indented, it takes ten times as long."""
    head = json.dumps(settings).removesuffix("}")
    lines = ",\n".join(map(json.dumps, listed))
    return f'{{"uri": "{uri}", "arguments": {head}, "{key}": [\n{lines}\n]}}}}'


def _import(made: WwiseObject, layer: Layer) -> dict[str, str]:
    told = {"audioFile": f"{_UP}{layer.path}", "objectPath": made.typed_path}
    return {**told, "event": f"\\Events\\Default Work Unit\\{made.event}"} if made.event else told


def _segments(music: GameMusic, objects: Sequence[WwiseObject]) -> Iterator[dict[str, Any]]:
    for made in objects:
        segment = made.segment
        if segment is None or made.type != "Music Segment":
            continue
        yield {
            "object": made.path,
            "@EndPosition": _ms(segment.length_samples, music.sample_rate),
            **_clock(segment),
            "@Cues": list(_cues(segment, music.sample_rate)),
        }


def _clock(segment: Segment) -> dict[str, Any]:
    if segment.tempo_map is None:
        return {}
    meter = segment.tempo_map.meters[0]
    return {
        "@OverrideClockSettings": True,
        "@Tempo": number(segment.tempo_map.tempos[0].bpm),
        "@TimeSignatureUpper": meter.numerator,
        "@TimeSignatureLower": meter.denominator,
    }


def _cues(segment: Segment, sample_rate: int) -> Iterator[dict[str, Any]]:
    places = [
        ("Entry Cue", _ENTRY, segment.entry_samples),
        ("Exit Cue", _EXIT, segment.exit_samples),
        *((hit.name, _CUSTOM, hit.at_samples) for hit in segment.hits),
    ]
    for name, kind, at_samples in places:
        at_ms = _ms(at_samples, sample_rate)
        yield {"type": "MusicCue", "name": name, "@CueType": kind, "@TimeMs": at_ms}


def _playlists(objects: Sequence[WwiseObject]) -> Iterator[dict[str, Any]]:
    items: dict[object, list[dict[str, Any]]] = {}  # by the place of the playlist
    for made in objects:
        if made.type == "Music Segment":
            items.setdefault(made.steps[:-1], []).append(
                {
                    "type": "MusicPlaylistItem",
                    "name": "",
                    "@Segment": made.path,
                    "@PlaylistItemType": _ITEM_IS_SEGMENT,
                }
            )
    for made in objects:
        if made.type == _PLAYLIST and made.segment is not None:
            endless = {"@LoopCount": _ENDLESS} if made.segment.kind == "loop" else {}
            root = {"type": "MusicPlaylistItem", "name": "", **endless}
            children = items.get(made.steps, [])
            yield {"object": made.path, "@PlaylistRoot": {**root, "children": children}}


def _state_groups(music: GameMusic) -> Iterator[dict[str, Any]]:
    """Make a state group a theme, before anything refers to it."""
    for theme in music.themes:
        states = [{"type": "State", "name": state.name} for state in theme.states]
        group = {"type": "StateGroup", "name": theme.name, "children": states}
        yield {"object": _STATES, "children": [group]}


def _themes(
    music: GameMusic, objects: Sequence[WwiseObject], version: str
) -> Iterator[dict[str, Any]]:
    """Let the state of its group choose the playlist of a theme."""
    playlists = {made.steps[-1][1]: made.path for made in objects if made.type == _PLAYLIST}
    holders = {made.steps[-1][1]: made.path for made in objects if made.type == _SWITCH_CONTAINER}
    for theme in music.themes:
        group = rf"{_STATES}\{theme.name}"
        entries = [
            {
                "type": "MultiSwitchEntry",
                "name": "",
                "@EntryPath": _references(
                    "EntryPathSlot", "@EntryPathObject", rf"{group}\{state.name}", version
                ),
                "@AudioNode": playlists[state.name],
            }
            for state in theme.states
        ]
        yield {
            "object": holders[theme.name],
            "@Arguments": _references("MusicArgumentsSlot", "@Argument", group, version),
            "@Entries": entries,
        }


def _references(slot: str, key: str, path: str, version: str) -> list[Any]:
    return [{"type": slot, "name": "", key: path} if version >= _SLOTS_SINCE else path]


def _ms(samples: int, sample_rate: int) -> float | int:
    return number(Fraction(1000 * samples, sample_rate))

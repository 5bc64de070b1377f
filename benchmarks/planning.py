"""Plan of a sheet of 10 000 cues with 500 tempo changes, against mido reading the same file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import mido
from measure import Row, in_turns

from musicgen_daw import Project

CUES = 10_000
TEMPO_CHANGES = 500


def write_sheet(path: Path) -> None:
    """Write a MIDI file with a marker every two bars and tempo changes all along."""
    track = mido.MidiTrack()
    presets = ("tense-strings", "lofi-study", "deep-drone", "chiptune-adventure")
    change_every = CUES // TEMPO_CHANGES
    for number in range(CUES):
        if number % change_every == 0:
            tempo = 500_000 + 997 * (number // change_every)
            track.append(mido.MetaMessage("set_tempo", tempo=tempo, time=0))
        text = f"{number} Cue [{presets[number % 4]}]: dark and slow number {number}"
        track.append(mido.MetaMessage("marker", text=text, time=0))
        track.append(mido.MetaMessage("text", text="", time=4 * 4 * 480))
    track.append(mido.MetaMessage("marker", text="END", time=0))
    midi = mido.MidiFile(ticks_per_beat=480)
    midi.tracks.append(track)
    midi.save(path)


def rows() -> list[Row]:
    """Time reading and planning apart, keys of all clips included."""
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "long.mid"
        write_sheet(sheet)
        project = Project.open(sheet, store=Path(folder) / "store")
        plan_s, mido_s = in_turns(project.plan, lambda: mido.MidiFile(sheet), rounds=5)
        read_s, _ = in_turns(lambda: Project.open(sheet), lambda: mido.MidiFile(sheet), rounds=5)
    reference = f"mido.MidiFile of the same file ({mido_s:.2f} s)"
    return [
        Row(f"plan {CUES} cues", f"{plan_s:.2f} s, {plan_s / mido_s:.1f} x", reference, "< 2 s"),
        Row(f"read {CUES} cues", f"{read_s:.2f} s, {read_s / mido_s:.1f} x", reference),
    ]

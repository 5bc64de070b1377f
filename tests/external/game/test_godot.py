"""Godot 3 imports the kit without a screen, and tells and plays what it made of it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from musicgen_daw.audio import Pcm
from musicgen_daw.export import CopyOf, export
from musicgen_daw.export.stems import Provenance, StemTags, stem_chunks
from musicgen_daw.export.wav import wav
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.session import PlacedCue, Session
from musicgen_daw.timeline import FRAME_RATES, Span, TempoMap, Timecode

pytestmark = pytest.mark.slow

KIT = "godot/My_game"
LENGTH = 6000
EDGE = 1000  # silence at both ends, which an importer that trims would take off
WHOLE, INNER = Span(0, LENGTH), Span(1000, 4000)

PROJECT = """config_version=4
[application]
config/name="test"
[audio]
mix_rate=48000
"""

TELL = """extends SceneTree
func _initialize():
    for path in OS.get_environment("SOUNDS").split("|"):
        var sound = load("res://" + path)
        var told = [sound.loop_mode, sound.loop_begin, sound.loop_end, sound.mix_rate]
        var frame_bytes = 4 if sound.stereo else 2
        var peak = 0
        for at in range(0, sound.data.size(), 2):
            var sample = sound.data[at] | sound.data[at + 1] << 8
            peak = max(peak, sample if sample < 32768 else 65536 - sample)
        told += [sound.data.size() / frame_bytes, sound.format, peak]
        print("TOLD ", path, "|", PoolStringArray(told).join(" "))
    quit()
"""

PLAY = """extends SceneTree
var record = AudioEffectRecord.new()
var seconds = 0.0
var done = false
func _initialize():
    var sound = load("res://" + OS.get_environment("SOUND"))
    sound.loop_end += int(OS.get_environment("LATER"))
    record.format = AudioStreamSample.FORMAT_16_BITS
    AudioServer.add_bus_effect(0, record)
    var player = AudioStreamPlayer.new()
    player.stream = sound
    root.add_child(player)
    record.set_recording_active(true)
    player.play()
func _idle(delta):
    seconds += delta
    if seconds > 0.8 and not done:
        done = true
        record.set_recording_active(false)
        record.get_recording().save_to_wav("res://heard.wav")
        quit()
    return false
"""


@dataclass(frozen=True, slots=True)
class Godot:
    """A Godot with a project of its own, and a home, so that nobody's settings count."""

    command: str
    project: Path

    @property
    def environment(self) -> dict[str, str]:
        home = str(self.project.parent / "home")
        places = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
        return {**os.environ, **dict.fromkeys(places, home), "LANG": "en"}

    def import_sounds(self) -> None:
        """Open the editor until it has imported everything: told to quit, it would not wait."""
        sounds = len(list(self.project.rglob("*.wav")))
        editor = subprocess.Popen(
            [self.command, "--path", str(self.project), "--editor"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        try:
            for _ in range(600):
                if len(list(self.project.glob(".import/*.md5"))) == sounds:
                    return
                time.sleep(0.1)
            pytest.fail("Godot did not import all sounds within a minute")
        finally:
            editor.kill()
            editor.wait()

    def run(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            [self.command, "--path", str(self.project), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            env={**self.environment, **environment},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def tell(self, *sounds: str) -> dict[str, dict[str, int]]:
        """Return what was imported, by the path of the sound."""
        (self.project / "tell.gd").write_text(TELL)
        output = self.run("-s", "tell.gd", SOUNDS="|".join(sounds))
        lines = [line[5:] for line in output.splitlines() if line.startswith("TOLD ")]
        keys = ("mode", "begin", "end", "rate", "frames", "format", "peak")
        return {
            path: dict(zip(keys, map(int, numbers.split()), strict=True))
            for path, numbers in (line.split("|") for line in lines)
        }

    def loop_period(self, sound: str, later: int) -> int:
        """Return how many samples one round of a loop lasts when it is played."""
        heard = self.project / "heard.wav"
        heard.unlink(missing_ok=True)
        (self.project / "play.gd").write_text(PLAY)
        self.run("-s", "play.gd", SOUND=sound, LATER=str(later))
        samples, rate = soundfile.read(heard, dtype="int16", always_2d=True)
        assert rate == 48_000
        falls = np.flatnonzero(np.diff(samples[:, 0].astype(int)) < -5000)
        periods = set(np.diff(falls).tolist())
        assert len(falls) > 3
        assert len(periods) == 1
        return int(periods.pop())


def shortened(session: Session) -> Session:
    """Return the session with all files of one length, and one loop that is a part of its file."""

    def short(number: int, placed: PlacedCue) -> PlacedCue:
        loop = placed.loop_samples and (INNER if number == 0 else WHOLE)
        return replace(placed, span=WHOLE, tail_samples=0, loop_samples=loop, hits=())

    return replace(session, cues=tuple(short(*each) for each in enumerate(session.cues)))


def write_sound(path: Path, loop: Span | None, prompt: str = "a prompt") -> None:
    """Write a quiet ramp between two silences, with all the chunks of a stem."""
    samples = np.zeros((2, LENGTH), np.int32)
    samples[:, EDGE:-EDGE] = np.arange(LENGTH - 2 * EDGE) * 2 + 1000
    pcm = Pcm(samples * 256, 48_000, "24")
    tags = StemTags(
        "game",
        "cue",
        "stem",
        1,
        0,
        Timecode(0, FRAME_RATES["25"]),
        Provenance("sketch", prompt=prompt),
        loop=loop,
        tempo_map=TempoMap.constant(120),
        markers=(Marker(100, "a hit"),),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        wav.write(file, pcm, stem_chunks(tags, pcm))


@pytest.fixture(scope="module")
def _godots() -> dict[str, Godot]:
    return {}


@pytest.fixture
def godot(
    program: Callable[..., str],
    game: Session,
    tmp_path_factory: pytest.TempPathFactory,
    _godots: dict[str, Godot],
) -> Godot:
    """A Godot that has imported the kit; it takes a while, so it is done once."""
    command = program("godot3-server", "godot3-headless")
    if command not in _godots:
        project = tmp_path_factory.mktemp("godot") / "project"
        session = shortened(game)
        written = 0
        loops = {stem.path: cue.loop_samples for cue in session.cues for stem in cue.stems}
        for file in export(session, "godot"):
            path = project / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(file.content, CopyOf):
                written += 1  # prompts of all lengths, so that chunks are as well
                write_sound(path, loops[file.content.path], "x" * written)
            else:
                assert isinstance(file.content, bytes)
                path.write_bytes(file.content)
        write_sound(project / "trimmed.wav", None)
        settings = (project / f"{KIT}/Credits_roll/mix.wav.import").read_text()
        for key in ("edit/trim", "edit/normalize"):
            assert f"{key}=false" in settings
            settings = settings.replace(f"{key}=false", f"{key}=true")
        (project / "trimmed.wav.import").write_text(settings)
        (project / "project.godot").write_text(PROJECT)
        (project.parent / "home").mkdir()
        _godots[command] = Godot(command, project)
        _godots[command].import_sounds()
    return _godots[command]


def test_loops_are_imported_with_our_points(godot: Godot) -> None:
    whole, inner = f"{KIT}/Village_calm/drums.wav", f"{KIT}/Village_full/bass.wav"
    told = godot.tell(whole, inner)
    assert [told[whole][key] for key in ("mode", "begin", "end")] == [1, 0, LENGTH - 1]
    assert [told[inner][key] for key in ("mode", "begin", "end")] == [1, 1000, 3999]


def test_loops_are_found_behind_chunks_of_any_length(godot: Godot) -> None:
    paths = sorted(godot.project.glob(f"{KIT}/Village*/*.wav"))
    told = godot.tell(*(str(path.relative_to(godot.project)) for path in paths))
    assert len(told) == 12
    assert {one["mode"] for one in told.values()} == {1}


def test_what_does_not_loop_is_imported_without_a_loop(godot: Godot) -> None:
    sound = f"{KIT}/Stinger_victory_t2/mix.wav"
    assert godot.tell(sound)[sound]["mode"] == 0


def test_sounds_keep_their_length_rate_and_level(godot: Godot) -> None:
    sounds = [f"{KIT}/Village_calm/{layer}.wav" for layer in ("mix", "drums", "bass")]
    sounds.append(f"{KIT}/Credits_roll/mix.wav")
    peak = (LENGTH - 2 * EDGE - 1) * 2 + 1000
    for told in godot.tell(*sounds).values():
        assert (told["frames"], told["rate"], told["format"]) == (LENGTH, 48_000, 1)
        assert abs(told["peak"] - peak) <= 1


def test_settings_beside_a_sound_are_what_counts(godot: Godot) -> None:
    told = godot.tell("trimmed.wav")["trimmed.wav"]
    assert told["frames"] < LENGTH
    assert told["peak"] > 20_000


def test_godot_3_plays_a_loop_of_a_wav_one_sample_short(godot: Godot) -> None:
    sound = f"{KIT}/Village_calm/mix.wav"
    assert godot.loop_period(sound, later=0) == LENGTH - 1
    assert godot.loop_period(sound, later=1) == LENGTH


def test_godot_takes_a_loop_outside_the_file_silently(godot: Godot) -> None:
    """Why a kit is refused whose loop leaves its file: here nobody else would notice."""
    project = godot.project.parent / "outside"
    project.mkdir()
    (project / "project.godot").write_text(PROJECT)
    write_sound(project / "wild.wav", WHOLE)
    content = (project / "wild.wav").read_bytes()
    last = (LENGTH - 1).to_bytes(4, "little")
    assert content.count(last) == 1
    (project / "wild.wav").write_bytes(content.replace(last, (9 * LENGTH).to_bytes(4, "little")))
    other = Godot(godot.command, project)
    other.import_sounds()
    assert other.tell("wild.wav")["wild.wav"]["end"] == 9 * LENGTH

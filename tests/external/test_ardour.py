"""Ardour itself, from 7 on, opens our session, reads back what is in it, and bounces our mix.

Debian has it: ``apt-get install ardour``.
"""

from __future__ import annotations

import os
import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.slow

TIMEOUT_S = 60
SUPERCLOCKS = 282_240_000 // 48_000  # of a sample

READ_BACK = """
AudioEngine:set_backend("None (Dummy)", "", "")
Session = load_session("{folder}", "{name}")
local function told(...)
  local words = {{}}
  for _, word in ipairs({{...}}) do words[#words + 1] = tostring(word) end
  print("READ\\t" .. table.concat(words, "\\t"))
end
for route in Session:get_tracks():iter() do
  for region in route:to_track():playlist():region_list():iter() do
    local file = region:source(0):to_filesource():path():match("[^/]+$")
    local sound = region:to_audioregion()
    local fades = sound:fade_in_active() or sound:fade_out_active()
    told("region", route:name(), file, region:position():samples(), region:length():samples(),
      route:muted(), fades)
  end
end
for location in Session:locations():list():iter() do
  told("location", location:name(), location:start():samples(), location:_end():samples(),
    location:is_mark(), location:is_range_marker())
end
local tempos = Temporal.TempoMap.read()
for beat = 0, 15 do
  local at = Temporal.timepos_t.from_ticks(beat * 1920 + 480)
  local meter = tempos:meter_at(at)
  told("tempo", beat + 0.25, tempos:quarters_per_minute_at(at), at:samples(),
    meter:divisions_per_bar(), meter:note_value())
end
local config = Session:cfg()
told("timecode", config:get_timecode_offset(), config:get_timecode_offset_negative(),
  Session:timecode_frames_per_second(), Session:timecode_drop_frames())
told("rate", Session:nominal_sample_rate())
close_session()
quit()
"""


class Ardour:
    """Runs Ardour's programs in a home of their own."""

    def __init__(self, programs: Any, home: Path) -> None:
        self.programs = programs
        self.home = home
        home.mkdir()

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        return {**kept, "HOME": str(self.home)}

    def run(self, *command: str | Path) -> str:
        done = subprocess.run(
            command,
            env=self.environment(),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        return done.stdout + done.stderr

    def read_back(self, session: Path) -> dict[str, list[list[str]]]:
        """Return what Ardour tells of a session, by kind."""
        script = self.home / "read_back.lua"
        script.write_text(READ_BACK.format(folder=session.parent, name=session.stem))
        output = self.run(self.programs.lua, script)
        told: dict[str, list[list[str]]] = {}
        for line in output.splitlines():
            if line.startswith("READ\t"):
                _, kind, *words = line.split("\t")
                told.setdefault(kind, []).append(words)
        assert "rate" in told, output
        return told

    def bounce(self, session: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Return what the session sounds like, ``(channels, samples)``."""
        path = self.home / "bounce.wav"
        path.unlink(missing_ok=True)  # a stale one would prove nothing
        output = self.run(
            self.programs.export, "-b", "float", "-o", path, session.parent, session.stem
        )
        assert path.is_file(), output
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        assert rate == 48_000
        return np.asarray(samples.T)


@pytest.fixture
def ardour(ardour_programs: Any, tmp_path: Path) -> Ardour:
    return Ardour(ardour_programs, tmp_path / "home")


def document(paths: list[Path]) -> Path:
    return next(path for path in paths if path.suffix == ".ardour")


def test_our_session_opens_with_everything_on_its_sample(film: Any, ardour: Ardour) -> None:
    told = ardour.read_back(document(film.hand_over("ardour")))
    assert sorted(told["region"]) == [
        ["bass", "a_t2_bass.wav", "48000", "96000", "false", "false"],
        ["drums", "a_t2_drums.wav", "48000", "96000", "false", "false"],
        ["drums 2", "b_t1_drums.wav", "123370", "68630", "false", "false"],
        ["mix", "a_t2_mix.wav", "48000", "96000", "true", "false"],
        ["mix 2", "b_t1_mix.wav", "123370", "68630", "true", "false"],
        ["mix 3", "c_t1_mix.wav", "192000", "89600", "false", "false"],
    ]
    assert told["location"] == [
        ["session", "0", "281600", "false", "false"],
        ["1M1 Chäse", "48000", "144000", "false", "true"],
        ["! slam", "72000", "72000", "true", "false"],
        ["1M2 <Look>", "123370", "192000", "false", "true"],
        ["1M3", "192000", "281600", "false", "true"],
        ["!", "224000", "224000", "true", "false"],
    ]
    assert told["rate"] == [["48000"]]
    assert told["timecode"] == [[str(36_000 * 48_000), "true", "25.0", "false"]]


def test_our_session_opens_with_our_tempo_and_meters(film: Any, ardour: Ardour) -> None:
    told = ardour.read_back(document(film.hand_over("ardour")))["tempo"]
    tempo_map = film.session.tempo_map
    assert len(told) == 16
    for beat, bpm, samples, numerator, denominator in told:
        meter = tempo_map.meter_at(Fraction(beat))
        assert float(bpm) == pytest.approx(float(tempo_map.tempo_at(Fraction(beat)).bpm), 1e-6)
        assert (int(numerator), int(denominator)) == (meter.numerator, meter.denominator)
        # Ardour rounds down, and its beats are whole superclocks.
        assert abs(int(samples) - tempo_map.seconds_at(Fraction(beat)) * 48_000) <= 1


def test_its_bounce_is_our_mix_to_the_last_bit(film: Any, ardour: Ardour) -> None:
    bounced = ardour.bounce(document(film.hand_over("ardour")))
    length_samples = 281_600
    assert bounced.shape == (2, length_samples)
    assert np.array_equal(bounced, film.mix[:, :length_samples])
    assert np.abs(bounced[:, 200_000:]).max() > 0.1  # the cue of one channel sounds, too


def test_a_region_that_is_off_by_one_sample_is_seen(film: Any, ardour: Ardour) -> None:
    session = document(film.hand_over("ardour"))
    text = session.read_text(encoding="utf-8")
    wrong = re.sub(rf"@a{123_370 * SUPERCLOCKS}\"", f'@a{123_371 * SUPERCLOCKS}"', text)
    assert wrong != text
    session.write_text(wrong, encoding="utf-8")
    told = ardour.read_back(session)["region"]
    assert ["drums 2", "b_t1_drums.wav", "123371", "68630", "false", "false"] in told
    bounced = ardour.bounce(session)
    assert not np.array_equal(bounced, film.mix[:, : bounced.shape[1]])

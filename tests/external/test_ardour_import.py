"""Ardour with its windows, from 7 on, imports our MIDI file and our stems, as a user would.

The tempo map is the MIDI file's, and each stem lies at its own time stamp. Debian has what is
needed: ``apt-get install ardour xvfb xdotool``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(shutil.which, ("Xvfb", "xdotool"))),
        reason="there is no screen for Ardour's windows: apt-get install xvfb xdotool",
    ),
]

TIMEOUT_S = 50

CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour><Config><Option name="hide-dummy-backend" value="0"/>
<Option name="try-autostart-engine" value="1"/><Option name="auto-analyse-audio" value="0"/>
</Config><Extra><AudioMIDISetup><EngineStates><State backend="None (Dummy)" driver="Normal Speed"
device="Silence" input-device="" output-device="" sample-rate="48000" buffer-size="1024"
n-periods="0" input-latency="0" output-latency="0" lm-input="" lm-output="" active="1"
use-buffered-io="0" midi-option="No MIDI I/O" lru="1700000000"><MIDIDevices/></State></EngineStates>
</AudioMIDISetup></Extra></Ardour>
"""

IMPORT = """
ardour {{ ["type"] = "SessionInit", name = "import-and-tell" }}
function factory() return function()
  local out = io.open("{out}", "w")
  local function told(...)
    local words = {{}}
    for _, word in ipairs({{...}}) do words[#words + 1] = tostring(word) end
    out:write(table.concat(words, "\\t") .. "\\n")
  end
  local function bring(files, tempo, at)
    local paths = C.StringVector()
    for _, file in ipairs(files) do paths:push_back(file) end
    Editor:do_import(paths, Editing.ImportDistinctFiles, Editing.ImportAsTrack,
      ARDOUR.SrcQuality.SrcBest, ARDOUR.MidiTrackNameSource.SMFTrackName, tempo, at,
      ARDOUR.PluginInfo(), ARDOUR.Track(), false)
  end
  bring({{ "{midi}" }}, ARDOUR.MidiTempoMapDisposition.SMFTempoUse, Temporal.timepos_t(0))
  -- The last position of all means: at the file's own time stamp.
  bring({{ {stems} }}, ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore,
    Temporal.timepos_t.max(Temporal.TimeDomain.AudioTime))
  for route in Session:get_tracks():iter() do
    for region in route:to_track():playlist():region_list():iter() do
      told("region", region:name(), region:position():samples(), region:length():samples())
    end
  end
  local tempos = Temporal.TempoMap.read()
  for beat = 0, 15 do
    local at = Temporal.timepos_t.from_ticks(beat * 1920 + 480)
    local meter = tempos:meter_at(at)
    told("tempo", beat + 0.25, tempos:quarters_per_minute_at(at), at:samples(),
      meter:divisions_per_bar(), meter:note_value())
  end
  told("done")
  out:close()
end end
"""


@contextmanager
def screen() -> Iterator[str]:
    """Hold a screen that nobody sees; yield its name."""
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield f":{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.communicate()


def imported(
    programs: Any, home: Path, midi: Path, stems: list[Path]
) -> dict[str, list[list[str]]]:
    """Return what Ardour tells of a new session after the import, by kind."""
    settings = home / ".config" / f"ardour{programs.release}"
    (settings / "scripts").mkdir(parents=True)
    (settings / f".a{programs.release}").touch()  # a user who has met the greeting already
    (settings / "config").write_text(CONFIG)
    out = home / "told.txt"
    out.unlink(missing_ok=True)  # a stale one would prove nothing
    script = IMPORT.format(out=out, midi=midi, stems=", ".join(f'"{stem}"' for stem in stems))
    (settings / "scripts" / "import.lua").write_text(script)
    with screen() as display:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        environment = {**kept, "HOME": str(home), "DISPLAY": display}
        command = [programs.window, "-n", "-a", "-N", str(home / "gui"), "-T", "import-and-tell"]
        with (home / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, cwd=home, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            _wait_for(out, environment)
        finally:
            process.kill()
            process.wait()
    told: dict[str, list[list[str]]] = {}
    for line in out.read_text(encoding="utf-8").splitlines():
        kind, *words = line.split("\t")
        told.setdefault(kind, []).append(words)
    return told


def _wait_for(out: Path, environment: dict[str, str]) -> None:
    """Wait until the script has told all, and start the engine where Ardour asks for it."""
    for _ in range(TIMEOUT_S):
        time.sleep(1)
        if out.exists() and out.read_text(encoding="utf-8").endswith("done\n"):
            return
        _press_start(environment)
    log = (out.parent / "log.txt").read_text(errors="replace")
    pytest.fail(f"Ardour told nothing in {TIMEOUT_S} s:\n{log[-2000:]}")


def _press_start(environment: dict[str, str]) -> None:
    def xdotool(*words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    found = xdotool("search", "--name", "Audio/MIDI Setup").split()
    if found:
        lines = xdotool("getwindowgeometry", "--shell", found[0]).splitlines()
        place = {name: int(value) for name, value in (line.split("=") for line in lines)}
        x, y = place["X"] + place["WIDTH"] - 60, place["Y"] + place["HEIGHT"] - 28
        xdotool("mousemove", str(x), str(y), "click", "1")


@pytest.mark.parametrize("stamps_off_by", [0, 1])
def test_stems_land_on_their_stamps_over_our_tempo_map(
    ardour_programs: Any, make_film: Callable[..., Any], tmp_path: Path, stamps_off_by: int
) -> None:
    """A stamp that is off by one sample is seen, so the positions are those of the stamps."""
    if ardour_programs.window is None:
        pytest.skip("this Ardour is without its windows: apt-get install ardour")
    # Ardour's import moves a change of tempo that is inside a beat to the next one.
    film = make_film(stamps_off_by=stamps_off_by, last_tempo_at_beats=Fraction(10))
    (midi,) = film.hand_over("midi")
    names = ("a/a_t2_drums", "b/b_t1_drums", "c/c_t1_mix")
    stems = [film.folder / f"stems/{name}.wav" for name in names]
    told = imported(ardour_programs, tmp_path / "home", midi, stems)

    by = stamps_off_by
    places = {name: (int(start), int(length)) for name, start, length in told["region"]}
    assert places == {
        "a_t2_drums": (48_000 + by, 96_000),
        "b_t1_drums": (123_370 + by, 68_630),
        "c_t1_mix": (192_000 + by, 83_200),
    }
    tempo_map = film.session.tempo_map
    for beat, bpm, samples, numerator, denominator in told["tempo"]:
        at = Fraction(beat)
        meter = tempo_map.meter_at(at)
        assert float(bpm) == pytest.approx(float(tempo_map.tempo_at(at).bpm), 1e-6)
        assert (int(numerator), int(denominator)) == (meter.numerator, meter.denominator)
        assert abs(int(samples) - tempo_map.seconds_at(at) * 48_000) <= 1

"""Plug-ins of the user's. None comes with this project: names and faults are tested with what
pedalboard would tell, the rest with any VST3 effect that MUSICGEN_DAW_TEST_PLUGIN names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from musicgen_daw.audio import Audio
from musicgen_daw.errors import PresetError
from musicgen_daw.mastering import check_chain, run_chain
from musicgen_daw.mastering.plugins import apply_settings, attribute_of, read_state, restore
from musicgen_daw.presets import PluginStep, PresetLibrary
from musicgen_daw.presets.schema import master_files
from musicgen_daw.project.environment import content_digest

RATE = 48_000


@dataclass(frozen=True)
class Parameter:
    name: str


class Plugin:
    """What pedalboard tells of a plug-in: python names, and parameters with displayed names."""

    def __init__(self, **displayed):
        self.parameters = {key: Parameter(name) for key, name in displayed.items()}


TAPE = {"output_gain_db": "Output Gain", "drive": "Drive", "mix_1": "Mix", "mix_2": "Mix"}


@pytest.mark.parametrize("name", ["Output Gain", "output  gain", "OUTPUT GAIN", "output_gain_db"])
def test_a_parameter_is_known_by_its_displayed_name(name):
    assert attribute_of(Plugin(**TAPE), name, "Tape.vst3") == "output_gain_db"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Ouput Gain", "Tape.vst3 has no parameter 'Ouput Gain' (did you mean 'Output Gain'?)"),
        ("Zzz", "has no parameter 'Zzz' (it has: Output Gain, Drive, Mix, Mix)"),
        ("Mix", "has several parameters 'Mix': tell which by mix_1 or mix_2"),
    ],
)
def test_a_name_that_is_none_or_several_is_told(name, message):
    with pytest.raises(ValueError, match="parameter") as refused:
        attribute_of(Plugin(**TAPE), name, "Tape.vst3")
    assert message in str(refused.value)


def test_settings_are_set_and_a_value_that_is_refused_is_told_with_its_name():
    class Strict(Plugin):
        @property
        def drive(self):
            return 0.0

        @drive.setter
        def drive(self, value):
            if value > 10:
                raise ValueError("out of range [0, 10]")
            self.driven = value

    plugin = Strict(**TAPE)
    apply_settings(plugin, {"Drive": 3.0, "Output Gain": -6.0}, "Tape.vst3")
    assert (plugin.driven, plugin.output_gain_db) == (3.0, -6.0)
    with pytest.raises(ValueError, match=r"Tape.vst3: Drive: out of range"):
        apply_settings(plugin, {"Drive": 30.0}, "Tape.vst3")


def test_a_plug_in_that_is_not_there_or_is_none_is_refused_with_its_place(tmp_path):
    nothing, junk = tmp_path / "No.vst3", tmp_path / "Junk.vst3"
    junk.write_bytes(b"no plug-in")
    with pytest.raises(PresetError, match=r"house \[\[master.chain\]\] 1: there is no plug-in"):
        check_chain([PluginStep(str(nothing))], "house")
    with pytest.raises(PresetError, match=r"1: Junk.vst3 can't be loaded: "):
        check_chain([PluginStep(str(junk))], "house")


def test_paths_in_a_preset_count_from_its_folder(tmp_path):
    (tmp_path / "tape.toml").write_text(
        "[[master.chain]]\nplugin = 'fx/Tape.vst3'\nstate = 'warm.vstpreset'\n"
        "parameters = { 'Output Gain' = -3, Drive = [['1|1', 0], ['5|1', 6]] }\n"
        "[[master.sends]]\nname = 'hall'\nchain = [{ plugin = 'fx/Hall.vst3', name = 'Big' }]\n"
    )
    preset = PresetLibrary(user=tmp_path).get("tape")
    root = str(tmp_path)
    assert [str(Path(path).relative_to(root)) for path in master_files(preset.master)] == [
        str(Path("fx/Tape.vst3")),
        "warm.vstpreset",
        str(Path("fx/Hall.vst3")),
    ]
    (step,) = preset.master.chain
    assert set(step.parameters) == {"Output Gain", "Drive"}


def test_what_a_plug_in_is_made_of_decides_the_files_that_are_made_with_it(tmp_path):
    bundle = tmp_path / "Tape.vst3"
    (bundle / "Contents").mkdir(parents=True)
    part = bundle / "Contents" / "tape.so"
    part.write_bytes(b"1.0")
    first = content_digest(str(bundle))
    assert content_digest(str(bundle)) == first
    part.write_bytes(b"1.0.1")
    assert content_digest(str(bundle)) != first
    assert content_digest(str(tmp_path / "none")) == "missing"


class Stateful:
    """What pedalboard shows of a plug-in that takes one state only."""

    def __init__(self):
        self.taken = None

    @property
    def raw_state(self):
        return self.taken

    @raw_state.setter
    def raw_state(self, content):
        if content != b"warm":
            raise RuntimeError("Failed to set\n  the state")
        self.taken = content

    def load_preset(self, path):
        self.taken = path


def test_a_state_goes_to_the_plug_in_as_bytes_and_a_preset_as_its_path(tmp_path):
    (tmp_path / "warm.bin").write_bytes(b"warm")
    (tmp_path / "warm.VSTPRESET").write_bytes(b"VST3\1\0\0\0")
    plugin = Stateful()
    restore(plugin, read_state(tmp_path / "warm.bin"), "Tape.vst3")
    assert plugin.taken == b"warm"
    restore(plugin, read_state(tmp_path / "warm.VSTPRESET"), "Tape.vst3")
    assert plugin.taken == str(tmp_path / "warm.VSTPRESET")
    (tmp_path / "cold.bin").write_bytes(b"cold")
    with pytest.raises(ValueError, match=r"Tape.vst3 does not take the state cold.bin: Failed to "):
        restore(plugin, read_state(tmp_path / "cold.bin"), "Tape.vst3")


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such file")


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("none.bin", lambda path: None, "can't be read: No such file"),
        ("folder.bin", Path.mkdir, "can't be read: Is a directory"),
        ("empty.bin", Path.touch, "is empty"),
        pytest.param("pipe.bin", lambda path: os.mkfifo(path), "is empty", marks=posix),
        pytest.param(
            "endless.bin",
            lambda path: path.symlink_to("/dev/zero"),
            "can't be read: File too large",
            marks=posix,
        ),
        ("bad.vstpreset", lambda path: path.write_bytes(b"no"), "is no VST3 preset: save it again"),
    ],
)
def test_a_state_that_is_none_is_told_before_the_plug_in_is_loaded(
    tmp_path, monkeypatch, name, make, message
):
    monkeypatch.setattr("musicgen_daw.mastering.plugins._MOST_STATE_BYTES", 1000)
    plugin, state = tmp_path / "Junk.vst3", tmp_path / name
    plugin.write_bytes(b"can't be loaded, which nobody tries")
    make(state)
    with pytest.raises(PresetError) as refused:
        check_chain([PluginStep(str(plugin), state=str(state))], "house")
    assert str(refused.value).startswith(f"house [[master.chain]] 1: state {state} {message}")


@pytest.fixture
def real():
    path = os.environ.get("MUSICGEN_DAW_TEST_PLUGIN")
    if not path:
        pytest.skip("no plug-in: name a VST3 effect in MUSICGEN_DAW_TEST_PLUGIN")
    return SimpleNamespace(path=path, step=PluginStep(path))


@pytest.mark.parametrize("channels", [1, 2])
def test_a_real_plug_in_runs_in_time_and_keeps_the_channels(real, channels):
    check_chain([real.step], "house")
    burst = np.hanning(2000) * np.sin(np.arange(2000) * 0.1) * 0.5
    audio = Audio(np.zeros((channels, RATE), np.float32), RATE)
    audio.samples[:, 20_000:22_000] = burst
    out = run_chain(audio, [real.step])
    assert out.channels == channels
    assert out.length_samples >= RATE
    lag = np.argmax(np.abs(np.correlate(out.samples[0], burst.astype(np.float32), "valid")))
    assert abs(int(lag) - 20_000) <= 48


def test_a_real_plug_in_tells_a_parameter_that_it_has_not(real):
    with pytest.raises(PresetError, match="has no parameter 'Qqqq'"):
        check_chain([PluginStep(real.path, parameters={"Qqqq": 1})], "house")

"""Unity's scripts in Mono: compiled against declarations of what they use of Unity, and run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from musicgen_daw.export import export
from musicgen_daw.session import Session

# What the scripts use of Unity, as its Scripting API declares it. JsonUtility gives one loop.
UNITY = """
namespace UnityEngine
{
    using MusicgenDaw;
    public enum AudioClipLoadType { DecompressOnLoad, CompressedInMemory, Streaming }
    public enum AudioCompressionFormat { PCM, Vorbis, ADPCM }
    public static class Debug
    {
        public static void LogWarning(object text) { System.Console.WriteLine("warning " + text); }
    }
    public static class JsonUtility
    {
        public static T FromJson<T>(string json)
        {
            if (json == "null") { return default(T); }
            GeneratedMusic.Variation variation = new GeneratedMusic.Variation
            {
                mix = new GeneratedMusic.SoundFile { path = "A/mix.wav" },
                layers = new[] { new GeneratedMusic.SoundFile { path = "A/drums.wav" } },
            };
            GeneratedMusic.Segment segment = new GeneratedMusic.Segment
            {
                name = "A", kind = json, variations = new[] { variation },
            };
            return (T)(object)new GeneratedMusic
            {
                format_version = 1, segments = new[] { segment },
            };
        }
    }
}

namespace UnityEditor
{
    using UnityEngine;
    public enum AudioSampleRateSetting { PreserveSampleRate, OptimizeSampleRate }
    public struct AudioImporterSampleSettings
    {
        public AudioClipLoadType loadType;
        public AudioCompressionFormat compressionFormat;
        public float quality;
        public AudioSampleRateSetting sampleRateSetting;
    }
    public class AssetImporter { public bool importSettingsMissing { get; set; } }
    public sealed class AudioImporter : AssetImporter
    {
        public AudioImporter()
        {
            forceToMono = true;
            defaultSampleSettings = new AudioImporterSampleSettings
            {
                loadType = AudioClipLoadType.Streaming,
                sampleRateSetting = AudioSampleRateSetting.OptimizeSampleRate,
            };
        }
        public bool forceToMono { get; set; }
        public bool ambisonic { get; set; }
        public AudioImporterSampleSettings defaultSampleSettings { get; set; }
    }
    public class AssetPostprocessor
    {
        public AssetImporter assetImporter { get; set; }
        public string assetPath { get; set; }
    }
}

public static class Program
{
    public static void Main(string[] arguments)
    {
        UnityEditor.AudioImporter importer = new UnityEditor.AudioImporter();
        importer.importSettingsMissing = arguments[1] == "new";
        MusicgenDaw.GeneratedMusicImporter script = new MusicgenDaw.GeneratedMusicImporter();
        script.assetImporter = importer;
        script.assetPath = arguments[0];
        System.Reflection.BindingFlags any = System.Reflection.BindingFlags.Instance
            | System.Reflection.BindingFlags.NonPublic;
        script.GetType().GetMethod("OnPreprocessAudio", any).Invoke(script, new object[0]);
        UnityEditor.AudioImporterSampleSettings settings = importer.defaultSampleSettings;
        System.Console.WriteLine(
            settings.loadType + " " + settings.sampleRateSetting + " " + importer.forceToMono);
    }
}
"""

UNTOUCHED = "Streaming OptimizeSampleRate True\n"


@pytest.fixture
def importer(program: Callable[..., str], game: Session, tmp_path: Path) -> Callable[..., str]:
    """Returns what the importer sets for a sound, where the manifest is of one text."""
    compiler, runtime = program("mcs"), program("mono", "cli")
    sources = [tmp_path / "Unity.cs"]
    sources[0].write_text(UNITY)
    for file in export(game, "unity"):
        if file.path.endswith(".cs"):
            assert isinstance(file.content, bytes)
            sources.append(tmp_path / Path(file.path).name)
            sources[-1].write_bytes(file.content)
    built = tmp_path / "importer.exe"
    command = [compiler, "-warnaserror", "-nowarn:0649", f"-out:{built}", *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

    def set_for(path: str, manifest: str, meta: str = "new") -> str:
        folder = tmp_path / "Assets" / "Kit"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "game.json").write_text(manifest)
        command = [runtime, str(built), path, meta]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return set_for


def test_sounds_keep_their_rate_and_channels(importer: Callable[..., str]) -> None:
    kept = "CompressedInMemory PreserveSampleRate False\n"
    assert importer("Assets/Kit/A/mix.wav", "loop") == kept
    assert importer("Assets/Kit/A/drums.wav", "loop") == kept


def test_stingers_are_ready_at_once(importer: Callable[..., str]) -> None:
    told = importer("Assets/Kit/A/mix.wav", "stinger")
    assert told == "DecompressOnLoad PreserveSampleRate False\n"


def test_other_sounds_and_settings_of_the_user_are_left_alone(
    importer: Callable[..., str],
) -> None:
    assert importer("Assets/Kit/A/door.wav", "loop") == UNTOUCHED
    assert importer("Assets/Elsewhere/A/mix.wav", "loop") == UNTOUCHED
    assert importer("Assets/Kit/A/mix.wav", "loop", "known") == UNTOUCHED


def test_a_manifest_that_is_none_is_told(importer: Callable[..., str]) -> None:
    told = importer("Assets/Kit/A/mix.wav", "null")
    assert told.startswith("warning Assets/Kit/A/mix.wav: the game.json above it can't be read: ")
    assert told.endswith(UNTOUCHED)

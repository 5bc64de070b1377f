// Sets how Unity imports the sounds of generated music: those below a folder whose game.json tells
// them. Other assets are not touched. Settings that you change by hand later stay, since this runs
// before the first import only.

using System.IO;
using UnityEditor;
using UnityEngine;

namespace MusicgenDaw
{
    public class GeneratedMusicImporter : AssetPostprocessor
    {
        private const string Manifest = "game.json";

        private void OnPreprocessAudio()
        {
            AudioImporter importer = (AudioImporter)assetImporter;
            if (!importer.importSettingsMissing)
            {
                return;
            }
            string folder = Path.GetDirectoryName(Path.GetDirectoryName(assetPath));
            if (string.IsNullOrEmpty(folder) || !File.Exists(Path.Combine(folder, Manifest)))
            {
                return;
            }
            GeneratedMusic music;
            try
            {
                music = GeneratedMusic.Parse(File.ReadAllText(Path.Combine(folder, Manifest)));
            }
            catch (System.Exception error)
            {
                Debug.LogWarning(assetPath + ": the " + Manifest + " above it can't be read: " + error.Message);
                return;
            }
            GeneratedMusic.Segment segment = SegmentOf(music, assetPath.Substring(folder.Length + 1));
            if (segment != null)
            {
                Set(importer, segment);
            }
        }

        private static GeneratedMusic.Segment SegmentOf(GeneratedMusic music, string path)
        {
            string wanted = path.Replace('\\', '/');
            foreach (GeneratedMusic.Segment segment in music.segments)
            {
                foreach (GeneratedMusic.Variation variation in segment.variations)
                {
                    if (variation.mix.path == wanted)
                    {
                        return segment;
                    }
                    foreach (GeneratedMusic.SoundFile layer in variation.layers)
                    {
                        if (layer.path == wanted)
                        {
                            return segment;
                        }
                    }
                }
            }
            return null;
        }

        private static void Set(AudioImporter importer, GeneratedMusic.Segment segment)
        {
            importer.forceToMono = false;
            importer.ambisonic = false;
            AudioImporterSampleSettings settings = importer.defaultSampleSettings;
            bool isStinger = segment.kind == "stinger";
            settings.loadType = isStinger
                ? AudioClipLoadType.DecompressOnLoad
                : AudioClipLoadType.CompressedInMemory;
            settings.compressionFormat = AudioCompressionFormat.Vorbis;
            settings.quality = 0.8f;
            settings.sampleRateSetting = AudioSampleRateSetting.PreserveSampleRate;
            importer.defaultSampleSettings = settings;
        }
    }
}

// Reads a game music manifest (game.json) in a game: GeneratedMusic.Parse(textAsset.text).
// Positions are samples from the start of a clip, ends are exclusive. JsonUtility knows no null:
// an unknown bpm, meter or level reads as 0 or "", and a segment that does not loop has Loops false.

using System;
using UnityEngine;

namespace MusicgenDaw
{
    [Serializable]
    public class GeneratedMusic
    {
        public int format_version;
        public string name;
        public string title;
        public int sample_rate;
        public Segment[] segments;
        public Theme[] themes;

        public static GeneratedMusic Parse(string json)
        {
            GeneratedMusic music = JsonUtility.FromJson<GeneratedMusic>(json);
            if (music == null || music.format_version != 1 || music.segments == null)
            {
                throw new FormatException("This is no game music manifest of version 1.");
            }
            return music;
        }

        public Segment Find(string segmentName)
        {
            return Array.Find(segments, segment => segment.name == segmentName);
        }

        [Serializable]
        public class Segment
        {
            public string name;
            public string title;
            public string kind;
            public int length_samples;
            public int entry_samples;
            public int exit_samples;
            public LoopPoints loop;
            public double bpm;
            public string meter;
            public double bars;
            public Hit[] hits;
            public string theme;
            public float intensity;
            public string licence;
            public Variation[] variations;

            public bool Loops
            {
                get { return kind == "loop"; }
            }
        }

        [Serializable]
        public class LoopPoints
        {
            public int start_samples;
            public int end_samples;
        }

        [Serializable]
        public class Hit
        {
            public string name;
            public int at_samples;
            public bool important;
        }

        [Serializable]
        public class Variation
        {
            public string name;
            public int take;
            public SoundFile mix;
            public SoundFile[] layers;
        }

        [Serializable]
        public class SoundFile
        {
            public string name;
            public string path;
            public int channels;
            public float integrated_lufs;
            public float true_peak_dbtp;
            public float enters_at_intensity;
        }

        [Serializable]
        public class Theme
        {
            public string name;
            public string title;
            public bool in_step;
            public string[] states;
        }
    }
}

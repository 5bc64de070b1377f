"""Write sound-design.csv: a batch of textures and impacts, three takes of each to choose from.

python examples/sound-design/make_sound_design.py
"""

from __future__ import annotations

import csv
from pathlib import Path

SHEET = Path(__file__).with_name("sound-design.csv")

COLUMNS = (
    "name",
    "length",
    "preset",
    "prompt",
    "takes",
    "seed",
    "end",
    "fade_in",
    "fade_out",
    "lufs",
)

SOUNDS = (
    # name, length, preset, prompt, end, fade in, fade out, loudness
    ("Ship hull", "00:20", "deep-drone", "steel hull, slow groans", "fade", "2", "4", "-24"),
    ("Reactor bed", "00:16", "deep-drone", "steady hum, no melody", "loop", "", "", "-26"),
    ("Alarm bed", "00:12", "tense-strings", "high strings, rising", "cut", "", "0.05", "-20"),
    ("Impact hall", "4.5", "action-hybrid", "one huge low hit, long tail", "ring", "", "1", "-16"),
    ("Memory", "00:18", "heartfelt-piano", "few notes, far away, tape", "fade", "1", "5", "-23"),
    ("Menu", "00:15", "lofi-study", "soft keys, no drums", "ring", "", "2", "-20"),
)  # fmt: skip


def main() -> None:
    with SHEET.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.writer(sheet, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, sound in enumerate(SOUNDS, start=1):
            name, length, preset, prompt, end, fade_in, fade_out, lufs = sound
            seed = str(10 * number)
            writer.writerow((name, length, preset, prompt, "3", seed, end, fade_in, fade_out, lufs))


if __name__ == "__main__":
    main()

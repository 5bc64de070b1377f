"""Write game.csv, the music of a small game as a list: loops at three intensities, and stingers.

The sheet has no starts, so every item stands alone. The loops of one place share theme, key and
tempo, so that the game can fade from one intensity to another at any bar. Stingers that are heard
often have two takes, for the game to take turns.

    python examples/game/make_game.py
"""

from __future__ import annotations

import csv
from pathlib import Path

SHEET = Path(__file__).with_name("game.csv")

COLUMNS = (
    "id", "name", "preset", "prompt", "bars", "seconds", "bpm", "key", "intensity", "theme", "end",
    "tail", "seed", "takes",
)  # fmt: skip

PLACES = (
    # name, preset, prompt, bars, bpm, key
    ("Village", "lofi-study", "warm evening, hammers far away", 8, 80, "G major"),
    ("Forest", "chiptune-adventure", "curious, walking", 8, 112, "A minor"),
    ("Dungeon", "deep-drone", "dripping water, distant chains", 8, 72, "C minor"),
    ("Battle", "action-hybrid", "drums of war, brass", 8, 144, "D minor"),
)
INTENSITIES = (("calm", "0.2"), ("alert", "0.55"), ("full", "0.95"))
STINGERS = (
    # name, preset, prompt, seconds, key, intensity, takes
    ("Stinger victory", "chiptune-adventure", "fanfare, bright", 4, "D major", "0.9", 1),
    ("Stinger defeat", "heartfelt-piano", "falling, alone", 5, "D minor", "0.4", 1),
    ("Stinger chest", "chiptune-adventure", "sparkling arpeggio upwards", 2, "G major", "0.6", 2),
    ("Stinger danger", "tense-strings", "sudden cluster, then silence", 3, "C minor", "1", 2),
)


def rows() -> list[dict[str, str]]:
    loops = [
        {
            "id": f"{place.lower()}-{level}",
            "name": f"{place} {level}",
            "preset": preset,
            "prompt": prompt,
            "bars": str(bars),
            "bpm": str(bpm),
            "key": key,
            "intensity": intensity,
            "theme": place.lower(),
            "end": "loop",
            "seed": str(100 * number),
        }
        for number, (place, preset, prompt, bars, bpm, key) in enumerate(PLACES, start=1)
        for level, intensity in INTENSITIES
    ]
    stingers = [
        {
            "id": name.lower().replace(" ", "-"),
            "name": name,
            "preset": preset,
            "prompt": prompt,
            "seconds": str(seconds),
            "key": key,
            "intensity": intensity,
            "end": "button",
            "tail": "1.5",
            "seed": str(10 * (90 + number)),
            "takes": str(takes),
        }
        for number, (name, preset, prompt, seconds, key, intensity, takes) in enumerate(
            STINGERS, start=1
        )
    ]
    return loops + stingers


def main() -> None:
    with SHEET.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.DictWriter(sheet, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    main()

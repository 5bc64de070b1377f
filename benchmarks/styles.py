"""Every style of the built-in composer, measured: ``python benchmarks/styles.py [STYLE …]``.

Renders each style with eight seeds in three lengths by the whole road, as files, and prints a table
of what they measure against what the style's pack promises. ``--sheets FOLDER`` writes a contact
sheet a style, too: the spectrogram and the piano roll of one cue. Needs ``pip install -e '.[dev]'``
and, for the sheets, matplotlib.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import listening
import numpy as np
import pyloudnorm
from numpy.typing import NDArray

from musicgen_daw import Project
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.sketch.styles.pack import StylePack

SEEDS = 8
LENGTHS_S = (6, 24, 60)
RATE = 48_000
HITS_S = {24: (7.31, 15.77), 60: (11.37, 29.83, 47.09)}
"""Off any grid; the second of them is an important one."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one cue measured; ``None`` where a measure has no meaning for it."""

    style: str
    seed: int
    seconds: int
    samples_off: int
    stems_off: float
    silent: float
    true_peak_db: float
    loudness_off: float
    in_scale: float
    hits_ms: tuple[float, ...]
    clicks: int
    tempo_off: tuple[float, bool] | None
    key_rank: int | None
    is_relative: bool
    colour: listening.Colour
    notes: str
    features: NDArray[np.float64] = field(repr=False)


def main() -> None:
    """Measure the named styles, or all, and print what they came to."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("styles", nargs="*", default=[], metavar="STYLE")
    arguments.add_argument("--seeds", type=int, default=SEEDS)
    arguments.add_argument("--sheets", type=Path)
    arguments.add_argument("--processes", type=int, default=2)
    asked = arguments.parse_args()
    names = asked.styles or list(STYLES)
    for name in set(names) - set(STYLES):
        arguments.error(f"there is no style {name!r}: one of {', '.join(STYLES)}")
    heard: list[Heard] = []
    print(HEADER)
    with ProcessPoolExecutor(asked.processes) as pool:
        for cues in pool.map(measured, names, [asked.seeds] * len(names)):
            heard += cues
            print(row(cues), flush=True)
    for line in summary(heard):
        print(line)
    if asked.sheets:
        import contact

        for name in names:
            contact.write_sheet(asked.sheets, name)


# -- making ------------------------------------------------------------------------------------


def measured(style: str, seeds: int) -> list[Heard]:
    """Render the cues of one style and measure them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheet = write_sheet(folder / "sheet.csv", STYLES[style], seeds)
        project = Project.open(sheet, output=folder / "out", store=folder / "store")
        for _ in project.render(project.plan()):
            pass
        manifest = json.loads((folder / "out" / "manifest.json").read_text())
        return [heard_of(folder / "out", style, cue) for cue in manifest["cues"]]


def write_sheet(path: Path, pack: StylePack, seeds: int) -> Path:
    """Write the cues of a style as a list, spread over its tempos, keys and modes."""
    low, high = pack.tempo_bpm
    rows = ["name,seconds,style,seed,bpm,key,hits"]
    for seed in range(seeds):
        bpm = round(low + (high - low) * seed / max(seeds - 1, 1))
        mode = pack.harmonies[seed % len(pack.harmonies)].modes[0]
        key = f"{pack.tonics[seed % len(pack.tonics)]} {mode}"
        for seconds in LENGTHS_S:
            hits = "; ".join(
                f"{'!' if number == 1 else ''}{at_s} hit"
                for number, at_s in enumerate(HITS_S.get(seconds, ()))
            )
            rows.append(f"s{seed}l{seconds},{seconds},{pack.name},{seed},{bpm},{key},{hits}")
    path.write_text("\n".join(rows) + "\n")
    return path


# -- measuring ---------------------------------------------------------------------------------


def heard_of(folder: Path, style: str, cue: dict[str, Any]) -> Heard:
    """Measure the files of one cue."""
    seed, seconds = map(int, cue["name"].removeprefix("s").split("l"))
    (take,) = cue["takes"]
    sounds = {stem["name"]: listening.read(folder / stem["path"])[0] for stem in take["stems"]}
    mix = sounds.pop("mix")
    facts = take["clips"][0]["facts"]
    notes = listening.notes_of(folder / "midi" / f"{cue['name']}.mid")
    key = Scale.parse(facts["key"])
    body = mix[:, : seconds * RATE]
    long = seconds > 10
    ranks = listening.key_ranks(body, RATE) if long else []
    asked = f"{listening._NAMES[key.tonic]}{'m' if key.is_minor else ''}"
    return Heard(
        style=style,
        seed=seed,
        seconds=seconds,
        samples_off=abs(mix.shape[1] - take["tail_samples"] - seconds * RATE),
        stems_off=float(np.abs(sum(sounds.values()) - mix).max()),
        silent=listening.silent_share(body, RATE),
        true_peak_db=listening.true_peak_db(mix, RATE),
        loudness_off=_loudness_off(mix, cue["request"]["asked"]["lufs"]) if long else 0.0,
        in_scale=listening.share_of_classes(notes, set(key.classes)),
        hits_ms=tuple(
            listening.rise_ms(sounds["fx"], RATE, hit["at_s"] - cue["start_s"])
            for hit in cue["hits"]
        ),
        clicks=sum(
            listening.clicks(sound, RATE)
            for name, sound in sounds.items()
            if name not in ("drums", "fx")
        ),
        tempo_off=(
            listening.tempo_ratio(listening.tempo_bpm(body, RATE), float(facts["bpm"]))
            if long and "drums" in sounds
            else None
        ),
        key_rank=ranks.index(asked) if ranks else None,
        is_relative=bool(ranks) and listening.relative_of(asked) == ranks[0],
        colour=listening.colour(body, RATE),
        notes=json.dumps(notes),
        features=listening.features(body, RATE),
    )


def _loudness_off(mix: listening.Sound, asked_lufs: float) -> float:
    return float(abs(pyloudnorm.Meter(RATE).integrated_loudness(mix.T) - asked_lufs))


# -- telling -----------------------------------------------------------------------------------

HEADER = (
    "| style | length | silence | peak | in scale | hits | tempo | key | clicks | tilt | crest "
    "| width | air | seeds differ |\n|" + " --- |" * 14
)


def row(cues: Sequence[Heard]) -> str:
    """Return the line of one style: worst cases, and how many cues are in range."""
    pack = STYLES[cues[0].style]
    hits = [abs(ms) for cue in cues for ms in cue.hits_ms]
    tempos = [cue.tempo_off for cue in cues if cue.tempo_off is not None]
    keys = [cue for cue in cues if cue.key_rank is not None]
    long = [cue for cue in cues if cue.seconds > 10]
    cells = [
        pack.name,
        "exact" if not any(cue.samples_off for cue in cues) else "off",
        f"{max(cue.silent for cue in cues):.1%}",
        f"{max(cue.true_peak_db for cue in cues):.1f} dBTP",
        f"{min(cue.in_scale for cue in cues):.0%}",
        f"{max(hits):.1f} ms",
        _share([off <= 0.01 for off, _ in tempos]) if tempos else "no drums",
        f"{_share([c.key_rank == 0 for c in keys])}, "
        f"{_share([c.key_rank == 0 or c.is_relative for c in keys])}",
        str(sum(cue.clicks for cue in cues)),
        *(_range(long, pack, name) for name in ("tilt_db", "crest_db", "width", "air_db")),
        "yes" if len({cue.notes for cue in long}) == len(long) else "no",
    ]
    return f"| {' | '.join(cells)} |"


def _range(cues: Sequence[Heard], pack: StylePack, name: str) -> str:
    """Return the median of a measure of colour, its promised range, and the share within."""
    low, high = getattr(pack.measures, name)
    values = [getattr(cue.colour, name) for cue in cues]
    return (
        f"{np.median(values):.2f} in {low:g}…{high:g}: {_share([low <= v <= high for v in values])}"
    )


def _share(held: Sequence[bool]) -> str:
    return f"{sum(held)}/{len(held)}"


def summary(heard: Sequence[Heard]) -> Iterator[str]:
    """Yield a line for each measure over all styles, with its target."""
    long = [cue for cue in heard if cue.seconds > 10]
    hits = [abs(ms) for cue in heard for ms in cue.hits_ms]
    tempos = [cue.tempo_off for cue in heard if cue.tempo_off is not None]
    table: list[tuple[str, str, str]] = [
        ("samples off, at most", str(max(cue.samples_off for cue in heard)), "0"),
        ("stems against mix, at most", f"{max(cue.stems_off for cue in heard):g}", "0"),
        ("silence, at most", f"{max(cue.silent for cue in heard):.2%}", "< 2 %"),
        ("true peak, at most", f"{max(c.true_peak_db for c in heard):.2f} dBTP", "<= -1"),
        ("loudness off, at most", f"{max(c.loudness_off for c in heard):.2f} LU", ""),
        ("in scale, at least", f"{min(cue.in_scale for cue in heard):.1%}", ">= 98 %"),
        ("hits off, at most", f"{max(hits):.2f} ms", "<= 2 ms"),
        ("tempo within 1 %", _percent([off <= 0.01 for off, _ in tempos]), ">= 90 %"),
        ("… of them at another level", _percent([other for _, other in tempos]), ""),
        ("key ranked first", _percent([cue.key_rank == 0 for cue in long]), ">= 85 %"),
        (
            "key or its relative first",
            _percent([cue.key_rank == 0 or cue.is_relative for cue in long]),
            ">= 95 %",
        ),
        ("clicks", str(sum(cue.clicks for cue in heard)), "0"),
        ("all of the colour in range", _percent([_in_range(cue) for cue in long]), ">= 90 %"),
        ("twins among the seeds", str(_twins(long)), "0"),
        (
            "styles told apart",
            f"{listening.told_apart([(c.style, c.seed, c.features) for c in long]):.0%}",
            ">= 85 %",
        ),
    ]
    yield "\n| over all styles | measured | target |\n| --- | --- | --- |"
    for what, figure, target in table:
        yield f"| {what} | {figure} | {target} |"


def _percent(held: Sequence[bool]) -> str:
    return f"{sum(held) / max(len(held), 1):.0%}"


def _in_range(cue: Heard) -> bool:
    measures = STYLES[cue.style].measures
    ranges = {name: getattr(measures, name) for name in ("tilt_db", "crest_db", "width", "air_db")}
    return all(low <= getattr(cue.colour, name) <= high for name, (low, high) in ranges.items())


def _twins(cues: Sequence[Heard]) -> int:
    """Count the cues whose notes are those of another one of the same length."""
    return sum(times - 1 for times in Counter((cue.seconds, cue.notes) for cue in cues).values())


if __name__ == "__main__":
    main()

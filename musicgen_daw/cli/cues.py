"""``musicgen-daw cues``: what was read from a sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from musicgen_daw.cli.opening import open_project
from musicgen_daw.cli.options import (
    json_option,
    option,
    pass_settings,
    rate_option,
    sheet_argument,
    sheet_options,
)
from musicgen_daw.cli.text import print_json, print_table, printable
from musicgen_daw.errors import UsageError, did_you_mean
from musicgen_daw.settings import Settings

if TYPE_CHECKING:
    from musicgen_daw.timeline import CueSheet

__all__ = ["cues"]

DEFAULT_RATE = 48_000
MOST_ROWS = 40
"""A ramp of tempo has thousands of steps, and a terminal only some lines."""

MOST_SUGGESTIONS = 50
TEMPO_RANGE_BPM = (10, 400)
_BPM = r"(\d{1,3}(?:\.\d{1,3})?)"
_RANGE = re.compile(f"{_BPM}(?:-{_BPM})?", re.ASCII)


class _TempoRange(click.ParamType):  # type: ignore[type-arg]  # not generic in older versions
    """Two tempos, ``88-132``, or one."""

    name = "range"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Fraction, Fraction]:
        written = _RANGE.fullmatch(str(value))
        if written is None:
            self.fail(f"{value!r} is no range of tempos, such as 88-132", param, ctx)
        low, high = Fraction(written[1]), Fraction(written[2] or written[1])
        slowest, fastest = TEMPO_RANGE_BPM
        if not slowest <= low <= high <= fastest:
            self.fail(f"{value!r} must rise, within {slowest}-{fastest} bpm", param, ctx)
        return low, high


def _complete_formats(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from musicgen_daw.export.sheet_formats import SHEET_FORMATS

    return [name for name in SHEET_FORMATS if name.startswith(incomplete)]


@click.command()
@sheet_argument
@click.option(
    "--to",
    metavar="FORMAT",
    envvar="MUSICGEN_DAW_CUES_TO",
    shell_complete=_complete_formats,
    help="Convert the sheet instead: csv tsv mid reaper-csv edl resolve premiere otio …",
)
@option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for --to; a text goes to stdout without it.",
)
@option("--fit-tempo", is_flag=True, help="Rank steady tempos by how near the hits come to beats.")
@option(
    "--tempo-range",
    type=_TempoRange(),
    metavar="LOW-HIGH",
    help="Tempos that --fit-tempo tries, in quarter notes per minute (default 60-180).",
)
@option(
    "--hit-window",
    type=click.FloatRange(0, 1000),
    metavar="FRAMES",
    help="How many video frames a hit may be off and still be caught (default 2).",
)
@option(
    "--suggest",
    type=click.IntRange(1, MOST_SUGGESTIONS),
    metavar="N",
    help="Tempos that --fit-tempo tells of each cue (default 5).",
)
@rate_option
@sheet_options
@json_option
@pass_settings
def cues(
    settings: Settings,
    /,
    sheet: Path,
    to: str | None,
    output: Path | None,
    rate: int | None,
    as_json: bool,
    fit_tempo: bool,
    tempo_range: tuple[Fraction, Fraction] | None,
    hit_window: float | None,
    suggest: int | None,
    **flags: Any,
) -> None:
    """Show what was understood of a cue sheet: cues, hits, tempo; convert it; find its tempos."""
    from musicgen_daw.export.cue_table import cue_table

    _refuse_unknown_format(to)
    if fit_tempo and to is not None:
        raise UsageError("--fit-tempo and --to are two answers: ask for one of them")
    read = open_project(sheet, settings, flags).sheet
    sample_rate = rate or read.sample_rate or settings.rate or DEFAULT_RATE
    if to is not None:
        _convert(replace(read, sample_rate=rate or read.sample_rate), to.lower(), output)
    elif fit_tempo:
        _fit_tempo(read, str(sheet), tempo_range, hit_window, suggest, as_json)
    elif as_json:
        print_json(cue_table(read, sample_rate, str(sheet)))
    else:
        _print(cue_table(read, sample_rate, str(sheet)))
    for warning in read.warnings:
        click.echo(f"warning: {printable(str(warning))}", err=True)


def _fit_tempo(
    sheet: CueSheet,
    path: str,
    tempo_range: tuple[Fraction, Fraction] | None,
    hit_window: float | None,
    suggest: int | None,
    as_json: bool,
) -> None:
    from musicgen_daw.export.tempo_fits import tempo_fits

    fits = tempo_fits(
        sheet,
        path,
        range_bpm=tempo_range or (Fraction(60), Fraction(180)),
        window_video_frames=Fraction(2 if hit_window is None else str(hit_window)),
        most=suggest or 5,
    )
    if as_json:
        print_json(fits)
    else:
        _print_fits(fits)
    if not any(cue["hits"] for cue in fits["cues"]):
        click.echo(
            "warning: no cue has a hit: a marker '! door slam' inside one is a hit", err=True
        )


def _print_fits(fits: dict[str, Any]) -> None:
    rows = []
    for cue in fits["cues"]:
        tempos = [("now", cue["now"])] if cue["now"] else []
        tempos += [(str(number), fit) for number, fit in enumerate(cue["tempos"], 1)]
        for rank, fit in tempos:
            misses = [f"{hit['miss_video_frames']:+.1f}" for hit in fit["hits"]]
            rows.append(
                (
                    cue["name"],
                    rank,
                    f"{fit['bpm']:.1f}" if rank != "now" else f"{fit['bpm']:.3f}",
                    f"{fit['caught']} of {len(misses)}",
                    f"{fit['mean_miss_video_frames']:.2f}",
                    f"{fit['worst_miss_video_frames']:.2f}",
                    " ".join(misses),
                )
            )
    print_table(
        ("cue", "rank", "bpm", "caught", "mean miss", "worst", "misses in video frames"), rows
    )


def _refuse_unknown_format(name: str | None) -> None:
    from musicgen_daw.export.sheet_formats import SHEET_FORMATS

    if name is not None and name.lower() not in SHEET_FORMATS:
        nearest = did_you_mean(name.lower(), SHEET_FORMATS)
        raise UsageError(f"--to {name}{nearest}: a sheet can be {', '.join(SHEET_FORMATS)}")


def _convert(sheet: CueSheet, to: str, output: Path | None) -> None:
    """Write a sheet in another format, and tell what it loses there."""
    from musicgen_daw.export.sheet_formats import SHEET_FORMATS

    format_ = SHEET_FORMATS[to]
    if output is None and not format_.is_text:
        raise UsageError(f"--to {to} needs a file: add -o FILE{format_.suffix}")
    content = format_.encode(sheet)
    if output is None:
        click.echo(content, nl=False)
    else:
        from musicgen_daw.store.single import refuse_existing, write_single

        refuse_existing(output)
        write_single(output, content)
    for loss in format_.losses(sheet):
        click.echo(f"warning: {printable(loss)}", err=True)


def _print(values: dict[str, Any]) -> None:
    print_table(
        ("cue", "start", "bars", "seconds", "preset", "hits", "prompt"),
        [
            (
                cue["name"],
                cue["timecode"],
                None if cue["bars"] is None else f"{cue['bars']:.2f}",
                f"{cue['end_s'] - cue['start_s']:.3f}",
                cue["preset"],
                len(cue["hits"]),
                cue["prompt"],
            )
            for cue in values["cues"]
        ],
    )
    hits = [(cue["name"], hit) for cue in values["cues"] for hit in cue["hits"]]
    _print_part(
        ("hit", "seconds", "in cue", "", "prompt"),
        [
            (
                hit["name"],
                f"{hit['at_s']:.3f}",
                cue,
                "important" if hit["important"] else "",
                hit.get("prompt"),
            )
            for cue, hit in hits
        ],
    )
    _print_part(
        ("beats", "seconds", "bpm"),
        [
            (f"{change['at_beats']:g}", f"{change['at_s']:.3f}", f"{change['bpm']:.3f}")
            for change in values["tempo"]
        ],
    )
    _print_part(
        ("beats", "seconds", "meter"),
        [
            (f"{change['at_beats']:g}", f"{change['at_s']:.3f}", change["meter"])
            for change in values["meters"]
        ],
    )


def _print_part(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        click.echo()
        print_table(headings, rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        click.echo(f"… and {len(rows) - MOST_ROWS} more (--json has all)")

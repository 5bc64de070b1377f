"""``musicgen-daw cues``: what was read from a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
    **flags: Any,
) -> None:
    """Show what was understood of a cue sheet: cues, hits, tempo; or convert it."""
    from musicgen_daw.export.cue_table import cue_table

    _refuse_unknown_format(to)
    read = open_project(sheet, settings, flags).sheet
    sample_rate = rate or read.sample_rate or settings.rate or DEFAULT_RATE
    if to is not None:
        _convert(replace(read, sample_rate=rate or read.sample_rate), to.lower(), output)
    elif as_json:
        print_json(cue_table(read, sample_rate, str(sheet)))
    else:
        _print(cue_table(read, sample_rate, str(sheet)))
    for warning in read.warnings:
        click.echo(f"warning: {printable(str(warning))}", err=True)


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
        ("hit", "seconds", "in cue", ""),
        [
            (hit["name"], f"{hit['at_s']:.3f}", cue, "important" if hit["important"] else "")
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

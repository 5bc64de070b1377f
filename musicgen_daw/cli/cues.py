"""``musicgen-daw cues``: what was read from a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
from musicgen_daw.errors import UsageError
from musicgen_daw.settings import Settings

__all__ = ["cues"]

DEFAULT_RATE = 48_000
MOST_ROWS = 40
"""A ramp of tempo has thousands of steps, and a terminal only some lines."""


@click.command()
@sheet_argument
@option(
    "--to",
    type=click.Choice(["csv", "mid"], case_sensitive=False),
    help="Convert the sheet instead.",
)
@option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for --to; CSV goes to stdout without it.",
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
    from musicgen_daw.export.sheet import sheet_csv, sheet_midi
    from musicgen_daw.export.sheet_losses import losses

    project = open_project(sheet, settings, flags)
    read = project.sheet
    table = cue_table(read, rate or read.sample_rate or settings.rate or DEFAULT_RATE, str(sheet))
    if to is not None:
        content = sheet_csv(read).encode("utf-8") if to == "csv" else sheet_midi(read)
        _hand_over(content, to, output)
        for loss in losses(read, "csv" if to == "csv" else "mid"):
            click.echo(f"warning: {printable(loss)}", err=True)
    elif as_json:
        print_json(table)
    else:
        _print(table)
    for warning in read.warnings:
        click.echo(f"warning: {printable(str(warning))}", err=True)


def _hand_over(content: bytes, format_: str, output: Path | None) -> None:
    if output is None:
        if format_ != "csv":
            raise UsageError(f"--to {format_} needs a file: add -o FILE")
        click.echo(content.decode("utf-8"), nl=False)
        return
    from musicgen_daw.store.single import refuse_existing, write_single

    refuse_existing(output)
    write_single(output, content)


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

"""``musicgen-daw clip``: one clip, no sheet."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from musicgen_daw.cli.logs import verbose_option
from musicgen_daw.cli.opening import limits_of
from musicgen_daw.cli.options import (
    budget_option,
    clip_options,
    json_option,
    option,
    pass_settings,
    store_option,
    tries_option,
)
from musicgen_daw.cli.progress import observing, write_line
from musicgen_daw.cli.text import print_json, printable
from musicgen_daw.errors import UsageError
from musicgen_daw.settings import Settings

__all__ = ["clip"]


@click.command()
@click.argument("prompt")
@option("--seconds", metavar="S", default="10", show_default=True, help="Length: 12.5 or 1:30.")
@option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; its suffix tells the format.",
)
@option(
    "--stream",
    is_flag=True,
    help="Write a WAV to stdout while the clip is made, unmastered, by generators that can.",
)
@clip_options
@budget_option
@tries_option
@store_option
@json_option
@verbose_option
@pass_settings
def clip(
    settings: Settings,
    /,
    prompt: str,
    seconds: str,
    output: Path | None,
    stream: bool,
    store: Path | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Make one clip from a PROMPT."""
    from musicgen_daw.planning import PlanOptions
    from musicgen_daw.project.clip import make_clip, stream_clip

    limits = limits_of(settings, flags)
    others = ("rate", "budget", "tries")
    named = {name: value for name, value in flags.items() if name not in others}
    wishes = PlanOptions(sample_rate=flags["rate"], **named)
    if stream:
        _refuse_beside_stream(output, as_json)
        for part in stream_clip(
            prompt,
            _seconds(seconds),
            flags=wishes,
            settings=settings,
            store=store,
            observer=write_line,  # a progress bar would take stdout
        ):
            sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
        return
    if output is None:
        raise UsageError("nothing says where the clip goes: use -o FILE, or --stream")
    with observing() as observer:
        stem = make_clip(
            prompt,
            _seconds(seconds),
            output,
            flags=wishes,
            settings=settings,
            store=store,
            observer=observer,
            **limits,
        )
    if as_json:
        print_json(
            {
                "path": str(stem.path),
                "measured_lufs": stem.loudness_lufs,
                "measured_true_peak_dbtp": stem.true_peak_dbtp,
            }
        )
    else:
        click.echo(printable(str(stem.path)))


def _refuse_beside_stream(output: Path | None, as_json: bool) -> None:
    if output is not None or as_json:
        raise UsageError("--stream writes sound to stdout: leave out -o and --json")
    if sys.stdout.isatty():
        raise UsageError("--stream writes sound to stdout: send it on, as in '| aplay'")


def _seconds(text: str) -> Fraction:
    from musicgen_daw.cuesheets.times import parse_length

    try:
        return parse_length(text.strip())
    except ValueError:
        raise UsageError(f"--seconds {text!r} is no length, such as 12.5 or 1:30") from None

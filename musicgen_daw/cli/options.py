"""Flags that several commands share; every flag has an environment name.

No flag has a default here: what is not typed stays ``None``, so that a flag typed with the value
that would have been the default still rules over a preset.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = [
    "json_option",
    "only_option",
    "option",
    "plan_options",
    "sheet_argument",
    "sheet_options",
    "store_option",
]

ENVIRONMENT_PREFIX = "MUSICGEN_DAW_"

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def option(*names: str, **attributes: Any) -> Callable[[CommandT], CommandT]:
    """Declare a flag with its environment name: ``--bit-depth`` is ``MUSICGEN_DAW_BIT_DEPTH``."""
    flag = next(name for name in names if name.startswith("--"))
    variable = ENVIRONMENT_PREFIX + flag.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, **attributes)


def _complete_presets(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from musicgen_daw.presets import PresetLibrary

    names = [entry.name for entry in PresetLibrary(sheet=Path()).list()]
    return [name for name in names if name.startswith(incomplete)]


def _complete_backends(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from musicgen_daw.backends import registry

    return [name for name in registry.names() if name.startswith(incomplete)]


sheet_argument = click.argument(
    "sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
json_option = option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
store_option = option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the clip store, instead of your own.",
)
only_option = option(
    "--only", multiple=True, metavar="CUE", help="Work on this cue only; may be repeated."
)

_SHEET_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    option("--fps", metavar="RATE", help="Video frame rate: 23.976 24 25 29.97 29.97df 30 …"),
    option("--timecode-start", metavar="TC", help="Timecode of the sheet's start: 01:00:00:00."),
    option("--charset", metavar="NAME", help="Character set of the sheet's texts."),
)

_PLAN_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    option(
        "-p",
        "--preset",
        metavar="NAME",
        shell_complete=_complete_presets,
        help="Preset of cues that name none.",
    ),
    option(
        "-b",
        "--backend",
        metavar="NAME",
        shell_complete=_complete_backends,
        help="Generator: sketch, or one that you have installed.",
    ),
    option("--takes", type=click.IntRange(1, 64), help="Takes of each cue, siblings by seed."),
    option("--seed", type=click.IntRange(0), help="Seed of the whole sheet."),
    option("--rate", type=click.IntRange(8_000, 192_000), help="Sample rate of the session."),
    option("--bit-depth", type=click.Choice(["16", "24", "32f"]), help="Bit depth of the files."),
    option(
        "--format",
        "file_format",
        type=click.Choice(["wav", "flac", "aiff", "ogg", "mp3"]),
        help="File format of the stems.",
    ),
)


def _all_of(options: tuple[Callable[[Any], Any], ...], command: CommandT) -> CommandT:
    return functools.reduce(lambda wrapped, wrap: wrap(wrapped), reversed(options), command)


def sheet_options(command: CommandT) -> CommandT:
    """Add the flags that tell how a sheet is to be read."""
    return _all_of(_SHEET_OPTIONS, command)


def plan_options(command: CommandT) -> CommandT:
    """Add the flags that ``plan``, ``render`` and ``clip`` share."""
    return _all_of(_PLAN_OPTIONS, command)

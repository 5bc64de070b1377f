"""Flags that several commands share; every flag has an environment name.

No flag has a default here: what is not typed stays ``None``, so that a flag typed with the value
that would have been the default still rules over a preset.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click

from musicgen_daw import settings

__all__ = [
    "budget_option",
    "clip_options",
    "json_option",
    "only_option",
    "option",
    "pass_settings",
    "plan_options",
    "preset_option",
    "rate_option",
    "sheet_argument",
    "sheet_options",
    "signing_options",
    "store_option",
    "to_option",
    "tries_option",
]

ENVIRONMENT_PREFIX = "MUSICGEN_DAW_"

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def option(*names: str, **attributes: Any) -> Callable[[CommandT], CommandT]:
    """Declare a flag with its environment name: ``--bit-depth`` is ``MUSICGEN_DAW_BIT_DEPTH``."""
    flag = next(name for name in names if name.startswith("--"))
    variable = ENVIRONMENT_PREFIX + flag.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, **attributes)


def pass_settings(command: CommandT) -> CommandT:
    """Give a command the user's settings, read when it runs: its help needs none of them."""

    @functools.wraps(command)
    def with_settings(*arguments: Any, **flags: Any) -> Any:
        return command(settings.load(), *arguments, **flags)

    return with_settings  # type: ignore[return-value]  # the same but for the first argument


class _CueNames(click.types.StringParamType):
    """Names of cues, which hold blanks: in the environment a line end or ``;`` parts them."""

    name = "cue"

    def split_envvar_value(self, value: str) -> Sequence[str]:
        return [name.strip() for name in re.split(r"[\n;]", value) if name.strip()]


class _Dollars(click.ParamType):  # type: ignore[type-arg]  # not generic in older versions
    """An amount of money, exactly as it is typed."""

    name = "usd"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        low, high = settings.BUDGET_USD_RANGE
        try:
            amount = Decimal(str(value).strip())
        except InvalidOperation:
            self.fail(f"{value!r} is no amount of US dollars, such as 2.50", param, ctx)
        if not (amount.is_finite() and low <= amount <= high):
            self.fail(f"{value!r} must lie between {low} and {high} US dollars", param, ctx)
        return amount


def _complete_presets(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from musicgen_daw.presets import PresetLibrary

    names = [entry.name for entry in PresetLibrary(sheet=Path()).list()]
    return [name for name in names if name.startswith(incomplete)]


def _complete_exporters(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from musicgen_daw.export import exporter_names

    return [name for name in exporter_names() if name.startswith(incomplete)]


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
    "--only",
    type=_CueNames(),
    multiple=True,
    metavar="CUE",
    help="Work on this cue only; may be repeated.",
)
rate_option = option(
    "--rate",
    type=click.IntRange(*settings.SAMPLE_RATE_RANGE),
    help="Sample rate in Hz.",
)
budget_option = option(
    "--budget",
    type=_Dollars(),
    metavar="USD",
    help="Most that may be spent, in US dollars: stops before the call that could pass it.",
)
tries_option = option(
    "--tries",
    type=click.IntRange(*settings.TRIES_RANGE),
    help="How often a clip is made at most where it comes silent or cut short (default 2).",
)

to_option = option(
    "--to",
    multiple=True,
    metavar="NAME",
    shell_complete=_complete_exporters,
    help="Hand-off to write, such as reaper; may be repeated (default: those that are there). "
    "aaf and ableton-set are experimental.",
)

_SIGNING_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    option(
        "--c2pa-cert",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Certificate chain (PEM) to sign WAV, FLAC and MP3 with (C2PA, experimental).",
    ),
    option(
        "--c2pa-key",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Private key (PEM) of that certificate.",
    ),
    option("--c2pa-prompt", is_flag=True, help="Tell the prompt, too, in what is signed."),
)

_SHEET_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    option("--fps", metavar="RATE", help="Video frame rate: 23.976 24 25 29.97 29.97df 30 …"),
    option("--timecode-start", metavar="TC", help="Timecode of the sheet's start: 01:00:00:00."),
    option("--charset", metavar="NAME", help="Character set of the sheet's texts."),
)

preset_option = option(
    "-p",
    "--preset",
    metavar="NAME",
    shell_complete=_complete_presets,
    help="Preset whose [master] rules.",
)

_CLIP_OPTIONS: tuple[Callable[[Any], Any], ...] = (
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
        help="Generator: sketch (free), segmind (hosted, paid), or one that you have installed.",
    ),
    option(
        "--seed",
        type=click.IntRange(*settings.SEED_RANGE),
        help="Seed, from which all others come.",
    ),
    rate_option,
    option(
        "--bit-depth",
        type=click.Choice(settings.BIT_DEPTHS, case_sensitive=False),
        help="Bit depth of the files.",
    ),
    option(
        "--audio-prompt",
        type=click.Path(exists=True, dir_okay=False),
        help="Sound file to be continued, by generators that can.",
    ),
    option(
        "--melody",
        type=click.Path(exists=True, dir_okay=False),
        help="Sound file whose tune is to be followed, by generators that can.",
    ),
    option(
        "--negative-prompt",
        metavar="TEXT",
        help="What not to make, instead of what the preset says of it.",
    ),
    option(
        "--model",
        metavar="NAME",
        help="Checkpoint of the local engine: its folder, or the id of a downloaded one.",
    ),
    option("--precision", metavar="MODE", help="How it computes: fp32 (exact), bf16, int8 or kv8."),
    option(
        "--batch",
        type=click.IntRange(*settings.BATCH_RANGE),
        help="Clips that the local engine makes at once: fewer need less memory.",
    ),
    option(
        "--soundfont",
        type=click.Path(exists=True, dir_okay=False),
        help="SoundFont (SF2, SF3) that the built-in composer's scores are played with.",
    ),
    option("--device", metavar="NAME", help="What it runs on: auto, cpu, cuda, cuda:1, mps."),
)

_PLAN_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    *_CLIP_OPTIONS,
    option(
        "--takes",
        type=click.IntRange(*settings.TAKES_RANGE),
        help="Takes of each cue, siblings by seed.",
    ),
    option(
        "--format",
        "file_format",
        type=click.Choice(settings.FILE_FORMATS, case_sensitive=False),
        help="File format of the stems.",
    ),
)


def _all_of(options: tuple[Callable[[Any], Any], ...], command: CommandT) -> CommandT:
    return functools.reduce(lambda wrapped, wrap: wrap(wrapped), reversed(options), command)


def sheet_options(command: CommandT) -> CommandT:
    """Add the flags that tell how a sheet is to be read."""
    return _all_of(_SHEET_OPTIONS, command)


def signing_options(command: CommandT) -> CommandT:
    """Add the flags that tell who signs."""
    return _all_of(_SIGNING_OPTIONS, command)


def clip_options(command: CommandT) -> CommandT:
    """Add the flags that one clip has in common with a sheet."""
    return _all_of(_CLIP_OPTIONS, command)


def plan_options(command: CommandT) -> CommandT:
    """Add the flags that ``plan`` and ``render`` share."""
    return _all_of(_PLAN_OPTIONS, command)

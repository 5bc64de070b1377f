"""The command line: one thin function a verb, which parses, calls the project and prints.

Data goes to stdout, progress and warnings to stderr. Nothing heavy is imported before a command
needs it, so that ``--help`` and completions are quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from musicgen_daw import settings
from musicgen_daw.cli import clip, cues, doctor, plan, presets, render, takes, verify
from musicgen_daw.errors import MusicgenDawError

__all__ = ["main", "musicgen_daw"]

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="musicgen-daw", message="%(prog)s %(version)s")
@click.pass_context
def musicgen_daw(context: click.Context) -> None:
    """Turn cue sheets and prompt presets into mastered stems that open in place."""
    context.obj = settings.load()


for command in (
    render.render,
    plan.plan,
    cues.cues,
    clip.clip,
    presets.presets,
    takes.takes,
    verify.verify,
    doctor.doctor,
):
    musicgen_daw.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with one of the documented codes."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; a user's mistake gives no traceback."""
    try:
        code = musicgen_daw.main(args=arguments, prog_name="musicgen-daw", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except MusicgenDawError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted: what is finished is kept, run it again to continue", err=True)
        return INTERRUPTED
    return code if isinstance(code, int) else 0

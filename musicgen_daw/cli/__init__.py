"""The command line: one thin function a verb, which parses, calls the project and prints.

Data goes to stdout, progress and warnings to stderr. Nothing heavy is imported before a command
needs it, so that ``--help`` and completions are quick.
"""

from __future__ import annotations

import importlib
import io
import traceback
from collections.abc import Sequence

import click

from musicgen_daw.__main__ import INTERRUPTED
from musicgen_daw.cli.logs import redacted, verbose_option
from musicgen_daw.cli.text import printable_lines
from musicgen_daw.errors import MusicgenDawError

__all__ = ["musicgen_daw", "run"]

FAILED = 1
READER_GONE = 141
"""The exit code where nobody reads on, as shells have it for ``plan | head -1``."""


_VERBS = (
    "auth",
    "clip",
    "cues",
    "doctor",
    "export",
    "jobs",
    "master",
    "models",
    "plan",
    "presets",
    "render",
    "serve",
    "takes",
    "verify",
)
"""The commands, each in the module of its name, which is loaded when it is asked for."""


class _Program(click.Group):
    """The commands, of which any may write to a reader who has enough."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*_VERBS, *super().list_commands(context)})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in _VERBS and name not in self.commands:
            module = importlib.import_module(f"musicgen_daw.cli.{name}")
            self.add_command(getattr(module, name))
        return super().get_command(context, name)

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise click.exceptions.Exit(READER_GONE) from None


@click.group(
    cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="musicgen-daw", message="%(prog)s %(version)s")
@verbose_option
def musicgen_daw() -> None:
    """Turn cue sheets and prompt presets into mastered stems that open in place."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; a user's mistake gives no traceback."""
    try:
        code = musicgen_daw.main(args=arguments, prog_name="musicgen-daw", standalone_mode=False)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        _complain(shown.getvalue().rstrip())
        return error.exit_code
    except MusicgenDawError as error:
        _complain(f"error: {error}")
        return error.exit_code
    except OSError as error:  # a full disk or terminal: the system's fault, and told as such
        named = f"{error.filename}: " if error.filename else ""
        _complain(f"error: {named}{error.strerror or 'the system refused'}")
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted: what is finished is kept, and a render goes on if it is run again")
        return INTERRUPTED
    except Exception:  # noqa: BLE001  # a fault of this program, told in full but for the keys
        _complain(traceback.format_exc().rstrip())
        return FAILED
    return code if isinstance(code, int) else 0


def _complain(text: str) -> None:
    click.echo(printable_lines(redacted(text)), err=True)

"""``musicgen-daw takes``: keep, lock and reject takes from the terminal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from musicgen_daw.cli.options import json_option
from musicgen_daw.cli.text import print_json, print_table
from musicgen_daw.errors import UsageError

if TYPE_CHECKING:
    from musicgen_daw.planning import Verdict

__all__ = ["takes"]

_VERDICTS: dict[str, Verdict] = {"keep": "keep", "lock": "lock", "reject": "reject"}
_ACTIONS = (*_VERDICTS, "unlock", "clear")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("action", type=click.Choice(_ACTIONS), required=False)
@click.argument("cue", required=False)
@click.argument("take", type=click.IntRange(1), required=False)
@json_option
def takes(
    folder: Path, action: str | None, cue: str | None, take: int | None, as_json: bool
) -> None:
    """List the takes in FOLDER, or keep, lock, reject, unlock or clear a TAKE of a CUE.

    A kept or locked take is never replaced, whatever the sheet says later; a rejected one gives
    way to the next take. The next render goes by it.
    """
    from musicgen_daw.project import listening

    if action is not None:
        if cue is None or take is None:
            raise UsageError(f"{action} what? name a cue and the number of a take")
        if action == "unlock":
            listening.unlock(folder, cue, take)
        elif action == "clear":
            listening.clear(folder, cue, take)
        else:
            listening.judge(folder, cue, take, _VERDICTS[action])
    listed = listening.list_takes(folder)
    if as_json:
        print_json([asdict(entry) for entry in listed])
        return
    print_table(
        ("cue", "take", "verdict", "seed", "LUFS", "file"),
        [
            (
                entry.name,
                entry.take,
                entry.verdict,
                entry.seed,
                None if entry.loudness_lufs is None else f"{entry.loudness_lufs:.1f}",
                entry.mix,
            )
            for entry in listed
        ],
    )

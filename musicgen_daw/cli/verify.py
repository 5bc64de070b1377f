"""``musicgen-daw verify``: hash and measure everything again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from musicgen_daw.cli.options import json_option, pass_settings, store_option
from musicgen_daw.cli.text import print_json, printable
from musicgen_daw.errors import VerificationFailed
from musicgen_daw.settings import Settings

__all__ = ["verify"]


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@store_option
@json_option
@pass_settings
def verify(settings: Settings, folder: Path, store: Path | None, as_json: bool) -> None:
    """Hash every clip and stem of FOLDER again, and measure each against what was asked."""
    from musicgen_daw.project.environment import store_root
    from musicgen_daw.project.verification import verify as faults_of
    from musicgen_daw.store.clips import ClipStore

    faults = list(faults_of(folder, ClipStore(store_root(settings, store))))
    if as_json:
        print_json([asdict(fault) for fault in faults])
    else:
        for fault in faults:
            click.echo(printable(str(fault)))
    if faults:
        raise VerificationFailed(f"{len(faults)} found that are not as made or asked", path=folder)
    if not as_json:
        click.echo("all files and clips are as made and as asked")

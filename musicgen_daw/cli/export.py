"""``musicgen-daw export``: hand-offs again, or new ones, from what is stored."""

from __future__ import annotations

from pathlib import Path

import click

from musicgen_daw.cli.options import json_option, pass_settings, store_option, to_option
from musicgen_daw.cli.progress import observing
from musicgen_daw.cli.text import print_json, printable
from musicgen_daw.settings import Settings

__all__ = ["export"]


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@to_option
@store_option
@json_option
@pass_settings
def export(
    settings: Settings, folder: Path, to: tuple[str, ...], store: Path | None, as_json: bool
) -> None:
    """Write hand-offs of what FOLDER holds, for other programs; nothing is generated.

    A file that you have changed stays, and the new one is written beside it.
    """
    from musicgen_daw.project.environment import store_root
    from musicgen_daw.project.exporting import export_again
    from musicgen_daw.store.clips import ClipStore

    with observing() as observer:
        written = export_again(folder, ClipStore(store_root(settings, store)), to, observer)
    if as_json:
        print_json({"output": str(folder), "files": [str(path) for path in written]})
        return
    for path in written:
        click.echo(printable(str(path)))

"""``musicgen-daw presets``: list, show, check and begin presets."""

from __future__ import annotations

from pathlib import Path

import click

from musicgen_daw.cli.options import json_option
from musicgen_daw.cli.text import print_json, print_table, printable
from musicgen_daw.errors import MusicgenDawError, PresetError
from musicgen_daw.settings import Settings

__all__ = ["presets"]


@click.group()
def presets() -> None:
    """List, show, check and begin presets."""


@presets.command("list")
@json_option
@click.pass_obj
def list_presets(settings: Settings, as_json: bool) -> None:
    """List all presets: built-in, your own, and those beside the sheet."""
    from musicgen_daw.presets import PresetLibrary

    library = PresetLibrary(user=settings.presets, sheet=Path())
    rows = [(entry.name, library.get(entry.name).title, entry.origin) for entry in library.list()]
    if as_json:
        print_json(
            [{"name": name, "title": title, "origin": origin} for name, title, origin in rows]
        )
    else:
        print_table(("preset", "title", "from"), rows)


@presets.command()
@click.argument("name")
@click.pass_obj
def show(settings: Settings, name: str) -> None:
    """Print a preset as TOML, with everything that it extends merged in."""
    from musicgen_daw.presets import PresetLibrary
    from musicgen_daw.presets.show import to_toml

    click.echo(to_toml(PresetLibrary(user=settings.presets, sheet=Path()).get(name)), nl=False)


@presets.command()
@click.argument("names", nargs=-1)
@click.pass_obj
def check(settings: Settings, names: tuple[str, ...]) -> None:
    """Check presets, by name or file; without names, all of them."""
    from musicgen_daw.mastering import check_chain
    from musicgen_daw.presets import PresetLibrary

    library = PresetLibrary(user=settings.presets, sheet=Path())
    faults = 0
    for name in names or [entry.name for entry in library.list()]:
        try:
            check_chain(library.get(name).master.chain, f"preset {name!r} [master]")
        except MusicgenDawError as error:
            faults += 1
            click.echo(printable(f"{name}: {error}"))
        else:
            click.echo(printable(f"{name}: ok"))
    if faults:
        raise PresetError(f"{faults} of the presets can't be used")


@presets.command()
@click.argument("name")
@click.option("--extends", default="house", show_default=True, help="Preset to build on.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to, instead of your own presets.",
)
@click.pass_obj
def new(settings: Settings, name: str, extends: str, folder: Path | None) -> None:
    """Write a commented preset to start from."""
    from musicgen_daw.presets import PresetLibrary

    library = PresetLibrary(user=settings.presets, sheet=Path())
    click.echo(printable(str(library.new(name, folder or settings.presets, extends=extends))))

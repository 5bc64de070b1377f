"""``musicgen-daw presets``: list, show, check and begin presets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from musicgen_daw.cli.options import json_option, option, pass_settings
from musicgen_daw.cli.text import escaped, print_json, print_table, printable
from musicgen_daw.errors import MusicgenDawError, PresetError
from musicgen_daw.settings import Settings

if TYPE_CHECKING:
    from musicgen_daw.presets import PresetEntry, PresetLibrary

__all__ = ["presets"]


@click.group()
def presets() -> None:
    """List, show, check and begin presets."""


@presets.command("list")
@json_option
@pass_settings
def list_presets(settings: Settings, as_json: bool) -> None:
    """List all presets: built-in, your own, and those beside the sheet."""
    from musicgen_daw.presets import PresetLibrary

    library = PresetLibrary(user=settings.presets, sheet=Path())
    rows = [_listed(library, entry) for entry in library.list()]
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("preset", "title", "from"),
            [
                (
                    row["name"],
                    f"FAULT: {row['fault']}" if row["fault"] else row["title"],
                    row["origin"],
                )
                for row in rows
            ],
            widest_cell=None,
        )


def _listed(library: PresetLibrary, entry: PresetEntry) -> dict[str, str | None]:
    """Return a preset as one row; a broken one has its fault for a title."""
    row = {"name": entry.name, "title": None, "origin": entry.origin, "fault": None}
    try:
        return {**row, "title": library.get(entry.name).title}
    except PresetError as error:
        return {**row, "fault": str(error)}


@presets.command()
@click.argument("name")
@pass_settings
def show(settings: Settings, name: str) -> None:
    """Print a preset as TOML, with everything that it extends merged in."""
    from musicgen_daw.presets import PresetLibrary
    from musicgen_daw.presets.show import to_toml

    preset = PresetLibrary(user=settings.presets, sheet=Path()).get(name)
    click.echo(escaped(to_toml(preset)), nl=False)


@presets.command()
@click.argument("names", nargs=-1)
@pass_settings
def check(settings: Settings, names: tuple[str, ...]) -> None:
    """Check presets, by name or file; without names, all of them."""
    from musicgen_daw.mastering import check_effects
    from musicgen_daw.presets import PresetLibrary

    library = PresetLibrary(user=settings.presets, sheet=Path())
    faults = 0
    for name in names or [entry.name for entry in library.list()]:
        try:
            preset = library.get(name)
            check_effects(preset.master, preset.stems, f"preset {name!r} [master]")
        except MusicgenDawError as error:
            faults += 1
            click.echo(printable(f"{name}: {error}"))
        else:
            click.echo(printable(f"{name}: ok"))
    if faults:
        raise PresetError(f"{faults} of the presets can't be used")


@presets.command()
@click.argument("name")
@option("--extends", default="house", show_default=True, help="Preset to build on.")
@option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to, instead of your own presets.",
)
@pass_settings
def new(settings: Settings, name: str, extends: str, folder: Path | None) -> None:
    """Write a commented preset to start from."""
    from musicgen_daw.presets import PresetLibrary

    library = PresetLibrary(user=settings.presets, sheet=Path())
    click.echo(printable(str(library.new(name, folder or settings.presets, extends=extends))))

"""``musicgen-daw models``: the checkpoints of the local engine."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from musicgen_daw.cli.options import json_option, option, pass_settings
from musicgen_daw.cli.text import print_json, print_table, printable
from musicgen_daw.errors import UsageError
from musicgen_daw.settings import Settings

__all__ = ["models"]

_DIGITS = 12


@click.group()
def models() -> None:
    """List and get checkpoints of the local MusicGen. Nothing is downloaded unasked."""


@models.command("list")
@option("--model", metavar="NAME", help="A folder to be looked at as well.")
@json_option
@pass_settings
def list_command(settings: Settings, model: str | None, as_json: bool) -> None:
    """List the checkpoints on this machine, and those that can be got."""
    from musicgen_daw.project.models import list_models

    found = list_models(model or settings.model)
    if as_json:
        rows = [{**asdict(one), "path": str(one.path) if one.path else None} for one in found]
        print_json(rows)
        return
    print_table(
        ("model", "here", "GB", "family", "sha256", "licence"),
        [
            (
                one.name,
                f"no: {one.fault}" if one.fault else "yes" if one.path else "no",
                f"{one.size_bytes / 1e9:.1f}",
                one.family,
                one.sha256[:_DIGITS] if one.sha256 else "",
                one.licence,
            )
            for one in found
        ],
        widest_cell=None,
    )


@models.command("check")
@click.argument("name")
@json_option
def check_command(name: str, as_json: bool) -> None:
    """Read all weights of a checkpoint, and tell their checksums.

    NAME is a folder, an id or a short name. What came from the hub is compared with what the hub
    promised. 'models list' and 'doctor' tell the checksum from then on, until a file changes.
    """
    from musicgen_daw.project.models import check

    sha256, files = check(name)
    if as_json:
        rows = [{**asdict(one), "path": str(one.path)} for one in files]
        print_json({"sha256": sha256, "files": rows})
        return
    for one in files:
        told = "as the hub promised" if one.promised else "nobody promised another"
        click.echo(printable(f"{one.sha256}  {one.path.name}  ({told})"))
    if len(files) > 1:
        click.echo(f"{sha256}  all")


@models.command("pull")
@click.argument("name")
@option("--yes", is_flag=True, help="Download without asking.")
def pull_command(name: str, yes: bool) -> None:
    """Get a checkpoint: a short NAME such as small or stereo-medium, or the id of any other.

    Tells its size and licence, and asks, before anything is downloaded.
    """
    from musicgen_daw.project.models import offer, pull

    offered = offer(name)
    size_gb = offered.remote.size_bytes / 1e9
    click.echo(
        printable(
            f"{offered.remote.id}: {size_gb:.2f} GB into {offered.cache}, licence {offered.licence}"
        ),
        err=True,
    )
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("nobody is there to be asked: use --yes to download it")
        click.confirm("download it?", abort=True, err=True)
    click.echo(printable(str(pull(offered))))

"""``musicgen-daw plan``: the render, free and dry."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from musicgen_daw.cli.opening import open_project, plan_project
from musicgen_daw.cli.options import (
    json_option,
    only_option,
    pass_settings,
    plan_options,
    sheet_argument,
    sheet_options,
    store_option,
)
from musicgen_daw.cli.text import print_json, print_table, printable
from musicgen_daw.settings import Settings

if TYPE_CHECKING:
    from musicgen_daw.planning import Plan
    from musicgen_daw.project import Project

__all__ = ["plan"]


@click.command()
@sheet_argument
@plan_options
@only_option
@sheet_options
@store_option
@json_option
@pass_settings
def plan(settings: Settings, /, sheet: Path, as_json: bool, **flags: Any) -> None:
    """Show what a render would make, from what, and at what price. Makes nothing."""
    project = open_project(sheet, settings, flags)
    planned = plan_project(project, flags)
    if as_json:
        print_json(_as_json(project, planned))
    else:
        _print(project, planned)


def _as_json(project: Project, planned: Plan) -> dict[str, Any]:
    output = planned.output
    words = project.explain(planned)
    rows = project.rows(planned)
    return {
        "path": str(project.path),
        "sample_rate": output.sample_rate,
        "bit_depth": output.bit_depth,
        "format": output.file_format,
        "frame_rate": str(output.frame_rate),
        "start_timecode": str(output.start_timecode),
        "cues": [{**asdict(row), "understood": words[row.id]} for row in rows],
        "expected_usd": sum(row.usd for row in rows),
        "licences": list(planned.licences),
        "warnings": [str(warning) for warning in (*project.sheet.warnings, *planned.warnings)],
    }


def _print(project: Project, planned: Plan) -> None:
    rows = project.rows(planned)
    print_table(
        ("cue", "start", "bars", "seconds", "preset", "backend", "takes", "stored", "new", "USD"),
        [
            (
                row.name,
                row.timecode,
                None if row.bars is None else f"{row.bars:.2f}",
                f"{row.seconds:.3f}",
                row.preset,
                row.backend + (f" in {row.segments}" if row.segments > 1 else ""),
                row.takes,
                row.stored,
                row.new,
                f"{row.usd:.2f}",
            )
            for row in rows
        ],
    )
    click.echo()
    for row, words in zip(rows, project.explain(planned).values(), strict=True):
        heard = ", ".join(f"{name}: {meaning}" for name, meaning in words.items())
        click.echo(printable(f"{row.name}: {heard or 'nothing in the words'}"))
    click.echo()
    click.echo(
        f"{sum(row.new for row in rows)} clips to make for {sum(row.usd for row in rows):.2f} USD, "
        f"{sum(row.stored for row in rows)} in store"
    )
    for licence in planned.licences:
        click.echo(f"licence: {printable(licence)}")
    for warning in (*project.sheet.warnings, *planned.warnings):
        click.echo(f"warning: {printable(str(warning))}", err=True)

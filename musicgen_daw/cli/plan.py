"""``musicgen-daw plan``: the render, free and dry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from musicgen_daw.cli.opening import budget_of, open_project, plan_project
from musicgen_daw.cli.options import (
    budget_option,
    json_option,
    only_option,
    pass_settings,
    plan_options,
    sheet_argument,
    sheet_options,
    store_option,
)
from musicgen_daw.cli.text import print_json, print_table, printable, usd
from musicgen_daw.settings import Settings

if TYPE_CHECKING:
    from musicgen_daw.planning import Plan, PlanRow
    from musicgen_daw.planning.price import Quote
    from musicgen_daw.project import Project

__all__ = ["plan"]


@click.command()
@sheet_argument
@plan_options
@only_option
@sheet_options
@budget_option
@store_option
@json_option
@pass_settings
def plan(settings: Settings, /, sheet: Path, as_json: bool, **flags: Any) -> None:
    """Show what a render would make, from what, and at what price. Makes nothing.

    With a budget it tells whether that would do.
    """
    project = open_project(sheet, settings, flags)
    planned = plan_project(project, flags)
    rows = project.rows(planned)
    budget_usd = budget_of(settings, flags)
    if as_json:
        print_json(_as_json(project, planned, rows, budget_usd))
    else:
        _print(project, planned, rows, budget_usd)


def _price(rows: Sequence[PlanRow]) -> Quote:
    from musicgen_daw.planning.price import NOTHING, Quote

    return sum((Quote(row.usd, row.usd_low, row.usd_high) for row in rows), NOTHING)


def _within(budget_usd: Decimal, price: Quote) -> str:
    """Tell whether a budget will do: ``yes``, ``perhaps`` or ``no``."""
    if price.high_usd <= budget_usd:
        return "yes"
    return "perhaps" if price.low_usd <= budget_usd else "no"


def _as_json(
    project: Project, planned: Plan, rows: Sequence[PlanRow], budget_usd: Decimal | None
) -> dict[str, Any]:
    output = planned.output
    words = project.explain(planned)
    price = _price(rows)
    return {
        "path": str(project.path),
        "sample_rate": output.sample_rate,
        "bit_depth": output.bit_depth,
        "format": output.file_format,
        "frame_rate": str(output.frame_rate),
        "start_timecode": str(output.start_timecode),
        "cues": [{**asdict(row), "understood": words[row.id]} for row in rows],
        "expected_usd": price.expected_usd,
        "low_usd": price.low_usd,
        "high_usd": price.high_usd,
        "budget_usd": budget_usd,
        "within_budget": None if budget_usd is None else _within(budget_usd, price),
        "licences": list(planned.licences),
        "warnings": [str(warning) for warning in (*project.sheet.warnings, *planned.warnings)],
    }


def _print(
    project: Project, planned: Plan, rows: Sequence[PlanRow], budget_usd: Decimal | None
) -> None:
    _print_rows(rows)
    click.echo()
    for row, words in zip(rows, project.explain(planned).values(), strict=True):
        heard = ", ".join(f"{name}: {meaning}" for name, meaning in words.items())
        click.echo(printable(f"{row.name}: {heard or 'nothing in the words'}"))
    click.echo()
    price = _price(rows)
    click.echo(
        f"{_clips(sum(row.new for row in rows))} to make, {_told(price)}; "
        f"{sum(row.stored for row in rows)} in store"
    )
    if sent := sum(row.open for row in rows):
        click.echo(
            f"{_clips(sent)} sent before and not sent again by a render: "
            "'musicgen-daw jobs' tells what became of them"
        )
    if budget_usd is not None:
        click.echo(_verdict(budget_usd, price))
    for licence in planned.licences:
        click.echo(f"licence: {printable(licence)}")
    for warning in (*project.sheet.warnings, *planned.warnings):
        click.echo(f"warning: {printable(str(warning))}", err=True)


def _print_rows(rows: Sequence[PlanRow]) -> None:
    print_table(
        (
            "cue",
            "start",
            "bars",
            "seconds",
            "preset",
            "backend",
            "takes",
            "stored",
            "new",
            "open",
            "USD",
        ),
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
                row.open,
                usd(row.usd),
            )
            for row in rows
        ],
    )


def _clips(count: int) -> str:
    return "1 clip" if count == 1 else f"{count} clips"


def _told(price: Quote) -> str:
    if not price.high_usd:
        return "free"
    return f"about {usd(price.expected_usd)} USD, {usd(price.low_usd)} to {usd(price.high_usd)}"


def _verdict(budget_usd: Decimal, price: Quote) -> str:
    words = {
        "yes": "is enough",
        "perhaps": "may be enough; else the render stops before it is passed",
        "no": "is not enough: the render stops before it is passed",
    }[_within(budget_usd, price)]
    return f"a budget of {usd(budget_usd)} USD {words}"

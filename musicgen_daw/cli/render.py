"""``musicgen-daw render``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from musicgen_daw.cli.logs import verbose_option
from musicgen_daw.cli.opening import limits_of, open_project, plan_project, signing_of
from musicgen_daw.cli.options import (
    budget_option,
    json_option,
    only_option,
    option,
    pass_settings,
    plan_options,
    sheet_argument,
    sheet_options,
    signing_options,
    store_option,
    to_option,
    tries_option,
)
from musicgen_daw.cli.progress import observing
from musicgen_daw.cli.text import print_json
from musicgen_daw.errors import MusicgenDawError
from musicgen_daw.events import Event, RunFinished, Warned
from musicgen_daw.settings import Settings

__all__ = ["render"]


@click.command()
@sheet_argument
@option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for stems and session.",
)
@plan_options
@only_option
@sheet_options
@budget_option
@tries_option
@to_option
@signing_options
@store_option
@json_option
@verbose_option
@pass_settings
def render(settings: Settings, /, sheet: Path, output: Path, as_json: bool, **flags: Any) -> None:
    """Turn a cue sheet into mastered stems and a session in a folder.

    Running it again continues where it stopped and makes only what changed.
    """
    project = open_project(sheet, settings, flags, output=output)
    plan = plan_project(project, flags)
    signing = signing_of(settings, flags)
    ends: list[RunFinished] = []
    with observing() as observer:

        def observe(event: Event) -> None:
            if isinstance(event, RunFinished):
                ends.append(event)
            observer(event)

        for warning in (*project.sheet.warnings, *plan.warnings):
            observer(Warned(sheet.name, str(warning)))
        failure: MusicgenDawError | None = None
        wishes = {
            **limits_of(settings, flags),
            "to": flags["to"] or settings.to or (),
            "signing": signing,
        }
        try:
            for _ in project.render(plan, observe, **wishes):
                pass
        except MusicgenDawError as error:
            failure = error
    if as_json and ends:  # a run that stops for money or failures ends with its sums, too
        (end,) = ends
        print_json(
            {
                "cues": len(plan.chosen),
                "made": end.made,
                "from_store": end.from_store,
                "failed": end.failed,
                "spent_usd": end.spent_usd,
                "perhaps_usd": end.perhaps_usd,
                "output": str(output),
            }
        )
    if failure:
        raise failure

"""``musicgen-daw doctor``: what works on this machine, and how to get what doesn't."""

from __future__ import annotations

from pathlib import Path

import click

from musicgen_daw.cli.options import json_option, store_option
from musicgen_daw.cli.text import print_json, print_table
from musicgen_daw.errors import SettingsError
from musicgen_daw.settings import Settings, load

__all__ = ["doctor"]


@click.command()
@store_option
@json_option
def doctor(store: Path | None, as_json: bool) -> None:
    """Show what works on this machine, and how to get what doesn't."""
    from musicgen_daw.planning import Choice
    from musicgen_daw.presets import PresetLibrary
    from musicgen_daw.project.diagnosis import Finding, diagnose
    from musicgen_daw.project.environment import store_root

    try:
        settings, in_settings = load(), Finding("settings", works=True, state="can be read")
    except SettingsError as error:
        in_settings = Finding("settings", works=False, state="can't be used", remedy=str(error))
        settings = Settings()
    choice = Choice(
        settings.model,
        settings.precision,
        settings.device,
        settings.batch,
        None if settings.soundfont is None else str(settings.soundfont),
    )
    findings = diagnose(store_root(settings, store), PresetLibrary(user=settings.presets), choice)
    findings.append(in_settings)
    if as_json:
        print_json([finding.as_dict() for finding in findings])
        return
    print_table(
        ("", "what", "state", "what to do"),
        [(finding.mark, finding.what, finding.state, finding.remedy) for finding in findings],
        widest_cell=None,
    )

"""``musicgen-daw doctor``: what works on this machine, and how to get what doesn't."""

from __future__ import annotations

from pathlib import Path

import click

from musicgen_daw.cli.options import json_option, store_option
from musicgen_daw.cli.text import print_json, print_table
from musicgen_daw.settings import Settings

__all__ = ["doctor"]


@click.command()
@store_option
@json_option
@click.pass_obj
def doctor(settings: Settings, store: Path | None, as_json: bool) -> None:
    """Show what works on this machine, and how to get what doesn't."""
    from musicgen_daw.presets import PresetLibrary
    from musicgen_daw.project.diagnosis import diagnose
    from musicgen_daw.project.environment import store_root

    findings = diagnose(store_root(settings, store), PresetLibrary(user=settings.presets))
    if as_json:
        print_json([finding.as_dict() for finding in findings])
        return
    print_table(
        ("", "what", "state", "what to do"),
        [(finding.mark, finding.what, finding.state, finding.remedy) for finding in findings],
    )

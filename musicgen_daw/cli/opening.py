"""From parsed flags to an open project and its plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicgen_daw.errors import UsageError

if TYPE_CHECKING:
    from decimal import Decimal

    from musicgen_daw.planning import Plan
    from musicgen_daw.project import Project
    from musicgen_daw.project.signing import Signing
    from musicgen_daw.settings import Settings

__all__ = ["budget_of", "limits_of", "open_project", "plan_project", "signing_of"]


def open_project(
    sheet: Path,
    settings: Settings,
    flags: dict[str, Any],
    *,
    output: Path | None = None,
) -> Project:
    """Open the project of a sheet as the flags say."""
    from musicgen_daw.project import Project
    from musicgen_daw.timeline import FrameRate

    fps = flags.get("fps")
    try:
        frame_rate = FrameRate.named(fps).name if fps else None
    except ValueError as error:
        raise UsageError(f"--fps {fps}: {error}") from None
    return Project.open(
        sheet,
        output=output,
        store=flags.get("store"),
        settings=settings,
        frame_rate=frame_rate,
        start_timecode=flags.get("timecode_start"),
        charset=flags.get("charset"),
    )


def budget_of(settings: Settings, flags: dict[str, Any]) -> Decimal | None:
    """Return what a run may spend in US dollars, ``None`` where nobody says it."""
    budget_usd: Decimal | None = flags["budget"]
    return settings.budget if budget_usd is None else budget_usd


def limits_of(settings: Settings, flags: dict[str, Any]) -> dict[str, Any]:
    """Return what a run may spend and how often it may try, by the names of what runs it.

    Where nobody says how often, it is left out.
    """
    tries = flags["tries"] or settings.tries
    return {"budget_usd": budget_of(settings, flags)} | ({"tries": tries} if tries else {})


def plan_project(project: Project, flags: dict[str, Any]) -> Plan:
    """Plan the project as the flags say."""
    return project.plan(
        preset=flags["preset"],
        backend=flags["backend"],
        takes=flags["takes"],
        seed=flags["seed"],
        sample_rate=flags["rate"],
        bit_depth=flags["bit_depth"],
        file_format=flags["file_format"],
        audio_prompt=flags["audio_prompt"],
        melody=flags["melody"],
        negative_prompt=flags["negative_prompt"],
        model=flags["model"],
        precision=flags["precision"],
        device=flags["device"],
        batch=flags["batch"],
        soundfont=flags["soundfont"],
        only=flags["only"],
    )


def signing_of(settings: Settings, flags: dict[str, Any]) -> Signing | None:
    """Return who signs what is made, ``None`` where nobody does."""
    certificates = flags["c2pa_cert"] or settings.c2pa_cert
    key = flags["c2pa_key"] or settings.c2pa_key
    if certificates is None and key is None:
        if flags["c2pa_prompt"]:
            raise UsageError("--c2pa-prompt signs nothing alone: add --c2pa-cert and --c2pa-key")
        return None
    if certificates is None or key is None:
        raise UsageError("signing takes both a certificate and its key: --c2pa-cert, --c2pa-key")
    from musicgen_daw.project.signing import Signing

    return Signing.load(certificates, key, tells_prompt=flags["c2pa_prompt"])

"""From parsed flags to an open project and its plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicgen_daw.errors import UsageError

if TYPE_CHECKING:
    from musicgen_daw.planning import Plan
    from musicgen_daw.project import Project
    from musicgen_daw.settings import Settings

__all__ = ["open_project", "plan_project"]


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
        only=flags["only"],
    )

"""What would fail after generation is refused before it."""

from __future__ import annotations

from collections.abc import Iterable

from musicgen_daw.mastering import check_effects, check_fitting
from musicgen_daw.planning import PlannedCue

__all__ = ["check_mastering"]


def check_mastering(cues: Iterable[PlannedCue]) -> None:
    """Refuse cues that could be generated but not mastered.

    Raises:
        PresetError: for effects, plug-ins or sends that can't run.
        AudioError: where a clip is to be stretched and nothing that stretches is installed.
    """
    checked = set()
    for cue in cues:
        follows = cue.capabilities.obeys_tempo
        if not follows:
            check_fitting(cue.master)
        # A generator that follows a tempo tells its own where the sheet has none.
        has_tempo = follows or cue.tempo_map is not None
        if (cue.preset.name, has_tempo) not in checked:
            where = f"preset {cue.preset.name!r} [master]"
            check_effects(cue.master, cue.preset.stems, where, has_tempo=has_tempo)
            checked.add((cue.preset.name, has_tempo))

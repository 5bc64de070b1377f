"""One gain for all cues of a sheet: so they keep their levels to each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.errors import MusicgenDawError
from musicgen_daw.events import Observer, Warned
from musicgen_daw.mastering.levelling import gain_together_db
from musicgen_daw.mastering.master import Heard
from musicgen_daw.mastering.targets import Target
from musicgen_daw.project.finishing import hear
from musicgen_daw.project.recipe import Recipe
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.records import StoredClip

__all__ = ["SheetLevel"]


@dataclass(frozen=True, slots=True)
class SheetLevel:
    """The gains of the takes that are levelled together: one for each loudness and ceiling asked.

    So a cue that asks for another loudness than the rest has it.
    """

    gains_db: dict[Target, float]

    @classmethod
    def heard(
        cls,
        takes: Iterable[tuple[Recipe, Sequence[StoredClip]]],
        store: ClipStore,
        observer: Observer,
    ) -> SheetLevel:
        """Hear all takes, and return their gains; why one can't be heard is told by its making."""
        groups: dict[Target, list[Heard]] = {}
        for recipe, clips in takes:
            try:
                heard = hear(recipe, clips, store)
            except MusicgenDawError:
                continue
            groups.setdefault(Target.of(recipe.master), []).append(heard)
        gains_db = {}
        for target, several in groups.items():
            gain_db, warnings = _gain_db(several, target)
            # So that the same sheet has the same files, whatever a sum's last digit is.
            gains_db[target] = round(gain_db, 3)
            for warning in warnings:
                observer(Warned("the sheet", warning))
        return cls(gains_db)

    def gain_db(self, recipe: Recipe) -> float | None:
        """Return the gain of a take; ``None`` for one that is levelled for itself."""
        return (
            self.gains_db.get(Target.of(recipe.master))
            if recipe.master.normalise == "sheet"
            else None
        )


def _gain_db(several: Sequence[Heard], target: Target) -> tuple[float, tuple[str, ...]]:
    loudness: list[Loudness] = [heard.loudness for heard in several]
    return gain_together_db(loudness, max(heard.peak for heard in several), target)

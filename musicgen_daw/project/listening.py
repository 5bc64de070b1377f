"""Verdicts on the takes of an output folder, written beside the sheet that they were made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from musicgen_daw.errors import UsageError
from musicgen_daw.planning import TakeVerdict, Verdict
from musicgen_daw.planning.naming import cues_called
from musicgen_daw.project.manifest import MadeTakeEntry, read_takes
from musicgen_daw.store import takes as takes_file
from musicgen_daw.store.output import OutputFolder

__all__ = ["ListedTake", "clear", "judge", "list_takes", "unlock"]


@dataclass(frozen=True, slots=True)
class ListedTake:
    """A take; ``verdict`` is ``None`` while nobody judged it.

    ``mix`` is the path in the output folder, empty for a take that is not there any more, such
    as a rejected one.
    """

    cue: str
    name: str
    take: int
    seed: int
    verdict: Verdict | None
    mix: str
    loudness_lufs: float | None


def list_takes(folder: Path) -> list[ListedTake]:
    """Return the takes of an output folder with their verdicts, in the order of the sheet.

    Takes that were judged and are not in the folder any more are listed, too.

    Raises:
        OutputError: where the folder has no manifest.
        SettingsError: where the verdicts can't be read.
    """
    verdicts = {
        (cue, verdict.take): verdict
        for cue, judged in takes_file.load(_takes_path(folder)).items()
        for verdict in judged
    }
    made = {(take.cue, take.take): take for take in read_takes(folder)}
    names = {take.cue: take.name for take in made.values()}
    cues = dict.fromkeys([*names, *(cue for cue, _ in verdicts)])
    order = {cue: number for number, cue in enumerate(cues)}
    return [
        _listed(made[entry], verdicts.get(entry))
        if entry in made
        else _absent(entry[0], names.get(entry[0], entry[0]), verdicts[entry])
        for entry in sorted({*made, *verdicts}, key=lambda entry: (order[entry[0]], entry[1]))
    ]


def judge(folder: Path, cue: str, take: int, verdict: Verdict) -> None:
    """Keep, lock or reject a take; the next render goes by it.

    Raises:
        UsageError: where there is no such take, or it is locked and the verdict is another.
    """
    made = _find(folder, cue, take)
    takes_file.set_verdict(
        _takes_path(folder),
        made.cue,
        TakeVerdict(made.take, verdict, made.seed, made.length_s, made.clips),
    )


def clear(folder: Path, cue: str, take: int) -> None:
    """Forget the verdict on a take.

    Raises:
        UsageError: where there is none, or the take is locked.
    """
    takes_file.clear(_takes_path(folder), _cue_id(folder, cue), take)


def unlock(folder: Path, cue: str, take: int) -> None:
    """Make a locked take a kept one, which can be rejected again.

    Raises:
        UsageError: where the take is not locked.
    """
    takes_file.unlock(_takes_path(folder), _cue_id(folder, cue), take)


def _takes_path(folder: Path) -> Path:
    return takes_file.beside(OutputFolder.sheet_of(folder))


def _listed(take: MadeTakeEntry, verdict: TakeVerdict | None) -> ListedTake:
    mix, word = take.stems[-1], verdict.verdict if verdict else None
    return ListedTake(take.cue, take.name, take.take, take.seed, word, mix.path, mix.measured_lufs)


def _absent(cue: str, name: str, verdict: TakeVerdict) -> ListedTake:
    return ListedTake(cue, name, verdict.take, verdict.seed, verdict.verdict, "", None)


def _cue_id(folder: Path, cue: str) -> str:
    """Return the id of the one cue that is meant, also if only its verdicts are left."""
    made = [(take.cue, take.name) for take in read_takes(folder)]
    judged = [(cue_id, cue_id) for cue_id in takes_file.load(_takes_path(folder))]
    found = cues_called(cue, [*made, *judged])
    if len(found) > 1:
        raise UsageError(
            f"several cues are called {cue!r}: say which by its id: {', '.join(found)}"
        )
    return found[0]


def _find(folder: Path, cue: str, number: int) -> MadeTakeEntry:
    cue_id = _cue_id(folder, cue)
    of_cue = [take for take in read_takes(folder) if take.cue == cue_id]
    for take in of_cue:
        if take.take == number:
            return take
    numbers = ", ".join(str(take.take) for take in of_cue) or "none"
    raise UsageError(f"{folder} has no take {number} of cue {cue!r}: it has {numbers}")

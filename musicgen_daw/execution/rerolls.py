"""Clips with a grave flaw are made again with other seeds, and the best one is kept.

clips/ab/<key>.json        the clip, by whichever try
clips/cd/<other key>.json  another try: a request of its own, which differs in its seed
"""

from __future__ import annotations

from dataclasses import replace

from musicgen_daw.events import Observer, Warned
from musicgen_daw.execution.sending import Job, Sending
from musicgen_daw.planning import Capabilities, ClipRequest
from musicgen_daw.planning.seeds import derived_seed
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.records import StoredClip, Trial

__all__ = ["Rerolls", "is_due", "shortcoming"]


def is_due(stored: StoredClip, capabilities: Capabilities, tries: int) -> bool:
    """Tell whether a stored clip is to be made again: ``tries`` in all, while it has a flaw."""
    trial = stored.trial
    seeds = capabilities.max_seed - capabilities.min_seed + 1
    return trial is not None and bool(trial.flaws) and trial.tries < min(tries, seeds)


def shortcoming(stored: StoredClip) -> str | None:
    """Tell what a listener has to know whenever a clip is used, ``None`` where all is right."""
    trial = stored.trial
    if trial is None or not trial.flaws:
        return None
    tried = f", at best of {trial.tries} tries" if trial.tries > 1 else ""
    return f"the clip {' and '.join(trial.flaws)}{tried}: listen to it, or reject the take"


class Rerolls:
    """Up to ``tries`` tries at each clip."""

    def __init__(self, store: ClipStore, observer: Observer, tries: int) -> None:
        self._store = store
        self._observer = observer
        self._tries = tries

    def next_try(self, job: Job, kept: StoredClip) -> Sending | None:
        """Return the next try at a clip, ``None`` where it is right or tried often enough."""
        trial = kept.trial
        if trial is None or not is_due(kept, job.capabilities, self._tries):
            return None
        seed = _seed(job.request, trial.tries + 1, job.capabilities)
        request = replace(job.request, seed=seed)
        return Sending(job, request, request.key(), flawed=kept)

    def tell(self, sending: Sending) -> None:
        """Tell that a clip is made again, and why."""
        trial = sending.flawed.trial if sending.flawed else None
        if trial is not None:
            self._warn(
                sending.job,
                f"the clip {' and '.join(trial.flaws)}: it is made again with another seed "
                f"(try {trial.tries + 1} of {self._tries})",
            )

    def choose(self, sending: Sending, flawed: StoredClip, made: StoredClip) -> StoredClip:
        """Keep the better of a flawed clip and another try at it, and return it.

        Raises:
            StoreError: where the store can't be written.
        """
        old = flawed.trial or Trial((), 0.0, tries=1, seed=sending.job.request.seed)
        new = made.trial or Trial((), 0.0, tries=1, seed=sending.request.seed)
        tries = old.tries + 1
        if _rank(new) < _rank(old):
            kept = replace(
                made,
                key=flawed.key,
                request=flawed.request,
                facts={**made.facts, "seed": str(new.seed), "tries": str(tries)},
                trial=replace(new, tries=tries),
            )
        else:
            kept = replace(flawed, trial=replace(old, tries=tries))
        self._store.tried_again(flawed, kept)
        if not new.flaws:
            self._warn(sending.job, f"try {tries} is right, with seed {new.seed}")
        return kept

    def _warn(self, job: Job, message: str) -> None:
        self._observer(Warned(job.subject, message))


def _rank(trial: Trial) -> tuple[bool, float, int]:
    """Return what makes one try better than another: the smaller one is."""
    return bool(trial.flaws), trial.lacking_s if trial.flaws else 0.0, len(trial.flaws)


def _seed(request: ClipRequest, number: int, capabilities: Capabilities) -> int:
    """Return the seed of a try, from 2, which only the request decides; all tries differ."""
    low, high = capabilities.min_seed, capabilities.max_seed
    used = {request.seed}
    seed = request.seed
    for earlier in range(2, number + 1):
        seed = derived_seed(request.seed, f"{request.key()}\ntry {earlier}", low, high)
        while seed in used:
            seed = low + (seed - low + 1) % (high - low + 1)
        used.add(seed)
    return seed

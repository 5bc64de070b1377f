"""Which cues a person means by an id or a name."""

from __future__ import annotations

from collections.abc import Iterable

from musicgen_daw.errors import UsageError, did_you_mean

__all__ = ["cues_called"]


def cues_called(text: str, cues: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the ids of the cues that are meant, out of ``(id, name)`` pairs.

    An id beats a name, and both beat what is alike but for upper and lower case. Several cues
    may share a name.

    Raises:
        UsageError: when there is no such cue, with the nearest one.
    """
    pairs = list(dict.fromkeys(cues))
    folded = text.casefold()
    for found in (
        [cue_id for cue_id, _ in pairs if cue_id == text],
        [cue_id for cue_id, name in pairs if name == text],
        [cue_id for cue_id, name in pairs if folded in (cue_id.casefold(), name.casefold())],
    ):
        if found:
            return tuple(found)
    known = [word for cue_id, name in pairs for word in (name, cue_id)]
    raise UsageError(f"there is no cue {text!r}{did_you_mean(text, known)}")

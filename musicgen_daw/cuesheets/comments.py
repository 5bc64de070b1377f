"""What a program keeps beside a marker's name: a comment, a description, a note."""

from __future__ import annotations

from dataclasses import replace

from musicgen_daw.cuesheets.events import CueEvent
from musicgen_daw.cuesheets.keys import LENGTH_KEYS
from musicgen_daw.cuesheets.marker import CueText, tidy
from musicgen_daw.cuesheets.marker import parse as parse_marker
from musicgen_daw.timeline import SheetWarning

__all__ = ["with_comment"]


def with_comment(
    cue: CueEvent, comment: str, warnings: list[SheetWarning], *, needs_length: bool
) -> CueEvent:
    """Return a cue of which the sheet tells only the name with what its comment says.

    That is its prompt, or whatever else may follow a name (``[preset]: prompt key=value``). A
    comment that can't be understood is a note to somebody, and left out with a warning. Where the
    cue ``needs_length`` because nothing follows it, it is most often the end of the one before,
    and only a comment that gives a length makes it a cue.
    """
    comment = tidy(comment)
    parted = " " if comment.startswith(("[", ":")) else ": "
    try:
        said = parse_marker(f"name{parted}{comment}")
    except ValueError as error:
        message = f"the comment is no prompt, and is left out: {error}"
        warnings.append(SheetWarning(cue.place, message))
        return cue
    if not isinstance(said, CueText):
        return cue
    if needs_length and all(getattr(said.settings, key) is None for key in LENGTH_KEYS):
        return cue
    return replace(cue, settings=said.settings, bare=said.bare)

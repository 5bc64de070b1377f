"""What a program keeps beside a marker's name: a comment, a description, a note."""

from __future__ import annotations

from musicgen_daw.cuesheets.keys import LENGTH_KEYS
from musicgen_daw.cuesheets.marker import CueText, tidy
from musicgen_daw.cuesheets.marker import parse as parse_marker
from musicgen_daw.timeline import SheetWarning

__all__ = ["has_length", "with_comment"]


def with_comment(text: str, comment: str, place: str, warnings: list[SheetWarning]) -> str:
    """Return the text of a marker with its comment.

    Where the text is only a cue's name the comment is its prompt, or whatever else may follow a
    name (``[preset]: prompt key=value``). A marker without a name is what its comment says. A
    comment that can't be understood is a note to somebody, and left out with a warning.
    """
    text, comment = tidy(text), tidy(comment)
    if not text or not comment:
        return text or comment
    try:
        said = parse_marker(text)
    except ValueError:
        return text  # whoever reads the marker tells what is wrong with it
    if not (isinstance(said, CueText) and said.bare):
        return text
    both = f"{text} {comment}" if comment.startswith(("[", ":")) else f"{text}: {comment}"
    try:
        parse_marker(both)
    except ValueError as error:
        warnings.append(SheetWarning(place, f"the comment is no prompt, and is left out: {error}"))
        return text
    return both


def has_length(text: str) -> bool:
    """Tell whether the text of a marker gives a cue its length."""
    try:
        said = parse_marker(text)
    except ValueError:
        return False
    return isinstance(said, CueText) and any(
        getattr(said.settings, key) is not None for key in LENGTH_KEYS
    )

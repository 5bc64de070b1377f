"""The places that a sound file tells of: its markers and its loop, whatever format holds them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from musicgen_daw.export.wav.carried import SHORTEST_LOOP_SAMPLES, Change
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.timeline import Span

__all__ = ["Places", "past_in_words"]


@dataclass(frozen=True, slots=True)
class Places:
    """Markers, in samples from the start of the file and in order, and one endless loop.

    ``loop`` ends exclusive.
    """

    markers: tuple[Marker, ...] = ()
    loop: Span | None = None

    def names(self) -> tuple[str, ...]:
        """Return in words what there is."""
        loop = ("loop points",) if self.loop is not None else ()
        return (*(("markers",) if self.markers else ()), *loop)

    def moved(self, change: Change) -> Places:
        """Return the places in another sound; those past its end are left out."""
        markers = [
            replace(
                marker,
                at_samples=at_samples,
                length_samples=change.length(marker.length_samples, marker.at_samples),
            )
            for marker in self.markers
            if (at_samples := change.place_inside(marker.at_samples)) is not None
        ]
        return Places(tuple(sorted(markers)), self._moved_loop(change))

    def _moved_loop(self, change: Change) -> Span | None:
        if self.loop is None:
            return None
        start, end = change.place(self.loop.start_samples), change.place(self.loop.end_samples)
        end = min(end, change.length_samples)
        return Span(start, end) if end - start >= SHORTEST_LOOP_SAMPLES else None

    def lost_in(self, after: Places) -> tuple[str, ...]:
        """Return in words what is no longer there after ``moved``."""
        lost_loops = int(self.loop is not None and after.loop is None)
        return past_in_words(len(self.markers) - len(after.markers), lost_loops)


def past_in_words(markers: int, loops: int) -> tuple[str, ...]:
    """Return what lies past the end of a file, kind by kind."""
    told = ((markers, "marker"), (loops, "loop"))
    return tuple(f"{count} {name}{'s' * (count > 1)} past its end" for count, name in told if count)

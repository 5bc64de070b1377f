"""What the clips of a cue take over from the cue before, put into their requests."""

from __future__ import annotations

from dataclasses import dataclass, replace

from musicgen_daw.planning.adjoining import leader_of
from musicgen_daw.planning.direction import Direction
from musicgen_daw.planning.parts import Part
from musicgen_daw.planning.plan import PlannedCue
from musicgen_daw.planning.request import ClipRequest
from musicgen_daw.planning.transitions import heard_of, key_before

__all__ = ["Following"]


@dataclass(frozen=True, slots=True)
class Following:
    """How a cue follows the one before it in the sheet, ``before``.

    ``continued`` is the cue from whose sound its own goes on, where its generator goes on from
    sound; one that keeps time takes over key, tempo and groove instead.
    """

    direction: Direction
    before: PlannedCue | None
    continued: PlannedCue | None

    def follow(self, request: ClipRequest, take: int, part: Part) -> ClipRequest:
        """Return a request of a take and part with what it takes over."""
        if self.continued is not None and part.segment == 0:
            key = key_before(self.continued, take, part.layer)
            end = heard_of(self.continued, self.direction)
            request = replace(
                request, continues=key, continues_less_s=end.less_s, continues_stretch=end.stretch
            )
        led = leader_of(self.before, take, self.direction)
        return request if led is None else replace(request, leader=led[0], leader_s=led[1])

"""What the built-in composer is asked for, in the terms of the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.timeline import Hit, IntensityLane, Meter, TempoMap

__all__ = ["Commission"]


@dataclass(frozen=True, slots=True)
class Commission:
    """One cue to be composed.

    Times count from the start of the cue. ``tempo_map`` is ``None`` where the composer may choose
    the tempo. ``end`` is one of ``button ring fade cut loop``. Sound goes on for ``tail_s`` after
    ``length_s`` so that endings ring out and a loop's tail can be wrapped to its head; no note
    begins there. Motifs come from ``theme`` and ``theme_seed``, everything else from ``seed``: of
    another take ``kin_seed`` is the seed of the first one, of which it has key, tempo, form and
    opening chords. ``players`` are the words that say who plays, where those of the prompt don't:
    the layers of a cue differ in nothing else. ``fit_hits`` is how far, as a share, the tempo of
    the bars around a hit may be moved to bring it onto a beat. Where nothing else tells them, key
    and tempo are those of the ``leader``, at its end or ``leader_s`` into it; a cue that
    ``continues`` it has its groove and players as well. ``mode`` takes the place of that of the
    key, whoever tells it: a leader has that of a cue between, which named no tonic.
    """

    prompt: str
    length_s: Fraction
    seed: int
    negative: str = ""
    tail_s: Fraction = Fraction(0)
    tempo_map: TempoMap | None = None
    meter: Meter | None = None
    key: str | None = None
    style: str | None = None
    intensity: IntensityLane | None = None
    hits: tuple[Hit, ...] = ()
    end: str = "ring"
    theme: str = ""
    theme_seed: int = 0
    fit_hits: float = 0.0
    leader: Commission | None = None
    continues: bool = False
    kin_seed: int | None = None
    players: str | None = None
    leader_s: Fraction | None = None
    mode: str | None = None

    def __post_init__(self) -> None:
        if self.length_s <= 0 or self.tail_s < 0:
            raise ValueError("a commission needs a positive length and a tail that is not negative")

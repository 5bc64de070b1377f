"""A session as a game sees it: segments with loops, layers and variations, and states of themes.

A *segment* is a cue, a *variation* a take of it, a *layer* a stem; all layers of a variation begin
together and are of one length. The segments of one theme that loop are *states*: a game goes from
one to another with what happens in it.

Names are identifiers of ASCII letters, digits and underscores, which every engine takes for the
name of an asset, an event or a file. Those of segments, variations and themes are distinct, as are
those of the layers of a variation, without regard to case. What people called them stays as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from posixpath import splitext
from typing import Literal

from musicgen_daw.errors import ExportError
from musicgen_daw.timeline import Span, TempoMap

__all__ = [
    "GameMusic",
    "Layer",
    "Segment",
    "SegmentHit",
    "Theme",
    "Variation",
    "require",
]


@dataclass(frozen=True, slots=True)
class Layer:
    """One sound file of a variation; ``path`` counts from the output folder.

    ``enters`` is the intensity from which on a game lets it sound, ``None`` where nobody tells.
    """

    name: str
    path: str
    channels: int
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    enters: float | None = None


@dataclass(frozen=True, slots=True)
class SegmentHit:
    """A moment of the picture or the game, in samples from the start of the file."""

    at_samples: int
    name: str
    important: bool


@dataclass(frozen=True, slots=True)
class Variation:
    """One take of a segment.

    ``mix`` is the sum of ``layers``; where nothing but the mix was made, there are no layers.
    """

    name: str
    take: int
    seed: int
    mix: Layer
    layers: tuple[Layer, ...]

    @property
    def parts(self) -> tuple[Layer, ...]:
        """What sounds together: the layers, or the mix where there are none."""
        return self.layers or (self.mix,)


@dataclass(frozen=True, slots=True)
class Segment:
    """A cue with its variations, the chosen one first; all are of one length.

    ``entry_samples`` and ``exit_samples`` are where the segment proper begins and ends: what
    follows the exit rings out over the next segment. ``loop_samples`` ends exclusive.
    ``tempo_map`` has beat 0 at the start of the file; it is ``None`` where no tempo is known.
    """

    name: str
    id: str
    title: str
    kind: Literal["loop", "stinger", "piece"]
    length_samples: int
    entry_samples: int
    exit_samples: int
    loop_samples: Span | None
    tempo_map: TempoMap | None
    hits: tuple[SegmentHit, ...]
    theme: str
    intensity: float | None
    preset: str
    prompt: str
    licence: str
    variations: tuple[Variation, ...]

    @property
    def chosen(self) -> Variation:
        """The variation that was kept, else the first that was not rejected."""
        return self.variations[0]

    def bars(self, sample_rate: int) -> Fraction | None:
        """Return the length from entry to exit in bars, parts of bars too."""
        if self.tempo_map is None:
            return None
        entry_s, exit_s = (
            Fraction(at_samples, sample_rate)
            for at_samples in (self.entry_samples, self.exit_samples)
        )
        return self.tempo_map.bars_between(entry_s, exit_s)


@dataclass(frozen=True, slots=True)
class Theme:
    """Two looped segments or more that belong together, from the lowest intensity up.

    ``in_step`` tells that all are of one length and tempo: then a game may fade between them at
    any moment and stay in the bar.
    """

    name: str
    title: str
    states: tuple[Segment, ...]

    @property
    def in_step(self) -> bool:
        """Tell whether one state may take over from another in the middle."""
        first = self.states[0]
        return all(
            state.length_samples == first.length_samples and state.tempo_map == first.tempo_map
            for state in self.states
        )


@dataclass(frozen=True, slots=True)
class GameMusic:
    """All segments in the order of the sheet, and the themes that some of them are states of."""

    name: str
    title: str
    sample_rate: int
    segments: tuple[Segment, ...]
    themes: tuple[Theme, ...]


def require(
    music: GameMusic, engine: str, suffixes: Sequence[str], *, max_channels: int | None = None
) -> None:
    """Check that an engine imports the sound files of the music.

    Raises:
        ExportError: for a file of another format or with too many channels.
    """
    for segment in music.segments:
        for variation in segment.variations:
            for layer in (variation.mix, *variation.layers):
                suffix = splitext(layer.path)[1].lower()
                if suffix not in suffixes:
                    known = " or ".join(suffixes)
                    reason = f"{engine} imports no {suffix} files: render with --format wav"
                    raise ExportError(f"{reason} (it takes {known})", path=layer.path)
                if max_channels is not None and layer.channels > max_channels:
                    raise ExportError(
                        f"{engine} imports at most {max_channels} channels, "
                        f"and this file has {layer.channels}",
                        path=layer.path,
                    )

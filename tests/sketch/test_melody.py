from fractions import Fraction
from itertools import pairwise

from musicgen_daw.sketch import Commission, Composition, compose
from musicgen_daw.sketch.melody import make_motif
from musicgen_daw.sketch.rhythm import onsets
from musicgen_daw.timeline import TempoMap


def tune(composition: Composition, part: str) -> list[int]:
    return [n.pitch for p in composition.score.parts if p.name == part for n in p.notes]


def piano(seed: int, theme: str = "hero", theme_seed: int = 0) -> Composition:
    return compose(
        Commission(
            "", Fraction(64), seed, style="emotional-piano", key="C major", theme=theme,
            theme_seed=theme_seed, tempo_map=TempoMap.constant(60),
        )
    )  # fmt: skip


def test_a_motif_comes_from_its_theme_alone() -> None:
    assert make_motif("hero", 1) == make_motif("hero", 1)
    motifs = {make_motif("hero", seed) for seed in range(20)}
    assert len(motifs) >= 18


def test_a_motif_has_a_degree_for_every_note_of_its_rhythm() -> None:
    for seed in range(30):
        motif = make_motif("", seed)
        for rhythm, contour in zip(motif.rhythms, motif.contours, strict=True):
            assert len(onsets(rhythm)) == len(contour)


def test_a_melody_moves_mostly_by_step() -> None:
    steps = [
        abs(b - a)
        for seed in range(8)
        for pitches in [tune(piano(seed), "right hand")]
        for a, b in pairwise(pitches)
    ]
    assert sum(step <= 4 for step in steps) / len(steps) > 0.7
    assert max(steps) <= 16


def test_takes_share_the_rhythm_of_the_motif() -> None:
    for seed in range(4):
        notes = next(p.notes for p in piano(seed).score.parts if p.name == "right hand")
        rhythm = [onset.step for onset in onsets(make_motif("hero", 0).rhythms[0])]
        bars: dict[int, list[int]] = {}
        for note in notes:
            bar, beat = divmod(note.start_beats, 4)
            bars.setdefault(int(bar), []).append(int(beat * 4))
        assert any(set(rhythm) <= set(steps) for steps in bars.values())

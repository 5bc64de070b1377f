from __future__ import annotations

from fractions import Fraction

import numpy as np

from musicgen_daw.backends.base import Failed, Finished
from musicgen_daw.backends.sketch import SketchBackend
from musicgen_daw.errors import Rejected
from musicgen_daw.planning import ClipRequest
from musicgen_daw.sketch import STEMS
from musicgen_daw.timeline import Hit, TempoMap

REQUEST = ClipRequest(
    SketchBackend.name,
    SketchBackend.revision,
    "tense cinematic strings, F minor, no drums, zork",
    length_s=Fraction(61, 12),
    tail_s=Fraction(1, 2),
    seed=7,
    tempo_map=TempoMap.constant(96, 3, 4),
    hits=(Hit(Fraction(5, 2), "door", important=True),),
    end="button",
)


def test_what_is_asked_for_is_what_comes(unread) -> None:
    (outcome,) = SketchBackend().run([REQUEST], unread)
    assert isinstance(outcome, Finished)
    clip = outcome.clip
    assert set(clip.stems) <= set(STEMS)
    assert {stem.length_samples for stem in clip.stems.values()} == {268_000}
    assert {stem.sample_rate for stem in clip.stems.values()} == {
        SketchBackend.capabilities.native_rate
    }
    assert clip.score is not None
    assert clip.score.tempo_map == REQUEST.tempo_map
    assert clip.facts["key"] == "F minor"
    assert clip.facts["bpm"] == "96"
    assert "zork" in clip.ignored
    assert SketchBackend().explain(REQUEST) == {**clip.understood, "not understood": "zork"}
    assert max(np.abs(stem.samples).max() for stem in clip.stems.values()) > 0.01


def test_the_same_request_gives_the_same_samples_however_many_work(unread) -> None:
    others = [ClipRequest("sketch", "1", "lo-fi beat", Fraction(1), seed) for seed in range(2)]
    alone = SketchBackend(workers=1).run([REQUEST], unread)
    among = SketchBackend(workers=3).run([*others, REQUEST], unread)
    first, second = (
        next(o.clip for o in outcomes if isinstance(o, Finished) and o.request == REQUEST)
        for outcomes in (alone, among)
    )
    assert first.stems.keys() == second.stems.keys()
    for name, stem in first.stems.items():
        np.testing.assert_array_equal(stem.samples, second.stems[name].samples)


def test_a_style_that_does_not_exist_is_told_in_words_and_fails_alone(unread) -> None:
    wrong = ClipRequest("sketch", "1", "x", Fraction(1), 1, style="polka-metal")
    good = ClipRequest("sketch", "1", "piano", Fraction(1), 1)
    outcomes = {o.request: o for o in SketchBackend().run([wrong, good], unread)}
    failed = outcomes[wrong]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, Rejected)
    assert "polka-metal" in str(failed.error)
    assert "PlanError" not in str(failed.error)
    assert isinstance(outcomes[good], Finished)


def test_it_tells_its_styles_and_takes_genres_for_them() -> None:
    styles = SketchBackend.capabilities.styles
    assert next(iter(styles)) == "cinematic-tension"
    assert "lofi" in styles
    assert " Chiptune " in styles
    assert "lofy" not in styles
    assert all(name in styles for name in styles)

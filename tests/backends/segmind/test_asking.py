from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from musicgen_daw.backends.segmind.asking import ask, facts
from musicgen_daw.planning import ClipRequest


def request(length_s: Fraction, tail_s: Fraction = Fraction(0)) -> ClipRequest:
    return ClipRequest("segmind", "x", "calm", length_s, 7, tail_s=tail_s)


@pytest.mark.parametrize(
    ("length_s", "tail_s", "asked_s"),
    [
        (Fraction(10), Fraction(0), 10.5),
        (Fraction(10), Fraction(2), 12.5),
        (Fraction(1, 10), Fraction(0), 1.0),
        (Fraction("29.5"), Fraction(0), 30.0),
        (Fraction(40), Fraction(0), 30.0),
        (Fraction(10, 3), Fraction(0), 3.84),  # 3.8333 s, in whole frames of 20 ms
    ],
)
def test_a_clip_is_asked_for_with_a_margin_in_whole_codec_frames(
    length_s: Fraction, tail_s: Fraction, asked_s: float
) -> None:
    assert ask(request(length_s, tail_s)).duration_s == asked_s


def test_what_the_service_told_is_told_with_the_clip() -> None:
    asked = ask(request(Fraction(10)))

    assert facts(asked, request_id="r-1", seed=None, cost_usd=Decimal("1E-2")) == {
        "asked_s": "10.5",
        "seed": "7",
        "request_id": "r-1",
        "cost_usd": "0.01",
    }
    assert facts(asked, request_id=None, seed=8, cost_usd=None) == {"asked_s": "10.5", "seed": "8"}

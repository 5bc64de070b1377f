"""Seeds: distinct within a cue, inside the generator's range, the same tomorrow."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.planning import Capabilities
from musicgen_daw.planning.seeds import clip_seed, derived_seed


@settings(deadline=None)
@given(st.integers(), st.integers(-5, 5), st.integers(1, 200), st.integers(1, 5))
def test_the_seeds_of_a_cue_are_distinct_and_in_range(
    base: int, low: int, takes: int, parts: int
) -> None:
    generator = Capabilities(min_seed=low, max_seed=low + takes * parts - 1)

    seeds = [
        clip_seed(base, take, part, parts, generator)
        for take in range(1, takes + 1)
        for part in range(parts)
    ]

    assert sorted(seeds) == list(range(low, low + takes * parts))


def test_a_seed_that_fits_is_that_of_the_first_take() -> None:
    assert clip_seed(12, 1, 0, 1, Capabilities()) == 12
    assert clip_seed(9999, 2, 0, 1, Capabilities(max_seed=9999)) == 0


@settings(deadline=None)
@given(st.integers(), st.text(st.characters(exclude_categories=["Cs"])), st.integers(-9, 9))
def test_a_derived_seed_is_in_range(sheet_seed: int, identity: str, low: int) -> None:
    assert low <= derived_seed(sheet_seed, identity, low, low + 3) <= low + 3


def test_a_derived_seed_is_pinned() -> None:
    assert derived_seed(0, "cue\n1m1") == 1627292748
    assert derived_seed(1, "cue\n1m1") != derived_seed(0, "cue\n1m1")

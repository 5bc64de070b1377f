from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.musicgen.codebooks import DelayPattern  # noqa: E402  # after the skip

MONO = DelayPattern((0, 1, 2, 3), pad=9)
STEREO = DelayPattern((0, 0, 1, 1, 2, 2, 3, 3), pad=9)


def drawn(grid: object) -> list[str]:
    """Draw a grid as its module does: ? is open, a dot the pad token."""
    rows = zip(grid.tokens.tolist(), grid.open_places.tolist(), strict=True)
    return [
        "".join("?" if o else "." if t == 9 else str(t) for t, o in zip(*row, strict=True))
        for row in rows
    ]


def test_each_codebook_lags_one_column_behind_the_one_before_it() -> None:
    assert drawn(MONO.grid(5)) == [
        ".?????...",
        "..?????..",
        "...?????.",
        "....?????",
    ]


def test_left_and_right_share_their_delays() -> None:
    assert drawn(STEREO.grid(2))[:4] == [".??...", ".??...", "..??..", "..??.."]
    assert STEREO.columns(2) == MONO.columns(2) == 6


def test_a_prompt_fills_its_places_and_reading_goes_on_at_the_first_open_column() -> None:
    prompt = torch.tensor([[1, 2], [3, 4], [5, 6], [7, 8]])
    grid = MONO.grid(4, prompt)
    assert drawn(grid) == [
        ".12??...",
        "..34??..",
        "...56??.",
        "....78??",
    ]
    assert grid.latest().tolist() == [2, 3, 9, 9]
    assert grid.before().shape == (4, 2)


def test_a_full_grid_gives_its_frames_back_straight() -> None:
    grid = MONO.grid(3, torch.tensor([[1], [1], [1], [1]]))
    known = [grid.frames_known]
    while not grid.is_full:
        grid.add(torch.tensor([2, 3, 4, 5]))
        known.append(grid.frames_known)
    assert grid.codes().tolist() == [[1, 2, 2], [1, 3, 3], [1, 4, 4], [1, 5, 5]]
    assert known == [0, 0, 0, 1, 2, 3]


def test_the_frames_that_are_complete_can_be_had_before_the_end() -> None:
    grid = MONO.grid(9)
    for token in range(6):
        grid.add(torch.full((4,), token))
    assert grid.codes().tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]


@pytest.mark.parametrize("prompt", [torch.zeros(3, 2), torch.zeros(4, 5), torch.zeros(4)])
def test_a_prompt_of_another_model_or_as_long_as_the_clip_is_refused(prompt: object) -> None:
    with pytest.raises(ValueError, match="prompt"):
        MONO.grid(5, prompt)


@pytest.mark.parametrize(("name", "pattern"), [("tiny", MONO), ("tiny-stereo", STEREO)])
@pytest.mark.parametrize("prompted", [0, 3])
def test_the_pattern_is_that_of_transformers(reference, name, pattern, prompted) -> None:
    decoder = reference(name).model.decoder
    codebooks = len(pattern.delays)
    prompt = torch.arange(codebooks * prompted).view(codebooks, prompted) % 9
    start = torch.cat([torch.full((codebooks, 1), 9), prompt], dim=1)
    given, mask = decoder.build_delay_pattern_mask(start, 9, pattern.columns(7))
    grid = pattern.grid(7, prompt)
    assert torch.equal(mask == -1, grid.open_places)
    assert torch.equal(mask.where(mask != -1, 9), grid.tokens)
    assert given.shape[1] - 1 == grid.column

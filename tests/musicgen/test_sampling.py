from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.musicgen.sampling import Sampling, choose, guided  # noqa: E402

LOGITS = torch.tensor([[0.0, 3.0, 2.0, 1.0], [5.0, 0.0, 0.0, 4.9]])


def drawn(sampling: Sampling, rounds: int = 400) -> list[set[int]]:
    """Return every token that comes up in each row."""
    generator = torch.Generator().manual_seed(1)
    return [
        set(row)
        for row in zip(
            *(choose(LOGITS, sampling, generator).tolist() for _ in range(rounds)), strict=True
        )
    ]


def test_top_k_keeps_the_likeliest_tokens() -> None:
    assert drawn(Sampling(top_k=2)) == [{1, 2}, {0, 3}]


def test_top_k_of_one_leaves_nothing_to_chance() -> None:
    assert drawn(Sampling(top_k=1)) == [{1}, {0}]


def test_top_p_keeps_the_tokens_that_make_up_the_share() -> None:
    assert drawn(Sampling(top_k=0, top_p=0.6)) == [{1}, {0, 3}]


def test_without_limits_every_token_comes_up() -> None:
    assert drawn(Sampling(top_k=0))[0] == {0, 1, 2, 3}


def test_a_low_temperature_favours_the_likeliest() -> None:
    assert drawn(Sampling(top_k=0, temperature=0.05)) == [{1}, {0, 3}]


def test_tokens_come_up_as_often_as_they_are_likely() -> None:
    generator = torch.Generator().manual_seed(1)
    rows = LOGITS[:1].expand(20_000, -1)
    tokens = choose(rows, Sampling(top_k=0), generator)
    shares = torch.bincount(tokens, minlength=4) / 20_000
    assert torch.allclose(shares, LOGITS[0].softmax(-1), atol=0.01)


def test_a_seed_gives_the_same_tokens_and_another_seed_others() -> None:
    def tokens(seed: int) -> list[int]:
        generator = torch.Generator().manual_seed(seed)
        return choose(torch.zeros(50, 100), Sampling(), generator).tolist()

    assert tokens(3) == tokens(3) != tokens(4)


def test_guidance_of_one_is_the_prompt_alone() -> None:
    other = torch.randn(2, 4, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(guided(LOGITS, other, 1.0), LOGITS)
    assert torch.allclose(guided(LOGITS, other, 3.0), LOGITS + 2 * (LOGITS - other))


@pytest.mark.parametrize(
    "wrong", [{"guidance": -1}, {"temperature": 0}, {"top_k": -1}, {"top_p": 1.5}]
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must|is not"):
        Sampling(**wrong)

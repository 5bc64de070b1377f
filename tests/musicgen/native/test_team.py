from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.musicgen.native.build import library  # noqa: E402
from musicgen_daw.musicgen.native.team import Matrix, Team, fits  # noqa: E402

DRAWS = torch.Generator().manual_seed(1)
WEIGHT = torch.randn(4096, 96, generator=DRAWS) / 9
ROWS = torch.randn(61, 96, generator=DRAWS)


def team(threads: int = 2) -> Team:
    code = library()
    if code is None:
        pytest.skip("this machine has no C compiler, or a processor of another kind")
    return Team(code, threads)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 48, 49, 61])
def test_any_number_of_threads_gives_the_same(precision: str, rows: int) -> None:
    alone = Matrix(team(1), WEIGHT, precision)(ROWS)[:rows]
    for threads in (2, 5):
        assert torch.equal(Matrix(team(threads), WEIGHT, precision)(ROWS[:rows]), alone)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_weights_that_sixteen_bits_hold_are_held_in_sixteen_and_compute_the_same(kind) -> None:
    halves = WEIGHT.to(kind).float()
    odd = torch.full((4, 96), math.pi)
    held, whole = Matrix(team(), halves, "fp32"), Matrix(team(), torch.cat([halves, odd]), "fp32")
    assert held.bytes == halves.nbytes // 2
    assert whole.bytes == halves.nbytes + odd.nbytes
    for rows in (1, 2, 3, 7, 50):
        assert torch.equal(held(ROWS[:rows]), whole(ROWS[:rows])[:, :4096])


def test_weights_beyond_sixteen_bits_stay_whole() -> None:
    for value in (1e6, 1e-9, math.pi):
        weight = WEIGHT.half().float()
        weight[7, 7] = value
        found = Matrix(team(), weight, "fp32")(torch.eye(96))
        assert torch.equal(found, weight.t())


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_what_is_not_exact_is_the_product_with_what_is_held(precision: str) -> None:
    """Inputs that whole numbers hold come out as the weights were rounded."""
    held = WEIGHT.bfloat16().float()
    if precision == "int8":
        steps = WEIGHT.abs().amax(1, keepdim=True) / 127
        held = (WEIGHT / steps).round() * steps
    found = Matrix(team(), WEIGHT, precision)(torch.eye(96) * 127)
    assert torch.allclose(found, held.t() * 127, rtol=1e-6, atol=0)


def test_one_team_serves_callers_in_turn() -> None:
    shared = team(4)
    matrices = [Matrix(shared, WEIGHT[start : start + 64], "fp32") for start in range(0, 512, 64)]
    expected = [matrix(ROWS) for matrix in matrices]

    def work(index: int) -> bool:
        return all(torch.equal(matrices[index](ROWS), expected[index]) for _ in range(300))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_a_matrix_that_does_not_divide_into_tiles_does_not_fit() -> None:
    assert fits(8192, 1024)
    assert not fits(8191, 1024)
    assert not fits(8192, 1000)

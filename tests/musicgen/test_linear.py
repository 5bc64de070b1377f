from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.errors import BackendError  # noqa: E402
from musicgen_daw.musicgen.config import PRECISIONS  # noqa: E402
from musicgen_daw.musicgen.linear import pack  # noqa: E402
from musicgen_daw.musicgen.native.team import Team  # noqa: E402

ROUTES = ["torch", "native"]
DRAWS = torch.Generator().manual_seed(1)
WEIGHT = torch.randn(384, 256, generator=DRAWS)
ROWS = torch.randn(40, 256, generator=DRAWS)
EXPECTED = (ROWS.double() @ WEIGHT.double().T).float()


def packed(precision: str, route: str):
    team = None
    if route == "native":
        team = Team.of_this_machine()
        if team is None:
            pytest.skip("this machine has no C compiler, or a processor of another kind")
    try:
        return pack(WEIGHT, precision, team)
    except BackendError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("precision", "error"), [("fp32", 2e-6), ("bf16", 0.01), ("int8", 0.02)])
def test_a_product_is_as_near_as_its_precision(precision: str, error: float, route: str) -> None:
    found = packed(precision, route)(ROWS)
    assert found.dtype == torch.float32
    assert (found - EXPECTED).norm() < error * EXPECTED.norm()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 12, 31])
@pytest.mark.parametrize("first", [0, 7])
@pytest.mark.parametrize("route", ROUTES)
def test_a_row_is_exactly_the_same_in_any_company(count: int, first: int, route: str) -> None:
    linear = packed("fp32", route)
    rows = slice(first, first + count)
    assert torch.equal(linear(ROWS[rows]), linear(ROWS)[rows])


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_rows_of_nothing_give_nothing(precision: str, route: str) -> None:
    assert (packed(precision, route)(torch.zeros(3, 256)) == 0).all()

"""What clips will probably cost, by what earlier ones of the same generator did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from musicgen_daw.planning import Capabilities, ClipRequest
from musicgen_daw.planning.price import NOTHING, Paid, Quote, Tariff

__all__ = ["quoting"]


def quoting(
    generators: Mapping[str, Capabilities], prices: Callable[[str, str], Sequence[Paid]]
) -> Callable[[ClipRequest], Quote]:
    """Return a function that quotes the price of a clip, tail included.

    ``generators`` tell the capabilities by name, and ``prices`` what the clips of a generator of
    a revision cost before; it is asked once for each.
    """
    tariffs: dict[tuple[str, str], Tariff] = {}

    def quote(request: ClipRequest) -> Quote:
        capabilities = generators.get(request.backend)
        if capabilities is None or not capabilities.paid:
            return NOTHING
        generator = request.backend, request.revision
        if generator not in tariffs:
            tariffs[generator] = capabilities.price.learned(prices(*generator))
        return tariffs[generator].quote(request.length_s + request.tail_s)

    return quote

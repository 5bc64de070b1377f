"""The service's two interfaces, and which of them a clip goes to."""

from __future__ import annotations

from typing import Literal

from musicgen_daw.planning import ClipRequest

__all__ = ["NO_SUCH_MODEL", "ApiVersions"]

_LONG_S = 10
"""Longer clips are recommended to be submitted as jobs (v2)."""

NO_SUCH_MODEL = frozenset({404, 405, 410})
"""How the service answers to an address that it doesn't have."""


class ApiVersions:
    """Which interface is used; what is learned of the service is kept as long as this lives.

    v2 survives a lost connection, as its results are fetched by an id; v1 is for what is short,
    and for a model that v2 doesn't know.
    """

    def __init__(self, chosen: Literal["auto", "v1", "v2"]) -> None:
        self._chosen = chosen
        self._has_v2 = True

    def is_v2(self, request: ClipRequest) -> bool:
        """Tell whether a clip is submitted as a job."""
        if self._chosen != "auto":
            return self._chosen == "v2"
        return self._has_v2 and request.length_s + request.tail_s > _LONG_S

    def lacks_v2(self, status: int | None) -> bool:
        """Learn from a refusal by v2 whether it doesn't know the model, so that v1 is used."""
        if self._chosen != "auto" or status not in NO_SUCH_MODEL:
            return False
        self._has_v2 = False
        return True

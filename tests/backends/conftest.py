from __future__ import annotations

import pytest

from musicgen_daw.planning import ClipRequest


class Unread:
    """A checkpoint that nobody reads."""

    def started(self, request: ClipRequest) -> None: ...

    def accepted(self, request: ClipRequest, provider_id: str) -> None: ...

    def accepted_id(self, request: ClipRequest) -> str | None:
        return None


@pytest.fixture
def unread() -> Unread:
    """A checkpoint, for generators that cost nothing."""
    return Unread()

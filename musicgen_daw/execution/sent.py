"""Which clips are not sent, as they were sent before: a plan doesn't price them."""

from __future__ import annotations

from musicgen_daw.planning import Capabilities
from musicgen_daw.store.attempts import UNSETTLED
from musicgen_daw.store.journal import Journal

__all__ = ["is_open"]


def is_open(journal: Journal, key: str, capabilities: Capabilities) -> bool:
    """Tell whether a clip that is not in the store was sent before and is not sent again.

    A run fetches what the provider took under an id; all else waits for the user's word. Only what
    costs money does.

    Raises:
        StoreError: where the journal can't be read.
    """
    return capabilities.paid and journal.state_of(key) in (*UNSETTLED, "lost")

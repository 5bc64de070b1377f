"""Whose turn it is to compute, among threads that otherwise wait for a disk or a network.

Threads that compute at the same time share one interpreter: all of them end as late as the last,
and then wait together again. One after the other they end sooner, and apart. It is for what takes
milliseconds; who computes for long, and beside whom nobody waits, needs no turn.
"""

from __future__ import annotations

from threading import RLock

__all__ = ["computing"]

computing = RLock()
"""Held while computing, and while nothing is waited for."""

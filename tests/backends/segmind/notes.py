"""A run's checkpoint that keeps its notes in a list, for tests without a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from decimal import Decimal
from threading import Condition

from musicgen_daw.backends.base import CallLimits
from musicgen_daw.planning import ClipRequest


class Notes:
    """Notes as ``(what, seed, text)``, in order; ``on_start`` may refuse a clip by raising."""

    def __init__(
        self,
        accepted: dict[int, str] | None = None,
        on_start: Callable[[ClipRequest], None] = lambda request: None,
    ) -> None:
        self.notes: list[tuple[str, int, str]] = []
        self.balances: list[Decimal] = []
        self.charges: dict[int, Decimal] = {}
        self.slowed_until_s: list[float] = []
        self.at_once = 0
        self.most_at_once = 0
        self._accepted = accepted or {}
        self._on_start = on_start
        self._turns = Condition()

    def of(self, what: str) -> list[int]:
        """Return the seeds of the notes of a kind."""
        return [seed for noted, seed, _ in self.notes if noted == what]

    def texts(self, what: str) -> list[str]:
        """Return the texts of the notes of a kind."""
        return [text for noted, _, text in self.notes if noted == what]

    def about(self, seed: int) -> list[str]:
        """Return the kinds of the notes about one clip."""
        return [what for what, noted, _ in self.notes if noted == seed]

    def started(self, request: ClipRequest) -> None:
        self._on_start(request)
        self._note("started", request)

    def refused(self, request: ClipRequest, reason: str) -> None:
        self._note("refused", request, reason)

    def accepted(self, request: ClipRequest, provider_id: str) -> None:
        self._note("accepted", request, provider_id)

    def accepted_id(self, request: ClipRequest) -> str | None:
        return self._accepted.get(request.seed)

    def charged(self, request: ClipRequest, usd: Decimal) -> None:
        self.charges[request.seed] = usd

    def balance(self, usd: Decimal) -> None:
        self.balances.append(usd)

    @contextmanager
    def turn(self, limits: CallLimits, given_up: Callable[[], bool]) -> Iterator[None]:
        with self._turns:
            while self.at_once >= limits.at_once and not given_up():
                self._turns.wait(0.1)
            if given_up():
                raise CancelledError
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self._turns:
                self.at_once -= 1
                self._turns.notify()

    def slow_down(self, limits: CallLimits, until_s: float) -> None:
        self.slowed_until_s.append(until_s)

    def warn(self, request: ClipRequest, message: str) -> None:
        self._note("warned", request, message)

    def _note(self, what: str, request: ClipRequest, text: str = "") -> None:
        with self._turns:
            self.notes.append((what, request.seed, text))
